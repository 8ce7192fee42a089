//! Which cells of a timeline a filter matches. It does not know what is drawn of that.

use std::{collections::BTreeMap, ops::ControlFlow};

use super::{FOLLOWED, MOST_RECORDS};
use crate::{
    model::{
        index::Index,
        picture::{Filter, Timeline},
        seek, span,
        state::State,
    },
    trace::{clock::Nanos, log::Store, record::ThreadId},
};

/// Matches between two instants. While nobody moves, the next frame takes them as they are.
#[derive(Debug)]
pub(in crate::model) struct Marks {
    bounds: (Nanos, Nanos, usize),
    filter: Filter,
    /// The cells of the threads that have a match.
    cells: BTreeMap<ThreadId, Vec<bool>>,
    /// All that is in sight was looked at.
    whole: bool,
}

impl Marks {
    /// Looks for what matches between two instants; `then` is the state at the last.
    pub(super) fn look(
        store: &impl Store,
        (then, index): (&State, &Index),
        filter: &Filter,
        bounds: (Nanos, Nanos, usize),
    ) -> Self {
        let mut marks = Self { bounds, filter: filter.clone(), cells: BTreeMap::new(), whole: true };
        let ((from, to, _), mut records) = (bounds, 0);
        store.after(from, &mut |batch| {
            records += batch.len();
            for item in batch.replay() {
                if let Some((thread, start, end)) = seek::matching(&item, filter, (then, index)) {
                    marks.add(thread, start, end);
                }
            }
            marks.whole = records <= MOST_RECORDS;
            if batch.upto() >= to + FOLLOWED || !marks.whole {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let open = then.threads.iter().filter_map(|(thread, _)| span::open(then, thread));
        for span in open {
            let bounds = (span.thread, span.start, span.end);
            if seek::is_match((span.kind, span.what), bounds, filter, (then, index)) {
                marks.add(span.thread, span.start, to);
            }
        }
        marks
    }

    /// Whether they are those of this filter between these instants.
    pub(super) fn are_of(&self, filter: &Filter, bounds: (Nanos, Nanos, usize)) -> bool {
        self.bounds == bounds && self.filter == *filter
    }

    fn add(&mut self, thread: ThreadId, start: Nanos, end: Nanos) {
        let (from, to, count) = self.bounds;
        if start >= to || end < from {
            return;
        }
        let cell = |at: Nanos| (u128::from(at.clamp(from, to) - from) * count as u128 / u128::from(to - from)) as usize;
        let (first, last) = (cell(start), cell(end));
        let cells = self.cells.entry(thread).or_insert_with(|| vec![false; count]);
        cells.iter_mut().take(last + 1).skip(first).for_each(|mark| *mark = true);
    }

    /// Marks the lanes. Where all was looked at, those without a match go, but for the chosen one; where nothing matches,
    /// all stay, and none of their cells is marked.
    pub(super) fn put(&self, timeline: &mut Timeline, chosen: Option<ThreadId>) {
        timeline.unmarked = !self.whole;
        for lane in &mut timeline.lanes {
            lane.marks = self.cells.get(&lane.thread).cloned().unwrap_or_else(|| vec![false; self.bounds.2]);
        }
        let all = timeline.lanes.len();
        let matches = timeline.lanes.iter().filter(|lane| self.cells.contains_key(&lane.thread)).count();
        timeline.matching = Some((matches, all));
        if self.whole && matches > 0 {
            timeline.lanes.retain(|lane| self.cells.contains_key(&lane.thread) || Some(lane.thread) == chosen);
        }
    }
}
