//! Writes a recording, block by block. It does not know when: whoever has a clock says when a block is due.

use std::io::{self, Write};

use super::{
    block::{Block, EventTexts, MAX_EVENT},
    head::{self, Origin},
    member,
};
use crate::trace::{
    clock::Nanos,
    log::{Batch, Item},
    record::Record,
};

/// From so many bytes on, a block is written.
const ENOUGH: usize = 1 << 20;
/// A batch of more bytes is written in parts, as if it had been drained so.
const LARGE: usize = 2 * MAX_EVENT;

/// Writes a recording.
///
/// Batches come in order. What is in no block yet is lost with the process, so call [`flush_block`] about once a
/// second and [`finish`] at the end.
///
/// [`flush_block`]: Self::flush_block
/// [`finish`]: Self::finish
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    block: Block,
    texts: EventTexts,
}

impl<W: Write> Writer<W> {
    /// Begins a recording of a program that is not named.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written.
    pub fn new(out: W) -> io::Result<Self> {
        Self::of(&Origin::default(), out)
    }

    /// Begins a recording of this program.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written.
    pub fn of(origin: &Origin, mut out: W) -> io::Result<Self> {
        out.write_all(&head::write(origin)?)?;
        out.flush()?;
        Ok(Self::go_on(out, 0))
    }

    /// Goes on with a recording whose beginning, and whose blocks up to this watermark, are written elsewhere.
    pub fn go_on(out: W, after: Nanos) -> Self {
        Self { out, block: Block::after(after), texts: EventTexts::default() }
    }

    /// Adds the next batch, and writes a block if that is enough for one. An event of more than 4 MiB as JSON
    /// is left out, and counted as lost.
    ///
    /// # Errors
    ///
    /// If a block cannot be written. The recording then ends before it: do not go on.
    pub fn batch(&mut self, batch: &Batch) -> io::Result<()> {
        self.texts.write(batch.events())?;
        if batch.records().len() * Record::BYTES + self.texts.len() <= LARGE {
            return self.add(batch);
        }
        for part in self.parts(batch) {
            self.texts.write(part.events())?;
            self.add(&part)?;
        }
        Ok(())
    }

    fn parts(&self, batch: &Batch) -> Vec<Batch> {
        let mut lengths = self.texts.lengths().into_iter();
        batch.split(self.block.upto(), LARGE - MAX_EVENT, |item| match item {
            Item::Record(..) => Record::BYTES,
            Item::Event(_) => lengths.next().unwrap_or(0),
        })
    }

    fn add(&mut self, batch: &Batch) -> io::Result<()> {
        self.block.add(batch, &self.texts);
        if self.block.size() >= ENOUGH { self.flush_block() } else { Ok(()) }
    }

    /// Writes what it has as a block and flushes `out`: so much survives if the process is killed.
    ///
    /// # Errors
    ///
    /// If the block cannot be written. The recording then ends before it: do not go on.
    pub fn flush_block(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        let (line, records) = self.block.content()?;
        let member = member::pack(self.block.label(), &[&line, records])?;
        self.out.write_all(&member)?;
        self.block.clear();
        self.out.flush()
    }

    /// Writes the last block and the end mark, and gives `out` back: whoever reads a stream knows by it that nothing is
    /// missing.
    ///
    /// # Errors
    ///
    /// If they cannot be written.
    pub fn end(mut self) -> io::Result<W> {
        self.flush_block()?;
        self.block.end();
        self.finish()
    }

    /// Writes the last block and gives `out` back.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush_block()?;
        Ok(self.out)
    }
}
