//! The command line: what may be said, and what a mistake is told.
//!
//! Floor 6. It knows which options there are, and nothing of what they do.

mod compare;

use std::{path::PathBuf, str::FromStr, time::Duration};

use bytesize::ByteSize;
use clap::{
    Args, CommandFactory, Parser, Subcommand, ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};

pub use self::compare::{CompareArgs, Product};
use crate::{
    github::{client, types::RepoName},
    model::picture::ExportFormat,
    trace::settings::{Compute, Flavor, Settings, Source, Strategy, Wait},
    tui::ThemeName,
};

/// Shows how async and parallel Rust code is scheduled, while it runs.
///
/// Without a command: the dashboard on the pipeline. Tokio fetches GitHub repositories, Rayon analyses
/// them; press b to make the async code block its threads, and see the runtime stop.
#[derive(Debug, Parser)]
#[command(name = "pollscope", version, args_conflicts_with_subcommands = true, max_term_width = 100)]
pub struct Cli {
    /// What to do instead of the dashboard.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The dashboard's own arguments.
    #[command(flatten)]
    pub dashboard: DashboardArgs,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The dashboard on the pipeline (the same as no command)
    Pipeline(DashboardArgs),
    /// Run once without a dashboard, and print what was measured
    Report(ReportArgs),
    /// Run the same work under several settings, and set what was measured side by side
    Compare(CompareArgs),
    /// A recording, for other programs
    Export(ExportArgs),
    /// A recording, in the same dashboard
    Replay(ReplayArgs),
    /// Every idea of cooperative scheduling, as code that runs and is measured
    Lesson(LessonArgs),
    /// The embedded GitHub by itself, on loopback, for workshops and tests
    Serve(ServeArgs),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// The dashboard's arguments.
#[derive(Clone, Debug, Args)]
pub struct DashboardArgs {
    /// Repositories, as owner/name [default: all that the embedded source has]
    #[arg(value_name = "REPO", value_parser = repo_or_command)]
    pub repos: Vec<RepoName>,
    /// How the pipeline runs.
    #[command(flatten)]
    pub run: RunArgs,
    /// What is kept.
    #[command(flatten)]
    pub keep: KeepArgs,
    /// How it looks.
    #[command(flatten)]
    pub look: LookArgs,
}

/// What is kept of a run.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "What is kept")]
pub struct KeepArgs {
    /// Write all that happens into a file, for 'pollscope replay' and others
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// What can be gone back to.
    #[command(flatten)]
    pub history: HistoryArgs,
}

/// How much of a log is kept in memory.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "What is kept")]
pub struct HistoryArgs {
    /// Memory for what can be gone back to, 1MiB or more
    #[arg(long, value_name = "SIZE", default_value = "256MiB", value_parser = size)]
    history: ByteSize,
}

impl HistoryArgs {
    /// In bytes.
    pub fn bytes(&self) -> usize {
        usize::try_from(self.history.as_u64()).unwrap_or(usize::MAX)
    }
}

/// The export's arguments.
#[derive(Clone, Debug, Args)]
pub struct ExportArgs {
    /// The recording; - for the standard input
    pub file: PathBuf,
    /// What it becomes
    #[arg(long, value_parser = export_format())]
    pub to: ExportFormat,
    /// Where to; for csv a folder [default: beside the recording]
    #[arg(short, long, value_name = "OUT")]
    pub out: Option<PathBuf>,
}

/// The replay's arguments.
#[derive(Clone, Debug, Args)]
pub struct ReplayArgs {
    /// The recording; - for the standard input
    pub file: PathBuf,
    /// What can be gone back to, where it comes through a pipe.
    #[command(flatten)]
    pub history: HistoryArgs,
    /// How it looks.
    #[command(flatten)]
    pub look: LookArgs,
}

/// How the screen looks.
#[derive(Clone, Debug, Args)]
pub struct LookArgs {
    /// The colours [default: dark, or mono where `NO_COLOR` is set]
    #[arg(long, help_heading = "Screen", value_parser = theme())]
    pub theme: Option<ThemeName>,
    /// Draw with ASCII only
    #[arg(long, help_heading = "Screen")]
    pub ascii: bool,
}

/// The report's arguments.
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// `pipeline` (the only scenario so far), then repositories as owner/name
    #[arg(value_name = "pipeline [REPO]")]
    pub target: Vec<String>,
    /// For people or for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Instead of a run: a recording; - for the standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["target", "record"])]
    pub from: Option<PathBuf>,
    /// How the pipeline runs.
    #[command(flatten)]
    pub run: RunArgs,
    /// What is kept.
    #[command(flatten)]
    pub keep: KeepArgs,
}

