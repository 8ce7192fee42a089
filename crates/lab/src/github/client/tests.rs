//! The client against scripted servers: each test is a conversation.

mod caching;
mod failures;
mod paging;
mod redirects;
mod retries;
mod server;

use std::{sync::Arc, time::Duration};

use self::server::Server;
use super::{Client, ClientSettings, EtagCache, FetchError, Item, Listing, Page, Token, parse_api_url};
use crate::github::types::RepoName;

const ISSUE: &str = r#"{"number":1,"title":"t","created_at":"2026-01-01T00:00:00Z"}"#;

fn repo() -> RepoName {
    "old/name".parse().unwrap()
}

/// Short pauses, no long waits, no token.
fn settings(server: &Server) -> ClientSettings {
    ClientSettings {
        backoff: Duration::from_millis(1),
        max_wait: Duration::from_secs(5),
        ..ClientSettings::new(parse_api_url(&server.base()).unwrap())
    }
}

fn client(server: &Server) -> Client {
    Client::new(settings(server), Arc::new(EtagCache::new())).unwrap()
}

fn with_token(mut settings: ClientSettings) -> ClientSettings {
    settings.token = Token::parse("ghp_secret").unwrap();
    settings
}

/// On a runtime of its own. The scripted connections serve one request each, so none is left to a later one.
fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// All pages, and the error that ended the listing if one did.
fn all<T: Item>(mut listing: Listing<T>) -> (Vec<Page<T>>, Option<FetchError>) {
    run(async {
        let mut pages = Vec::new();
        loop {
            match listing.next().await {
                Ok(Some(page)) => pages.push(page),
                Ok(None) => return (pages, None),
                Err(error) => {
                    assert!(listing.next().await.unwrap().is_none(), "a listing that failed is over");
                    return (pages, Some(error));
                }
            }
        }
    })
}

/// The only page of a repository's issues.
fn only_page(client: &Client) -> Page<crate::github::types::Issue> {
    let (mut pages, error) = all(client.issues(&repo()));
    assert_eq!((pages.len(), error), (1, None));
    pages.remove(0)
}

/// The line that a listing of issues fails with at its first page.
fn line(client: &Client) -> String {
    let (pages, error) = all(client.issues(&repo()));
    assert!(pages.is_empty());
    let line = error.unwrap().to_string();
    assert!(!line.contains(char::is_control), "{line:?}");
    assert!(!line.contains("secret"), "{line}");
    line
}
