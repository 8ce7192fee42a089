//! `pollscope attach` and `report --attach`: looking at programs that serve their traces.

use std::time::Instant;

use anyhow::Context;

use super::{NotAllowed, progress::Progress, serving};
use crate::{
    cli::ReportArgs,
    model::{Model, summary::Summary},
    scope::{Address, AttachError, connect},
};

/// The report of what a program has, with what happens for as long as was asked for. Says also why it is not whole,
/// where it is not.
pub(super) fn report(address: &Address, args: &ReportArgs) -> anyhow::Result<(Summary, Option<String>)> {
    let trace = connect(address, serving::token()?.as_ref()).map_err(|error| refused(&error))?;
    let mut progress = Progress::of_command(format!("looking at {address}"));
    let now = trace.head().origin.now.unwrap_or_default();
    let (begun, mut why) = (Instant::now(), None);
    let mut model = Model::default();
    for block in trace {
        let share = args.for_time.map(|time| begun.elapsed().div_duration_f64(time).min(1.0));
        match block {
            Ok(batches) if progress.at(share).is_ok() => batches.iter().for_each(|batch| model.apply(batch)),
            Ok(_) => break,
            Err(error) => {
                why = Some(error.to_string());
                break;
            }
        }
        let has_all = model.now() >= now;
        if has_all && args.for_time.is_none_or(|time| begun.elapsed() >= time) {
            break;
        }
    }
    let why = progress.stopped().or(why);
    let summary = model.summary();
    if summary.events.emitted == 0 {
        let why = why.unwrap_or_else(|| "nothing has happened in it".to_owned());
        return Err(NotAllowed(format!("{address}: {why}"))).context("there is no run to report on");
    }
    Ok((summary, why))
}

/// What the environment does not allow.
fn refused(error: &AttachError) -> NotAllowed {
    NotAllowed(error.to_string())
}
