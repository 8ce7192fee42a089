//! The recording: a log in a file, to be looked at later or by another program.
//!
//! It knows how batches become bytes and back. It does not know what they mean, nor who records or looks.
//!
//! # The format, version 3
//!
//! The file is a sequence of gzip members, so `gunzip` unpacks all of it. The first is one line of JSON that
//! says what the file is, and how to read a record. Every other is a *block*: one line of JSON
//!
//! ```json
//! {"after":0,"batches":[[80,[[1,3],[2,3]],1]],"events":[{"at":20,"event":"told_anew"}]}
//! ```
//!
//! and then the records of its batches, 16 bytes each. `after` is the watermark before the block. A batch is its
//! watermark, its runs (a thread and how many records), and how many of the events are its own. Instants are
//! nanoseconds since the clock's zero. This reads it:
//!
//! ```python
//! import gzip, json, struct, sys
//! f = gzip.open(sys.argv[1])
//! head = json.loads(f.readline())
//! while line := f.readline():
//!     block = json.loads(line)
//!     for upto, runs, events in block["batches"]:
//!         for thread, count in runs:
//!             for at_tag, a, b in struct.iter_unpack("<QII", f.read(16 * count)):
//!                 at, tag = at_tag >> 8, at_tag & 255
//! ```
//!
//! In version 1 no poll tells of a wake besides. In versions 1 and 2 the events of the pipeline and of the lessons have names
//! of their own (`round`, `round_done`, `row`, `client`, `lesson`) where version 3 has `scenario`.
//!
//! A member's header has an extra field `PS` of 32 bytes, little endian: the length of the member (u32) and of
//! what it unpacks to (u32), the watermark before it (u64) and its last (u64), how many records (u32) and events
//! (u32). So a reader finds every block without unpacking one. The first member's numbers after its lengths are
//! 0. The first member may also name the `program`, its `pid`, the time of day at the clock's zero (`unix_zero`, in
//! nanoseconds since 1970) and, of a program that serves its trace, the instant at which the stream began (`now`); each
//! may be null or not there. A program's stream that was sent to its end has a last block without records, whose
//! line says `"end":true`; without it, what the program did last is missing. Whatever a later version changes, its
//! first member stays as it is here, up to the `version` in its JSON.
//!
//! # What a file may do to its reader
//!
//! Nothing but waste its time: a file from outside is read within fixed bounds. A member takes at most 32 MiB
//! unpacked, its line at most 16 MiB of them, and nothing is reserved because the file says so. What a header
//! says is held against what is in its block. Of a file that is damaged or ends early, everything before is read.

mod block;
mod file_log;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod head;
mod member;
mod read;
mod stream;
mod write;

#[cfg(test)]
mod tests;

use std::{fmt, io};

pub use self::{
    file_log::FileLog,
    head::{Head, Origin, program_name},
    read::{BlockPlace, Recording},
    stream::Stream,
    write::Writer,
};
use super::record::LAST_INSTANT;

/// The version that is written, and the latest that is read. Since 2 a poll's record can tell of a wake; since 3 the events of
/// scenarios stand under the name `scenario`, where earlier versions had names of their own for them.
const VERSION: u32 = 3;

/// A member unpacked, in bytes: more than the writer makes of the largest batch.
const MAX_CONTENT: usize = 32 << 20;
/// A block's line, in bytes: what it is read into takes up to ten times as much.
const MAX_LINE: usize = 16 << 20;

/// From where on a recording cannot be read. Everything before can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It ends too early: the run was killed, or the file is still being written or copied.
    Truncated {
        /// Where the block begins, in bytes.
        at: u64,
    },
    /// It is not what was written.
    Corrupt {
        /// Where the block begins, in bytes.
        at: u64,
        /// What is wrong there.
        what: &'static str,
    },
    /// It has more blocks than are kept in mind.
    TooLong {
        /// Where the first of the others begins, in bytes.
        at: u64,
    },
}

/// Why a file cannot be read as a recording.
#[derive(Debug)]
pub enum Error {
    /// It is something else.
    NotARecording(&'static str),
    /// It is of a version that did not exist when this program was built.
    Newer {
        /// The format's version.
        version: u32,
        /// The version of the program that wrote it, as it says; may be empty.
        pollscope: String,
    },
    /// It is damaged here.
    Damaged(Damage),
    /// It has fewer blocks.
    NoSuchBlock(usize),
    /// The system did not let it be read.
    Io(io::Error),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { at } => write!(
                f,
                "the recording ends inside the block at byte {at}: the run was killed, or the file is not whole"
            )?,
            Self::Corrupt { at, what } => write!(f, "the recording is damaged from byte {at} on: {what}")?,
            Self::TooLong { at } => {
                return write!(
                    f,
                    "the recording has more blocks than are kept in mind: what comes before byte {at} can be read, and all \
                     of it through a pipe ('pollscope replay - < FILE')"
                );
            }
        }
        f.write_str("; what comes before can be read (or copy the file again)")
    }
}

impl std::error::Error for Damage {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotARecording(what) => {
                write!(f, "this is not a recording: {what}; give a file that pollscope recorded")
            }
            Self::Newer { version, pollscope } => write!(
                f,
                "the recording is in version {version} of the format, written by a newer pollscope{}: \
                 update pollscope (this one reads up to version {VERSION})",
                named(pollscope)
            ),
            Self::Damaged(damage) => damage.fmt(f),
            Self::NoSuchBlock(number) => {
                write!(f, "the recording has no block {number}: its blocks are counted from 0")
            }
            Self::Io(error) => write!(
                f,
                "cannot read the recording ({error}): check that the file exists, that you may read it and that it \
                 is a file"
            ),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<Damage> for Error {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn named(pollscope: &str) -> String {
    if pollscope.is_empty() { String::new() } else { format!(" ({pollscope})") }
}

/// What is wrong with a member, for whoever knows where it is.
#[derive(Debug)]
enum Fault {
    Truncated,
    Corrupt(&'static str),
    Io(io::Error),
}

impl Fault {
    /// The same of the member that begins at byte `at`.
    fn at(self, at: u64) -> Error {
        match self {
            Self::Truncated => Damage::Truncated { at }.into(),
            Self::Corrupt(what) => Damage::Corrupt { at, what }.into(),
            Self::Io(error) => error.into(),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
