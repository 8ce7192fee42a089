//! Progress of a command, on the terminal; and a key that stops it.

use std::{
    fmt,
    io::{self, IsTerminal},
    time::Duration,
};

use crossbeam_channel::Receiver;
use crossterm::{
    event::{self, Event, KeyCode, KeyEventKind, KeyModifiers},
    terminal,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use pollscope_core::text::clean;
use pollscope_tui::{
    Capabilities,
    open::{Progress, Shown, how_far},
};

use super::signals::{self, Signal};

/// A look at the keys: crossterm, which reads `/dev/tty`, looks at none within no time at all.
const GLANCE: Duration = Duration::from_millis(1);
/// Steps of the bar.
const STEPS: u64 = 1000;

/// Progress of a command, on the terminal, where there is one.
pub(super) fn of_command(what: impl Into<String>) -> Progress {
    Progress::new(clean(&what.into()), OnTerminal(None))
}

/// From the first time that there is something to show.
#[derive(Debug)]
struct OnTerminal(Option<Line>);

impl Shown for OnTerminal {
    fn at(&mut self, what: &str, share: Option<f64>, since: Duration) -> bool {
        let line = self.0.get_or_insert_with(|| Line::new(what, since));
        line.at(share);
        line.is_stopped()
    }
}

/// A line on the terminal.
#[derive(Debug)]
struct Line {
    bar: ProgressBar,
    keys: Option<Keys>,
}

impl Line {
    fn new(what: &str, since: Duration) -> Self {
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
        Self { bar: bar.with_message(what.to_owned()).with_elapsed(since), keys }
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
