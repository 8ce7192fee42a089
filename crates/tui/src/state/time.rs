//! Which instant is looked at: the newest, one that stands still, or one that moves at a speed of its own.
//!
//! It reads no clock: how much time has gone by is told to it.

use std::{collections::VecDeque, time::Duration};

use pollscope_core::{
    model::picture::{Landmark, Of, Picture, Seek},
    trace::{
        clock::{Nanos, nanos},
        record::ThreadId,
    },
};

/// What a key asks of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeKey {
    /// Stand still, or go on from there.
    Freeze,
    /// A step back by time.
    Back,
    /// A step forward by time.
    Forward,
    /// A small step back by time.
    Nudge,
    /// A small step forward by time.
    NudgeOn,
    /// To the event before.
    Previous(Landmark),
    /// To the next event.
    Next(Landmark),
    /// The next slower speed.
    Slower,
    /// The next faster speed.
    Faster,
    /// Back to the newest instant.
    Live,
}

/// A speed: so many times as fast as it happened.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Speed {
    times: u64,
    per: u64,
    pub(crate) name: &'static str,
}

/// The speeds, the slowest first.
const SPEEDS: [Speed; 4] = [
    Speed { times: 1, per: 100, name: "1/100" },
    Speed { times: 1, per: 10, name: "1/10" },
    Speed { times: 1, per: 1, name: "1" },
    Speed { times: 10, per: 1, name: "10" },
];
/// The place of the speed at which it happened.
const OWN: usize = 2;
/// Steps of a key that make up a window, and small steps that make up a step.
const STEPS: u64 = 20;
const NUDGES: u64 = 50;
/// Steps by events that may wait for the one before.
const WAITING: usize = 64;

/// Which instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Instant {
    #[default]
    Newest,
    Still(Nanos),
    Moves(Nanos),
}

/// Which instant is looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Time {
    instant: Instant,
    speed: Option<usize>,
    /// What the last picture was of: its instant, the newest and the oldest then, and its window.
    shown: Nanos,
    newest: Nanos,
    oldest: Nanos,
    window: Nanos,
    /// The step by events that is under way, and those that wait for it.
    seek: Option<Seek>,
    waiting: VecDeque<(Landmark, bool, Of)>,
    seeks: u32,
    /// What is looked at is a recording, and one of which more is read.
    recorded: bool,
    is_read_on: bool,
    /// What was shown last was the present.
    showed_now: bool,
    /// The thread of the match that was found last, until it is taken.
    found: Option<ThreadId>,
}

impl Time {
    /// What is to be asked for: the instant, none for the newest, and the step by events.
    pub(crate) fn asks(&self) -> (Option<Nanos>, Option<Seek>) {
        (self.at(), self.seek)
    }

    fn at(&self) -> Option<Nanos> {
        match self.instant {
            Instant::Newest => None,
            Instant::Still(at) | Instant::Moves(at) => Some(at),
        }
    }

    /// From the beginning of a recording on, as fast as it was.
    pub(crate) fn replay(&mut self) {
        (self.instant, self.recorded, self.is_read_on) = (Instant::Moves(0), true, true);
    }

    /// The thread of a match that has just been found.
    pub(crate) fn take_found(&mut self) -> Option<ThreadId> {
        self.found.take()
    }

    /// What is looked at is a recording.
    pub(crate) fn is_recorded(&self) -> bool {
        self.recorded
    }

    /// More of the recording is read: where it ends is not known.
    pub(crate) fn is_read_on(&self) -> bool {
        self.is_read_on
    }

    /// The newest instant is looked at, whatever it is.
    pub(crate) fn is_live(&self) -> bool {
        self.instant == Instant::Newest
    }

    /// The instant moves by itself.
    pub(crate) fn is_moving(&self) -> bool {
        matches!(self.instant, Instant::Moves(_))
    }

