//! One address's way through time: the programs that were there, one after the other, as one run.
//!
//! Ids of a program that came later begin behind those of the one before, and all instants are on a common clock. It
//! knows no socket and reads no clock.

use pollscope_core::trace::{
    clock::Nanos,
    log::Batch,
    recording::Origin,
    shift::{Ids, Shift, told_anew},
};

/// Who is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Began {
    /// The first.
    First,
    /// The same as before: the connection was lost.
    Again,
    /// Another one, or the same program anew.
    Another,
}

/// What is known of an address.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// The process and its clock's zero; none of a program that does not say, which is never the same.
    who: Option<(u32, Nanos)>,
    begun: bool,
    shift: Shift,
    /// The highest ids of the present program, in its own numbers.
    highest: Ids,
    /// The last watermark of the present program, on its own clock.
    seen: Nanos,
    /// What comes up to there is known already.
    known: Option<Nanos>,
    /// The last watermark, on the common clock.
    upto: Nanos,
    /// All that is alive is told anew, and what was alive is over.
    anew: bool,
}

impl Course {
    /// A stream begins. The common clock's zero is `zero`, in nanoseconds since 1970.
    pub(super) fn begins(&mut self, origin: &Origin, zero: Nanos) -> Began {
        let who = origin.pid.zip(origin.unix_zero);
        if self.begun && who.is_some() && who == self.who {
            self.known = Some(self.seen);
            return Began::Again;
        }
        let is_first = !std::mem::replace(&mut self.begun, true);
        self.anew = !is_first;
        self.shift.ids = self.shift.ids.and(self.highest);
        // One that does not say begins where the other ended.
        self.shift.later =
            origin.unix_zero.map_or(self.upto.cast_signed(), |own| own.cast_signed() - zero.cast_signed());
        (self.who, self.highest, self.seen, self.known) = (who, Ids::default(), 0, None);
        if is_first { Began::First } else { Began::Another }
    }

    /// The next batch, as it is on the common clock; none where it is known already. Another may have to come first.
    pub(super) fn take(&mut self, batch: Batch) -> impl Iterator<Item = Batch> + use<> {
        let mut first = None;
        if let Some(known) = self.known {
            if batch.upto() <= known {
                self.seen = self.seen.max(known);
                return [None, None].into_iter().flatten();
            }
            self.known = None;
        }
        if std::mem::take(&mut self.anew) {
            first = Some(told_anew(self.upto));
        }
        self.highest.see(&batch);
        self.seen = self.seen.max(batch.upto());
        // A clock that was set back does not take the others with it.
        self.upto = self.shift.instant(batch.upto()).max(self.upto);
        let is_there = self.shift == Shift::default() && self.upto == batch.upto();
        let moved = if is_there { batch } else { self.shift.batch(&batch, self.upto) };
        [first, Some(moved)].into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pollscope_core::trace::{
        event::{Event, Stamped, TaskBegan, TaskKind},
        log::Item,
    };

    fn origin(pid: u32, zero: Nanos) -> Origin {
        Origin { program: "api".into(), pid: Some(pid), unix_zero: Some(zero), now: None }
    }

    fn task(task: u32, at: Nanos) -> Batch {
        let mut batch = Batch::default();
        let event = Event::Task(TaskBegan { task, name: "t".into(), kind: TaskKind::Task, parent: None });
        batch.push(Stamped { at, event });
        batch.close(at);
        batch
    }

    /// What comes out: a task's id, or that all is told anew, and when.
    fn out(course: &mut Course, batch: Batch) -> Vec<(Option<u32>, Nanos)> {
        let of = |item: Item<'_>| match item {
            Item::Event(Stamped { at, event: Event::Task(began) }) => (Some(began.task), *at),
            other => (None, other.at()),
        };
        course.take(batch).flat_map(|batch| batch.replay().map(of).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn a_program_that_starts_anew_goes_on_behind_the_one_before() {
        let mut course = Course::default();
        assert_eq!(course.begins(&origin(1, 1_000), 400), Began::First);
        assert_eq!(out(&mut course, task(5, 10)), [(Some(5), 610)]);
        assert_eq!(course.begins(&origin(2, 2_000), 400), Began::Another);
        assert_eq!(out(&mut course, task(1, 10)), [(None, 610), (Some(6), 1_610)]);
        assert_eq!(out(&mut course, task(2, 20)), [(Some(7), 1_620)]);
        // Its clock was set back: its time goes on all the same.
        assert_eq!(course.begins(&origin(3, 500), 400), Began::Another);
        let batches: Vec<_> = course.take(task(1, 30)).collect();
        assert!(batches.iter().all(|batch| batch.upto() == 1_620));
    }

    #[test]
    fn what_is_known_is_not_taken_twice() {
        let mut course = Course::default();
        course.begins(&origin(1, 1_000), 1_000);
        assert_eq!(out(&mut course, task(1, 10)), [(Some(1), 10)]);
        assert_eq!(course.begins(&origin(1, 1_000), 1_000), Began::Again);
        assert_eq!(out(&mut course, task(1, 10)), []);
        assert_eq!(out(&mut course, task(2, 20)), [(Some(2), 20)]);
    }
}
