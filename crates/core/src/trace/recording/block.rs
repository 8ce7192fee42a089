//! One block: batches as a line of JSON and their records. It does not know how it is packed, nor where.

use std::{io, ops::Not};

use serde::{Deserialize, Serialize};

use super::{Fault, LAST_INSTANT, MAX_LINE, member::Label};
use crate::trace::{
    clock::Nanos,
    event::{Event, Stamped},
    log::Batch,
    record::{Record, ThreadId},
};

/// Batches in a block, at most: each takes far more memory than bytes in the file.
const MAX_BATCHES: usize = 1 << 16;
/// An event in JSON, in bytes. What is longer is left out and counted as lost.
pub(super) const MAX_EVENT: usize = 4 << 20;
/// What a batch and a run take in the line, at most.
const BATCH_TEXT: usize = 40;
const RUN_TEXT: usize = 24;

/// A batch in the line: its watermark, its runs, and how many of the events are its own.
type BatchLine = (Nanos, Vec<(ThreadId, u32)>, u32);

#[derive(Deserialize)]
struct Line {
    after: Nanos,
    batches: Vec<BatchLine>,
    events: Vec<Stamped>,
    #[serde(default)]
    end: bool,
}

/// The same in the making: its events are JSON already.
#[derive(Serialize)]
struct Beginning<'a> {
    after: Nanos,
    batches: &'a [BatchLine],
    #[serde(skip_serializing_if = "Not::not")]
    end: bool,
}

/// A batch's events as JSON, with commas between them.
#[derive(Debug, Default)]
pub(super) struct EventTexts {
    joined: Vec<u8>,
    ends: Vec<usize>,
}

impl EventTexts {
    /// Writes the events of another batch.
    pub(super) fn write(&mut self, events: &[Stamped]) -> io::Result<()> {
        self.joined.clear();
        self.ends.clear();
        for event in events {
            self.push(event)?;
        }
        Ok(())
    }

    fn push(&mut self, event: &Stamped) -> io::Result<()> {
        if !self.joined.is_empty() {
            self.joined.push(b',');
        }
        let start = self.joined.len();
        serde_json::to_writer(&mut self.joined, event)?;
        if self.joined.len() - start > MAX_EVENT {
            self.joined.truncate(start);
            let lost = Stamped { at: event.at, event: Event::EventsLost { count: 1 } };
            serde_json::to_writer(&mut self.joined, &lost)?;
        }
        self.ends.push(self.joined.len());
        Ok(())
    }

    /// Bytes of all.
    pub(super) fn len(&self) -> usize {
        self.joined.len()
    }

    /// Bytes of each, with the comma before it.
    pub(super) fn lengths(&self) -> Vec<usize> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| end - start).collect()
    }
}

/// A block in the making.
#[derive(Debug, Default)]
pub(super) struct Block {
    after: Nanos,
    upto: Nanos,
    batches: Vec<BatchLine>,
    events: Vec<u8>,
    event_count: u32,
    line_size: usize,
    records: Vec<u8>,
    is_end: bool,
}

impl Block {
    /// One that begins at a watermark.
    pub(super) fn after(after: Nanos) -> Self {
        Self { after, upto: after, ..Self::default() }
    }

    /// Adds a batch, whose events are these texts. A watermark never goes back.
    pub(super) fn add(&mut self, batch: &Batch, texts: &EventTexts) {
        self.upto = batch.upto().min(LAST_INSTANT).max(self.upto);
        if batch.is_empty()
            && let Some((upto, runs, 0)) = self.batches.last_mut()
            && runs.is_empty()
        {
            *upto = self.upto;
            return;
        }
        let runs: Vec<_> = batch.runs().map(|(thread, records)| (thread, records.len() as u32)).collect();
        self.line_size += BATCH_TEXT + runs.len() * RUN_TEXT;
        self.batches.push((self.upto, runs, batch.events().len() as u32));
        self.add_events(batch, texts);
        self.records.extend(batch.records().iter().flat_map(|record| record.to_bytes()));
    }

    fn add_events(&mut self, batch: &Batch, texts: &EventTexts) {
        if !self.events.is_empty() && texts.len() > 0 {
            self.events.push(b',');
        }
        self.events.extend_from_slice(&texts.joined);
        self.event_count += batch.events().len() as u32;
    }

    /// Nothing comes after it: it says so, also where nothing else is in it.
    pub(super) fn end(&mut self) {
        self.batches.push((self.upto, Vec::new(), 0));
        self.is_end = true;
    }

