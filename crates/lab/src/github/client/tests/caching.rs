//! Answers that are not sent twice.

use std::sync::Arc;

use super::{
    ISSUE, all, client, line, only_page, repo,
    server::{Server, answer},
    settings,
};
use crate::github::client::{Client, EtagCache};

#[test]
fn an_unchanged_listing_comes_from_the_cache_with_its_links() {
    let body = format!("[{ISSUE}]");
    let link = r#"link: <?page=2>; rel="next", <?page=2>; rel="last""#;
    let server = Server::start([
        answer(200, &[r#"etag: W/"one""#, link], &body),
        answer(200, &[r#"etag: "two""#], &body),
        answer(304, &[r#"etag: W/"one""#], ""),
        answer(304, &[], ""),
    ]);
    let cache = Arc::new(EtagCache::new());
    let first = Client::new(settings(&server), Arc::clone(&cache)).unwrap();
    let (fresh, _) = all(first.issues(&repo()));
    assert_eq!(cache.pages(), 2);

    // The cache outlives the client: a lab's end costs no page.
    let second = Client::new(settings(&server), cache).unwrap();
    let (kept, error) = all(second.issues(&repo()));
    assert_eq!(error, None);
    assert_eq!(kept.len(), 2);
    for (fresh, kept) in fresh.iter().zip(&kept) {
        assert!(Arc::ptr_eq(&fresh.items, &kept.items), "not parsed again");
        assert_eq!((fresh.number, fresh.pages), (kept.number, kept.pages));
        assert!(!fresh.not_modified && kept.not_modified);
        assert_eq!(kept.bytes, 0);
    }
    let sent: Vec<_> =
        server.requests().iter().map(|request| request.header("if-none-match").map(str::to_owned)).collect();
    assert_eq!(sent, [None, None, Some(r#"W/"one""#.to_owned()), Some(r#""two""#.to_owned())]);
    assert_eq!((second.counters().not_modified, second.counters().bytes), (2, 0));
}

#[test]
fn a_changed_page_replaces_the_kept_one() {
    let body = format!("[{ISSUE}]");
    let server = Server::start([
        answer(200, &["etag: \"a\""], "[]"),
        answer(200, &["etag: \"b\""], &body),
        answer(304, &[], ""),
    ]);
    let client = client(&server);
    let lengths = [0, 1, 2].map(|_| only_page(&client).items.len());
    assert_eq!(lengths, [0, 1, 1]);
    assert_eq!(server.requests()[2].header("if-none-match"), Some("\"b\""));
}

#[test]
fn issues_and_pulls_are_kept_apart() {
    let server = Server::start([answer(200, &["etag: \"a\""], "[]"), answer(200, &["etag: \"a\""], "[]")]);
    let client = client(&server);
    all(client.issues(&repo()));
    all(client.pulls(&repo()));
    assert_eq!(server.requests()[1].header("if-none-match"), None);
}

#[test]
fn unchanged_without_an_earlier_answer_is_asked_once_more() {
    let server = Server::start([answer(304, &[], ""), answer(200, &[], "[]")]);
    let asked = client(&server);
    assert!(!only_page(&asked).not_modified);
    assert_eq!((asked.counters().requests, asked.counters().retries), (2, 1));

    let server = Server::start([answer(304, &[], ""), answer(304, &[], "")]);
    assert_eq!(line(&client(&server)), "'not modified' (304), but there is no earlier answer");
}

#[test]
fn an_answer_that_cannot_be_read_is_not_kept() {
    let server = Server::start([answer(200, &["etag: \"a\""], "{}")]);
    let cache = Arc::new(EtagCache::new());
    line(&Client::new(settings(&server), Arc::clone(&cache)).unwrap());
    assert_eq!(cache.pages(), 0);
}
