//! The rules: what is wrong, since when, whose fault, who suffers, what to do.
//!
//! A rule is one row of [`RULES`]: its condition, looked at every 10 ms of the trace's own time, and its
//! text. Blocked and hogged workers are also found when a long poll has ended between two looks.

use std::sync::Arc;

use std::collections::HashSet;

use super::{
    picture::Rule,
    poll_class::{EndedPoll, PollClass, SLOW_POLL},
    sink::{Firing, Sink},
    state::{State, TICK},
    task::Task,
    thread::Open,
};
use crate::trace::{
    clock::{MILLI, Nanos, SECOND},
    event::{JobKind, TaskKind, ThreadKind},
    record::{ActivityId, Doing, ThreadId},
};

/// A finding holds for this long after its last evidence, so that a sentence does not flicker between
/// one blocked poll and the next.
const LINGER: Nanos = 500 * MILLI;
/// Findings that are kept.
const KEPT: usize = 256;
/// How long a task counts as spinning since it was last found to.
const SPINS_FOR: Nanos = 100 * MILLI;
/// A task that nobody can wake is one only after the wakers were counted again.
const UNWAKEABLE_AFTER: Nanos = 200 * MILLI;
/// A queue may be full for this long before it is worth a word.
const FULL_AFTER: Nanos = SECOND;
/// Threads that wait for a core, on average over the last second or so, from which it is worth a look.
const WAITED_CORES: f32 = 0.5;
/// Time without a core from which a span in flight is worth one: less is the scheduler's turns.
const LONG_WITHOUT_CORE: Nanos = 100 * MILLI;
/// Jobs of the blocking pool, from which it is worth a word that they become more.
const MANY_BLOCKING: usize = 8;

/// One condition that holds: whose fault and where, since when, and how bad.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    pub(super) task: Option<Arc<str>>,
    /// What inside the task.
    pub(super) part: Option<Arc<str>>,
    pub(super) thread: Option<ThreadId>,
    pub(super) since: Nanos,
    /// In the rule's own measure: nanoseconds or a count.
    pub(super) amount: u64,
}

/// A rule that fired.
#[derive(Clone, Debug)]
pub(super) struct Fired {
    pub(super) rule: Rule,
    pub(super) task: Option<Arc<str>>,
    pub(super) part: Option<Arc<str>>,
    pub(super) thread: Option<ThreadId>,
    pub(super) since: Nanos,
    /// The present stretch: when it began and when it was seen last.
    stretch: (Nanos, Nanos),
    /// Stretches that are over.
    lasted: Nanos,
    /// What was known before the present stretch; none where it is the first.
    before: Option<Before>,
    /// The worst amount.
    pub(super) worst: u64,
    /// Of the present stretch, in the order in which they were found.
    pub(super) number: u64,
}

/// What a rule that fired was known for, when it did so again.
#[derive(Clone, Copy, Debug)]
struct Before {
    stretch: (Nanos, Nanos),
    lasted: Nanos,
    worst: u64,
}

impl Fired {
    pub(super) fn is_active(&self, at: Nanos) -> bool {
        at.saturating_sub(self.stretch.1) <= LINGER
    }

    /// Since when it holds, this time.
    pub(super) fn began(&self) -> Nanos {
        self.stretch.0
    }

    /// When it was seen last.
    pub(super) fn seen(&self) -> Nanos {
        self.stretch.1
    }

    pub(super) fn lasted(&self) -> Nanos {
        self.lasted + (self.stretch.1 - self.stretch.0)
    }
}

/// The most jobs of the blocking pool, at work or in line, that were seen at once.
#[derive(Clone, Copy, Debug, Default)]
struct Peaks {
    /// In this second, and in the one before it.
    latest: usize,
    recent: usize,
    /// In all the time before those.
    before: usize,
    /// When this second began.
    turned: Nanos,
}

impl Peaks {
    fn count(&mut self, jobs: usize, at: Nanos) {
        if at >= self.turned + SECOND {
            self.before = self.before.max(self.recent);
            (self.recent, self.latest, self.turned) = (self.latest, 0, at);
        }
        self.latest = self.latest.max(jobs);
    }
}

/// All that fired.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    fired: Vec<Fired>,
    /// Stretches so far, in all labs.
    stretches: u64,
    blocking: Peaks,
}

