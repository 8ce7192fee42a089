//! A recording that a key begins and ends.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use bytesize::ByteSize;
use crossbeam_channel::Receiver;
use pollscope_core::{observe::ObservedHandle, recorder::Recorded};

/// A name for what a key began, by the time of day: of several in a second, the first that is not taken.
pub(super) fn name_by_time(name: impl Fn(&Path) -> PathBuf) -> PathBuf {
    let now = jiff::Zoned::now();
    first_free(Path::new(&format!("pollscope-{}.pollscope", now.strftime("%Y%m%d-%H%M%S"))), name, Path::exists)
}

fn first_free(first: &Path, name: impl Fn(&Path) -> PathBuf, is_taken: impl Fn(&Path) -> bool) -> PathBuf {
    let (mut path, mut which) = (name(first), 1);
    while is_taken(&path) {
        which += 1;
        path = name(&one_of(first, &which.to_string()));
    }
    path
}

/// The file of one of several recordings: `run.pollscope` becomes `run.2.pollscope`.
pub fn one_of(path: &Path, which: &str) -> PathBuf {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map_or_else(String::new, |ending| format!(".{}", ending.to_string_lossy()));
    path.with_file_name(format!("{name}.{which}{ending}"))
}

/// A recording that is being written.
#[derive(Debug)]
pub struct Recording {
    path: PathBuf,
    /// Where it is told why no more can be written.
    broken: Receiver<String>,
}

impl Recording {
    /// Begins with what the log holds.
    ///
    /// # Errors
    ///
    /// When something is recorded already, or the system refuses a thread.
    pub fn begin(scope: &dyn ObservedHandle, path: PathBuf, file: File) -> io::Result<Self> {
        let broken = scope.record(file)?;
        Ok(Self { path, broken })
    }

    /// Begins with what the log holds, in a new file that is named by the time of day.
    ///
    /// # Errors
    ///
    /// When the file cannot be made, something is recorded already, or the system refuses a thread.
    pub fn begin_by_time(scope: &dyn ObservedHandle) -> io::Result<Self> {
        let path = name_by_time(Path::to_path_buf);
        let file = File::create_new(&path);
        let file = file.map_err(|why| io::Error::other(format!("{} cannot be written: {why}", path.display())))?;
        // Where something is recorded already, nothing is left behind.
        Self::begin(scope, path.clone(), file).inspect_err(|_| drop(fs::remove_file(path)))
    }

    /// What is told of one that a key has begun.
    pub fn begun(&self) -> String {
        format!("recording into {}, with what came before; the same key ends it", self.path.display())
    }

    /// Returns the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where it is told, once, why no more can be written.
    pub fn broken(&self) -> &Receiver<String> {
        &self.broken
    }

    /// Ends it. What is left to do takes as long as the file does, and gives what is to be told; nothing where nothing was
    /// recorded any more.
    pub fn end(self, scope: &dyn ObservedHandle) -> Option<impl FnOnce() -> String + Send + use<>> {
        let Self { path, .. } = self;
        let recorded = scope.end_recording()?;
        Some(move || end_of(&path, recorded))
    }
}

/// Waits until the file has all of a recording, and says so.
fn end_of(path: &Path, recorded: Recorded) -> String {
    let path = path.display();
    match recorded.finish() {
        Ok(bytes) => format!("recorded {} in {path}", ByteSize(bytes).display().iec_short()),
        Err(error) => format!("{path} could not be written to its end: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_recordings_have_names_of_their_own() {
        assert_eq!(one_of(Path::new("a/run.pollscope"), "2"), Path::new("a/run.2.pollscope"));
        assert_eq!(one_of(Path::new("run"), "par-iter"), Path::new("run.par-iter"));
    }

    #[test]
    fn what_several_keys_begin_in_a_second_has_a_name_each() {
        let svg = |path: &Path| path.with_extension("svg");
        let free =
            |taken: &[&str]| first_free(Path::new("run.pollscope"), svg, |path| taken.iter().any(|it| path == *it));
        assert_eq!(free(&[]), Path::new("run.svg"));
        assert_eq!(free(&["run.svg"]), Path::new("run.2.svg"));
        assert_eq!(free(&["run.svg", "run.2.svg"]), Path::new("run.3.svg"));
    }
}
