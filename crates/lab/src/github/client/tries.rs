//! What to do with an answer or with its absence: take it, go elsewhere, ask again later, or give up.
//!
//! This is the table of GitHub's statuses. Pure: it sends nothing, waits for nothing and reads no clock.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    ClientSettings, FetchError,
    answer::Answer,
    limits::{self, Limit},
};

/// How often a page is asked for again after a server error, and after a rate limit.
const MOST_RETRIES: u32 = 3;

/// The first wait for a secondary limit that does not say how long, by GitHub's documentation.
const UNNAMED_WAIT: Duration = Duration::from_secs(60);

/// What comes next.
#[derive(Debug)]
pub(super) enum Step<K> {
    /// The answer holds the page.
    Take(Answer),
    /// What was kept is the page.
    Unchanged(K),
    /// The page is elsewhere.
    Move {
        /// Where, unresolved.
        location: String,
        /// Whether for good.
        permanent: bool,
    },
    /// Ask again after a pause.
    Again(Duration),
}

/// How often one page has been tried, by what stood in the way.
#[derive(Debug, Default)]
pub(super) struct Tries {
    server_errors: u32,
    limits: u32,
    closed: bool,
    unread: bool,
    nothing_kept: bool,
}

impl Tries {
    /// Judges an answer to a request; `kept` is what the request's `ETag` stood for, if it had one.
    ///
    /// # Errors
    ///
    /// What is final, at once or after as many tries as are allowed.
    pub(super) fn answered<K>(
        &mut self,
        answer: Answer,
        kept: Option<K>,
        settings: &ClientSettings,
        now: Timestamp,
    ) -> Result<Step<K>, FetchError> {
        let status = answer.status.as_u16();
        match status {
            200 => Ok(Step::Take(answer)),
            301 | 302 | 307 | 308 => {
                let location = answer.location().ok_or(FetchError::NoLocation { status })?;
                Ok(Step::Move { location, permanent: matches!(status, 301 | 308) })
            }
            304 => kept.map_or_else(|| self.nothing_kept(), |kept| Ok(Step::Unchanged(kept))),
            403 | 429 => self.limited(&answer, settings, now).map(Step::Again),
            500 | 502 | 503 | 504 => self.server_error(status, settings).map(Step::Again),
            _ => Err(refused(&answer, settings.token.is_some())),
        }
    }

    /// Judges the failure of an exchange. `stalled` says that the runtime could not poll meanwhile: a
    /// connection that was given up by the server then says nothing about the server.
    ///
    /// # Errors
    ///
    /// The failure itself, where another try is not called for.
    pub(super) fn broken(&mut self, error: FetchError, stalled: bool) -> Result<Retry, FetchError> {
        let given_up = matches!(error, FetchError::Closed | FetchError::EndedEarly);
        if stalled && given_up && !self.unread {
            self.unread = true;
            return Ok(Retry::Unread);
        }
        if error == FetchError::Closed && !self.closed {
            self.closed = true;
            return Ok(Retry::Closed);
        }
        Err(error)
    }

    /// A server that says 'unchanged' to a request without an `ETag` is asked once more.
    fn nothing_kept<K>(&mut self) -> Result<Step<K>, FetchError> {
        let again = !std::mem::replace(&mut self.nothing_kept, true);
        if again { Ok(Step::Again(Duration::ZERO)) } else { Err(FetchError::NothingKept) }
    }

    /// The pause before the next try.
    fn server_error(&mut self, status: u16, settings: &ClientSettings) -> Result<Duration, FetchError> {
        if self.server_errors == MOST_RETRIES {
            return Err(FetchError::Server { status });
        }
        self.server_errors += 1;
        Ok(settings.backoff.saturating_mul(2_u32.pow(self.server_errors - 1)))
    }

    /// The pause until the limit is over, where that may be waited for.
    fn limited(&mut self, answer: &Answer, settings: &ClientSettings, now: Timestamp) -> Result<Duration, FetchError> {
        let Some(limit) = limits::named_by(answer, now) else {
            return Err(FetchError::Forbidden { message: answer.message() });
        };
        let (wait, error) = match limit {
            Limit::Primary { wait, until } => {
                (wait, FetchError::PrimaryLimit { until, with_token: settings.token.is_some() })
            }
            Limit::Secondary { retry_after } => {
                let wait = retry_after.unwrap_or(UNNAMED_WAIT * 2_u32.pow(self.limits));
                (wait, FetchError::SecondaryLimit { wait })
            }
        };
        if wait > settings.max_wait || self.limits == MOST_RETRIES {
            return Err(error);
        }
        self.limits += 1;
        Ok(wait.max(settings.backoff.min(settings.max_wait)))
    }
}

/// Why an exchange that failed is tried once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retry {
    /// An answer, or its end, that nobody could read in time.
    Unread,
    /// The server closed the connection before it answered, as it may do with an idle one.
    Closed,
}

/// The statuses that are final at once.
fn refused(answer: &Answer, with_token: bool) -> FetchError {
    let status = answer.status.as_u16();
    match status {
        400 | 422 => FetchError::Rejected { status, message: answer.message() },
        401 => FetchError::Unauthorized { with_token },
        404 => FetchError::NotFound,
        410 => FetchError::Gone,
        451 => FetchError::Blocked,
        _ => FetchError::Status { status, message: answer.message() },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;
    use reqwest::{StatusCode, header::HeaderMap};

    use super::{Answer, ClientSettings, FetchError, Step, Tries};

    /// The pauses, in milliseconds, that answers of this status lead to, and the error that ends them.
    fn pauses(status: StatusCode, settings: &ClientSettings) -> (Vec<u128>, FetchError) {
        let mut tries = Tries::default();
        let mut pauses = Vec::new();
        loop {
            let answer = Answer { status, headers: HeaderMap::new(), body: Vec::new() };
            match tries.answered(answer, None::<()>, settings, Timestamp::UNIX_EPOCH) {
                Ok(Step::Again(pause)) => pauses.push(pause.as_millis()),
                Ok(other) => panic!("{other:?}"),
                Err(error) => return (pauses, error),
            }
        }
    }

    fn settings() -> ClientSettings {
        ClientSettings::new("https://api.github.com".parse().unwrap())
    }

    #[test]
    fn the_back_off_after_server_errors_doubles() {
        let ends = FetchError::Server { status: 502 };
        assert_eq!(pauses(StatusCode::BAD_GATEWAY, &settings()), (vec![500, 1000, 2000], ends));
    }

    #[test]
    fn a_limit_without_a_time_takes_a_minute_and_then_doubles_up_to_what_is_allowed() {
        let limited = |seconds| {
            let settings = ClientSettings { max_wait: Duration::from_secs(seconds), ..settings() };
            let (pauses, error) = pauses(StatusCode::TOO_MANY_REQUESTS, &settings);
            (pauses, error.to_string())
        };
        let line = |wait: u64| format!("secondary rate limit; wait {wait} s and try again");
        assert_eq!(limited(59), (vec![], line(60)));
        assert_eq!(limited(60), (vec![60_000], line(120)));
        assert_eq!(limited(3600), (vec![60_000, 120_000, 240_000], line(480)));
    }
}
