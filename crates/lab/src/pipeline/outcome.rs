//! The outcome of a round, on a channel of its own: telemetry may be lost, results may not.
//!
//! A watch channel: it holds the latest round, and a new one replaces it. So it has room at any time, nothing is dropped from the
//! round that it holds, and rounds that nobody receives take no memory.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use crossbeam_channel::{Receiver, Sender};

use super::{
    event::{ClientCounters, RowId},
    result::{RepoResult, ResultState},
    section::PipelineLine,
};

/// The outcome of a round, or of what is over of it.
#[derive(Clone, Debug, Default)]
pub struct RoundOutcome {
    /// The round, from 1; 0 before the first result.
    pub number: u32,
    /// One a repository, in the order of the plan.
    pub results: Vec<Arc<RepoResult>>,
    /// Whether every repository of the round has a result.
    pub complete: bool,
    /// Pages read, in all rounds.
    pub pages: u64,
    /// What the client has counted up to the last result, in all rounds.
    pub client: ClientCounters,
}

impl RoundOutcome {
    /// Returns how many repositories failed.
    pub fn failures(&self) -> usize {
        self.results.iter().filter(|result| result.state == ResultState::Failed).count()
    }

    /// Returns whether every repository was read.
    pub fn is_whole(&self) -> bool {
        self.complete && self.failures() == 0
    }

    /// Returns the figures of a report.
    pub fn line(&self) -> PipelineLine {
        let line = PipelineLine::of(self.results.clone(), &self.client);
        let (repos, failures) = (self.results.len() as u64, self.failures() as u64);
        PipelineLine { repos, pages: self.pages, failures, ..line }
    }
}

/// Creates the channel.
pub(super) fn channel() -> (OutcomeSender, OutcomeReceiver) {
    let (ends, ended) = crossbeam_channel::bounded(1);
    let latest = Arc::new(Latest::default());
    (OutcomeSender { latest: Arc::clone(&latest), ends }, OutcomeReceiver { latest, ended })
}

/// The value that both ends share.
#[derive(Debug, Default)]
struct Latest {
    round: Mutex<Round>,
    /// Beside the lock: tasks count here, and must not wait.
    pages: AtomicU64,
}

impl Latest {
    fn round(&self) -> MutexGuard<'_, Round> {
        // Each change is one statement that does not panic half-way.
        self.round.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The latest round.
#[derive(Debug, Default)]
struct Round {
    number: u32,
    /// In the order of the rows.
    results: Vec<(RowId, Arc<RepoResult>)>,
    complete: bool,
    client: ClientCounters,
}

/// The pipeline's end.
#[derive(Clone, Debug)]
pub(super) struct OutcomeSender {
    latest: Arc<Latest>,
    ends: Sender<()>,
}

impl OutcomeSender {
    /// Counts a page that was read.
    pub(super) fn page(&self) {
        self.latest.pages.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds a result. The first one after the end of a round begins the next round.
    pub(super) fn result(&self, row: RowId, result: Arc<RepoResult>, client: ClientCounters) {
        let mut round = self.latest.round();
        if round.complete || round.number == 0 {
            *round = Round { number: round.number + 1, ..Round::default() };
        }
        let at = round.results.partition_point(|(other, _)| *other < row);
        round.results.insert(at, (row, result));
        round.client = client;
    }

    /// Ends the round: every repository has a result.
    pub(super) fn end_round(&self) {
        self.latest.round().complete = true;
        // A notice that nobody has taken yet is as good as two: the outcome is read from the latest round.
        let _ = self.ends.try_send(());
    }
}

/// The end of whoever started the pipeline.
#[derive(Debug)]
pub(super) struct OutcomeReceiver {
    latest: Arc<Latest>,
    ended: Receiver<()>,
}

impl OutcomeReceiver {
    /// Returns the outcome of the latest round that has a result.
    pub(super) fn outcome(&self) -> RoundOutcome {
        let round = self.latest.round();
        RoundOutcome {
            number: round.number,
            results: round.results.iter().map(|(_, result)| Arc::clone(result)).collect(),
            complete: round.complete,
            pages: self.latest.pages.load(Ordering::Relaxed),
            client: round.client,
        }
    }

