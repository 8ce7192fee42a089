//! What a listing's query asks for, and the `Link` header that leads on from its answer.
//!
//! Knows nothing of what is listed.

use url::form_urlencoded;

/// Entries that a listing can be narrowed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum State {
    Open,
    Closed,
    All,
}

/// The part of a query that is understood. Other parameters (`sort`, `since`, …) change nothing, but the
/// `Link` header repeats them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Slice {
    pub(super) state: State,
    /// 1 to 100.
    pub(super) per_page: usize,
    /// From 1.
    pub(super) page: usize,
}

impl Slice {
    /// A number that makes no sense counts as absent, and more than 100 a page as 100, as GitHub has it; the
    /// error is a `state` that does not exist.
    pub(super) fn from_query(query: &str) -> Result<Self, UnknownState> {
        let mut slice = Self { state: State::Open, per_page: 30, page: 1 };
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            let number = value.parse().ok().filter(|number| *number > 0);
            match key.as_ref() {
                "state" => slice.state = state(&value)?,
                "per_page" => slice.per_page = number.unwrap_or(30).min(100),
                "page" => slice.page = number.unwrap_or(1),
                _ => {}
            }
        }
        Ok(slice)
    }
}

/// The listing was narrowed to a state that does not exist.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnknownState;

fn state(value: &str) -> Result<State, UnknownState> {
    match value {
        "open" => Ok(State::Open),
        "closed" => Ok(State::Closed),
        "all" => Ok(State::All),
        _ => Err(UnknownState),
    }
}

/// The `Link` header of page `page` of `pages`; none where there is nowhere to go.
pub(super) fn link_header(address: &str, query: &str, page: usize, pages: usize) -> Option<String> {
    let mut links = Vec::new();
    let mut link = |to: usize, rel: &str| links.push(format!("<{address}?{}>; rel=\"{rel}\"", with_page(query, to)));
    if page > 1 {
        link((page - 1).min(pages), "prev");
    }
    if page < pages {
        link(page + 1, "next");
        link(pages, "last");
    }
    if page > 1 {
        link(1, "first");
    }
    (!links.is_empty()).then(|| links.join(", "))
}

fn with_page(query: &str, page: usize) -> String {
    let mut changed = form_urlencoded::Serializer::new(String::new());
    for (key, value) in form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key != "page") {
        changed.append_pair(&key, &value);
    }
    changed.append_pair("page", &page.to_string()).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_read_as_github_reads_them() {
        let slice = |state, per_page, page| Ok(Slice { state, per_page, page });
        for (query, expected) in [
            ("", slice(State::Open, 30, 1)),
            ("state=all&per_page=100&page=3", slice(State::All, 100, 3)),
            ("per_page=1000&state=closed", slice(State::Closed, 100, 1)),
            ("per_page=0&page=0&sort=updated", slice(State::Open, 30, 1)),
            ("per_page=-1&page=x", slice(State::Open, 30, 1)),
            ("state=%61ll", slice(State::All, 30, 1)),
            ("state=merged", Err(UnknownState)),
        ] {
            assert_eq!(Slice::from_query(query), expected, "{query}");
        }
    }

    #[test]
    fn links_lead_both_ways_from_the_middle_and_one_way_from_the_ends() {
        let rels = |page, pages| {
            let header = link_header("http://h/r", "state=all&page=9&q=a%20b", page, pages)?;
            Some(header.replace("http://h/r?state=all&q=a+b&page=", "").replace("; rel=", " "))
        };
        assert_eq!(rels(1, 1), None);
        assert_eq!(rels(1, 3).as_deref(), Some(r#"<2> "next", <3> "last""#));
        assert_eq!(rels(2, 3).as_deref(), Some(r#"<1> "prev", <3> "next", <3> "last", <1> "first""#));
        assert_eq!(rels(3, 3).as_deref(), Some(r#"<2> "prev", <1> "first""#));
        assert_eq!(rels(9, 3).as_deref(), Some(r#"<3> "prev", <1> "first""#));
    }
}
