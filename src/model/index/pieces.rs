//! Time by state between two instants, in pieces of equal length: what a lane amounts to on a screen.

use crate::{
    model::picture::{Cell, LaneState},
    trace::clock::Nanos,
};

/// How many states there are.
pub(super) const STATES: usize = LaneState::ALL.len();

/// Nanoseconds by state.
pub(super) type Shares = [Nanos; STATES];

/// Time by state, in pieces of equal length.
#[derive(Clone, Debug)]
pub(in crate::model) struct Pieces {
    pub(super) from: Nanos,
    pub(super) to: Nanos,
    pub(super) sums: Vec<Shares>,
    pub(super) painted_to: Nanos,
}

impl Pieces {
    pub(super) fn new(from: Nanos, to: Nanos, count: usize) -> Self {
        Self { from, to, sums: vec![[0; STATES]; count], painted_to: 0 }
    }

    fn bounds(&self, piece: usize) -> (Nanos, Nanos) {
        let span = self.to - self.from;
        let count = self.sums.len() as u64;
        (self.from + span * piece as u64 / count, self.from + span * (piece as u64 + 1) / count)
    }

    /// Spreads the sums over the pieces that lie between two instants.
    pub(super) fn add(&mut self, start: Nanos, end: Nanos, sums: &Shares) {
        let nothing = *sums == [0; STATES] || self.sums.is_empty() || self.from == self.to;
        if nothing || end <= self.from || start >= self.to {
            return;
        }
        for piece in self.piece_at(start)..self.sums.len() {
            let (piece_start, piece_end) = self.bounds(piece);
            if piece_start >= end {
                break;
            }
            let totals = &mut self.sums[piece];
            if piece_start <= start && end <= piece_end {
                totals.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
                break;
            }
            let overlap = end.min(piece_end).saturating_sub(start.max(piece_start));
            for (total, sum) in totals.iter_mut().zip(sums) {
                *total += part(*sum, overlap, end - start);
            }
        }
    }

    /// Spreads complete buckets of equal width, in order, of which the shares are 65,535ths.
    pub(super) fn add_buckets<'b>(&mut self, width: Nanos, buckets: impl Iterator<Item = (Nanos, &'b [u16; STATES])>) {
        if self.sums.is_empty() {
            return;
        }
        let (to, whole) = (self.to, |shares: u64| shares * width / 65_535);
        // Those that lie within one piece are summed up first: the cost of a frame is that of these additions.
        let (mut piece, mut bounds, mut within) = (0, (0, 0), [0; STATES]);
        for (start, shares) in buckets.take_while(|(start, _)| *start < to) {
            let end = start + width;
            if start < bounds.0 || end > bounds.1 {
                self.add(bounds.0, bounds.1, &within.map(whole));
                within = [0; STATES];
                piece = self.piece_at(start).max(piece);
                bounds = self.bounds(piece);
            }
            if start < bounds.0 || end > bounds.1 {
                self.add(start, end, &shares.map(|share| whole(share.into())));
                bounds = (0, 0);
            } else {
                within.iter_mut().zip(shares).for_each(|(sum, share)| *sum += u64::from(*share));
            }
        }
        self.add(bounds.0, bounds.1, &within.map(whole));
    }

    /// The piece in which an instant lies, or the first.
    fn piece_at(&self, at: Nanos) -> usize {
        let into = at.saturating_sub(self.from) * self.sums.len() as u64;
        (into / (self.to - self.from).max(1)) as usize
    }

    /// Adds a span in one state, which the lane does not hold yet.
    pub(in crate::model) fn overlay(&mut self, start: Nanos, end: Nanos, state: LaneState) {
        if end > start {
            let mut sums = [0; STATES];
            sums[state as usize] = end - start;
            self.painted_to = self.painted_to.max(end);
            self.add(start, end, &sums);
        }
    }

    /// The latest instant of which these pieces, or the lane that they are of, know.
    pub(in crate::model) fn painted_to(&self) -> Nanos {
        self.painted_to
    }

    /// The share of the whole time in any state but waiting for room, which costs nobody a core; 0 to 1.
    pub(in crate::model) fn busy(&self) -> f32 {
        let at_work = |piece: &[Nanos]| piece.iter().sum::<Nanos>() - piece[LaneState::WaitsForRoom as usize];
        let busy: Nanos = self.sums.iter().map(|piece| at_work(piece)).sum();
        (busy as f64 / (self.to - self.from).max(1) as f64).min(1.0) as f32
    }

    /// The pieces as cells.
    pub(in crate::model) fn cells(&self) -> Vec<Cell> {
        (0..self.sums.len()).map(|piece| self.cell(piece)).collect()
    }

    fn cell(&self, piece: usize) -> Cell {
        let (start, end) = self.bounds(piece);
        let mut cell = Cell::default();
        for state in LaneState::ALL {
            let sum = self.sums[piece][state as usize];
            let share = (sum * 255).div_ceil((end - start).max(1)).min(255);
            cell.set(state, share as u8);
        }
        cell
    }
}

/// As much of `sum` as `overlap` is of `whole`. The product of two times of 4.3 s does not fit in 64 bits.
#[inline]
fn part(sum: Nanos, overlap: Nanos, whole: Nanos) -> Nanos {
    match sum.checked_mul(overlap) {
        Some(product) => product / whole,
        None => (u128::from(sum) * u128::from(overlap) / u128::from(whole)) as Nanos,
    }
}
