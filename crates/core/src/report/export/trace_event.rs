//! The Trace Event Format, as Perfetto and `chrome://tracing` read it: one event a line, written at once.
//!
//! Times are microseconds with three decimals, made from whole nanoseconds: a fraction would lose them after
//! a hundred days. Names are data from outside; `serde_json` escapes them. It knows the format, and nothing
//! of tasks.

use std::{
    fmt,
    io::{self, Write},
};

use serde_json::Value;

use crate::trace::clock::Nanos;

/// A track: the numbers that the format calls process and thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TrackId {
    pub(super) pid: u32,
    pub(super) tid: u32,
}

/// An end of an arrow.
#[derive(Clone, Copy, Debug)]
pub(super) enum FlowEnd {
    /// From the slice that is there.
    From,
    /// To the slice that begins there.
    To,
}

/// Writes events, one after the other.
pub(super) struct TraceEvents<W> {
    out: W,
    any: bool,
}

impl<W: Write> TraceEvents<W> {
    pub(super) fn begin(mut out: W) -> io::Result<Self> {
        out.write_all(b"{\"displayTimeUnit\":\"ns\",\"traceEvents\":[")?;
        Ok(Self { out, any: false })
    }

    /// Ends the list; without that the file is no JSON.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.out.write_all(b"\n]}\n")?;
        self.out.flush()
    }

    fn next(&mut self) -> io::Result<&mut W> {
        self.out.write_all(if self.any { b",\n" } else { b"\n" })?;
        self.any = true;
        Ok(&mut self.out)
    }

    /// A slice of a track.
    pub(super) fn slice(
        &mut self,
        track: TrackId,
        (start, end): (Nanos, Nanos),
        name: &str,
        args: &Value,
    ) -> io::Result<()> {
        let (at, took) = (Micros(start), Micros(end.saturating_sub(start)));
        let out = self.next()?;
        write!(out, r#"{{"ph":"X",{track},"ts":{at},"dur":{took},"name":{},"args":{args}}}"#, Quoted(name))
    }

    /// One end of an arrow; its two ends have the same number.
    pub(super) fn flow(&mut self, track: TrackId, at: Nanos, end: FlowEnd, id: u64) -> io::Result<()> {
        let phase = match end {
            FlowEnd::From => r#""ph":"s""#,
            FlowEnd::To => r#""ph":"f","bp":"e""#,
        };
        let at = Micros(at);
        write!(self.next()?, r#"{{{phase},{track},"ts":{at},"id":{id},"cat":"wake","name":"wake"}}"#)
    }

    /// The value of a counter, of so many what, from then on.
    pub(super) fn counter(
        &mut self,
        pid: u32,
        at: Nanos,
        (name, unit): (&str, &str),
        value: impl fmt::Display,
    ) -> io::Result<()> {
        let at = Micros(at);
        write!(
            self.next()?,
            r#"{{"ph":"C","pid":{pid},"ts":{at},"name":{},"args":{{"{unit}":{value}}}}}"#,
            Quoted(name)
        )
    }

    /// Something that concerns the whole process, at one instant.
    pub(super) fn instant(&mut self, pid: u32, at: Nanos, name: &str, args: &Value) -> io::Result<()> {
        let at = Micros(at);
        write!(self.next()?, r#"{{"ph":"i","s":"p","pid":{pid},"ts":{at},"name":{},"args":{args}}}"#, Quoted(name))
    }

    /// What a process is called, and its place among the others.
    pub(super) fn process(&mut self, pid: u32, name: &str) -> io::Result<()> {
        let quoted = Quoted(name);
        write!(self.next()?, r#"{{"ph":"M","pid":{pid},"name":"process_name","args":{{"name":{quoted}}}}}"#)?;
        write!(self.next()?, r#"{{"ph":"M","pid":{pid},"name":"process_sort_index","args":{{"sort_index":{pid}}}}}"#)
    }

    /// What a track is called, and its place among the others.
    pub(super) fn track(&mut self, track: TrackId, name: &str, place: u32) -> io::Result<()> {
        let quoted = Quoted(name);
        write!(self.next()?, r#"{{"ph":"M",{track},"name":"thread_name","args":{{"name":{quoted}}}}}"#)?;
        write!(self.next()?, r#"{{"ph":"M",{track},"name":"thread_sort_index","args":{{"sort_index":{place}}}}}"#)
    }
}

impl fmt::Display for TrackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#""pid":{},"tid":{}"#, self.pid, self.tid)
    }
}

/// A time in the format's unit.
struct Micros(Nanos);

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1_000, self.0 % 1_000)
    }
}

/// Milliseconds with all their decimals, as a counter's value.
pub(super) struct Millis(pub(super) Nanos);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

/// A string with its quotes.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self.0).map_err(|_| fmt::Error)?)
    }
}
