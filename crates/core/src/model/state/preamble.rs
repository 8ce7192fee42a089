//! A state as events: what a log that has forgotten its beginning must be told first, so that threads, tasks and
//! queues have their names.
//!
//! Counts begin anew with it: what was counted before is not in the log that follows.

use std::sync::Arc;

use super::State;
use crate::{
    model::{task::Task, thread::Thread},
    trace::{
        clock::Nanos,
        event::{Coverage, Event, JobQueued, Stamped, TaskBegan, TaskKind, ThreadBegan},
        log::Batch,
        record::{ActivityId, Fact, Outcome, Record, ThreadId},
    },
};

impl State {
    /// What is alive, as a batch that ends at this instant.
    pub(in crate::model) fn preamble(&self) -> Batch {
        let mut batch = Batch::default();
        let mut tell = |at: Nanos, event| batch.push(Stamped { at: at.min(self.now), event });
        if self.generation > 0 || !self.setup.is_null() {
            let setup = self.setup.clone();
            tell(self.lab_since, Event::LabBuilt { generation: self.generation, setup });
        }
        if let Some(nanos) = self.probe_nanos {
            tell(self.now, Event::ProbeCost { nanos });
        }
        if self.coverage != Coverage::default() {
            tell(self.now, Event::Coverage(self.coverage));
        }
        if let Some(sample) = &self.scheduler {
            tell(self.now, Event::Scheduler(sample.clone()));
        }
        for (id, queue) in &self.queues {
            let (name, capacity) = (Arc::clone(&queue.name), queue.capacity);
            tell(self.lab_since, Event::Queue { queue: *id, name, capacity });
        }
        self.threads.iter().for_each(|(id, it)| thread(id, it, &mut tell));
        self.tasks.iter().for_each(|(id, it)| task(id, it, self.now, &mut tell));
        for (job, it) in &self.jobs {
            let (name, kind, by) = (Arc::clone(&it.name), it.kind, it.by);
            tell(self.now, Event::Job(JobQueued { job: *job, name, kind, by }));
        }
        if let Some(first_due) = self.pulse.next_due {
            let (task, period) = (self.pulse.task, self.pulse.period);
            tell(self.now, Event::PulseStarted { task, first_due, period });
        }
        for event in self.scenarios.preamble() {
            tell(self.now, Event::Scenario(Box::new(event)));
        }
        self.records(&mut batch);
        batch.close(self.now);
        batch
    }

    /// What takes records: who is a worker, who sleeps, and how full the queues are.
    fn records(&self, batch: &mut Batch) {
        let first = self.threads.iter().next().map_or(0, |(id, _)| id);
        let depth = |(queue, it): (&u32, &super::QueueState)| Fact::Sent { queue: *queue, depth: it.depth };
        for fact in self.queues.iter().map(depth) {
            batch.extend(first, &[Record::new(self.now, fact)]);
        }
        for (id, it) in self.threads.iter().filter(|(_, it)| it.worker.is_some()) {
            let parks = (!it.awake).then_some(Fact::Park);
            let facts = [Some(Fact::Worker { index: it.worker }), parks].into_iter().flatten();
            facts.for_each(|fact| batch.extend(id, &[Record::new(self.now, fact)]));
        }
        for (id, it) in self.tasks.iter().filter(|(_, it)| it.is_alive() && it.asleep_since != 0 && !it.is_ready()) {
            let fact = Fact::Poll { task: id, took: 0, outcome: Outcome::Pending, nested: it.kind == TaskKind::Sub };
            batch.extend(it.thread.unwrap_or(first), &[Record::new(self.now, fact)]);
        }
    }
}

fn thread(id: ThreadId, it: &Thread, tell: &mut impl FnMut(Nanos, Event)) {
    let &Thread { kind, os_id, generation, parks, own, .. } = it;
    let name = Arc::clone(&it.name);
    tell(it.began, Event::Thread(ThreadBegan { thread: id, name, kind, os_id, generation, parks, own }));
    if let Some(ended) = it.ended {
        tell(ended, Event::ThreadEnded { thread: id, cpu: None, waited: None });
    }
}

/// Those that have ended are not told of: nothing more happens to them.
fn task(id: ActivityId, it: &Task, now: Nanos, tell: &mut impl FnMut(Nanos, Event)) {
    if it.is_alive() {
        let (name, kind, parent) = (Arc::clone(&it.name), it.kind, it.parent);
        let since = if it.is_ready() { it.ready_since } else { now };
        tell(since, Event::Task(TaskBegan { task: id, name, kind, parent }));
    }
}
