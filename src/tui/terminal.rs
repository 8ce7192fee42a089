//! Taking the terminal and giving it back: whole, once, whoever asks first.

use std::{
    cell::RefCell,
    io::{self, Write},
    rc::Rc,
    sync::atomic::{AtomicBool, Ordering},
};

use crossterm::{
    cursor, event, execute, queue,
    terminal::{self, BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen},
};
use ratatui::{Terminal, backend::CrosstermBackend};

use super::screen::Screen;

/// The terminal is ours.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Gives the terminal back, if it was taken: the cursor, the keys, the mouse and the screen that was there
/// before. A panic hook and the way out after a signal call it too: it may be called from any thread, any
/// number of times.
pub fn restore() {
    if !TAKEN.swap(false, Ordering::AcqRel) {
        return;
    }
    // Nobody is left to tell of a terminal that is gone.
    let _ =
        execute!(io::stdout(), EndSynchronizedUpdate, event::DisableMouseCapture, LeaveAlternateScreen, cursor::Show);
    let _ = terminal::disable_raw_mode();
}

/// Whether the terminal is ours now.
pub fn is_taken() -> bool {
    TAKEN.load(Ordering::Acquire)
}

/// Holds the terminal; dropping it gives it back.
struct Hold;

impl Hold {
    fn take(mouse: bool) -> io::Result<Self> {
        terminal::enable_raw_mode()?;
        TAKEN.store(true, Ordering::Release);
        // From here on, every way out gives the terminal back.
        let hold = Self;
        execute!(io::stdout(), EnterAlternateScreen, cursor::Hide)?;
        if mouse {
            execute!(io::stdout(), event::EnableMouseCapture)?;
        }
        Ok(hold)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        restore();
    }
}

/// The terminal, taken.
pub(super) struct Taken {
    terminal: Terminal<CrosstermBackend<Page>>,
    page: Page,
    mouse: bool,
    hold: Option<Hold>,
}

impl Taken {
    /// Takes the terminal.
    pub(super) fn new(mouse: bool) -> io::Result<Self> {
        let hold = Hold::take(mouse)?;
        let page = Page::default();
        let terminal = Terminal::new(CrosstermBackend::new(page.clone()))?;
        Ok(Self { terminal, page, mouse, hold: Some(hold) })
    }

    /// Draws a screen: what changed since the last one, in one write.
    pub(super) fn draw(&mut self, screen: &mut Screen) -> io::Result<()> {
        queue!(self.page, BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| screen.draw(frame.buffer_mut()))?;
        queue!(self.page, EndSynchronizedUpdate)?;
        self.page.send()
    }

    /// Stops the process until the shell continues it, with the terminal given back meanwhile.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        self.hold = None;
        stop();
        self.hold = Some(Hold::take(self.mouse)?);
        self.terminal.clear()
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
    /// Sends what was collected, or drops it if the terminal is no longer ours.
    fn send(&self) -> io::Result<()> {
        let mut bytes = self.0.borrow_mut();
        // Looked at under the lock: who gives the terminal back writes after this frame or before it.
        let mut out = io::stdout().lock();
        if TAKEN.load(Ordering::Acquire) {
            out.write_all(&bytes)?;
            out.flush()?;
        }
        bytes.clear();
        Ok(())
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
