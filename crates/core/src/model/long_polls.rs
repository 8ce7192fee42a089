//! Polls that kept their worker for long: the fold goes through the log once more, and this takes them from it.

use std::fmt;

use super::{
    history::History,
    poll_class::{EndedPoll, SPLIT_FROM, Split},
    sink::Sink,
    thread::Thread,
    words::spoken,
};
use crate::trace::{
    clock::{MICRO, Nanos},
    log::Store,
    record::{ActivityId, ThreadId},
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

/// Takes the slow polls of workers from a fold.
struct SlowPolls {
    after: Nanos,
    at_least: Nanos,
    polls: Vec<EndedPoll>,
}

impl Sink for SlowPolls {
    fn poll_ended(&mut self, poll: &EndedPoll) {
        if poll.on_worker && poll.took >= self.at_least && poll.end > self.after {
            self.polls.push(*poll);
        }
    }
}

impl<S: Store> History<S> {
    /// The polls on workers that ended after an instant, or have not, and took at least so long; of none that is shorter
    /// than [`SHORTEST`] it is known how.
    pub fn long_polls(&self, after: Nanos, at_least: Nanos) -> LongPolls {
        let mut slow = SlowPolls { after, at_least, polls: Vec::new() };
        let lost = self.fold_since(after, &mut slow);
        let ended = slow.polls.iter().map(|poll| self.ended(poll));
        let polls = ended.chain(self.in_flight(at_least)).collect();
        let forgotten = self.store().forgotten().filter(|forgotten| *forgotten > after);
        LongPolls { polls, forgotten, lost }
    }

    fn ended(&self, poll: &EndedPoll) -> LongPoll {
        self.long_poll((poll.thread, poll.task, poll.part), (poll.start(), poll.took), poll.split, false)
    }

    fn in_flight(&self, at_least: Nanos) -> impl Iterator<Item = LongPoll> {
        let now = self.now();
        let workers = self.model().state.threads.iter().filter(|(_, it)| it.polls_as_worker());
        workers.filter_map(move |(thread, it)| {
            let open = it.poll()?;
            let took = now.saturating_sub(open.start);
            let part = it.parts.most_of(open.start, now);
            let poll = || self.long_poll((thread, open.what, part), (open.start, took), open.seen.up_to(took), true);
            (took >= at_least).then(poll)
        })
    }

    fn long_poll(
        &self,
        (thread, task, part): (ThreadId, ActivityId, Option<ActivityId>),
        (since, took): (Nanos, Nanos),
        split: Split,
        in_flight: bool,
    ) -> LongPoll {
        let model = self.model();
        LongPoll {
            task: model.index.names.of(task).map_or_else(|| "unnamed".to_owned(), ToString::to_string),
            part: part.and_then(|part| model.index.names.of(part)).map(ToString::to_string),
            thread: model.state.threads.get(thread).map_or_else(|| "a worker".to_owned(), Thread::label),
            since,
            took,
            asleep: split.blocked,
            on_cpu: split.cpu,
            no_core: split.runnable,
            unknown: split.unknown,
            in_flight,
        }
    }
}
