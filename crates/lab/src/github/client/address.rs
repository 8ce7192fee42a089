//! Which addresses are asked: the first page of a listing, and those that answers lead to, within one origin.
//!
//! The server's addresses are opaque here, but for the repository's name in `/repos/{owner}/{name}/…`.

use url::Url;

use super::{FetchError, settings::has_credentials, text::plain};
use crate::github::types::RepoName;

/// The first page of a listing: both states, the largest page that GitHub gives.
pub(super) fn first_page(api: &Url, repo: &RepoName, listing: &str) -> Url {
    let mut address = api.clone();
    if let Ok(mut segments) = address.path_segments_mut() {
        segments.pop_if_empty().extend(["repos", &repo.owner, &repo.name, listing]);
    }
    address.set_query(Some("state=all&per_page=100"));
    address
}

/// The address that an answer from `from` leads to.
///
/// # Errors
///
/// A text that is no address, and one on another server than the API: the token must not go there, and
/// some proxies answer with links to the real host.
pub(super) fn follow(api: &Url, from: &Url, text: &str) -> Result<Url, FetchError> {
    let mut address = from.join(text.trim()).map_err(|_| FetchError::BadAddress(plain(text)))?;
    if address.origin() != api.origin() {
        return Err(FetchError::ForeignOrigin { origin: plain(&address.origin().ascii_serialization()) });
    }
    if has_credentials(&address) {
        return Err(FetchError::BadAddress("it holds a user name or password".to_owned()));
    }
    address.set_fragment(None);
    Ok(address)
}

/// The repository that an address under the API names, if it does.
pub(super) fn repo_in(api: &Url, address: &Url) -> Option<RepoName> {
    let path = address.path().strip_prefix(api.path().trim_end_matches('/'))?;
    repo_after(path.strip_prefix("/repos/")?)
}

/// The repository in `owner/name` or `owner/name/…`.
pub(super) fn repo_after(text: &str) -> Option<RepoName> {
    let mut parts = text.splitn(3, '/');
    format!("{}/{}", parts.next()?, parts.next()?).parse().ok()
}

/// The page's number in a last-page link. It is only shown, never asked for.
pub(super) fn page_number(address: &Url) -> Option<u32> {
    address.query_pairs().find(|(key, _)| key == "page").and_then(|(_, value)| value.parse().ok())
}

/// Host and port, as errors name them.
pub(super) fn host(url: &Url) -> String {
    let port = url.port_or_known_default().map(|port| format!(":{port}")).unwrap_or_default();
    plain(&format!("{}{port}", url.host_str().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{FetchError, first_page, follow, host, page_number, repo_in};

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_page_keeps_the_prefix() {
        let repo = "tokio-rs/tokio".parse().unwrap();
        let first = |api| first_page(&url(api), &repo, "issues").to_string();
        let tail = "repos/tokio-rs/tokio/issues?state=all&per_page=100";
        assert_eq!(first("https://api.github.com"), format!("https://api.github.com/{tail}"));
        assert_eq!(first("https://ghe.example/api/v3"), format!("https://ghe.example/api/v3/{tail}"));
        assert_eq!(first("https://ghe.example/api/v3/"), format!("https://ghe.example/api/v3/{tail}"));
    }

    #[test]
    fn only_the_apis_own_origin_is_followed() {
        let api = url("https://ghe.example/api/v3");
        let to = |text| follow(&api, &url("https://ghe.example/api/v3/repos/a/b/issues?page=1"), text);
        assert_eq!(to("?page=2").unwrap().as_str(), "https://ghe.example/api/v3/repos/a/b/issues?page=2");
        assert_eq!(to("/repositories/1#x").unwrap().as_str(), "https://ghe.example/repositories/1");
        assert_eq!(to("https://GHE.example:443/x").unwrap().as_str(), "https://ghe.example/x");
        for foreign in
            ["http://ghe.example/x", "https://ghe.example:444/x", "//evil.example/x", "https://api.github.com/x"]
        {
            let error = to(foreign).unwrap_err();
            assert!(matches!(error, FetchError::ForeignOrigin { .. }), "{foreign}: {error}");
        }
        for bad in ["https://", "https://me:secret@ghe.example/x"] {
            let error = to(bad).unwrap_err();
            assert!(
                matches!(error, FetchError::BadAddress(_)) && !error.to_string().contains("secret"),
                "{bad}: {error}"
            );
        }
        assert!(matches!(to("data:text/plain,x").unwrap_err(), FetchError::ForeignOrigin { .. }));
    }

    #[test]
    fn names_are_read_from_addresses() {
        let api = url("https://ghe.example/api/v3");
        let name = |text| repo_in(&api, &url(text)).map(|repo| repo.to_string());
        assert_eq!(name("https://ghe.example/api/v3/repos/a/b/issues?x").as_deref(), Some("a/b"));
        assert_eq!(name("https://ghe.example/api/v3/repositories/1/issues"), None);
        assert_eq!(name("https://ghe.example/repos/a/b/issues"), None);
        assert_eq!(name("https://ghe.example/api/v3/repos/a%0a/b/issues"), None);
    }

    #[test]
    fn the_last_pages_number_is_read_where_it_is_one() {
        assert_eq!(page_number(&url("https://x/?per_page=9&page=7")), Some(7));
        assert_eq!(page_number(&url("https://x/?page=many")), None);
        assert_eq!(page_number(&url("https://x/?after=abc")), None);
    }

    #[test]
    fn hosts_are_named_with_their_port() {
        assert_eq!(host(&url("https://api.github.com")), "api.github.com:443");
        assert_eq!(host(&url("http://[::1]:9/x")), "[::1]:9");
    }
}