    /// The watermark of its last batch.
    pub(super) fn upto(&self) -> Nanos {
        self.upto
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// The larger of its records and its line, in bytes.
    pub(super) fn size(&self) -> usize {
        self.records.len().max(self.line_size + self.events.len())
    }

    /// Its label, but for the lengths.
    pub(super) fn label(&self) -> Label {
        let records = (self.records.len() / Record::BYTES) as u32;
        Label { after: self.after, upto: self.upto, records, events: self.event_count, ..Label::default() }
    }

    /// Its line and its records.
    pub(super) fn content(&self) -> io::Result<(Vec<u8>, &[u8])> {
        let mut line = serde_json::to_vec(&Beginning { after: self.after, batches: &self.batches, end: self.is_end })?;
        line.pop(); // The brace: there is more.
        line.extend_from_slice(b",\"events\":[");
        line.extend_from_slice(&self.events);
        line.extend_from_slice(b"]}\n");
        Ok((line, &self.records))
    }

    /// Empties it: the next begins where it ends.
    pub(super) fn clear(&mut self) {
        self.after = self.upto;
        self.batches.clear();
        self.events.clear();
        self.event_count = 0;
        self.line_size = 0;
        self.records.clear();
    }
}

/// What is in a block.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) batches: Vec<Batch>,
    /// Nothing comes after it.
    pub(super) is_end: bool,
}

/// What is in a block that is labelled so.
pub(super) fn read(label: &Label, content: &[u8]) -> Result<Content, Fault> {
    let Some(end) = content.iter().take(MAX_LINE).position(|byte| *byte == b'\n') else {
        return Err(Fault::Corrupt("its line does not end"));
    };
    let line: Line = serde_json::from_slice(&content[..end]).map_err(|_| Fault::Corrupt("its line cannot be read"))?;
    let (records, rest) = content[end + 1..].as_chunks();
    if !rest.is_empty() {
        return Err(Fault::Corrupt("a record is not whole"));
    }
    check(label, &line, records.len())?;
    let records: Vec<_> = records.iter().map(|bytes| Record::from_bytes(*bytes)).collect();
    let mut unread = Unread { records: &records, events: line.events.into_iter() };
    let batches = line.batches.iter().map(|batch| unread.batch(batch)).collect::<Option<_>>();
    let batches = batches.filter(|_| unread.is_empty()).ok_or(Fault::Corrupt("its counts are wrong"))?;
    Ok(Content { batches, is_end: line.end })
}

/// The line agrees with the label, and its instants are possible.
fn check(label: &Label, line: &Line, records: usize) -> Result<(), Fault> {
    let upto = line.batches.last().map(|(upto, ..)| *upto);
    if (line.after, upto) != (label.after, Some(label.upto))
        || (records, line.events.len()) != (label.records as usize, label.events as usize)
    {
        return Err(Fault::Corrupt("its header says something else than its line"));
    }
    if line.batches.len() > MAX_BATCHES {
        return Err(Fault::Corrupt("it has too many batches"));
    }
    let forwards = line.batches.is_sorted_by_key(|(upto, ..)| *upto);
    let not_before = line.batches.first().is_some_and(|(upto, ..)| line.after <= *upto);
    if !forwards || !not_before || line.events.iter().any(|event| event.at > LAST_INSTANT) {
        return Err(Fault::Corrupt("its instants are wrong"));
    }
    Ok(())
}

/// What no batch has taken yet.
struct Unread<'a> {
    records: &'a [Record],
    events: std::vec::IntoIter<Stamped>,
}

impl Unread<'_> {
    /// The next batch; none if it says more than there is.
    fn batch(&mut self, (upto, runs, events): &BatchLine) -> Option<Batch> {
        let records =
            runs.iter().fold(0_usize, |sum, (_, count)| sum.saturating_add(*count as usize)).min(self.records.len());
        let mut batch = Batch::with_room(runs.len(), records, (*events as usize).min(self.events.len()));
        for (thread, count) in runs {
            let (run, rest) = self.records.split_at_checked(*count as usize)?;
            batch.extend_apart(*thread, run);
            self.records = rest;
        }
        for _ in 0..*events {
            batch.push(self.events.next()?);
        }
        batch.close(*upto);
        Some(batch)
    }

    fn is_empty(&self) -> bool {
        self.records.is_empty() && self.events.as_slice().is_empty()
    }
}
