//! The dashboard in the program itself: on its terminal, on threads of its own.
//!
//! ```no_run
//! let scope = pollscope::Scope::new()?;
//! let runtime = scope.runtime(tokio::runtime::Builder::new_multi_thread().enable_all())?;
//! # async fn serve() {}
//! let server = runtime.spawn(pollscope::task("server", serve()));
//! pollscope_tui::open(&scope)?.wait()?;    // until somebody presses q
//! server.abort();
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! What the program prints meanwhile tears the picture. A panic gives the terminal back before its message is printed; where
//! the program goes on, as after a task's, so does the dashboard, and the message is found on the screen that was there
//! before. A program that ends by a signal of its own calls [`Dashboard::close`] before.

mod background;
pub mod export;
mod panics;
mod progress;
mod recording;

use std::{
    io::{self, IsTerminal},
    sync::Arc,
    thread::{Builder, JoinHandle},
};

use crossbeam_channel::{Receiver, Sender, select};
use pollscope_core::{
    model::picture::ExportFormat,
    observe::{Observed, ObservedHandle},
    trace::{log::HISTORY, recording::program_name},
};

pub use self::{background::BackgroundJobs, progress::Underway, recording::Recording};
use self::{
    export::{How, NOTHING_HELD, of_log, said},
    panics::Mind,
};
pub use self::{
    progress::{LOOK, Progress, Shown, Stopped, how_far},
    recording::one_of,
};
use crate::{Asked, Capabilities, Channels, Command, End, Options, Scenario, Start};

/// The screen's thread, and the one that answers keys.
const SCREEN: &str = "scope-screen";
const ANSWERS: &str = "scope-answers";
/// What a key is told that would change something.
const NOT_OURS: &str = "the program decides what runs: it cannot be changed from here";

/// A dashboard that is open.
///
/// ```no_run
/// # let scope = pollscope::Scope::new()?;
/// let dashboard = pollscope_tui::open(&scope)?;
/// // … what the program does meanwhile …
/// dashboard.close()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Dashboard {
    ask: Sender<Asked>,
    screen: Option<JoinHandle<io::Result<End>>>,
    answers: Option<JoinHandle<()>>,
}

/// Opens the dashboard on the program's terminal.
///
/// ```no_run
/// # let scope = pollscope::Scope::new()?;
/// match pollscope_tui::open(&scope) {
///     Ok(dashboard) => dashboard.wait()?,
///     Err(why) => eprintln!("{why}"), // without a terminal the program goes on
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// When the program has no terminal, another dashboard is open, or the system refuses a thread.
pub fn open(scope: &impl Observed) -> io::Result<Dashboard> {
    open_with(scope, Scenario::default())
}

/// Opens the dashboard with what a scenario adds to it: its panels, its screens, its words. Also on a recording
/// (`pollscope_core::replayer`).
///
/// ```no_run
/// use pollscope_tui::Scenario;
///
/// # let scope = pollscope::Scope::new()?;
/// pollscope_tui::open_with(&scope, Scenario::default())?.wait()?; // as `open`: nothing is added
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// When the program has no terminal, another dashboard is open, or the system refuses a thread.
pub fn open_with(scope: &impl Observed, scenario: Scenario) -> io::Result<Dashboard> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        let words =
            "the dashboard needs a terminal: let `pollscope attach` look, or record (Scope::serve, Scope::record)";
        return Err(io::Error::other(words));
    }
    let (commands_out, commands) = crossbeam_channel::bounded(16);
    let (told, tell) = crossbeam_channel::bounded(16);
    let underway = Underway::default();
    let (ask, asked) = crossbeam_channel::bounded(1);
    let handle = scope.handle();
    let counted = Arc::clone(&handle);
    let observer = Arc::new(move |name| counted.register_observer(name));
    let channels = Channels {
        pictures: scope.pictures(),
        views: scope.views(),
        commands: commands_out,
        asked,
        refused: tell.clone(),
        underway: underway.lines(),
        messages: crossbeam_channel::never(),
        observer: Arc::clone(&observer) as _,
    };
    let options = options(scope.is_recorded());
    let another = || io::Error::other("a dashboard is open already: close that one first");
    let mind = Mind::begin(ask.clone(), told.clone(), Arc::clone(&handle)).ok_or_else(another)?;
    let keys = Keys { scope: handle, told, untold: tell, underway, recording: None };
    let answer = move || {
        // Nothing of this dashboard is shown or told after its answers: then another may be opened.
        let _mind = mind;
        keys.answer(&commands);
    };
    let answers = Builder::new().name(ANSWERS.into()).spawn(answer)?;
    let show = move || {
        observer(SCREEN);
        crate::run(channels, &options, scenario)
    };
    let screen = Builder::new().name(SCREEN.into()).spawn(show)?;
    Ok(Dashboard { ask, screen: Some(screen), answers: Some(answers) })
}

