//! The repository's own object, with all addresses that GitHub lists in it.
//!
//! Every address is made from the server's base address, the owner and the name. Knows nothing of pages.

use super::{
    super::{
        catalogue::Quirk,
        dice::{self, Purpose},
        history::REFERENCE,
        objects::{License, Repository},
    },
    Composer, date,
};

/// The properties that are an address below the repository's own, each with what GitHub appends to that.
const BELOW: [(&str, &str); 37] = [
    ("archive_url", "/{archive_format}{/ref}"),
    ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"),
    ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"),
    ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"),
    ("events_url", "/events"),
    ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"),
    ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"),
    ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since,all,participating}"),
    ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"),
    ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("tags_url", "/tags"),
    ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"),
    ("url", ""),
];

impl Composer<'_> {
    /// Composes the repository's own object; `open` is the number of open issues and pull requests.
    pub(in super::super) fn repository(&self, open: usize) -> Repository {
        let (api, html) = (self.api(), self.html());
        let full_name = format!("{}/{}", self.row.owner, self.row.name);
        let host = self.host();
        let mut rng = dice::rng(self.seed, Purpose::Repository, &[self.index]);
        let stars = self.row.issues * 7 + rng.u64(..90);
        let forks = stars / 12;
        Repository {
            id: self.id,
            node_id: format!("R_kgDO{:08x}", self.id),
            name: self.row.name,
            private: false,
            owner: self.owner(),
            description: self.row.description,
            fork: false,
            urls: BELOW.iter().map(|&(key, end)| (key, format!("{api}{end}"))).collect(),
            git_url: format!("git://{host}/{full_name}.git"),
            ssh_url: format!("git@{host}:{full_name}.git"),
            clone_url: format!("{html}.git"),
            svn_url: html.clone(),
            mirror_url: None,
            html_url: html,
            full_name,
            created_at: date(REFERENCE - (self.row.age_days * 86_400).cast_signed()),
            updated_at: date(REFERENCE - rng.i64(60..80_000)),
            pushed_at: date(REFERENCE - rng.i64(60..80_000)),
            homepage: None,
            size: rng.u64(90..40_000),
            stargazers_count: stars,
            watchers_count: stars,
            watchers: stars,
            forks_count: forks,
            forks,
            network_count: forks,
            subscribers_count: stars / 30 + 1,
            language: "Rust",
            license: License {
                key: "mit",
                name: "MIT License",
                url: format!("{}/licenses/mit", self.base),
                spdx_id: "MIT",
                node_id: "MDc6TGljZW5zZTEz",
            },
            has_issues: self.row.quirk != Quirk::IssuesDisabled,
            has_projects: false,
            has_wiki: false,
            has_pages: false,
            has_discussions: false,
            archived: false,
            disabled: false,
            open_issues_count: open,
            open_issues: open,
            topics: ["rust", "invented"],
            visibility: "public",
            default_branch: "main",
        }
    }

    /// Returns the server's host without scheme and port: `git:` and SSH have ports of their own.
    fn host(&self) -> &str {
        let authority = self.base.split_once("://").map_or(self.base, |(_, rest)| rest);
        authority.rsplit_once(':').map_or(authority, |(host, _)| host)
    }
}
