//! What holds of the reading of answers, whatever a server sends: for the fuzzer and for tests.

#![expect(clippy::unwrap_used, reason = "a property that does not hold panics")]

use pollscope_core::text::{clean, is_invisible};
use reqwest::{
    StatusCode,
    header::{self, HeaderMap, HeaderValue},
};
use url::Url;

use super::{FetchError, address, answer::Answer, item::Item, link, text};
use crate::github::types::{Issue, Pull};

const API: &str = "https://api.example/v3";
const RELATIONS: [&str; 4] = ["next", "last", "prev", "no such relation"];

/// A `Link` header of any bytes: what is found stands in the header between its brackets, only the API's own origin is
/// followed, and a link that is well formed is found behind whatever opens no bracket.
pub fn link(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let api: Url = API.parse().unwrap();
    for relation in RELATIONS {
        let Some(target) = link::find(&text, relation) else { continue };
        assert!(text.contains(&target) && !target.contains('>'), "{target:?} is not in {text:?}");
        match address::follow(&api, &api, &target) {
            Ok(address) => assert_eq!(address.origin(), api.origin()),
            Err(error) => assert_harmless(&error.to_string()),
        }
    }
    assert_eq!(link::find(&text, "no such relation"), None.filter(|_: &String| !text.contains("no such")));
    let (junk, target) = text.split_once(',').unwrap_or(("", &text));
    let junk: String = junk.chars().filter(|letter| *letter != '<').collect();
    let target: String = target.chars().filter(|letter| *letter != '>').collect();
    let whole = format!("{junk}<{target}>; rel=\"last next\", <x>; rel=next");
    assert_eq!(link::find(&whole, "NEXT").as_deref(), Some(target.trim()));
}

/// A page of any bytes, as issues, as pull requests and as an error: a page or a plain reason; what is read is no longer
/// than what was sent, and a repository's name has nothing in it that GitHub would not allow. What follows a line's end of
/// the bytes is the body, what comes before is the `Link` header, where it can be one.
pub fn json(bytes: &[u8]) {
    let body = bytes.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(&bytes[..body.saturating_sub(1)]) {
        headers.append(header::LINK, value);
    }
    for body in [&bytes[body..], bytes] {
        let answer = Answer { status: StatusCode::OK, headers: headers.clone(), body: body.to_vec() };
        page::<Issue>(&answer, |issue| {
            issue.title.len() + issue.body.as_ref().map_or(0, String::len) + issue.labels.len()
        });
        page::<Pull>(&answer, |pull| pull.title.len() + pull.created_at.len());
        assert_harmless(&answer.message());
        let _ = answer.location();
    }
}

fn page<T: Item>(answer: &Answer, length: impl Fn(&T) -> usize) {
    let from: Url = format!("{API}/repos/a/b/issues").parse().unwrap();
    match answer.content::<T>(&from, true) {
        // A byte that is no UTF-8 becomes a character of three.
        Ok(content) => {
            let read: usize = content.items.iter().map(length).sum();
            assert!(read <= 3 * answer.body.len() && content.items.len() <= answer.body.len());
            if let Some(repo) = content.repo {
                assert_eq!(repo.to_string().parse(), Ok(repo));
            }
        }
        Err(error) => {
            assert!(matches!(error, FetchError::EndedEarly | FetchError::NotJson(_) | FetchError::WrongShape(_)));
            assert_harmless(&error.to_string());
        }
    }
}

/// A reason of any bytes: one line, bounded, nothing raw, and plain text stays what it is.
pub fn plain(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let plain = text::plain(&text);
    assert_harmless(&plain);
    assert_eq!(text::plain(&plain), plain);
}

/// Fit for a line of a terminal.
fn assert_harmless(line: &str) {
    assert!(!line.chars().any(|letter| letter.is_control() || is_invisible(letter)), "{line:?}");
    assert!(line.chars().count() <= 240, "{} characters", line.chars().count());
    assert_eq!(clean(line), line);
}
