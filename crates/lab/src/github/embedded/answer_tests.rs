//! What the server answers, asked directly: no network.

use std::collections::HashSet;

use hyper::{Method, StatusCode, header::HeaderName};
use serde_json::Value;

use super::{
    answer::{Answer, Ask, answer},
    catalogue::CATALOGUE,
    world::World,
};
use crate::github::types::{Issue, Label, Pull};

const BASE: &str = "http://127.0.0.1:7777";

pub(super) fn world() -> World {
    World::new(1, BASE.to_owned())
}

/// A well-behaved request for an address such as `/repos/a/b?page=2`.
pub(super) fn asking(address: &str) -> Ask<'_> {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    Ask {
        method: &Method::GET,
        path,
        query,
        user_agent: Some("pollscope-test"),
        version: None,
        if_none_match: None,
        authorised: false,
        now: 1_000,
    }
}

pub(super) fn get(world: &World, address: &str) -> Answer {
    answer(world, &asking(address))
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == HeaderName::from_bytes(name.as_bytes()).unwrap()).map(|(_, v)| &**v)
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn next(&self) -> Option<String> {
        let link = self.header("link")?.split(", ").find(|link| link.ends_with("rel=\"next\""))?;
        let address = link.strip_prefix('<')?.split_once('>')?.0;
        Some(address.strip_prefix(BASE).expect("links stay at the server's own address").to_owned())
    }
}

/// All pages of a listing, by following the links.
fn walk(world: &World, first: &str) -> Vec<Answer> {
    let mut pages = vec![get(world, first)];
    while let Some(next) = pages.last().and_then(Answer::next) {
        pages.push(get(world, &next));
    }
    pages
}

pub(super) fn listing(owner: &str, name: &str, list: &str) -> String {
    format!("/repos/{owner}/{name}/{list}?state=all&per_page=100")
}

#[test]
fn following_links_gives_every_entry_once_newest_first_in_57_pages() {
    let world = world();
    let mut total = 0;
    for row in &CATALOGUE {
        let pages = walk(&world, &listing(row.owner, row.name, "pulls"));
        let pulls: Vec<Pull> = pages.iter().flat_map(read::<Pull>).collect();
        assert_eq!(pulls.len() as u64, row.pulls);
        total += pages.len();

        let pages = walk(&world, &listing(row.owner, row.name, "issues"));
        if pages[0].status == StatusCode::GONE {
            continue;
        }
        total += pages.len();
        let issues: Vec<Issue> = pages.iter().flat_map(read::<Issue>).collect();
        let numbers: Vec<u64> = issues.iter().map(|issue| issue.number).collect();
        assert_eq!(numbers, (1..=row.issues + row.pulls).rev().collect::<Vec<_>>());
        let marked: HashSet<u64> = issues.iter().filter(|issue| issue.pull_request).map(|issue| issue.number).collect();
        assert_eq!(marked, pulls.iter().map(|pull| pull.number).collect());
    }
    assert_eq!(total, 57);
}

fn read<T: serde::de::DeserializeOwned>(page: &Answer) -> Vec<T> {
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.len() < 750_000, "{}", page.body.len());
    serde_json::from_slice(&page.body).unwrap()
}

#[test]
fn without_parameters_a_page_has_thirty_open_entries() {
    let world = world();
    let answer = get(&world, "/repos/lanternworks/ferrule/issues");
    let entries = answer.json();
    let entries = entries.as_array().unwrap();
    assert_eq!(entries.len(), 30);
    assert!(entries.iter().all(|entry| entry["state"] == "open" && entry["closed_at"].is_null()));
    assert!(answer.next().unwrap().starts_with("/repositories/"));
}

#[test]
fn open_and_closed_make_up_all() {
    let world = world();
    let count = |state: &str| -> usize {
        walk(&world, &format!("/repos/saltspire/wickerdb/pulls?per_page=50&state={state}"))
            .iter()
            .map(|page| page.json().as_array().unwrap().len())
            .sum()
    };
    assert_eq!(count("open") + count("closed"), count("all"));
    assert!(count("open") > 0);
}

