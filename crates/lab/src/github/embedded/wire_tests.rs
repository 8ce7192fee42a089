//! The server over real TCP, by hand-written HTTP.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use super::{Embedded, EmbeddedSettings, has, planted_duplicates, reference_date, repositories};
use crate::github::types::{Issue, RepoName};

fn start() -> Embedded {
    Embedded::start(EmbeddedSettings { seed: 1, latency: Duration::ZERO, port: 0 }).unwrap()
}

/// One request on a connection of its own: the head of the answer, and its body.
fn exchange(server: &Embedded, address: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let head = format!("GET {address} HTTP/1.1\r\nHost: {}\r\nUser-Agent: t\r\nConnection: close", server.address());
    stream.write_all(format!("{head}\r\n\r\n").as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    (String::from_utf8(answer[..end].to_vec()).unwrap(), answer[end + 4..].to_vec())
}

#[test]
fn a_page_arrives_whole_with_its_headers() {
    let server = start();
    let (head, body) = exchange(&server, "/repos/wintergable/sleetlog/issues?state=all&per_page=50");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let head = head.to_ascii_lowercase();
    assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
    assert!(head.contains(&format!("link: <{}/repositories/", server.api_url())), "{head}");
    assert!(head.contains("x-ratelimit-remaining: 4999"), "{head}");
    assert_eq!(serde_json::from_slice::<Vec<Issue>>(&body).unwrap().len(), 50);
}

#[test]
fn the_thread_is_known_and_a_connected_client_does_not_keep_it() {
    let server = start();
    assert_eq!(server.os_thread_id().is_some(), cfg!(target_os = "linux"));
    let mut idle = TcpStream::connect(server.address()).unwrap();
    // An answer shows that the connection has a task by now.
    idle.write_all(b"GET /rate_limit HTTP/1.1\r\nHost: h\r\nUser-Agent: t\r\n\r\n").unwrap();
    idle.read_exact(&mut [0; 12]).unwrap();
    drop(server);
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).unwrap();
}

#[test]
fn a_port_that_is_taken_is_an_error() {
    let server = start();
    let again = EmbeddedSettings { seed: 1, latency: Duration::ZERO, port: server.address().port() };
    assert!(Embedded::start(again).is_err());
}

#[test]
fn sixteen_repositories_are_asked_for_and_their_pairs_are_known() {
    let names = repositories(1);
    assert_eq!(names.len(), 16);
    let pairs: Vec<usize> = names.iter().map(|name| planted_duplicates(1, name).len()).collect();
    assert_eq!(pairs.iter().max(), Some(&16));
    assert!(names.iter().flat_map(|name| planted_duplicates(1, name)).all(|(first, second)| first < second));
    let elsewhere: RepoName = "tokio-rs/tokio".parse().unwrap();
    assert_eq!(planted_duplicates(1, &elsewhere), []);
    assert!(names.iter().all(has) && has(&"AmberCove/CogSpindle".parse().unwrap()) && !has(&elsewhere));
}

#[test]
fn nothing_is_younger_than_the_reference_date() {
    assert_eq!(reference_date().to_string(), "2026-01-01T00:00:00Z");
    let (_, body) = exchange(&start(), "/repos/lanternworks/ferrule/issues?state=all&per_page=100");
    for issue in serde_json::from_slice::<Vec<Issue>>(&body).unwrap() {
        let dates = [Some(issue.created_at), issue.closed_at];
        assert!(dates.iter().flatten().all(|date| date.parse::<jiff::Timestamp>().unwrap() < reference_date()));
    }
}
