//! The first member: what the file is, and how to read it without this program.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use super::{
    Error, Fault, VERSION,
    member::{self, Label, MAGIC},
};
use crate::trace::{
    clock::{Clock, Nanos},
    record::tag,
};

const FORMAT: &str = "pollscope-recording";
/// Letters of a program's name that are kept.
const MOST_LETTERS: usize = 60;

/// What a recording says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The format's version.
    pub version: u32,
    /// The version of the program that wrote it, as it says: printable ASCII, may be empty.
    pub pollscope: String,
    /// The program that it is of, as far as it says.
    pub origin: Origin,
}

/// Which program a recording is of: fields of the first member that older readers ignore and older files lack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// Its name, untrusted; may be empty. In a head that was read: at most 60 letters, none of which is a control.
    pub program: String,
    /// Its process.
    pub pid: Option<u32>,
    /// The time of day at the clock's zero, in nanoseconds since 1970.
    pub unix_zero: Option<Nanos>,
    /// Of a program that serves its trace: the instant to which it had gone when this stream of it began.
    pub now: Option<Nanos>,
}

/// Returns the name of the program's file, without folder and ending; empty where the system does not say.
///
/// ```
/// let name = pollscope::scope::program_name();
/// assert!(!name.contains('/'), "{name} is a file's name, without its folder");
/// ```
pub fn program_name() -> String {
    let file = std::env::current_exe().ok();
    file.and_then(|file| Some(file.file_stem()?.to_string_lossy().into_owned())).unwrap_or_default()
}

impl Origin {
    /// This process, whose clock this is.
    pub fn of_this_process(program: String, clock: &Clock) -> Self {
        Self { program, pid: Some(std::process::id()), unix_zero: Some(clock.unix_zero()), now: None }
    }

    /// As it may be shown and reckoned with: it comes from outside.
    fn cleaned(self) -> Self {
        let program = self.program.chars().filter(|it| !it.is_control()).take(MOST_LETTERS).collect();
        let possible = |at: &Nanos| *at <= Nanos::MAX / 4;
        Self { program, unix_zero: self.unix_zero.filter(possible), now: self.now.filter(possible), ..self }
    }
}

#[derive(Deserialize)]
struct Claimed {
    format: String,
    version: u32,
    #[serde(default)]
    pollscope: String,
    #[serde(flatten)]
    origin: Origin,
}

#[derive(Serialize)]
struct WithOrigin<'a> {
    #[serde(flatten)]
    written: &'static Written,
    #[serde(flatten)]
    origin: &'a Origin,
}

#[derive(Serialize)]
struct Written {
    format: &'static str,
    version: u32,
    pollscope: &'static str,
    block: &'static str,
    record: RecordWords,
}

/// How to read 16 bytes.
#[derive(Serialize)]
struct RecordWords {
    layout: &'static str,
    fields: [&'static str; 3],
    at: &'static str,
    tag: &'static str,
    kind: &'static str,
    detail: &'static str,
    nested: &'static str,
    span: &'static str,
    kinds: &'static [tag::Kind],
}

static WRITTEN: Written = Written {
    format: FORMAT,
    version: VERSION,
    pollscope: env!("CARGO_PKG_VERSION"),
    block: "a line of JSON: after (the watermark before), batches as [upto, [[thread, records], ...], events], \
            events; then the records of all batches",
    record: RecordWords {
        layout: "<QII",
        fields: ["at_tag", "a", "b"],
        at: "at_tag >> 8: nanoseconds since the clock's zero",
        tag: "at_tag & 255",
        kind: "tag & 15",
        detail: "tag >> 4 & 7",
        nested: "tag >> 7: inside another span of the thread",
        span: "nanoseconds before at: (x & 0x7ffffff) << (x >> 27)",
        kinds: tag::KINDS,
    },
};

/// The first member.
pub(super) fn write(origin: &Origin) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(&WithOrigin { written: &WRITTEN, origin })?;
    line.push(b'\n');
    member::pack(Label::default(), &[&line])
}

/// Reads the first member; gives its length too, which is where the blocks begin.
pub(super) fn read(source: &mut impl Read) -> Result<(Head, u64), Error> {
    let header = member::read_header(source)?;
    if header.is_empty() {
        return Err(Error::NotARecording("the file is empty"));
    }
    if !header.starts_with(&MAGIC[..header.len().min(MAGIC.len())]) {
        return Err(Error::NotARecording("it is not packed with gzip"));
    }
    let label = match Label::parse(&header) {
        Ok(label) => label,
        Err(Fault::Corrupt(_)) => return Err(Error::NotARecording("it is packed with gzip, but by another program")),
        Err(fault) => return Err(fault.at(0)),
    };
    let line = member::read_content(source, &label, header).map_err(|fault| fault.at(0))?;
    Ok((parse(&line)?, u64::from(label.packed)))
}

fn parse(line: &[u8]) -> Result<Head, Error> {
    let other = Error::NotARecording("what it says of itself is something else");
    let Ok(Claimed { format, version, pollscope, origin }) = serde_json::from_slice(line) else { return Err(other) };
    if format != FORMAT {
        return Err(other);
    }
    // It is shown in a terminal, and comes from outside.
    let pollscope = pollscope.chars().filter(char::is_ascii_graphic).take(40).collect();
    if version > VERSION {
        return Err(Error::Newer { version, pollscope });
    }
    Ok(Head { version, pollscope, origin: origin.cleaned() })
}
