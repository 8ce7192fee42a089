//! The dashboard: a screen on its own thread, and the main thread that hands its commands to the lab.

use std::{
    fmt::Display,
    io, panic,
    path::Path,
    sync::Arc,
    thread::{self, JoinHandle},
};

use anyhow::{Context, anyhow};
use crossbeam_channel::{Receiver, Sender, select};
use pollscope_core::{
    model::picture::{ExportFormat, Picture, View},
    replayer::Replayer,
};
use pollscope_lab::{
    github::types::RepoName,
    panels::{self, COMPARE, Cards, CompareCard},
    settings::Settings,
};
use pollscope_tui::{
    Asked, Capabilities, Channels, Command, Message, Options, Start,
    open::{
        BackgroundJobs, Underway,
        export::{Exported, NOTHING_HELD, of_log, said},
    },
};

use super::{
    NotAllowed,
    compare::BeforeAndAfter,
    export,
    faults::{Fault, fault},
    first, lessons, recordings, serving,
    session::{Session, Told},
    signals::{self, Signal},
    usecases,
};
use crate::{
    attach::Attached,
    cli::{KeepArgs, LookArgs},
};

/// What the screen shows first.
#[derive(Default)]
pub(super) struct Opening {
    pub(super) start: Start,
    /// The lesson that is open, by its place.
    pub(super) lesson: Option<usize>,
    /// Runs side by side.
    pub(super) comparison: Option<CompareCard>,
}

impl From<Start> for Opening {
    fn from(start: Start) -> Self {
        Self { start, ..Self::default() }
    }
}

/// The screen's thread.
const SCREEN: &str = "screen";

/// Threads whose panics are the program's, beside those of the scope.
const OWN: &[&str] = &["main", SCREEN, pollscope_tui::KEYS, pollscope_tui::TERMINAL, signals::THREAD];

/// Runs the dashboard until somebody quits it.
pub(super) fn run(
    (settings, repos, keep): (Settings, Vec<RepoName>, &KeepArgs),
    look: &LookArgs,
    opening: Opening,
) -> anyhow::Result<()> {
    restore_on_panic();
    let mut session = Session::new(settings, repos, keep)?;
    let scope = (session.scope().pictures(), session.scope().views());
    let probes = session.scope().probes().clone();
    let screen = Screen::start(scope, &Underway::default(), look, opening, move |name| {
        probes.register_observer(name);
    })?;
    if fault() == Some(Fault::Collector) {
        session.scope().fail();
    }
    if let Some(address) = session.served() {
        let _ = screen.told.try_send(serving::words(address));
    }
    match session.build(session.again()) {
        Ok(()) => screen.serve(&mut session, keep.history.bytes())?,
        Err(error) => return screen.end(error),
    }
    session.end_recording()
}

/// What is looked at that is none of ours.
pub(super) enum Looked<'a> {
    /// A recording's file, and what shows it.
    Recording(&'a Path, &'a Replayer),
    /// Programs that serve their traces.
    Programs(&'a Attached),
}

/// The ends of the screen's channels.
pub(super) struct Screen {
    commands: Receiver<Command>,
    told: Sender<String>,
    underway: Underway,
    messages: Sender<Message>,
    signals: Receiver<Signal>,
    ask: Sender<Asked>,
    thread: JoinHandle<io::Result<pollscope_tui::End>>,
    asides: BackgroundJobs,
}