impl Findings {
    pub(super) fn clear(&mut self) {
        *self = Self { stretches: self.stretches, ..Self::default() };
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Fired> {
        self.fired.iter()
    }

    /// The rule holds for what the evidence names, up to `at`. Says whether it did not before.
    fn touch(&mut self, rule: Rule, evidence: &Evidence, at: Nanos) -> bool {
        let since = evidence.since.min(at);
        let same = |it: &Fired| {
            it.rule == rule && it.task == evidence.task && (it.task.is_some() || it.thread == evidence.thread)
        };
        // Which part of it is most of a poll may change while that goes on.
        let was_of_another = |it: &Fired| {
            let is_that_poll = it.thread == evidence.thread && it.began().abs_diff(since) < MILLI;
            same(it) && is_that_poll && it.part != evidence.part
        };
        let was_told = self.fired.iter().position(was_of_another).map(|wrong| self.take_back(wrong)).is_some();
        let known = self.fired.iter_mut().find(|it| same(it) && it.part == evidence.part);
        let Some(known) = known else {
            self.add(rule, evidence, at);
            return !was_told;
        };
        let is_new = since > known.stretch.1;
        if is_new {
            known.before = Some(Before { stretch: known.stretch, lasted: known.lasted, worst: known.worst });
            self.stretches += 1;
            known.number = self.stretches;
            known.lasted += known.stretch.1 - known.stretch.0;
            known.stretch = (since, at);
        }
        known.stretch.1 = known.stretch.1.max(at);
        known.thread = evidence.thread.or(known.thread);
        known.worst = known.worst.max(evidence.amount);
        is_new && !was_told
    }

    /// The present stretch of that one was not its own.
    fn take_back(&mut self, wrong: usize) {
        match self.fired[wrong].before.take() {
            Some(Before { stretch, lasted, worst }) => {
                let fired = &mut self.fired[wrong];
                (fired.stretch, fired.lasted, fired.worst) = (stretch, lasted, worst);
            }
            None => drop(self.fired.swap_remove(wrong)),
        }
    }

    fn add(&mut self, rule: Rule, evidence: &Evidence, at: Nanos) {
        if self.fired.len() == KEPT {
            let oldest = self.fired.iter().enumerate().min_by_key(|(_, it)| it.stretch.1).map(|(index, _)| index);
            oldest.map(|index| self.fired.swap_remove(index));
        }
        let Evidence { task, part, thread, since, amount } = evidence.clone();
        let since = since.min(at);
        self.stretches += 1;
        let number = self.stretches;
        let (stretch, worst) = ((since, at), amount);
        self.fired.push(Fired { rule, task, part, thread, since, stretch, lasted: 0, before: None, worst, number });
    }
}

/// A row of the table of rules.
struct Row {
    rule: Rule,
    holds: fn(&State, &mut Vec<Evidence>),
}

const RULES: &[Row] = &[
    Row { rule: Rule::BlockedWorker, holds: |state, found| long_polls(state, PollClass::Blocked, found) },
    Row { rule: Rule::HoggedWorker, holds: |state, found| long_polls(state, PollClass::CpuBound, found) },
    Row { rule: Rule::StarvedTasks, holds: starved },
    Row { rule: Rule::LatePulse, holds: late_pulse },
    Row { rule: Rule::Oversubscribed, holds: oversubscribed },
    Row { rule: Rule::UnwakeableTask, holds: unwakeable },
    Row { rule: Rule::SpinningTask, holds: spinning },
    Row { rule: Rule::GrowingBlockingPool, holds: blocking_pool },
    Row { rule: Rule::FullQueue, holds: full_queue },
];

impl State {
    /// Looks at every rule, at the present instant.
    pub(super) fn look_for_findings(&mut self, sink: &mut impl Sink) {
        let mut found = Vec::new();
        sink.tick(self.now, self.ready_tasks, self.queues.values().map(|queue| queue.depth));
        self.findings.blocking.count(blocking_jobs(self), self.now);
        for row in RULES {
            (row.holds)(self, &mut found);
            for evidence in found.drain(..) {
                if self.findings.touch(row.rule, &evidence, self.now) {
                    sink.fired(row.rule, Firing { at: self.now, thread: evidence.thread, task: evidence.task });
                }
            }
        }
    }

    /// A worker's slow poll has ended: its shares may be findings, also where no look fell into it.
    pub(super) fn slow_poll_found(&mut self, poll: &EndedPoll, sink: &mut impl Sink) {
        let &EndedPoll { thread, task, part, end: at, took, split, .. } = poll;
        let name = self.tasks.get(task).map(|task| Arc::clone(&task.name));
        let part = part.and_then(|part| self.known_name(part));
        // What it computed is compared with the time in which it could have: on a busy machine that is less.
        let parts = [
            (Rule::BlockedWorker, split.time(PollClass::Blocked), took),
            (Rule::HoggedWorker, split.time(PollClass::CpuBound), took - split.time(PollClass::Runnable).min(took)),
        ];
        for (rule, amount, of) in parts {
            if amount >= SLOW_POLL && amount * 2 >= of {
                let (task, part) = (name.clone(), part.clone());
                let evidence = Evidence { task, part, thread: Some(thread), since: at.saturating_sub(took), amount };
                if self.findings.touch(rule, &evidence, at) {
                    sink.fired(rule, Firing { at: self.now, thread: evidence.thread, task: evidence.task });
                }
            }
        }
    }

