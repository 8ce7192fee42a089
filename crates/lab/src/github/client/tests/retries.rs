//! What is asked again, how often, and what is waited for.

use std::{sync::Arc, time::Duration};

use super::{
    all, client, line, only_page, repo, run,
    server::{Reply, Server, answer, raw},
    settings, with_token,
};
use crate::github::client::{Client, ClientSettings, FetchError};

const SECONDARY: &str = r#"{"message":"You have exceeded a secondary rate limit. Please wait."}"#;

fn ok() -> Reply {
    answer(200, &[], "[]")
}

/// Requests and retries after one page of issues.
fn tries(client: &Client) -> (u64, u64) {
    only_page(client);
    (client.counters().requests, client.counters().retries)
}

#[test]
fn server_errors_are_tried_three_times_more() {
    for status in [500, 502, 503, 504] {
        let bodies = ["<html>no</html>", r#"{"error":"Server Error"}"#, ""];
        let errors = bodies.into_iter().map(|body| answer(status, &[], body));
        let server = Server::start(errors.chain([ok()]));
        assert_eq!(tries(&client(&server)), (4, 3));

        let server = Server::start((0..4).map(|_| answer(status, &[], "<html>")));
        let client = client(&server);
        assert_eq!(line(&client), format!("server error ({status}), also after 3 more tries"));
        assert_eq!((client.counters().retries, client.counters().failures), (3, 1));
    }
}

#[test]
fn a_connection_closed_without_an_answer_is_tried_once_more() {
    let nothing = || raw("");
    assert_eq!(tries(&client(&Server::start([nothing(), ok()]))), (2, 1));
    assert_eq!(tries(&client(&Server::start([Reply::Reset, ok()]))), (2, 1));
    let server = Server::start([nothing(), Reply::Reset]);
    assert_eq!(line(&client(&server)), "the connection was closed without an answer");
}

#[test]
fn a_primary_limit_that_is_near_is_waited_for() {
    // The server's clock is years behind, and its reset is in milliseconds.
    let headers =
        ["x-ratelimit-remaining: 0", "x-ratelimit-reset: 1420070400000", "date: Thu, 01 Jan 2015 00:00:00 GMT"];
    for status in [403, 429] {
        let limited = answer(status, &headers, r#"{"message":"API rate limit exceeded for 1.2.3.4."}"#);
        assert_eq!(tries(&client(&Server::start([limited, ok()]))), (2, 1));
    }
}

#[test]
fn a_primary_limit_that_is_far_fails_with_its_time() {
    let headers = [
        "x-ratelimit-remaining: 0",
        "x-ratelimit-reset: 1420121100",
        "date: Thu, 01 Jan 2015 13:05:00 GMT",
        "retry-after: 0",
    ];
    let limited = || answer(403, &headers, "");
    let server = Server::start([limited()]);
    assert_eq!(line(&client(&server)), "rate limit until 14:05 UTC; set GITHUB_TOKEN for more");
    let server = Server::start([limited()]);
    let client = Client::new(with_token(settings(&server)), Arc::default()).unwrap();
    assert_eq!(line(&client), "rate limit until 14:05 UTC");
}

#[test]
fn retry_after_is_obeyed_three_times_within_bounds() {
    let limited =
        |after: &str| answer(429, &[&format!("retry-after: {after}"), "date: Sun, 01 Mar 2026 12:00:00 GMT"], "");
    let at_once = ["0", "Sun, 01 Mar 2026 12:00:00 GMT", "Sun, 01 Mar 2026 11:00:00 GMT"];
    let server = Server::start(at_once.map(limited).into_iter().chain([ok()]));
    assert_eq!(tries(&client(&server)), (4, 3));

    let server = Server::start((0..4).map(|_| limited("0")));
    assert_eq!(line(&client(&server)), "secondary rate limit, also after 3 more tries");
    for far in ["90", "Sun, 01 Mar 2026 12:01:30 GMT"] {
        let server = Server::start([limited(far)]);
        assert_eq!(line(&client(&server)), "secondary rate limit; wait 90 s and try again");
    }
}

#[test]
fn a_secondary_limit_that_says_no_time_takes_a_minute() {
    for status in [403, 429] {
        let server = Server::start([answer(status, &[], SECONDARY)]);
        assert_eq!(line(&client(&server)), "secondary rate limit; wait 60 s and try again");
    }
}

#[test]
fn each_page_has_its_own_tries() {
    let next = r#"link: <?page=2>; rel="next""#;
    let server = Server::start([
        answer(502, &[], ""),
        answer(502, &[], ""),
        answer(200, &[next], "[]"),
        answer(502, &[], ""),
        answer(502, &[], ""),
        ok(),
    ]);
    let client = client(&server);
    let (pages, error) = all(client.issues(&repo()));
    assert_eq!((pages.len(), error, client.counters().retries), (2, None, 4));
}

#[test]
fn silence_is_given_up() {
    let server = Server::start([Reply::Silence]);
    let timeout = Duration::from_millis(40);
    let client = Client::new(ClientSettings { timeout, ..settings(&server) }, Arc::default()).unwrap();
    assert_eq!(line(&client), "no answer within 40 ms");
    assert_eq!(client.counters().requests, 1);
}

#[test]
fn the_time_limit_covers_the_body() {
    let server = Server::start([Reply::Stalled("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[")]);
    let timeout = Duration::from_millis(200);
    let client = Client::new(ClientSettings { timeout, ..settings(&server) }, Arc::default()).unwrap();
    assert_eq!(line(&client), "no answer within 200 ms");
}

/// The server gives up while the only thread is blocked: that says nothing about the server.
#[test]
fn an_answer_that_nobody_could_read_is_asked_for_once_more() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[";
    let server = Server::start([raw(cut), ok()]);
    let timeout = Duration::from_secs(2);
    let client = Client::new(ClientSettings { timeout, ..settings(&server) }, Arc::default()).unwrap();
    let mut listing = client.issues(&repo());
    let page = run(async {
        let block = async {
            tokio::task::yield_now().await;
            // Longer than one of the twenty ticks of the time limit, and a second more.
            std::thread::sleep(Duration::from_millis(1200));
        };
        tokio::join!(listing.next(), block).0
    });
    assert_eq!(page.unwrap().unwrap().items.len(), 0);
    let counters = client.counters();
    assert_eq!((counters.unread_answers, counters.retries, counters.failures), (1, 1, 0));
}

#[test]
fn an_unread_answer_is_asked_for_once_only() {
    let mut tries = crate::github::client::tries::Tries::default();
    assert!(tries.broken(FetchError::EndedEarly, true).is_ok());
    assert_eq!(tries.broken(FetchError::EndedEarly, true), Err(FetchError::EndedEarly));
    assert!(tries.broken(FetchError::Closed, true).is_ok(), "a closed connection has a try of its own");
    assert_eq!(tries.broken(FetchError::Closed, true), Err(FetchError::Closed));
}
