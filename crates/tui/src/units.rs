//! Figures as people read them: short, with a unit, and not more exact than they are.

use pollscope_core::trace::clock::{MICRO, MILLI, Nanos, SECOND};

/// A duration: `40 µs`, `0.1 ms`, `9.4 ms`, `312 ms`, `1.24 s`, `12.4 s`, `03:07 min`.
pub fn duration(nanos: Nanos) -> String {
    match nanos {
        0 => "0 ms".to_owned(),
        1..MICRO => format!("{nanos} ns"),
        MICRO..95_000 => format!("{} µs", (nanos + MICRO / 2) / MICRO),
        95_000..9_950_000 => format!("{:.1} ms", nanos as f64 / MILLI as f64),
        9_950_000..999_500_000 => format!("{} ms", (nanos + MILLI / 2) / MILLI),
        999_500_000..9_995_000_000 => format!("{:.2} s", nanos as f64 / SECOND as f64),
        9_995_000_000..100_000_000_000 => format!("{:.1} s", nanos as f64 / SECOND as f64),
        100_000_000_000.. => format!("{} min", clock(nanos)),
    }
}

/// A duration that was measured; nothing where nothing was.
pub fn measured(nanos: Nanos) -> String {
    if nanos > 0 { duration(nanos) } else { String::new() }
}

/// A duration that counts up: whole milliseconds, so that the digits stand still where they can.
pub fn counting(nanos: Nanos) -> String {
    if nanos < SECOND { format!("{} ms", nanos / MILLI) } else { duration(nanos) }
}

/// A clock: `00:41`, `1:02:03`.
pub fn clock(nanos: Nanos) -> String {
    let seconds = nanos / SECOND;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes:02}:{seconds:02}") }
}

/// A clock with its milliseconds: `00:41.213`.
pub fn fine_clock(nanos: Nanos) -> String {
    format!("{}.{:03}", clock(nanos), nanos / MILLI % 1000)
}

/// A clock with its microseconds: `00:41.213_402`.
pub fn exact_clock(nanos: Nanos) -> String {
    format!("{}_{:03}", fine_clock(nanos), nanos / MICRO % 1000)
}

/// A delay that grows while it is looked at: `0.4 s`, `03:07`.
pub fn behind(nanos: Nanos) -> String {
    if nanos < 100 * SECOND { format!("{:.1} s", nanos as f64 / SECOND as f64) } else { clock(nanos) }
}

/// A count in at most five columns: `9999`, `12.3k`, `4.5M`.
pub fn count(number: u64) -> String {
    match number {
        0..10_000 => number.to_string(),
        10_000..1_000_000 => scaled(number, 1_000, 'k'),
        1_000_000..1_000_000_000 => scaled(number, 1_000_000, 'M'),
        1_000_000_000.. => scaled(number, 1_000_000_000, 'G'),
    }
}

/// In thousands, millions and so on, with a fraction below a hundred of them; never rounded up.
fn scaled(number: u64, unit: u64, letter: char) -> String {
    let whole = number / unit;
    if whole < 100 { format!("{whole}.{}{letter}", number % unit * 10 / unit) } else { format!("{whole}{letter}") }
}

/// A number of bytes in a few columns: `95 kB`, `1.4 MB`, `12 MB`, `1.2 GB`.
pub fn bytes(bytes: u64) -> String {
    match bytes as f64 / 1e6 {
        tiny @ ..1.0 => format!("{:.0} kB", tiny * 1000.0),
        small @ ..10.0 => format!("{small:.1} MB"),
        medium @ ..1000.0 => format!("{medium:.0} MB"),
        large => format!("{:.1} GB", large / 1000.0),
    }
}

/// A share: `0%`, `1.2%`, `45%`.
pub fn percent(share: f32) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 9.95 { format!("{percent:.1}%") } else { format!("{percent:.0}%") }
}

/// Days: `4 h`, `1.5 days`, `12 days`.
pub fn days(days: f64) -> String {
    match days {
        ..1.0 => format!("{:.0} h", days * 24.0),
        ..10.0 => format!("{days:.1} days"),
        _ => format!("{days:.0} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short_at_every_size() {
        let shown: Vec<_> = [
            0,
            40,
            40_000,
            100_000,
            1_949_000,
            9_960_000,
            312_400_000,
            999_600_000,
            1_240_000_000,
            12_440_000_000,
            187_000_000_000,
        ]
        .map(duration)
        .into();
        let expected = [
            "0 ms",
            "40 ns",
            "40 µs",
            "0.1 ms",
            "1.9 ms",
            "10 ms",
            "312 ms",
            "1.00 s",
            "1.24 s",
            "12.4 s",
            "03:07 min",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_counts_up_has_no_fraction_below_a_second() {
        assert_eq!([0, 1_900_000, 312_900_000, 1_240_000_000].map(counting), ["0 ms", "1 ms", "312 ms", "1.24 s"]);
    }

    #[test]
    fn clocks_and_counts() {
        assert_eq!([0, 41 * SECOND, 3723 * SECOND].map(clock), ["00:00", "00:41", "1:02:03"]);
        assert_eq!([0, 9_999, 12_399, 999_999, 4_512_345].map(count), ["0", "9999", "12.3k", "999k", "4.5M"]);
        assert_eq!([0.0, 0.012, 0.45, 1.0].map(percent), ["0%", "1.2%", "45%", "100%"]);
        assert_eq!([0.25, 1.52, 12.4].map(days), ["6 h", "1.5 days", "12 days"]);
    }
}
