//! What was measured, without a dashboard: for people and for programs.
//!
//! It reads summaries and logs, and writes text, JSON, Perfetto traces, SVG and CSV. It knows no terminal.

mod export;
pub mod json;
pub mod text;

use std::io::{self, Write};

pub use self::export::{ExportError, csv, perfetto, svg};

use crate::model::summary::Summary;

/// Writes the report for programs: one object, schema 1.
///
/// # Errors
///
/// Those of the writer.
pub fn json(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    json::write(summary, out)
}

/// Writes the report for people.
///
/// # Errors
///
/// Those of the writer.
pub fn text(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    out.write_all(text::render(summary).as_bytes())
}
