//! How much is kept of what has a name. All that is alive is, but a log from outside does not decide how much memory that
//! takes: what has no room is lost, and counted as that.

use super::State;
use crate::{
    model::{task::Task, thread::Thread},
    trace::{event::Event, record::ActivityId},
};

/// What is kept at most, in bytes: 200,000 tasks at once, with names of a usual length.
const MOST: usize = 64 << 20;
/// What scenarios keep, in bytes: each copy of what is true has one.
const SCENARIOS: usize = 4 << 20;
/// What is known of one thing, besides what it owns: a task or a thread is the largest.
const ENTRY: usize = if size_of::<Task>() > size_of::<Thread>() { size_of::<Task>() } else { size_of::<Thread>() };

/// What is kept, with what was there at the last count and is gone since.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kept {
    things: usize,
    /// What they own, in bytes.
    owned: usize,
    /// The tick before which they were counted: to count is to look at all.
    counted: u64,
}

impl Kept {
    fn is_too_much(self) -> bool {
        self.things * ENTRY + self.owned > MOST
    }
}

impl State {
    /// Whether there is room for what an event tells of.
    pub(super) fn has_room(&mut self, event: &Event) -> bool {
        let named = match event {
            Event::Scenario(_) if self.scenarios.bytes() + event.owned() > SCENARIOS => {
                self.totals.lost += 1;
                return false;
            }
            Event::Thread(_) | Event::Task(_) | Event::Job(_) | Event::Queue { .. } | Event::Scenario(_) => true,
            _ => false,
        };
        if !named {
            return true;
        }
        if self.kept.is_too_much() && self.kept.counted != self.next_tick {
            self.kept = self.count_kept();
        }
        if self.kept.is_too_much() {
            self.totals.lost += 1;
            return false;
        }
        self.kept.things += 1;
        self.kept.owned += event.owned();
        true
    }

    /// Counts what is kept, without what is gone.
    fn count_kept(&self) -> Kept {
        let threads = self.threads.iter().map(|(_, it)| &it.name);
        let tasks = self.tasks.iter().map(|(_, it)| &it.name);
        let jobs = self.jobs.values().map(|it| &it.name);
        let queues = self.queues.values().map(|it| &it.name);
        let letters = threads.chain(tasks).chain(jobs).chain(queues).map(|name| name.len()).sum::<usize>();
        let named = self.threads.len() + self.tasks.len() + self.jobs.len() + self.queues.len();
        let (theirs, of_theirs) = self.scenarios.shared();
        let things = named + self.ordinals.len() + of_theirs;
        let owned = letters + theirs;
        Kept { things, owned, counted: self.next_tick }
    }

    /// What it takes in memory for itself, to within small things: a copy shares the names.
    pub(in crate::model) fn bytes(&self) -> usize {
        let entries = self.jobs.len() + self.queues.len() + self.ordinals.len();
        let wakerless = self.wakerless.len() * size_of::<ActivityId>() * 2;
        let tables = self.threads.bytes() + self.tasks.bytes();
        size_of::<Self>() + tables + entries * ENTRY + wakerless + self.setup.json().len() + self.scenarios.bytes()
    }

    /// What names and results take, which all copies share. To count them is to look at all.
    pub(in crate::model) fn shared_bytes(&self) -> usize {
        self.count_kept().owned
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::index::Index,
        trace::{
            event::{Stamped, TaskBegan, TaskKind},
            log::Item,
            record::{Fact, Outcome, Record},
        },
    };

    fn begins(state: &mut State, index: &mut Index, at: u64, task: u32, name: &str) {
        let began = TaskBegan { task, name: name.into(), kind: TaskKind::Task, parent: None };
        state.apply(Item::Event(&Stamped { at, event: Event::Task(began) }), index);
    }

    #[test]
    fn names_without_end_are_lost_and_counted() {
        let (mut state, mut index) = (State::default(), Index::within(1 << 20));
        let name = "x".repeat(1 << 16);
        for task in 1..=2000 {
            begins(&mut state, &mut index, u64::from(task), task, &name);
        }
        let kept = state.tasks.len() as u64;
        assert!((1000..=1024).contains(&kept) && kept + state.totals.lost == 2000, "{kept}");
        // What ends and is not remembered any more makes room.
        for task in 1..=2000 {
            let ends = Fact::Poll { task, took: 0, outcome: Outcome::Ready, nested: false };
            state.apply(Item::Record(1, Record::new(1_000_000_000, ends)), &mut index);
        }
        for task in 3000..4000 {
            begins(&mut state, &mut index, 2_000_000_000, task, "short");
        }
        assert!(state.tasks.get(3999).is_some() && kept + state.totals.lost == 2000);
    }

    #[test]
    fn tasks_that_come_and_go_are_never_lost() {
        let (mut state, mut index) = (State::default(), Index::within(1 << 20));
        for task in 1..=1_000_000 {
            let at = u64::from(task) * 1000;
            begins(&mut state, &mut index, at, task, "a task of a usual name");
            let ends = Fact::Poll { task, took: 0, outcome: Outcome::Ready, nested: false };
            state.apply(Item::Record(1, Record::new(at, ends)), &mut index);
        }
        assert_eq!((state.totals.spawned, state.totals.completed, state.totals.lost), (1_000_000, 1_000_000, 0));
    }
}