/// The lessons' arguments.
#[derive(Clone, Debug, Args)]
pub struct LessonArgs {
    /// Which one, as in --list
    pub name: Option<String>,
    /// All of them, one after the other, without a dashboard
    #[arg(long, conflicts_with = "name")]
    pub all: bool,
    /// Their names and titles
    #[arg(long, conflicts_with_all = ["name", "all"])]
    pub list: bool,
    /// Without a dashboard: for people or for programs
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// What is kept.
    #[command(flatten)]
    pub keep: KeepArgs,
    /// How it looks.
    #[command(flatten)]
    pub look: LookArgs,
}

/// For people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs: schema 1.
    Json,
}

/// The server's arguments.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// The port; 0 for a free one
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// What the data is made from
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The delay of each answer
    #[arg(long, value_name = "DURATION", default_value = "80ms", value_parser = duration)]
    pub latency: Duration,
}

/// How a scenario runs.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "How it runs")]
pub struct RunArgs {
    /// How tasks wait
    #[arg(long, default_value = "async", value_parser = named::<Wait>())]
    wait: Wait,
    /// Where CPU work runs
    #[arg(long, default_value = "rayon", value_parser = named::<Compute>())]
    compute: Compute,
    /// The kind of Tokio runtime
    #[arg(long, default_value = "multi-thread", value_parser = named::<Flavor>())]
    flavor: Flavor,
    /// Tokio workers, 1 to 512 [default: the cores, at least 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    workers: Option<u16>,
    /// The rest.
    #[command(flatten)]
    work: WorkArgs,
}

/// What a scenario works on, whatever the strategies.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "How it runs")]
pub struct WorkArgs {
    /// Where repositories come from [default: embedded; github with --api-url]
    #[arg(long, value_parser = named::<Source>())]
    source: Option<Source>,
    /// A GitHub-compatible server, which may have a path prefix
    #[arg(long, value_name = "URL", value_parser = api_url)]
    api_url: Option<url::Url>,
    /// Rayon threads, 1 to 512 [default: the cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    rayon_threads: Option<u16>,
    /// Repositories in hand at once, 1 to 1000
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    concurrency: u16,
    /// The pause after each page
    #[arg(long, value_name = "DURATION", default_value = "400ms", value_parser = duration)]
    pause: Duration,
    /// The embedded server's delay
    #[arg(long, value_name = "DURATION", default_value = "80ms", value_parser = duration)]
    latency: Duration,
    /// What the embedded data is made from
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Pages a listing, at most [default: github 3, or 20 with a token]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_pages: Option<u32>,
    /// Bytes of an answer, at most; 1MiB or more
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = size)]
    max_bytes: ByteSize,
    /// Redirects on the way to a page, at most
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=100))]
    max_redirects: u32,
    /// Certificates to trust besides the system's own, as PEM
    #[arg(long, value_name = "FILE")]
    ca_cert: Option<PathBuf>,
    /// The longest wait for a rate limit
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration)]
    max_wait: Duration,
    /// How long an answer may take, while the runtime can poll
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration)]
    timeout: Duration,
    /// One round only; the dashboard stays up
    #[arg(long)]
    once: bool,
    /// From one round's start to the next
    #[arg(long, value_name = "DURATION", value_parser = duration, conflicts_with = "once")]
    every: Option<Duration>,
}

impl RunArgs {
    /// The settings that they amount to.
    ///
    /// # Errors
    ///
    /// Options that exclude each other, in one line.
    pub fn settings(&self) -> Result<Settings, String> {
        let base = self.work.settings()?;
        let workers = self.workers.unwrap_or_else(|| workers_of(self.flavor));
        let settings = Settings { wait: self.wait, compute: self.compute, flavor: self.flavor, workers, ..base };
        settings.check().map_err(|refused| refused.to_string())?;
        Ok(settings)
    }
}

/// The workers of a runtime unless told otherwise.
fn workers_of(flavor: Flavor) -> u16 {
    if flavor == Flavor::CurrentThread { 1 } else { Settings::default().workers }
}

