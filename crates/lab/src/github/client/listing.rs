//! A listing: the pages of a repository's issues or pull requests, one after the other.
//!
//! How a page is had is the affair of `page`; here is which one comes next, and when to stop.

use std::{collections::HashSet, marker::PhantomData, sync::Arc};

use url::Url;

use super::{Client, FetchError, Item, address, page::Found};
use crate::github::types::RepoName;

/// One page of a listing.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// What it holds, in the server's order. Shared with the cache.
    pub items: Arc<[T]>,
    /// From 1.
    pub number: u32,
    /// How many pages the listing has, where that is known: the server names its last page, or this is it.
    pub pages: Option<u32>,
    /// The length of the body that it came in; nothing when it was not modified.
    pub bytes: u64,
    /// Whether the server said that it is as it was, and it came from the cache.
    pub not_modified: bool,
    /// The repository's new name, where redirects led to one and it can be told from them or from the items.
    pub renamed_to: Option<RepoName>,
}

/// The pages of a listing, asked for one at a time.
#[derive(Debug)]
pub struct Listing<T> {
    client: Client,
    repo: RepoName,
    next: Next,
    /// The pages had so far, and the bytes that they came in.
    number: u32,
    bytes: u64,
    visited: HashSet<Url>,
    renamed_to: Option<RepoName>,
    was_cut: bool,
    items: PhantomData<fn() -> T>,
}

/// What the next call leads to.
#[derive(Debug)]
enum Next {
    Ask(Url),
    /// The last page's link was wrong: said after what was read.
    Fail(FetchError),
    End,
}

impl<T: Item> Listing<T> {
    pub(super) fn new(client: Client, repo: RepoName) -> Self {
        let first = address::first_page(client.api(), &repo, T::LISTING);
        Self {
            client,
            repo,
            visited: HashSet::from([first.clone()]),
            next: Next::Ask(first),
            number: 0,
            bytes: 0,
            renamed_to: None,
            was_cut: false,
            items: PhantomData,
        }
    }

    /// The next page; none after the last. Dropping the future before it is done loses nothing: the same
    /// page is asked for again.
    ///
    /// # Errors
    ///
    /// Whatever stands in the way. The listing is over then.
    pub async fn next(&mut self) -> Result<Option<Page<T>>, FetchError> {
        let result = match &self.next {
            Next::End => return Ok(None),
            Next::Fail(error) => Err(error.clone()),
            Next::Ask(address) => {
                let room = self.client.max_bytes().saturating_sub(self.bytes);
                self.client.page::<T>(address, room).await
            }
        };
        match result {
            Ok(found) => Ok(Some(self.accept(found))),
            // What was read is of use without the rest, as with `max_pages`.
            Err(FetchError::TooLarge { .. }) if self.number > 0 => {
                (self.next, self.was_cut) = (Next::End, true);
                Ok(None)
            }
            Err(error) => {
                self.next = Next::End;
                self.client.count_failure(&error);
                Err(error)
            }
        }
    }

    /// Whether there was more than `max_pages` and `max_bytes` let through. Known at the end.
    pub fn was_cut(&self) -> bool {
        self.was_cut
    }

    fn accept(&mut self, found: Found<T>) -> Page<T> {
        self.number += 1;
        self.bytes += found.size;
        let target = found.content.next.as_deref();
        let pages =
            if target.is_some() { found.content.last.filter(|&last| last > self.number) } else { Some(self.number) };
        self.next = match target {
            Some(target) => self.after(&found.address, target),
            None => Next::End,
        };
        let other_name = |name: &RepoName| !is_same(name, &self.repo);
        if let Some(name) = found.new_name.filter(other_name) {
            self.renamed_to = Some(name);
        }
        Page {
            items: found.content.items,
            number: self.number,
            pages,
            bytes: if found.not_modified { 0 } else { found.size },
            not_modified: found.not_modified,
            renamed_to: self.renamed_to.clone(),
        }
    }

    /// What the link to the next page leads to.
    fn after(&mut self, from: &Url, target: &str) -> Next {
        if self.client.max_pages().is_some_and(|most| self.number >= most) {
            self.was_cut = true;
            return Next::End;
        }
        self.visited.insert(from.clone());
        match address::follow(self.client.api(), from, target) {
            Ok(next) if self.visited.insert(next.clone()) => Next::Ask(next),
            Ok(_) => Next::Fail(FetchError::LinkLoop),
            Err(error) => Next::Fail(error),
        }
    }
}

/// GitHub's names do not tell upper from lower case.
fn is_same(one: &RepoName, other: &RepoName) -> bool {
    one.owner.eq_ignore_ascii_case(&other.owner) && one.name.eq_ignore_ascii_case(&other.name)
}
