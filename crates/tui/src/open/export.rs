//! What a log holds, or a recording, written for other programs.

use std::{
    convert::Infallible,
    fmt,
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use pollscope_core::{
    model::{Model, picture::ExportFormat, scenario::Scenarios, summary::Summary},
    report,
    trace::log::Batch,
};

use super::{
    progress::{Progress, Underway},
    recording,
};

/// What is told where nobody holds a log any more.
pub const NOTHING_HELD: &str = "nothing can be exported: the collector is gone, and the log with it";

/// Why there is no export, or not the whole one.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// What is there is not overwritten.
    #[error("{} exists already: give another name with -o, or remove it", .0.display())]
    Present(PathBuf),
    /// The system does not let it be written.
    #[error("{} cannot be written: {}", .0.display(), .1)]
    Refused(PathBuf, std::io::Error),
    /// It could not be written to its end.
    #[error("{} could not be exported: {}", .0.display(), .1)]
    Failed(PathBuf, String),
}

/// How a log is exported.
#[derive(Clone, Debug)]
pub struct How {
    /// Into which format.
    pub format: ExportFormat,
    /// How many bytes of memory that may take.
    pub memory: usize,
    /// The scenarios whose events may be in the log.
    pub scenarios: Scenarios,
}

/// Where an export lies, and why it is not whole, where it is not.
pub type Exported = (PathBuf, Option<String>);

/// How a format's files end.
pub fn ending(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Perfetto => "perfetto.json",
        ExportFormat::Svg => "svg",
        ExportFormat::Csv => "csv",
        ExportFormat::Json => "report.json",
    }
}

/// What is said while it is written.
pub fn under_way(path: &Path) -> String {
    format!("exporting to {}", path.display())
}

/// Exports what a log holds, under a name by the time of day, and `which` where it is one of several.
///
/// # Errors
///
/// When the file cannot be made or written, or exists already.
pub fn of_log(held: &[Arc<Batch>], how: How, which: Option<&str>, underway: &Underway) -> Result<Exported, WriteError> {
    let name = |name: &Path| {
        let name = which.map_or_else(|| name.to_owned(), |which| recording::one_of(name, which));
        name.with_extension(ending(how.format))
    };
    let path = recording::name_by_time(name);
    let mut progress = Progress::behind_screen(under_way(&path), underway);
    let batches = held.iter().enumerate().map_while(|(at, batch)| {
        progress.at(Some(at as f64 / held.len() as f64)).ok()?;
        Some(Batch::clone(batch))
    });
    write(batches, how, &path)?;
    Ok((path, progress.stopped()))
}

/// What is told of an export.
pub fn said<E: fmt::Display>(exported: Result<Exported, E>) -> String {
    match exported {
        Ok((path, None)) => format!("exported to {}", path.display()),
        Ok((path, Some(why))) => format!("{} has what could be exported: {why}", path.display()),
        // With what lies behind it, where it is known.
        Err(error) => format!("{error:#}"),
    }
}

/// Writes batches into a file that is not there yet.
///
/// # Errors
///
/// When the file cannot be made or written, or exists already.
pub fn write(
    batches: impl Iterator<Item = Batch>,
    How { format, memory, scenarios }: How,
    path: &Path,
) -> Result<(), WriteError> {
    // Who could not read on has ended the batches before.
    let read = batches.map(Ok::<_, Infallible>);
    refuse_present(path)?;
    match format {
        ExportFormat::Perfetto => report::perfetto(read, create(path)?, memory).map_err(failed(path)),
        ExportFormat::Svg => report::svg(read, scenarios, create(path)?, memory).map_err(failed(path)),
        ExportFormat::Csv => report::csv(read, path, memory).map_err(failed(path)),
        ExportFormat::Json => {
            let mut out = create(path)?;
            let summary = sum_up(read.flatten(), scenarios, memory);
            report::json(&summary, &mut out).and_then(|()| out.flush()).map_err(failed(path))
        }
    }
}

/// The run that batches tell of, as a report sums it up within so many bytes of memory.
pub fn sum_up(batches: impl Iterator<Item = Batch>, scenarios: Scenarios, memory: usize) -> Summary {
    let mut model = Model::within(memory).with_scenarios(scenarios);
    for batch in batches {
        model.apply(&batch);
    }
    model.summary()
}

fn failed<E: fmt::Display>(path: &Path) -> impl FnOnce(E) -> WriteError {
    move |why| WriteError::Failed(path.to_owned(), why.to_string())
}

fn create(path: &Path) -> Result<BufWriter<File>, WriteError> {
    // A pipe or a device is there; what another export has made meanwhile is not overwritten.
    let file = if path.exists() && !path.is_file() { File::create(path) } else { File::create_new(path) };
    file.map(BufWriter::new).map_err(|error| WriteError::Refused(path.to_owned(), error))
}

/// A pipe or a device is written to.
fn refuse_present(path: &Path) -> Result<(), WriteError> {
    let is_taken = std::fs::metadata(path).is_ok_and(|there| there.is_file() || there.is_dir());
    if is_taken { Err(WriteError::Present(path.to_owned())) } else { Ok(()) }
}
