//! Pictures for tests: the screen's own ([`tui::sample`](pollscope_tui::sample)), with what the pipeline has in them.

use std::{sync::Arc, time::Duration};

use pollscope_core::{
    model::picture::{Picture, Together, View},
    trace::{clock::MILLI, event::JobKind},
};
pub(super) use pollscope_tui::sample::options;
use pollscope_tui::sample::{self, NAMES};

use crate::{
    pipeline::{NearDuplicate, Pages, PipelinePicture, RepoResult, ResultState, Row, RowState},
    settings::{Settings, Wait},
};

/// A pipeline that flows.
pub(super) fn flowing() -> Picture {
    with_rows(sample::flowing(), Wait::Async, flowing_rows())
}

/// The same with blocking waits: both workers sleep in a poll.
pub(super) fn blocked() -> Picture {
    with_rows(sample::blocked(), Wait::Blocking, blocked_rows())
}

/// Waits that each cost a thread of the blocking pool.
pub(super) fn pooled() -> Picture {
    with_rows(sample::pooled(), Wait::SpawnBlocking, flowing_rows())
}

/// Two programs, of which one is blocked.
pub(super) fn programs() -> Picture {
    let mut together = Together::new(2, &View::default());
    together.add(&"api".into(), true, blocked());
    together.add(&"jobs".into(), true, flowing());
    together.picture()
}

/// Many threads and tasks, all kinds of states.
pub(super) fn crowd() -> Picture {
    with_rows(sample::crowd(), Wait::Blocking, blocked_rows())
}

/// Names and reasons that would like to do harm, and every state that the other samples lack.
pub(super) fn hostile() -> Picture {
    let mut picture = with_rows(sample::hostile(), Wait::Async, flowing_rows());
    let names =
        ["\x1b[2J\x1b]0;gone\x07", "日本語のリポジトリ/とても長い名前", "a\u{202e}b/\u{301}\u{301}\u{301}c", "👩‍👩‍👧/🇩🇪"];
    let mut shown = super::shown::pipeline(&picture).clone();
    for (row, name) in shown.rows.iter_mut().zip(names) {
        row.name = name.into();
        row.state = RowState::Failed("502 Bad Gateway\r\n\x1b[31mafter 3 tries, and more of it".to_owned());
        row.issues = Pages { done: 3, total: None, cut: false };
        row.pulls = Pages { done: 3, total: Some(3), cut: true };
    }
    (shown.done, shown.failed) = (done(&shown.rows), names.len() as u32);
    (shown.wait_pending, shown.compute_pending) = (true, true);
    picture.scenarios = vec![Arc::new(shown)];
    picture
}

/// A picture of a pipeline that waits so, with repositories in these states.
fn with_rows(mut picture: Picture, wait: Wait, states: Vec<RowState>) -> Picture {
    let settings =
        Settings { wait, workers: 2, rayon_threads: 2, pause: Duration::from_millis(400), ..Settings::default() };
    let rows = rows(states);
    picture.scenarios = vec![Arc::new(PipelinePicture {
        settings: Some(settings),
        round: 3,
        done: done(&rows),
        rows,
        results: vec![Arc::new(result())],
        ..PipelinePicture::default()
    })];
    picture
}

fn flowing_rows() -> Vec<RowState> {
    use RowState::{Delivering, Done, InJob, Network, Polling, Queued, Sleeping};
    let job = |thread: &str| InJob(JobKind::Rayon, Some(thread.to_owned()));
    vec![
        Done,
        Done,
        Polling,
        job("rayon 1"),
        Sleeping,
        Network,
        job("rayon 0"),
        Network,
        Sleeping,
        InJob(JobKind::Rayon, None),
        RowState::Empty,
        RowState::IssuesDisabled,
        Delivering,
        Queued,
        Queued,
        Queued,
    ]
}

fn blocked_rows() -> Vec<RowState> {
    use RowState::{Blocked, Done, InJob, Network, Queued, Ready};
    vec![
        Done,
        Done,
        Blocked(312 * MILLI),
        InJob(JobKind::Rayon, Some("rayon 1".to_owned())),
        Ready(390 * MILLI),
        Blocked(128 * MILLI),
        Ready(371 * MILLI),
        Network,
        Ready(1_240 * MILLI),
        Ready(12 * MILLI),
        RowState::Empty,
        Done,
        Queued,
        Queued,
        Queued,
        Queued,
    ]
}

/// How many are done, and did not fail.
fn done(rows: &[Row]) -> u32 {
    let is_done = |row: &&Row| row.state.is_over() && !matches!(row.state, RowState::Failed(_));
    rows.iter().filter(is_done).count() as u32
}

fn rows(states: Vec<RowState>) -> Vec<Row> {
    states
        .into_iter()
        .zip(NAMES)
        .enumerate()
        .map(|(at, (state, name))| {
            let over = matches!(state, RowState::Done | RowState::Empty | RowState::IssuesDisabled);
            let queued = state == RowState::Queued;
            let analysed = match state {
                RowState::InJob(_, Some(_)) => Some(0.61),
                RowState::Done | RowState::Delivering => Some(1.0),
                _ => None,
            };
            let total = 3 + at as u32 % 6;
            let done = if over || analysed.is_some() { total } else { at as u32 % total };
            let pages =
                |done| Pages { done: if queued { 0 } else { done }, total: (!queued).then_some(total), cut: false };
            let blocked = matches!(state, RowState::Blocked(_) | RowState::Ready(_));
            Row {
                row: at as u32,
                name: name.into(),
                issues: pages(done),
                pulls: pages(done.saturating_sub(u32::from(!over && analysed.is_none()))),
                analysed,
                state,
                polls: if queued { 0 } else { 13 + 7 * at as u64 },
                longest_ready: match (queued, blocked) {
                    (true, _) => 0,
                    (_, true) => 812 * MILLI,
                    (_, false) => 110_000,
                },
                longest_poll: match (queued, blocked) {
                    (true, _) => 0,
                    (_, true) => 401 * MILLI,
                    (_, false) => 230_000,
                },
                task: (!queued).then_some(at as u32 + 1),
            }
        })
        .collect()
}

fn result() -> RepoResult {
    let words = |words: &[&str]| words.iter().map(|word| ((*word).to_owned(), 1.5)).collect();
    RepoResult {
        repo: "harbor/lantern".to_owned(),
        renamed_from: Some("harbor/lamp".to_owned()),
        issues: 812,
        pulls: 301,
        state: ResultState::Ok,
        reason: None,
        cut: true,
        near_duplicates: (0..11).map(|at| NearDuplicate { a: at * 7 + 1, b: at * 31 + 9, similarity: 0.94 }).collect(),
        labels: vec![("bug".to_owned(), 120), ("docs \x1b[2J".to_owned(), 31)],
        words: words(&["waker", "budget", "park", "unpark"]),
        open_days_median: Some(12.4),
        close_days_median: Some(3.1),
    }
}