#[test]
fn a_renamed_repository_sends_its_visitors_on_with_their_query() {
    let world = world();
    let old = get(&world, "/repos/ambercove/cogwheel-rs/issues?state=all&per_page=100");
    assert_eq!(old.status, StatusCode::MOVED_PERMANENTLY);
    let to = old.header("location").unwrap().strip_prefix(BASE).unwrap().to_owned();
    assert!(to.starts_with("/repositories/") && to.ends_with("/issues?state=all&per_page=100"), "{to}");
    assert_eq!(old.json()["message"], "Moved Permanently");
    assert_eq!(old.json()["url"], format!("{BASE}{to}"));
    assert_eq!(get(&world, &to).status, StatusCode::OK);

    let itself = to.split("/issues").next().unwrap();
    assert_eq!(get(&world, itself).json()["full_name"], "ambercove/cogspindle");
    assert_eq!(get(&world, "/repos/AmberCove/CogSpindle").json()["full_name"], "ambercove/cogspindle");
}

#[test]
fn disabled_issues_are_gone_and_an_empty_repository_is_empty() {
    let world = world();
    let gone = get(&world, "/repos/stonelark/veldtproxy/issues");
    assert_eq!(gone.status, StatusCode::GONE);
    assert_eq!(gone.json()["message"], "Issues are disabled for this repo");
    assert_eq!(get(&world, "/repos/stonelark/veldtproxy/pulls").status, StatusCode::OK);
    for list in ["issues", "pulls"] {
        let empty = get(&world, &listing("paleorchard", "seedling", list));
        assert_eq!((empty.status, &empty.body[..]), (StatusCode::OK, &b"[]"[..]));
        assert_eq!(empty.header("link"), None);
    }
}

#[test]
fn requests_that_are_wrong_are_refused_as_github_refuses_them() {
    let world = world();
    let address = "/repos/saltspire/wickerdb/issues";
    let status = |ask: Ask| answer(&world, &ask).status.as_u16();
    assert_eq!(status(Ask { user_agent: None, ..asking(address) }), 403);
    assert_eq!(status(Ask { version: Some("2019-01-01"), ..asking(address) }), 400);
    assert_eq!(status(Ask { method: &Method::POST, ..asking(address) }), 404);
    assert_eq!(status(asking("/repos/saltspire/wickerdb/issues?state=merged")), 422);
    for nowhere in
        ["/", "/repos/nobody/nothing", "/repos/saltspire/wickerdb/stars", "/repositories/1", "/repositories/x"]
    {
        let lost = get(&world, nowhere);
        assert_eq!((lost.status.as_u16(), &lost.json()["message"]), (404, &Value::from("Not Found")), "{nowhere}");
    }
}

#[test]
fn what_is_known_already_is_not_sent_again() {
    let world = world();
    let address = listing("saltspire", "wickerdb", "issues");
    let first = get(&world, &address);
    let tag = first.header("etag").unwrap();
    assert!(tag.starts_with("W/\""));
    for known in [tag.to_owned(), format!("\"other\", {tag}"), tag.trim_start_matches("W/").to_owned(), "*".to_owned()]
    {
        let again = answer(&world, &Ask { if_none_match: Some(&known), ..asking(&address) });
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
        assert_eq!((again.header("etag"), again.header("link")), (Some(tag), first.header("link")));
    }
    let other = answer(&world, &Ask { if_none_match: Some("W/\"0\""), ..asking(&address) });
    assert_eq!(other.body, first.body);
}

