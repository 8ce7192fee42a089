//! The lanes of a time between two instants, in pieces: what a fold of that time paints for the timeline.

use std::collections::BTreeMap;

use super::Pieces;
use crate::{
    model::{picture::LaneState, sink::Sink},
    trace::{clock::Nanos, record::ThreadId},
};

/// Lanes that are kept: a log from outside says how many there are.
const MOST_LANES: usize = 1 << 12;

/// The lanes between two instants.
#[derive(Debug)]
pub(in crate::model) struct WindowLanes {
    from: Nanos,
    to: Nanos,
    cells: usize,
    lanes: BTreeMap<ThreadId, Pieces>,
}

impl WindowLanes {
    /// Nothing is painted yet.
    pub(in crate::model) fn new(from: Nanos, to: Nanos, cells: usize) -> Self {
        Self { from, to, cells, lanes: BTreeMap::new() }
    }

    /// What a lane did.
    pub(in crate::model) fn pieces(&self, thread: ThreadId) -> Pieces {
        let none = || Pieces::new(self.from, self.to, self.cells);
        self.lanes.get(&thread).cloned().unwrap_or_else(none)
    }
}

impl Sink for WindowLanes {
    fn paint(&mut self, thread: ThreadId, from: Nanos, to: Nanos, state: LaneState) {
        if self.lanes.len() < MOST_LANES || self.lanes.contains_key(&thread) {
            let none = || Pieces::new(self.from, self.to, self.cells);
            self.lanes.entry(thread).or_insert_with(none).overlay(from, to, state);
        }
    }
}
