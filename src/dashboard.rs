//! The dashboard in the program itself: on its terminal, on threads of its own.
//!
//! ```no_run
//! let scope = pollscope::Scope::new()?;
//! let runtime = scope.runtime(tokio::runtime::Builder::new_multi_thread().enable_all())?;
//! # async fn serve() {}
//! let server = runtime.spawn(pollscope::task("server", serve()));
//! pollscope::dashboard::open(&scope)?.wait()?;    // until somebody presses q
//! server.abort();
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! What the program prints meanwhile tears the picture. A panic gives the terminal back before its message is printed;
//! a program that ends by a signal of its own calls [`Dashboard::close`] before.

use std::{
    io::{self, IsTerminal},
    panic,
    sync::{Arc, Once},
    thread::{Builder, JoinHandle},
};

use crossbeam_channel::Sender;

use crate::{
    scope::{Scope, program_name},
    tui::{self, Asked, Capabilities, Channels, End, Keymap, Options, Start},
};

/// The screen's thread, and the one that answers keys.
const SCREEN: &str = "scope-screen";
const ANSWERS: &str = "scope-answers";
/// What a key is told that would change something.
const ONLY_LOOKS: &str = "this screen only looks: the program decides what runs";

/// A dashboard that is open.
///
/// ```no_run
/// # let scope = pollscope::Scope::new()?;
/// let dashboard = pollscope::dashboard::open(&scope)?;
/// // … what the program does meanwhile …
/// dashboard.close()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Dashboard {
    ask: Sender<Asked>,
    screen: Option<JoinHandle<io::Result<End>>>,
}

/// Opens the dashboard on the program's terminal.
///
/// ```no_run
/// # let scope = pollscope::Scope::new()?;
/// match pollscope::dashboard::open(&scope) {
///     Ok(dashboard) => dashboard.wait()?,
///     Err(why) => eprintln!("{why}"), // without a terminal the program goes on
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// When the program has no terminal, or the system refuses a thread.
pub fn open(scope: &Scope) -> io::Result<Dashboard> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        let words =
            "the dashboard needs a terminal: let `pollscope attach` look, or record (Scope::serve, Scope::record)";
        return Err(io::Error::other(words));
    }
    give_back_on_panic();
    let (commands, asked_for) = crossbeam_channel::bounded(16);
    let (refuse, refused) = crossbeam_channel::bounded(16);
    let (ask, asked) = crossbeam_channel::bounded(1);
    let probes = scope.probes().clone();
    let observer = Arc::new(move |name| {
        probes.register_observer(name);
    });
    let channels = Channels {
        pictures: scope.pictures(),
        views: scope.views(),
        commands,
        asked,
        refused,
        underway: crossbeam_channel::never(),
        comparisons: crossbeam_channel::never(),
        observer: Arc::clone(&observer) as _,
    };
    let options = options();
    let answers = move || asked_for.iter().for_each(|_| drop(refuse.try_send(ONLY_LOOKS.to_owned())));
    Builder::new().name(ANSWERS.into()).spawn(answers)?;
    let show = move || {
        observer(SCREEN);
        tui::run(channels, &options)
    };
    let screen = Builder::new().name(SCREEN.into()).spawn(show)?;
    Ok(Dashboard { ask, screen: Some(screen) })
}

impl Dashboard {
    /// Waits until somebody quits it.
    ///
    /// ```no_run
    /// # let scope = pollscope::Scope::new()?;
    /// pollscope::dashboard::open(&scope)?.wait()?; // until somebody presses q
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
    /// let dashboard = pollscope::dashboard::open(&scope)?;
    /// dashboard.close()?;
    /// println!("the terminal is the program's again");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the terminal failed.
    pub fn close(mut self) -> io::Result<()> {
        let _ = self.ask.try_send(Asked::Stop);
        self.end()
    }

    /// Nobody has quit it.
    ///
    /// ```no_run
    /// # let scope = pollscope::Scope::new()?;
    /// # fn work() {}
    /// let dashboard = pollscope::dashboard::open(&scope)?;
    /// while dashboard.is_open() {
    ///     work();
    /// }
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn is_open(&self) -> bool {
        self.screen.as_ref().is_some_and(|screen| !screen.is_finished())
    }

    fn end(&mut self) -> io::Result<()> {
        match self.screen.take().map(JoinHandle::join) {
            Some(Ok(end)) => end.map(drop),
            Some(Err(_)) => Err(io::Error::other("the dashboard panicked; the message is above")),
            None => Ok(()),
        }
    }
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        let _ = self.ask.try_send(Asked::Stop);
        let _ = self.end();
    }
}

fn options() -> Options {
    let terminal = Capabilities::of_the_terminal();
    Options {
        theme: terminal.theme(None),
        keys: Arc::new(Keymap::default()),
        depth: terminal.depth,
        ascii: !terminal.unicode,
        scenario: String::new(),
        program: Some(program_name().into()),
        mouse: true,
        lessons: Arc::default(),
        use_cases: Arc::default(),
        comparison: None,
        start: Start::Dashboard,
        fails: None,
    }
}

/// A message that is printed over the screen is read by nobody. It is the process's hook, so it is set once.
fn give_back_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            tui::close();
            print(info);
        }));
    });
}
