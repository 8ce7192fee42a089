//! The table of use cases, for people and for programs. What its cells say and what was measured it is given.

use std::io::{self, Write};

use pollscope_core::model::summary::SCHEMA;
use serde::Serialize;

/// Columns of the text.
const WIDTH: usize = 100;

/// A use case and its cells.
#[derive(Clone, Debug, Serialize)]
pub struct TableRow {
    /// What is to be done.
    pub use_case: &'static str,
    /// One for each tool.
    pub cells: Vec<TableCell>,
}

/// Whether a tool serves a use case.
#[derive(Clone, Debug, Serialize)]
pub struct TableCell {
    /// Who is asked.
    pub tool: &'static str,
    /// `yes`, `with care` or `no`.
    pub answer: &'static str,
    /// Why.
    pub why: &'static str,
    /// The lesson that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lesson: Option<&'static str>,
    /// What was measured just now, where no lesson shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<String>,
}

#[derive(Serialize)]
struct Table<'t> {
    schema: u32,
    table: &'t [TableRow],
}

/// Writes the table for programs: one object, schema 1.
///
/// # Errors
///
/// Those of the writer.
pub fn table_json(rows: &[TableRow], out: &mut impl Write) -> io::Result<()> {
    pollscope_core::report::json::write(&Table { schema: SCHEMA, table: rows }, out)
}

/// Writes the table for people.
///
/// # Errors
///
/// Those of the writer.
pub fn table_text(rows: &[TableRow], out: &mut impl Write) -> io::Result<()> {
    for row in rows {
        writeln!(out, "{}", row.use_case)?;
        for cell in &row.cells {
            let shown = match (&cell.lesson, &cell.measured) {
                (Some(lesson), _) => format!("lesson {lesson}"),
                (None, Some(measured)) => format!("measured: {measured}"),
                (None, None) => String::new(),
            };
            writeln!(out, "  {:10} {:10} {}", cell.tool, cell.answer, cell.why)?;
            for line in pollscope_core::report::text::wrap(&shown, WIDTH - 24) {
                writeln!(out, "{:24}{line}", "")?;
            }
        }
        writeln!(out)?;
    }
    Ok(())
}
