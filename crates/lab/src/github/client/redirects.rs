//! Redirects: what was moved for good, for one client's life, and the way of one page through them.
//!
//! Knows addresses only; whether one may be followed is decided in `address`.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use url::Url;

use super::FetchError;

/// What is known to have moved for good, from address to address.
#[derive(Debug)]
pub(super) struct Redirects {
    moved: Mutex<HashMap<Url, Url>>,
    /// The most redirects on the way to one page.
    most: u32,
}

impl Redirects {
    /// Nothing is known yet.
    pub(super) fn new(most: u32) -> Self {
        Self { moved: Mutex::default(), most }
    }

    /// The way to a page, begun where its address is known to have moved to.
    pub(super) fn begin(&self, asked: &Url) -> Trail {
        let moved = self.lock();
        let mut address = asked.clone();
        for _ in 0..self.most {
            let Some(to) = moved.get(&address) else { break };
            address = to.clone();
        }
        let renamed = address != *asked;
        Trail { address, renamed, for_good: Vec::new(), temporary: false, left: self.most }
    }

    /// Remembers what a way that ended in a page has shown.
    pub(super) fn learn(&self, trail: &Trail) {
        let mut moved = self.lock();
        moved.extend(trail.for_good.iter().cloned());
        // A name that was given back is there again: without this the memory would be a circle.
        moved.remove(&trail.address);
    }

    /// Every change is one insertion or removal, so a panic elsewhere leaves the map whole.
    fn lock(&self) -> MutexGuard<'_, HashMap<Url, Url>> {
        self.moved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The way of one page through redirects.
#[derive(Debug)]
pub(super) struct Trail {
    /// Where to ask now.
    pub(super) address: Url,
    /// Whether a redirect for good was on the way, now or earlier.
    pub(super) renamed: bool,
    for_good: Vec<(Url, Url)>,
    temporary: bool,
    /// Redirects that may still follow.
    left: u32,
}

impl Trail {
    /// Goes on to another address.
    ///
    /// # Errors
    ///
    /// After as many redirects as are allowed, and at a second temporary one.
    pub(super) fn go(&mut self, to: Url, permanent: bool) -> Result<(), FetchError> {
        if self.left == 0 || (!permanent && self.temporary) {
            return Err(FetchError::TooManyRedirects);
        }
        self.left -= 1;
        let from = std::mem::replace(&mut self.address, to);
        // What is behind a temporary redirect is only there for now.
        if permanent && !self.temporary {
            self.for_good.push((from, self.address.clone()));
            self.renamed = true;
        }
        self.temporary |= !permanent;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{FetchError, Redirects};

    fn url(path: &str) -> Url {
        Url::parse("http://x/").unwrap().join(path).unwrap()
    }

    #[test]
    fn what_moved_for_good_is_remembered() {
        let redirects = Redirects::new(5);
        let mut trail = redirects.begin(&url("a"));
        assert!(!trail.renamed);
        trail.go(url("b"), true).unwrap();
        trail.go(url("c"), true).unwrap();
        redirects.learn(&trail);
        let again = redirects.begin(&url("a"));
        assert_eq!((again.address, again.renamed), (url("c"), true));
        assert_eq!(redirects.begin(&url("b")).address, url("c"));
    }

    #[test]
    fn what_moved_for_now_is_not() {
        let redirects = Redirects::new(5);
        let mut trail = redirects.begin(&url("a"));
        trail.go(url("b"), false).unwrap();
        trail.go(url("c"), true).unwrap();
        assert!(!trail.renamed);
        redirects.learn(&trail);
        assert_eq!(redirects.begin(&url("a")).address, url("a"));
        assert_eq!(redirects.begin(&url("b")).address, url("b"));
    }

    #[test]
    fn one_temporary_redirect_and_so_many_in_all() {
        let redirects = Redirects::new(5);
        let mut trail = redirects.begin(&url("a"));
        trail.go(url("b"), false).unwrap();
        assert_eq!(trail.go(url("c"), false), Err(FetchError::TooManyRedirects));
        let mut trail = redirects.begin(&url("a"));
        (0..5).for_each(|_| trail.go(url("a"), true).unwrap());
        assert_eq!(trail.go(url("a"), true), Err(FetchError::TooManyRedirects));
        assert_eq!(Redirects::new(0).begin(&url("a")).go(url("b"), true), Err(FetchError::TooManyRedirects));
    }

    #[test]
    fn a_name_that_was_given_back_is_found() {
        let redirects = Redirects::new(5);
        for (from, to) in [("a", "b"), ("b", "a")] {
            let mut trail = redirects.begin(&url(from));
            trail.address = url(from);
            trail.go(url(to), true).unwrap();
            redirects.learn(&trail);
        }
        assert_eq!(redirects.begin(&url("a")).address, url("a"));
        assert_eq!(redirects.begin(&url("b")).address, url("a"));
    }
}
