//! Polls that kept their worker for long, as the log has them: for whoever wants none.

use std::{collections::BTreeMap, fmt, ops::ControlFlow};

use super::{
    history::History,
    part::Parts,
    poll_class::{SPLIT_FROM, Split, reading},
    thread::Thread,
    words::spoken,
};
use crate::trace::{
    clock::{MICRO, Nanos},
    event::{Event, Stamped, ThreadKind},
    log::{Item, Store},
    record::{ActivityId, Fact, ThreadId},
};

/// Polls that are shorter are not split: nobody knows how they were spent.
pub const SHORTEST: Nanos = SPLIT_FROM;

/// A poll that kept its worker for long. Durations are nanoseconds.
///
/// ```
/// use std::{thread::sleep, time::Duration};
///
/// # let scope = pollscope::Scope::new()?;
/// # let runtime = scope.runtime(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all())?;
/// let watch = scope.watch();
/// runtime.block_on(runtime.spawn(pollscope::task("report", async { sleep(Duration::from_millis(5)) })))?;
/// let long = watch.long_polls(Duration::from_millis(5)).unwrap().polls.remove(0);
/// assert_eq!((long.task.as_str(), long.thread.as_str(), long.in_flight), ("report", "worker 0", false));
/// assert_eq!(long.took, long.asleep + long.on_cpu + long.no_core + long.unknown);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LongPoll {
    /// The task's name, untrusted.
    pub task: String,
    /// The part of it that was most of the poll, where one was: its name, untrusted.
    pub part: Option<String>,
    /// The thread's label.
    pub thread: String,
    /// When it began, since the scope did.
    pub since: Nanos,
    /// How long it took, or has taken so far.
    pub took: Nanos,
    /// Of that, asleep: the worker was *blocked*.
    pub asleep: Nanos,
    /// On the CPU: the worker was *hogged*.
    pub on_cpu: Nanos,
    /// Without a core.
    pub no_core: Nanos,
    /// Nothing tells: the system does not say what a thread does.
    pub unknown: Nanos,
    /// It has not ended.
    pub in_flight: bool,
}

impl fmt::Display for LongPoll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { task, thread, took, .. } = self;
        let kept = if self.in_flight { "has kept" } else { "kept" };
        write!(f, "task '{task}' {kept} {thread} for {} in one poll:", spoken(*took))?;
        let parts = [
            (self.asleep, "asleep"),
            (self.on_cpu, "on the CPU"),
            (self.no_core, "without a core"),
            (self.unknown, "unknown"),
        ];
        if let Some(part) = &self.part {
            write!(f, " most of it in '{part}',")?;
        }
        let mut comma = "";
        for (time, what) in parts.into_iter().filter(|(time, _)| *time >= 100 * MICRO) {
            write!(f, "{comma} {} {what}", spoken(time))?;
            comma = ",";
        }
        write!(f, " (it began {} after the scope)", spoken(self.since))
    }
}

/// Polls of a stretch of time.
///
/// ```
/// # let scope = pollscope::Scope::new()?;
/// let long = scope.watch().long_polls(std::time::Duration::from_millis(5)).unwrap();
/// assert!(long.polls.is_empty() && long.forgotten.is_none() && long.lost == 0, "nothing ran, and all of it is known");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LongPolls {
    /// By their ends; those in flight last.
    pub polls: Vec<LongPoll>,
    /// Up to there the log has forgotten what was asked for; none where it has all.
    pub forgotten: Option<Nanos>,
    /// Records and events of that time that found no room: a long poll may be among them.
    pub lost: u64,
}

/// A poll as the log has it.
struct Found {
    thread: ThreadId,
    /// Whether that was a worker then; none where it is what it was.
    on_worker: Option<bool>,
    task: ActivityId,
    part: Option<ActivityId>,
    since: Nanos,
    took: Nanos,
    spent: Split,
    in_flight: bool,
}