impl Dashboard {
    /// Waits until somebody quits it, and until a recording that was begun there is written to its end.
    ///
    /// ```no_run
    /// # let scope = pollscope::Scope::new()?;
    /// pollscope_tui::open(&scope)?.wait()?; // until somebody presses q
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the terminal failed.
    pub fn wait(mut self) -> io::Result<()> {
        self.end()
    }

    /// Closes it, and gives the terminal back.
    ///
    /// ```no_run
    /// # let scope = pollscope::Scope::new()?;
    /// let dashboard = pollscope_tui::open(&scope)?;
    /// dashboard.close()?;
    /// println!("the terminal is the program's again");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the terminal failed.
    pub fn close(mut self) -> io::Result<()> {
        let _ = self.ask.send(Asked::Stop);
        self.end()
    }

    /// Nobody has quit it, or what was recorded there is still being written: no other can be opened.
    ///
    /// ```no_run
    /// # let scope = pollscope::Scope::new()?;
    /// # fn work() {}
    /// let dashboard = pollscope_tui::open(&scope)?;
    /// while dashboard.is_open() {
    ///     work();
    /// }
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn is_open(&self) -> bool {
        self.answers.as_ref().is_some_and(|answers| !answers.is_finished())
    }

    fn end(&mut self) -> io::Result<()> {
        let ended = match self.screen.take().map(JoinHandle::join) {
            Some(Ok(end)) => end.map(drop),
            Some(Err(_)) => Err(io::Error::other("the dashboard panicked; the message is above")),
            None => Ok(()),
        };
        match self.answers.take().map(JoinHandle::join) {
            Some(Err(_)) => ended.and(Err(io::Error::other("the dashboard's answers panicked; the message is above"))),
            _ => ended,
        }
    }
}

/// What answers the screen's keys: what is kept of a run is the looker's to say, what runs is the program's.
struct Keys {
    scope: Arc<dyn ObservedHandle>,
    told: Sender<String>,
    untold: Receiver<String>,
    underway: Underway,
    recording: Option<Recording>,
}

impl Keys {
    /// Answers until the screen has ended; what was recorded is written to its end.
    fn answer(mut self, commands: &Receiver<Command>) {
        let asides = BackgroundJobs::new((self.told.clone(), self.untold.clone()), self.underway.clone());
        loop {
            let broken = self.recording.as_ref().map_or_else(crossbeam_channel::never, |it| it.broken().clone());
            select! {
                recv(broken) -> why => {
                    self.recording = None;
                    if let Ok(why) = why {
                        self.tell(format!("the recording has ended, the program goes on: {why}"));
                    }
                }
                recv(commands) -> command => match command {
                    Ok(Command::ToggleRecording) => self.toggle_recording(&asides),
                    Ok(Command::Export(format)) => self.export(format, &asides),
                    Ok(Command::GiveUp) => self.underway.stop(),
                    Ok(_) => self.tell(NOT_OURS.to_owned()),
                    Err(_) => break,
                },
            }
        }
        if self.recording.is_some() {
            self.toggle_recording(&asides);
        }
        asides.end(|line| eprintln!("{line}"));
    }

    fn tell(&self, line: String) {
        let _ = self.told.try_send(line);
    }

    fn export(&self, format: ExportFormat, asides: &BackgroundJobs) {
        let Some(held) = self.scope.held() else { return self.tell(NOTHING_HELD.to_owned()) };
        let how = How { format, memory: HISTORY, scenarios: self.scope.scenarios() };
        asides.run("scope-export", move |underway| said(of_log(&held, how, None, underway)));
    }

    /// Begins a recording with what the log holds, or ends the one that was begun here.
    fn toggle_recording(&mut self, asides: &BackgroundJobs) {
        match self.recording.take().map(|recording| recording.end(&*self.scope)) {
            Some(Some(rest)) => asides.run("scope-recorded", |_| rest()),
            Some(None) => self.tell("nothing is recorded any more".to_owned()),
            None => match Recording::begin_by_time(&*self.scope) {
                Ok(recording) => {
                    self.tell(recording.begun());
                    self.recording = Some(recording);
                }
                Err(why) => self.tell(why.to_string()),
            },
        }
    }
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        // Nobody hears it where the screen has ended.
        let _ = self.ask.send(Asked::Stop);
        let _ = self.end();
    }
}

fn options(is_recorded: bool) -> Options {
    let terminal = Capabilities::of_the_terminal();
    Options {
        theme: terminal.theme(None),
        keys: None,
        depth: terminal.depth,
        ascii: !terminal.unicode,
        program: (!is_recorded).then(|| program_name().into()),
        mouse: true,
        start: if is_recorded { Start::Replay } else { Start::Dashboard },
        fails: None,
    }
}