impl Screen {
    /// Starts it, on what makes pictures; `observer` is called on each of the screen's threads, with its name.
    pub(super) fn start(
        (pictures, views): (Receiver<Box<Picture>>, Sender<View>),
        underway: &Underway,
        look: &LookArgs,
        opening: Opening,
        observer: impl Fn(&'static str) + Send + Sync + 'static,
    ) -> anyhow::Result<Self> {
        let (commands_out, commands) = crossbeam_channel::bounded(16);
        let (refused, refused_in) = crossbeam_channel::bounded(16);
        let (ask, asked) = crossbeam_channel::bounded(1);
        let (messages_out, messages) = crossbeam_channel::bounded(4);
        let observer = Arc::new(observer);
        let channels = Channels {
            pictures,
            views,
            commands: commands_out,
            asked,
            refused: refused_in.clone(),
            underway: underway.lines(),
            messages,
            observer: Arc::clone(&observer) as _,
        };
        let Opening { start, lesson, comparison } = opening;
        let start = if start == Start::Dashboard && first::is_first() { Start::Welcome } else { start };
        let terminal = Capabilities::of_the_terminal();
        let keys = panels::key_table().bound(&look.keys).map_err(|wrong| NotAllowed(format!("--keys: {wrong}")))?;
        let options = Options {
            theme: terminal.theme(look.theme),
            keys: Some(Arc::new(keys)),
            depth: terminal.depth,
            ascii: look.ascii || !terminal.unicode,
            program: None,
            mouse: true,
            start,
            fails: fault().and_then(Fault::in_screen),
        };
        let cards = Cards { lessons: lessons::cards()?, open: lesson, use_cases: usecases::cards(), comparison };
        let scenario = panels::scenario(cards);
        let signals = signals::watch()?;
        let thread = thread::Builder::new()
            .name(SCREEN.into())
            .spawn(move || {
                observer(SCREEN);
                pollscope_tui::run(channels, &options, scenario)
            })
            .context("the screen's thread could not be started")?;
        let underway = underway.clone();
        let asides = BackgroundJobs::new((refused.clone(), refused_in), underway.clone());
        Ok(Self { commands, told: refused, underway, messages: messages_out, signals, ask, thread, asides })
    }

    /// Ends the screen before the error is told: the terminal comes back first.
    fn end(self, error: anyhow::Error) -> anyhow::Result<()> {
        let _ = self.ask.try_send(Asked::Stop);
        // Why it ends is what there is to tell.
        let _ = self.join();
        Err(error)
    }

    /// Hands a signal on. Says whether the program ends.
    fn obey(&self, signal: Signal) -> bool {
        assert!(fault() != Some(Fault::Main), "a test asked for this panic");
        match signal {
            // The screen ends as soon as it hears of it, or has ended.
            Signal::End => drop(self.ask.send(Asked::Stop)),
            Signal::GoOn => drop(self.ask.try_send(Asked::Retake)),
        }
        signal == Signal::End
    }

    /// Hands commands on until the screen ends, by a key, a signal or a panic. Exports take so many bytes of memory at most.
    fn serve(self, session: &mut Session, memory: usize) -> anyhow::Result<()> {
        let mut before = BeforeAndAfter::default();
        let (mut rounds, mut broken) = (session.rounds(), session.broken_recording());
        let ended = loop {
            select! {
                recv(broken) -> why => {
                    if let Ok(why) = why {
                        let _ = self.told.try_send(format!("the recording has ended, the run goes on: {why}"));
                    }
                    broken = crossbeam_channel::never();
                },
                recv(rounds) -> over => match over {
                    Ok(()) if session.outcome().is_some_and(|outcome| outcome.number == 1) => {
                        if let Some(card) = session.run().and_then(|run| before.round_over(run)) {
                            // A screen that does not take it has older ones to show.
                            let _ = self.messages.try_send(Message { to: COMPARE, what: Box::new(card) });
                        }
                    }
                    Ok(()) => {}
                    // The last round of this lab is over: there is nothing to hear of it any more.
                    Err(_) => rounds = crossbeam_channel::never(),
                },
                recv(self.commands) -> command => match command {
                    Ok(Command::Export(format)) => match session.scope().held() {
                        Some(held) => {
                            self.export_aside(move |underway| of_log(&held, export::how(format, memory), None, underway));
                        }
                        None => drop(self.told.try_send(NOTHING_HELD.to_owned())),
                    },
                    Ok(Command::GiveUp) => self.underway.stop(),
                    Ok(command) => match obey(&command, session, &mut before) {
                        Ok(told) => {
                            (rounds, broken) = (session.rounds(), session.broken_recording());
                            match told {
                                Told::Nothing => {}
                                Told::Now(line) => drop(self.told.try_send(line)),
                                Told::Later(work) => self.asides.run("recording-end", |_| work()),
                            }
                        }
                        Err(error) if error.is::<NotAllowed>() => drop(self.told.try_send(error.to_string())),
                        Err(error) => break Err(error),
                    },
                    // The screen has ended.
                    Err(_) => break Ok(()),
                },
                recv(self.signals) -> signal => if signal.map_or(true, |signal| self.obey(signal)) {
                    break Ok(());
                },
            }
        };
        match ended {
            Ok(()) => self.join(),
            Err(error) => self.end(error),
        }
    }

    /// Waits for the end of a screen that shows what is not ours to change: of its commands only exports are obeyed.
    /// Exports take so many bytes of memory at most.
    pub(super) fn watch(
        self,
        notices: &Receiver<String>,
        looked: &(Looked<'_>, usize),
        refusal: &str,
    ) -> anyhow::Result<()> {
        let mut notices = notices.clone();
        loop {
            select! {
                recv(self.commands) -> command => match command {
                    Ok(Command::Export(format)) => self.export_looked(looked, format),
                    Ok(Command::GiveUp) => self.underway.stop(),
                    Ok(_) => drop(self.told.try_send(refusal.to_owned())),
                    Err(_) => break,
                },
                recv(notices) -> notice => match notice {
                    Ok(notice) => drop(self.told.try_send(notice)),
                    Err(_) => notices = crossbeam_channel::never(),
                },
                recv(self.signals) -> signal => if signal.map_or(true, |signal| self.obey(signal)) {
                    break;
                },
            }
        }
        self.join()
    }

    /// Exports what is looked at: of several programs each.
    fn export_looked(&self, (looked, memory): &(Looked<'_>, usize), format: ExportFormat) {
        let how = export::how(format, *memory);
        match looked {
            // What came through a pipe is not to be read again.
            Looked::Recording(path, replayer) if recordings::is_piped(path) => {
                let held = replayer.held();
                self.export_aside(move |underway| of_log(&held, how, None, underway));
            }
            Looked::Recording(path, _) => {
                let path = path.to_path_buf();
                self.export_aside(move |underway| export::again(&path, how, underway));
            }
            Looked::Programs(attached) => {
                let held = attached.held();
                let several = held.len() > 1;
                for (at, (_, held)) in (1..).zip(held) {
                    let (which, how) = (several.then(|| format!("{at}")), how.clone());
                    self.export_aside(move |underway| of_log(&held, how, which.as_deref(), underway));
                }
            }
        }
    }

    /// Exports on a thread of its own, and tells how that went.
    fn export_aside<E: Display>(&self, export: impl FnOnce(&Underway) -> Result<Exported, E> + Send + 'static) {
        self.asides.run("export", move |underway| {
            assert!(fault() != Some(Fault::Export), "a test asked for this panic");
            said(export(underway))
        });
    }

    fn join(self) -> anyhow::Result<()> {
        let Self { thread, asides, .. } = self;
        let ended = match thread.join() {
            Ok(end) => end.map(drop).context("the terminal failed"),
            Err(_) => Err(anyhow!("the screen panicked; the message is above")),
        };
        asides.end(super::say);
        ended
    }
}

/// Does what a key asks of the session, and says what is to be told.
fn obey(command: &Command, session: &mut Session, before: &mut BeforeAndAfter) -> anyhow::Result<Told> {
    match command {
        Command::ToggleRecording => session.toggle_recording(),
        Command::Own(own) => match own.get::<pollscope_lab::command::Command>() {
            Some(pollscope_lab::command::Command::KeepRun) => Ok(Told::Now(before.keep())),
            Some(command) => session.command(*command, before.is_kept()),
            None => Ok(Told::Nothing),
        },
        // These do not change what runs.
        Command::Export(_) | Command::GiveUp => Ok(Told::Nothing),
    }
}

/// A panic of the program's own threads restores the terminal before its message is printed. A panic of an observed
/// thread is shown as a failed task: its message would only tear the picture.
pub(super) fn restore_on_panic() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let name = thread::current().name().unwrap_or_default().to_owned();
        let of_scope = name.starts_with("scope-");
        let own = of_scope || OWN.contains(&name.as_str());
        if !own && pollscope_tui::is_taken() {
            return;
        }
        pollscope_tui::close();
        print(info);
        // Without one of its threads the program would only stand still; the main thread ends it by itself.
        if own && name != "main" && name != SCREEN {
            std::process::exit(i32::from(super::FAILED));
        }
    }));
}
