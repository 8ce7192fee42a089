//! How old open issues are, and how long closed ones were open.
//!
//! Times come as text from the outside: what cannot be read, or would give a negative span, is left out.
//! No clock is read here.

use jiff::Timestamp;

use crate::github::types::Issue;

const SECONDS_A_DAY: f64 = 86_400.0;

/// How a number of spans is spread. The unit is the field's that holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread {
    /// Half the spans are no longer than this; between the middle two of an even number.
    pub median: f64,
    /// Nine of ten are no longer than this (interpolated between neighbours, as the median is).
    pub p90: f64,
    /// The longest.
    pub max: f64,
}

impl Spread {
    /// None without spans.
    fn of(mut spans: Vec<f64>) -> Option<Self> {
        spans.sort_unstable_by(f64::total_cmp);
        let max = *spans.last()?;
        Some(Self { median: quantile(&spans, 0.5), p90: quantile(&spans, 0.9), max })
    }
}

/// Interpolates linearly between the two neighbours (type 7 of Hyndman and Fan, 1996). `ascending` is
/// not empty, `share` lies between 0 and 1.
fn quantile(ascending: &[f64], share: f64) -> f64 {
    let at = share * (ascending.len() - 1) as f64;
    let (low, high) = (ascending[at.floor() as usize], ascending[at.ceil() as usize]);
    low + (high - low) * at.fract()
}

/// The ages of the issues that are open at `now`, in days.
pub(super) fn ages(issues: &[&Issue], now: Timestamp) -> Option<Spread> {
    let open = issues.iter().filter(|issue| issue.closed_at.is_none());
    Spread::of(open.filter_map(|issue| days(time(&issue.created_at)?, now)).collect())
}

/// How long the closed issues were open, in days.
pub(super) fn times_to_close(issues: &[&Issue]) -> Option<Spread> {
    let span = |issue: &&Issue| days(time(&issue.created_at)?, time(issue.closed_at.as_deref()?)?);
    Spread::of(issues.iter().filter_map(span).collect())
}

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

fn days(from: Timestamp, to: Timestamp) -> Option<f64> {
    (from <= to).then(|| to.duration_since(from).as_secs_f64() / SECONDS_A_DAY)
}

#[cfg(test)]
mod tests {
    use super::{super::sample::issue, *};

    fn opened(created_at: &str, closed_at: Option<&str>) -> Issue {
        Issue { created_at: created_at.into(), closed_at: closed_at.map(Into::into), ..issue(1, "", "") }
    }

    fn now() -> Timestamp {
        "2026-01-31T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn the_median_and_the_ninth_tenth_lie_between_their_neighbours() {
        let spread = Spread::of((1..=11).rev().map(f64::from).collect());
        assert_eq!(spread, Some(Spread { median: 6.0, p90: 10.0, max: 11.0 }));
        let spread = Spread::of(vec![4.0, 2.0]).unwrap();
        assert!((spread.median - 3.0).abs() < 1e-12 && (spread.p90 - 3.8).abs() < 1e-12);
        assert_eq!(Spread::of(vec![7.0]), Some(Spread { median: 7.0, p90: 7.0, max: 7.0 }));
        assert_eq!(Spread::of(Vec::new()), None);
    }

    #[test]
    fn an_age_runs_until_now_and_a_closed_issue_has_none() {
        let open = opened("2026-01-30T12:00:00Z", None);
        let closed = opened("2026-01-01T00:00:00Z", Some("2026-01-03T06:00:00Z"));
        let half_a_day = Spread { median: 0.5, p90: 0.5, max: 0.5 };
        assert_eq!(ages(&[&open, &closed], now()), Some(half_a_day));
        assert_eq!(times_to_close(&[&open, &closed]), Some(Spread { median: 2.25, p90: 2.25, max: 2.25 }));
    }

    #[test]
    fn what_cannot_be_read_or_runs_backwards_is_left_out() {
        let odd = [
            opened("yesterday", None),
            opened("2027-01-01T00:00:00Z", None),
            opened("2026-01-02T00:00:00Z", Some("2026-01-01T00:00:00Z")),
            opened("2026-01-02T00:00:00Z", Some("")),
            opened("-262143-01-01T00:00:00Z", None),
        ];
        let odd: Vec<_> = odd.iter().collect();
        assert_eq!((ages(&odd, now()), times_to_close(&odd)), (None, None));
    }
}
