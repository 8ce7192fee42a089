//! What Pollscope reads of GitHub's objects. Unknown keys are ignored, and whatever real answers leave
//! out or set to null is optional.

use std::{fmt, str::FromStr};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::list::AtMost;

/// A repository's `owner/name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepoName {
    /// The user or organisation.
    pub owner: String,
    /// The repository's own name.
    pub name: String,
}

/// Why a text is not a [`RepoName`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a repository: write owner/name, as in tokio-rs/tokio")]
pub struct NotARepo(String);

impl FromStr for RepoName {
    type Err = NotARepo;

    /// GitHub allows letters, digits, `-`, `_` and `.` in both parts; a name of dots alone is a path.
    fn from_str(text: &str) -> Result<Self, NotARepo> {
        let wrong = || NotARepo(text.escape_default().to_string());
        let part_is_right = |part: &str| {
            (1..=100).contains(&part.len())
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
                && part != "."
                && part != ".."
        };
        let (owner, name) = text.split_once('/').ok_or_else(wrong)?;
        if !part_is_right(owner) || !part_is_right(name) {
            return Err(wrong());
        }
        Ok(Self { owner: owner.to_owned(), name: name.to_owned() })
    }
}

impl fmt::Display for RepoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

/// An entry of `/repos/{owner}/{name}/issues`: an issue, or a pull request where `pull_request` is there.
#[derive(Clone, Debug, Deserialize)]
pub struct Issue {
    /// The number shown in the repository.
    pub number: u64,
    /// Untrusted text.
    pub title: String,
    /// Untrusted text of up to 64 KiB.
    #[serde(default)]
    pub body: Option<String>,
    /// Names only.
    #[serde(default, deserialize_with = "labels")]
    pub labels: Vec<Label>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC; none while open.
    #[serde(default)]
    pub closed_at: Option<String>,
    /// How many comments there are.
    #[serde(default, deserialize_with = "or_default")]
    pub comments: u64,
    /// There when the entry is a pull request.
    #[serde(default, deserialize_with = "is_there")]
    pub pull_request: bool,
}

/// An entry of `/repos/{owner}/{name}/pulls`.
#[derive(Clone, Debug, Deserialize)]
pub struct Pull {
    /// The number shown in the repository.
    pub number: u64,
    /// Untrusted text.
    pub title: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC; none while open.
    #[serde(default)]
    pub closed_at: Option<String>,
    /// RFC 3339, UTC; none unless merged.
    #[serde(default)]
    pub merged_at: Option<String>,
}

/// A label's name. In answers it is an object or a plain string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label(pub String);

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LabelVisitor)
    }
}

/// Reads either form as it comes: nothing else of an object is kept.
struct LabelVisitor;

impl<'de> Visitor<'de> for LabelVisitor {
    type Value = Label;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a label's name, or an object with it")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Label, E> {
        Ok(Label(name.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Label, A::Error> {
        #[derive(Deserialize)]
        struct Named {
            name: Option<String>,
        }
        let named = Named::deserialize(MapAccessDeserializer::new(object))?;
        Ok(Label(named.name.unwrap_or_default()))
    }
}

/// GitHub allows a hundred of them.
fn labels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Label>, D::Error> {
    or_default::<D, AtMost<1000, Label>>(deserializer).map(|labels| labels.0)
}

/// Null is as good as missing.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::<serde::de::IgnoredAny>::deserialize(deserializer)?.is_some())
}
