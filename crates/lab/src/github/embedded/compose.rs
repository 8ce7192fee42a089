//! Composes the objects of one repository from its history. `pulls` has those of its pull requests, `repository` has
//! the repository's own.
//!
//! Each object depends on the seed and its own entry only. Knows nothing of pages and requests.

mod pulls;
mod repository;

use std::sync::LazyLock;

use fastrand::Rng;
use jiff::Timestamp;

use super::{
    catalogue::{Quirk, Row},
    dice::{self, Purpose},
    history::{Entry, Kind, REFERENCE, Role},
    objects::{Issue, Label, Legacy, Milestone, PullMark, Reactions, SubIssues, User},
    people::{People, user},
    text::text,
};

/// Which version of the API an answer speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum ApiVersion {
    /// `2022-11-28`, what a request without a version gets.
    V2022,
    /// `2026-03-10`: without `assignee` and `merge_commit_sha`.
    V2026,
}

static LABELS: LazyLock<Vec<[&'static str; 3]>> = LazyLock::new(|| {
    include_str!("../../../assets/embedded/labels.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| <[&str; 3]>::try_from(line.split('|').collect::<Vec<_>>()).ok())
        .collect()
});

/// Writes the objects of one repository.
pub(super) struct Composer<'a> {
    pub(super) seed: u64,
    pub(super) index: u64,
    pub(super) row: &'static Row,
    /// The repository's.
    pub(super) id: u64,
    pub(super) base: &'a str,
    pub(super) version: ApiVersion,
}

impl Composer<'_> {
    fn people(&self) -> People<'_> {
        People { seed: self.seed, index: self.index, base: self.base }
    }

    fn api(&self) -> String {
        format!("{}/repos/{}/{}", self.base, self.row.owner, self.row.name)
    }

    fn html(&self) -> String {
        format!("{}/{}/{}", self.base, self.row.owner, self.row.name)
    }

    fn owner(&self) -> User {
        user(self.base, self.row.owner.to_owned(), self.id / 11, "Organization")
    }

    fn legacy<T>(&self, value: Option<T>) -> Legacy<T> {
        match self.version {
            ApiVersion::V2022 => Legacy::Sent(value),
            ApiVersion::V2026 => Legacy::LeftOut,
        }
    }

    fn rng(&self, entry: &Entry, purpose: Purpose) -> Rng {
        dice::rng(self.seed, purpose, &[self.index, entry.number])
    }

    fn author(&self, entry: &Entry) -> Option<User> {
        self.people().author(&mut self.rng(entry, Purpose::Author))
    }

    fn assignee(&self, entry: &Entry) -> Option<User> {
        let mut rng = self.rng(entry, Purpose::Assignee);
        (rng.u32(..6) == 0).then(|| self.people().maintainer(&mut rng))
    }

    fn association(&self, entry: &Entry) -> &'static str {
        let mut rng = self.rng(entry, Purpose::Association);
        ["NONE", "NONE", "NONE", "CONTRIBUTOR", "CONTRIBUTOR", "MEMBER"][rng.usize(..6)]
    }

    fn is_draft(&self, entry: &Entry) -> bool {
        entry.closed.is_none() && self.rng(entry, Purpose::Draft).u32(..4) == 0
    }

    pub(super) fn issue(&self, entry: &Entry) -> Issue {
        let mut rng = self.rng(entry, Purpose::Rest);
        let number = entry.number;
        let (api, html) = (self.api(), self.html());
        let url = format!("{api}/issues/{number}");
        let id = self.id * 3 + number * 7_919;
        let words = text(self.seed, self.index, self.row, entry);
        let assignee = self.assignee(entry);
        let locked = !entry.is_pull() && rng.u32(..60) == 0;
        Issue {
            repository_url: api.clone(),
            labels_url: format!("{url}/labels{{/name}}"),
            comments_url: format!("{url}/comments"),
            events_url: format!("{url}/events"),
            timeline_url: format!("{url}/timeline"),
            html_url: format!("{html}/{}/{number}", if entry.is_pull() { "pull" } else { "issues" }),
            id,
            node_id: format!("I_kwDO{id:016x}"),
            number,
            title: words.title,
            user: self.author(entry),
            labels: self.labels(entry),
            state: state(entry),
            locked,
            assignees: assignee.iter().cloned().collect(),
            assignee: self.legacy(assignee),
            milestone: self.milestone(entry),
            comments: comments(&mut rng),
            created_at: date(entry.created),
            updated_at: date(updated(&mut self.rng(entry, Purpose::Updated), entry)),
            closed_at: entry.closed.map(date),
            author_association: self.association(entry),
            kind: None,
            active_lock_reason: (locked && rng.bool()).then_some("resolved"),
            draft: entry.is_pull().then(|| self.is_draft(entry)),
            pull_request: entry.is_pull().then(|| self.pull_mark(entry)),
            body: words.body,
            closed_by: entry.closed.map(|_| self.people().maintainer(&mut rng)),
            reactions: reactions(&mut rng, &url),
            performed_via_github_app: None,
            state_reason: state_reason(&mut rng, entry),
            sub_issues_summary: SubIssues { total: 0, completed: 0, percent_completed: 0 },
            url,
        }
    }

    fn pull_mark(&self, entry: &Entry) -> PullMark {
        let html = format!("{}/pull/{}", self.html(), entry.number);
        PullMark {
            url: format!("{}/pulls/{}", self.api(), entry.number),
            diff_url: format!("{html}.diff"),
            patch_url: format!("{html}.patch"),
            html_url: html,
            merged_at: entry.merged().map(date),
        }
    }

    fn labels(&self, entry: &Entry) -> Vec<Label> {
        let mut rng = self.rng(entry, Purpose::Labels);
        let amount = rng.usize(..4).min(rng.usize(..4));
        let plain =
            self.row.quirk == Quirk::PlainLabels && entry.number < u64::midpoint(self.row.issues, self.row.pulls);
        let chosen = rng.choose_multiple(LABELS.iter().enumerate(), amount);
        chosen
            .into_iter()
            .map(|(at, &[name, color, description])| {
                if plain {
                    return Label::Plain(name);
                }
                let id = self.id * 5 + at as u64;
                Label::Full {
                    id,
                    node_id: format!("LA_kwDO{id:016x}"),
                    url: format!("{}/labels/{}", self.api(), name.replace(' ', "%20")),
                    name,
                    color,
                    default: at < 6,
                    description,
                }
            })
            .collect()
    }

    fn milestone(&self, entry: &Entry) -> Option<Milestone> {
        let mut rng = self.rng(entry, Purpose::Milestone);
        let number = rng.u64(1..=40);
        if number > 8 {
            return None;
        }
        let url = format!("{}/milestones/{number}", self.api());
        let id = self.id + number;
        Some(Milestone {
            html_url: format!("{}/milestone/{number}", self.html()),
            labels_url: format!("{url}/labels"),
            url,
            id,
            node_id: format!("MI_kwDO{id:016x}"),
            number,
            title: format!("0.{number}"),
            description: None,
            creator: Some(self.people().maintainer(&mut rng)),
            open_issues: rng.u64(..30),
            closed_issues: rng.u64(..90),
            state: "open",
            created_at: date(entry.created - 86_400),
            updated_at: date(entry.created),
            due_on: None,
            closed_at: None,
        })
    }
}

