//! What the pipeline reports while it runs: its rounds, its repositories, its client's counters.

use std::sync::Arc;

use pollscope_core::trace::{
    event::{Event, ScenarioEvent},
    record::ActivityId,
};
use serde::{Deserialize, Serialize};

use super::result::RepoResult;
use crate::float;

/// A repository of one round of the pipeline.
pub type RowId = u32;

/// What the pipeline reports.
#[derive(Clone, Debug)]
pub enum PipelineEvent {
    /// A round began.
    Round(Round),
    /// All repositories of the round are done.
    RoundDone,
    /// Something about a repository.
    Row(Row),
    /// The client's counters.
    Client(ClientCounters),
}

/// A round began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// From 1.
    pub number: u32,
}

/// Something about a repository.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// Which one.
    pub row: RowId,
    /// What.
    pub change: RowChange,
}

/// The names of the payloads; each is followed by the name of the same event in recordings of version 2, which had them among
/// core's own.
const ROUND: [&str; 2] = ["pipeline/round", "round"];
const ROUND_DONE: [&str; 2] = ["pipeline/round-done", "round_done"];
const ROW: [&str; 2] = ["pipeline/row", "row"];
const CLIENT: [&str; 2] = ["pipeline/client", "client"];

impl PipelineEvent {
    /// Decodes an event; none where it is none of the pipeline's.
    pub fn read(event: &ScenarioEvent) -> Option<Self> {
        let is = |names: [&str; 2]| names.contains(&&*event.schema);
        match () {
            () if is(ROUND) => event.payload.read().map(Self::Round),
            () if is(ROUND_DONE) => Some(Self::RoundDone),
            () if is(ROW) => {
                let mut row: Row = event.payload.read()?;
                // Ids may have changed since the payload was written; those beside it have changed with them.
                if let (RowChange::Started { task }, Some(now)) = (&mut row.change, event.tasks.first()) {
                    *task = *now;
                }
                Some(Self::Row(row))
            }
            () if is(CLIENT) => event.payload.read().map(Self::Client),
            () => None,
        }
    }

    /// Encodes it.
    pub fn encode(&self) -> ScenarioEvent {
        match self {
            Self::Round(round) => ScenarioEvent::new(ROUND[0], round),
            Self::RoundDone => ScenarioEvent::new(ROUND_DONE[0], &()),
            Self::Row(row) => {
                let tasks = if let RowChange::Started { task } = row.change { vec![task] } else { Vec::new() };
                ScenarioEvent::new(ROW[0], row).about_tasks(tasks)
            }
            Self::Client(counters) => ScenarioEvent::new(CLIENT[0], counters),
        }
    }
}

impl From<PipelineEvent> for Event {
    fn from(event: PipelineEvent) -> Self {
        Self::Scenario(Box::new(event.encode()))
    }
}

/// One of the two listings of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Listing {
    /// `/issues`.
    Issues,
    /// `/pulls`.
    Pulls,
}

/// What a listing waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// An answer.
    Network,
    /// The polite pause.
    Pause,
    /// Nothing more.
    Done,
}

/// Something about a repository.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowChange {
    /// It is in line.
    Queued {
        /// `owner/name`.
        name: Arc<str>,
    },
    /// A task works on it.
    Started {
        /// Which one.
        task: ActivityId,
    },
    /// A listing does something else now.
    Phase(Listing, Phase),
    /// A page was read.
    Page {
        /// Of which listing.
        listing: Listing,
        /// Pages so far.
        done: u32,
        /// Pages in all, where known.
        pages: Option<u32>,
        /// Whether `--max-pages` cuts the listing.
        cut: bool,
    },
    /// It waits for a permit to be analysed.
    AwaitsPermit,
    /// The analysis is this far.
    Analysed {
        /// The share that is done, 0 to 1.
        #[serde(deserialize_with = "float::share")]
        share: f32,
    },
    /// The task has handed its result over.
    Delivers,
    /// It is done.
    Done(Arc<RepoResult>),
}

/// What the client has counted in this run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCounters {
    /// Bytes of bodies.
    pub bytes: u64,
    /// Requests, with retries.
    pub requests: u64,
    /// Requests made again.
    pub retries: u64,
    /// Answers that said 'as you know it'.
    pub not_modified: u64,
    /// Answers that nobody could read in time and that were asked for again.
    pub unread_answers: u64,
}
