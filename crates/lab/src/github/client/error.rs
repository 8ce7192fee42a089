//! What can go wrong while a listing is fetched, said in one plain line each, made for a table cell.
//!
//! Foreign text gets in only through [`plain`], and no variant has room for a token.

use std::{error::Error as StdError, io, time::Duration};

use super::{
    settings::ApiUrlError,
    text::{after_colon, mebibytes, plain, span},
};

/// Why a [`Client`](super::Client) cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The API's address is of no use.
    #[error(transparent)]
    ApiUrl(#[from] ApiUrlError),
    /// Whoever listens on the way could read the token.
    #[error(
        "GITHUB_TOKEN is set and would go to {host} in the clear: use https, or unset it (plain http is for this machine only)"
    )]
    PlainHttpToken {
        /// The API's host.
        host: String,
    },
    /// The file that should hold certificates holds none, or one that cannot be read.
    #[error("there is no certificate in the file of --ca-cert: a PEM file begins with -----BEGIN CERTIFICATE-----")]
    NoCertificate,
    /// The HTTP library refused, as it does without any root certificates for https.
    #[error("the HTTP client cannot start: {0}")]
    Build(String),
}

/// Why a page could not be had. Every text in it is one line without control characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The limit was reached, counting only time in which the runtime could poll.
    #[error("no answer within {}", span(*.within))]
    Timeout {
        /// The limit for one request, its body included.
        within: Duration,
    },
    /// Nobody listens there.
    #[error("connection refused by {host}")]
    Refused {
        /// Host and port.
        host: String,
    },
    /// The server's certificate does not show that it is who it should be. Nothing was sent.
    #[error("{host} is not trusted: {reason}")]
    Untrusted {
        /// Host and port.
        host: String,
        /// What is wrong with the certificate.
        reason: String,
    },
    /// No connection for another reason: no such name, no route.
    #[error("cannot reach {host}: {reason}")]
    Unreachable {
        /// Host and port.
        host: String,
        /// The innermost cause.
        reason: String,
    },
    /// The connection was closed before the answer's headers were there, twice.
    #[error("the connection was closed without an answer")]
    Closed,
    /// The body is shorter than it should be.
    #[error("the answer ended early")]
    EndedEarly,
    /// The pages are longer than anything that GitHub sends.
    #[error("its pages are larger than {}", mebibytes(*.limit))]
    TooLarge {
        /// In bytes.
        limit: u64,
    },
    /// The body is compressed, though that was not asked for. It is not unpacked.
    #[error("the answer is compressed ({0}), which was not asked for")]
    Packed(String),
    /// The body is something else than JSON, by the answer's own word.
    #[error("the answer is {0}, not JSON: is there a proxy in between?")]
    OtherKind(String),
    /// The answer shows the token that it was asked with.
    #[error("the answer repeats the token, so it is not looked at")]
    RepeatsToken,
    /// Something else than an HTTP server listens there.
    #[error("the answer is not HTTP: {0}")]
    NotHttp(String),
    /// The body is malformed; with the parser's position.
    #[error("the answer is not JSON: {0}")]
    NotJson(String),
    /// The body is JSON of another shape; with the parser's position.
    #[error("the answer is not a list of that kind: {0}")]
    WrongShape(String),
    /// 400 or 422.
    #[error("the request was refused ({status}){}", after_colon(.message))]
    Rejected {
        /// The status code.
        status: u16,
        /// What the server says, if anything.
        message: String,
    },
    /// 401.
    #[error("{}", if *.with_token { "bad credentials (401): check GITHUB_TOKEN" } else { "credentials are needed (401): set GITHUB_TOKEN" })]
    Unauthorized {
        /// Whether a token was sent.
        with_token: bool,
    },
    /// A 403 that names no limit.
    #[error("forbidden (403){}", after_colon(.message))]
    Forbidden {
        /// What the server says, if anything.
        message: String,
    },
    /// The hourly limit is used up, for longer than may be waited.
    #[error("rate limit until {until}{}", if *.with_token { "" } else { "; set GITHUB_TOKEN for more" })]
    PrimaryLimit {
        /// The server's time of the reset, in UTC: `14:05 UTC`, with a date when it is not near.
        until: String,
        /// Whether a token was sent.
        with_token: bool,
    },
    /// The server wants longer pauses than may be waited, or wants them again and again.
    #[error("secondary rate limit{}", asked_to_wait(*.wait))]
    SecondaryLimit {
        /// How long the server wants nothing to be asked. Zero where it said so each time and limits again.
        wait: Duration,
    },
    /// 404: no such repository, or not for this token.
    #[error("not found (404)")]
    NotFound,
    /// 410 to the issues listing. The pull requests go on.
    #[error("issues are disabled (410)")]
    IssuesDisabled,
    /// 410 to another listing.
    #[error("gone (410)")]
    Gone,
    /// 451.
    #[error("blocked for legal reasons (451)")]
    Blocked,
    /// 500, 502, 503 or 504, and so again after three more tries.
    #[error("server error ({status}), also after 3 more tries")]
    Server {
        /// The status code of the last try.
        status: u16,
    },
    /// A status that this client knows nothing to do about.
    #[error("unexpected status ({status}){}", after_colon(.message))]
    Status {
        /// The status code.
        status: u16,
        /// What the server says, if anything.
        message: String,
    },
    /// 304 to a request that named no `ETag`, twice.
    #[error("'not modified' (304), but there is no earlier answer")]
    NothingKept,
    /// More redirects than anybody needs, or in a circle.
    #[error("redirected too often")]
    TooManyRedirects,
    /// A redirect that does not say where to.
    #[error("a redirect without an address ({status})")]
    NoLocation {
        /// The status code.
        status: u16,
    },
    /// A redirect or a link whose address cannot be read.
    #[error("the answer leads to a malformed address: {0}")]
    BadAddress(String),
    /// A redirect or a link to another scheme, host or port. It is not followed.
    #[error("the answer leads to another server, not followed: {origin}")]
    ForeignOrigin {
        /// That other origin.
        origin: String,
    },
    /// The next page is one that was already read.
    #[error("the links to the next pages go in a circle")]
    LinkLoop,
}

