//! What is asked for, page after page, and where a listing ends.

use std::sync::Arc;

use super::{
    ISSUE, all, client, only_page, repo, run,
    server::{Server, answer},
    settings, with_token,
};
use crate::github::client::{Client, ClientError, ClientSettings, EtagCache, FetchError, parse_api_url};

const FIRST_ISSUES: &str = "/repos/old/name/issues?state=all&per_page=100";

#[test]
fn the_request_is_githubs_own() {
    let server = Server::start([answer(200, &[], "[]"), answer(200, &[], "[]")]);
    let client = Client::new(with_token(settings(&server)), Arc::default()).unwrap();
    assert!(all(client.issues(&repo())).1.is_none());
    assert!(all(client.pulls(&repo())).1.is_none());
    assert_eq!(server.targets(), [FIRST_ISSUES, "/repos/old/name/pulls?state=all&per_page=100"]);
    let request = &server.requests()[0];
    assert_eq!(request.header("user-agent"), Some(concat!("pollscope/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(request.header("accept"), Some("application/vnd.github+json"));
    assert_eq!(request.header("accept-encoding"), Some("identity"));
    assert_eq!(request.header("x-github-api-version"), Some("2022-11-28"));
    assert_eq!(request.header("authorization"), Some("Bearer ghp_secret"));
    assert_eq!(request.header("if-none-match"), None);
}

#[test]
fn without_a_token_there_is_no_authorization() {
    let server = Server::start([answer(200, &[], "[]")]);
    let page = only_page(&client(&server));
    assert_eq!((page.items.len(), page.number, page.pages, page.bytes), (0, 1, Some(1), 2));
    assert_eq!(server.requests()[0].header("authorization"), None);
}

#[test]
fn links_are_followed_as_they_are() {
    let body = format!("[{ISSUE}]");
    let server = Server::start([
        answer(
            200,
            &[
                r#"link: <{base}/repositories/7/issues?page=2&x=a,b>; rel="next", <{base}/repositories/7/issues?page=3>; rel="last""#,
            ],
            &body,
        ),
        answer(200, &[r#"link: <?cursor=z>; rel="next""#], &body),
        answer(200, &[r#"link: <{base}/x?page=1>; rel="first""#], &body),
    ]);
    let client = client(&server);
    let (pages, error) = all(client.issues(&repo()));
    assert_eq!(error, None);
    let seen: Vec<_> = pages.iter().map(|page| (page.number, page.pages, page.items[0].number)).collect();
    assert_eq!(seen, [(1, Some(3), 1), (2, None, 1), (3, Some(3), 1)]);
    assert_eq!(
        server.targets(),
        [FIRST_ISSUES, "/repositories/7/issues?page=2&x=a,b", "/repositories/7/issues?cursor=z"]
    );
    let counters = client.counters();
    assert_eq!((counters.requests, counters.retries, counters.failures), (3, 0, 0));
    assert_eq!(counters.bytes, pages.iter().map(|page| page.bytes).sum::<u64>());
}

#[test]
fn a_path_prefix_is_kept() {
    let server = Server::start([answer(200, &[], "[]")]);
    let api_url = parse_api_url(&format!("{}/api/v3/", server.base())).unwrap();
    let client = Client::new(ClientSettings { api_url, ..settings(&server) }, Arc::default()).unwrap();
    only_page(&client);
    assert_eq!(server.targets(), ["/api/v3/repos/old/name/issues?state=all&per_page=100"]);
}

#[test]
fn more_items_than_asked_for_are_no_problem() {
    let body = format!("[{}]", vec![ISSUE; 250].join(","));
    let server = Server::start([answer(200, &[], &body)]);
    assert_eq!(only_page(&client(&server)).items.len(), 250);
}

#[test]
fn the_most_pages_cut_a_listing_and_that_is_said() {
    let next = r#"link: <?page=2>; rel="next", <?page=9>; rel="last""#;
    let server = Server::start([answer(200, &[next], "[]")]);
    let client = Client::new(ClientSettings { max_pages: Some(1), ..settings(&server) }, Arc::default()).unwrap();
    let mut listing = client.issues(&repo());
    run(async {
        assert!(!listing.was_cut());
        assert_eq!(listing.next().await.unwrap().unwrap().pages, Some(9));
        assert!(listing.was_cut());
        assert!(listing.next().await.unwrap().is_none());
    });

    let server = Server::start([answer(200, &[], "[]")]);
    let client = Client::new(ClientSettings { max_pages: Some(1), ..settings(&server) }, Arc::default()).unwrap();
    let mut listing = client.issues(&repo());
    assert!(run(listing.next()).unwrap().is_some());
    assert!(!listing.was_cut(), "there was no more");
}

#[test]
fn pages_that_are_too_large_together_cut_the_listing_and_that_is_said() {
    let spaces = " ".repeat(400);
    let page = |number: u32| answer(200, &[&format!(r#"link: <?page={number}>; rel="next""#)], &format!("[{spaces}]"));
    let server = Server::start([page(2), page(3), page(4)]);
    let client = Client::new(ClientSettings { max_bytes: 1_000, ..settings(&server) }, Arc::default()).unwrap();
    let mut listing = client.issues(&repo());
    run(async {
        for page in [true, true, false] {
            assert_eq!(listing.next().await.unwrap().is_some(), page);
        }
    });
    assert!(listing.was_cut());
}

#[test]
fn a_link_in_a_circle_ends_the_listing_after_what_was_read() {
    let own = format!(r#"link: <{FIRST_ISSUES}>; rel="next""#);
    let server = Server::start([answer(200, &[&own], "[]")]);
    let (pages, error) = all(client(&server).issues(&repo()));
    assert_eq!((pages.len(), error), (1, Some(FetchError::LinkLoop)));

    let server = Server::start([
        answer(200, &[r#"link: <?page=2>; rel="next""#], "[]"),
        answer(200, &[r#"link: <?page=3>; rel="next""#], "[]"),
        answer(200, &[r#"link: <?page=2#again>; rel="next""#], "[]"),
    ]);
    let client = client(&server);
    let (pages, error) = all(client.issues(&repo()));
    assert_eq!((pages.len(), error), (3, Some(FetchError::LinkLoop)));
    assert_eq!(client.counters().failures, 1);
}

#[test]
fn a_link_to_another_server_is_not_followed() {
    let server = Server::start([answer(200, &[r#"link: <https://api.github.com/x?page=2>; rel="next""#], "[]")]);
    let client = Client::new(with_token(settings(&server)), Arc::default()).unwrap();
    let (pages, error) = all(client.issues(&repo()));
    assert_eq!(pages.len(), 1);
    let line = error.unwrap().to_string();
    assert_eq!(line, "the answer leads to another server, not followed: https://api.github.com");
    assert_eq!(client.counters().requests, 1);
}

#[test]
fn a_token_does_not_go_over_the_network_in_the_clear() {
    let make = |url| {
        let settings = with_token(ClientSettings::new(parse_api_url(url).unwrap()));
        Client::new(settings, Arc::new(EtagCache::new())).map(|_| ())
    };
    let error = make("http://ghe.example/api").unwrap_err();
    assert_eq!(error, ClientError::PlainHttpToken { host: "ghe.example:80".to_owned() });
    assert!(error.to_string().contains("GITHUB_TOKEN"));
    for fine in ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1"] {
        assert_eq!(make(fine), Ok(()), "{fine}");
    }
}

#[test]
fn a_client_shows_no_token() {
    let server = Server::start([]);
    let settings = with_token(settings(&server));
    let client = Client::new(settings.clone(), Arc::default()).unwrap();
    assert!(!format!("{settings:?} {client:?} {:?}", client.issues(&repo())).contains("secret"));
}

#[test]
fn an_address_that_was_not_parsed_here_is_checked_too() {
    let settings = ClientSettings::new("https://me:secret@x/".parse().unwrap());
    let error = Client::new(settings, Arc::default()).unwrap_err();
    assert!(matches!(error, ClientError::ApiUrl(_)) && !error.to_string().contains("secret"));
}

#[test]
fn listings_can_be_tasks_of_a_runtime() {
    fn can_be_spawned(_: impl Future + Send + 'static) {}
    let server = Server::start([]);
    let mut listing = client(&server).issues(&repo());
    can_be_spawned(async move { listing.next().await.is_ok() });
}
