//! Numbers with a fraction, read back from JSON.
//!
//! JSON has no name for what is no number or infinite: serde writes both as `null`, and so do our reports.
//! Here `null` is read as 'not a number', so that one odd measurement does not make an event unreadable.

use serde::{Deserialize, Deserializer};

/// A number that may be `null`.
#[derive(Deserialize)]
struct Float(Option<f64>);

impl Float {
    fn value(self) -> f64 {
        self.0.unwrap_or(f64::NAN)
    }
}

pub(super) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Float::deserialize(from).map(Float::value)
}
