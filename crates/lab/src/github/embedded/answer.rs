//! From a request to an answer, as GitHub gives it. No network, no clock, no delay: all that is the
//! server's.

use hyper::{
    Method, StatusCode,
    body::Bytes,
    header::{CONTENT_TYPE, ETAG, HeaderName, LINK, LOCATION},
};
use serde_json::{Value, json};

use super::{
    compose::ApiVersion,
    paging::{Slice, link_header},
    rate_limit::{LIMIT, Standing},
    world::{Listing, Page, Repository, World},
};

const DOCUMENTATION: &str = "https://docs.github.com/rest";

/// Searches per minute, with a token.
const SEARCH_LIMIT: u32 = 30;

/// What matters of a request.
#[derive(Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) user_agent: Option<&'a str>,
    /// `X-GitHub-Api-Version`
    pub(super) version: Option<&'a str>,
    pub(super) if_none_match: Option<&'a str>,
    /// Whether any `Authorization` came with it: any token is right here.
    pub(super) authorised: bool,
    /// Unix seconds.
    pub(super) now: u64,
}

/// A whole answer.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, String)>,
    pub(super) body: Bytes,
}

/// Answers one request.
pub(super) fn answer(world: &World, ask: &Ask) -> Answer {
    if ask.user_agent.is_none_or(str::is_empty) {
        return no_user_agent();
    }
    let Some(version) = version(ask.version) else {
        return counted(world, ask, problem(StatusCode::BAD_REQUEST, "The API version is not supported."));
    };
    match route(ask) {
        Some(Route::RateLimit) => rate_limit(world.limit.standing(ask.now), version),
        Some(Route::In(place, part)) => counted(world, ask, in_repository(world, ask, version, &place, part)),
        None => counted(world, ask, not_found()),
    }
}

fn version(asked: Option<&str>) -> Option<ApiVersion> {
    match asked {
        None | Some("2022-11-28") => Some(ApiVersion::V2022),
        Some("2026-03-10") => Some(ApiVersion::V2026),
        Some(_) => None,
    }
}

enum Route<'a> {
    RateLimit,
    In(Place<'a>, Part),
}

enum Place<'a> {
    Named(&'a str, &'a str),
    /// The form that links and redirects lead to.
    Numbered(u64),
}

#[derive(Clone, Copy)]
enum Part {
    Itself,
    Listing(Listing),
}

impl Part {
    fn suffix(self) -> &'static str {
        match self {
            Self::Itself => "",
            Self::Listing(Listing::Issues) => "/issues",
            Self::Listing(Listing::Pulls) => "/pulls",
        }
    }
}

fn route<'a>(ask: &Ask<'a>) -> Option<Route<'a>> {
    if ask.method != Method::GET && ask.method != Method::HEAD {
        return None;
    }
    let steps: Vec<&str> = ask.path.strip_prefix('/')?.split('/').collect();
    let (place, rest) = match steps[..] {
        ["rate_limit"] => return Some(Route::RateLimit),
        ["repos", owner, name, ref rest @ ..] => (Place::Named(owner, name), rest),
        ["repositories", id, ref rest @ ..] => (Place::Numbered(id.parse().ok()?), rest),
        _ => return None,
    };
    let part = match rest {
        [] => Part::Itself,
        ["issues"] => Part::Listing(Listing::Issues),
        ["pulls"] => Part::Listing(Listing::Pulls),
        _ => return None,
    };
    Some(Route::In(place, part))
}

fn in_repository(world: &World, ask: &Ask, version: ApiVersion, place: &Place, part: Part) -> Answer {
    let found = match *place {
        Place::Named(owner, name) => world.by_name(owner, name),
        Place::Numbered(id) => world.by_id(id),
    };
    let Some(repository) = found else { return not_found() };
    let address = format!("{}/repositories/{}{}", world.base, repository.id, part.suffix());
    if let Place::Named(_, name) = place
        && !name.eq_ignore_ascii_case(repository.row.name)
    {
        return moved(&address, ask.query);
    }
    match part {
        Part::Itself => unless_known(ask, world.object(repository, version)),
        Part::Listing(Listing::Issues) if !repository.has_issues() => {
            problem(StatusCode::GONE, "Issues are disabled for this repo")
        }
        Part::Listing(listing) => listed(world, ask, version, repository, listing, &address),
    }
}

