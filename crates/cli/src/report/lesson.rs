//! A lesson, without a dashboard: what it says, its code, and what was measured.

use std::io::{self, Write};

use pollscope_core::model::summary::SCHEMA;
use pollscope_lab::lessons::Measured;
use serde::Serialize;

/// A lesson that has run.
#[derive(Clone, Debug, Serialize)]
pub struct LessonReport {
    /// As on the command line.
    pub name: &'static str,
    /// Every expectation holds.
    pub holds: bool,
    /// What was expected and measured.
    #[serde(flatten)]
    pub measured: Measured,
    /// Its title.
    #[serde(skip)]
    pub title: String,
    /// The idea; paragraphs are lines.
    #[serde(skip)]
    pub idea: String,
    /// What is asked.
    #[serde(skip)]
    pub question: String,
    /// The answers to choose from, and which is right.
    #[serde(skip)]
    pub choices: Vec<(String, bool)>,
    /// The code that ran.
    #[serde(skip)]
    pub code: String,
}

#[derive(Serialize)]
struct Lessons<'r> {
    schema: u32,
    lessons: &'r [LessonReport],
}

/// Writes lessons for programs: one object, schema 1.
///
/// # Errors
///
/// Those of the writer.
pub fn lessons_json(reports: &[LessonReport], out: &mut impl Write) -> io::Result<()> {
    pollscope_core::report::json::write(&Lessons { schema: SCHEMA, lessons: reports }, out)
}

/// Columns of the text.
const WIDTH: usize = 100;

/// Writes a lesson for people.
///
/// # Errors
///
/// Those of the writer.
pub fn lesson_text(report: &LessonReport, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}: {}\n", report.name, report.title)?;
    paragraphs(&report.idea, out)?;
    for line in report.code.lines() {
        writeln!(out, "{}", format!("    {line}").trim_end())?;
    }
    writeln!(out)?;
    paragraphs(&report.question, out)?;
    for (choice, right) in &report.choices {
        writeln!(out, "  {} {choice}", if *right { "[x]" } else { "[ ]" })?;
    }
    writeln!(out, "\nmeasured")?;
    for expectation in &report.measured.expectations {
        let sign = match expectation.holds {
            Some(true) => "holds ",
            Some(false) => "FAILS ",
            None => "  ?   ",
        };
        writeln!(out, "  {sign} {}", expectation.text)?;
        writeln!(out, "         {}", expectation.measured)?;
    }
    for curve in &report.measured.curves {
        writeln!(out, "\n{} over {}", curve.name, curve.over)?;
        for (x, y) in &curve.points {
            writeln!(out, "  {x:>8} {y:.1}")?;
        }
    }
    writeln!(out)
}

fn paragraphs(text: &str, out: &mut impl Write) -> io::Result<()> {
    for paragraph in text.lines() {
        for line in pollscope_core::report::text::wrap(paragraph, WIDTH) {
            writeln!(out, "{line}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
