//! Which instant is looked at, and the way from one event to the next.

use crate::trace::{
    clock::Nanos,
    record::{ActivityId, ThreadId},
};

/// What a step by events goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landmark {
    /// The end of a poll.
    Poll,
    /// A wake.
    Wake,
    /// A finding that fires.
    Finding,
    /// The end of a span that the filter matches.
    Match,
}

/// Whose events count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Of {
    /// Everybody's.
    #[default]
    All,
    /// What happened on a thread.
    Thread(ThreadId),
    /// What happened to a task.
    Task(ActivityId),
}

/// A step to the next event, or to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seek {
    /// Which step it is, counted by whoever asks: the answer carries it.
    pub number: u32,
    /// From there.
    pub from: Nanos,
    /// To the next; else to the one before.
    pub forward: bool,
    /// Of this kind.
    pub landmark: Landmark,
    /// Of these. Findings are everybody's.
    pub of: Of,
}

/// Where a step by events leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sought {
    /// Which step it was.
    pub number: u32,
    /// The instant of the event; none where there is none that is known.
    pub at: Option<Nanos>,
    /// None was found up to here, which was enough for one picture: the looking goes on from here.
    pub onward: Option<Nanos>,
    /// The thread of a span that matches.
    pub thread: Option<ThreadId>,
}