impl WorkArgs {
    /// The settings that they amount to, with the default strategies.
    fn settings(&self) -> Result<Settings, String> {
        let defaults = Settings::default();
        let source = match (&self.source, &self.api_url) {
            (Some(Source::Embedded), Some(_)) => {
                return Err("--api-url names another server: leave --source embedded out".to_owned());
            }
            (Some(source), _) => *source,
            (None, Some(_)) => Source::Github,
            (None, None) => Source::Embedded,
        };
        Ok(Settings {
            source,
            api_url: self.api_url.as_ref().map(ToString::to_string),
            rayon_threads: self.rayon_threads.unwrap_or(defaults.rayon_threads),
            blocking_threads: None,
            concurrency: self.concurrency,
            pause: self.pause,
            latency: self.latency,
            seed: self.seed,
            max_pages: self.max_pages,
            max_bytes: self.max_bytes.as_u64(),
            max_redirects: self.max_redirects,
            ca_cert: self.ca_cert.clone(),
            max_wait: self.max_wait,
            timeout: self.timeout,
            once: self.once,
            every: self.every,
            ..defaults
        })
    }
}

/// A parser for a strategy's values: their names, with what they mean in the help.
fn named<T: Strategy + FromStr + Send + Sync>() -> impl TypedValueParser<Value = T> {
    let values = T::CHOICES.iter().map(|choice| PossibleValue::new(choice.name).help(choice.what));
    PossibleValuesParser::new(values).try_map(|name| name.parse::<T>().map_err(|_| NotNamed))
}

fn export_format() -> impl TypedValueParser<Value = ExportFormat> {
    let formats = [
        ("perfetto", ExportFormat::Perfetto, "Trace events, for ui.perfetto.dev"),
        ("svg", ExportFormat::Svg, "The lanes of the last lab, for a slide or for print"),
        ("csv", ExportFormat::Csv, "Tables of tasks, polls and threads, in a folder"),
        ("json", ExportFormat::Json, "The report, as 'report --format json' prints it"),
    ];
    let values = formats.map(|(name, _, what)| PossibleValue::new(name).help(what));
    let named = move |name: &str| formats.into_iter().find(|(it, ..)| *it == name).map(|(_, format, _)| format);
    PossibleValuesParser::new(values).try_map(move |name| named(&name).ok_or(NotNamed))
}

fn theme() -> impl TypedValueParser<Value = ThemeName> {
    let named = |name: &str| ThemeName::ALL.into_iter().find(|theme| theme.name() == name);
    PossibleValuesParser::new(ThemeName::ALL.map(ThemeName::name)).try_map(move |name| named(&name).ok_or(NotNamed))
}

/// Cannot happen: the names are those of the table.
#[derive(Debug, thiserror::Error)]
#[error("there is no such value")]
struct NotNamed;

/// A number of bytes, with a unit.
fn size(text: &str) -> Result<ByteSize, String> {
    let size: ByteSize = text.parse().map_err(|_| "write a number with its unit, as in 256MiB or 1GiB".to_owned())?;
    if size < ByteSize::mib(1) { Err("1MiB is the least".to_owned()) } else { Ok(size) }
}

/// A duration with a unit, of at most an hour.
fn duration(text: &str) -> Result<Duration, String> {
    let duration =
        humantime::parse_duration(text).map_err(|_| "write a number with its unit, as in 200ms or 2s".to_owned())?;
    if duration > Duration::from_secs(3600) {
        return Err("an hour is the most".to_owned());
    }
    Ok(duration)
}

fn api_url(text: &str) -> Result<url::Url, String> {
    client::parse_api_url(text).map_err(|error| error.to_string())
}

/// A repository; a word without `/` is taken for a command that was mistyped.
fn repo_or_command(text: &str) -> Result<RepoName, String> {
    if text.contains('/') {
        return RepoName::from_str(text).map_err(|error| error.to_string());
    }
    let commands = Cli::command();
    let names = commands.get_subcommands().map(|command| command.get_name().to_owned());
    let nearest = names.max_by(|a, b| strsim::jaro_winkler(a, text).total_cmp(&strsim::jaro_winkler(b, text)));
    let nearest = nearest.unwrap_or_default();
    Err(format!("there is no such command; did you mean '{nearest}'? A repository is written owner/name"))
}

/// The message of a command line that was not understood, in one line.
pub fn one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let first_part = text.split("\n\n").next().unwrap_or_default();
    let words: Vec<_> = first_part.split_whitespace().collect();
    let line = words.join(" ");
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
}
