//! The command line: what may be said, and what a mistake is told.
//!
//! It knows which options there are, and nothing of what they do.

mod compare;
pub mod config;
mod examples;
mod layers;
mod mistakes;
mod print;
mod values;

use std::{path::PathBuf, time::Duration};

use bytesize::ByteSize;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use pollscope_core::{model::picture::ExportFormat, wire::Address};
use pollscope_lab::{
    github::types::RepoName,
    settings::{Compute, Flavor, Settings, Source, Wait},
};
use pollscope_tui::{Binding, ThemeName};

use self::values::{address, api_url, binding, duration, export_format, named, size, theme};
pub use self::{
    compare::{CompareArgs, Product},
    layers::{Refused, Typed, variables},
    mistakes::{no_command, one_line},
    print::default_file,
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
    /// Settings from this file [default: the one that 'pollscope config' names]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// The dashboard's own arguments.
    #[command(flatten)]
    pub dashboard: DashboardArgs,
}

/// The one table of commands and options: help, completions, manual, environment and file are made from it.
pub fn command() -> clap::Command {
    examples::add(Cli::command())
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
    /// Other programs, which serve their traces, in the same dashboard
    Attach(AttachArgs),
    /// Every idea of cooperative scheduling, as code that runs and is measured
    Lesson(LessonArgs),
    /// Run the embedded GitHub by itself, on loopback, for workshops and tests
    FakeGithub(FakeGithubArgs),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Where settings come from, and which there are
    Config {
        /// Every setting with its default, as a file to begin with
        #[arg(long)]
        print_default: bool,
    },
    /// Print the manual page
    Man {
        /// Of this command [default: of the program]
        command: Option<String>,
    },
}

/// The dashboard's arguments.
#[derive(Clone, Debug, Args)]
pub struct DashboardArgs {
    /// Repositories, as owner/name [default: all that the embedded source has]
    #[arg(value_name = "REPO", value_parser = mistakes::repo_or_command)]
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
    /// Let 'pollscope attach' look at it, at `unix:/PATH`, HOST:PORT or :PORT; others than this machine's need the token
    /// that `POLLSCOPE_TOKEN` says
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub serve: Option<Address>,
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
    /// What it may take.
    #[command(flatten)]
    pub history: HistoryArgs,
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

/// What is looked at of other programs.
#[derive(Clone, Debug, Args)]
pub struct AttachArgs {
    /// Where they serve their traces: `unix:/PATH`, HOST:PORT, or :PORT of this machine; `POLLSCOPE_TOKEN` says the token,
    /// if they want one
    #[arg(value_name = "ADDRESS", required = true, num_args = 1..=16, value_parser = address)]
    pub addresses: Vec<Address>,
    /// Write all that they tell into a file, for 'pollscope replay' and others; of several programs into a file each
    #[arg(long, value_name = "FILE", help_heading = "What is kept")]
    pub record: Option<PathBuf>,
    /// What can be gone back to.
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
    /// Other keys, as in 'block=x' or 'quit=q ctrl-q,theme=f2'; the names are in 'pollscope config --print-default'
    #[arg(long, help_heading = "Screen", value_name = "NAME=KEYS", value_delimiter = ',', value_parser = binding)]
    pub keys: Vec<Binding>,
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
    #[arg(long, value_name = "FILE", conflicts_with_all = ["target", "record", "serve"])]
    pub from: Option<PathBuf>,
    /// Instead of a run: what a program has that serves its trace there
    #[arg(long, value_name = "ADDRESS", value_parser = address, conflicts_with_all = ["target", "record", "serve", "from"])]
    pub attach: Option<Address>,
    /// With --attach: with what happens in that time, or until the program ends
    #[arg(long = "for", value_name = "DURATION", value_parser = duration, requires = "attach")]
    pub for_time: Option<Duration>,
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

/// The arguments of the fake GitHub server.
#[derive(Clone, Debug, Args)]
pub struct FakeGithubArgs {
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
    /// Bytes of a listing's pages, at most; 1MiB or more
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
