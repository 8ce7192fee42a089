//! The objects that the server answers have every property that GitHub requires of them.
//!
//! The lists are `required` of `components.schemas` in `api.github.com.json` of
//! <https://github.com/github/rest-api-description>, version `2022-11-28`.

use serde_json::Value;

use super::{
    answer::{Ask, answer},
    answer_tests::{asking, get, listing, world},
};

const FULL_REPOSITORY: &str = "archive_url assignees_url blobs_url branches_url collaborators_url comments_url \
    commits_url compare_url contents_url contributors_url deployments_url description downloads_url events_url fork \
    forks_url full_name git_commits_url git_refs_url git_tags_url hooks_url html_url id node_id issue_comment_url \
    issue_events_url issues_url keys_url labels_url languages_url merges_url milestones_url name notifications_url \
    owner private pulls_url releases_url stargazers_url statuses_url subscribers_url subscription_url tags_url \
    teams_url trees_url url clone_url default_branch forks forks_count git_url has_issues has_projects has_wiki \
    has_pages has_discussions homepage language archived disabled mirror_url open_issues open_issues_count license \
    pushed_at size ssh_url stargazers_count svn_url watchers watchers_count created_at updated_at network_count \
    subscribers_count";
const SIMPLE_USER: &str = "avatar_url events_url followers_url following_url gists_url gravatar_id html_url id node_id \
    login organizations_url received_events_url repos_url site_admin starred_url subscriptions_url type url";
const LICENSE_SIMPLE: &str = "key name url spdx_id node_id";
const ISSUE: &str = "assignee closed_at comments comments_url events_url html_url id node_id labels labels_url \
    milestone number repository_url state locked title url user created_at updated_at";
const ISSUE_PULL_REQUEST: &str = "diff_url html_url patch_url url";
const PULL_REQUEST_SIMPLE: &str = "_links assignee labels base body closed_at comments_url commits_url created_at \
    diff_url head html_url id node_id issue_url merge_commit_sha merged_at milestone number patch_url \
    review_comment_url review_comments_url statuses_url state locked title updated_at url user author_association \
    auto_merge";
const PULL_LINKS: &str = "comments commits statuses html issue review_comments review_comment self";
const BRANCH: &str = "label ref repo sha user";
const LABEL: &str = "id node_id url name description color default";
const MILESTONE: &str = "closed_issues creator description due_on closed_at id node_id labels_url html_url number \
    open_issues state title url created_at updated_at";
const REACTION_ROLLUP: &str = "url total_count +1 -1 laugh confused heart hooray eyes rocket";
const SUB_ISSUES_SUMMARY: &str = "total completed percent_completed";
const RATE_LIMIT: &str = "limit remaining reset used";

/// Version `2026-03-10` drops these from issues and pull requests.
const DROPPED_IN_2026: [&str; 2] = ["assignee", "merge_commit_sha"];

/// Checks that `object` has all `required` properties, and returns it.
#[track_caller]
fn has<'a>(object: &'a Value, required: &str) -> &'a Value {
    let missing: Vec<&str> = required.split_whitespace().filter(|name| object.get(name).is_none()).collect();
    assert!(missing.is_empty(), "{missing:?} of {object:#}");
    object
}

/// Checks the objects that may be null, and says whether there was any.
#[track_caller]
fn any_has<'a>(objects: impl IntoIterator<Item = &'a Value>, required: &str) -> bool {
    let mut any = false;
    for object in objects.into_iter().filter(|object| object.is_object()) {
        has(object, required);
        any = true;
    }
    any
}

/// Returns the entries of the property, a list, of all `objects`.
fn each<'a>(objects: &'a [Value], property: &'a str) -> impl Iterator<Item = &'a Value> {
    objects.iter().filter_map(move |object| object[property].as_array()).flatten()
}

fn property<'a>(objects: &'a [Value], property: &'a str) -> impl Iterator<Item = &'a Value> {
    objects.iter().map(move |object| &object[property])
}

/// Answers with the entries of the list, in the version that has the most required properties, and checks that the
/// newest has all but the dropped ones.
fn entries(list: &str, required: &str) -> Vec<Value> {
    let world = world();
    let address = listing("lanternworks", "ferrule", list);
    let Value::Array(entries) = get(&world, &address).json() else { panic!("not a list") };
    assert!(any_has(&entries, required));
    let kept: Vec<&str> = required.split_whitespace().filter(|name| !DROPPED_IN_2026.contains(name)).collect();
    let newest = answer(&world, &Ask { version: Some("2026-03-10"), ..asking(&address) }).json();
    assert!(any_has(newest.as_array().unwrap(), &kept.join(" ")));
    entries
}

