//! The whole analysis: the same wherever it runs, and right about what was planted.

use std::sync::Mutex;

use super::{
    sample::{issue, repository},
    *,
};
use crate::github::types::Label;

/// Four threads, each of which computes its part from the end to the start.
struct Reversed;

impl Place for Reversed {
    fn map<T: Sync, R: Send>(&self, _: &'static str, items: &[T], f: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
        let f = &f;
        std::thread::scope(|scope| {
            let parts = items.chunks(items.len().div_ceil(4).max(1));
            let threads: Vec<_> =
                parts.map(|part| scope.spawn(move || part.iter().rev().map(f).collect::<Vec<_>>())).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap().into_iter().rev()).collect()
        })
    }
}

fn now() -> Timestamp {
    "2026-03-01T00:00:00Z".parse().unwrap()
}

fn analysed(issues: &[Issue]) -> Analysis {
    analyse(issues, now(), &InOrder, &|_| ())
}

fn pairs(analysis: &Analysis) -> Vec<(u64, u64)> {
    analysis.near_duplicates.iter().map(|pair| (pair.a, pair.b)).collect()
}

const REPORT: &str = "The runtime stops after a while: one worker sleeps inside a poll and holds the timer, \
    so that nothing else gets to run until the blocking call returns.";

#[test]
fn the_place_makes_no_difference() {
    let issues = repository(60);
    assert_eq!(analysed(&issues), analyse(&issues, now(), &Reversed, &|_| ()));
}

#[test]
fn the_order_of_the_issues_makes_no_difference() {
    let mut issues = repository(60);
    let in_order = analysed(&issues);
    issues.reverse();
    assert_eq!(analysed(&issues), in_order);
}

#[test]
fn planted_near_duplicates_are_found_and_nothing_else() {
    let analysis = analysed(&repository(60));
    let mut found = pairs(&analysis);
    found.sort_unstable();
    assert_eq!(found, [(9, 10), (19, 20), (29, 30), (39, 40), (49, 50), (59, 60)]);
    for pair in &analysis.near_duplicates {
        assert!((0.75..0.9).contains(&pair.similarity), "{pair:?}");
    }
    assert!(analysis.near_duplicates.is_sorted_by(|a, b| a.similarity >= b.similarity));
}

#[test]
fn equal_similarities_go_by_number() {
    let issues: Vec<_> = [8, 2, 5].map(|number| issue(number, "", REPORT)).into();
    assert_eq!(pairs(&analysed(&issues)), [(2, 5), (2, 8), (5, 8)]);
}

#[test]
fn a_flood_of_equal_issues_gives_a_bounded_list() {
    let issues: Vec<_> = (1..=160).map(|number| issue(number, "", REPORT)).collect();
    let analysis = analysed(&issues);
    assert_eq!(analysis.near_duplicates.len(), MOST_NEAR_DUPLICATES);
    assert_eq!(pairs(&analysis)[0], (1, 2));
}

#[test]
fn escape_sequences_in_a_title_do_not_matter() {
    let plain = issue(1, "Worker sleeps in a poll", REPORT);
    let coloured = issue(2, "\u{1b}[1;31mWorker\u{1b}[0m sleeps in a \u{1b}]0;owned\u{7}poll", REPORT);
    let analysis = analysed(&[plain, coloured, issue(3, "Other", "text")]);
    let pair = NearDuplicate { a: 1, b: 2, similarity: 1.0 };
    assert_eq!(analysis.near_duplicates, [pair]);
    assert!(!analysis.words.is_empty());
    assert!(analysis.words.iter().all(|(word, _)| word.chars().all(char::is_alphanumeric)));
}

#[test]
fn pull_requests_and_repeats_are_not_counted() {
    let mut pull = issue(3, "", REPORT);
    pull.pull_request = true;
    let analysis = analysed(&[issue(1, "", REPORT), pull, issue(1, "", REPORT)]);
    assert_eq!((analysis.issues, analysis.open, analysis.near_duplicates.len()), (1, 1, 0));
}

#[test]
fn labels_are_all_there_by_count_then_by_name() {
    let labelled = |number, names: &[&str]| Issue {
        labels: names.iter().map(|&name| Label(name.to_owned())).collect(),
        ..issue(number, "", "")
    };
    let analysis = analysed(&[labelled(1, &["docs", "bug"]), labelled(2, &["timer", "bug"]), labelled(3, &[])]);
    let expected = [("bug", 2), ("docs", 1), ("timer", 1)];
    assert_eq!(analysis.labels, expected.map(|(name, count)| (name.to_owned(), count)));
}

#[test]
fn open_and_closed_are_counted_and_their_spans_told_apart() {
    let analysis = analysed(&repository(60));
    assert_eq!((analysis.issues, analysis.open), (60, 30));
    assert_eq!(analysis.age_days, Some(Spread { median: 59.0, p90: 59.0, max: 59.0 }));
    assert!(analysis.close_days.is_some_and(|spread| spread.median < spread.p90 && spread.p90 <= spread.max));
}

#[test]
fn progress_runs_from_nothing_to_exactly_all_and_never_back() {
    let shares = Mutex::new(Vec::new());
    analyse(&repository(120), now(), &InOrder, &|share| shares.lock().unwrap().push(share));
    let shares = shares.into_inner().unwrap();
    assert!(shares.len() >= 10 && shares.len() <= 101, "{} reports", shares.len());
    assert!(shares.is_sorted_by(|a, b| a < b));
    assert_eq!((shares.first(), shares.last()), (Some(&0.0), Some(&1.0)));
}

#[test]
fn progress_never_goes_back_on_any_thread() {
    let shares = Mutex::new(BTreeMap::<String, Vec<f32>>::new());
    analyse(&repository(60), now(), &Reversed, &|share| {
        let thread = format!("{:?}", std::thread::current().id());
        shares.lock().unwrap().entry(thread).or_default().push(share);
    });
    assert!(shares.into_inner().unwrap().values().all(|shares| shares.is_sorted()));
}

#[test]
fn nothing_gives_nothing_and_ends_all_the_same() {
    let last = Mutex::new(None);
    let analysis = analyse(&[], now(), &Reversed, &|share| *last.lock().unwrap() = Some(share));
    let expected = Analysis {
        issues: 0,
        open: 0,
        near_duplicates: Vec::new(),
        labels: Vec::new(),
        words: Vec::new(),
        age_days: None,
        close_days: None,
    };
    assert_eq!((analysis, *last.lock().unwrap()), (expected, Some(1.0)));
}
