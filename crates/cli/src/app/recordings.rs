//! Recordings: files that a run writes, and files that are looked at.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
};

use anyhow::Context;
use pollscope_core::{
    model::summary::Summary,
    trace::{
        log::Batch,
        recording::{Error, Recording, Stream},
    },
};
use pollscope_tui::open::{Progress, export::sum_up};

use super::NotAllowed;
use pollscope_core::replayer::Source;

/// The name that stands for the standard input.
const STDIN: &str = "-";

/// Whether it is the standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == STDIN
}

/// Whether it can be read only once: the standard input, or a named pipe.
pub(super) fn is_piped(path: &Path) -> bool {
    is_stdin(path) || fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir())
}

/// Creates the file of a recording. What is there already is not overwritten; a pipe or a device is written to.
pub(super) fn create(path: &Path) -> Result<File, NotAllowed> {
    if is_stdin(path) {
        return Err(NotAllowed("a recording needs a file or a named pipe: '-' is neither".to_owned()));
    }
    let is_file = fs::metadata(path).is_ok_and(|there| there.is_file());
    if is_file {
        let path = path.display();
        return Err(NotAllowed(format!("{path} exists already: give another name to --record, or remove it")));
    }
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(|error| NotAllowed(format!("{} cannot be written: {error}", path.display())))
}

/// Opens a recording: a file, or with `-` and for a pipe, what comes through it.
pub(super) fn open(path: &Path, history: usize) -> anyhow::Result<Source> {
    let said = |error: Error| NotAllowed(format!("{}: {error}", path.display()));
    if is_stdin(path) {
        return Ok(Source::Pipe(Stream::new(Box::new(io::stdin()) as _).map_err(said)?, history));
    }
    if is_piped(path) {
        let file = File::open(path).map_err(|error| said(error.into()))?;
        return Ok(Source::Pipe(Stream::new(Box::new(file) as _).map_err(said)?, history));
    }
    Ok(Source::File(Recording::open(path).map_err(said)?, history))
}

/// Hands all batches of a recording to `take`, in order. Gives what came of them, and why that is not the whole, where
/// the recording is not, or somebody has stopped it.
pub(super) fn read<T>(
    path: &Path,
    progress: &mut Progress,
    take: impl FnOnce(&mut dyn Iterator<Item = Batch>) -> T,
) -> anyhow::Result<(T, Option<String>)> {
    let mut why = None;
    let mut until_damaged =
        |batches: Result<Vec<Batch>, Error>| batches.map_err(|error| why = Some(error.to_string())).ok();
    // Whoever reads once from the beginning to the end keeps nothing.
    let taken = match open(path, 0)? {
        Source::File(mut file, _) => {
            let known = file.damage().map(|damage| Error::Damaged(damage).to_string());
            let all = file.blocks().len();
            let blocks = (0..all).map_while(|number| {
                progress.at(Some(number as f64 / all as f64)).ok()?;
                until_damaged(file.read(number))
            });
            let taken = take(&mut blocks.flatten());
            why = why.or(known);
            taken
        }
        Source::Pipe(stream, _) => {
            let blocks = stream.map_while(|batches| {
                progress.at(None).ok()?;
                until_damaged(batches)
            });
            take(&mut blocks.flatten())
        }
    };
    Ok((taken, progress.stopped().or(why)))
}

/// The report of a recording. Says also why it is not whole, where it is not.
pub(super) fn report(path: &Path, memory: usize, progress: &mut Progress) -> anyhow::Result<(Summary, Option<String>)> {
    let (summary, damage) = read(path, progress, |batches| sum_up(batches, pollscope_lab::scenarios(), memory))?;
    // A program of somebody's has no settings; its threads are told of from the first on.
    if summary.events.emitted == 0 {
        let why = damage.unwrap_or_else(|| "nothing was recorded in it".to_owned());
        return Err(NotAllowed(format!("{}: {why}", path.display()))).context("there is no run to report on");
    }
    Ok((summary, damage))
}
