//! Where a program serves its trace, in words: a Unix socket or a TCP address; and the token that must be known there.

use std::{fmt, path::PathBuf, str::FromStr};

/// Where a program serves its trace.
///
/// ```
/// use pollscope::scope::Address;
///
/// assert_eq!("unix:/tmp/api.sock".parse(), Ok(Address::Unix("/tmp/api.sock".into())));
/// assert_eq!(":6770".parse(), Ok(Address::Tcp("127.0.0.1".into(), 6770)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// A Unix socket's file.
    Unix(PathBuf),
    /// A host (a name, or an address; IPv6 without brackets) and a port.
    Tcp(String, u16),
}

/// Why a text is no address.
///
/// ```
/// use pollscope::scope::Address;
///
/// let error = "localhost".parse::<Address>().unwrap_err();
/// assert!(error.to_string().starts_with("'localhost' is no address"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError(String);

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.0;
        write!(f, "'{text}' is no address: write unix:/path/of/a/socket, HOST:PORT, or :PORT for this machine alone")
    }
}

impl std::error::Error for AddressError {}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let wrong = || AddressError(text.escape_default().to_string());
        if let Some(path) = text.strip_prefix("unix:").or_else(|| text.starts_with('/').then_some(text)) {
            let path = PathBuf::from(path);
            return if path.file_name().is_some() { Ok(Self::Unix(path)) } else { Err(wrong()) };
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_| wrong())?;
        let host = match host.strip_prefix('[').map(|host| host.strip_suffix(']')) {
            Some(inner) => inner.ok_or_else(wrong)?,
            None if host.contains(':') => return Err(wrong()),
            None => host,
        };
        let is_name = |letter: char| letter.is_alphanumeric() || "-._:%".contains(letter);
        match host {
            "" => Ok(Self::Tcp("127.0.0.1".to_owned(), port)),
            host if host.chars().all(is_name) => Ok(Self::Tcp(host.to_owned(), port)),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Tcp(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp(host, port) => write!(f, "{host}:{port}"),
        }
    }
}

/// A word that whoever looks must know. It is in no output: neither in `Debug` nor in an error.
///
/// ```
/// use pollscope::scope::Token;
///
/// let token: Token = "s3cret".parse()?;
/// assert_eq!(format!("{token:?}"), "Token(…)");
/// # Ok::<(), pollscope::scope::TokenError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// Why a text is no token. The text is not repeated.
///
/// ```
/// use pollscope::scope::{Token, TokenError};
///
/// assert_eq!("two words".parse::<Token>(), Err(TokenError));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenError;

/// The longest token.
const MOST: usize = 128;

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a token is 1 to {MOST} visible ASCII letters and figures, without blanks")
    }
}

impl std::error::Error for TokenError {}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let fits = (1..=MOST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(text.to_owned())) } else { Err(TokenError) }
    }
}

impl Token {
    /// Whether it is that one. How long the comparison takes tells nothing of where they differ.
    pub(super) fn is(&self, claimed: &str) -> bool {
        let (own, claimed) = (self.0.as_bytes(), claimed.as_bytes());
        let differs = own.iter().zip(claimed).fold(0, |differs, (a, b)| differs | (a ^ b));
        std::hint::black_box(differs) == 0 && own.len() == claimed.len()
    }

    /// To be sent to whom it was meant for.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_they_are_written() {
        for (text, shown) in [
            ("unix:/tmp/a b", "unix:/tmp/a b"),
            ("unix:relative.sock", "unix:relative.sock"),
            ("/run/x.sock", "unix:/run/x.sock"),
            (":7000", "127.0.0.1:7000"),
            ("localhost:0", "localhost:0"),
            ("0.0.0.0:65535", "0.0.0.0:65535"),
            ("[::1]:80", "[::1]:80"),
        ] {
            assert_eq!(text.parse::<Address>().map(|it| it.to_string()), Ok(shown.to_owned()), "{text}");
            assert_eq!(shown.parse::<Address>(), text.parse(), "{text}");
        }
        for text in ["", "unix:", "/", "host", "host:", ":65536", "::1:80", "[::1:80", "a b:1", "http://a:1"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_token_is_told_to_nobody() {
        let token: Token = "s3cret".parse().unwrap();
        assert!(
            token.is("s3cret") && !token.is("s3creT") && !token.is("s3cre") && !token.is("s3crets") && !token.is("")
        );
        assert_eq!(format!("{token:?}"), "Token(…)");
        for wrong in ["", "a b", "ä", &"x".repeat(129)] {
            assert_eq!(wrong.parse::<Token>(), Err(TokenError));
        }
    }
}
