//! Repositories that were renamed, and addresses that are elsewhere for now.

use std::sync::Arc;

use super::{
    all, client, line, only_page, repo,
    server::{Server, answer},
    settings, with_token,
};
use crate::github::{client::Client, types::RepoName};

const FIRST: &str = "/repos/old/name/issues?state=all&per_page=100";

fn new_name() -> RepoName {
    "new/name".parse().unwrap()
}

#[test]
fn a_rename_is_followed_remembered_and_shown() {
    for status in [301, 308] {
        let moved = answer(status, &["location: {base}/repos/new/name/issues?state=all"], "");
        let server = Server::start([moved, answer(200, &[], "[]"), answer(200, &[], "[]")]);
        let client = Client::new(with_token(settings(&server)), Arc::default()).unwrap();
        assert_eq!(only_page(&client).renamed_to, Some(new_name()));
        assert_eq!(only_page(&client.clone()).renamed_to, Some(new_name()));
        let new = "/repos/new/name/issues?state=all";
        assert_eq!(server.targets(), [FIRST, new, new]);
        assert_eq!(server.requests()[1].header("authorization"), Some("Bearer ghp_secret"));
        assert_eq!((client.counters().requests, client.counters().retries), (3, 0));
    }
}

#[test]
fn the_new_name_is_read_from_the_items_where_the_address_has_none() {
    let issue =
        r#"[{"number":1,"title":"t","created_at":"x","repository_url":"https://api.github.com/repos/new/name"}]"#;
    let pull = r#"[{"number":1,"title":"t","created_at":"x","base":{"repo":{"full_name":"new/name"}}}]"#;
    let server = Server::start([
        answer(301, &["location: /repositories/7/issues"], r#"{"message":"Moved Permanently"}"#),
        answer(200, &[r#"link: <?page=2>; rel="next""#], issue),
        answer(200, &[], "[]"),
        answer(301, &["location: /repositories/7/pulls"], ""),
        answer(200, &[], pull),
    ]);
    let client = client(&server);
    let (pages, error) = all(client.issues(&repo()));
    assert_eq!(error, None);
    assert!(pages.len() == 2 && pages.iter().all(|page| page.renamed_to == Some(new_name())));
    let (pages, error) = all(client.pulls(&repo()));
    assert_eq!((error, pages[0].renamed_to.clone()), (None, Some(new_name())));
}

#[test]
fn the_new_name_survives_the_cache() {
    let issue = r#"[{"number":1,"title":"t","created_at":"x","repository_url":"https://x/repos/new/name"}]"#;
    let server = Server::start([
        answer(301, &["location: /repositories/7/issues"], ""),
        answer(200, &["etag: \"a\""], issue),
        answer(301, &["location: /repositories/7/issues"], ""),
        answer(304, &[], ""),
    ]);
    let cache = Arc::default();
    for _ in 0..2 {
        let client = Client::new(settings(&server), Arc::clone(&cache)).unwrap();
        assert_eq!(only_page(&client).renamed_to, Some(new_name()));
    }
}

#[test]
fn another_spelling_is_no_rename() {
    let server = Server::start([answer(301, &["location: /repos/OLD/Name/issues"], ""), answer(200, &[], "[]")]);
    assert_eq!(only_page(&client(&server)).renamed_to, None);
}

#[test]
fn the_address_may_be_in_the_body() {
    let body = r#"{"message":"Moved Permanently","url":"/repos/new/name/issues"}"#;
    let server = Server::start([answer(301, &[], body), answer(200, &[], "[]")]);
    assert_eq!(only_page(&client(&server)).renamed_to, Some(new_name()));
}

#[test]
fn a_temporary_redirect_is_followed_and_forgotten() {
    for status in [302, 307] {
        let server = Server::start([
            answer(status, &["location: /repos/new/name/issues"], ""),
            answer(200, &[], "[]"),
            answer(200, &[], "[]"),
        ]);
        let client = client(&server);
        assert_eq!(only_page(&client).renamed_to, None);
        only_page(&client);
        assert_eq!(server.targets(), [FIRST, "/repos/new/name/issues", FIRST]);
    }
}

#[test]
fn redirects_end() {
    let circle = (0..6).map(|_| answer(301, &[&format!("location: {FIRST}")], ""));
    let server = Server::start(circle);
    assert_eq!(line(&client(&server)), "redirected too often");
    assert_eq!(server.requests().len(), 6);

    let server = Server::start([answer(302, &["location: /a"], ""), answer(307, &["location: /b"], "")]);
    assert_eq!(line(&client(&server)), "redirected too often");
}

#[test]
fn a_redirect_to_another_server_is_not_followed() {
    let server = Server::start([answer(301, &["location: https://evil.example/repos/new/name/issues"], "")]);
    let client = Client::new(with_token(settings(&server)), Arc::default()).unwrap();
    assert_eq!(line(&client), "the answer leads to another server, not followed: https://evil.example");
    let server = Server::start([answer(301, &["location: http://127.0.0.1:1/"], "")]);
    assert_eq!(line(&super::client(&server)), "the answer leads to another server, not followed: http://127.0.0.1:1");
}

#[test]
fn a_redirect_without_an_address_fails() {
    let server = Server::start([answer(302, &[], "<html>")]);
    assert_eq!(line(&client(&server)), "a redirect without an address (302)");
    let server = Server::start([answer(302, &["location: http://[bad"], "")]);
    assert_eq!(line(&client(&server)), "the answer leads to a malformed address: http://[bad");
}
