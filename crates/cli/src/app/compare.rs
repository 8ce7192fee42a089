//! `pollscope compare`: the same work under several settings, one after the other.

use std::io;

use anyhow::Context;
use pollscope_core::model::picture::Cell;
use pollscope_lab::{
    github::types::RepoName,
    panels::{COMPARE, CompareCard, CompareLanes, CompareRow},
    pipeline::Again,
    settings::Settings,
};
use pollscope_tui::{
    Start,
    open::{Stopped, one_of},
};

use super::{
    NotAllowed,
    dashboard::{self, Opening},
    has_terminal, progress, serving,
    session::Session,
    targets, usecases,
};
use crate::{
    cli::{CompareArgs, Format, KeepArgs},
    report::compare::{self, COLUMNS, Column, Comparison, Figure, Refusal, Run, RunLanes},
};

const UNWRITTEN: &str = "the comparison could not be written";

/// Makes all runs and prints them side by side. Says whether every repository was read in each.
pub(super) fn run(args: &CompareArgs) -> anyhow::Result<bool> {
    if args.table {
        return usecases::run(args).map(|()| true);
    }
    let product = args.product().map_err(NotAllowed)?;
    let repos = targets(&args.target)?;
    // The one that is not counted takes its time as well.
    let all = product.runs.len() + 1;
    let mut progress = progress::of_command(format!("comparing {} runs", product.runs.len()));
    let mut so_far = |runs: usize| progress.at(Some(runs as f64 / all as f64));
    // The first run of a process pays for pages of the program and for memory: none of those compared does.
    if let Some(first) = product.runs.first() {
        measure(first, &repos, &KeepArgs { record: None, ..args.keep.clone() }, || so_far(0))?.recorded?;
    }
    let (mut runs, mut recorded, mut whole) = (Vec::new(), Ok(()), true);
    for (at, settings) in product.runs.iter().enumerate() {
        let record = args.keep.record.as_deref().map(|path| one_of(path, &(at + 1).to_string()));
        match measure(settings, &repos, &KeepArgs { record, ..args.keep.clone() }, || so_far(at + 1)) {
            Ok(measured) => {
                runs.push(measured.run);
                recorded = recorded.and(measured.recorded);
                whole &= measured.whole;
            }
            // Those that were made are compared.
            Err(error) if error.is::<Stopped>() && !runs.is_empty() => {
                recorded = recorded.and(Err(error));
                break;
            }
            Err(error) => return Err(error),
        }
    }
    drop(progress);
    let comparison = Comparison::of(runs, product.refused);
    let mut out = io::stdout().lock();
    match args.format {
        Some(Format::Json) => compare::json(&comparison, &mut out).context(UNWRITTEN)?,
        Some(Format::Text) => compare::text(&comparison, &mut out).context(UNWRITTEN)?,
        None if !has_terminal() => compare::text(&comparison, &mut out).context(UNWRITTEN)?,
        None => {
            drop(out);
            let settings = product.runs.first().cloned().unwrap_or_default();
            let settings = Settings { once: false, ..settings };
            let keep = KeepArgs { record: None, ..args.keep.clone() };
            dashboard::run(
                (settings, repos, &keep),
                &args.look,
                Opening { comparison: Some(card(&comparison)), ..Start::Own(COMPARE).into() },
            )?;
        }
    }
    recorded.map(|()| whole)
}

/// A run that was measured.
struct Measured {
    run: Run,
    /// How its recording went.
    recorded: anyhow::Result<()>,
    /// Whether every repository was read.
    whole: bool,
}

/// One run, with a scope and a source of its own: nothing that an earlier one has counted or cached is in it.
fn measure(
    settings: &Settings,
    repos: &[RepoName],
    keep: &KeepArgs,
    goes_on: impl FnMut() -> Result<(), Stopped>,
) -> anyhow::Result<Measured> {
    let mut session = Session::new(settings.clone(), repos.to_vec(), keep)?;
    serving::tell(session.served());
    session.build(Again::Once)?;
    session.await_round(goes_on)?;
    let run = session.run().context("the collector is gone")?;
    let (recorded, _) = session.conclude()?;
    Ok(Measured { run, recorded, whole: session.is_whole() })
}

/// What the screen shows of a comparison.
fn card(comparison: &Comparison) -> CompareCard {
    let row = |figure: &Figure| CompareRow {
        name: format!("{} {}", figure.name, figure.unit).trim_end().to_owned(),
        values: figure.values.iter().map(|value| figure.in_words(*value)).collect(),
        best: figure.best,
        worst: figure.worst,
    };
    let refused = |it: &Refusal| format!("Left out: {} with {}: {}.", it.wait, it.flavor, it.reason);
    CompareCard {
        labels: comparison.labels.clone(),
        rows: comparison.table.iter().map(row).collect(),
        lanes: comparison.lanes.iter().map(lanes).collect(),
        refused: comparison.refused.iter().map(refused).collect(),
        takeaway: comparison.takeaway.clone(),
    }
}

fn lanes(run: &RunLanes) -> CompareLanes {
    let cell = |column: &Column| {
        let mut cell = Cell::default();
        if let Some(state) = column.state {
            cell.set(state, (u32::from(column.eighths.max(1)) * 255 / 8) as u8);
        }
        cell
    };
    let columns = run.lanes.iter().map(|lane| lane.columns.len()).max().unwrap_or(0);
    CompareLanes {
        lanes: run.lanes.iter().map(|it| (it.name.clone(), it.columns.iter().map(cell).collect())).collect(),
        left_out: run.left_out,
        share: columns as f64 / COLUMNS as f64,
    }
}

/// The dashboard's 'before and after': a run that is kept, and the one after the next change. A run is the first
/// round of a lab, so that both did the same work.
#[derive(Debug, Default)]
pub(super) struct BeforeAndAfter {
    /// The last run whose first round is over.
    last: Option<Run>,
    kept: Option<Run>,
    /// The next run that is over is kept, for there was none when it was asked for.
    keep_next: bool,
}

impl BeforeAndAfter {
    /// Keeps the last run. Says what happens next.
    pub(super) fn keep(&mut self) -> String {
        self.kept = self.last.clone();
        self.keep_next = self.kept.is_none();
        let when =
            if self.keep_next { " when its first round is over" } else { ": now change how it waits or computes" };
        format!("this run is kept as 'before'{when}")
    }

    /// Whether a run is kept.
    pub(super) fn is_kept(&self) -> bool {
        self.kept.is_some()
    }

    /// A lab's first round is over. Gives before and after, where there is another run to compare it with.
    pub(super) fn round_over(&mut self, run: Run) -> Option<CompareCard> {
        self.last = Some(run.clone());
        if std::mem::take(&mut self.keep_next) {
            self.kept = Some(run);
            return None;
        }
        let before = self.kept.as_ref().filter(|before| before.settings != run.settings)?;
        Some(card(&Comparison::of(vec![before.clone(), run], Vec::new())))
    }
}
