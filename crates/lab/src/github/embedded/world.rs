//! All that the server holds: the repositories, made at their first touch, and pages, once serialised.
//!
//! Knows nothing of requests and headers.

use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
};

use hyper::body::Bytes;
use serde::Serialize;

use super::{
    catalogue::{CATALOGUE, Quirk, Row},
    compose::{ApiVersion, Composer},
    dice::{self, Purpose},
    history::{Entry, history},
    paging::{Slice, State},
    rate_limit::RateLimit,
};

/// Pages kept, at most: all listings in two page sizes or versions, 94 MB at worst (21 MB for one round).
const PAGES_KEPT: usize = 128;

/// One of a repository's two lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Listing {
    /// Pull requests are issues too.
    Issues,
    Pulls,
}

/// A body and the tag that stands for it.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) body: Bytes,
    pub(super) etag: String,
}

impl Page {
    fn of(object: &impl Serialize) -> Self {
        // Structs with string keys always serialise; a page of nothing would be noticed at once.
        let body = Bytes::from(serde_json::to_vec(object).unwrap_or_default());
        Self { etag: format!("W/\"{:016x}\"", dice::hash(&body)), body }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct PageKey {
    repository: u64,
    listing: Listing,
    slice: Slice,
    version: ApiVersion,
}

/// Everything behind the server's address.
pub(super) struct World {
    /// `http://127.0.0.1:PORT`
    pub(super) base: String,
    pub(super) limit: RateLimit,
    seed: u64,
    repositories: Vec<Repository>,
    pages: RefCell<HashMap<PageKey, Page>>,
}

/// A row of the catalogue, come alive.
pub(super) struct Repository {
    pub(super) row: &'static Row,
    pub(super) id: u64,
    index: u64,
    entries: OnceCell<Vec<Entry>>,
}

impl Repository {
    pub(super) fn has_issues(&self) -> bool {
        self.row.quirk != Quirk::IssuesDisabled
    }
}

impl World {
    /// Makes nothing yet but the list of repositories.
    pub(super) fn new(seed: u64, base: String) -> Self {
        let repositories = (0..)
            .zip(&CATALOGUE)
            .map(|(index, row)| {
                let noise = dice::rng(seed, Purpose::Repository, &[index]).u64(..1_000_000);
                Repository { row, id: 600_000_000 + index * 1_000_000 + noise, index, entries: OnceCell::new() }
            })
            .collect();
        Self { base, limit: RateLimit::default(), seed, repositories, pages: RefCell::default() }
    }

    /// Names are the same in any case, as at GitHub. Found by an old name too.
    pub(super) fn by_name(&self, owner: &str, name: &str) -> Option<&Repository> {
        self.repositories.iter().find(|repository| repository.row.is_named(owner, name))
    }

    pub(super) fn by_id(&self, id: u64) -> Option<&Repository> {
        self.repositories.iter().find(|repository| repository.id == id)
    }

    /// How many pages the listing has: at least one.
    pub(super) fn page_count(&self, repository: &Repository, listing: Listing, slice: Slice) -> usize {
        self.select(repository, listing, slice.state).count().div_ceil(slice.per_page).max(1)
    }

    /// `[]` beyond the last page.
    pub(super) fn page(&self, repository: &Repository, listing: Listing, slice: Slice, version: ApiVersion) -> Page {
        let key = PageKey { repository: repository.id, listing, slice, version };
        if let Some(page) = self.pages.borrow().get(&key) {
            return page.clone();
        }
        let page = self.make_page(repository, key);
        let mut pages = self.pages.borrow_mut();
        if pages.len() >= PAGES_KEPT {
            pages.clear();
        }
        pages.insert(key, page.clone());
        page
    }

    fn make_page(&self, repository: &Repository, PageKey { listing, slice, version, .. }: PageKey) -> Page {
        let composer = self.composer(repository, version);
        let skipped = (slice.page - 1).saturating_mul(slice.per_page);
        let entries = self.select(repository, listing, slice.state).skip(skipped).take(slice.per_page);
        match listing {
            Listing::Issues => Page::of(&entries.map(|entry| composer.issue(entry)).collect::<Vec<_>>()),
            Listing::Pulls => Page::of(&entries.map(|entry| composer.pull(entry)).collect::<Vec<_>>()),
        }
    }

    /// The repository's own object.
    pub(super) fn object(&self, repository: &Repository, version: ApiVersion) -> Page {
        let open = self.select(repository, Listing::Issues, State::Open).count();
        Page::of(&self.composer(repository, version).repository(open))
    }

    fn composer(&self, repository: &Repository, version: ApiVersion) -> Composer<'_> {
        let Repository { row, id, index, .. } = *repository;
        Composer { seed: self.seed, index, row, id, base: &self.base, version }
    }

    fn select<'r>(
        &self,
        repository: &'r Repository,
        listing: Listing,
        state: State,
    ) -> impl Iterator<Item = &'r Entry> + use<'r> {
        let entries = repository.entries.get_or_init(|| history(self.seed, repository.index, repository.row));
        entries.iter().filter(move |entry| {
            let listed = listing == Listing::Issues || entry.is_pull();
            listed
                && match state {
                    State::Open => entry.closed.is_none(),
                    State::Closed => entry.closed.is_some(),
                    State::All => true,
                }
        })
    }
}
