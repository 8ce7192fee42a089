//! The comparison that a person reads: the sentence first, then the table, then the lanes.

use std::fmt::Write;

use pollscope_core::report::text::wrap;

use super::{Comparison, Figure, RunLanes, lanes::LEGEND};

/// The widest line of prose.
const WIDTH: usize = 100;
/// The widest name of a row.
const NAME: usize = 18;

/// The whole text.
pub(super) fn render(comparison: &Comparison) -> String {
    let mut text = String::new();
    // Writing to a string never fails.
    let _ = sections(comparison, &mut text);
    text
}

fn sections(comparison: &Comparison, out: &mut String) -> std::fmt::Result {
    for line in wrap(&comparison.takeaway, WIDTH) {
        writeln!(out, "{line}")?;
    }
    writeln!(out)?;
    table(comparison, out)?;
    refused(comparison, out)?;
    lanes(comparison, out)
}

fn table(comparison: &Comparison, out: &mut String) -> std::fmt::Result {
    write!(out, "{:NAME$} {:3}", "", "")?;
    for label in &comparison.labels {
        write!(out, "  {label:>width$}", width = width(label))?;
    }
    writeln!(out)?;
    for figure in &comparison.table {
        write!(out, "{:NAME$} {:3}", figure.name, figure.unit)?;
        for (at, label) in comparison.labels.iter().enumerate() {
            write!(out, "  {:>width$}", value(figure, at), width = width(label))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "\n+ the best, ! the worst, where they differ by more than noise; less is better in every row.\n")
}

/// A column's width: the label, or the widest value.
fn width(label: &str) -> usize {
    label.chars().count().max("not measured".len())
}

fn value(figure: &Figure, at: usize) -> String {
    let sign = match (figure.best, figure.worst) {
        (Some(best), _) if best == at => "+ ",
        (_, Some(worst)) if worst == at => "! ",
        _ => "",
    };
    format!("{sign}{}", figure.in_words(figure.values[at]))
}

fn refused(comparison: &Comparison, out: &mut String) -> std::fmt::Result {
    for it in &comparison.refused {
        let what = format!("wait {}, compute {}, {} ×{}", it.wait, it.compute, it.flavor, it.workers);
        writeln!(out, "left out: {what}: {}", it.reason)?;
    }
    if comparison.refused.is_empty() { Ok(()) } else { writeln!(out) }
}

fn lanes(comparison: &Comparison, out: &mut String) -> std::fmt::Result {
    writeln!(out, "threads over time, on one scale; what each did most:\n{LEGEND}")?;
    for (label, run) in comparison.labels.iter().zip(&comparison.lanes) {
        writeln!(out, "\n{label}")?;
        run_lanes(run, out)?;
    }
    Ok(())
}

fn run_lanes(run: &RunLanes, out: &mut String) -> std::fmt::Result {
    let name = run.lanes.iter().map(|lane| lane.name.chars().count()).max().unwrap_or(0);
    for lane in &run.lanes {
        // Two columns a character: the widest line fits a wide terminal.
        let letters: String = lane.columns.iter().step_by(2).map(|column| column.letter()).collect();
        writeln!(out, "  {:name$}  {letters}", lane.name)?;
    }
    if run.left_out > 0 {
        writeln!(out, "  and {} more threads", run.left_out)?;
    }
    Ok(())
}
