//! The shapes of GitHub's answers. They have all keys that its `OpenAPI` description requires, but for the repositories
//! within pull requests ([`BranchRepository`]).
//!
//! What Pollscope reads is a small part of this (`github::types`); a client has to cope with the rest, in
//! the sizes that it really has. Nothing here knows where the values come from.

use std::collections::BTreeMap;

use serde::Serialize;

#[derive(Clone, Serialize)]
#[expect(clippy::struct_field_names, reason = "the keys are GitHub's")]
pub(super) struct User {
    pub(super) login: String,
    pub(super) id: u64,
    pub(super) node_id: String,
    pub(super) avatar_url: String,
    pub(super) gravatar_id: &'static str,
    pub(super) url: String,
    pub(super) html_url: String,
    pub(super) followers_url: String,
    pub(super) following_url: String,
    pub(super) gists_url: String,
    pub(super) starred_url: String,
    pub(super) subscriptions_url: String,
    pub(super) organizations_url: String,
    pub(super) repos_url: String,
    pub(super) events_url: String,
    pub(super) received_events_url: String,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) user_view_type: &'static str,
    pub(super) site_admin: bool,
}

/// In old data a label is a plain string.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Label {
    Plain(&'static str),
    Full {
        id: u64,
        node_id: String,
        url: String,
        name: &'static str,
        color: &'static str,
        default: bool,
        description: &'static str,
    },
}

#[derive(Serialize)]
pub(super) struct Milestone {
    pub(super) url: String,
    pub(super) html_url: String,
    pub(super) labels_url: String,
    pub(super) id: u64,
    pub(super) node_id: String,
    pub(super) number: u64,
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) creator: Option<User>,
    pub(super) open_issues: u64,
    pub(super) closed_issues: u64,
    pub(super) state: &'static str,
    pub(super) created_at: String,
    pub(super) updated_at: String,
    pub(super) due_on: Option<String>,
    pub(super) closed_at: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Reactions {
    pub(super) url: String,
    pub(super) total_count: u32,
    #[serde(rename = "+1")]
    pub(super) plus: u32,
    #[serde(rename = "-1")]
    pub(super) minus: u32,
    pub(super) laugh: u32,
    pub(super) hooray: u32,
    pub(super) confused: u32,
    pub(super) heart: u32,
    pub(super) rocket: u32,
    pub(super) eyes: u32,
}

/// The mark of a pull request among issues.
#[derive(Serialize)]
pub(super) struct PullMark {
    pub(super) url: String,
    pub(super) html_url: String,
    pub(super) diff_url: String,
    pub(super) patch_url: String,
    pub(super) merged_at: Option<String>,
}

#[derive(Serialize)]
pub(super) struct SubIssues {
    pub(super) total: u32,
    pub(super) completed: u32,
    pub(super) percent_completed: u32,
}

/// A value that newer versions of the API leave out altogether.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Legacy<T> {
    LeftOut,
    Sent(Option<T>),
}

impl<T> Legacy<T> {
    pub(super) fn is_left_out(&self) -> bool {
        matches!(self, Self::LeftOut)
    }
}

#[derive(Serialize)]
pub(super) struct Issue {
    pub(super) url: String,
    pub(super) repository_url: String,
    pub(super) labels_url: String,
    pub(super) comments_url: String,
    pub(super) events_url: String,
    pub(super) html_url: String,
    pub(super) id: u64,
    pub(super) node_id: String,
    pub(super) number: u64,
    pub(super) title: String,
    pub(super) user: Option<User>,
    pub(super) labels: Vec<Label>,
    pub(super) state: &'static str,
    pub(super) locked: bool,
    #[serde(skip_serializing_if = "Legacy::is_left_out")]
    pub(super) assignee: Legacy<User>,
    pub(super) assignees: Vec<User>,
    pub(super) milestone: Option<Milestone>,
    pub(super) comments: u32,
    pub(super) created_at: String,
    pub(super) updated_at: String,
    pub(super) closed_at: Option<String>,
    pub(super) author_association: &'static str,
    #[serde(rename = "type")]
    pub(super) kind: Option<()>,
    pub(super) active_lock_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) draft: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pull_request: Option<PullMark>,
    pub(super) body: Option<String>,
    pub(super) closed_by: Option<User>,
    pub(super) reactions: Reactions,
    pub(super) timeline_url: String,
    pub(super) performed_via_github_app: Option<()>,
    pub(super) state_reason: Option<&'static str>,
    pub(super) sub_issues_summary: SubIssues,
}

