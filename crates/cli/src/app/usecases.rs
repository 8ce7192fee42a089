//! The table of use cases: on the screen, and printed by `pollscope compare --table`.

use std::{
    io,
    sync::{Arc, LazyLock},
};

use anyhow::Context;
use pollscope_lab::{
    panels::{CellCard, Grade, USE_CASES as SCREEN, UseCaseCard, Words},
    settings::Settings,
    usecases::{Answer, Cell, Evidence, TOOLS, USE_CASES, UseCase},
};
use pollscope_tui::Start;

use super::{dashboard, has_terminal, lessons};
use crate::{
    cli::{CompareArgs, Format},
    report::{self, TableCell, TableRow},
};

/// Shows the table, or prints it.
pub(super) fn run(args: &CompareArgs) -> anyhow::Result<()> {
    if args.format.is_none() && has_terminal() {
        return dashboard::run((Settings::default(), Vec::new(), &args.keep), &args.look, Start::Own(SCREEN).into());
    }
    let rows: Vec<_> = USE_CASES.iter().map(|case| row(case.name, &case.cells)).collect();
    let mut out = io::stdout().lock();
    match args.format {
        Some(Format::Json) => report::table_json(&rows, &mut out),
        Some(Format::Text) | None => report::table_text(&rows, &mut out),
    }
    .context("the table could not be written")
}

fn row(use_case: &'static str, cells: &[Cell]) -> TableRow {
    let cell = |(cell, tool): (&Cell, &'static str)| {
        let (lesson, measured) = match &cell.evidence {
            Evidence::Lesson(name) => (Some(*name), None),
            Evidence::Run(run) => (None, Some(run())),
        };
        TableCell { tool, answer: cell.answer.name(), why: cell.why, lesson, measured }
    };
    TableRow { use_case, cells: cells.iter().zip(TOOLS).map(cell).collect() }
}

/// What the screen shows of the table.
pub(super) fn cards() -> Arc<[UseCaseCard]> {
    let cell = |(cell, tool): (&'static Cell, &'static str)| {
        let (lesson, shown_by) = match &cell.evidence {
            Evidence::Lesson(name) => (lessons::place(name).ok(), words(move || format!("shown by the lesson {name}"))),
            Evidence::Run(run) => (None, words(move || format!("measured when this was opened: {}", run()))),
        };
        CellCard { tool, answer: cell.answer.name(), grade: grade(cell.answer), why: cell.why, lesson, shown_by }
    };
    let card = |case: &'static UseCase| UseCaseCard {
        name: case.name,
        cells: case.cells.iter().zip(TOOLS).map(cell).collect(),
    };
    USE_CASES.iter().map(card).collect()
}

fn words(find: impl FnOnce() -> String + Send + 'static) -> Words {
    Arc::new(LazyLock::new(Box::new(find)))
}

fn grade(answer: Answer) -> Grade {
    match answer {
        Answer::Yes => Grade::Good,
        Answer::WithCare => Grade::Fair,
        Answer::No => Grade::Poor,
    }
}
