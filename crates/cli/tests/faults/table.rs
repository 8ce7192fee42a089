//! The faults: what the server does with `fault/NAME`, and what the report must say about it.

use std::io::Write;

use super::server::{Reply, Request, answer, head};

/// The limits that the run is given, so that the faults need not be larger than they must.
pub(super) const LIMITS: &[&str] =
    &["--max-bytes", "2MiB", "--max-pages", "3", "--max-redirects", "3", "--max-wait", "2s"];

/// One fault, for both listings of a repository.
pub(super) struct Fault {
    pub(super) name: &'static str,
    pub(super) reply: fn(&Request) -> Reply,
    pub(super) becomes: Becomes,
    /// Requests that each of the two listings takes.
    pub(super) requests: u64,
}

/// What becomes of the repository.
#[derive(Clone, Copy, Debug)]
pub(super) enum Becomes {
    /// It fails, with these words in its reason.
    Failed(&'static str),
    /// It is read nevertheless.
    Read,
    /// It is read as far as is allowed.
    Cut,
}

const ITEM: &str = r#"{"number":1,"title":"t","created_at":"2026-01-01T00:00:00Z"}"#;
const JSON: &str = "content-type: application/json";
const HTML: &str = "content-type: text/html; charset=utf-8";
const PAGE: &str = "<!doctype html><title>Please log in</title>";
/// The server's clock, years behind this machine's: dates count from here.
const NOON: &str = "date: Thu, 01 Jan 2015 12:00:00 GMT";
const SPENT: &str = "x-ratelimit-remaining: 0";
const EXCEEDED: &str = r#"{"message":"API rate limit exceeded for 192.0.2.1."}"#;
const SECONDARY: &str = r#"{"message":"You have exceeded a secondary rate limit. Please wait."}"#;

macro_rules! faults {
    ($($name:literal, $requests:literal, $becomes:expr, $reply:expr;)+) => {
        /// All of them.
        pub(super) const FAULTS: &[Fault] =
            &[$(Fault { name: $name, reply: $reply, becomes: $becomes, requests: $requests }),+];
    };
}

use Becomes::{Cut, Failed, Read};

faults! {
    // The connection.
    "reset-before", 2, Failed("closed without an answer"), |_| Reply::Reset(Vec::new());
    "reset-within", 1, Failed("ended early"),
        |_| Reply::Reset([head(200, &[JSON, "content-length: 999"]).as_slice(), b"[{"].concat());
    "silence", 1, Failed("no answer within"), |_| Reply::Stall(Vec::new());
    "stalled-header", 1, Failed("no answer within"), |_| Reply::Stall(b"HTTP/1.1 200 OK\r\ncontent-le".to_vec());
    "stalled-body", 1, Failed("no answer within"),
        |_| Reply::Stall([head(200, &[JSON, "content-length: 999"]).as_slice(), b"["].concat());
    "a-byte-a-second", 1, Failed("no answer within"), |_| Reply::Drip(Vec::new(), answer(200, &[JSON], "[]"));
    "a-byte-a-second-of-body", 1, Failed("no answer within"),
        |_| Reply::Drip(head(200, &[JSON, "content-length: 999"]), vec![b' '; 999]);
    "no-http", 1, Failed("not HTTP"), |_| Reply::Bytes(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec());
    "header-without-end", 1, Failed("not HTTP"),
        |_| Reply::Stream(b"HTTP/1.1 200 OK\r\n".to_vec(), b"x-more: more\r\n".repeat(1000), MEBI);
    "hints-and-no-answer", 1, Failed("no answer within"),
        |_| Reply::Stall(b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1000));
    // The body.
    "truncated-json", 1, Failed("ended early"), |_| json(r#"[{"number":1,"#);
    "malformed-json", 1, Failed("not JSON"), |_| json(r#"[{"number":}]"#);
    "not-utf8-in-a-text", 1, Read, |_| json(b"[{\"number\":1,\"title\":\"a\xffb\",\"created_at\":\"x\"}]");
    "not-utf8-elsewhere", 1, Failed("not JSON"), |_| json(b"[\xff\xfe]");
    "wrong-type", 1, Failed("application/octet-stream, not JSON"),
        |_| Reply::Bytes(answer(200, &["content-type: application/octet-stream"], "[]"));
    "no-type", 1, Read, |_| Reply::Bytes(answer(200, &[], "[]"));
    "proxys-page", 1, Failed("text/html, not JSON: is there a proxy"), |_| Reply::Bytes(answer(200, &[HTML], PAGE));
    "proxys-login", 1, Failed("unexpected status (407)"), |_| Reply::Bytes(answer(407, &[HTML], PAGE));
    "proxys-error", 4, Failed("server error (502), also after 3 more tries"),
        |_| Reply::Bytes(answer(502, &[HTML], PAGE));
    "a-gigabyte", 1, Failed("larger than 2 MiB"), |_| gigabyte(200, &[JSON, "content-length: 1073741824"]);
    "a-gigabyte-unannounced", 1, Failed("larger than 2 MiB"), |_| gigabyte(200, &[JSON]);
    "a-gigabyte-of-error", 1, Failed("not found (404)"), |_| gigabyte(404, &[JSON]);
    "gzip-of-ten-gigabytes", 1, Failed("compressed (gzip)"), |_| bomb();
    "far-too-many-items", 1, Failed("more than 1000 items"),
        |_| json(format!("[{}]", vec![r#"{"number":1,"title":"","created_at":""}"#; 40_000].join(",")));
    "deep-nesting", 1, Failed("not a list of that kind"), |_| json("[".repeat(1_000_000));
    "deep-nesting-in-a-key-we-read", 1, Failed("expected a label's name"), |_| json(deep("labels"));
    "deep-nesting-in-another-key", 1, Read, |_| json(deep("reactions"));
    "deep-nesting-in-an-error", 1, Failed("refused (422)"), |_| Reply::Bytes(answer(422, &[JSON], "[".repeat(60_000)));
    // Where it leads to.
    "link-to-itself", 1, Failed("in a circle"), |request| linked(&request.path);
    "link-elsewhere", 1, Failed("another server, not followed: http://127.0.0.1:"),
        |request| linked(&format!("{}/2", request.elsewhere));
    "link-without-end", 3, Cut, |request| linked(&format!("{}&more", request.path));
    "moved-to-itself", 4, Failed("redirected too often"), |request| moved(301, &request.path);
    "moved-for-ever", 4, Failed("redirected too often"), |request| moved(308, &format!("{}&more", request.path));
    "moved-to-and-fro", 2, Failed("redirected too often"), |request| moved(302, &request.path);
    "moved-elsewhere", 1, Failed("another server, not followed: http://127.0.0.1:"),
        |request| moved(301, &format!("{}/2", request.elsewhere));
    "moved-nowhere", 1, Failed("redirect without an address (301)"), |_| Reply::Bytes(answer(301, &[], ""));
    "unchanged-since-never", 2, Failed("no earlier answer"), |_| Reply::Bytes(answer(304, &[], ""));
    // Limits.
    "forbidden", 1, Failed("forbidden (403): Resource not accessible"),
        |_| limited(403, &["x-ratelimit-remaining: 12"], r#"{"message":"Resource not accessible"}"#);
    "primary-near", 4, Failed("rate limit until 12:00 UTC"),
        |_| limited(403, &[SPENT, "x-ratelimit-reset: 1420113600"], EXCEEDED);
    "primary-past", 4, Failed("rate limit until 11:00 UTC"),
        |_| limited(429, &[SPENT, "x-ratelimit-reset: 1420110000"], EXCEEDED);
    "primary-far", 1, Failed("rate limit until 13:00 UTC"),
        |_| limited(429, &[SPENT, "x-ratelimit-reset: 1420117200"], EXCEEDED);
    "primary-in-milliseconds", 1, Failed("rate limit until 13:00 UTC"),
        |_| limited(403, &[SPENT, "x-ratelimit-reset: 1420117200000"], EXCEEDED);
    "primary-absurd", 1, Failed("secondary rate limit; wait 60 s"),
        |_| limited(403, &[SPENT, "x-ratelimit-reset: 99999999999999999999"], EXCEEDED);
    "secondary", 1, Failed("secondary rate limit; wait 60 s"), |_| limited(403, &[], SECONDARY);
    "secondary-429", 1, Failed("secondary rate limit; wait 60 s"), |_| limited(429, &[], "");
    "retry-after-now", 4, Failed("secondary rate limit, also after 3 more tries"),
        |_| limited(403, &["retry-after: 0"], SECONDARY);
    "retry-after-far", 1, Failed("wait 90 s"), |_| limited(429, &["retry-after: 90"], SECONDARY);
    "retry-after-a-date", 1, Failed("wait 90 s"),
        |_| limited(403, &["retry-after: Thu, 01 Jan 2015 12:01:30 GMT"], SECONDARY);
    "retry-after-past", 4, Failed("secondary rate limit, also after 3 more tries"),
        |_| limited(429, &["retry-after: Thu, 01 Jan 2015 11:00:00 GMT"], SECONDARY);
    "retry-after-absurd", 1, Failed("wait more than a day"),
        |_| limited(403, &["retry-after: 99999999999999999999"], "");
    "retry-after-the-year-5000", 1, Failed("wait more than a day"),
        |_| limited(403, &["retry-after: Wed, 31 Dec 5000 23:59:59 GMT"], "");
    "retry-after-the-end-of-time", 1, Failed("wait 60 s"),
        |_| limited(403, &["retry-after: Fri, 31 Dec 9999 23:59:59 GMT"], "");
    "retry-after-no-time", 1, Failed("wait 60 s"), |_| limited(429, &["retry-after: soon"], "");
}

const MEBI: u64 = 1024 * 1024;

/// What the server does with a request to any repository: those that are not in the table are well.
pub(super) fn reply(request: &Request) -> Reply {
    let name = request.repo().and_then(|repo| repo.strip_prefix("fault/"));
    let fault = name.and_then(|name| FAULTS.iter().find(|fault| fault.name == name));
    fault.map_or_else(|| json(format!("[{ITEM}]")), |fault| (fault.reply)(request))
}

fn json(body: impl AsRef<[u8]>) -> Reply {
    Reply::Bytes(answer(200, &[JSON], body))
}

/// A page whose next one is there.
fn linked(to: &str) -> Reply {
    Reply::Bytes(answer(200, &[JSON, &format!(r#"link: <{to}>; rel="next""#)], format!("[{ITEM}]")))
}

fn moved(status: u16, to: &str) -> Reply {
    Reply::Bytes(answer(status, &[&format!("location: {to}")], ""))
}

fn limited(status: u16, headers: &[&str], body: &str) -> Reply {
    Reply::Bytes(answer(status, &[headers, &[NOON, JSON]].concat(), body))
}

/// Spaces, which a parser would pass over for as long as they come.
fn gigabyte(status: u16, headers: &[&str]) -> Reply {
    Reply::Stream(head(status, headers), vec![b' '; MEBI as usize], 1024)
}

/// Ten gigabytes of spaces: the same packed piece of 64 MiB, 160 times. The pieces of one packing follow each other.
fn bomb() -> Reply {
    let mut piece = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let spaces = vec![b' '; MEBI as usize];
    (0..64).for_each(|_| piece.write_all(&spaces).unwrap());
    Reply::Stream(head(200, &[JSON, "content-encoding: gzip"]), piece.finish().unwrap(), 160)
}

/// An item with a list in a list in a list …
fn deep(key: &str) -> String {
    let (open, close) = ("[".repeat(100_000), "]".repeat(100_000));
    format!(r#"[{{"number":1,"title":"t","created_at":"x","{key}":{open}{close}}}]"#)
}
