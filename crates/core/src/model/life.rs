//! One task's life: totals by the fold, which has counted all of it, and what is counted one by one by the log.
//!
//! The log is gone through once and in portions; what it has of the task is kept from picture to picture.

mod digest;
mod scan;
mod strip;

use std::sync::Arc;

use self::digest::{Digest, LongPoll, Waker};
pub(super) use self::scan::Scan;
use super::{
    history::History,
    picture::{Life, LifeView, LongestPoll},
    state::State,
    task::Task,
    thread::Thread,
};
use crate::trace::{
    clock::Nanos,
    event::TaskKind,
    log::Store,
    record::{ActivityId, ThreadId},
};

/// Records that are gone through for one picture at most: about 50 ms.
const PORTION: usize = 4_000_000;

/// Wakers and lanes that are told.
const TOLD: usize = 8;

impl<S: Store> History<S> {
    /// The life of a task up to an instant.
    pub(super) fn life(&mut self, view: LifeView, at: Nanos) -> Life {
        self.life_in_portions(view, at, PORTION)
    }

    fn life_in_portions(&mut self, view: LifeView, at: Nanos, portion: usize) -> Life {
        let kept = self.scan.take().filter(|scan| scan.task == view.task && scan.can_go_on(self.store()));
        let mut scan = kept.unwrap_or_else(|| Scan::new(view.task, self.model().state.subs_of(view.task)));
        scan.go_on(self.store(), portion);
        let past = (at < self.now()).then(|| self.state_at(at));
        let then = past.as_deref().unwrap_or(&self.model().state);
        let life = then.life(&scan, view, at);
        self.scan = Some(scan);
        life
    }
}

impl State {
    /// The sub-futures that are known to be inside a task.
    fn subs_of(&self, task: ActivityId) -> Vec<ActivityId> {
        let subs = self.tasks.iter().filter(|(_, it)| it.kind == TaskKind::Sub).map(|(id, _)| id);
        subs.filter(|id| self.task_of(*id) == Some(task)).collect()
    }

    /// What a scan has found up to an instant, and what this state, which is of that instant, knows better.
    fn life(&self, scan: &Scan, view: LifeView, at: Nanos) -> Life {
        let task = self.tasks.get(view.task);
        let began = scan.began.as_ref();
        let spawned = task.map(|task| task.began).or(began.map(|began| began.at));
        let from = spawned.unwrap_or_else(|| first_instant(scan, at)).min(at);
        let digest = Digest::of(scan, from, at, view.cells.into());
        let known = task.unwrap_or(&digest.task);
        let complete = scan.is_complete(at);
        let state = task.map(|task| task.state(|thread| self.class(thread, at)));
        let parent = task.map_or(began.and_then(|began| began.parent), |task| task.parent);
        let (mut lengths, ready) = digest.distributions();
        if complete {
            lengths.max = lengths.max.max(known.longest_poll);
        }
        let label = |thread: ThreadId| self.threads.get(thread).map(Thread::label);
        Life {
            task: view.task,
            name: task.map(|task| &task.name).or(began.map(|began| &began.name)).map(Arc::clone),
            state,
            parent: parent.map(|parent| self.name_of(parent)),
            spawned,
            from,
            to: digest.ended.unwrap_or(at).max(from),
            polls: known.polls,
            polled: known.polled,
            wakes: known.wakes,
            self_wakes: known.self_wakes,
            wakers: task.and_then(|task| task.wakers),
            migrations: known.migrations,
            lengths,
            ready,
            woken_by: most(digest.woken_by.iter().map(|(waker, count)| (self.waker(*waker), *count))),
            lanes: most(
                digest.lanes.iter().map(|(thread, count)| {
                    (label(*thread).unwrap_or_else(|| "a thread that is gone".to_owned()), *count)
                }),
            ),
            longest: digest.longest.iter().map(|poll| longest(poll, label(poll.thread))).collect(),
            forgotten: scan.forgotten().filter(|forgotten| *forgotten > from),
            complete,
            strip: digest.strip(state, if complete { Ok(()) } else { Err(scan.upto()) }),
        }
    }

    fn waker(&self, waker: Waker) -> String {
        match waker {
            Waker::Itself => "itself".to_owned(),
            Waker::Task(task) => self.name_of(task),
            Waker::Thread(thread) => {
                let label = self.threads.get(thread).map(Thread::label);
                label.map_or_else(|| "a thread that is gone".to_owned(), |label| format!("no task, on {label}"))
            }
        }
    }

    fn name_of(&self, task: ActivityId) -> String {
        self.tasks.get(task).map_or_else(|| "a task that is gone".to_owned(), |it: &Task| it.name.to_string())
    }
}

/// The first instant that is known of a task of which nobody knows when it began.
fn first_instant(scan: &Scan, at: Nanos) -> Nanos {
    scan.facts.iter().map(|fact| fact.at).find(|first| *first <= at).unwrap_or(at)
}

/// Names and counts, the most first; those of one name are one, and the last is of all the rest.
fn most(counts: impl Iterator<Item = (String, u64)>) -> Vec<(String, u64)> {
    let mut sums: Vec<(String, u64)> = Vec::new();
    let mut named: Vec<_> = counts.collect();
    named.sort();
    for (name, count) in named {
        match sums.last_mut().filter(|last| last.0 == name) {
            Some(last) => last.1 += count,
            None => sums.push((name, count)),
        }
    }
    sums.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    if sums.len() > TOLD {
        let rest = sums.split_off(TOLD - 1);
        sums.push((format!("{} others", rest.len()), rest.iter().map(|(_, count)| count).sum()));
    }
    sums
}

fn longest(poll: &LongPoll, lane: Option<String>) -> LongestPoll {
    let LongPoll { took, thread, end, ready } = *poll;
    LongestPoll { thread, lane, start: end.saturating_sub(took), end, ready }
}

#[cfg(test)]
mod tests;
