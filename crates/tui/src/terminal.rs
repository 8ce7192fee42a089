//! Taking the terminal and giving it back: whole, once, whoever asks first.

mod classic;
mod link;

use std::{
    cell::RefCell,
    io::{self, Write},
    rc::Rc,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
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

pub use self::link::THREAD;
use self::link::{Link, Rest};
use super::screen::Screen;

/// Which hold of the terminal is ours now: their numbers grow. 0 where it is not ours.
static HELD: AtomicU64 = AtomicU64::new(0);

/// Who keeps the screen from taking the terminal. Locked by whoever takes it or gives it back: neither happens amid the other.
static OTHERS: Mutex<Others> = Mutex::new(Others { is_closed: false, lent: 0, holds: 0 });

struct Others {
    /// Nobody takes it any more.
    is_closed: bool,
    /// So many print.
    lent: usize,
    /// How often it was taken.
    holds: u64,
}

fn others() -> MutexGuard<'static, Others> {
    OTHERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives the terminal back for good, if it was taken: the cursor, the keys, the mouse and the screen that was there
/// before. A panic hook and the way out after a signal call it: it may be called from any thread, any number of times.
pub fn close() {
    let mut others = others();
    others.is_closed = true;
    give_back(&others, Rest::ThrownAway);
}

/// Gives the terminal back for what others print meanwhile. While any of what this gives is alive the screen does not take
/// it, and then when it is asked to.
pub fn lend() -> Lent {
    let mut others = others();
    others.lent += 1;
    // What was printed when it was lent before may be on its way still.
    give_back(&others, Rest::Waited);
    Lent(())
}

/// The terminal is lent.
#[must_use]
#[derive(Debug)]
pub struct Lent(());

impl Drop for Lent {
    fn drop(&mut self) {
        others().lent -= 1;
    }
}

fn give_back(_: &MutexGuard<'static, Others>, rest: Rest) {
    if HELD.swap(0, Ordering::AcqRel) == 0 {
        return;
    }
    let mut bytes = Vec::new();
    // Writing into memory cannot fail.
    let _ = queue!(bytes, EndSynchronizedUpdate, event::DisableMouseCapture, LeaveAlternateScreen, cursor::Show);
    link::last_word(&bytes, rest);
    let _ = terminal::disable_raw_mode();
}

/// Whether the terminal is ours now.
pub fn is_taken() -> bool {
    HELD.load(Ordering::Acquire) > 0
}

/// Holds the terminal; dropping it gives it back.
struct Hold {
    number: u64,
}

impl Hold {
    /// None while it is lent.
    fn take() -> io::Result<Option<Self>> {
        let mut others = others();
        if others.is_closed {
            return Err(io::Error::other("the program ends"));
        }
        if others.lent > 0 {
            return Ok(None);
        }
        // Others may have changed the modes since; else crossterm takes the terminal for raw already.
        terminal::disable_raw_mode()?;
        terminal::enable_raw_mode()?;
        others.holds += 1;
        let number = others.holds;
        HELD.store(number, Ordering::Release);
        // From here on, every way out gives the terminal back.
        Ok(Some(Self { number }))
    }

    /// It is the terminal's last one.
    fn is_valid(number: u64) -> bool {
        HELD.load(Ordering::Acquire) == number
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        give_back(&others(), Rest::ThrownAway);
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
    /// None while the terminal is lent: what is drawn then nobody sees.
    hold: Option<Hold>,
}

impl Taken {
    /// Takes the terminal; the thread that writes calls `begun`, and panics at the second frame where a test asks for it.
    pub(super) fn new(mouse: bool, fails: bool, begun: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let link = Link::open(fails, begun)?;
        let hold = Hold::take()?;
        let page = Page::default();
        let terminal = Terminal::new(CrosstermBackend::new(page.clone()))?;
        let mut taken = Self { terminal, page, link, is_busy: false, mouse, hold };
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
        let page = classic::colours(&self.page.take());
        if let Some(hold) = &self.hold {
            self.is_busy = true;
            self.link.frame(page, hold.number);
        }
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

    /// Takes the terminal anew, whatever others have made of it; while it is lent, nothing.
    pub(super) fn retake(&mut self) -> io::Result<()> {
        // Ours or not, it is not given back in between.
        std::mem::forget(self.hold.take());
        self.hold = Hold::take()?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_screen_takes_no_terminal_that_is_lent() {
        let (first, second) = (lend(), lend());
        assert!(Hold::take().unwrap().is_none());
        drop(first);
        assert!(Hold::take().unwrap().is_none(), "one prints still");
        drop(second);
        assert_eq!(others().lent, 0);
    }
}