fn listed(
    world: &World,
    ask: &Ask,
    version: ApiVersion,
    repository: &Repository,
    listing: Listing,
    address: &str,
) -> Answer {
    let Ok(slice) = Slice::from_query(ask.query) else { return unknown_state(listing) };
    let pages = world.page_count(repository, listing, slice);
    let mut answer = unless_known(ask, world.page(repository, listing, slice, version));
    if let Some(links) = link_header(address, ask.query, slice.page, pages) {
        answer.headers.push((LINK, links));
    }
    answer
}

/// Nothing but the tag, where the client has the page already.
fn unless_known(ask: &Ask, page: Page) -> Answer {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let known = ask
        .if_none_match
        .is_some_and(|known| known.split(',').any(|tag| tag.trim() == "*" || bare(tag) == bare(&page.etag)));
    let mut answer = if known {
        Answer { status: StatusCode::NOT_MODIFIED, headers: Vec::new(), body: Bytes::new() }
    } else {
        json_answer(StatusCode::OK, page.body)
    };
    answer.headers.push((ETAG, page.etag));
    answer
}

fn json_answer(status: StatusCode, body: Bytes) -> Answer {
    Answer { status, headers: vec![(CONTENT_TYPE, "application/json; charset=utf-8".to_owned())], body }
}

fn json_value(status: StatusCode, value: &Value) -> Answer {
    json_answer(status, Bytes::from(value.to_string()))
}

fn problem(status: StatusCode, message: &str) -> Answer {
    let body = json!({"message": message, "documentation_url": DOCUMENTATION, "status": status.as_str()});
    json_value(status, &body)
}

fn not_found() -> Answer {
    problem(StatusCode::NOT_FOUND, "Not Found")
}

fn unknown_state(listing: Listing) -> Answer {
    let resource = if listing == Listing::Issues { "Issue" } else { "PullRequest" };
    let errors = json!([{"resource": resource, "field": "state", "code": "invalid"}]);
    let body =
        json!({"message": "Validation Failed", "errors": errors, "documentation_url": DOCUMENTATION, "status": "422"});
    json_value(StatusCode::UNPROCESSABLE_ENTITY, &body)
}

fn moved(address: &str, query: &str) -> Answer {
    let to = if query.is_empty() { address.to_owned() } else { format!("{address}?{query}") };
    let body = json!({"message": "Moved Permanently", "url": to, "documentation_url": DOCUMENTATION});
    let mut answer = json_value(StatusCode::MOVED_PERMANENTLY, &body);
    answer.headers.push((LOCATION, to));
    answer
}

/// Not JSON, and not counted: GitHub turns such requests away at its door.
fn no_user_agent() -> Answer {
    let body = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.\n";
    let headers = vec![(CONTENT_TYPE, "text/html; charset=utf-8".to_owned())];
    Answer { status: StatusCode::FORBIDDEN, headers, body: Bytes::from_static(body.as_bytes()) }
}

/// The limit of searches is never touched: the server has none. Version `2026-03-10` has no `rate`.
fn rate_limit(standing: Standing, version: ApiVersion) -> Answer {
    let Standing { used, remaining, reset } = standing;
    let core = json!({"limit": LIMIT, "used": used, "remaining": remaining, "reset": reset});
    let search = json!({"limit": SEARCH_LIMIT, "used": 0, "remaining": SEARCH_LIMIT, "reset": reset});
    let resources = json!({"core": core, "search": search});
    let body = match version {
        ApiVersion::V2022 => json!({"resources": resources, "rate": core}),
        ApiVersion::V2026 => json!({"resources": resources}),
    };
    let mut answer = json_value(StatusCode::OK, &body);
    answer.headers.extend(rate_headers(standing));
    answer
}

/// What is unchanged costs nothing with a token.
fn counted(world: &World, ask: &Ask, mut answer: Answer) -> Answer {
    let free = answer.status == StatusCode::NOT_MODIFIED && ask.authorised;
    let standing = if free { world.limit.standing(ask.now) } else { world.limit.take(ask.now) };
    answer.headers.extend(rate_headers(standing));
    answer
}

fn rate_headers(standing: Standing) -> [(HeaderName, String); 5] {
    [
        (HeaderName::from_static("x-ratelimit-limit"), LIMIT.to_string()),
        (HeaderName::from_static("x-ratelimit-remaining"), standing.remaining.to_string()),
        (HeaderName::from_static("x-ratelimit-used"), standing.used.to_string()),
        (HeaderName::from_static("x-ratelimit-reset"), standing.reset.to_string()),
        (HeaderName::from_static("x-ratelimit-resource"), "core".to_owned()),
    ]
}
