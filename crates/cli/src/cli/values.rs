//! What an option's value may be, and what another is told.

use std::{str::FromStr, time::Duration};

use bytesize::ByteSize;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use pollscope_core::{
    model::picture::ExportFormat,
    wire::{Address, AddressError},
};
use pollscope_lab::{github::client, panels, settings::Strategy};
use pollscope_tui::{Binding, NoBinding, ThemeName};

use super::mistakes::nearest;

/// A parser for a strategy's values: their names, with what they mean in the help.
pub(super) fn named<T: Strategy + FromStr + Send + Sync>() -> impl TypedValueParser<Value = T> {
    let values = T::CHOICES.iter().map(|choice| PossibleValue::new(choice.name).help(choice.what));
    PossibleValuesParser::new(values).try_map(|name| name.parse::<T>().map_err(|_| NotNamed))
}

pub(super) fn export_format() -> impl TypedValueParser<Value = ExportFormat> {
    let formats = [
        ("perfetto", ExportFormat::Perfetto, "Trace events, for ui.perfetto.dev"),
        ("svg", ExportFormat::Svg, "The lanes of the last lab, for a slide or for print"),
        ("csv", ExportFormat::Csv, "Tables of tasks, polls and threads, in a folder"),
        ("json", ExportFormat::Json, "The report, as 'report --format json' prints it"),
    ];
    let values = formats.map(|(name, _, what)| PossibleValue::new(name).help(what));
    let named = move |name: &str| formats.into_iter().find(|(it, ..)| *it == name).map(|(_, format, _)| format);
    PossibleValuesParser::new(values).try_map(move |name| named(&name).ok_or(NotNamed))
}

pub(super) fn theme() -> impl TypedValueParser<Value = ThemeName> {
    let named = |name: &str| ThemeName::ALL.into_iter().find(|theme| theme.name() == name);
    PossibleValuesParser::new(ThemeName::ALL.map(ThemeName::name)).try_map(move |name| named(&name).ok_or(NotNamed))
}

/// What a key does, and the keys that do it.
pub(super) fn binding(text: &str) -> Result<Binding, String> {
    let (name, keys) = text.split_once('=').ok_or("write NAME=KEYS, as in block=x")?;
    let table = panels::key_table();
    table.bind(name, keys).map_err(|wrong| match wrong {
        NoBinding::Name => {
            let nearest = nearest(name, table.names()).unwrap_or_default();
            format!("no key does '{}'; did you mean '{nearest}'?", name.escape_default())
        }
        NoBinding::Chord(word) => {
            format!("there is no key '{}'; write a letter, ctrl-a, f1, enter, pgup, comma, …", word.escape_default())
        }
    })
}

/// Cannot happen: the names are those of the table.
#[derive(Debug, thiserror::Error)]
#[error("there is no such value")]
struct NotNamed;

/// A number of bytes, with a unit.
pub(super) fn size(text: &str) -> Result<ByteSize, String> {
    let size: ByteSize = text.parse().map_err(|_| "write a number with its unit, as in 256MiB or 1GiB".to_owned())?;
    if size < ByteSize::mib(1) { Err("1MiB is the least".to_owned()) } else { Ok(size) }
}

/// A duration with a unit, of at most an hour.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    // Sums near the largest number of seconds overflow in the parser, which panics then.
    if text.len() > 64 || text.split(|letter: char| !letter.is_ascii_digit()).any(|digits| digits.len() > 9) {
        return Err("write a number of at most 9 digits with its unit, as in 200ms or 2s".to_owned());
    }
    let duration =
        humantime::parse_duration(text).map_err(|_| "write a number with its unit, as in 200ms or 2s".to_owned())?;
    if duration > Duration::from_secs(3600) {
        return Err("an hour is the most".to_owned());
    }
    Ok(duration)
}

/// Where a program serves its trace.
pub(super) fn address(text: &str) -> Result<Address, AddressError> {
    text.parse()
}

pub(super) fn api_url(text: &str) -> Result<url::Url, String> {
    client::parse_api_url(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_a_unit_and_a_bound() {
        assert_eq!(duration("1s 500ms"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
        assert_eq!(duration("61m"), Err("an hour is the most".to_owned()));
        assert_eq!(duration("5"), Err("write a number with its unit, as in 200ms or 2s".to_owned()));
    }

    #[test]
    fn numbers_that_no_parser_can_add_up_are_refused() {
        let most_years = "999999999y".repeat(6);
        assert_eq!(duration(&most_years), Err("an hour is the most".to_owned()));
        for text in ["18446744073709551615s 1000ms", "584942417355y 26h", &"9s".repeat(40)] {
            let refusal = duration(text).map_err(|line| line.starts_with("write a number of at most 9 digits"));
            assert_eq!(refusal, Err(true), "{text}");
        }
    }
}
