//! The first member: what the file is, and how to read it without this program.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use super::{
    Error, Fault, VERSION,
    member::{self, Label, MAGIC},
};
use crate::trace::record::tag;

const FORMAT: &str = "pollscope-recording";

/// What a recording says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The format's version.
    pub version: u32,
    /// The version of the program that wrote it, as it says: printable ASCII, may be empty.
    pub pollscope: String,
}

#[derive(Deserialize)]
struct Claimed {
    format: String,
    version: u32,
    #[serde(default)]
    pollscope: String,
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

const WRITTEN: Written = Written {
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
pub(super) fn write() -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(&WRITTEN)?;
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
    let Ok(Claimed { format, version, pollscope }) = serde_json::from_slice(line) else { return Err(other) };
    if format != FORMAT {
        return Err(other);
    }
    // It is shown in a terminal, and comes from outside.
    let pollscope = pollscope.chars().filter(char::is_ascii_graphic).take(40).collect();
    if version > VERSION { Err(Error::Newer { version, pollscope }) } else { Ok(Head { version, pollscope }) }
}
