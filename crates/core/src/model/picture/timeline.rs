//! All lanes between two instants.

use std::sync::Arc;

use super::{Cell, Split};
use crate::trace::{
    clock::Nanos,
    event::ThreadKind,
    record::{ActivityId, Outcome, ThreadId},
};

/// What a timeline asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimelineView {
    /// The last instant; none for the newest.
    pub to: Option<Nanos>,
    /// How much time, up to there.
    pub length: Nanos,
    /// Cells of a lane.
    pub cells: u16,
    /// The thread whose span at the view's instant is wanted.
    pub thread: Option<ThreadId>,
}

/// A queue: its name, what it holds at most (none: no bound), and the most that it held in each cell.
pub type QueueDepths = (Arc<str>, Option<u32>, Vec<Option<u32>>);

/// All lanes between two instants.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// The first instant.
    pub from: Nanos,
    /// The last instant.
    pub to: Nanos,
    /// The threads, in the order of the dashboard.
    pub lanes: Vec<TimelineLane>,
    /// Tasks that were ready and not polled yet: the most of each cell.
    pub ready: Vec<Option<u32>>,
    /// Items in each queue: the most of each cell.
    pub queues: Vec<QueueDepths>,
    /// How late the pulse ran: the latest due time of each cell.
    pub late: Vec<Option<Nanos>>,
    /// Cores that the process used, measured once a second.
    pub cores: Vec<Option<f32>>,
    /// The lanes are drawn from the log itself; else from histories, which are as fine as a cell.
    pub exact: bool,
    /// There is a filter, and too much in sight to mark what it matches.
    pub unmarked: bool,
    /// Threads that have a match, and all of them; none where there is no filter. Where some have, the others are not among
    /// the lanes, but for the asked-for thread.
    pub matching: Option<(usize, usize)>,
    /// The span at the view's instant, of the asked-for thread.
    pub span: Option<Span>,
}

/// A thread.
#[derive(Clone, Debug)]
pub struct TimelineLane {
    /// Which one.
    pub thread: ThreadId,
    /// Its label: a worker's index is that of the last instant.
    pub label: String,
    /// What it is for.
    pub kind: ThreadKind,
    /// The program that it is of, untrusted, where several are looked at.
    pub program: Option<Arc<str>>,
    /// It had ended by the last instant.
    pub ended: bool,
    /// What it did, oldest first.
    pub cells: Vec<Cell>,
    /// The cells in which a span of it matches the filter; empty where there is no filter.
    pub marks: Vec<bool>,
}

/// What a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// A poll, and how it ended; none while it goes on.
    Poll(Option<Outcome>),
    /// A job.
    Job,
    /// A wait for a queue.
    Wait,
}

/// A poll, job or wait of a thread.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// Where it was.
    pub thread: ThreadId,
    /// The task or job; of a wait the queue.
    pub what: u32,
    /// Its name, untrusted; none where it is not known any more.
    pub name: Option<Arc<str>>,
    /// What it is.
    pub kind: SpanKind,
    /// When it began.
    pub start: Nanos,
    /// When it ended.
    pub end: Nanos,
    /// How it was spent, where its thread read that.
    pub spent: Option<Split>,
    /// When its task was spawned, which made it ready, where this is the first poll of a task.
    pub spawned: Option<Nanos>,
    /// What made its task ready: when, on which thread, by which task.
    pub woken: Option<Woken>,
    /// The same task's poll before it.
    pub before: Beside,
    /// The same task's next poll.
    pub after: Beside,
}

/// The poll of a task beside another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Where, from when to when.
    Poll(ThreadId, Nanos, Nanos),
    /// The log has none.
    None,
    /// None was found, and not all of the log was looked through: that would hold up the picture.
    Far,
}

/// What made a task ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Woken {
    /// When.
    pub at: Nanos,
    /// On which thread.
    pub thread: ThreadId,
    /// That thread's label; none where the thread is not known any more.
    pub lane: Option<String>,
    /// By which task; 0 for none.
    pub by: ActivityId,
    /// That task's name, untrusted.
    pub name: Option<Arc<str>>,
}