impl<S: Store> History<S> {
    /// The polls on workers that ended after an instant, or have not, and took at least so long; of none that is shorter
    /// than [`SHORTEST`] it is known how.
    pub fn long_polls(&self, after: Nanos, at_least: Nanos) -> LongPolls {
        let mut read: BTreeMap<ThreadId, (Nanos, Option<Nanos>)> = BTreeMap::new();
        // And when the outermost span before ended.
        let mut parts: BTreeMap<ThreadId, (Parts, Nanos)> = BTreeMap::new();
        let (mut found, mut lost): (Vec<Found>, u64) = (Vec::new(), 0);
        // Whether a thread is a worker, where that has changed.
        let mut workers: BTreeMap<ThreadId, bool> = BTreeMap::new();
        self.store().after(after, &mut |batch| {
            for item in batch.replay() {
                let (thread, record) = match item {
                    Item::Record(thread, record) => (thread, record),
                    Item::Event(Stamped { at, event: Event::EventsLost { count } }) => {
                        // Told of after it happened, by the next batch at the latest.
                        lost = lost.saturating_add(if *at > after { *count } else { 0 });
                        continue;
                    }
                    Item::Event(_) => continue,
                };
                match record.fact() {
                    Some(Fact::Spent { cpu_us, waited_us }) => {
                        read.insert(thread, reading(cpu_us, waited_us));
                    }
                    Some(Fact::Poll { task, took, nested: false, .. }) => {
                        let read = read.remove(&thread);
                        let (parts, _) = parts.insert(thread, (Parts::default(), record.at())).unwrap_or_default();
                        if took >= at_least && record.at() > after {
                            let on_worker = workers.get(&thread).copied();
                            let spent = Split::of_poll(took, read, None);
                            let since = record.at().saturating_sub(took);
                            let part = parts.most_of(since, record.at());
                            found.push(Found { thread, on_worker, task, part, since, took, spent, in_flight: false });
                        }
                    }
                    Some(
                        Fact::Poll { task: what, took, nested: true, .. }
                        | Fact::Job { job: what, took, nested: true, .. },
                    ) if took >= SHORTEST => {
                        let (parts, since) = parts.entry(thread).or_default();
                        parts.end(what, record.at(), took, *since);
                    }
                    Some(Fact::Part { what, age, doing: _ }) => {
                        parts.entry(thread).or_default().0.seen(what, record.at().saturating_sub(age));
                    }
                    // What it read of itself was about a job.
                    Some(Fact::Job { nested: false, .. } | Fact::Waited { nested: false, .. }) => {
                        read.remove(&thread);
                        parts.insert(thread, (Parts::default(), record.at()));
                    }
                    Some(Fact::Worker { index }) => {
                        // Before the first change it was the other.
                        let is_first = workers.insert(thread, index.is_some()).is_none();
                        let before = found.iter_mut().filter(|it| is_first && it.thread == thread);
                        before.for_each(|it| it.on_worker = Some(index.is_none()));
                    }
                    Some(Fact::Lost { count }) if record.at() > after => lost = lost.saturating_add(count.into()),
                    _ => {}
                }
            }
            ControlFlow::Continue(())
        });
        found.retain(|it| self.is_worker(it.thread, it.on_worker));
        found.extend(self.in_flight().filter(|poll| poll.took >= at_least));
        let forgotten = self.store().forgotten().filter(|forgotten| *forgotten > after);
        LongPolls { polls: found.into_iter().map(|found| self.named(found)).collect(), forgotten, lost }
    }

    fn in_flight(&self) -> impl Iterator<Item = Found> {
        let now = self.now();
        self.model().state.threads.iter().filter(|(id, _)| self.is_worker(*id, None)).filter_map(move |(thread, it)| {
            let open = it.poll()?;
            let took = now.saturating_sub(open.start);
            let spent = open.seen.up_to(took);
            let part = it.parts.most_of(open.start, now);
            Some(Found {
                thread,
                on_worker: None,
                task: open.what,
                part,
                since: open.start,
                took,
                spent,
                in_flight: true,
            })
        })
    }

    /// It was one, or is, where nothing says that this changed; or was started as one.
    fn is_worker(&self, thread: ThreadId, was: Option<bool>) -> bool {
        let is_started_so = |it: &Thread| it.kind == ThreadKind::Worker && !it.own;
        let thread = self.model().state.threads.get(thread);
        thread.is_some_and(|it| was.unwrap_or(it.worker.is_some()) || is_started_so(it))
    }

    fn named(&self, Found { thread, task, part, since, took, spent, in_flight, .. }: Found) -> LongPoll {
        let model = self.model();
        LongPoll {
            task: model.index.names.of(task).map_or_else(|| "unnamed".to_owned(), ToString::to_string),
            part: part.and_then(|part| model.index.names.of(part)).map(ToString::to_string),
            thread: model.state.threads.get(thread).map_or_else(|| "a worker".to_owned(), Thread::label),
            since,
            took,
            asleep: spent.blocked,
            on_cpu: spent.cpu,
            no_core: spent.runnable,
            unknown: spent.unknown,
            in_flight,
        }
    }
}
