//! One repository: both listings at once, page by page; then the analysis; then its result.

use std::{thread, time::Duration};

use pollscope::probe::{Probes, QueueReceiver};
use pollscope_core::trace::event::JobKind;
use rayon::prelude::*;

use super::{
    Fault, Order, ROWS_OF_A_LAB, Shared,
    analyse::{Analysis, InOrder, Place, analyse},
    event::{ClientCounters, Listing, Phase, PipelineEvent, Row, RowChange, RowId},
    result::{RepoResult, ResultState},
};
use crate::{
    github::{
        client::{self, Client, FetchError},
        types::{Issue, Pull, RepoName},
    },
    lab::Bench,
    settings::Compute,
};

/// The right to be in hand; handed in on drop, also when the task is cancelled.
#[derive(Debug)]
pub(super) struct Ticket(pub(super) QueueReceiver<()>);

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.try_recv();
    }
}

/// Spawns the task of one repository.
pub(super) fn spawn(shared: &Shared, order: Order, ticket: Ticket) {
    let name = order.repo.to_string();
    let row = order.row;
    let work = Work { shared: shared.clone(), row };
    let probes = shared.bench.probes.clone();
    let task = probes.task(&name, async move {
        let delivery = Delivery { shared: work.shared.clone(), row, repo: order.repo.clone(), delivered: false };
        work.run(order.repo, delivery).await;
        drop(ticket);
    });
    let id = task.id();
    shared.bench.tokio.spawn(task);
    probes.emit(PipelineEvent::Row(Row { row, change: RowChange::Started { task: id } }).into());
}

/// Makes sure that every repository has a result: a task that panics has one too.
#[derive(Debug)]
struct Delivery {
    shared: Shared,
    row: RowId,
    repo: RepoName,
    delivered: bool,
}

impl Delivery {
    /// From a thread that may wait for room.
    fn deliver_and_wait(mut self, result: RepoResult) {
        self.delivered = true;
        // Nobody takes results any more when the pipeline has stopped.
        let _ = self.shared.results.send((self.row, result));
    }

    /// From a task, which must not block: it looks again while there is no room.
    async fn deliver(mut self, result: RepoResult) {
        self.delivered = true;
        let mut item = (self.row, result);
        while let Err(back) = self.shared.results.try_send(item) {
            if self.shared.is_stopped() {
                return;
            }
            item = back;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if self.delivered || self.shared.is_stopped() {
            return;
        }
        let (results, row) = (self.shared.results.clone(), self.row);
        let result = failed(&self.repo, "its task panicked".to_owned());
        // A thread of its own waits for room: this one may be a worker. Where there is none, the round
        // does not end, and the screen shows a task that panicked.
        let _ = thread::Builder::new().name("undertaker".into()).spawn(move || drop(results.send((row, result))));
    }
}

/// A repository's task.
#[derive(Clone, Debug)]
struct Work {
    shared: Shared,
    row: RowId,
}

/// Both listings of a repository.
#[derive(Debug, Default)]
struct Fetched {
    issues: Vec<Issue>,
    pulls: Vec<Pull>,
    issues_disabled: bool,
    renamed_to: Option<RepoName>,
    cut: bool,
}

impl Work {
    // ANCHOR: together
    async fn run(self, repo: RepoName, delivery: Delivery) {
        self.fail_if(Fault::Task);
        match self.fetch(&repo).await {
            Ok(fetched) => self.analyse(&repo, fetched, delivery).await,
            Err(error) => {
                self.tell(RowChange::Delivers);
                delivery.deliver(failed(&repo, error.to_string())).await;
            }
        }
    }

    // ANCHOR_END: together

    fn fail_if(&self, fault: Fault) {
        let is_first = ((self.row % ROWS_OF_A_LAB) as usize).is_multiple_of(self.shared.plan.repos.len());
        assert!(!is_first || self.shared.plan.fault != Some(fault), "a test asked for this panic");
    }

    fn tell(&self, change: RowChange) {
        self.shared.bench.probes.emit(PipelineEvent::Row(Row { row: self.row, change }).into());
    }

    // ANCHOR: together
    /// Both listings at once, inside this one task.
    async fn fetch(&self, repo: &RepoName) -> Result<Fetched, FetchError> {
        let probes = &self.shared.bench.probes;
        let client = &self.shared.plan.client;
        let issues = probes.nested("issues", self.pages(Listing::Issues, client.issues(repo)));
        let pulls = probes.nested("pulls", self.pages(Listing::Pulls, client.pulls(repo)));
        let (issues, pulls) = tokio::join!(issues, pulls);
        // ANCHOR_END: together
        let pulls = pulls?;
        let (issues, issues_disabled) = match issues {
            Err(error) if error.issues_disabled() => (Pages::default(), true),
            issues => (issues?, false),
        };
        Ok(Fetched {
            issues: issues.items.into_iter().filter(|issue| !issue.pull_request).collect(),
            pulls: pulls.items,
            issues_disabled,
            renamed_to: issues.renamed_to.or(pulls.renamed_to),
            cut: issues.cut || pulls.cut,
        })
    }

