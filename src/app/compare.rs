//! `pollscope compare`: the same work under several settings, one after the other.

use std::io;

use anyhow::Context;

use super::{NotAllowed, session::Session, targets};
use crate::{
    cli::{CompareArgs, Format},
    github::types::RepoName,
    model::picture::View,
    report::compare::{self, Comparison, Run},
    scenario::pipeline::Again,
    trace::{
        clock::{MILLI, Nanos},
        settings::Settings,
    },
};

/// Cells of a lane as it is measured, before all runs are brought to one scale.
const FINE_CELLS: u16 = 1600;

/// Makes all runs and prints them side by side. Says whether every repository was read in each.
pub(super) fn run(args: &CompareArgs) -> anyhow::Result<bool> {
    let product = args.product().map_err(NotAllowed)?;
    let repos = targets(&args.target)?;
    // The first run of a process pays for pages of the program and for memory: none of those compared does.
    if let Some(first) = product.runs.first() {
        measure(first, &repos)?;
    }
    let runs = product.runs.iter().map(|settings| measure(settings, &repos)).collect::<anyhow::Result<Vec<_>>>()?;
    let whole = runs.iter().all(|run| run.report.pipeline.as_ref().is_some_and(|it| it.failures == 0));
    let comparison = Comparison::of(runs, product.refused);
    let mut out = io::stdout().lock();
    match args.format {
        Format::Json => compare::json(&comparison, &mut out),
        Format::Text => compare::text(&comparison, &mut out),
    }
    .context("the comparison could not be written")?;
    Ok(whole)
}

/// One run, with a scope and a source of its own: nothing that an earlier one has counted or cached is in it.
fn measure(settings: &Settings, repos: &[RepoName]) -> anyhow::Result<Run> {
    let mut session = Session::new(settings.clone(), repos.to_vec())?;
    session.build(Again::Once)?;
    session.await_round()?;
    let report = session.summary().context("the collector is gone")?;
    let window = ((report.elapsed_ms * MILLI as f64) as Nanos).max(1);
    let view = View { window, lane_cells: FINE_CELLS, pulse_cells: 0, ..View::default() };
    let picture = session.scope().picture(view).context("the collector is gone")?;
    Ok(Run { settings: settings.clone(), report, lanes: picture.lanes })
}
