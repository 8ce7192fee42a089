//! A batch with other numbers: the ids and instants of one program, moved to where they are nobody else's.
//!
//! It does not know whose they are, nor why they are moved.

use super::{
    clock::Nanos,
    event::{Event, Stamped},
    log::Batch,
    record::{ActivityId, LAST_INSTANT, NOBODY, QueueId, Record, ThreadId},
};

/// Numbers of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ids {
    /// Of threads.
    pub threads: ThreadId,
    /// Of tasks, sub-futures and jobs.
    pub activities: ActivityId,
    /// Of queues.
    pub queues: QueueId,
    /// Of labs.
    pub generations: u32,
}

impl Ids {
    /// Takes the ids of what begins in a batch into account: these are the highest so far.
    pub fn see(&mut self, batch: &Batch) {
        for event in batch.events() {
            match &event.event {
                Event::Thread(it) => {
                    self.threads = self.threads.max(it.thread);
                    self.generations = self.generations.max(it.generation);
                }
                Event::Task(it) => self.activities = self.activities.max(it.task),
                Event::Job(it) => self.activities = self.activities.max(it.job),
                Event::Queue { queue, .. } => self.queues = self.queues.max(*queue),
                Event::LabBuilt { generation, .. } => self.generations = self.generations.max(*generation),
                _ => {}
            }
        }
    }

    /// Both, added; round after the highest number that there is.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            threads: self.threads.wrapping_add(other.threads),
            activities: self.activities.wrapping_add(other.activities),
            queues: self.queues.wrapping_add(other.queues),
            generations: self.generations.wrapping_add(other.generations),
        }
    }
}

/// How far ids and instants are moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shift {
    /// By how many nanoseconds.
    pub later: i64,
    /// By how much the numbers of each kind.
    pub ids: Ids,
}

impl Shift {
    /// An instant; none is before the clock's zero.
    pub fn instant(&self, at: Nanos) -> Nanos {
        at.saturating_add_signed(self.later).min(LAST_INSTANT)
    }

    fn activity(&self, id: ActivityId) -> ActivityId {
        if id == NOBODY { NOBODY } else { id.wrapping_add(self.ids.activities) }
    }

    /// No lab stays none.
    fn generation(&self, generation: u32) -> u32 {
        if generation == 0 { 0 } else { generation.wrapping_add(self.ids.generations) }
    }

    /// The same batch, moved; it ends at `upto`.
    pub fn batch(&self, batch: &Batch, upto: Nanos) -> Batch {
        let mut moved = Batch::default();
        for (thread, records) in batch.runs() {
            let records: Vec<_> = records.iter().map(|record| self.record(*record)).collect();
            moved.extend_apart(thread.wrapping_add(self.ids.threads), &records);
        }
        for event in batch.events() {
            moved.push(Stamped { at: self.instant(event.at), event: self.event(event.event.clone()) });
        }
        moved.close(upto);
        moved
    }

    fn record(&self, record: Record) -> Record {
        record.moved(
            |at| self.instant(at),
            |activity| self.activity(activity),
            |queue| queue.wrapping_add(self.ids.queues),
        )
    }

