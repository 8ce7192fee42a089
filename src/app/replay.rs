//! `pollscope replay`: a recording in the dashboard. Nothing runs, so nothing can be changed.

use super::{
    dashboard::{Screen, restore_on_panic},
    recordings,
};
use crate::{cli::ReplayArgs, scope::Replayer, tui::Start};

/// What a key is told that would change something.
const OVER: &str = "this is a recording: what ran cannot be changed any more";

/// Shows a recording until somebody quits.
pub(super) fn run(args: &ReplayArgs) -> anyhow::Result<()> {
    restore_on_panic();
    let source = recordings::open(&args.file, args.history.bytes())?;
    let (told, notices) = crossbeam_channel::bounded(16);
    let replayer = Replayer::start(source, told)?;
    let screen = Screen::start((replayer.pictures(), replayer.views()), &args.look, (Start::Replay, None), |_| {})?;
    screen.watch(&notices, (&args.file, OVER))
}
