//! Durations as text, as the command line takes them: `400ms`, `1m 30s`.
//!
//! Reports and recordings hold durations in this form, so it does not depend on what another crate makes of them.

use std::{fmt, time::Duration};

use serde::{Deserialize, Deserializer, Serializer};

/// Units by their names, in nanoseconds, the largest first.
const UNITS: &[(&str, u128)] = &[
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// A duration to be written.
struct Text(Duration);

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.as_nanos();
        if rest == 0 {
            return f.write_str("0s");
        }
        let mut space = "";
        for (unit, nanos) in UNITS {
            if rest >= *nanos {
                write!(f, "{space}{}{unit}", rest / nanos)?;
                (space, rest) = (" ", rest % nanos);
            }
        }
        Ok(())
    }
}

/// A duration as [`Text`] writes it; older recordings have days too. The text may come from a hostile file.
fn parsed(text: &str) -> Option<Duration> {
    let sum = text.split_whitespace().try_fold(0_u128, |sum, word| {
        let unit = word.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let number: u64 = word[..word.len() - unit.len()].parse().ok()?;
        let nanos = match unit {
            "day" | "days" => 24 * UNITS[0].1,
            _ => UNITS.iter().find(|(name, _)| *name == unit)?.1,
        };
        sum.checked_add(u128::from(number) * nanos)
    })?;
    let seconds = u64::try_from(sum / 1_000_000_000).ok()?;
    (!text.trim().is_empty()).then(|| Duration::new(seconds, (sum % 1_000_000_000) as u32))
}

fn wrong<E: serde::de::Error>() -> E {
    E::custom("not a duration like '400ms' or '1s 500ms'")
}

pub(crate) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&Text(*duration))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    parsed(&String::deserialize(from)?).ok_or_else(wrong)
}

/// The same where there may be none.
pub(crate) mod optional {
    use super::{Deserialize, Deserializer, Duration, Serializer, Text, parsed, wrong};

    #[expect(clippy::ref_option, reason = "serde passes the field by reference")]
    pub(crate) fn serialize<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => serializer.collect_str(&Text(*duration)),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        let text: Option<String> = Option::deserialize(from)?;
        text.map(|text| parsed(&text).ok_or_else(wrong)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_come_back_from_their_text() {
        let mut random = fastrand::Rng::with_seed(3);
        let drawn = (0..1000).map(|_| Duration::new(random.u64(..) >> random.u32(0..64), random.u32(0..1_000_000_000)));
        let edges = [Duration::ZERO, Duration::MAX, Duration::from_secs(1), Duration::from_nanos(1)];
        for duration in drawn.chain(edges) {
            assert_eq!(parsed(&Text(duration).to_string()), Some(duration), "{}", Text(duration));
        }
        assert_eq!(Text(Duration::from_millis(90_400)).to_string(), "1m 30s 400ms");
        for hostile in ["18446744073709551615h", "18446744073709551615s 1000ms", "-1s", "s", "", "1", "9years", "é"] {
            assert_eq!(parsed(hostile), None, "{hostile}");
        }
    }

    #[test]
    fn what_the_command_line_takes_is_read() {
        for text in ["2days", "1h 30m", "400ms", "5us 7ns"] {
            assert_eq!(parsed(text), humantime::parse_duration(text).ok(), "{text}");
        }
    }
}
