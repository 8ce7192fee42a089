//! The pipeline: repositories are fetched and analysed, and the results come together.
//!
//! ```text
//! producer ─repos─▶ dispatcher ─in hand─▶ tasks ─fetched─▶ analysis ─results─▶ consumer
//! std thread        std thread            Tokio            Rayon               std thread
//! ```
//!
//! Everything between them is bounded. No task calls a blocking channel operation: the dispatcher waits
//! for room on its own thread, a task awaits its permit, and only threads that may wait send results.
//!
//! The consumer hands the results over on a channel of their own ([`RoundOutcome`]); the telemetry, which may be lost, has
//! them for the screen.

pub mod analyse;
mod event;
mod fold;
mod outcome;
mod picture;
mod repo;
mod result;
mod rounds;
mod section;

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender};
use pollscope::probe::{Gate, QueueReceiver, QueueSender};

use self::outcome::{OutcomeReceiver, OutcomeSender};
pub use self::{
    event::{ClientCounters, Listing, Phase, PipelineEvent, Round, Row as RowEvent, RowChange, RowId},
    fold::PipelineFold,
    outcome::RoundOutcome,
    picture::{Pages, PipelinePicture, Row, RowState},
    result::{NearDuplicate, RepoResult, ResultState},
    section::{PipelineLine, PipelineSection},
};
use crate::{
    github::{client::Client, types::RepoName},
    lab::Bench,
};

/// What the pipeline works on.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The repositories of a round.
    pub repos: Vec<RepoName>,
    /// Who asks for them; it belongs to the lab's runtime.
    pub client: Client,
    /// How many are in hand at once.
    pub concurrency: u16,
    /// The pause after each page.
    pub pause: Duration,
    /// The instant that ages count to.
    pub now: jiff::Timestamp,
    /// When the next round begins.
    pub again: Again,
    /// What is to go wrong, for tests of what a panic leaves behind.
    pub fault: Option<Fault>,
}

/// A panic in the first repository of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// In its task.
    Task,
    /// In its analysis.
    Job,
}

/// When the next round begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Never.
    Once,
    /// After a short rest.
    AtOnce,
    /// When [`Running::next_round`] asks for it.
    OnRequest,
    /// This long after the last one began, or on request.
    Every(Duration),
}

/// A pipeline at work. Dropping it stops it: nothing new is begun.
#[derive(Debug)]
pub struct Running {
    stop: Arc<AtomicBool>,
    requests: Sender<()>,
    outcomes: OutcomeReceiver,
}

/// Rows of a lab, after which the next lab's begin: a repository that is still on its way when its lab is
/// left says nothing about the next lab's.
const ROWS_OF_A_LAB: RowId = 1 << 20;

/// A repository on its way through the pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    row: RowId,
    repo: RepoName,
}

/// What every part of the pipeline shares.
#[derive(Clone, Debug)]
struct Shared {
    bench: Bench,
    plan: Arc<Plan>,
    stop: Arc<AtomicBool>,
    fetched: Gate,
    results: QueueSender<(RowId, RepoResult)>,
    outcomes: OutcomeSender,
}

impl Shared {
    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Starts the pipeline in a lab.
///
/// # Errors
///
/// When the system refuses threads.
pub fn start(bench: &Bench, plan: Plan) -> io::Result<Running> {
    let probes = &bench.probes;
    let stop = Arc::new(AtomicBool::new(false));
    let (repos, orders) = probes.queue("repos", 8);
    let (tickets, handed_in) = probes.queue("in hand", u32::from(plan.concurrency));
    let fetched = probes.gate("fetched", 2 * bench.rayon.current_num_threads() as u32);
    let (results, finished) = probes.queue("results", 8);
    let (requests, requested) = crossbeam_channel::bounded(1);
    let (outcome_sender, outcomes) = outcome::channel();
    let shared = Shared {
        bench: bench.clone(),
        plan: Arc::new(plan),
        stop: Arc::clone(&stop),
        fetched,
        results,
        outcomes: outcome_sender,
    };
    let (all_in, over) = crossbeam_channel::bounded(1);
    let producer = rounds::Producer { shared: shared.clone(), repos, requested, over };
    let consumer = rounds::Consumer { shared: shared.clone(), finished, all_in };
    rounds::spawn(bench, "producer", move || producer.run())?;
    rounds::spawn(bench, "dispatcher", move || dispatch(&shared, &orders, &tickets, &handed_in))?;
    rounds::spawn(bench, "consumer", move || consumer.run())?;
    Ok(Running { stop, requests, outcomes })
}

impl Running {
    /// Asks for the next round; while one runs, for one more after it.
    pub fn next_round(&self) {
        // One request in line is as good as two.
        let _ = self.requests.try_send(());
    }

    /// Returns the receiver of a notice after each round. Notices that nobody takes become one.
    pub fn rounds(&self) -> &Receiver<()> {
        self.outcomes.ended()
    }

    /// Returns the outcome of the latest round, or of what is over of it.
    pub fn outcome(&self) -> RoundOutcome {
        self.outcomes.outcome()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Spawns a task for each repository, as many at once as there are tickets.
fn dispatch(shared: &Shared, orders: &QueueReceiver<Order>, tickets: &QueueSender<()>, handed_in: &QueueReceiver<()>) {
    while let Ok(order) = orders.recv() {
        if shared.is_stopped() || tickets.send(()).is_err() {
            return;
        }
        repo::spawn(shared, order, repo::Ticket(handed_in.clone()));
    }
}
