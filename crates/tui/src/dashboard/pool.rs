//! The threads of the blocking pool: a lane each while there is room, and one lane for all the others.
//!
//! ```text
//! │ blocking 0     8%  ▁▁▁▁▁▇▇▇▇▇▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁  idle                          │
//! │ blocking ×7   12%  ▁▁▁▁▁▂▅▇▇▅▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁  ◆ 3 of 7 at work              │
//! ```

use pollscope_core::model::picture::{Cell, Lane, LaneState, ThreadNow};

use super::super::{
    looks::{Look, Skin},
    text,
};

/// Several threads in one lane: what they do on average.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fold {
    threads: usize,
    at_work: usize,
    /// The share of the window in which a thread was busy, 0 to 1; none without threads.
    pub(super) busy: Option<f32>,
    pub(super) cells: Vec<Cell>,
}

/// The threads that have a lane of their own in so many lanes, and the fold of the others where there are some, or
/// where there is no thread at all.
pub(super) fn lanes<'l, 'p>(threads: &'l [&'p Lane], lines: usize) -> (&'l [&'p Lane], Option<Fold>) {
    match (lines, threads.len()) {
        (0, _) => (&[], None),
        (_, 0) => (&[], Some(Fold::of(&[]))),
        (lines, threads_in_all) if threads_in_all <= lines => (threads, None),
        (lines, _) => {
            let (own, others) = threads.split_at(lines - 1);
            (own, Some(Fold::of(others)))
        }
    }
}

impl Fold {
    fn of(lanes: &[&Lane]) -> Self {
        let count = lanes.len();
        let longest = lanes.iter().map(|lane| lane.cells.len()).max().unwrap_or(0);
        let idle = |lane: &&&Lane| matches!(lane.now, ThreadNow::Parked | ThreadNow::Ended);
        Self {
            threads: count,
            at_work: count - lanes.iter().filter(idle).count(),
            busy: (count > 0).then(|| lanes.iter().map(|lane| lane.busy).sum::<f32>() / count as f32),
            cells: (0..longest).map(|at| average(lanes, at)).collect(),
        }
    }

    /// `blocking ×7`, or without the number where that does not fit.
    pub(super) fn label(&self, columns: u16) -> String {
        let label = format!("blocking ×{}", self.threads);
        let fits = self.threads > 0 && text::width(&label) <= columns.into();
        if fits { label } else { "blocking".to_owned() }
    }

    /// What they do now.
    pub(super) fn now(&self, skin: Skin) -> Look<'static> {
        let (texts, tint, mark) = (&skin.theme.text, &skin.theme.tint, &skin.glyphs.mark);
        match (self.threads, self.at_work) {
            (0, _) => Look::new(" ", texts.dim, "no thread"),
            (all, 0) => Look::new(" ", texts.dim, format!("{all} idle")),
            (all, some) => Look::new(mark.job, tint.job.bar, format!("{some} of {all} at work")),
        }
    }
}

/// The mean of the lanes' cells at a place, rounded up: nothing that was measured becomes nothing.
fn average(lanes: &[&Lane], at: usize) -> Cell {
    let mut average = Cell::default();
    for state in LaneState::ALL {
        let shares = lanes.iter().filter_map(|lane| lane.cells.get(at)).map(|cell| usize::from(cell.share(state)));
        average.set(state, shares.sum::<usize>().div_ceil(lanes.len().max(1)) as u8);
    }
    average
}

#[cfg(test)]
mod tests {
    use super::{super::super::sample, *};
    use pollscope_core::{model::picture::Picture, trace::event::JobKind};

    /// A picture whose first lanes work in every cell, and whose others do nothing.
    fn pool(at_work: usize) -> Picture {
        let mut picture = sample::flowing();
        for (at, lane) in picture.lanes.iter_mut().enumerate() {
            let mut cell = Cell::default();
            cell.set(LaneState::Job, if at < at_work { 255 } else { 0 });
            lane.cells = vec![cell; 4];
            lane.busy = if at < at_work { 1.0 } else { 0.0 };
            lane.now =
                if at < at_work { ThreadNow::Job("a".to_owned(), 0, JobKind::Blocking) } else { ThreadNow::Parked };
        }
        picture
    }

    #[test]
    fn every_thread_is_in_a_lane_or_in_the_fold() {
        let picture = pool(0);
        let threads: Vec<_> = picture.lanes.iter().collect();
        for lines in 1..threads.len() + 2 {
            let (own, fold) = lanes(&threads, lines);
            assert_eq!(own.len() + fold.as_ref().map_or(0, |fold| fold.threads), threads.len());
            assert!(own.len() + usize::from(fold.is_some()) <= lines);
        }
        let (own, fold) = lanes(&threads, 0);
        assert_eq!((own.len(), fold), (0, None));
    }

    #[test]
    fn a_fold_is_as_busy_as_its_threads_are_on_average() {
        let picture = pool(1);
        let threads: Vec<_> = picture.lanes[..4].iter().collect();
        let (_, fold) = lanes(&threads, 1);
        let fold = fold.unwrap();
        assert_eq!((fold.threads, fold.at_work, fold.busy), (4, 1, Some(0.25)));
        assert_eq!(fold.cells.len(), 4);
        assert_eq!(fold.cells[3].share(LaneState::Job), 64);
    }

    #[test]
    fn without_threads_there_is_nothing_to_measure() {
        let (own, fold) = lanes(&[], 3);
        assert!(own.is_empty());
        assert_eq!(fold.unwrap().busy, None);
    }
}