    /// The speed's name, while the instant moves.
    pub(crate) fn speed(&self) -> Option<&'static str> {
        self.is_moving().then(|| SPEEDS[self.speed.unwrap_or(OWN)].name)
    }

    /// Nothing earlier can be looked at, since the log has forgotten it.
    pub(crate) fn is_at_the_beginning(&self) -> bool {
        self.oldest > 0 && !self.recorded && self.at() == Some(self.oldest)
    }

    /// How far behind the newest instant what is looked at is.
    pub(crate) fn behind(&self) -> Nanos {
        self.at().map_or(0, |at| self.newest.saturating_sub(at))
    }

    /// A picture of the present was on its way when another instant was asked for: what stands still would move by a frame,
    /// and go back. One of the oldest instant is an answer, where what was asked for is gone.
    pub(crate) fn comes_too_late(&self, picture: &Picture) -> bool {
        self.showed_now && self.at().is_some_and(|at| picture.at > at.max(picture.oldest))
    }

    /// A picture came. Says what is to be told, where a step by events led nowhere.
    pub(crate) fn see(&mut self, picture: &Picture) -> Option<String> {
        (self.shown, self.newest, self.oldest, self.window) =
            (picture.at, picture.newest, picture.oldest, picture.window);
        (self.is_read_on, self.showed_now) = (picture.is_read_on, self.is_live());
        if let Instant::Moves(at) = &mut self.instant {
            *at = (*at).max(self.oldest);
        }
        let sought = picture.sought.filter(|sought| self.seek.is_some_and(|seek| seek.number == sought.number))?;
        let seek = self.seek.take()?;
        if let Some(from) = sought.onward {
            self.look_for(Seek { from, ..seek });
            return None;
        }
        match sought.at {
            Some(at) => {
                self.instant = Instant::Still(at.max(self.oldest));
                self.found = sought.thread;
            }
            None => self.waiting.clear(),
        }
        if let Some((landmark, forward, of)) = self.waiting.pop_front() {
            self.begin(landmark, forward, of);
        }
        sought.at.is_none().then(|| nothing_there(seek))
    }

    /// So much time has gone by at the screen.
    pub(crate) fn advance(&mut self, by: Duration) {
        let Instant::Moves(at) = self.instant else { return };
        let speed = &SPEEDS[self.speed.unwrap_or(OWN)];
        let at = at + nanos(by).saturating_mul(speed.times) / speed.per;
        // Only what is faster than what happens can catch up with it. What is read more slowly than it is shown is waited for.
        let is_caught = at >= self.newest && (self.recorded || speed.times >= speed.per);
        self.instant = match is_caught {
            true if self.is_read_on => Instant::Moves(self.newest),
            true => Instant::Newest,
            false => Instant::Moves(at),
        };
    }

    /// Does what a key asks for; `of` says whose events count.
    pub(crate) fn key(&mut self, key: TimeKey, of: Of) {
        let step = (self.window / STEPS).max(1);
        if !matches!(key, TimeKey::Previous(_) | TimeKey::Next(_)) {
            self.stop_looking();
        }
        match key {
            TimeKey::Live => (self.instant, self.speed) = (Instant::Newest, None),
            TimeKey::Freeze => {
                self.instant = match self.instant {
                    Instant::Newest => Instant::Still(self.shown),
                    Instant::Moves(at) => Instant::Still(at),
                    Instant::Still(at) => Instant::Moves(at),
                }
            }
            TimeKey::Back => self.go(-i128::from(step)),
            TimeKey::Forward => self.go(step.into()),
            TimeKey::Nudge => self.go(-i128::from((step / NUDGES).max(1))),
            TimeKey::NudgeOn => self.go((step / NUDGES).max(1).into()),
            TimeKey::Slower => self.change_speed(|speed| speed.saturating_sub(1)),
            TimeKey::Faster => self.change_speed(|speed| (speed + 1).min(SPEEDS.len() - 1)),
            TimeKey::Previous(landmark) => self.step(landmark, false, of),
            TimeKey::Next(landmark) => self.step(landmark, true, of),
        }
    }

    /// Looks at that instant, which stands still.
    pub(crate) fn look_at(&mut self, at: Nanos) {
        self.instant = Instant::Still(at.clamp(self.oldest, self.newest.max(self.oldest)));
    }

    fn go(&mut self, by: i128) {
        let at = i128::from(self.at().unwrap_or(self.shown)) + by;
        if at >= i128::from(self.newest) {
            self.instant = Instant::Newest;
        } else {
            self.look_at(at.max(0) as Nanos);
        }
    }

    /// Whoever is at the newest instant already can only fall behind.
    fn change_speed(&mut self, change: impl Fn(usize) -> usize) {
        let speed = change(self.speed.unwrap_or(OWN));
        match self.instant {
            Instant::Newest if speed >= OWN => return,
            Instant::Newest => self.instant = Instant::Moves(self.shown),
            Instant::Still(at) | Instant::Moves(at) => self.instant = Instant::Moves(at),
        }
        self.speed = Some(speed);
    }

    fn step(&mut self, landmark: Landmark, forward: bool, of: Of) {
        if self.seek.is_some() {
            if self.waiting.len() < WAITING {
                self.waiting.push_back((landmark, forward, of));
            }
            return;
        }
        if self.is_live() {
            self.instant = Instant::Still(self.shown);
        }
        self.begin(landmark, forward, of);
    }

    fn begin(&mut self, landmark: Landmark, forward: bool, of: Of) {
        let from = self.at().unwrap_or(self.shown);
        self.look_for(Seek { number: 0, from, forward, landmark, of });
    }

    fn look_for(&mut self, seek: Seek) {
        self.seeks += 1;
        self.seek = Some(Seek { number: self.seeks, ..seek });
    }

    /// How much of the time a step by events has gone through in vain so far, where that takes more than one picture.
    pub(crate) fn has_looked(&self) -> Nanos {
        self.seek.zip(self.at()).map_or(0, |(seek, at)| seek.from.abs_diff(at))
    }

    /// Steps by events that are under way or wait end nowhere. Says whether there were any.
    pub(crate) fn stop_looking(&mut self) -> bool {
        self.waiting.clear();
        self.seek.take().is_some()
    }
}

