//! `pollscope replay`: a recording in the dashboard. Nothing runs, so nothing can be changed.

use pollscope_core::replayer::Replayer;
use pollscope_tui::{
    Start,
    open::{Progress, Underway},
};

use super::{
    dashboard::{Looked, Screen, restore_on_panic},
    recordings,
};
use crate::cli::ReplayArgs;

/// What a key is told that would change something.
const OVER: &str = "this is a recording: what ran cannot be changed any more";

/// Shows a recording until somebody quits.
pub(super) fn run(args: &ReplayArgs) -> anyhow::Result<()> {
    restore_on_panic();
    let source = recordings::open(&args.file, args.history.bytes())?;
    let (told, notices) = crossbeam_channel::bounded(16);
    let underway = Underway::default();
    let mut progress = Progress::behind_screen(format!("opening {}", args.file.display()), &underway);
    let replayer = Replayer::start(source, pollscope_lab::scenarios(), told, move |share| progress.at(Some(share)))?;
    let scope = (replayer.pictures(), replayer.views());
    let screen = Screen::start(scope, &underway, &args.look, Start::Replay.into(), |_| {})?;
    screen.watch(&notices, &(Looked::Recording(&args.file, &replayer), args.history.bytes()), OVER)
}