    /// The name of a task, or of a job that has not ended or was a part of a poll lately. Of the state alone: what an index
    /// knows depends on where it began.
    fn known_name(&self, what: ActivityId) -> Option<Arc<str>> {
        let task = self.tasks.get(what).map(|task| &task.name);
        let job = || self.jobs.get(&what).map(|job| &job.name);
        task.or_else(job)
            .or_else(|| self.ended_parts.iter().find(|(part, _)| *part == what).map(|(_, name)| name))
            .cloned()
    }

    /// Workers of the present lab.
    pub(super) fn workers(&self) -> impl Iterator<Item = (ThreadId, &super::thread::Thread)> {
        let generation = self.generation;
        self.threads
            .iter()
            .filter(move |(_, it)| it.worker.is_some() && it.ended.is_none() && it.generation == generation)
    }

    /// Workers that are in a long poll, or asleep in code that is not ours.
    pub(super) fn stuck_workers(&self) -> usize {
        let stuck = |it: &super::thread::Thread| {
            it.poll().is_some_and(|open| open.class(self.now) != PollClass::Short)
                || it.unseen_since(self.now).is_some()
        };
        self.workers().filter(|(_, it)| stuck(it)).count()
    }

    /// The tasks that are ready, and since when the oldest is.
    pub(super) fn ready(&self) -> (u32, Option<Nanos>) {
        if self.ready_tasks == 0 {
            return (0, None);
        }
        let ready = self.tasks.iter().filter(|(_, it)| it.kind == TaskKind::Task && it.is_ready());
        ready.fold((0, None), |(count, oldest): (u32, Option<Nanos>), (_, it)| {
            (count + 1, Some(oldest.map_or(it.ready_since, |oldest| oldest.min(it.ready_since))))
        })
    }
}

/// Since when what no span dates is known to hold: looks that follow each other are one stretch.
fn last_look(state: &State) -> Nanos {
    state.now.saturating_sub(TICK)
}

fn long_polls(state: &State, class: PollClass, found: &mut Vec<Evidence>) {
    for (thread, it) in state.workers() {
        if let Some(open) = it.poll().filter(|open| open.class(state.now) == class) {
            let task = state.tasks.get(open.what).map(|task| Arc::clone(&task.name));
            let part = it.parts.most_of(open.start, state.now).and_then(|part| state.known_name(part));
            found.push(Evidence {
                task,
                part,
                thread: Some(thread),
                since: open.start,
                amount: state.now - open.start,
            });
        }
        if class == PollClass::Blocked
            && let Some(since) = it.unseen_since(state.now)
        {
            let (thread, amount) = (Some(thread), state.now - since);
            found.push(Evidence { thread, since, amount, ..Evidence::default() });
        }
    }
}

fn starved(state: &State, found: &mut Vec<Evidence>) {
    // Whether a host that is in no poll has time nobody knows.
    let workers = state.workers().filter(|(_, it)| !it.is_host() || it.poll().is_some()).count();
    if workers == 0 || state.stuck_workers() < workers {
        return;
    }
    if let (count, Some(oldest)) = state.ready()
        && state.now - oldest >= SLOW_POLL
    {
        found.push(Evidence { since: oldest, amount: u64::from(count), ..Evidence::default() });
    }
}

fn late_pulse(state: &State, found: &mut Vec<Evidence>) {
    let mut late = state.pulse.late(state.now);
    // Where the program may not let its runtime run, it is late since the poll that holds it up.
    let thread = state.tasks.get(state.pulse.task).and_then(|task| task.thread);
    if let Some(host) = thread.and_then(|thread| state.threads.get(thread)).filter(|it| it.is_host()) {
        late = late.min(host.poll().map_or(0, |open| state.now.saturating_sub(open.start)));
    }
    if late >= state.pulse.period && late > 0 {
        found.push(Evidence { since: state.now - late, amount: late, ..Evidence::default() });
    }
}

/// Threads wait for a core for longer than they have one: all of them together in the last second or so, or
/// one in its poll or job in flight. Cores that are merely busy, with some taking of turns, stay below that.
fn oversubscribed(state: &State, found: &mut Vec<Evidence>) {
    let alive = || state.threads.iter().map(|(_, it)| it).filter(|it| it.ended.is_none());
    let waits = |open: &&Open| open.seen.runnable >= LONG_WITHOUT_CORE && open.seen.runnable >= open.seen.cpu;
    let since = alive().filter_map(|it| it.open.as_ref()).filter(waits).map(|open| open.start).min();
    let sum = |(used, waited): (f32, f32), (more, longer): (f32, f32)| (used + more, waited + longer);
    let (used, waited) = alive().filter_map(|it| it.os.lately).fold((0.0, 0.0), sum);
    let lately = waited >= WAITED_CORES && waited >= used;
    if let Some(since) = since.or(lately.then(|| last_look(state))) {
        found.push(Evidence { since, amount: (waited * 100.0) as u64, ..Evidence::default() });
    }
}

/// Whoever used most of the CPU lately, where it is one of Pollscope's own threads.
pub(super) fn observer_at_fault(state: &State) -> Option<String> {
    let used = |it: &super::thread::Thread| it.os.lately.map_or(0.0, |(used, _)| used);
    let top = state.threads.iter().map(|(_, it)| it).max_by(|a, b| used(a).total_cmp(&used(b)))?;
    (top.kind == ThreadKind::Observer && used(top) > 0.25).then(|| top.label())
}

fn unwakeable(state: &State, found: &mut Vec<Evidence>) {
    let is_hopeless = |it: &Task| it.kind == TaskKind::Task && it.is_unwakeable() && it.jobs == 0;
    let asleep = |it: &Task| state.now.saturating_sub(it.asleep_since);
    let long = |it: &Task| is_hopeless(it) && asleep(it) >= UNWAKEABLE_AFTER;
    let known = state.wakerless.iter().filter_map(|id| Some((*id, state.tasks.get(*id)?)));
    let mut asleep_for_long = known.filter(|(_, it)| long(it)).peekable();
    if asleep_for_long.peek().is_none() {
        return;
    }
    // Once for all of them: a thousand tasks may have some thousand sub-futures.
    let can_be_woken = |sub: &Task| sub.kind == TaskKind::Sub && sub.is_alive() && sub.wakers != Some(0);
    let subs = state.tasks.iter().filter(|(_, it)| can_be_woken(it));
    let hopeful: HashSet<ActivityId> = subs.filter_map(|(sub, _)| state.task_of(sub)).collect();
    for (_, it) in asleep_for_long.filter(|(id, _)| !hopeful.contains(id)) {
        found.push(Evidence {
            task: Some(Arc::clone(&it.name)),
            thread: it.thread,
            since: it.asleep_since,
            amount: asleep(it),
            ..Evidence::default()
        });
    }
}

fn spinning(state: &State, found: &mut Vec<Evidence>) {
    let spins = |at: Nanos| at != 0 && state.now.saturating_sub(at) < SPINS_FOR;
    // Nearly always none does: the tasks need not be gone through.
    if !spins(state.last_spun) {
        return;
    }
    for (_, it) in state.tasks.iter() {
        if spins(it.spun) && it.is_alive() {
            found.push(Evidence {
                task: Some(Arc::clone(&it.name)),
                thread: it.thread,
                since: it.spun,
                amount: it.self_wakes,
                ..Evidence::default()
            });
        }
    }
}

/// Jobs of the blocking pool, at work or in line for a thread.
pub(super) fn blocking_jobs(state: &State) -> usize {
    state.jobs.values().filter(|job| job.kind == JobKind::Blocking).count()
}

/// Many jobs, and more than there ever were until a second ago (two, at most): a pool that is as busy as it
/// was before does not grow.
fn blocking_pool(state: &State, found: &mut Vec<Evidence>) {
    let jobs = blocking_jobs(state);
    if jobs >= MANY_BLOCKING && jobs > state.findings.blocking.before {
        found.push(Evidence { since: last_look(state), amount: jobs as u64, ..Evidence::default() });
    }
}

fn full_queue(state: &State, found: &mut Vec<Evidence>) {
    for (thread, it) in state.threads.iter().filter(|(_, it)| it.ended.is_none()) {
        let Some(open) = it.open.as_ref().filter(|open| open.doing == Doing::Wait) else { continue };
        let queue = state.queues.get(&open.what);
        if let Some(queue) = queue.filter(|queue| queue.depth >= queue.capacity)
            && state.now - open.start >= FULL_AFTER
        {
            found.push(Evidence {
                task: Some(Arc::clone(&queue.name)),
                thread: Some(thread),
                since: open.start,
                amount: state.now - open.start,
                ..Evidence::default()
            });
        }
    }
}
