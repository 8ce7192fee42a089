//! The timeline: all lanes between two instants, at the cost of its cells.
//!
//! Where the histories are as fine as a cell, the lanes come from them. Where they are not, the log itself is
//! folded from the first instant to the last: such a time is short, or there is little in it.

mod marks;

use std::{ops::ControlFlow, sync::Arc};

pub(super) use self::marks::Marks;
use super::{
    Model,
    history::History,
    index::{Pieces, WindowLanes},
    picture::{Filter, Timeline, TimelineLane, TimelineView},
    span,
    state::State,
    thread::Thread,
};
use crate::trace::{
    clock::{MILLI, Nanos},
    event::bound,
    log::Store,
    record::ThreadId,
};

/// Records that are folded for one picture at most; where there are more, the histories do, as fine as they are.
/// Unpacking and folding so many takes about 60 ms.
const MOST_RECORDS: usize = 1 << 19;
/// Beyond the last instant, spans that were in flight then are followed for this long: later ones are in the log
/// as open.
const FOLLOWED: Nanos = 2 * MILLI;

/// What the log said of the time between two instants, in so many cells. The log does not change there any more: while
/// nobody moves, the next frame takes it as it is.
#[derive(Debug)]
pub(super) struct Window {
    bounds: (Nanos, Nanos, usize),
    lanes: WindowLanes,
}

impl<S: Store> History<S> {
    /// The timeline that a view asks for, with the span at an instant.
    pub(super) fn timeline(&mut self, view: &TimelineView, filter: Option<&Filter>, at: Nanos) -> Timeline {
        let to = view.to.unwrap_or(Nanos::MAX).clamp(1, self.now().max(1));
        let from = to.saturating_sub(view.length.max(1));
        let cells = usize::from(view.cells).max(1);
        let bounds = (from, to, cells);
        let exact = self.is_worth_folding(from, to, cells);
        let window = exact.then(|| self.window(bounds, at));
        // The newest state is there already: a jump to it would copy it.
        let past = (to < self.now()).then(|| self.state_at(to));
        let marks = self.marks.take();
        let model = self.model();
        let then = past.as_deref().unwrap_or(&model.state);
        let oldest = self.oldest();
        let lanes = then.timeline_lanes(from, to, |thread| {
            let kept = || model.index.pieces(thread, from, to, cells);
            match &window {
                // Of what the log has forgotten there are histories only.
                Some(window) if oldest > from => window.lanes.pieces(thread).after(oldest, &kept()),
                Some(window) => window.lanes.pieces(thread),
                None => kept(),
            }
        });
        let span = view.thread.and_then(|thread| span::at(self.store(), (then, &model.index), thread, at));
        let mut timeline = Timeline { from, to, lanes, exact, span, ..numbers(model, then, (from, to), cells) };
        let marks = filter.map(|filter| {
            let kept = marks.filter(|marks| marks.are_of(filter, bounds));
            kept.unwrap_or_else(|| Marks::look(self.store(), (then, &model.index), filter, bounds))
        });
        if let Some(marks) = &marks {
            marks.put(&mut timeline, view.thread);
        }
        let is_over = to + FOLLOWED < self.now();
        (self.window, self.marks) = (window.filter(|_| is_over), marks.filter(|_| is_over));
        timeline
    }

    /// Whether the log is to be folded, since the histories are coarser than a cell.
    fn is_worth_folding(&self, from: Nanos, to: Nanos, cells: usize) -> bool {
        if self.model().index.is_as_fine_as((to - from) / cells as u64, from) {
            return false;
        }
        self.store().count(from, to, MOST_RECORDS) <= MOST_RECORDS
    }

    /// The window that was folded last, if it is this one, or this one.
    fn window(&mut self, bounds: (Nanos, Nanos, usize), at: Nanos) -> Window {
        match self.window.take_if(|window| window.bounds == bounds) {
            Some(window) => window,
            None => Window { bounds, lanes: self.fold_window(bounds, at) },
        }
    }

    /// What the log says of the time between two instants, in pieces. On its way it passes the instants that the picture
    /// is of, and keeps where it was then.
    fn fold_window(&mut self, (from, to, cells): (Nanos, Nanos, usize), at: Nanos) -> WindowLanes {
        let mut state = Arc::unwrap_or_clone(self.state_at(from));
        let mut window = WindowLanes::new(from, to, cells);
        let (begins, upto) = (state.now, to + FOLLOWED);
        let (mut begun, mut passed) = (false, Vec::new());
        self.store().after(begins, &mut |batch| {
            let is_stop = [at, to].iter().any(|stop| (state.now..batch.upto()).contains(stop));
            if begun && is_stop {
                passed.push(state.clone());
            }
            // Of the first batch a part is in the state already; what comes late, in a later batch, is not.
            let known = if begun { 0 } else { begins };
            begun = true;
            for item in batch.replay().skip_while(|item| item.at() <= known).take_while(|item| item.at() <= upto) {
                state.apply(item, &mut window);
            }
            state.advance(batch.upto().min(upto), &mut window);
            if batch.upto() > upto { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        for state in passed {
            self.keep_cursor(state);
        }
        window
    }
}

impl State {
    /// The threads that there were between two instants, of which this is the state at the last.
    fn timeline_lanes(&self, from: Nanos, to: Nanos, pieces: impl Fn(ThreadId) -> Pieces) -> Vec<TimelineLane> {
        let is_there = |it: &Thread| it.began < to && it.ended.is_none_or(|ended| ended >= from);
        let mut threads: Vec<_> = self.threads.iter().filter(|(_, it)| is_there(it)).collect();
        threads.sort_by_key(|(id, it)| (it.ended.is_some(), self.lane_order(*id, it)));
        let lane = |(id, it): (ThreadId, &Thread)| {
            let mut pieces = pieces(id);
            let known = pieces.painted_to();
            for (state, start, end) in self.in_flight(it, to) {
                pieces.overlay(start.max(known), end, state);
            }
            let cells = pieces.cells();
            let (label, kind, ended) = (it.label(), it.role(), it.ended.is_some());
            TimelineLane { thread: id, label, kind, program: None, ended, cells, marks: Vec::new() }
        };
        threads.into_iter().map(lane).collect()
    }
}

/// The rows of numbers.
fn numbers(model: &Model, then: &State, (from, to): (Nanos, Nanos), cells: usize) -> Timeline {
    let bounds = |cell: usize| {
        let edge = |cell: usize| from + ((to - from) as u128 * cell as u128 / cells as u128) as Nanos;
        (edge(cell), edge(cell + 1).max(edge(cell) + 1))
    };
    let gauges = &model.index.gauges;
    let row = |of: &dyn Fn(Nanos, Nanos) -> Option<u32>| {
        let cell = |cell| {
            let (from, to) = bounds(cell);
            of(from, to)
        };
        (0..cells).map(cell).collect::<Vec<_>>()
    };
    let queues = then.queues.iter().enumerate().map(|(place, (_, queue))| {
        (queue.name.clone(), bound(queue.capacity), row(&|from, to| gauges.depth(place, from, to)))
    });
    Timeline {
        ready: row(&|from, to| gauges.ready(from, to)),
        queues: queues.collect(),
        late: then.late_cells(&model.index, (from, to), cells),
        cores: (0..cells).map(|cell| gauges.cores(bounds(cell).0)).collect(),
        ..Timeline::default()
    }
}
