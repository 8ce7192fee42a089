//! Progress of what takes longer than a second: how far it is, when it will be done, and whether it is to stop.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender};

/// What takes less is not spoken of.
const SOON: Duration = Duration::from_secs(1);
/// Between two looks at the keys, and whether something goes on, and between two lines on the screen.
pub const LOOK: Duration = Duration::from_millis(100);
/// Lines that may wait for the screen.
const LINES: usize = 16;

/// Somebody has stopped it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stopped by key, at {0}%")]
pub struct Stopped(u32);

/// Where progress is shown, and who may stop it.
pub trait Shown: fmt::Debug + Send {
    /// What is spoken of, how far it is, from 0 to 1 where its end is known, and for how long it goes on. Says whether
    /// somebody wants an end of it.
    fn at(&mut self, what: &str, share: Option<f64>, since: Duration) -> bool;
}

/// How far something is. Dropping it takes its line away.
#[derive(Debug)]
pub struct Progress {
    what: String,
    begun: Instant,
    next: Instant,
    stopped: Option<Stopped>,
    shown: Box<dyn Shown>,
}

impl Progress {
    /// Progress that is shown there, from the first second on.
    pub fn new(what: impl Into<String>, shown: impl Shown + 'static) -> Self {
        let begun = Instant::now();
        Self { what: what.into(), begun, next: begun + SOON, stopped: None, shown: Box::new(shown) }
    }

    /// Progress of something behind the dashboard.
    pub fn behind_screen(what: impl Into<String>, underway: &Underway) -> Self {
        Self::new(what, Behind { underway: underway.clone(), stops: underway.stops.load(Ordering::Acquire) })
    }

    /// Somebody may want to know how far it is.
    pub fn is_due(&self) -> bool {
        Instant::now() >= self.next
    }

    /// It is that far: from 0 to 1, where its end is known.
    ///
    /// # Errors
    ///
    /// When somebody has stopped it, now or before.
    pub fn at(&mut self, share: Option<f64>) -> Result<(), Stopped> {
        if let Some(stopped) = self.stopped {
            return Err(stopped);
        }
        let now = Instant::now();
        if now < self.next {
            return Ok(());
        }
        self.next = now + LOOK;
        if self.shown.at(&self.what, share, now - self.begun) {
            let stopped = Stopped((share.unwrap_or_default() * 100.0) as u32);
            self.stopped = Some(stopped);
            return Err(stopped);
        }
        Ok(())
    }

    /// That somebody has stopped it, and where; nothing where nobody has.
    pub fn stopped(&self) -> Option<String> {
        self.stopped.map(|stopped| stopped.to_string())
    }
}

/// What is under way behind the dashboard: lines for its screen, and whether somebody wants an end of it.
#[derive(Clone, Debug)]
pub struct Underway {
    told: Sender<Option<String>>,
    tell: Receiver<Option<String>>,
    /// How often an end was wanted: what began before the last time stops.
    stops: Arc<AtomicU64>,
}

impl Default for Underway {
    fn default() -> Self {
        let (told, tell) = crossbeam_channel::bounded(LINES);
        Self { told, tell, stops: Arc::default() }
    }
}

impl Underway {
    /// Lines for the screen; nothing where it is over.
    pub fn lines(&self) -> Receiver<Option<String>> {
        self.tell.clone()
    }

    /// Stops whatever is under way.
    pub fn stop(&self) {
        self.stops.fetch_add(1, Ordering::AcqRel);
    }
}

/// On the dashboard's screen.
#[derive(Debug)]
struct Behind {
    underway: Underway,
    stops: u64,
}

impl Shown for Behind {
    fn at(&mut self, what: &str, share: Option<f64>, since: Duration) -> bool {
        let Self { underway, stops } = self;
        // A screen that is busy gets the next one; there is always room for the end.
        if underway.tell.len() < LINES / 2 {
            let _ = underway.told.try_send(Some(in_words(what, share, since)));
        }
        underway.stops.load(Ordering::Acquire) != *stops
    }
}

impl Drop for Behind {
    fn drop(&mut self) {
        let _ = self.underway.told.try_send(None);
    }
}

/// `exporting run.svg   42%, 3 s to go`. Which key stops it the screen knows.
fn in_words(what: &str, share: Option<f64>, since: Duration) -> String {
    format!("{what}   {}", how_far(share, since))
}

/// `42%, 3 s to go`; where nothing can be said of the end, `3 s so far`.
pub fn how_far(share: Option<f64>, since: Duration) -> String {
    match share {
        Some(share) if share > 0.0 => {
            let left = since.as_secs_f64() * (1.0 - share).max(0.0) / share;
            format!("{:.0}%, {:.0} s to go", share * 100.0, left.ceil())
        }
        _ => format!("{} s so far", since.as_secs()),
    }
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
        let underway = Underway::default();
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
