//! Recordings: files that a run writes, and files that are looked at.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use anyhow::Context;

use super::{NotAllowed, progress::Progress};
use crate::{
    model::{Model, summary::Summary},
    scope::Source,
    trace::{
        log::Batch,
        recording::{Error, Recording, Stream},
    },
};

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

/// The file of one of several recordings: `run.pollscope` becomes `run.2.pollscope`.
pub(super) fn one_of(path: &Path, which: &str) -> PathBuf {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map_or_else(String::new, |ending| format!(".{}", ending.to_string_lossy()));
    path.with_file_name(format!("{name}.{which}{ending}"))
}

/// A name for a recording that a key began, by the time of day.
pub(super) fn name_by_time() -> PathBuf {
    let now = jiff::Zoned::now();
    PathBuf::from(format!("pollscope-{}.pollscope", now.strftime("%Y%m%d-%H%M%S")))
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

/// The run that batches tell of, as a report sums it up within so many bytes of memory.
pub(super) fn sum_up(batches: impl Iterator<Item = Batch>, memory: usize) -> Summary {
    let mut model = Model::within(memory);
    for batch in batches {
        model.apply(&batch);
    }
    model.summary()
}

/// The report of a recording. Says also why it is not whole, where it is not.
pub(super) fn report(path: &Path, memory: usize, progress: &mut Progress) -> anyhow::Result<(Summary, Option<String>)> {
    let (summary, damage) = read(path, progress, |batches| sum_up(batches, memory))?;
    if summary.settings.is_none() {
        let why = damage.unwrap_or_else(|| "nothing was recorded in it".to_owned());
        return Err(NotAllowed(format!("{}: {why}", path.display()))).context("there is no run to report on");
    }
    Ok((summary, damage))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_recordings_have_names_of_their_own() {
        assert_eq!(one_of(Path::new("a/run.pollscope"), "2"), Path::new("a/run.2.pollscope"));
        assert_eq!(one_of(Path::new("run"), "par-iter"), Path::new("run.par-iter"));
    }
}