impl FetchError {
    /// Whether this says that the repository has no issues, rather than that something failed.
    pub fn issues_disabled(&self) -> bool {
        *self == Self::IssuesDisabled
    }

    /// Reads an error of the time before the answer's headers were there.
    pub(super) fn before_answer(error: &reqwest::Error, host: String) -> Self {
        if io_kind(error) == Some(io::ErrorKind::ConnectionRefused) {
            return Self::Refused { host };
        }
        if let Some(reason) = causes(error).find_map(tls_error).and_then(distrust) {
            return Self::Untrusted { host, reason };
        }
        if error.is_connect() || error.is_builder() {
            return Self::Unreachable { host, reason: innermost(error) };
        }
        malformed(error).unwrap_or(Self::Closed)
    }

    /// Reads an error of the time when the body was under way.
    pub(super) fn within_answer(error: &reqwest::Error) -> Self {
        malformed(error).unwrap_or(Self::EndedEarly)
    }

    /// Reads what the JSON parser says. A text that merely stops is an answer that ended early.
    pub(super) fn from_json(error: &serde_json::Error) -> Self {
        match error.classify() {
            serde_json::error::Category::Eof => Self::EndedEarly,
            serde_json::error::Category::Data => Self::WrongShape(plain(&error.to_string())),
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
                Self::NotJson(plain(&error.to_string()))
            }
        }
    }
}

/// The error when the bytes were there but are not HTTP: a bad status line, header or chunk.
fn malformed(error: &reqwest::Error) -> Option<FetchError> {
    let bad_head = causes(error).any(|cause| cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse));
    let bad_chunk = matches!(io_kind(error), Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData));
    (bad_head || bad_chunk).then(|| FetchError::NotHttp(innermost(error)))
}

fn asked_to_wait(wait: Duration) -> String {
    if wait.is_zero() { ", also after 3 more tries".to_owned() } else { format!("; wait {} and try again", span(wait)) }
}

/// The TLS error that a cause is, or holds: I/O errors do not name what they hold as their source.
fn tls_error<'a>(cause: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    cause.downcast_ref().or_else(|| tls_error(cause.downcast_ref::<io::Error>()?.get_ref()?))
}

/// What is wrong with a certificate; none where something else is wrong.
fn distrust(error: &rustls::Error) -> Option<String> {
    use rustls::CertificateError as E;
    let rustls::Error::InvalidCertificate(error) = error else { return None };
    Some(match error {
        E::Expired | E::ExpiredContext { .. } => "its certificate has expired".to_owned(),
        E::NotValidYet | E::NotValidYetContext { .. } => "its certificate is not valid yet".to_owned(),
        E::NotValidForName | E::NotValidForNameContext { .. } => "its certificate is for another name".to_owned(),
        E::UnknownIssuer => "nobody who is known has signed its certificate; --ca-cert adds one".to_owned(),
        E::BadSignature => "the signature of its certificate is wrong".to_owned(),
        other => plain(&format!("its certificate is refused ({other})")),
    })
}

/// The kind of the innermost I/O error.
fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last().map(io::Error::kind)
}

/// What the innermost cause says. The outer ones repeat the address, which is said elsewhere.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    plain(&causes(error).last().map_or_else(|| "no reason is known".to_owned(), ToString::to_string))
}

/// The causes of an error, without itself.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}
