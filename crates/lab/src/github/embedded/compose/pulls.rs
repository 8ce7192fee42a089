//! Pull requests as their own listing shows them: without the marks that the issues' listing adds.
//!
//! What both listings tell, `compose` decides. Knows nothing of pages.

use fastrand::Rng;

use super::{
    super::{
        dice::Purpose,
        history::Entry,
        objects::{Branch, BranchRepository, Href, Pull, PullLinks, User},
        text::text,
    },
    Composer, date, state, updated,
};

impl Composer<'_> {
    pub(in super::super) fn pull(&self, entry: &Entry) -> Pull {
        let mut rng = self.rng(entry, Purpose::Rest);
        let number = entry.number;
        let (api, html) = (self.api(), format!("{}/pull/{number}", self.html()));
        let url = format!("{api}/pulls/{number}");
        let id = self.id * 2 + number * 6_007;
        let words = text(self.seed, self.index, self.row, entry);
        let assignee = self.assignee(entry);
        let author = self.author(entry);
        let head = self.head(&mut rng, author.as_ref());
        Pull {
            id,
            node_id: format!("PR_kwDO{id:016x}"),
            diff_url: format!("{html}.diff"),
            patch_url: format!("{html}.patch"),
            html_url: html.clone(),
            issue_url: format!("{api}/issues/{number}"),
            number,
            state: state(entry),
            locked: false,
            title: words.title,
            user: author,
            body: words.body,
            created_at: date(entry.created),
            updated_at: date(updated(&mut self.rng(entry, Purpose::Updated), entry)),
            closed_at: entry.closed.map(date),
            merged_at: entry.merged().map(date),
            merge_commit_sha: self.legacy(Some(sha(&mut rng))),
            assignees: assignee.iter().cloned().collect(),
            assignee: self.legacy(assignee),
            requested_reviewers: if entry.closed.is_none() { vec![self.people().maintainer(&mut rng)] } else { vec![] },
            requested_teams: vec![],
            labels: self.labels(entry),
            milestone: self.milestone(entry),
            draft: self.is_draft(entry),
            commits_url: format!("{url}/commits"),
            review_comments_url: format!("{url}/comments"),
            review_comment_url: format!("{api}/pulls/comments{{/number}}"),
            comments_url: format!("{api}/issues/{number}/comments"),
            statuses_url: format!("{api}/statuses/{}", head.sha),
            base: self.main_branch(&mut rng),
            links: links(&api, &html, number, &head.sha),
            head,
            author_association: self.association(entry),
            auto_merge: None,
            active_lock_reason: None,
            url,
        }
    }

    fn main_branch(&self, rng: &mut Rng) -> Branch {
        Branch {
            label: format!("{}:main", self.row.owner),
            name: "main".to_owned(),
            sha: sha(rng),
            user: Some(self.owner()),
            repo: Some(self.branch_repository(self.row.owner, self.id, false)),
        }
    }

    fn head(&self, rng: &mut Rng, author: Option<&User>) -> Branch {
        let login = author.map_or("unknown", |author| author.login.as_str());
        let name = format!("{}-{}", ["fix", "add", "patch", "rework"][rng.usize(..4)], rng.u32(1..900));
        Branch {
            label: format!("{login}:{name}"),
            name,
            sha: sha(rng),
            repo: author.map(|author| self.branch_repository(&author.login, author.id * 9, true)),
            user: author.cloned(),
        }
    }

    fn branch_repository(&self, owner: &str, id: u64, fork: bool) -> BranchRepository {
        let full_name = format!("{owner}/{}", self.row.name);
        BranchRepository {
            id,
            node_id: format!("R_kgDO{id:08x}"),
            name: self.row.name,
            private: false,
            html_url: format!("{}/{full_name}", self.base),
            description: self.row.description,
            fork,
            url: format!("{}/repos/{full_name}", self.base),
            full_name,
            default_branch: "main",
        }
    }
}

fn sha(rng: &mut Rng) -> String {
    format!("{:016x}{:016x}{:08x}", rng.u64(..), rng.u64(..), rng.u32(..))
}

fn links(api: &str, html: &str, number: u64, sha: &str) -> PullLinks {
    let href = |href: String| Href { href };
    PullLinks {
        itself: href(format!("{api}/pulls/{number}")),
        html: href(html.to_owned()),
        issue: href(format!("{api}/issues/{number}")),
        comments: href(format!("{api}/issues/{number}/comments")),
        review_comments: href(format!("{api}/pulls/{number}/comments")),
        review_comment: href(format!("{api}/pulls/comments{{/number}}")),
        commits: href(format!("{api}/pulls/{number}/commits")),
        statuses: href(format!("{api}/statuses/{sha}")),
    }
}
