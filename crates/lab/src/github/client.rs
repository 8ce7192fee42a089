//! The client of GitHub's REST API: two listings of a repository, page by page.
//!
//! Everything happens in the caller's task, so that whoever watches that task sees it: the client spawns
//! nothing (its HTTP library runs one task a connection). It knows nothing of probes, scenarios or screens.
//!
//! From a listing down: `listing` walks the pages, `page` gets one of them through redirects, retries and
//! the cache, [`Client`] makes one exchange. What an answer means is decided without any I/O, in `tries`,
//! `limits`, `link` and `address`.

mod address;
mod answer;
mod cache;
mod connection;
mod counters;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod item;
mod limits;
mod link;
mod listing;
mod page;
mod patient;
mod redirects;
mod settings;
#[cfg(test)]
mod tests;
mod text;
mod tries;

use std::sync::Arc;

use reqwest::{
    StatusCode,
    header::{self, HeaderValue},
};
use url::Url;

use self::{
    answer::Answer,
    counters::Tally,
    patient::{Outcome, Patient},
    redirects::Redirects,
};
pub use self::{
    cache::EtagCache,
    counters::Counters,
    error::{ClientError, FetchError},
    item::Item,
    listing::{Listing, Page},
    settings::{ApiUrlError, ClientSettings, Token, TokenError, parse_api_url},
};
use super::types::{Issue, Pull, RepoName};

/// A client of one API. Cheap to clone; the clones share connections, counters and what was learnt of
/// renamed repositories.
///
/// It lives and dies with one Tokio runtime, whose tasks its pooled connections are. The [`EtagCache`]
/// outlives it.
#[derive(Clone, Debug)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    settings: ClientSettings,
    authorization: Option<HeaderValue>,
    cache: Arc<EtagCache>,
    redirects: Redirects,
    tally: Tally,
}

/// One request and what became of it.
struct Exchange {
    result: Result<Answer, FetchError>,
    /// Whether the runtime could not poll for more than a second meanwhile.
    stalled: bool,
}

impl Client {
    /// A client without connections yet.
    ///
    /// # Errors
    ///
    /// An address that [`parse_api_url`] would refuse; a token that would go over the network in the clear;
    /// no root certificates for https.
    pub fn new(settings: ClientSettings, cache: Arc<EtagCache>) -> Result<Self, ClientError> {
        settings::check_api_url(&settings.api_url)?;
        let plain = settings.api_url.scheme() == "http";
        let loopback = settings::is_loopback(&settings.api_url);
        if settings.token.is_some() && plain && !loopback {
            return Err(ClientError::PlainHttpToken { host: address::host(&settings.api_url) });
        }
        let http = connection::http(&settings, loopback)?;
        let authorization = settings.token.as_ref().and_then(Token::authorization);
        let (redirects, tally) = (Redirects::new(settings.max_redirects), Tally::default());
        Ok(Self { inner: Arc::new(Inner { http, settings, authorization, cache, redirects, tally }) })
    }

    /// The issues of a repository, pull requests among them, open and closed. Asks nothing yet.
    pub fn issues(&self, repo: &RepoName) -> Listing<Issue> {
        Listing::new(self.clone(), repo.clone())
    }

    /// The pull requests of a repository, open and closed. Asks nothing yet.
    pub fn pulls(&self, repo: &RepoName) -> Listing<Pull> {
        Listing::new(self.clone(), repo.clone())
    }

    /// What this client has done so far.
    pub fn counters(&self) -> Counters {
        self.inner.tally.counters()
    }

    fn api(&self) -> &Url {
        &self.inner.settings.api_url
    }

    fn max_bytes(&self) -> u64 {
        self.inner.settings.max_bytes
    }

    fn max_pages(&self) -> Option<u32> {
        self.inner.settings.max_pages
    }

    /// Disabled issues are an answer, not a failure.
    fn count_failure(&self, error: &FetchError) {
        if !error.issues_disabled() {
            self.inner.tally.failures.add(1);
        }
    }

    /// Sends one GET and reads the whole answer, within the time limit. `address` is of the API's origin:
    /// only such addresses are followed, so the token may go there. The body may have `room` bytes.
    async fn exchange(&self, address: &Url, etag: Option<&HeaderValue>, room: u64) -> Exchange {
        let Inner { settings, tally, .. } = &*self.inner;
        tally.requests.add(1);
        let Outcome { output, stalled } = Patient::new(self.get(address, etag, room), settings.timeout).await;
        Exchange { result: output.unwrap_or(Err(FetchError::Timeout { within: settings.timeout })), stalled }
    }

    /// Without a time limit of its own.
    async fn get(&self, address: &Url, etag: Option<&HeaderValue>, room: u64) -> Result<Answer, FetchError> {
        let mut request = self.inner.http.get(address.clone());
        if let Some(authorization) = &self.inner.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        if let Some(etag) = etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        let sent = request.send().await;
        let mut response = sent.map_err(|error| FetchError::before_answer(&error, address::host(address)))?;
        let mut answer =
            Answer { status: response.status(), headers: std::mem::take(response.headers_mut()), body: Vec::new() };
        self.keep_secret(&answer)?;
        let is_page = answer.status == StatusCode::OK;
        if is_page {
            answer.check_kind()?;
        }
        let read = self.read(&mut response, &mut answer.body, room).await;
        self.keep_secret(&answer)?;
        if is_page {
            read?;
        }
        // The status of any other answer says enough, whatever became of its body.
        Ok(answer)
    }

    /// Refuses an answer that repeats the token, before anything of it can be shown.
    fn keep_secret(&self, answer: &Answer) -> Result<(), FetchError> {
        let repeats = self.inner.settings.token.as_ref().is_some_and(|token| answer.repeats(token));
        if repeats { Err(FetchError::RepeatsToken) } else { Ok(()) }
    }

    /// Reads a body as far as it goes, and as there is room.
    async fn read(&self, response: &mut reqwest::Response, body: &mut Vec<u8>, room: u64) -> Result<(), FetchError> {
        let too_large = || FetchError::TooLarge { limit: self.max_bytes() };
        if response.content_length().is_some_and(|length| length > room) {
            return Err(too_large());
        }
        while let Some(chunk) = response.chunk().await.map_err(|error| FetchError::within_answer(&error))? {
            self.inner.tally.bytes.add(chunk.len() as u64);
            if !append(body, &chunk, room) {
                return Err(too_large());
            }
        }
        Ok(())
    }
}

/// Adds a chunk to a body that may have so many bytes at most. Says whether there was room.
fn append(body: &mut Vec<u8>, chunk: &[u8], room: u64) -> bool {
    let fits = chunk.len() as u64 <= room.saturating_sub(body.len() as u64);
    if fits {
        body.extend_from_slice(chunk);
    }
    fits
}
