//! Answers kept with their `ETag`, so that an unchanged page costs neither its transfer nor its parsing.
//!
//! Knows addresses and parsed pages, nothing of requests.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use reqwest::header::HeaderValue;
use url::Url;

use crate::github::types::{Issue, Pull, RepoName};

/// The most pages kept for one kind of item.
const MOST_PAGES: usize = 512;

/// The most bytes of answers kept for one kind of item: issues may have bodies of 64 KiB.
const MOST_BYTES: u64 = 128 * 1024 * 1024;

/// The pages kept with their `ETag`. It outlives the clients that share it; bounded to 512 pages and 128 MiB
/// of answers for each kind of item, the oldest out first.
#[derive(Debug, Default)]
pub struct EtagCache {
    issues: Mutex<Shelf<Issue>>,
    pulls: Mutex<Shelf<Pull>>,
}

impl EtagCache {
    /// An empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many pages are kept.
    pub fn pages(&self) -> usize {
        lock(&self.issues).pages.len() + lock(&self.pulls).pages.len()
    }

    pub(super) fn issues(&self) -> MutexGuard<'_, Shelf<Issue>> {
        lock(&self.issues)
    }

    pub(super) fn pulls(&self) -> MutexGuard<'_, Shelf<Pull>> {
        lock(&self.pulls)
    }
}

/// A panic elsewhere leaves a shelf whole: it is changed by single pushes and pops.
fn lock<T>(shelf: &Mutex<Shelf<T>>) -> MutexGuard<'_, Shelf<T>> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What an answer said, apart from its `ETag`.
#[derive(Debug)]
pub(super) struct Content<T> {
    pub(super) items: Arc<[T]>,
    /// The target of the link to the next page, unresolved.
    pub(super) next: Option<String>,
    /// The number of the last page, where the answer names one.
    pub(super) last: Option<u32>,
    /// The repository that the items say they belong to, where it was looked for.
    pub(super) repo: Option<RepoName>,
}

// Not derived: that would ask for `T: Clone`, and the items are shared.
impl<T> Clone for Content<T> {
    fn clone(&self) -> Self {
        Self { items: Arc::clone(&self.items), next: self.next.clone(), last: self.last, repo: self.repo.clone() }
    }
}

/// A page as it is kept.
#[derive(Debug)]
pub(super) struct Kept<T> {
    pub(super) etag: HeaderValue,
    pub(super) content: Content<T>,
    /// The length of the answer's body.
    pub(super) bytes: u64,
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self { etag: self.etag.clone(), content: self.content.clone(), bytes: self.bytes }
    }
}

/// The pages of one kind of item, the oldest first. So few that looking through them beats hashing addresses.
#[derive(Debug)]
pub struct Shelf<T> {
    pages: VecDeque<(Url, Kept<T>)>,
    bytes: u64,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { pages: VecDeque::new(), bytes: 0 }
    }
}

impl<T> Shelf<T> {
    /// Returns the page of an address, where it is kept.
    pub(super) fn get(&self, address: &Url) -> Option<Kept<T>> {
        self.pages.iter().find(|(kept, _)| kept == address).map(|(_, page)| page.clone())
    }

    /// Keeps a page, in the place of an older one of the same address.
    pub(super) fn put(&mut self, address: Url, page: Kept<T>) {
        if let Some(at) = self.pages.iter().position(|(kept, _)| *kept == address) {
            self.remove(at);
        }
        self.bytes += page.bytes;
        self.pages.push_back((address, page));
        while self.pages.len() > MOST_PAGES || self.bytes > MOST_BYTES {
            self.remove(0);
        }
    }

    fn remove(&mut self, at: usize) {
        if let Some((_, page)) = self.pages.remove(at) {
            self.bytes -= page.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use reqwest::header::HeaderValue;
    use url::Url;

    use super::{Content, Kept, MOST_BYTES, MOST_PAGES, Shelf};

    fn address(number: usize) -> Url {
        format!("http://x/{number}").parse().unwrap()
    }

    fn page(etag: &'static str, bytes: u64) -> Kept<u8> {
        let content = Content { items: Arc::from([1, 2]), next: None, last: None, repo: None };
        Kept { etag: HeaderValue::from_static(etag), content, bytes }
    }

    #[test]
    fn the_newest_answer_of_an_address_is_kept() {
        let mut shelf = Shelf::default();
        shelf.put(address(1), page("a", 10));
        shelf.put(address(1), page("b", 20));
        assert_eq!(shelf.get(&address(1)).unwrap().etag, "b");
        assert!(shelf.get(&address(2)).is_none());
        assert_eq!((shelf.pages.len(), shelf.bytes), (1, 20));
    }

    #[test]
    fn the_oldest_page_goes_first() {
        let mut shelf = Shelf::default();
        (0..=MOST_PAGES).for_each(|number| shelf.put(address(number), page("a", 1)));
        assert_eq!(shelf.pages.len(), MOST_PAGES);
        assert!(shelf.get(&address(0)).is_none());
        assert!(shelf.get(&address(1)).is_some());
    }

    #[test]
    fn bytes_are_bounded_too() {
        let mut shelf = Shelf::default();
        shelf.put(address(1), page("a", MOST_BYTES));
        shelf.put(address(2), page("a", 1));
        assert!(shelf.get(&address(1)).is_none());
        shelf.put(address(3), page("a", MOST_BYTES + 1));
        assert_eq!((shelf.pages.len(), shelf.bytes), (0, 0));
    }
}