fn nothing_there(seek: Seek) -> String {
    let what = match seek.landmark {
        Landmark::Poll => "poll",
        Landmark::Wake => "wake",
        Landmark::Finding => "finding",
        Landmark::Match => "match",
    };
    let whose = match seek.of {
        Of::Task(_) => " of this task",
        Of::Thread(_) => " on this thread",
        Of::All => "",
    };
    let side = if seek.forward { "later" } else { "earlier" };
    format!("no {side} {what}{whose} in the log")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use pollscope_core::{
        model::picture::Sought,
        trace::clock::{MILLI, SECOND},
    };

    fn time(at: Nanos) -> Time {
        let mut time = Time::default();
        see(&mut time, at, None);
        time
    }

    fn see(time: &mut Time, newest: Nanos, sought: Option<Sought>) -> Option<String> {
        let at = time.at().unwrap_or(newest);
        time.see(&Picture { at, newest, oldest: SECOND, sought, window: 10 * SECOND, ..sample::flowing() })
    }

    #[test]
    fn what_is_frozen_stands_still_while_the_program_goes_on() {
        let mut time = time(20 * SECOND);
        assert_eq!(time.asks(), (None, None));
        time.key(TimeKey::Freeze, Of::All);
        see(&mut time, 23 * SECOND, None);
        time.advance(Duration::from_secs(1));
        assert_eq!((time.asks().0, time.behind()), (Some(20 * SECOND), 3 * SECOND));
        time.key(TimeKey::Back, Of::All);
        assert_eq!(time.asks().0, Some(19_500 * MILLI));
        time.key(TimeKey::NudgeOn, Of::All);
        assert_eq!(time.asks().0, Some(19_510 * MILLI));
        time.key(TimeKey::Live, Of::All);
        assert!(time.is_live());
    }

    #[test]
    fn what_was_on_its_way_when_it_was_frozen_is_not_shown() {
        let of = |at, newest| Picture { at, newest, oldest: SECOND, ..sample::flowing() };
        let mut time = time(20 * SECOND);
        assert!(!time.comes_too_late(&of(21 * SECOND, 21 * SECOND)));
        time.key(TimeKey::Freeze, Of::All);
        assert!(time.comes_too_late(&of(22 * SECOND, 22 * SECOND)));
        assert!(!time.comes_too_late(&of(20 * SECOND, 23 * SECOND)));
        time.see(&of(20 * SECOND, 23 * SECOND));
        // From then on each is an answer to what was asked.
        assert!(!time.comes_too_late(&of(24 * SECOND, 24 * SECOND)));
        // It is the same with whatever leaves the present, and an instant that is gone is answered by the oldest.
        for key in [TimeKey::Back, TimeKey::Slower, TimeKey::Previous(Landmark::Poll)] {
            time.key(TimeKey::Live, Of::All);
            time.see(&of(30 * SECOND, 30 * SECOND));
            time.key(key, Of::All);
            assert!(time.comes_too_late(&of(31 * SECOND, 31 * SECOND)), "{key:?}");
            assert!(!time.comes_too_late(&Picture { oldest: 31 * SECOND, ..of(31 * SECOND, 31 * SECOND) }), "{key:?}");
        }
    }

    #[test]
    fn nobody_goes_beyond_either_end() {
        let mut time = time(2 * SECOND);
        for _ in 0..5 {
            time.key(TimeKey::Back, Of::All);
        }
        assert_eq!(time.asks().0, Some(SECOND));
        for _ in 0..5 {
            time.key(TimeKey::Forward, Of::All);
        }
        assert!(time.is_live());
        time.key(TimeKey::Faster, Of::All);
        assert!(time.is_live());
    }

    #[test]
    fn slow_motion_falls_behind_and_fast_catches_up() {
        let mut time = time(20 * SECOND);
        time.key(TimeKey::Slower, Of::All);
        time.key(TimeKey::Slower, Of::All);
        time.key(TimeKey::Slower, Of::All);
        assert_eq!(time.speed(), Some("1/100"));
        time.advance(Duration::from_secs(10));
        assert_eq!(time.asks().0, Some(20 * SECOND + 100 * MILLI));
        see(&mut time, 30 * SECOND, None);
        for _ in 0..3 {
            time.key(TimeKey::Faster, Of::All);
        }
        assert_eq!(time.speed(), Some("10"));
        time.advance(Duration::from_secs(1));
        assert!(time.is_live());
    }

    #[test]
    fn a_replay_waits_for_what_is_read() {
        let picture = |newest, is_read_on| Picture { at: newest, newest, is_read_on, oldest: 0, ..sample::flowing() };
        let mut time = Time::default();
        time.replay();
        time.advance(Duration::from_secs(30));
        assert_eq!((time.asks().0, time.is_moving()), (Some(0), true));
        for newest in [SECOND, 2 * SECOND] {
            time.see(&picture(newest, true));
            time.advance(Duration::from_secs(30));
            assert_eq!((time.asks().0, time.is_moving()), (Some(newest), true));
        }
        time.see(&picture(3 * SECOND, false));
        time.advance(Duration::from_millis(900));
        assert_eq!((time.asks().0, time.is_moving()), (Some(2_900 * MILLI), true));
        time.advance(Duration::from_millis(100));
        assert!(time.is_live());
        // Its end is an end in slow motion, too.
        time.key(TimeKey::Slower, Of::All);
        time.key(TimeKey::Back, Of::All);
        time.key(TimeKey::Slower, Of::All);
        time.advance(Duration::from_secs(600));
        assert!(time.is_live());
    }

    #[test]
    fn steps_by_events_wait_for_each_other() {
        let mut time = time(20 * SECOND);
        for _ in 0..3 {
            time.key(TimeKey::Previous(Landmark::Poll), Of::Task(3));
        }
        let (at, seek) = time.asks();
        let first = seek.unwrap();
        assert_eq!((at, first.from, first.of), (Some(20 * SECOND), 20 * SECOND, Of::Task(3)));
        let found = Sought { number: first.number, at: Some(19 * SECOND), onward: None, thread: None };
        assert_eq!(see(&mut time, 21 * SECOND, Some(found)), None);
        let (at, seek) = time.asks();
        let second = seek.unwrap();
        assert_eq!((at, second.from), (Some(19 * SECOND), 19 * SECOND));
        // An answer to an older question moves nothing.
        see(&mut time, 21 * SECOND, Some(found));
        assert_eq!(time.asks().1, Some(second));
        // So much was enough for one picture: it goes on from there, and what is looked at stays.
        let nothing = Sought { number: second.number, at: None, onward: Some(3 * SECOND), thread: None };
        assert_eq!(see(&mut time, 21 * SECOND, Some(nothing)), None);
        let (at, seek) = time.asks();
        let third = seek.unwrap();
        assert_eq!((at, third.from, time.has_looked()), (Some(19 * SECOND), 3 * SECOND, 16 * SECOND));
        assert!(third.number > second.number && !third.forward);
        let nothing = Sought { number: third.number, onward: None, ..nothing };
        let told = see(&mut time, 21 * SECOND, Some(nothing));
        assert_eq!(told.as_deref(), Some("no earlier poll of this task in the log"));
        assert_eq!(time.asks(), (Some(19 * SECOND), None));
        time.key(TimeKey::Next(Landmark::Wake), Of::All);
        assert!(time.stop_looking() && time.asks().1.is_none() && !time.stop_looking());
    }
}