#[test]
fn the_limit_counts_all_but_itself_and_what_a_token_finds_unchanged() {
    let world = world();
    let left = |answer: &Answer| answer.header("x-ratelimit-remaining").unwrap().parse::<u32>().unwrap();
    let address = "/repos/saltspire/wickerdb";
    let first = get(&world, address);
    assert_eq!((left(&first), first.header("x-ratelimit-reset")), (4_999, Some("4600")));
    assert_eq!(left(&get(&world, "/repos/nobody/nothing")), 4_998);
    let known = Ask { if_none_match: first.header("etag"), ..asking(address) };
    assert_eq!(left(&answer(&world, &Ask { authorised: true, ..known })), 4_998);
    assert_eq!(left(&answer(&world, &known)), 4_997);
    let limit = get(&world, "/rate_limit").json();
    assert_eq!(limit["resources"]["core"]["remaining"], 4_997);
}

#[test]
fn objects_have_the_keys_that_the_description_requires() {
    let world = world();
    let required = "assignee closed_at comments comments_url events_url html_url id node_id labels labels_url milestone \
                    number repository_url state locked title url user created_at updated_at author_association body \
                    reactions timeline_url performed_via_github_app state_reason assignees active_lock_reason";
    let issues = get(&world, &listing("northmoss", "ember-queue", "issues")).json();
    assert_keys(&issues, required);
    let required = "_links assignee labels base body closed_at comments_url commits_url created_at diff_url head html_url \
                    id node_id issue_url merge_commit_sha merged_at milestone number patch_url review_comment_url \
                    review_comments_url statuses_url state locked title updated_at url user author_association \
                    auto_merge draft";
    let pulls = get(&world, &listing("northmoss", "ember-queue", "pulls")).json();
    assert_keys(&pulls, required);
    for absent in ["merged", "mergeable", "comments", "additions"] {
        assert!(pulls[0].get(absent).is_none(), "{absent}");
    }
    let newest = Ask { version: Some("2026-03-10"), ..asking("/repos/northmoss/ember-queue/pulls") };
    let newest = answer(&world, &newest).json();
    assert!(newest[0].get("assignee").is_none() && newest[0].get("merge_commit_sha").is_none());
}

fn assert_keys(list: &Value, required: &str) {
    for entry in list.as_array().unwrap() {
        for key in required.split_whitespace() {
            assert!(entry.get(key).is_some(), "{key} is missing");
        }
        let bytes = entry.to_string().len();
        assert!(bytes > 2_500, "{bytes}");
    }
}

#[test]
fn both_listings_tell_the_same_of_a_pull_request() {
    let world = world();
    let issues = get(&world, &listing("thistleforge", "notchfs", "issues")).json();
    for pull in get(&world, &listing("thistleforge", "notchfs", "pulls")).json().as_array().unwrap() {
        let issue = issues.as_array().unwrap().iter().find(|issue| issue["number"] == pull["number"]).unwrap();
        for key in [
            "title",
            "body",
            "user",
            "labels",
            "milestone",
            "state",
            "created_at",
            "updated_at",
            "closed_at",
            "assignees",
            "author_association",
            "draft",
            "locked",
        ] {
            assert_eq!(issue[key], pull[key], "{key}");
        }
        assert_eq!(issue["pull_request"]["merged_at"], pull["merged_at"]);
    }
}

#[test]
fn old_labels_are_plain_strings_and_deleted_accounts_are_null() {
    let world = world();
    let pages = walk(&world, &listing("northmoss", "ember-queue", "issues"));
    let entries: Vec<Value> = pages.iter().flat_map(|page| page.json().as_array().unwrap().clone()).collect();
    let labels = || entries.iter().flat_map(|entry| entry["labels"].as_array().unwrap());
    assert!(labels().any(Value::is_string) && labels().any(Value::is_object));
    assert!(entries.iter().any(|entry| entry["user"].is_null()));
    assert!(entries.iter().any(|entry| entry["body"].is_null()));
    let issues: Vec<Issue> = pages.iter().flat_map(read::<Issue>).collect();
    assert!(issues.iter().flat_map(|issue| &issue.labels).all(|Label(name)| !name.is_empty()));
}