#[test]
fn a_repository_has_every_required_property_in_both_versions() {
    let world = world();
    for version in ["2022-11-28", "2026-03-10"] {
        let address = "/repos/northmoss/ember-queue";
        let repository = answer(&world, &Ask { version: Some(version), ..asking(address) }).json();
        has(&repository, FULL_REPOSITORY);
        has(&repository["owner"], SIMPLE_USER);
        has(&repository["license"], LICENSE_SIMPLE);
    }
}

#[test]
fn an_issue_has_every_required_property() {
    let issues = entries("issues", ISSUE);
    assert!(any_has(property(&issues, "user"), SIMPLE_USER));
    assert!(any_has(property(&issues, "assignee"), SIMPLE_USER));
    assert!(any_has(property(&issues, "closed_by"), SIMPLE_USER));
    assert!(any_has(each(&issues, "assignees"), SIMPLE_USER));
    assert!(any_has(each(&issues, "labels"), LABEL));
    assert!(any_has(property(&issues, "milestone"), MILESTONE));
    assert!(any_has(property(&issues, "pull_request"), ISSUE_PULL_REQUEST));
    assert!(any_has(property(&issues, "reactions"), REACTION_ROLLUP));
    assert!(any_has(property(&issues, "sub_issues_summary"), SUB_ISSUES_SUMMARY));
}

/// But for the repositories of its branches, which the server shortens on purpose.
#[test]
fn a_pull_request_has_every_required_property() {
    let pulls = entries("pulls", PULL_REQUEST_SIMPLE);
    assert!(any_has(property(&pulls, "user"), SIMPLE_USER));
    assert!(any_has(each(&pulls, "assignees"), SIMPLE_USER));
    assert!(any_has(each(&pulls, "requested_reviewers"), SIMPLE_USER));
    assert!(any_has(each(&pulls, "labels"), LABEL));
    assert!(any_has(property(&pulls, "milestone"), MILESTONE));
    for pull in &pulls {
        for branch in ["head", "base"] {
            has(&pull[branch], BRANCH);
            any_has([&pull[branch]["user"]], SIMPLE_USER);
        }
        let links = has(&pull["_links"], PULL_LINKS).as_object().unwrap();
        assert!(any_has(links.values(), "href"));
    }
}

#[test]
fn the_rate_limit_has_every_required_property() {
    let world = world();
    let overview = has(&get(&world, "/rate_limit").json(), "resources rate").clone();
    has(&overview["rate"], RATE_LIMIT);
    for resource in ["core", "search"] {
        has(&overview["resources"][resource], RATE_LIMIT);
    }
    let newest = answer(&world, &Ask { version: Some("2026-03-10"), ..asking("/rate_limit") }).json();
    assert!(newest.get("rate").is_none(), "2026-03-10 drops it");
    has(&newest["resources"]["core"], RATE_LIMIT);
}

#[test]
fn the_addresses_of_a_repository_are_written_as_github_writes_them() {
    let repository = get(&world(), "/repos/northmoss/ember-queue").json();
    let api = "http://127.0.0.1:7777/repos/northmoss/ember-queue";
    let html = "http://127.0.0.1:7777/northmoss/ember-queue";
    for (key, address) in [
        ("url", api.to_owned()),
        ("html_url", html.to_owned()),
        ("archive_url", format!("{api}/{{archive_format}}{{/ref}}")),
        ("compare_url", format!("{api}/compare/{{base}}...{{head}}")),
        ("contents_url", format!("{api}/contents/{{+path}}")),
        ("notifications_url", format!("{api}/notifications{{?since,all,participating}}")),
        ("statuses_url", format!("{api}/statuses/{{sha}}")),
        ("trees_url", format!("{api}/git/trees{{/sha}}")),
        ("clone_url", format!("{html}.git")),
        ("svn_url", html.to_owned()),
        ("git_url", "git://127.0.0.1/northmoss/ember-queue.git".to_owned()),
        ("ssh_url", "git@127.0.0.1:northmoss/ember-queue.git".to_owned()),
    ] {
        assert_eq!(repository[key], address, "{key}");
    }
    for [one, same] in [["forks", "forks_count"], ["watchers", "watchers_count"], ["open_issues", "open_issues_count"]]
    {
        assert_eq!(repository[one], repository[same], "{one}");
    }
}
