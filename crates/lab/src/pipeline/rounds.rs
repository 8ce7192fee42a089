//! The ends of the pipeline: who hands repositories out, round after round, and who takes results in.

use std::{
    io,
    sync::{Arc, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use pollscope::probe::{QueueReceiver, QueueSender};
use pollscope_core::trace::event::ThreadKind;

use super::{
    Again, Order, Shared,
    event::{PipelineEvent, Round, Row, RowChange, RowId},
    result::RepoResult,
};
use crate::lab::Bench;

/// Between two rounds that follow each other: time to see that one is over.
const REST: Duration = Duration::from_secs(1);
/// A producer that waits looks this often whether it is to stop.
const GLANCE: Duration = Duration::from_millis(100);

/// Runs one of the pipeline's threads, as a lane.
pub(super) fn spawn(bench: &Bench, name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let (probes, generation) = (bench.probes.clone(), bench.generation);
    let lane = move || {
        probes.register_thread(ThreadKind::Scenario, generation);
        run();
    };
    thread::Builder::new().name(name.to_owned()).spawn(lane).map(drop)
}

/// Hands the repositories out.
#[derive(Debug)]
pub(super) struct Producer {
    pub(super) shared: Shared,
    pub(super) repos: QueueSender<Order>,
    pub(super) requested: Receiver<()>,
    /// Says that the consumer has all results of the round.
    pub(super) over: Receiver<()>,
}

impl Producer {
    pub(super) fn run(self) {
        let mut next_row = self.shared.bench.generation.wrapping_mul(super::ROWS_OF_A_LAB);
        for round in 1.. {
            let began = Instant::now();
            if self.round(round, &mut next_row).is_none() || self.until_next(began).is_none() {
                return;
            }
        }
    }

    /// One round; none when the pipeline stops.
    fn round(&self, round: u32, next_row: &mut RowId) -> Option<()> {
        let probes = &self.shared.bench.probes;
        probes.emit(PipelineEvent::Round(Round { number: round }).into());
        let orders: Vec<_> = std::iter::zip(*next_row.., &self.shared.plan.repos)
            .map(|(row, repo)| Order { row, repo: repo.clone() })
            .collect();
        *next_row += orders.len() as RowId;
        for Order { row, repo } in &orders {
            let change = RowChange::Queued { name: repo.to_string().into() };
            probes.emit(PipelineEvent::Row(Row { row: *row, change }).into());
        }
        for order in orders {
            self.repos.send(order).ok().filter(|()| !self.shared.is_stopped())?;
        }
        self.await_results()?;
        if self.shared.is_stopped() {
            return None;
        }
        probes.emit(PipelineEvent::RoundDone.into());
        self.shared.outcomes.end_round();
        Some(())
    }

    /// Waits until the consumer has everything; none when the pipeline stops before.
    fn await_results(&self) -> Option<()> {
        loop {
            match self.over.recv_timeout(GLANCE) {
                Ok(()) => return Some(()),
                Err(RecvTimeoutError::Timeout) if !self.shared.is_stopped() => {}
                Err(_) => return None,
            }
        }
    }

    /// Waits for the next round; none when there is none.
    fn until_next(&self, began: Instant) -> Option<()> {
        let due = match self.shared.plan.again {
            Again::Once => return None,
            Again::AtOnce => Some(Instant::now() + REST),
            Again::OnRequest => None,
            Again::Every(pause) => Some(began + pause),
        };
        loop {
            if self.shared.is_stopped() {
                return None;
            }
            if due.is_some_and(|due| Instant::now() >= due) || self.requested.recv_timeout(GLANCE).is_ok() {
                return Some(());
            }
        }
    }
}

/// Takes the results in.
#[derive(Debug)]
pub(super) struct Consumer {
    pub(super) shared: Shared,
    pub(super) finished: QueueReceiver<(RowId, RepoResult)>,
    pub(super) all_in: Sender<()>,
}

impl Consumer {
    pub(super) fn run(self) {
        let Self { shared, finished, all_in } = self;
        let in_a_round = shared.plan.repos.len();
        let probes = shared.bench.probes.clone();
        let client = shared.plan.client.clone();
        let outcomes = shared.outcomes.clone();
        let stop = Arc::clone(&shared.stop);
        // The pipeline's own sender must not keep the queue open for ever.
        drop(shared);
        let mut done = 0;
        while let Ok((row, result)) = finished.recv() {
            let (result, counters) = (Arc::new(result), super::repo::counters(&client));
            outcomes.result(row, Arc::clone(&result), counters);
            // The counters are the present lab's.
            if !stop.load(Ordering::Relaxed) {
                probes.emit(PipelineEvent::Client(counters).into());
            }
            probes.emit(PipelineEvent::Row(Row { row, change: RowChange::Done(result) }).into());
            done += 1;
            if done == in_a_round {
                done = 0;
                if all_in.send(()).is_err() {
                    return;
                }
            }
        }
    }
}
