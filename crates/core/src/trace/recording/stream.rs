//! Reads a recording from a pipe: one block after the other, without places.

use std::io::Read;

use super::{
    Error, Fault, Head,
    block::{self, Content},
    head,
    member::{self, Label},
};
use crate::trace::{clock::Nanos, log::Batch};

/// The blocks of a recording as they come, each as its batches. After an error there is nothing more.
#[derive(Debug)]
pub struct Stream<R> {
    source: R,
    head: Head,
    /// Where the next block begins, in bytes.
    at: u64,
    /// Where the block before ends.
    upto: Option<Nanos>,
    over: bool,
    has_ended: bool,
}

impl<R: Read> Stream<R> {
    /// Reads the beginning. Buffers nothing: of `source`, large pieces are asked for.
    ///
    /// # Errors
    ///
    /// If the source cannot be read, is not a recording, is of a newer version, or damaged in its first member.
    pub fn new(mut source: R) -> Result<Self, Error> {
        let (head, at) = head::read(&mut source)?;
        Ok(Self { source, head, at, upto: None, over: false, has_ended: false })
    }

    /// What it says of itself.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Whether its end was read: then nothing is missing, but what it says is lost. A file has none.
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    fn block(&mut self) -> Result<Option<Vec<Batch>>, Fault> {
        let header = member::read_header(&mut self.source)?;
        if header.is_empty() {
            return Ok(None);
        }
        let label = Label::parse(&header)?;
        if self.upto.is_some_and(|upto| upto != label.after) {
            return Err(Fault::Corrupt("it does not go on where the block before ends"));
        }
        let content = member::read_content(&mut self.source, &label, header)?;
        let Content { batches, is_end } = block::read(&label, &content)?;
        if self.has_ended {
            return Err(Fault::Corrupt("it goes on after its end"));
        }
        self.has_ended = is_end;
        self.upto = Some(label.upto);
        self.at += u64::from(label.packed);
        Ok(Some(batches))
    }
}

impl<R: Read> Iterator for Stream<R> {
    type Item = Result<Vec<Batch>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let block = self.block().map_err(|fault| fault.at(self.at)).transpose();
        self.over = !matches!(block, Some(Ok(_)));
        block
    }
}
