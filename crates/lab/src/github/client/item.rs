//! The two kinds of listing: what differs between issues and pull requests, in one row each.

use std::sync::MutexGuard;

use serde::de::DeserializeOwned;

use super::{
    FetchError,
    cache::{EtagCache, Shelf},
};
use crate::github::types::{Issue, Pull};

/// What a listing holds: [`Issue`] or [`Pull`]. Nothing else can be one.
pub trait Item: DeserializeOwned + Send + Sync + 'static + Sealed {
    /// The listing's name in addresses.
    #[doc(hidden)]
    const LISTING: &'static str;
    /// What 410 means for this listing.
    #[doc(hidden)]
    const GONE: FetchError;
    /// Where the cache keeps such pages.
    #[doc(hidden)]
    fn shelf(cache: &EtagCache) -> MutexGuard<'_, Shelf<Self>>;
}

/// Keeps [`Item`] to this file.
pub trait Sealed {}
impl Sealed for Issue {}
impl Sealed for Pull {}

impl Item for Issue {
    const LISTING: &'static str = "issues";
    const GONE: FetchError = FetchError::IssuesDisabled;

    fn shelf(cache: &EtagCache) -> MutexGuard<'_, Shelf<Self>> {
        cache.issues()
    }
}

impl Item for Pull {
    const LISTING: &'static str = "pulls";
    const GONE: FetchError = FetchError::Gone;

    fn shelf(cache: &EtagCache) -> MutexGuard<'_, Shelf<Self>> {
        cache.pulls()
    }
}
