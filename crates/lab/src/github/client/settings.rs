//! What a client is told from outside: the API's address, the token, the limits.
//!
//! Knows nothing of requests.

use std::{env, fmt, time::Duration};

use reqwest::header::HeaderValue;
use url::{Host, Url};

use super::text::plain;

/// The environment variable that the token comes from.
const TOKEN_VARIABLE: &str = "GITHUB_TOKEN";

/// How a [`Client`](super::Client) behaves.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// Where the API is; may have a path prefix. See [`parse_api_url`].
    pub api_url: Url,
    /// Sent to the origin of `api_url` and nowhere else.
    pub token: Option<Token>,
    /// For one request with its body, counting only time in which the runtime could poll.
    pub timeout: Duration,
    /// The longest wait for a rate limit. What would take longer fails instead.
    pub max_wait: Duration,
    /// The most pages of one listing (at least one is read); unbounded when none.
    pub max_pages: Option<u32>,
    /// The most bytes of one listing's pages.
    pub max_bytes: u64,
    /// The most redirects on the way to one page.
    pub max_redirects: u32,
    /// Certificates that are trusted besides the system's own, as PEM.
    pub ca_cert: Option<Vec<u8>>,
    /// The pause before the first retry after a server error; it doubles each time. Also the shortest wait
    /// for a rate limit.
    pub backoff: Duration,
}

impl ClientSettings {
    /// The documented defaults: 30 s for a request, 60 s for a limit, 500 ms of back-off, 64 MiB a listing (a
    /// page of a hundred issues with bodies of 64 KiB, several times over), 5 redirects, no token and no bound on the pages.
    pub fn new(api_url: Url) -> Self {
        Self {
            api_url,
            token: None,
            timeout: Duration::from_secs(30),
            max_wait: Duration::from_secs(60),
            max_pages: None,
            max_bytes: 64 * 1024 * 1024,
            max_redirects: 5,
            ca_cert: None,
            backoff: Duration::from_millis(500),
        }
    }
}

/// Why a text is not the address of an API.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiUrlError {
    /// No URL at all.
    #[error("'{text}' is not a URL ({reason}): write it like https://api.github.com")]
    NotAUrl {
        /// What was given.
        text: String,
        /// What the parser says.
        reason: String,
    },
    /// Neither http nor https.
    #[error("the API URL must begin with http:// or https://, not with {0}:")]
    Scheme(String),
    /// A user name or password inside the URL. The text is not repeated: it may hold a secret.
    #[error("the API URL must not hold a user name or password: the token goes into GITHUB_TOKEN")]
    Credentials,
    /// A `?query` or a `#fragment`, which would end up in the middle of every address.
    #[error("the API URL must not have a {0}")]
    Extra(&'static str),
}

