//! Taking the terminal and giving it back: whole, once, whoever asks first.

mod classic;
mod link;

use std::{
    cell::RefCell,
    io::{self, Write},
    rc::Rc,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use crossbeam_channel::Receiver;
use crossterm::{
    cursor, event, queue,
    terminal::{self, BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen},
};
use ratatui::{
    Terminal,
    backend::CrosstermBackend,
    layout::{Position, Rect},
};

use self::link::Link;
pub use self::link::THREAD;
use super::screen::Screen;

/// The terminal is ours.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Nobody takes the terminal any more. Held by whoever takes it or gives it back: neither happens amid the other.
static CLOSED: Mutex<bool> = Mutex::new(false);

fn closed() -> MutexGuard<'static, bool> {
    CLOSED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives the terminal back for good, if it was taken: the cursor, the keys, the mouse and the screen that was there
/// before. A panic hook and the way out after a signal call it: it may be called from any thread, any number of times.
pub fn close() {
    let mut closed = closed();
    *closed = true;
    give_back(&closed);
}

/// Gives the terminal back until the screen is asked to take it anew: for what others print meanwhile.
pub fn lend() {
    give_back(&closed());
}

fn give_back(_: &MutexGuard<'static, bool>) {
    if !TAKEN.swap(false, Ordering::AcqRel) {
        return;
    }
    let mut bytes = Vec::new();
    // Writing into memory cannot fail.
    let _ = queue!(bytes, EndSynchronizedUpdate, event::DisableMouseCapture, LeaveAlternateScreen, cursor::Show);
    link::last_word(&bytes);
    let _ = terminal::disable_raw_mode();
}

/// Whether the terminal is ours now.
pub fn is_taken() -> bool {
    TAKEN.load(Ordering::Acquire)
}

/// Holds the terminal; dropping it gives it back.
struct Hold;

impl Hold {
    fn take() -> io::Result<Self> {
        let closed = closed();
        if *closed {
            return Err(io::Error::other("the program ends"));
        }
        // Others may have changed the modes since; else crossterm takes the terminal for raw already.
        terminal::disable_raw_mode()?;
        terminal::enable_raw_mode()?;
        TAKEN.store(true, Ordering::Release);
        // From here on, every way out gives the terminal back.
        Ok(Self)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        give_back(&closed());
    }
}

/// The terminal, taken.
pub(super) struct Taken {
    terminal: Terminal<CrosstermBackend<Page>>,
    page: Page,
    link: &'static Link,
    /// A frame is on its way.
    is_busy: bool,
    mouse: bool,
    hold: Option<Hold>,
}

impl Taken {
    /// Takes the terminal; the thread that writes calls `begun`, and panics at the second frame where a test asks for it.
    pub(super) fn new(mouse: bool, fails: bool, begun: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let link = Link::open(fails, begun)?;
        let hold = Hold::take()?;
        let page = Page::default();
        let terminal = Terminal::new(CrosstermBackend::new(page.clone()))?;
        let mut taken = Self { terminal, page, link, is_busy: false, mouse, hold: Some(hold) };
        taken.enter()?;
        Ok(taken)
    }

    /// What comes before the first frame, and goes with it.
    fn enter(&mut self) -> io::Result<()> {
        queue!(self.page, EnterAlternateScreen, cursor::Hide)?;
        if self.mouse {
            queue!(self.page, event::EnableMouseCapture)?;
        }
        self.forget()
    }

    /// The terminal has taken the last frame: there is room for another.
    pub(super) fn is_free(&self) -> bool {
        !self.is_busy
    }

    /// Tells of each frame when the terminal has taken it, or why it does not.
    pub(super) fn written(&self) -> &Receiver<io::Result<()>> {
        self.link.written()
    }

    /// Hears what [`written`](Self::written) has told.
    pub(super) fn heard(&mut self, told: io::Result<()>) -> io::Result<()> {
        self.is_busy = false;
        told
    }

    /// Draws a screen while the terminal is free: what changed since the last one, in one go.
    pub(super) fn draw(&mut self, screen: &mut Screen) -> io::Result<()> {
        queue!(self.page, BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| screen.draw(frame.buffer_mut()))?;
        queue!(self.page, EndSynchronizedUpdate)?;
        self.is_busy = true;
        self.link.frame(classic::colours(&self.page.take()));
        Ok(())
    }

    /// The next frame is drawn whole: what the terminal shows may be anything.
    pub(super) fn forget(&mut self) -> io::Result<()> {
        // `Terminal::clear` would ask the terminal for its cursor, and wait for the answer.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }

    /// Stops the process until the shell continues it, with the terminal given back meanwhile.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        self.hold = None;
        stop();
        self.retake()
    }

    /// Takes the terminal anew, whatever others have made of it.
    pub(super) fn retake(&mut self) -> io::Result<()> {
        // Ours or not, it is not given back in between.
        std::mem::forget(self.hold.take());
        self.hold = Some(Hold::take()?);
        self.enter()
    }
}

#[cfg(unix)]
fn stop() {
    // Where the signal is refused, the screen just comes back.
    let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGTSTP);
}

#[cfg(not(unix))]
fn stop() {}

/// Collects what a frame writes, so that it reaches the terminal at once: crossterm makes thousands of small
/// writes for one frame.
#[derive(Clone, Default)]
struct Page(Rc<RefCell<Vec<u8>>>);

impl Page {
    /// Takes what was collected.
    fn take(&self) -> Vec<u8> {
        self.0.take()
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// The frame is sent whole, later.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
