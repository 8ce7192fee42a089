//! One answer of the server, whole, and how it is read.
//!
//! Knows no rules: what a status means is decided in `tries`.

use std::{fmt, sync::Arc};

use reqwest::{
    StatusCode,
    header::{self, HeaderMap},
};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use url::Url;

use super::{FetchError, Token, address, cache::Content, item::Item, link, text};
use crate::github::{list::AtMost, types::RepoName};

/// Items of a page: ten times what GitHub gives at most.
const MOST_ITEMS: usize = 1000;

/// An answer with its whole body.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// A header's first value as text; whatever is not UTF-8 in it is replaced.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
    }

    /// Whether its body is what a page comes in, by its headers: not packed, and JSON unless nothing is said.
    ///
    /// # Errors
    ///
    /// What it is instead. A page of HTML is most often a proxy's own.
    pub(super) fn check_kind(&self) -> Result<(), FetchError> {
        let packing = self.header(header::CONTENT_ENCODING.as_str()).unwrap_or_default();
        if !packing.is_empty() && !packing.eq_ignore_ascii_case("identity") {
            return Err(FetchError::Packed(text::plain(&packing)));
        }
        let kind = self.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind.is_empty() || kind.ends_with("/json") || kind.ends_with("+json") {
            return Ok(());
        }
        Err(FetchError::OtherKind(text::plain(&kind)))
    }

    /// Whether a token stands in it anywhere, as where a proxy shows what it was sent: such an answer must
    /// not reach a screen or a file.
    pub(super) fn repeats(&self, token: &Token) -> bool {
        token.is_in(&self.body) || self.headers.values().any(|value| token.is_in(value.as_bytes()))
    }

    /// What the body of an error says, fit to be shown; empty where it says nothing.
    pub(super) fn message(&self) -> String {
        text::message(&self.body)
    }

    /// Where a redirect leads: its `Location`, else the `url` that GitHub puts into the body.
    pub(super) fn location(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Moved {
            url: String,
        }
        let in_body = || serde_json::from_slice::<Moved>(&self.body).ok().map(|moved| moved.url);
        self.header(header::LOCATION.as_str()).or_else(in_body)
    }

    /// The page that a 200 from `from` holds. `look_for_repo` takes a second look at the first item, for the
    /// name of the repository that it belongs to.
    ///
    /// # Errors
    ///
    /// A body that ended early, is not JSON, or is JSON of another shape.
    pub(super) fn content<T: Item>(&self, from: &Url, look_for_repo: bool) -> Result<Content<T>, FetchError> {
        // A body that is not UTF-8 is rare and only harms the text that it is in.
        let body = String::from_utf8_lossy(&self.body);
        let items: AtMost<MOST_ITEMS, T> =
            serde_json::from_str(&body).map_err(|error| FetchError::from_json(&error))?;
        let last = self.link("last").and_then(|last| from.join(&last).ok());
        Ok(Content {
            items: Arc::from(items.0),
            next: self.link("next"),
            last: last.as_ref().and_then(address::page_number),
            repo: if look_for_repo { repo_of_first_item(&body) } else { None },
        })
    }

    /// The target of a link in the `Link` headers, of which there may be several.
    fn link(&self, rel: &str) -> Option<String> {
        let mut headers = self.headers.get_all(header::LINK).into_iter();
        headers.find_map(|value| link::find(&String::from_utf8_lossy(value.as_bytes()), rel))
    }
}

/// The part of an item that names its repository: an address in issues, the name itself in pull requests.
#[derive(Deserialize)]
struct Belongs {
    repository_url: Option<String>,
    base: Option<Base>,
}

#[derive(Deserialize)]
struct Base {
    repo: Option<FullName>,
}

#[derive(Deserialize)]
struct FullName {
    full_name: Option<String>,
}

/// The repository that the first item says it belongs to.
fn repo_of_first_item(body: &str) -> Option<RepoName> {
    let first: First<Belongs> = serde_json::from_str(body).ok()?;
    let belongs = first.0?;
    let by_name = || belongs.base?.repo?.full_name?.parse().ok();
    let by_address =
        belongs.repository_url.as_deref().and_then(|url| address::repo_after(url.split_once("/repos/")?.1));
    by_address.or_else(by_name)
}

/// The first element of a list; the others are passed over without being built.
struct First<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for First<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(FirstVisitor(std::marker::PhantomData))
    }
}

struct FirstVisitor<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for FirstVisitor<T> {
    type Value = First<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let first = list.next_element()?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(First(first))
    }
}

#[cfg(test)]
mod tests {
    use super::repo_of_first_item;

    #[test]
    fn the_repository_is_read_from_issues_and_pulls() {
        let repo = |body| repo_of_first_item(body).map(|repo| repo.to_string());
        let issue = r#"[{"repository_url":"https://api.github.com/repos/new/name","x":1},{"repository_url":7}]"#;
        assert_eq!(repo(issue).as_deref(), Some("new/name"));
        let pull = r#"[{"base":{"ref":"main","repo":{"id":1,"full_name":"new/name"}}}]"#;
        assert_eq!(repo(pull).as_deref(), Some("new/name"));
        for silent in ["[]", "[{}]", r#"[{"base":{"repo":null}}]"#, r#"[{"repository_url":7}]"#, "{}", "[7]"] {
            assert_eq!(repo(silent), None, "{silent}");
        }
        assert_eq!(repo(r#"[{"base":{"repo":{"full_name":"a/b\n"}}}]"#), None, "no name that GitHub would allow");
    }
}
