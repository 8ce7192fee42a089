//! What ends a listing at once, and the line that a table cell shows for it.

use std::sync::Arc;

use tokio::net::TcpSocket;

use super::{
    all, client, line, only_page, repo,
    server::{Server, answer, raw},
    settings, with_token,
};
use crate::github::client::{Client, ClientSettings, FetchError, append, parse_api_url};

fn fails(status: u16, body: &str) -> String {
    let server = Server::start([answer(status, &[], body)]);
    line(&client(&server))
}

#[test]
fn final_statuses_have_their_lines() {
    assert_eq!(fails(404, ""), "not found (404)");
    assert_eq!(fails(404, r#"{"message":"Not Found","documentation_url":"x"}"#), "not found (404)");
    assert_eq!(fails(451, "<html>"), "blocked for legal reasons (451)");
    assert_eq!(fails(400, r#"{"message":"Bad version"}"#), "the request was refused (400): Bad version");
    let errors = r#"{"message":"Validation Failed","errors":[{"resource":"Search","field":"q","code":"missing"}]}"#;
    assert_eq!(fails(422, errors), "the request was refused (422): Validation Failed; Search q missing");
    assert_eq!(fails(403, r#"{"message":"Resource not accessible"}"#), "forbidden (403): Resource not accessible");
    assert_eq!(fails(403, "<html>nothing</html>"), "forbidden (403)");
    assert_eq!(fails(418, r#"{"error":"teapot"}"#), "unexpected status (418): teapot");
    assert_eq!(fails(204, ""), "unexpected status (204)");
}

#[test]
fn a_bad_token_names_the_variable() {
    let body = r#"{"message":"Bad credentials"}"#;
    let server = Server::start([answer(401, &[], body)]);
    let client = Client::new(with_token(settings(&server)), Arc::default()).unwrap();
    assert_eq!(line(&client), "bad credentials (401): check GITHUB_TOKEN");
    assert_eq!(fails(401, body), "credentials are needed (401): set GITHUB_TOKEN");
}

#[test]
fn disabled_issues_are_no_failure_and_pulls_go_on() {
    let body = r#"{"message":"Issues are disabled for this repo"}"#;
    let server = Server::start([answer(410, &[], body), answer(200, &[], "[]"), answer(410, &[], "")]);
    let client = client(&server);
    let (_, error) = all(client.issues(&repo()));
    assert!(error.as_ref().is_some_and(FetchError::issues_disabled));
    assert_eq!(error.unwrap().to_string(), "issues are disabled (410)");
    assert_eq!(all(client.pulls(&repo())).1, None);
    assert_eq!(client.counters().failures, 0);
    let (_, error) = all(client.pulls(&repo()));
    assert!(!error.as_ref().unwrap().issues_disabled());
    assert_eq!(error.unwrap().to_string(), "gone (410)");
}

#[test]
fn what_a_server_says_cannot_trick_a_terminal() {
    let body = r#"{"message":"a\u001b[2J\r\nb\u202ec"}"#;
    assert_eq!(fails(422, body), "the request was refused (422): a[2J bc");
    let long = format!(r#"{{"message":"{}"}}"#, "x".repeat(5000));
    assert_eq!(fails(403, &long), format!("forbidden (403): {}…", "x".repeat(119)));
}

#[test]
fn bodies_that_end_early() {
    let wire = |head: &str, body: &str| {
        let server = Server::start([raw(format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{head}\r\n{body}"))]);
        let client = client(&server);
        let line = line(&client);
        assert_eq!(client.counters().requests, 1);
        line
    };
    assert_eq!(wire("content-length: 100\r\n", "[{"), "the answer ended early");
    assert_eq!(wire("transfer-encoding: chunked\r\n", "5\r\n[{"), "the answer ended early");
    assert_eq!(wire("", "[{"), "the answer ended early");
    assert_eq!(wire("", ""), "the answer ended early");
}

#[test]
fn the_status_of_an_error_counts_even_if_its_body_ends_early() {
    let cut = |status: &str| raw(format!("HTTP/1.1 {status} X\r\ncontent-length: 100\r\n\r\n<html>"));
    assert_eq!(line(&client(&Server::start([cut("404")]))), "not found (404)");
    let server = Server::start([cut("502"), answer(200, &[], "[]")]);
    only_page(&client(&server));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn bodies_that_are_something_else() {
    assert_eq!(fails(200, "<html>"), "the answer is not JSON: expected value at line 1 column 1");
    assert_eq!(fails(200, "[]]"), "the answer is not JSON: trailing characters at line 1 column 3");
    let object = fails(200, r#"{"message":"x"}"#);
    assert!(object.starts_with("the answer is not a list of that kind: invalid type: map"), "{object}");
    let item = fails(200, r#"[{"number":"\u001b[31m"}]"#);
    assert!(item.contains("line 1 column"), "{item}");
}

#[test]
fn a_body_that_is_not_utf8_is_read() {
    let head = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
    let body = b"[{\"number\":1,\"title\":\"a\xff\xfeb\",\"created_at\":\"x\"}]";
    let server = Server::start([raw([head.as_slice(), body.as_slice()].concat())]);
    assert_eq!(&*only_page(&client(&server)).items[0].title, "a\u{fffd}\u{fffd}b");
}

#[test]
fn answers_that_are_not_http() {
    let server = Server::start([raw("SSH-2.0-OpenSSH_9.6\r\n")]);
    let said = line(&client(&server));
    assert!(said.starts_with("the answer is not HTTP: "), "{said}");
    let server = Server::start([raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n[]")]);
    let said = line(&client(&server));
    assert!(said.starts_with("the answer is not HTTP: "), "{said}");
}

#[test]
fn an_answer_that_is_too_large_is_not_read() {
    let server = Server::start([raw("HTTP/1.1 200 OK\r\ncontent-length: 67108865\r\n\r\n[")]);
    let client = client(&server);
    assert_eq!(line(&client), "its pages are larger than 64 MiB");
    assert_eq!(client.counters().bytes, 0);

    let mut body = vec![0; 6];
    assert!(append(&mut body, &[0; 4], 10) && !append(&mut body, &[0], 10));
    assert_eq!(body.len(), 10);
}

#[test]
fn a_refused_connection_fails_at_once() {
    // A port that is taken and that nobody listens on.
    let taken = TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = taken.local_addr().unwrap();
    let api_url = parse_api_url(&format!("http://{address}")).unwrap();
    let client = Client::new(ClientSettings::new(api_url), Arc::default()).unwrap();
    assert_eq!(line(&client), format!("connection refused by {address}"));
    assert_eq!((client.counters().requests, client.counters().failures), (1, 1));
}

#[test]
fn a_host_that_cannot_be_reached_is_named() {
    // Nothing speaks TLS here.
    let server = Server::start([raw("no TLS here")]);
    let api_url = parse_api_url(&server.base().replace("http:", "https:")).unwrap();
    // Without root certificates there is no client to try with, which is said on its own.
    let Ok(client) = Client::new(ClientSettings::new(api_url), Arc::default()) else { return };
    let said = line(&client);
    assert!(said.starts_with("cannot reach 127.0.0.1:"), "{said}");
}
