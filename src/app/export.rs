//! Exports: a recording, or what the log holds, for other programs.

use std::{
    convert::Infallible,
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;

use super::{
    NotAllowed,
    faults::{Fault, fault},
    progress::{Progress, Underway},
    recordings,
};
use crate::{cli::ExportArgs, model::picture::ExportFormat, report, trace::log::Batch};

/// How a format's files end.
fn ending(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Perfetto => "perfetto.json",
        ExportFormat::Svg => "svg",
        ExportFormat::Csv => "csv",
        ExportFormat::Json => "report.json",
    }
}

/// Exports a recording as the command line asks. Says where to.
pub(super) fn run(args: &ExportArgs) -> anyhow::Result<()> {
    let path = args.out.clone().unwrap_or_else(|| beside(&args.file, args.to));
    let mut progress = Progress::of_command(under_way(&path));
    let damage = of_recording(&args.file, (args.to, args.history.bytes()), &path, &mut progress)?;
    drop(progress);
    super::say(&format!("{} is written", path.display()));
    match damage {
        Some(damage) => Err(anyhow::anyhow!("the export has what could be read: {damage}")),
        None => Ok(()),
    }
}

/// The name of a recording's export: beside it, with another ending.
fn beside(recording: &Path, format: ExportFormat) -> PathBuf {
    if recordings::is_stdin(recording) {
        PathBuf::from("pollscope").with_extension(ending(format))
    } else {
        recording.with_extension(ending(format))
    }
}

fn under_way(path: &Path) -> String {
    format!("exporting to {}", path.display())
}

/// Into which format, and how many bytes of memory that may take.
pub(super) type How = (ExportFormat, usize);

/// Exports a recording. Says why it is not whole, where it is not.
fn of_recording(recording: &Path, how: How, path: &Path, progress: &mut Progress) -> anyhow::Result<Option<String>> {
    let (written, damage) = recordings::read(recording, progress, |batches| write(batches, how, path))?;
    written.map(|()| damage)
}

/// Where an export lies, and why it is not whole, where it is not.
pub(super) type Exported = (PathBuf, Option<String>);

/// Exports a recording that is looked at.
pub(super) fn again(recording: &Path, how: How, underway: &Underway) -> anyhow::Result<Exported> {
    let path = beside(recording, how.0);
    let damage = of_recording(recording, how, &path, &mut Progress::behind_screen(under_way(&path), underway))?;
    Ok((path, damage))
}

/// Exports what a log holds, under a name by the time of day, and `which` where it is one of several.
pub(super) fn of_log(
    held: &[Arc<Batch>],
    how: How,
    which: Option<&str>,
    underway: &Underway,
) -> anyhow::Result<Exported> {
    let name = recordings::name_by_time();
    let name = which.map_or_else(|| name.clone(), |which| recordings::one_of(&name, which));
    let path = name.with_extension(ending(how.0));
    let mut progress = Progress::behind_screen(under_way(&path), underway);
    let batches = held.iter().enumerate().map_while(|(at, batch)| {
        progress.at(Some(at as f64 / held.len() as f64)).ok()?;
        Some(Batch::clone(batch))
    });
    write(batches, how, &path)?;
    Ok((path, progress.stopped()))
}

fn write(batches: impl Iterator<Item = Batch>, (format, memory): How, path: &Path) -> anyhow::Result<()> {
    assert!(fault() != Some(Fault::Export), "a test asked for this panic");
    let what = || format!("{} could not be exported", path.display());
    // Who could not read on has ended the batches before.
    let read = batches.map(Ok::<_, Infallible>);
    match format {
        ExportFormat::Perfetto => report::perfetto(read, create(path)?, memory).with_context(what),
        ExportFormat::Svg => report::svg(read, create(path)?, memory).with_context(what),
        ExportFormat::Csv => {
            refuse_present(path)?;
            report::csv(read, path, memory).with_context(what)
        }
        ExportFormat::Json => {
            let mut out = create(path)?;
            report::json(&recordings::sum_up(read.flatten(), memory), &mut out).with_context(what)?;
            out.flush().with_context(what)
        }
    }
}

fn create(path: &Path) -> Result<BufWriter<File>, NotAllowed> {
    refuse_present(path)?;
    File::create(path)
        .map(BufWriter::new)
        .map_err(|error| NotAllowed(format!("{} cannot be written: {error}", path.display())))
}

/// What is there is not overwritten.
fn refuse_present(path: &Path) -> Result<(), NotAllowed> {
    let is_taken = std::fs::metadata(path).is_ok_and(|there| there.is_file() || there.is_dir());
    if is_taken {
        return Err(NotAllowed(format!("{} exists already: give another name with -o, or remove it", path.display())));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_lie_beside_their_recording() {
        assert_eq!(beside(Path::new("a/run.pollscope"), ExportFormat::Perfetto), Path::new("a/run.perfetto.json"));
        assert_eq!(beside(Path::new("run.pollscope"), ExportFormat::Csv), Path::new("run.csv"));
        assert_eq!(beside(Path::new("-"), ExportFormat::Svg), Path::new("pollscope.svg"));
    }
}
