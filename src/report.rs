//! What was measured, without a dashboard: for people and for programs.
//!
//! Floor 5. It knows summaries, and nothing of ratatui.

pub mod compare;
mod export;
mod json;
mod lesson;
mod table;
mod text;

use std::io::{self, Write};

pub use self::{
    export::{ExportError, csv, perfetto, svg},
    lesson::{LessonReport, lesson_text, lessons_json},
    table::{TableCell, TableRow, table_json, table_text},
};

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
