//! Exports: a recording, or what the log holds, for other programs.

use std::path::{Path, PathBuf};

use pollscope_core::model::picture::ExportFormat;
use pollscope_tui::open::{
    Progress, Underway,
    export::{Exported, How, WriteError, ending, under_way, write},
};

use super::{NotAllowed, progress, recordings};
use crate::cli::ExportArgs;

/// Exports a recording as the command line asks. Says where to.
pub(super) fn run(args: &ExportArgs) -> anyhow::Result<()> {
    let path = args.out.clone().unwrap_or_else(|| beside(&args.file, args.to));
    let mut progress = progress::of_command(under_way(&path));
    let damage = of_recording(&args.file, how(args.to, args.history.bytes()), &path, &mut progress)?;
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

/// How a log that may be of the pipeline or of a lesson is exported.
pub(super) fn how(format: ExportFormat, memory: usize) -> How {
    How { format, memory, scenarios: pollscope_lab::scenarios() }
}

/// Exports a recording. Says why it is not whole, where it is not.
fn of_recording(recording: &Path, how: How, path: &Path, progress: &mut Progress) -> anyhow::Result<Option<String>> {
    let (written, damage) = recordings::read(recording, progress, |batches| write(batches, how, path))?;
    written.map_err(refused)?;
    Ok(damage)
}

/// Exports a recording that is looked at.
pub(super) fn again(recording: &Path, how: How, underway: &Underway) -> anyhow::Result<Exported> {
    let path = beside(recording, how.format);
    let damage = of_recording(recording, how, &path, &mut Progress::behind_screen(under_way(&path), underway))?;
    Ok((path, damage))
}

/// A file that cannot be had is the caller's to name otherwise.
fn refused(error: WriteError) -> anyhow::Error {
    match error {
        WriteError::Present(_) | WriteError::Refused(..) => NotAllowed(error.to_string()).into(),
        WriteError::Failed(..) => error.into(),
    }
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
