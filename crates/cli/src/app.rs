//! Putting it together: a scope, a source, a lab, a scenario; and the exit code.

mod attach;
mod compare;
mod config;
mod dashboard;
mod export;
mod faults;
mod first;
mod full;
mod lessons;
mod progress;
mod recordings;
mod replay;
mod serving;
mod session;
mod signals;
mod usecases;

use std::{
    fs::File,
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use anyhow::Context;
use pollscope_core::{model::summary::Summary, report, text::clean};
use pollscope_lab::{
    github::{
        embedded::{Embedded, EmbeddedSettings},
        types::RepoName,
    },
    panels::LESSONS,
    pipeline::{Again, PipelineSection},
    settings::Settings,
};
use pollscope_tui::{Start, open::Stopped};

use self::{dashboard::Opening, session::Session};
use crate::cli::{
    self, AttachArgs, Command, DashboardArgs, FakeGithubArgs, Format, LessonArgs, Refused, ReplayArgs, ReportArgs,
};

/// Something failed.
const FAILED: u8 = 1;
/// The command line or the environment does not allow it.
const NOT_ALLOWED: u8 = 2;

/// What the command line or the environment does not allow: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NotAllowed(String);

/// Runs the program with the process's own arguments.
pub fn run() -> ExitCode {
    let cli = match config::understand() {
        Ok(cli) => cli,
        Err(Refused::Environment(line)) => return complain(NOT_ALLOWED, &line),
        Err(Refused::Arguments(error)) if error.use_stderr() => return complain(NOT_ALLOWED, &cli::one_line(&error)),
        Err(Refused::Arguments(help)) => return finish(help.print().context("the help could not be written")),
    };
    allow_many_files();
    signals::outlive_full_files();
    match cli.command {
        None => finish(dashboard(&cli.dashboard)),
        Some(Command::Pipeline(args)) => finish(dashboard(&args)),
        Some(Command::Report(args)) => judge(report(&args)),
        Some(Command::Compare(args)) => judge(compare::run(&args)),
        Some(Command::Export(args)) => finish(export::run(&args)),
        Some(Command::Replay(args)) => finish(replay(&args)),
        Some(Command::Attach(args)) => finish(attach(&args)),
        Some(Command::Lesson(args)) => judge(lesson(&args)),
        Some(Command::FakeGithub(args)) => finish(fake_github(&args)),
        Some(Command::Completions { shell }) => finish(completions(shell)),
        Some(Command::Config { print_default }) => finish(config::run(cli.config.as_deref(), print_default)),
        Some(Command::Man { command }) => finish(man(command.as_deref())),
    }
}

/// Every observed thread has a few files of the operating system open: as many as the system allows are
/// asked for. Where that fails, a thread without them has long polls that are unknown.
fn allow_many_files() {
    #[cfg(unix)]
    {
        use nix::sys::resource::{Resource, getrlimit, setrlimit};
        if let Ok((_, most)) = getrlimit(Resource::RLIMIT_NOFILE) {
            let _ = setrlimit(Resource::RLIMIT_NOFILE, most, most);
        }
    }
}

fn finish(result: anyhow::Result<()>) -> ExitCode {
    judge(result.map(|()| true))
}

/// The exit code of what may have been done and still not be as it should.
fn judge(result: anyhow::Result<bool>) -> ExitCode {
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FAILED),
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    let code = if error.is::<NotAllowed>() { NOT_ALLOWED } else { FAILED };
    complain(code, &format!("{error:#}"))
}

fn complain(code: u8, line: &str) -> ExitCode {
    say(&format!("pollscope: {line}"));
    ExitCode::from(code)
}

/// Says something where a command has no screen. Names of files, and what others say, do not reach the terminal raw.
fn say(words: &str) {
    for line in words.lines() {
        // Nothing can be said where stderr is gone.
        let _ = writeln!(io::stderr(), "{}", clean(line));
    }
}

fn dashboard(args: &DashboardArgs) -> anyhow::Result<()> {
    let settings = args.run.settings().map_err(NotAllowed)?;
    if !has_terminal() {
        let line = "the dashboard needs a terminal; 'pollscope report' prints what was measured without one";
        return Err(NotAllowed(line.to_owned()).into());
    }
    dashboard::run((settings, args.repos.clone(), &args.keep), &args.look, Start::Dashboard.into())
}

/// Lessons, in the dashboard or without one. Says whether every expectation that was measured here holds.
fn lesson(args: &LessonArgs) -> anyhow::Result<bool> {
    if args.list || args.all || args.format.is_some() {
        return lessons::run(args);
    }
    let lesson = args.name.as_deref().map(lessons::place).transpose()?;
    if !has_terminal() {
        let line = "the lessons need a terminal; 'pollscope lesson --all --format text' runs them without one";
        return Err(NotAllowed(line.to_owned()).into());
    }
    dashboard::run(
        (Settings::default(), Vec::new(), &args.keep),
        &args.look,
        Opening { lesson, ..Start::Own(LESSONS).into() },
    )?;
    Ok(true)
}