    /// All pages of a listing, with a polite pause after each.
    async fn pages<T: Clone + client::Item>(
        &self,
        listing: Listing,
        mut from: client::Listing<T>,
    ) -> Result<Pages<T>, FetchError> {
        let mut pages = Pages::default();
        let result = loop {
            self.tell(RowChange::Phase(listing, Phase::Network));
            let page = match from.next().await {
                Ok(Some(page)) => page,
                Ok(None) => {
                    pages.cut = from.was_cut();
                    break Ok(pages);
                }
                Err(error) => break Err(error),
            };
            let cut = from.was_cut();
            self.shared.outcomes.page();
            self.tell(RowChange::Page { listing, done: page.number, pages: page.pages, cut });
            pages.items.extend_from_slice(&page.items);
            pages.renamed_to = page.renamed_to.or(pages.renamed_to);
            pages.cut = cut;
            self.tell(RowChange::Phase(listing, Phase::Pause));
            self.shared.bench.pause("a polite pause", self.shared.plan.pause).await;
        };
        self.tell(RowChange::Phase(listing, Phase::Done));
        result
    }

    /// Where the compute strategy says.
    async fn analyse(self, repo: &RepoName, fetched: Fetched, delivery: Delivery) {
        self.tell(RowChange::AwaitsPermit);
        let Some(permit) = self.shared.fetched.enter().await else { return };
        let name = format!("analysis of {repo}");
        self.tell(RowChange::Analysed { share: 0.0 });
        let (work, asked) = (self.clone(), repo.clone());
        let in_job = move |strategy: Compute| {
            let analysis = work.compute(&fetched, strategy);
            let result = result(&asked, &fetched, analysis);
            work.tell(RowChange::Delivers);
            if strategy == Compute::Inline {
                return Some((delivery, result));
            }
            delivery.deliver_and_wait(result);
            None
        };
        // A computation that panicked has dropped its delivery, which tells of it.
        if let Some(Some((delivery, result))) = self.shared.bench.compute(&name, permit, in_job).await {
            delivery.deliver(result).await;
        }
    }

    // ANCHOR: together
    fn compute(&self, fetched: &Fetched, strategy: Compute) -> Analysis {
        self.fail_if(Fault::Job);
        let progress = |share| self.tell(RowChange::Analysed { share });
        let now = self.shared.plan.now;
        match strategy {
            Compute::Rayon => analyse(&fetched.issues, now, &Spread(&self.shared.bench), &progress),
            _ => analyse(&fetched.issues, now, &InOrder, &progress),
        }
    }
    // ANCHOR_END: together
}

/// The pages of a listing.
#[derive(Debug)]
struct Pages<T> {
    items: Vec<T>,
    renamed_to: Option<RepoName>,
    cut: bool,
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self { items: Vec::new(), renamed_to: None, cut: false }
    }
}

/// Spread over the Rayon pool: each part is a job that is measured.
struct Spread<'a>(&'a Bench);

impl Spread<'_> {
    /// Parts for each thread, so that a late one can steal.
    const PARTS: usize = 4;
}

impl Place for Spread<'_> {
    fn map<T: Sync, R: Send>(&self, step: &'static str, items: &[T], f: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
        let probes: &Probes = &self.0.probes;
        let parts = self.0.rayon.current_num_threads() * Self::PARTS;
        let part = |items: &[T]| probes.job(step, JobKind::Split, || items.iter().map(&f).collect::<Vec<_>>())();
        let parts: Vec<Vec<R>> = items.par_chunks(items.len().div_ceil(parts).max(8)).map(part).collect();
        parts.into_iter().flatten().collect()
    }
}

/// The client's counters as the trace has them.
pub(super) fn counters(client: &Client) -> ClientCounters {
    let counters = client.counters();
    ClientCounters {
        bytes: counters.bytes,
        requests: counters.requests,
        retries: counters.retries,
        not_modified: counters.not_modified,
        unread_answers: counters.unread_answers,
    }
}

fn failed(repo: &RepoName, reason: String) -> RepoResult {
    RepoResult {
        repo: repo.to_string(),
        renamed_from: None,
        issues: 0,
        pulls: 0,
        state: ResultState::Failed,
        reason: Some(reason),
        cut: false,
        near_duplicates: Vec::new(),
        labels: Vec::new(),
        words: Vec::new(),
        open_days_median: None,
        close_days_median: None,
    }
}

fn result(asked: &RepoName, fetched: &Fetched, analysis: Analysis) -> RepoResult {
    let state = match (fetched.issues_disabled, fetched.issues.len() + fetched.pulls.len()) {
        (true, _) => ResultState::IssuesDisabled,
        (false, 0) => ResultState::Empty,
        _ => ResultState::Ok,
    };
    let renamed = fetched.renamed_to.as_ref();
    RepoResult {
        repo: renamed.unwrap_or(asked).to_string(),
        renamed_from: renamed.map(|_| asked.to_string()),
        issues: fetched.issues.len() as u64,
        pulls: fetched.pulls.len() as u64,
        state,
        reason: None,
        cut: fetched.cut,
        near_duplicates: analysis.near_duplicates,
        labels: analysis.labels,
        words: analysis.words,
        open_days_median: analysis.age_days.map(|spread| spread.median),
        close_days_median: analysis.close_days.map(|spread| spread.median),
    }
}
