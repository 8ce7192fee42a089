//! A life in cells of equal length: every nanosecond of it is in one of them, at one thing.

use crate::{
    model::picture::{LifeCell, LifePart},
    trace::clock::Nanos,
};

/// The strip in the making: painted from its start to an edge that only goes on.
#[derive(Debug)]
pub(super) struct Strip {
    from: Nanos,
    to: Nanos,
    cells: Vec<LifeCell>,
    edge: Nanos,
    /// Jobs that are queued or run at the edge, and how that changes after it.
    jobs: u32,
    changes: Vec<(Nanos, bool)>,
}

impl Strip {
    /// An empty strip between two instants.
    pub(super) fn new(from: Nanos, to: Nanos, cells: usize) -> Self {
        let cells = vec![LifeCell::default(); cells.max(1)];
        Self { from, to: to.max(from), cells, edge: from, jobs: 0, changes: Vec::new() }
    }

    /// A job was queued, or ended.
    pub(super) fn job(&mut self, at: Nanos, queued: bool) {
        self.changes.push((at, queued));
    }

    /// It was at one thing from the edge to an instant.
    pub(super) fn until(&mut self, to: Nanos, part: LifePart) {
        self.paint(to, part);
        let upto = self.changes.iter().take_while(|(at, _)| *at <= to).count();
        for at in 0..upto {
            self.count(self.changes[at].1);
        }
        self.changes.drain(..upto);
    }

    /// It rested from the edge to an instant: with a job of its own, or at one thing else.
    pub(super) fn rest_until(&mut self, to: Nanos, part: LifePart) {
        let upto = self.changes.iter().take_while(|(at, _)| *at <= to).count();
        for change in 0..upto {
            let (at, queued) = self.changes[change];
            self.paint(at, self.rest(part));
            self.count(queued);
        }
        self.changes.drain(..upto);
        self.paint(to, self.rest(part));
    }

    /// The cells.
    pub(super) fn cells(self) -> Vec<LifeCell> {
        self.cells
    }

    fn rest(&self, part: LifePart) -> LifePart {
        if self.jobs > 0 && part == LifePart::Asleep { LifePart::InJob } else { part }
    }

    fn count(&mut self, queued: bool) {
        self.jobs = if queued { self.jobs + 1 } else { self.jobs.saturating_sub(1) };
    }

    fn paint(&mut self, to: Nanos, part: LifePart) {
        let (mut at, to) = (self.edge, to.min(self.to));
        if to <= at {
            return;
        }
        self.edge = to;
        let mut cell = self.cell_of(at);
        while at < to {
            let end = self.bound(cell + 1).min(to);
            self.cells[cell].add(part, end - at);
            at = end;
            cell += 1;
        }
    }

    /// Where a cell begins.
    fn bound(&self, cell: usize) -> Nanos {
        self.from + (u128::from(self.to - self.from) * cell as u128 / self.cells.len() as u128) as Nanos
    }

    /// The cell of an instant before the end.
    fn cell_of(&self, at: Nanos) -> usize {
        let into = u128::from(at - self.from) * self.cells.len() as u128 / u128::from((self.to - self.from).max(1));
        let mut cell = (into as usize).min(self.cells.len() - 1);
        // Bounds are rounded down: the instant may be in the next cell already.
        while cell + 1 < self.cells.len() && self.bound(cell + 1) <= at {
            cell += 1;
        }
        cell
    }
}