/// A terminal on which a place can be written to, and keys that come from it.
fn has_terminal() -> bool {
    draws() && io::stdin().is_terminal()
}

/// The same where the standard input is something else: keys come from the process's own terminal.
fn has_terminal_besides() -> bool {
    draws() && cfg!(unix) && File::open("/dev/tty").is_ok()
}

fn draws() -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdout().is_terminal() && !is_dumb
}

/// A recording in the dashboard.
fn replay(args: &ReplayArgs) -> anyhow::Result<()> {
    let is_there = if recordings::is_stdin(&args.file) { has_terminal_besides() } else { has_terminal() };
    if !is_there {
        let line =
            "the dashboard needs a terminal; 'pollscope report --from FILE' prints what was measured without one";
        return Err(NotAllowed(line.to_owned()).into());
    }
    replay::run(args)
}

/// Other programs in the dashboard.
fn attach(args: &AttachArgs) -> anyhow::Result<()> {
    if !has_terminal() {
        let line =
            "the dashboard needs a terminal; 'pollscope report --attach ADDRESS' prints what a program has without one";
        return Err(NotAllowed(line.to_owned()).into());
    }
    attach::run(args)
}

/// Runs once, or reads a recording, and prints. Says whether every repository was read.
fn report(args: &ReportArgs) -> anyhow::Result<bool> {
    if let Some(file) = &args.from {
        let mut progress = progress::of_command(format!("opening {}", file.display()));
        let read = recordings::report(file, args.keep.history.bytes(), &mut progress)?;
        drop(progress);
        return print_read(&read, args.format);
    }
    if let Some(address) = &args.attach {
        return print_read(&attach::report(address, args)?, args.format);
    }
    let mut settings = args.run.settings().map_err(NotAllowed)?;
    settings.once = true;
    let mut session = Session::new(settings, targets(&args.target)?, &args.keep)?;
    serving::tell(session.served());
    session.build(Again::Once)?;
    let mut progress = progress::of_command("measuring a run");
    let stopped = session.await_round(|| {
        let share = progress.is_due().then(|| session.share_done()).flatten();
        progress.at(share)
    });
    drop(progress);
    let stopped = match stopped {
        Err(error) if error.is::<Stopped>() => Err(error).context("the report is of what was done until then"),
        stopped => Ok(stopped?),
    };
    let (recorded, summary) = session.conclude()?;
    print(&summary, args.format)?;
    recorded?;
    stopped?;
    Ok(session.is_whole())
}

/// Prints the report of what was read, and says why that is not the whole, where it is not.
fn print_read((summary, why): &(Summary, Option<String>), format: Format) -> anyhow::Result<bool> {
    print(summary, format)?;
    match why {
        Some(why) => Err(anyhow::anyhow!("the report is of what could be read: {why}")),
        None => Ok(is_whole(summary)),
    }
}

/// Whether every repository was read, as a recording tells it.
fn is_whole(summary: &Summary) -> bool {
    let pipeline = summary.section().and_then(|section: &PipelineSection| section.pipeline.as_ref());
    pipeline.is_none_or(|pipeline| pipeline.failures == 0)
}

fn print(summary: &Summary, format: Format) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match format {
        Format::Json => report::json(summary, &mut out),
        Format::Text => report::text(summary, &mut out),
    }
    .context("the report could not be written")
}

/// The repositories after the scenario's name.
fn targets(words: &[String]) -> Result<Vec<RepoName>, NotAllowed> {
    let repos = match words.split_first() {
        Some((first, repos)) if first == "pipeline" => repos,
        Some((first, _)) if !first.contains('/') => {
            return Err(NotAllowed(format!(
                "there is no scenario '{}'; the only one is 'pipeline'",
                first.escape_default()
            )));
        }
        _ => words,
    };
    repos.iter().map(|repo| repo.parse().map_err(|error| NotAllowed(format!("{error}")))).collect()
}

/// What a shell needs to complete the command line.
fn completions(shell: clap_complete::Shell) -> anyhow::Result<()> {
    // Some of these would panic where they cannot write.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut cli::command(), "pollscope", &mut text);
    io::stdout().write_all(&text).context("the completions could not be written")
}

/// The manual's page of the program, or of one of its commands.
fn man(name: Option<&str>) -> anyhow::Result<()> {
    let mut program = cli::command();
    program.build();
    let page = match name {
        None => program,
        Some(name) => program.find_subcommand(name).cloned().ok_or_else(|| NotAllowed(cli::no_command(name)))?,
    };
    clap_mangen::Man::new(page).render(&mut io::stdout()).context("the page could not be written")
}

fn fake_github(args: &FakeGithubArgs) -> anyhow::Result<()> {
    let settings = EmbeddedSettings { seed: args.seed, latency: args.latency, port: args.port };
    let server =
        Embedded::start(settings).map_err(|error| NotAllowed(format!("port {} cannot be used: {error}", args.port)))?;
    writeln!(io::stdout(), "{}", server.api_url()).context("the address could not be written")?;
    server.join();
    Ok(())
}
