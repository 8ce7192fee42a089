//! The handshake: one line of JSON from whoever wants to look, within a deadline; and an answer, which is a line that
//! says why not, or the recording's own stream.
//!
//! Both sides are here, as bytes; it does not know what carries them.

#[cfg(feature = "reports")]
use std::io::BufRead;
use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use super::address::Token;
#[cfg(feature = "reports")]
use crate::text::clean;

/// The handshake's version. A later one stays a line of JSON with these two fields first.
pub const VERSION: u32 = 1;
/// The longest line of a viewer, in bytes.
pub const LONGEST_HELLO: usize = 512;
/// The longest line of a refusal, in bytes.
#[cfg(feature = "reports")]
const LONGEST_REFUSAL: u64 = 4096;
/// Letters of a refusal that are shown.
#[cfg(feature = "reports")]
const SHOWN: usize = 300;

/// What this program is, for the other side.
const THIS: &str = env!("CARGO_PKG_VERSION");

/// What a viewer says.
#[derive(Serialize, Deserialize)]
struct Hello<'a> {
    pollscope: &'a str,
    version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    token: Option<std::borrow::Cow<'a, str>>,
}

/// What a viewer is told that may not look.
#[derive(Serialize, Deserialize)]
struct Refusal {
    error: String,
    /// The version of the program's pollscope.
    #[serde(default)]
    pollscope: String,
}

/// The line that asks to look.
#[cfg(feature = "reports")]
pub fn hello(token: Option<&Token>) -> Vec<u8> {
    let token = token.map(|token| token.reveal().into());
    let mut line = serde_json::to_vec(&Hello { pollscope: "attach", version: VERSION, token }).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Reads a viewer's line as far as there is one.
///
/// # Errors
///
/// Those of the source.
pub fn read_hello(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    // One byte at a time: nothing behind the line is read, whatever else is sent.
    while line.len() < LONGEST_HELLO && source.read(&mut byte)? == 1 && byte != [b'\n'] {
        line.extend(byte);
    }
    Ok(line)
}

/// Checks whether the sender of this line may look.
///
/// # Errors
///
/// Says why not, in a sentence for the viewer.
pub fn check(line: &[u8], token: Option<&Token>) -> Result<(), String> {
    let Ok(Hello { pollscope: "attach", version, token: claimed }) = serde_json::from_slice(line) else {
        return Err("this is a program's trace: look at it with 'pollscope attach ADDRESS'".to_owned());
    };
    if version > VERSION {
        return Err(format!(
            "your pollscope is newer than the program's {THIS} (handshake {version}; it knows {VERSION}): \
             build the program with the newer one, or use an older pollscope"
        ));
    }
    match (token, claimed) {
        (None, _) => Ok(()),
        (Some(token), Some(claimed)) if token.is(&claimed) => Ok(()),
        (Some(_), None) => {
            Err("the program wants a token: set POLLSCOPE_TOKEN to the one that it was given".to_owned())
        }
        (Some(_), Some(_)) => {
            Err("the token is another: set POLLSCOPE_TOKEN to the one that the program has".to_owned())
        }
    }
}

/// The line that says why not.
pub fn refusal(why: &str) -> Vec<u8> {
    let refusal = Refusal { error: why.to_owned(), pollscope: THIS.to_owned() };
    let mut line = serde_json::to_vec(&refusal).unwrap_or_default();
    line.push(b'\n');
    line
}

/// What answered a viewer.
#[cfg(feature = "reports")]
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// A stream begins.
    Stream,
    /// A program that says why not; in a line that may be shown.
    Refused(String),
    /// Nothing: it was closed at once.
    Nothing,
    /// Something else than a program's trace.
    Foreign,
}

/// Looks at how the answer begins. Of a stream nothing is taken.
///
/// # Errors
///
/// Those of the source.
#[cfg(feature = "reports")]
pub fn answer(source: &mut impl BufRead) -> io::Result<Answer> {
    match source.fill_buf()?.first() {
        None => Ok(Answer::Nothing),
        Some(0x1f) => Ok(Answer::Stream),
        Some(b'{') => {
            let mut line = Vec::new();
            source.take(LONGEST_REFUSAL).read_until(b'\n', &mut line)?;
            let Ok(refusal) = serde_json::from_slice::<Refusal>(&line) else { return Ok(Answer::Foreign) };
            let mut shown: String = clean(&refusal.error).chars().take(SHOWN).collect();
            let version: String = refusal.pollscope.chars().filter(char::is_ascii_graphic).take(40).collect();
            if !version.is_empty() && version != THIS {
                shown = format!("{shown} (the program has pollscope {version}, this is {THIS})");
            }
            Ok(Answer::Refused(shown))
        }
        Some(_) => Ok(Answer::Foreign),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(answer_of: &[u8]) -> Answer {
        answer(&mut &answer_of[..]).unwrap()
    }

    #[test]
    fn whoever_has_the_token_may_look() {
        let token: Token = "a\\\"b".parse().unwrap();
        let line = hello(Some(&token));
        assert!(line.len() <= LONGEST_HELLO);
        assert_eq!(check(&line, Some(&token)), Ok(()));
        assert_eq!(check(&line, None), Ok(()));
        let longest: Token = "\\".repeat(128).parse().unwrap();
        assert_eq!(check(&read_hello(&mut &hello(Some(&longest))[..]).unwrap(), Some(&longest)), Ok(()));
        let refusals = [
            (hello(None), "wants a token"),
            (hello(Some(&"other".parse().unwrap())), "another"),
            (br#"{"pollscope":"attach","version":2}"#.to_vec(), "newer"),
            (br#"{"pollscope":"serve","version":1}"#.to_vec(), "pollscope attach"),
            (b"GET / HTTP/1.1".to_vec(), "pollscope attach"),
        ];
        for (line, why) in refusals {
            let refused = check(&line, Some(&token)).unwrap_err();
            assert!(refused.contains(why) && !refused.contains("a\\\"b") && !refused.contains("other "), "{refused}");
        }
    }

    #[test]
    fn answers_are_told_apart() {
        assert_eq!(of(&[0x1f, 0x8b]), Answer::Stream);
        assert_eq!(of(b""), Answer::Nothing);
        assert_eq!(of(b"HTTP/1.1 400 Bad Request\r\n"), Answer::Foreign);
        assert_eq!(of(b"{\"jsonrpc\":2}\n"), Answer::Foreign);
        assert_eq!(of(&refusal("no\u{1b}[2J")), Answer::Refused("no·[2J".to_owned()));
        let Answer::Refused(line) = of(b"{\"error\":\"no\",\"pollscope\":\"9.9\"}\n") else { panic!("it is refused") };
        assert!(line.contains("pollscope 9.9"), "{line}");
    }
}
