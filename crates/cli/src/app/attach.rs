//! `pollscope attach` and `report --attach`: looking at programs that serve their traces.

use std::{path::Path, time::Instant};

use anyhow::Context;
use pollscope_core::{
    model::{Model, summary::Summary},
    trace::recording::{Damage, Error},
    wire::Address,
};
use pollscope_tui::{
    Start,
    open::{Underway, one_of},
};

use super::{
    NotAllowed,
    dashboard::{Looked, Screen, restore_on_panic},
    progress, recordings, serving,
};
use crate::{
    attach::{AttachError, Attached, connect},
    cli::{AttachArgs, ReportArgs},
};

/// What a report says of a stream that stops without its end.
const CUT_OFF: &str =
    "the stream stops before its end: the program was killed, or had no time to send what it did last";

/// What a key is told that would change something.
const NOT_OURS: &str = "you look at another program: it cannot be changed from here";

/// What is wrong with a stream: one that stops inside a block stops before its end.
fn said(error: &Error) -> String {
    match error {
        Error::Damaged(Damage::Truncated { .. }) => CUT_OFF.to_owned(),
        error => error.to_string(),
    }
}

/// Shows programs until somebody quits.
pub(super) fn run(args: &AttachArgs) -> anyhow::Result<()> {
    restore_on_panic();
    let token = serving::token()?;
    let mut why = None;
    let mut programs = Vec::new();
    for address in &args.addresses {
        let trace = connect(address, token.as_ref()).map_err(|error| why = Some(refused(&error))).ok();
        programs.push((address.clone(), trace));
    }
    // Whoever is not there yet may come; but one has to be.
    if programs.iter().all(|(_, trace)| trace.is_none()) {
        return Err(why.unwrap_or_else(|| NotAllowed("no address was given".to_owned())).into());
    }
    let several = programs.len() > 1;
    let name = |path: &Path, at: usize| {
        if several { one_of(path, &(at + 1).to_string()) } else { path.to_owned() }
    };
    let paths = args.record.iter().flat_map(|path| (0..programs.len()).map(move |at| name(path, at)));
    let files = paths.map(|path| recordings::create(&path)).collect::<Result<_, _>>()?;
    let (told, notices) = crossbeam_channel::bounded(16);
    if let Some(why) = why {
        let _ = told.try_send(format!("{why}; trying again"));
    }
    let attached = Attached::start(programs, token, args.history.bytes(), files, told)?;
    let scope = (attached.pictures(), attached.views());
    let screen = Screen::start(scope, &Underway::default(), &args.look, Start::Attached.into(), |_| {})?;
    screen.watch(&notices, &(Looked::Programs(&attached), args.history.bytes()), NOT_OURS)
}

/// The report of what a program has, with what happens for as long as was asked for. Says also why it is not whole,
/// where it is not.
pub(super) fn report(address: &Address, args: &ReportArgs) -> anyhow::Result<(Summary, Option<String>)> {
    let mut trace = connect(address, serving::token()?.as_ref()).map_err(|error| refused(&error))?;
    let mut progress = progress::of_command(format!("looking at {address}"));
    let now = trace.head().origin.now.unwrap_or_default();
    let (begun, mut why) = (Instant::now(), None);
    let mut model = Model::within(args.keep.history.bytes()).with_scenarios(pollscope_lab::scenarios());
    loop {
        let Some(block) = trace.next() else {
            why = (!trace.has_ended()).then(|| CUT_OFF.to_owned());
            break;
        };
        let share = args.for_time.map(|time| begun.elapsed().div_duration_f64(time).min(1.0));
        match block {
            Ok(batches) if progress.at(share).is_ok() => batches.iter().for_each(|batch| model.apply(batch)),
            Ok(_) => break,
            Err(error) => {
                why = Some(said(&error));
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
