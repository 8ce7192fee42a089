//! Gets one page: through redirects and retries, from the cache where the server says that it is unchanged.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{self, HeaderValue};
use url::Url;

use super::{
    Client, Exchange, FetchError, address,
    answer::Answer,
    cache::{Content, Kept},
    item::Item,
    redirects::Trail,
    tries::{Retry, Step, Tries},
};
use crate::github::types::RepoName;

/// A page, and how it came.
pub(super) struct Found<T> {
    pub(super) content: Content<T>,
    /// Where it was in the end; relative links start here.
    pub(super) address: Url,
    /// The length of the body, also of one that came before.
    pub(super) size: u64,
    pub(super) not_modified: bool,
    /// Where redirects led to another name: that name, if it can be known.
    pub(super) new_name: Option<RepoName>,
}

/// What an answer holds, fresh or unchanged.
struct Arrival<T> {
    content: Content<T>,
    size: u64,
    not_modified: bool,
}

/// What an exchange led to.
enum Next<T> {
    Arrived(Arrival<T>),
    Move { location: String, permanent: bool },
    Again(Duration),
}

impl Client {
    /// The page at an address of the API's origin, which may have `room` bytes.
    pub(super) async fn page<T: Item>(&self, asked: &Url, room: u64) -> Result<Found<T>, FetchError> {
        let mut trail = self.inner.redirects.begin(asked);
        let mut tries = Tries::default();
        loop {
            let kept = T::shelf(&self.inner.cache).get(&trail.address);
            let Exchange { result, stalled } =
                self.exchange(&trail.address, kept.as_ref().map(|kept| &kept.etag), room).await;
            let next = match result.and_then(|answer| self.judge(answer, kept, &trail, &mut tries)) {
                Ok(next) => next,
                Err(error) => self.once_more(tries.broken(error, stalled)?),
            };
            match next {
                Next::Arrived(arrival) => {
                    self.inner.redirects.learn(&trail);
                    return Ok(self.found(arrival, trail));
                }
                Next::Move { location, permanent } => {
                    trail.go(address::follow(self.api(), &trail.address, &location)?, permanent)?;
                }
                Next::Again(pause) => {
                    self.inner.tally.retries.add(1);
                    if !pause.is_zero() {
                        tokio::time::sleep(pause).await;
                    }
                }
            }
        }
    }

    /// Reads an answer, or says what to do instead.
    fn judge<T: Item>(
        &self,
        answer: Answer,
        kept: Option<Kept<T>>,
        trail: &Trail,
        tries: &mut Tries,
    ) -> Result<Next<T>, FetchError> {
        let step = tries.answered(answer, kept, &self.inner.settings, Timestamp::now());
        Ok(match step.map_err(meant_for::<T>)? {
            Step::Take(answer) => Next::Arrived(self.fresh(&answer, trail)?),
            Step::Unchanged(kept) => Next::Arrived(self.unchanged(kept)),
            Step::Move { location, permanent } => Next::Move { location, permanent },
            Step::Again(pause) => Next::Again(pause),
        })
    }

    /// The page that an answer holds. It is kept where the answer has an `ETag`.
    fn fresh<T: Item>(&self, answer: &Answer, trail: &Trail) -> Result<Arrival<T>, FetchError> {
        let content: Content<T> = answer.content(&trail.address, trail.renamed)?;
        let size = answer.body.len() as u64;
        if let Some(etag) = answer.headers.get(header::ETAG) {
            let kept = Kept { etag: HeaderValue::clone(etag), content: content.clone(), bytes: size };
            T::shelf(&self.inner.cache).put(trail.address.clone(), kept);
        }
        Ok(Arrival { content, size, not_modified: false })
    }

    /// The page as it was kept.
    fn unchanged<T>(&self, kept: Kept<T>) -> Arrival<T> {
        self.inner.tally.not_modified.add(1);
        Arrival { content: kept.content, size: kept.bytes, not_modified: true }
    }

    fn found<T>(&self, arrival: Arrival<T>, trail: Trail) -> Found<T> {
        let Arrival { content, size, not_modified } = arrival;
        let name = || address::repo_in(self.api(), &trail.address).or_else(|| content.repo.clone());
        let new_name = if trail.renamed { name() } else { None };
        Found { content, address: trail.address, size, not_modified, new_name }
    }

    /// Another try at once, counted by its reason.
    fn once_more<T>(&self, retry: Retry) -> Next<T> {
        if retry == Retry::Unread {
            self.inner.tally.unread_answers.add(1);
        }
        Next::Again(Duration::ZERO)
    }
}

/// What an error means for this kind of listing.
fn meant_for<T: Item>(error: FetchError) -> FetchError {
    if error == FetchError::Gone { T::GONE } else { error }
}
