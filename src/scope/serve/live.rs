//! What all viewers see that have caught up: blocks that are packed once, and kept for a moment.
//!
//! It knows no socket. A viewer that is not at the beginning of a block that is still there packs for itself.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use pollscope_core::trace::{clock::Nanos, log::Place};

/// Bytes of blocks that are kept at most, but always the last.
const KEPT: usize = 8 << 20;

/// A place in the stream: in the log, and the watermark there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) place: Place,
    pub(super) upto: Nanos,
}

impl Mark {
    fn is_after(self, other: Self) -> bool {
        (self.place.batches, self.upto) > (other.place.batches, other.upto)
    }
}

/// Bytes that go on from one place to another.
#[derive(Clone, Debug)]
struct Block {
    from: Mark,
    to: Mark,
    bytes: Arc<[u8]>,
}

#[derive(Debug, Default)]
struct Kept {
    blocks: VecDeque<Block>,
    bytes: usize,
    /// The end of the last block; none while nobody looks.
    end: Option<Mark>,
    viewers: usize,
    over: Option<End>,
}

/// How the stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// After the last block there was nothing more.
    Whole,
    /// Nobody knows what came after the last block.
    CutOff,
}

/// The blocks, and who waits for them.
#[derive(Debug, Default)]
pub(super) struct Live {
    kept: Mutex<Kept>,
    news: Condvar,
}

/// What a viewer does next.
#[derive(Debug)]
pub(super) enum Next {
    /// It sends these bytes, and is there then.
    Send(Arc<[u8]>, Mark),
    /// It packs what is missing up to there.
    CatchUp(Mark),
    /// There was nothing for so long.
    Wait,
    /// It has all that there will ever be.
    Over(End),
}

/// A viewer counts as long as this is there.
#[derive(Debug)]
pub(super) struct Seat<'a>(&'a Live);

impl Live {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nobody panics while holding it; and if so, what it holds is whole after each step.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one of so many seats, if one is free. Where nobody looked, blocks begin here.
    pub(super) fn take_seat(&self, seats: usize, here: Mark) -> Option<Seat<'_>> {
        let mut kept = self.kept();
        if kept.viewers >= seats || kept.over.is_some() {
            return None;
        }
        kept.viewers += 1;
        kept.end.get_or_insert(here);
        self.news.notify_all();
        Some(Seat(self))
    }

    /// How many look.
    pub(super) fn viewers(&self) -> usize {
        self.kept().viewers
    }

    /// Waits until somebody looks; then gives where the next block begins. None when all is over.
    pub(super) fn wanted(&self) -> Option<Mark> {
        let mut kept = self.kept();
        loop {
            match kept.end {
                _ if kept.over.is_some() => return None,
                Some(end) => return Some(end),
                None => kept = self.news.wait(kept).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Adds the next block.
    pub(super) fn add(&self, from: Mark, to: Mark, bytes: Arc<[u8]>) {
        let mut kept = self.kept();
        if kept.end != Some(from) {
            // Nobody looks any more, or somebody began to meanwhile.
            return;
        }
        kept.bytes += bytes.len();
        kept.blocks.push_back(Block { from, to, bytes });
        kept.end = Some(to);
        while kept.bytes > KEPT && kept.blocks.len() > 1 {
            let oldest = kept.blocks.pop_front();
            kept.bytes -= oldest.map_or(0, |oldest| oldest.bytes.len());
        }
        self.news.notify_all();
    }

    /// What a viewer does that has sent everything up to there; waits for something to do for a while.
    pub(super) fn next(&self, at: Mark, patience: Duration) -> Next {
        let deadline = Instant::now() + patience;
        let mut kept = self.kept();
        loop {
            if let Some(block) = kept.blocks.iter().find(|block| block.from == at) {
                return Next::Send(Arc::clone(&block.bytes), block.to);
            }
            match kept.end {
                Some(end) if end.is_after(at) => return Next::CatchUp(end),
                _ => {}
            }
            if let Some(end) = kept.over {
                return Next::Over(end);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Next::Wait;
            }
            kept = self.news.wait_timeout(kept, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// There is nothing more. What was said first of it is so.
    pub(super) fn end(&self, end: End) {
        self.kept().over.get_or_insert(end);
        self.news.notify_all();
    }

    /// Waits until nobody looks any more, at most so long.
    pub(super) fn wait_for_nobody(&self, patience: Duration) {
        let kept = self.kept();
        let _ = self.news.wait_timeout_while(kept, patience, |kept| kept.viewers > 0);
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut kept = self.0.kept();
        kept.viewers -= 1;
        if kept.viewers == 0 {
            *kept = Kept { over: kept.over, ..Kept::default() };
        }
        self.0.news.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(batches: u64) -> Mark {
        Mark { place: Place { batches, items: batches }, upto: batches }
    }

    fn bytes(length: usize) -> Arc<[u8]> {
        vec![0; length].into()
    }

    #[test]
    fn whoever_is_at_a_block_sends_it_and_others_catch_up() {
        let live = Live::default();
        let first = live.take_seat(2, mark(5)).unwrap();
        assert_eq!(live.wanted(), Some(mark(5)));
        live.add(mark(5), mark(7), bytes(3));
        // One that does not go on where the last ended is of no use to anybody.
        live.add(mark(6), mark(9), bytes(3));
        assert!(
            matches!(live.next(mark(5), Duration::ZERO), Next::Send(block, to) if to == mark(7) && block.len() == 3)
        );
        assert!(matches!(live.next(mark(0), Duration::ZERO), Next::CatchUp(to) if to == mark(7)));
        assert!(matches!(live.next(mark(7), Duration::ZERO), Next::Wait));
        let second = live.take_seat(2, mark(8)).unwrap();
        assert!(live.take_seat(2, mark(8)).is_none());
        live.end(End::Whole);
        live.end(End::CutOff);
        assert!(matches!(live.next(mark(0), Duration::ZERO), Next::CatchUp(to) if to == mark(7)));
        assert!(matches!(live.next(mark(7), Duration::ZERO), Next::Over(End::Whole)));
        drop((first, second));
        assert_eq!((live.viewers(), live.wanted()), (0, None));
    }

    #[test]
    fn blocks_have_bounds_in_bytes() {
        let live = Live::default();
        let _seat = live.take_seat(1, mark(0)).unwrap();
        for at in 0..100 {
            live.add(mark(at), mark(at + 1), bytes(KEPT / 4));
        }
        assert_eq!(live.kept().blocks.len(), 4);
        live.add(mark(100), mark(101), bytes(2 * KEPT));
        assert_eq!(live.kept().blocks.len(), 1);
    }
}
