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
        let count = self.sums.len() as u64;
        let bound = |piece: usize| self.from + part(self.to - self.from, piece as u64, count);
        (bound(piece), bound(piece + 1))
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
            let overlap = end.min(piece_end).saturating_sub(start.max(piece_start));
            for (total, sum) in totals.iter_mut().zip(sums) {
                *total += part(*sum, overlap, end - start);
            }
        }
    }

    /// Spreads complete buckets of equal width, which is a power of two, in order; their shares are 65,535ths. The cost
    /// of a frame is that of these additions: what a piece has is summed up as shares of nanoseconds, and scaled once.
    pub(super) fn add_buckets<'b>(&mut self, width: Nanos, buckets: impl Iterator<Item = (Nanos, &'b [u16; STATES])>) {
        if self.sums.is_empty() || self.from == self.to {
            return;
        }
        let (from, to, bits) = (self.from, self.to, width.trailing_zeros());
        let (mut piece, mut bounds, mut within) = (0, self.bounds(0), [0; STATES]);
        for (start, shares) in
            buckets.skip_while(|(start, _)| start + width <= from).take_while(|(start, _)| *start < to)
        {
            let end = start + width;
            if start >= bounds.1 {
                self.add_to_piece(piece, std::mem::take(&mut within));
                piece = self.piece_at(start);
                bounds = self.bounds(piece);
            }
            if start >= bounds.0 && end <= bounds.1 {
                within.iter_mut().zip(shares).for_each(|(sum, share)| *sum += u64::from(*share) << bits);
                continue;
            }
            // It goes over an edge: each piece has its part.
            loop {
                let overlap = end.min(bounds.1) - start.max(bounds.0);
                within.iter_mut().zip(shares).for_each(|(sum, share)| *sum += u64::from(*share) * overlap);
                if end <= bounds.1 || piece + 1 == self.sums.len() {
                    break;
                }
                self.add_to_piece(piece, std::mem::take(&mut within));
                piece += 1;
                bounds = (bounds.1, self.bounds(piece).1);
            }
        }
        self.add_to_piece(piece, within);
    }

    /// Adds 65,535ths of nanoseconds.
    fn add_to_piece(&mut self, piece: usize, shares: Shares) {
        self.sums[piece].iter_mut().zip(shares).for_each(|(total, shares)| *total += shares / 65_535);
    }

    /// The piece in which an instant lies, or the first.
    fn piece_at(&self, at: Nanos) -> usize {
        let count = self.sums.len();
        let piece = part(at.saturating_sub(self.from), count as u64, (self.to - self.from).max(1));
        (piece as usize).min(count.saturating_sub(1))
    }

    /// These from the piece on in which an instant lies, and the others before it.
    pub(in crate::model) fn after(mut self, instant: Nanos, others: &Self) -> Self {
        let first = if instant >= self.to { self.sums.len() } else { self.piece_at(instant) };
        self.sums[..first].copy_from_slice(&others.sums[..first]);
        self
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
        // Nine whole divisions a cell were most of a frame's cost.
        let scale = 255.0 / (end - start).max(1) as f64;
        let mut cell = Cell::default();
        for state in LaneState::ALL {
            let share = self.sums[piece][state as usize] as f64 * scale;
            // Rounded up: a trace of a state is to be seen.
            let whole = share as u8;
            cell.set(state, whole.saturating_add(u8::from(f64::from(whole) < share)));
        }
        cell
    }
}

/// As much of `sum` as `overlap` is of `whole`. The product of two times of 4.3 s does not fit in 64 bits, nor that of some
/// months with the pieces of a picture.
#[inline]
fn part(sum: Nanos, overlap: Nanos, whole: Nanos) -> Nanos {
    match sum.checked_mul(overlap) {
        Some(product) => product / whole,
        None => (u128::from(sum) * u128::from(overlap) / u128::from(whole)) as Nanos,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_have_pieces_too() {
        let (to, count) = (u64::MAX >> 8, 1_200);
        let mut pieces = Pieces::new(0, to, count);
        pieces.overlay(to / 2, to, LaneState::Blocked);
        assert_eq!(pieces.bounds(count - 1).1, to);
        assert!((pieces.busy() - 0.5).abs() < 0.01);
    }

    #[test]
    fn buckets_are_spread_as_spans_are() {
        let mut random = fastrand::Rng::with_seed(4);
        for _ in 0..300 {
            let width: Nanos = 1 << random.u32(3..33);
            let from = random.u64(0..width * 20);
            let (to, count) = (from + random.u64(1..width * 40), random.usize(1..60));
            let (mut spread, mut one_by_one) = (Pieces::new(from, to, count), Pieces::new(from, to, count));
            let mut buckets: Vec<(Nanos, [u16; STATES])> = Vec::new();
            for number in 0..70 {
                if random.bool() {
                    let full = [u16::MAX, 0, 0, 0, 0, 0, 0, 0, 0];
                    let some = std::array::from_fn(|_| random.u16(..) / STATES as u16);
                    buckets.push((number * width, if random.bool() { full } else { some }));
                }
            }
            for (start, shares) in &buckets {
                let sums = shares.map(|share| u64::from(share) * width / 65_535);
                one_by_one.add(*start, start + width, &sums);
            }
            spread.add_buckets(width, buckets.iter().map(|(start, shares)| (*start, shares)));
            for (one, other) in spread.sums.iter().flatten().zip(one_by_one.sums.iter().flatten()) {
                // Scaled at once or one by one: a nanosecond a bucket.
                assert!(one.abs_diff(*other) <= 70, "{one} {other}");
            }
        }
    }
}