    fn event(&self, mut event: Event) -> Event {
        let Ids { threads, queues, .. } = self.ids;
        match &mut event {
            Event::LabBuilt { generation, .. } | Event::LabLeft { generation } => {
                *generation = self.generation(*generation);
            }
            Event::Thread(it) => {
                it.thread = it.thread.wrapping_add(threads);
                it.generation = self.generation(it.generation);
            }
            Event::ThreadEnded { thread, .. } => *thread = thread.wrapping_add(threads),
            Event::Os(it) => {
                it.thread = it.thread.wrapping_add(threads);
                it.base = it.base.map(|(at, cpu)| (self.instant(at), cpu));
            }
            Event::OsTotals(it) => it.thread = it.thread.wrapping_add(threads),
            Event::Task(it) => {
                it.task = self.activity(it.task);
                it.parent = it.parent.map(|parent| self.activity(parent));
            }
            Event::Nested { task, parent } => {
                *task = self.activity(*task);
                *parent = self.activity(*parent);
            }
            Event::Job(it) => {
                it.job = self.activity(it.job);
                it.by = it.by.map(|by| self.activity(by));
            }
            Event::Queue { queue, .. } | Event::QueueEnded { queue } => *queue = queue.wrapping_add(queues),
            Event::PulseStarted { task, first_due, .. } => {
                *task = self.activity(*task);
                *first_due = self.instant(*first_due);
            }
            Event::PulseStopped { task } | Event::Held { task } | Event::Released { task } => {
                *task = self.activity(*task);
            }
            Event::Scenario(it) => {
                it.tasks.iter_mut().for_each(|task| *task = self.activity(*task));
                it.threads.iter_mut().for_each(|thread| *thread = thread.wrapping_add(threads));
            }
            Event::SetupChanged(_)
            | Event::Process { .. }
            | Event::AliveTasks { .. }
            | Event::Coverage(_)
            | Event::Scheduler(_)
            | Event::ProbeCost { .. }
            | Event::EventsLost { .. }
            | Event::ToldAnew => {}
        }
        event
    }
}

/// A batch that says that what is alive is told anew.
pub fn told_anew(upto: Nanos) -> Batch {
    let mut batch = Batch::default();
    batch.push(Stamped { at: upto, event: Event::ToldAnew });
    batch.close(upto);
    batch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{
        event::samples,
        log::Item,
        record::{Doing, Fact},
    };

    #[test]
    fn whoever_moves_there_and_back_is_where_it_was() {
        let mut batch = Batch::default();
        for (at, event) in (1_000..).zip(samples::every()) {
            batch.push(Stamped { at, event });
        }
        let facts = [
            Fact::Poll { task: 7, took: 123, outcome: crate::trace::record::Outcome::Pending, nested: true },
            Fact::Wake { task: 1, by: NOBODY, by_ref: true },
            Fact::Wake { task: 1, by: 9, by_ref: false },
            Fact::Open { what: 9, age: 5, doing: Doing::Wait },
            Fact::Open { what: 9, age: 5, doing: Doing::Job },
            Fact::Part { what: 9, age: 5, doing: Doing::Job },
            Fact::Sent { queue: 3, depth: 8 },
            Fact::Pulse { count: 8, late: 400_000_000 },
        ];
        batch.extend(3, &facts.map(|fact| Record::new(2_000, fact)));
        batch.close(5_000);
        let ids = Ids { threads: 100, activities: 200, queues: 300, generations: 500 };
        let back = Ids {
            threads: ids.threads.wrapping_neg(),
            activities: ids.activities.wrapping_neg(),
            queues: ids.queues.wrapping_neg(),
            generations: ids.generations.wrapping_neg(),
        };
        let there = Shift { later: 900, ids }.batch(&batch, 5_900);
        let again = Shift { later: -900, ids: back }.batch(&there, 5_000);
        let words = |batch: &Batch| batch.replay().map(|item| format!("{item:?}")).collect::<Vec<_>>();
        assert_eq!(words(&again), words(&batch));
        let moved = |item: Item<'_>| match item {
            Item::Record(thread, record) => Some((thread, record.at(), record.fact()?)),
            Item::Event(_) => None,
        };
        let records: Vec<_> = there.replay().filter_map(moved).collect();
        assert_eq!(records[1], (103, 2_900, Fact::Wake { task: 201, by: NOBODY, by_ref: true }));
        assert_eq!(records[3], (103, 2_900, Fact::Open { what: 309, age: 5, doing: Doing::Wait }));
        assert_eq!(records[4], (103, 2_900, Fact::Open { what: 209, age: 5, doing: Doing::Job }));
        let mut highest = Ids::default();
        highest.see(&there);
        assert!(highest.threads == 101 && highest.activities == 206 && highest.queues == 301, "{highest:?}");
    }
}
