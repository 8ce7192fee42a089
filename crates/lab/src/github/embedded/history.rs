//! What happened in a repository and when: numbers, kinds, dates, and which issues repeat others.
//!
//! This much is made at a repository's first touch, since a page needs to know what comes before it.
//! Texts and objects are made from it page by page; nothing of them is known here.

use fastrand::Rng;

use super::{
    catalogue::Row,
    dice::{self, Purpose},
};

/// 2026-01-01T00:00:00Z in Unix seconds: the data's today. Fixed, so that ages do not depend on the day on
/// which the data is looked at.
pub(super) const REFERENCE: i64 = 1_767_225_600;

const DAY: f64 = 86_400.0;

/// One issue or pull request.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Issues and pull requests share one sequence, from 1.
    pub(super) number: u64,
    pub(super) kind: Kind,
    /// Unix seconds.
    pub(super) created: i64,
    /// Unix seconds; none while open.
    pub(super) closed: Option<i64>,
    pub(super) role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Issue,
    /// Merged when it was closed, or not.
    Pull {
        merged: bool,
    },
}

/// What an entry is there to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Plain,
    /// Its title holds control characters.
    Hostile,
    /// Some later issue repeats it.
    Original,
    /// It repeats the issue of this number.
    CopyOf(u64),
}

impl Entry {
    pub(super) fn is_pull(&self) -> bool {
        matches!(self.kind, Kind::Pull { .. })
    }

    /// Unix seconds; none unless merged.
    pub(super) fn merged(&self) -> Option<i64> {
        if self.kind == (Kind::Pull { merged: true }) { self.closed } else { None }
    }
}

/// A repository's entries, newest first, as GitHub lists them.
pub(super) fn history(seed: u64, index: u64, row: &Row) -> Vec<Entry> {
    let mut rng = dice::rng(seed, Purpose::History, &[index]);
    let mut kinds: Vec<bool> = (0..row.issues + row.pulls).map(|n| n < row.pulls).collect();
    rng.shuffle(&mut kinds);
    let span = row.age_days as f64 * DAY;
    let mut births: Vec<i64> = kinds.iter().map(|_| REFERENCE - (rng.f64() * span) as i64).collect();
    births.sort_unstable();
    let mut entries: Vec<Entry> =
        kinds.iter().zip(births).zip(1..).map(|((pull, born), number)| entry(&mut rng, number, *pull, born)).collect();
    cast(&mut rng, &mut entries);
    entries.reverse();
    entries
}

/// Most get closed, half of them within days, a few after years: log-normal, as in real trackers.
fn entry(rng: &mut Rng, number: u64, pull: bool, created: i64) -> Entry {
    let (share, median_days, spread) = if pull { (0.90, 1.5, 1.5) } else { (0.67, 7.0, 1.9) };
    let takes = median_days * DAY * (spread * dice::normal(rng)).exp();
    let closed = (rng.f64() < share).then(|| created + takes as i64 + 40).filter(|closed| *closed < REFERENCE);
    let merged = rng.f64() < 0.83 && closed.is_some();
    let kind = if pull { Kind::Pull { merged } } else { Kind::Issue };
    Entry { number, kind, created, closed, role: Role::Plain }
}

/// Gives out roles among issues (oldest first): one in 25 repeats another, in pairs that share no member,
/// and large repositories get a few titles that attack the terminal.
fn cast(rng: &mut Rng, entries: &mut [Entry]) {
    let mut issues: Vec<usize> = (0..entries.len()).filter(|at| !entries[*at].is_pull()).collect();
    rng.shuffle(&mut issues);
    let copies = issues.len() / 25;
    let hostile = if issues.len() >= 100 { issues.len() / 60 } else { issues.len() / 50 };
    let (pairs, others) = issues.split_at(2 * copies);
    for pair in pairs.chunks_exact(2) {
        let (first, second) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
        entries[first].role = Role::Original;
        entries[second].role = Role::CopyOf(entries[first].number);
    }
    for at in &others[..hostile] {
        entries[*at].role = Role::Hostile;
    }
}

#[cfg(test)]
mod tests {
    use super::{super::catalogue::CATALOGUE, *};

    #[test]
    fn numbers_and_dates_fall_and_nothing_is_closed_before_it_was_opened() {
        for (index, row) in CATALOGUE.iter().enumerate() {
            let entries = history(1, index as u64, row);
            assert_eq!(entries.len() as u64, row.issues + row.pulls);
            assert_eq!(entries.iter().filter(|entry| entry.is_pull()).count() as u64, row.pulls);
            assert!(entries.is_sorted_by(|a, b| a.number > b.number && a.created >= b.created));
            assert!(entries.iter().all(|entry| entry.closed.is_none_or(|c| c > entry.created && c < REFERENCE)));
            assert!(entries.iter().all(|entry| entry.merged().is_none() || entry.is_pull()));
        }
    }

    #[test]
    fn about_seven_in_ten_are_closed() {
        let entries: Vec<Entry> =
            CATALOGUE.iter().enumerate().flat_map(|(index, row)| history(1, index as u64, row)).collect();
        let closed = entries.iter().filter(|entry| entry.closed.is_some()).count();
        let percent = closed * 100 / entries.len();
        assert!((65..=76).contains(&percent), "{percent}%");
    }

    #[test]
    fn larger_repositories_have_hostile_titles_and_copies() {
        for (index, row) in CATALOGUE.iter().enumerate().filter(|(_, row)| row.issues >= 100) {
            let entries = history(2, index as u64, row);
            assert!(entries.iter().any(|entry| entry.role == Role::Hostile));
            let copies = entries.iter().filter(|entry| matches!(entry.role, Role::CopyOf(_))).count() as u64;
            assert_eq!(copies, row.issues / 25);
        }
    }
}