/// As GitHub writes a date: RFC 3339, whole seconds, UTC.
fn date(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or_default().to_string()
}

fn state(entry: &Entry) -> &'static str {
    if entry.closed.is_some() { "closed" } else { "open" }
}

fn state_reason(rng: &mut Rng, entry: &Entry) -> Option<&'static str> {
    entry.closed?;
    match (entry.kind, entry.role) {
        (Kind::Pull { .. }, _) => None,
        (Kind::Issue, Role::CopyOf(_)) => Some("duplicate"),
        (Kind::Issue, _) => Some(if rng.u32(..6) == 0 { "not_planned" } else { "completed" }),
    }
}

/// At the earliest when it was closed; now and then somebody comments later.
fn updated(rng: &mut Rng, entry: &Entry) -> i64 {
    let last = entry.closed.unwrap_or(entry.created);
    if rng.bool() { last } else { last + rng.i64(0..=(REFERENCE - last).min(9_000_000)) }
}

/// Most threads are short.
fn comments(rng: &mut Rng) -> u32 {
    (1.4 * dice::normal(rng) + 0.6).exp() as u32
}

fn reactions(rng: &mut Rng, url: &str) -> Reactions {
    let plus = (1.2 * dice::normal(rng)).exp() as u32;
    let heart = rng.u32(..12) / 10;
    let eyes = rng.u32(..12) / 11;
    Reactions {
        url: format!("{url}/reactions"),
        total_count: plus + heart + eyes,
        plus,
        minus: 0,
        laugh: 0,
        hooray: 0,
        confused: 0,
        heart,
        rocket: 0,
        eyes,
    }
}
