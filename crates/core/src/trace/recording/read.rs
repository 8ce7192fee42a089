//! Reads a recording from a file: first where its blocks are, then any of them.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};

use super::{
    Damage, Error, Fault, Head, block, head,
    member::{self, Label},
};
use crate::trace::{clock::Nanos, log::Batch};

/// Blocks of a file that are found: twelve days of one a second, in 42 MB of memory.
const MOST_BLOCKS: usize = 1 << 20;

/// Where a block is, and what its header says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockPlace {
    /// Where it begins, in bytes.
    at: u64,
    label: Label,
}

impl BlockPlace {
    /// The watermark before it: where the block before ends.
    pub fn after(&self) -> Nanos {
        self.label.after
    }

    /// The watermark of its last batch.
    pub fn upto(&self) -> Nanos {
        self.label.upto
    }

    /// How many records and events it holds.
    pub fn items(&self) -> usize {
        self.label.records as usize + self.label.events as usize
    }

    pub(super) fn end(&self) -> u64 {
        self.at + u64::from(self.label.packed)
    }

    /// Bytes of what is inside, as its header says.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn unpacked(&self) -> u32 {
        self.label.unpacked
    }
}

/// A recording whose blocks can be read in any order.
#[derive(Debug)]
pub struct Recording<R = File> {
    source: R,
    head: Head,
    blocks: Vec<BlockPlace>,
    damage: Option<Damage>,
}

impl Recording {
    /// Opens the file and finds its blocks, without unpacking them. Of a damaged file these are the blocks
    /// before the damage; see [`damage`](Self::damage). A pipe has no places: it is a [`Stream`](super::Stream).
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is not a recording, is of a newer version, or damaged in its first member.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::new(File::open(path)?)
    }
}

impl<R: Read + Seek> Recording<R> {
    /// The same from anything that has places.
    ///
    /// # Errors
    ///
    /// As for [`open`](Recording::open).
    pub fn new(source: R) -> Result<Self, Error> {
        Self::with_at_most(source, MOST_BLOCKS)
    }

    /// The same with so many blocks at most.
    pub(super) fn with_at_most(mut source: R, most: usize) -> Result<Self, Error> {
        let end = source.seek(SeekFrom::End(0))?;
        source.seek(SeekFrom::Start(0))?;
        let (head, start) = head::read(&mut source)?;
        let mut recording = Self { source, head, blocks: Vec::new(), damage: None };
        recording.find_blocks((start, end), most)?;
        Ok(recording)
    }

    /// What it says of itself.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Its blocks, in order: each begins where the one before ends.
    pub fn blocks(&self) -> &[BlockPlace] {
        &self.blocks
    }

    /// From where on it cannot be read; none if all of it seems whole. A block whose header is whole is only
    /// looked into when it is read.
    pub fn damage(&self) -> Option<Damage> {
        self.damage
    }

    /// The batches of block `number`, counted from 0.
    ///
    /// # Errors
    ///
    /// If there is no such block, it is damaged, or the file cannot be read.
    pub fn read(&mut self, number: usize) -> Result<Vec<Batch>, Error> {
        let place = *self.blocks.get(number).ok_or(Error::NoSuchBlock(number))?;
        self.batches(&place).map_err(|fault| fault.at(place.at))
    }

    fn batches(&mut self, place: &BlockPlace) -> Result<Vec<Batch>, Fault> {
        self.source.seek(SeekFrom::Start(place.at))?;
        let header = member::read_header(&mut self.source)?;
        if Label::parse(&header)? != place.label {
            return Err(Fault::Corrupt("the file has changed since it was opened"));
        }
        let content = member::read_content(&mut self.source, &place.label, header)?;
        block::read(&place.label, &content).map(|content| content.batches)
    }

    fn find_blocks(&mut self, (start, end): (u64, u64), most: usize) -> Result<(), Error> {
        let mut at = start;
        while at < end {
            if self.blocks.len() == most {
                self.damage = Some(Damage::TooLong { at });
                return Ok(());
            }
            match self.place(at, end) {
                Ok(place) => {
                    at = place.end();
                    self.blocks.push(place);
                }
                Err(fault) => return self.ends_with(fault.at(at)),
            }
        }
        Ok(())
    }

    /// The place of the block that begins at `at`.
    fn place(&mut self, at: u64, end: u64) -> Result<BlockPlace, Fault> {
        self.source.seek(SeekFrom::Start(at))?;
        let header = member::read_header(&mut self.source)?;
        let place = BlockPlace { at, label: Label::parse(&header)? };
        if self.blocks.last().is_some_and(|before| before.upto() != place.after()) {
            return Err(Fault::Corrupt("it does not go on where the block before ends"));
        }
        if place.end() > end { Err(Fault::Truncated) } else { Ok(place) }
    }

    /// Keeps what comes before the damage. If the last block's own header was damaged, the next seemed to be
    /// somewhere else: so that one is looked into.
    fn ends_with(&mut self, error: Error) -> Result<(), Error> {
        let Error::Damaged(damage) = error else { return Err(error) };
        self.damage = Some(damage);
        let Some(last) = self.blocks.last().copied() else { return Ok(()) };
        match self.batches(&last).map_err(|fault| fault.at(last.at)) {
            Ok(_) => {}
            Err(Error::Damaged(damage)) => {
                self.damage = Some(damage);
                self.blocks.pop();
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
