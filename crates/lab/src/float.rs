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

pub(crate) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Float::deserialize(from).map(Float::value)
}

pub(crate) fn share<'de, D: Deserializer<'de>>(from: D) -> Result<f32, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f32::NAN))
}

/// A list made of another takes its memory over, which was meant for larger items, and some to spare.
fn fitting<T>(mut list: Vec<T>) -> Vec<T> {
    list.shrink_to_fit();
    list
}

pub(crate) fn weights<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(String, f64)>, D::Error> {
    let weights: Vec<(String, Float)> = Vec::deserialize(from)?;
    Ok(fitting(weights.into_iter().map(|(word, weight)| (word, weight.value())).collect()))
}

pub(crate) fn points<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(f64, f64)>, D::Error> {
    let points: Vec<(Float, Float)> = Vec::deserialize(from)?;
    Ok(fitting(points.into_iter().map(|(over, measured)| (over.value(), measured.value())).collect()))
}
