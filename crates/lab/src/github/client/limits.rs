//! Rate limits: what a 403 or 429 says about when to ask again.
//!
//! Pure: the time is an argument, and nobody waits here.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};

use super::answer::Answer;

/// A reset beyond this many seconds is in milliseconds: as seconds it would be after the year 5138.
const LATEST_SECONDS: i64 = 100_000_000_000;

/// A reset within this many seconds is shown as a time of day alone.
const NEAR: i64 = 24 * 60 * 60;

/// A limit that an answer names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    /// The hourly limit is used up.
    Primary {
        /// From the server's time to its reset; zero when that has passed.
        wait: Duration,
        /// The reset, to be shown.
        until: String,
    },
    /// Too much at once.
    Secondary {
        /// How long the server says, when it does.
        retry_after: Option<Duration>,
    },
}

/// Reads the limit out of a 403 or 429; none where a 403 names none. `now` is this machine's time, used only
/// where the server does not tell its own: the two may disagree by years.
pub(super) fn named_by(answer: &Answer, now: Timestamp) -> Option<Limit> {
    let now = answer.header("date").and_then(|date| http_date(&date)).unwrap_or(now);
    if answer.header("x-ratelimit-remaining").as_deref() == Some("0")
        && let Some(reset) = answer.header("x-ratelimit-reset").and_then(|reset| reset_time(&reset))
    {
        return Some(Limit::Primary { wait: between(now, reset), until: shown(now, reset) });
    }
    let asked_to_wait = answer.header("retry-after");
    // One that cannot be read, as a date after the end of the calendar, names a limit all the same.
    let names_one = asked_to_wait.is_some() || answer.status.as_u16() == 429 || speaks_of_a_limit(&answer.message());
    let retry_after = asked_to_wait.and_then(|text| retry_after(&text, now));
    names_one.then_some(Limit::Secondary { retry_after })
}

/// Whether an error's message is about a limit. Older servers call the secondary limit abuse detection.
fn speaks_of_a_limit(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("rate limit") || message.contains("abuse detection")
}

/// `x-ratelimit-reset`: seconds since 1970, in UTC; milliseconds were seen too.
fn reset_time(text: &str) -> Option<Timestamp> {
    let number: i64 = text.parse().ok()?;
    let seconds = if number > LATEST_SECONDS { number / 1000 } else { number };
    Timestamp::from_second(seconds).ok()
}

/// `retry-after`: seconds, however many, or a date.
fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let is_number = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    if is_number {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    Some(between(now, http_date(text)?))
}

/// The date of an HTTP header. A wrong weekday does not matter.
fn http_date(text: &str) -> Option<Timestamp> {
    const PARSER: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);
    PARSER.parse_timestamp(text).ok()
}

/// From one time to a later one; nothing when it is not later.
fn between(now: Timestamp, then: Timestamp) -> Duration {
    Duration::try_from(then.duration_since(now)).unwrap_or_default()
}

/// A time of day, with the date when it is not near.
fn shown(now: Timestamp, then: Timestamp) -> String {
    let near = then.duration_since(now).as_secs().abs() < NEAR;
    then.strftime(if near { "%H:%M UTC" } else { "%Y-%m-%d %H:%M UTC" }).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;
    use reqwest::{StatusCode, header::HeaderMap};

    use super::{Answer, Limit, named_by};

    /// 2026-03-01 12:00:00 UTC.
    const NOW: i64 = 1_772_366_400;

    fn limit(status: u16, headers: &[(&'static str, &str)], body: &str) -> Option<Limit> {
        let headers: HeaderMap =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let status = StatusCode::from_u16(status).unwrap();
        let answer = Answer { status, headers, body: body.as_bytes().to_vec() };
        named_by(&answer, Timestamp::from_second(NOW).unwrap())
    }

    fn primary(reset: &str, date: Option<&str>) -> Option<(Duration, String)> {
        let mut headers = vec![("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", reset)];
        headers.extend(date.map(|date| ("date", date)));
        match limit(403, &headers, "")? {
            Limit::Primary { wait, until } => Some((wait, until)),
            Limit::Secondary { .. } => None,
        }
    }

    #[test]
    fn the_primary_limit_waits_until_its_reset() {
        let waits = |seconds, until: &str| Some((Duration::from_secs(seconds), until.to_owned()));
        assert_eq!(primary("1772366430", None), waits(30, "12:00 UTC"));
        assert_eq!(primary("1772366430000", None), waits(30, "12:00 UTC"), "milliseconds");
        assert_eq!(primary("1772366300", None), waits(0, "11:58 UTC"), "already over");
        assert_eq!(primary("1772539200", None), waits(172_800, "2026-03-03 12:00 UTC"), "not near");
    }

    #[test]
    fn the_servers_own_clock_counts() {
        let years_ago = Some("Thu, 01 Jan 2015 00:00:00 GMT");
        assert_eq!(primary("1420070445", years_ago), Some((Duration::from_secs(45), "00:00 UTC".to_owned())));
        let wrong_weekday = Some("Mon, 01 Jan 2015 00:00:00 GMT");
        assert_eq!(primary("1420070445", wrong_weekday), primary("1420070445", years_ago));
        assert_eq!(primary("1772366430", Some("yesterday")), primary("1772366430", None));
    }

    #[test]
    fn a_reset_that_makes_no_sense_is_no_reset() {
        for reset in ["soon", "", "-99999999999999999", "9223372036854775807", "1e9"] {
            assert_eq!(primary(reset, None), None, "{reset}");
        }
        assert_eq!(limit(403, &[("x-ratelimit-remaining", "0")], ""), None);
        assert_eq!(limit(429, &[("x-ratelimit-remaining", "0")], ""), Some(Limit::Secondary { retry_after: None }));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let after = |text| limit(403, &[("retry-after", text), ("x-ratelimit-remaining", "12")], "");
        let secondary = |seconds| Some(Limit::Secondary { retry_after: Some(Duration::from_secs(seconds)) });
        assert_eq!(after("7"), secondary(7));
        assert_eq!(after("Sun, 01 Mar 2026 12:00:09 GMT"), secondary(9));
        assert_eq!(after("Sun, 01 Mar 2026 11:00:00 GMT"), secondary(0), "already over");
        assert_eq!(after("99999999999999999999999"), secondary(u64::MAX), "absurd");
        for unreadable in ["soon", "-5", "", "Fri, 31 Dec 9999 23:59:59 GMT"] {
            assert_eq!(after(unreadable), Some(Limit::Secondary { retry_after: None }), "{unreadable}");
        }
    }

    #[test]
    fn a_403_must_speak_of_a_limit_and_a_429_is_one() {
        let unnamed = Some(Limit::Secondary { retry_after: None });
        assert_eq!(limit(403, &[], r#"{"message":"You have exceeded a secondary rate limit. Wait."}"#), unnamed);
        assert_eq!(limit(403, &[], r#"{"message":"You have triggered an abuse detection mechanism"}"#), unnamed);
        assert_eq!(limit(403, &[], r#"{"message":"Resource not accessible"}"#), None);
        assert_eq!(limit(403, &[("x-ratelimit-remaining", "59")], "<html>rate limit</html>"), None);
        assert_eq!(limit(429, &[], ""), unnamed);
    }
}