/// Reads the address of an API: http or https, without credentials, query or fragment. A path prefix is
/// kept; a slash at its end does not matter.
///
/// # Errors
///
/// One clear line on what is wrong.
pub fn parse_api_url(text: &str) -> Result<Url, ApiUrlError> {
    let text = text.trim();
    let mut url = Url::parse(text).map_err(|reason| not_a_url(text, reason))?;
    check_api_url(&url)?;
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// What follows an `@`-sign's left side may be a secret: such a text is not repeated.
fn not_a_url(text: &str, reason: url::ParseError) -> ApiUrlError {
    if text.contains('@') {
        return ApiUrlError::Credentials;
    }
    ApiUrlError::NotAUrl { text: plain(text), reason: reason.to_string() }
}

/// The rules of [`parse_api_url`] for an address that was already parsed.
pub(super) fn check_api_url(url: &Url) -> Result<(), ApiUrlError> {
    if has_credentials(url) {
        return Err(ApiUrlError::Credentials);
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(ApiUrlError::Scheme(plain(url.scheme())));
    }
    match (url.query(), url.fragment()) {
        (Some(_), _) => Err(ApiUrlError::Extra("query (?…)")),
        (_, Some(_)) => Err(ApiUrlError::Extra("fragment (#…)")),
        (None, None) => Ok(()),
    }
}

/// Whether the address carries a user name or a password, which an HTTP library would send along.
pub(super) fn has_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Whether the address is on this machine, so that nobody can listen on the way.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        Some(Host::Domain(name)) => name.trim_end_matches('.').eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

/// A GitHub token. It never shows itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// Why a text is not a token. Does not repeat the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{TOKEN_VARIABLE} holds characters that no token has: set it again, on one line, without quotes")]
pub struct TokenError;

impl Token {
    /// Reads the environment variable `GITHUB_TOKEN`. Blank or unset is none.
    ///
    /// # Errors
    ///
    /// A value with control, blank or non-ASCII characters inside.
    pub fn from_env() -> Result<Option<Self>, TokenError> {
        match env::var(TOKEN_VARIABLE) {
            Ok(text) => Self::parse(&text),
            Err(env::VarError::NotPresent) => Ok(None),
            Err(env::VarError::NotUnicode(_)) => Err(TokenError),
        }
    }

    /// Reads a token from text, without the white space around it. Blank is none.
    ///
    /// # Errors
    ///
    /// A text with control, blank or non-ASCII characters inside.
    pub fn parse(text: &str) -> Result<Option<Self>, TokenError> {
        let text = text.trim();
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError);
        }
        Ok((!text.is_empty()).then(|| Self(text.to_owned())))
    }

    /// Whether it stands in these bytes.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        String::from_utf8_lossy(bytes).contains(&self.0)
    }

    /// The value of the `Authorization` header, marked so that no library shows it either.
    pub(super) fn authorization(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.0)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(hidden)")
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::{Token, TokenError, is_loopback, parse_api_url};

    #[test]
    fn api_urls_are_http_or_https_and_keep_their_prefix() {
        let parsed = |text| parse_api_url(text).unwrap().to_string();
        assert_eq!(parsed("https://api.github.com"), "https://api.github.com/");
        assert_eq!(parsed(" https://ghe.example/api/v3/ "), "https://ghe.example/api/v3");
        assert_eq!(parsed("http://127.0.0.1:8080//"), "http://127.0.0.1:8080/");
    }

    #[test]
    fn other_api_urls_are_refused_in_one_line() {
        let refused = |text| {
            let line = parse_api_url(text).unwrap_err().to_string();
            assert!(!line.contains(char::is_control), "{line:?}");
            line
        };
        assert!(refused("api.github.com").contains("'api.github.com' is not a URL"));
        assert!(refused("").contains("write it like"));
        assert!(refused("http://[::1\u{1b}\n").contains("is not a URL"));
        assert!(refused("ftp://x").contains("not with ftp:"));
        assert!(refused("localhost:8080").contains("not with localhost:"));
        assert!(refused("https://x/?a=b").contains("query"));
        assert!(refused("https://x/#a").contains("fragment"));
        for secret in ["https://me:hunter2@x", "https://hunter2@x", "hunter2@x", "https://a:hunter2@x:99999"] {
            let line = refused(secret);
            assert!(line.contains("GITHUB_TOKEN") && !line.contains("hunter2"), "{line}");
        }
    }

    #[test]
    fn loopback_is_this_machine_only() {
        for here in
            ["http://127.0.0.1", "http://127.9.9.9:1", "http://[::1]", "http://LOCALHOST:1", "http://localhost."]
        {
            assert!(is_loopback(&here.parse().unwrap()), "{here}");
        }
        for there in ["http://128.0.0.1", "http://localhost.example", "http://[::2]", "http://127.0.0.1.example"] {
            assert!(!is_loopback(&there.parse().unwrap()), "{there}");
        }
    }

    #[test]
    fn a_token_is_trimmed_and_checked_and_hidden() {
        assert_eq!(Token::parse(" \n"), Ok(None));
        for bad in ["ghp_a\nb", "ghp ab", "ghp_ü", "a\u{7f}b"] {
            assert_eq!(Token::parse(bad), Err(TokenError), "{bad:?}");
        }
        assert!(TokenError.to_string().contains("GITHUB_TOKEN"));
        let token = Token::parse(" ghp_secret\n").unwrap().unwrap();
        let header = token.authorization().unwrap();
        assert_eq!(header.to_str().unwrap(), "Bearer ghp_secret");
        assert!(!format!("{token} {token:?} {header:?}").contains("secret"));
        assert!(token.is_in(b"\xffBearer ghp_secret\n") && !token.is_in(b"ghp_secre"));
    }
}