    /// Returns the receiver of a notice after the end of each round.
    pub(super) fn ended(&self) -> &Receiver<()> {
        &self.ended
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// Repositories of a round.
    const REPOS: RowId = 3;
    const ROUNDS: u32 = 1_000;

    fn result(row: RowId) -> Arc<RepoResult> {
        let state = if row % REPOS == 1 { ResultState::Failed } else { ResultState::Ok };
        Arc::new(RepoResult {
            repo: format!("some/repository-{row}"),
            renamed_from: None,
            issues: u64::from(row),
            pulls: 1,
            state,
            reason: None,
            cut: false,
            near_duplicates: Vec::new(),
            labels: Vec::new(),
            words: Vec::new(),
            open_days_median: None,
            close_days_median: None,
        })
    }

    /// The rows of a round, in the order of the plan.
    fn rows(number: u32) -> std::ops::Range<RowId> {
        (number - 1) * REPOS..number * REPOS
    }

    /// A round whose last repository is over first.
    fn send_round(sender: &OutcomeSender, number: u32) {
        for row in rows(number).rev() {
            sender.page();
            sender.result(row, result(row), ClientCounters { requests: u64::from(row), ..ClientCounters::default() });
        }
        sender.end_round();
    }

    fn assert_whole(outcome: &RoundOutcome, number: u32) {
        let expected: Vec<_> = rows(number).map(|row| result(row).repo.clone()).collect();
        let names: Vec<_> = outcome.results.iter().map(|result| result.repo.clone()).collect();
        assert_eq!((outcome.number, outcome.complete, names), (number, true, expected));
    }

    #[test]
    fn every_round_arrives_whole_where_somebody_receives() {
        let (sender, receiver) = channel();
        let (go_on, next) = crossbeam_channel::bounded(0);
        let pipeline = thread::spawn(move || {
            for number in 1..=ROUNDS {
                send_round(&sender, number);
                next.recv().unwrap();
            }
        });
        for number in 1..=ROUNDS {
            receiver.ended().recv().unwrap();
            assert_whole(&receiver.outcome(), number);
            go_on.send(()).unwrap();
        }
        pipeline.join().unwrap();
        assert!(receiver.ended().recv().is_err(), "the pipeline has ended");
        assert_whole(&receiver.outcome(), ROUNDS);
    }

    #[test]
    fn rounds_that_nobody_receives_neither_block_nor_take_memory() {
        let (sender, receiver) = channel();
        for number in 1..=ROUNDS {
            send_round(&sender, number);
            let latest = receiver.latest.round();
            assert_eq!((latest.results.len(), receiver.ended().len()), (REPOS as usize, 1));
            assert!(latest.results.iter().all(|(_, result)| Arc::strong_count(result) == 1), "older ones are dropped");
        }
        receiver.ended().recv().unwrap();
        assert_whole(&receiver.outcome(), ROUNDS);
    }

    #[test]
    fn pipeline_goes_on_when_the_receiver_is_gone() {
        let (sender, receiver) = channel();
        drop(receiver);
        send_round(&sender, 1);
        send_round(&sender, 2);
        assert!(sender.latest.round().complete);
    }

    #[test]
    fn outcome_of_a_round_that_was_stopped_has_what_arrived_and_is_not_complete() {
        let (sender, receiver) = channel();
        assert!(!receiver.outcome().is_whole());
        sender.result(2, result(2), ClientCounters::default());
        sender.result(0, result(0), ClientCounters::default());
        let outcome = receiver.outcome();
        assert_eq!((outcome.number, outcome.results.len(), outcome.failures()), (1, 2, 0));
        assert!(!outcome.is_whole());
    }

    #[test]
    fn report_has_the_counts_of_its_results() {
        let (sender, receiver) = channel();
        send_round(&sender, 2);
        let outcome = receiver.outcome();
        let line = outcome.line();
        assert!(outcome.complete && !outcome.is_whole());
        assert_eq!((line.repos, line.failures, line.issues, line.pulls), (3, 1, 3 + 4 + 5, 3));
        assert_eq!((line.pages, line.requests), (3, 3));
    }
}
