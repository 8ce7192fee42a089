//! Progress of what takes longer than a second: how far it is, when it will be done, and a key that stops it.
//!
//! Floor 6.

use std::{
    fmt,
    io::{self, IsTerminal},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender};
use crossterm::{
    event::{self, Event, KeyCode, KeyEventKind, KeyModifiers},
    terminal,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::signals::{self, Signal};
use crate::{text::clean, tui::Capabilities};

/// What takes less is not spoken of.
const SOON: Duration = Duration::from_secs(1);
/// Between two looks at the keys, and whether something goes on, and between two lines on the screen.
pub(super) const LOOK: Duration = Duration::from_millis(100);
/// A look at the keys: crossterm, which reads `/dev/tty`, looks at none within no time at all.
const GLANCE: Duration = Duration::from_millis(1);
/// Lines that may wait for the screen.
const LINES: usize = 16;
/// Steps of the bar.
const STEPS: u64 = 1000;

/// Somebody has stopped it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stopped by key, at {0}%")]
pub(super) struct Stopped(u32);

/// What is under way behind the dashboard: lines for its screen, and whether somebody wants an end of it.
#[derive(Clone, Debug)]
pub(super) struct Underway {
    told: Sender<Option<String>>,
    tell: Receiver<Option<String>>,
    /// How often an end was wanted: what began before the last time stops.
    stops: Arc<AtomicU64>,
}

impl Underway {
    pub(super) fn new() -> Self {
        let (told, tell) = crossbeam_channel::bounded(LINES);
        Self { told, tell, stops: Arc::default() }
    }

    /// Lines for the screen; nothing where it is over.
    pub(super) fn lines(&self) -> Receiver<Option<String>> {
        self.tell.clone()
    }

    /// Stops whatever is under way.
    pub(super) fn stop(&self) {
        self.stops.fetch_add(1, Ordering::AcqRel);
    }
}

/// How far something is. Dropping it takes its line away.
#[derive(Debug)]
pub(super) struct Progress {
    what: String,
    begun: Instant,
    next: Instant,
    stopped: Option<Stopped>,
    shown: Shown,
}

/// Where it is shown.
#[derive(Debug)]
enum Shown {
    /// On a terminal, from the first second on, where there is one.
    Line(Option<Line>),
    /// On the dashboard's screen.
    Screen(Underway, u64),
}

impl Progress {
    /// Progress of a command, on the terminal.
    pub(super) fn of_command(what: impl Into<String>) -> Self {
        Self::new(clean(&what.into()).into_owned(), Shown::Line(None))
    }

    /// Progress of something behind the dashboard.
    pub(super) fn behind_screen(what: impl Into<String>, underway: &Underway) -> Self {
        let stops = underway.stops.load(Ordering::Acquire);
        Self::new(what.into(), Shown::Screen(underway.clone(), stops))
    }

    fn new(what: String, shown: Shown) -> Self {
        let begun = Instant::now();
        Self { what, begun, next: begun + SOON, stopped: None, shown }
    }

    /// Somebody may want to know how far it is.
    pub(super) fn is_due(&self) -> bool {
        Instant::now() >= self.next
    }

    /// It is that far: from 0 to 1, where its end is known.
    ///
    /// # Errors
    ///
    /// When somebody has stopped it, now or before.
    pub(super) fn at(&mut self, share: Option<f64>) -> Result<(), Stopped> {
        if let Some(stopped) = self.stopped {
            return Err(stopped);
        }
        let now = Instant::now();
        if now < self.next {
            return Ok(());
        }
        self.next = now + LOOK;
        let is_stopped = match &mut self.shown {
            Shown::Line(line) => {
                let line = line.get_or_insert_with(|| Line::new(&self.what, self.begun));
                line.at(share);
                line.is_stopped()
            }
            Shown::Screen(underway, stops) => {
                // A screen that is busy gets the next one; there is always room for the end.
                if underway.tell.len() < LINES / 2 {
                    let _ = underway.told.try_send(Some(in_words(&self.what, share, now - self.begun)));
                }
                underway.stops.load(Ordering::Acquire) != *stops
            }
        };
        if is_stopped {
            let stopped = Stopped((share.unwrap_or_default() * 100.0) as u32);
            self.stopped = Some(stopped);
            return Err(stopped);
        }
        Ok(())
    }

    /// That somebody has stopped it, and where; nothing where nobody has.
    pub(super) fn stopped(&self) -> Option<String> {
        self.stopped.map(|stopped| stopped.to_string())
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Shown::Screen(underway, _) = &self.shown {
            let _ = underway.told.try_send(None);
        }
    }
}

/// `exporting run.svg   42%, 3 s to go`. Which key stops it the screen knows.
fn in_words(what: &str, share: Option<f64>, since: Duration) -> String {
    format!("{what}   {}", how_far(share, since))
}

/// `42%, 3 s to go`; where nothing can be said of the end, `3 s so far`.
fn how_far(share: Option<f64>, since: Duration) -> String {
    match share {
        Some(share) if share > 0.0 => {
            let left = since.as_secs_f64() * (1.0 - share).max(0.0) / share;
            format!("{:.0}%, {:.0} s to go", share * 100.0, left.ceil())
        }
        _ => format!("{} s so far", since.as_secs()),
    }
}

/// A line on the terminal.
#[derive(Debug)]
struct Line {
    bar: ProgressBar,
    keys: Option<Keys>,
}

impl Line {
    fn new(what: &str, begun: Instant) -> Self {
        let keys = Keys::take();
        let bar = ProgressBar::with_draw_target(Some(STEPS), ProgressDrawTarget::stderr());
        let stops = if keys.is_some() { "   esc stops" } else { "" };
        let marks = if Capabilities::of_the_terminal().unicode { "━╸─" } else { "=> " };
        // What it is called gives way to the rest where the terminal is narrow.
        let look = format!("{{wide_msg}}  {{bar:20}}  {{how_far}}{stops}");
        if let Ok(style) = ProgressStyle::with_template(&look) {
            let told = |state: &ProgressState, out: &mut dyn fmt::Write| {
                let _ = out.write_str(&how_far(Some(state.fraction().into()), state.elapsed()));
            };
            bar.set_style(style.with_key("how_far", told).progress_chars(marks));
        }
        Self { bar: bar.with_message(what.to_owned()).with_elapsed(begun.elapsed()), keys }
    }

    fn at(&self, share: Option<f64>) {
        match share {
            Some(share) => self.bar.set_position((share * STEPS as f64) as u64),
            None => self.bar.tick(),
        }
    }

    fn is_stopped(&self) -> bool {
        self.keys.as_ref().is_some_and(Keys::is_stopped)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// The terminal's keys, one by one; dropping this gives them back. Signals are heard meanwhile, for the same reason.
#[derive(Debug)]
struct Keys {
    signals: Receiver<Signal>,
}

impl Keys {
    /// Takes them, where somebody is there to press one.
    fn take() -> Option<Self> {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() || !is_in_front() {
            return None;
        }
        let signals = signals::watch().ok()?;
        terminal::enable_raw_mode().ok()?;
        Some(Self { signals })
    }

    fn is_stopped(&self) -> bool {
        if matches!(self.signals.try_recv(), Ok(Signal::End)) {
            return true;
        }
        while event::poll(GLANCE).unwrap_or(false) {
            match event::read() {
                Ok(Event::Key(key)) if key.kind != KeyEventKind::Release && ends(key.code, key.modifiers) => {
                    return true;
                }
                Ok(_) => {}
                Err(_) => return false,
            }
        }
        false
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = terminal::disable_raw_mode();
    }
}

/// Whether a key means the end.
fn ends(code: KeyCode, modifiers: KeyModifiers) -> bool {
    match code {
        KeyCode::Esc | KeyCode::Char('q') => true,
        KeyCode::Char('c') => modifiers.contains(KeyModifiers::CONTROL),
        _ => false,
    }
}

/// A job in the background must leave the terminal's keys alone: the system would stop it.
#[cfg(unix)]
fn is_in_front() -> bool {
    nix::unistd::tcgetpgrp(io::stdin()).is_ok_and(|front| front == nix::unistd::getpgrp())
}

#[cfg(not(unix))]
fn is_in_front() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_how_far_it_is() {
        let since = Duration::from_secs(3);
        assert_eq!(in_words("exporting a.svg", Some(0.75), since), "exporting a.svg   75%, 1 s to go");
        assert_eq!(in_words("opening a", Some(0.0), since), "opening a   3 s so far");
        assert_eq!(in_words("opening a", None, since), "opening a   3 s so far");
    }

    #[test]
    fn what_is_stopped_stays_stopped_and_what_begins_later_does_not() {
        let underway = Underway::new();
        let mut first = Progress::behind_screen("first", &underway);
        first.next = first.begun;
        assert_eq!(first.at(Some(0.25)), Ok(()));
        underway.stop();
        let mut second = Progress::behind_screen("second", &underway);
        (first.next, second.next) = (first.begun, second.begun);
        assert_eq!((first.at(Some(0.5)), second.at(Some(0.5))), (Err(Stopped(50)), Ok(())));
        assert_eq!(first.at(Some(0.75)), Err(Stopped(50)));
        drop((first, second));
        let lines: Vec<_> = underway.lines().try_iter().collect();
        assert_eq!(lines.iter().filter(|line| line.is_some()).count(), 3);
        assert_eq!(lines.last(), Some(&None));
    }
}