/// `pull-request-simple`: without `merged`, `mergeable`, `comments` and `additions`.
#[derive(Serialize)]
pub(super) struct Pull {
    pub(super) url: String,
    pub(super) id: u64,
    pub(super) node_id: String,
    pub(super) html_url: String,
    pub(super) diff_url: String,
    pub(super) patch_url: String,
    pub(super) issue_url: String,
    pub(super) number: u64,
    pub(super) state: &'static str,
    pub(super) locked: bool,
    pub(super) title: String,
    pub(super) user: Option<User>,
    pub(super) body: Option<String>,
    pub(super) created_at: String,
    pub(super) updated_at: String,
    pub(super) closed_at: Option<String>,
    pub(super) merged_at: Option<String>,
    #[serde(skip_serializing_if = "Legacy::is_left_out")]
    pub(super) merge_commit_sha: Legacy<String>,
    #[serde(skip_serializing_if = "Legacy::is_left_out")]
    pub(super) assignee: Legacy<User>,
    pub(super) assignees: Vec<User>,
    pub(super) requested_reviewers: Vec<User>,
    pub(super) requested_teams: Vec<()>,
    pub(super) labels: Vec<Label>,
    pub(super) milestone: Option<Milestone>,
    pub(super) draft: bool,
    pub(super) commits_url: String,
    pub(super) review_comments_url: String,
    pub(super) review_comment_url: String,
    pub(super) comments_url: String,
    pub(super) statuses_url: String,
    pub(super) head: Branch,
    pub(super) base: Branch,
    #[serde(rename = "_links")]
    pub(super) links: PullLinks,
    pub(super) author_association: &'static str,
    pub(super) auto_merge: Option<()>,
    pub(super) active_lock_reason: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct Branch {
    pub(super) label: String,
    #[serde(rename = "ref")]
    pub(super) name: String,
    pub(super) sha: String,
    pub(super) user: Option<User>,
    /// None where the fork has been deleted.
    pub(super) repo: Option<BranchRepository>,
}

/// Much shorter than GitHub's, which repeats the whole repository twice in every pull request.
#[derive(Serialize)]
pub(super) struct BranchRepository {
    pub(super) id: u64,
    pub(super) node_id: String,
    pub(super) name: &'static str,
    pub(super) full_name: String,
    pub(super) private: bool,
    pub(super) html_url: String,
    pub(super) description: &'static str,
    pub(super) fork: bool,
    pub(super) url: String,
    pub(super) default_branch: &'static str,
}

#[derive(Serialize)]
pub(super) struct PullLinks {
    #[serde(rename = "self")]
    pub(super) itself: Href,
    pub(super) html: Href,
    pub(super) issue: Href,
    pub(super) comments: Href,
    pub(super) review_comments: Href,
    pub(super) review_comment: Href,
    pub(super) commits: Href,
    pub(super) statuses: Href,
}

#[derive(Serialize)]
pub(super) struct Href {
    pub(super) href: String,
}

/// `license-simple`
#[derive(Serialize)]
pub(super) struct License {
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) url: String,
    pub(super) spdx_id: &'static str,
    pub(super) node_id: &'static str,
}

/// `full-repository`
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the keys are GitHub's")]
pub(super) struct Repository {
    pub(super) id: u64,
    pub(super) node_id: String,
    pub(super) name: &'static str,
    pub(super) full_name: String,
    pub(super) private: bool,
    pub(super) owner: User,
    pub(super) html_url: String,
    pub(super) description: &'static str,
    pub(super) fork: bool,
    /// `url` and the addresses and templates below it, by their keys.
    #[serde(flatten)]
    pub(super) urls: BTreeMap<&'static str, String>,
    pub(super) git_url: String,
    pub(super) ssh_url: String,
    pub(super) clone_url: String,
    pub(super) svn_url: String,
    pub(super) mirror_url: Option<&'static str>,
    pub(super) created_at: String,
    pub(super) updated_at: String,
    pub(super) pushed_at: String,
    pub(super) homepage: Option<&'static str>,
    pub(super) size: u64,
    pub(super) stargazers_count: u64,
    pub(super) watchers_count: u64,
    pub(super) watchers: u64,
    pub(super) forks_count: u64,
    pub(super) forks: u64,
    pub(super) network_count: u64,
    pub(super) subscribers_count: u64,
    pub(super) language: &'static str,
    pub(super) license: License,
    pub(super) has_issues: bool,
    pub(super) has_projects: bool,
    pub(super) has_wiki: bool,
    pub(super) has_pages: bool,
    pub(super) has_discussions: bool,
    pub(super) archived: bool,
    pub(super) disabled: bool,
    pub(super) open_issues_count: usize,
    pub(super) open_issues: usize,
    pub(super) topics: [&'static str; 2],
    pub(super) visibility: &'static str,
    pub(super) default_branch: &'static str,
}
