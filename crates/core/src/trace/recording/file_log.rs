//! A recording as a log: its blocks are read when somebody looks there, and a few of them are kept.

use std::{
    cell::RefCell,
    collections::VecDeque,
    fs::File,
    io::{Read, Seek},
    ops::ControlFlow,
    rc::Rc,
};

use super::{Error, Recording};
use crate::trace::{
    clock::Nanos,
    log::{Batch, Store},
};

/// A recording whose blocks are read as they are needed, within a number of bytes.
#[derive(Debug)]
pub struct FileLog<R = File> {
    inner: RefCell<Inner<R>>,
    limit: usize,
}

#[derive(Debug)]
struct Inner<R> {
    recording: Recording<R>,
    /// The blocks that were read last: number, batches, bytes.
    kept: VecDeque<(usize, Rc<Vec<Batch>>, usize)>,
    bytes: usize,
    /// A block that could not be read: it and those after it are not there.
    damage: Option<Error>,
    usable: usize,
}

impl<R: Read + Seek> FileLog<R> {
    /// The recording's blocks, of which at most `limit` bytes are kept in memory, but always the last that was read.
    pub fn new(recording: Recording<R>, limit: usize) -> Self {
        let usable = recording.blocks().len();
        let damage = recording.damage().map(Error::Damaged);
        let inner = Inner { recording, kept: VecDeque::new(), bytes: 0, damage, usable };
        Self { inner: RefCell::new(inner), limit }
    }

    /// How many blocks there are; of a damaged recording those before the damage.
    pub fn blocks(&self) -> usize {
        self.inner.borrow().usable
    }

    /// The batches of a block; none where it cannot be read.
    pub fn block(&self, number: usize) -> Option<Rc<Vec<Batch>>> {
        self.inner.borrow_mut().block(number, self.limit)
    }

    /// Why the recording is not whole, as far as that is known by now.
    pub fn damage(&self) -> Option<String> {
        self.inner.borrow().damage.as_ref().map(ToString::to_string)
    }

    /// The first block that ends after an instant.
    fn first_after(&self, instant: Nanos) -> usize {
        self.inner.borrow().recording.blocks().partition_point(|block| block.upto() <= instant)
    }
}

impl<R: Read + Seek> Inner<R> {
    fn block(&mut self, number: usize, limit: usize) -> Option<Rc<Vec<Batch>>> {
        if let Some(at) = self.kept.iter().position(|(kept, ..)| *kept == number) {
            let found = self.kept.remove(at)?;
            let batches = Rc::clone(&found.1);
            self.kept.push_back(found);
            return Some(batches);
        }
        if number >= self.usable {
            return None;
        }
        match self.recording.read(number) {
            Ok(batches) => Some(self.keep(number, batches, limit)),
            Err(error) => {
                self.usable = number;
                self.damage = Some(error);
                None
            }
        }
    }

    /// Lets blocks go that were not read lately, until the others, and where all of them are, take at most so many bytes.
    fn make_room(&mut self, most: usize) {
        let most = most.saturating_sub(size_of_val(self.recording.blocks()));
        while self.bytes > most
            && let Some((_, _, old)) = self.kept.pop_front()
        {
            self.bytes -= old;
        }
    }

    fn keep(&mut self, number: usize, batches: Vec<Batch>, limit: usize) -> Rc<Vec<Batch>> {
        let bytes = batches.iter().map(Batch::bytes).sum::<usize>();
        self.make_room(limit.saturating_sub(bytes));
        let batches = Rc::new(batches);
        self.bytes += bytes;
        self.kept.push_back((number, Rc::clone(&batches), bytes));
        batches
    }
}

impl<R: Read + Seek> Store for FileLog<R> {
    /// What falls out is in the file: more blocks in memory serve less than shorter ways from a state.
    const FOR_CHECKPOINTS: usize = 2;

    fn after(&self, watermark: Nanos, act: &mut dyn FnMut(&Batch) -> ControlFlow<()>) {
        for number in self.first_after(watermark)..self.blocks() {
            let Some(batches) = self.block(number) else { return };
            let first = batches.partition_point(|batch| batch.upto() <= watermark);
            if batches[first..].iter().try_for_each(&mut *act).is_break() {
                return;
            }
        }
    }

    fn back_from(&self, instant: Nanos, act: &mut dyn FnMut(&Batch) -> ControlFlow<()>) {
        let last = self.first_after(instant).min(self.blocks().saturating_sub(1));
        for number in (0..=last).rev() {
            let Some(batches) = self.block(number) else { continue };
            let whole = batches.partition_point(|batch| batch.upto() <= instant);
            let shown = &batches[..(whole + 1).min(batches.len())];
            if shown.iter().rev().try_for_each(&mut *act).is_break() {
                return;
            }
        }
    }

    /// A block that is wanted whole is not unpacked: its header says how much it holds.
    fn count(&self, from: Nanos, to: Nanos, most: usize) -> usize {
        let mut count = 0;
        for number in self.first_after(from)..self.blocks() {
            let place = self.inner.borrow().recording.blocks()[number];
            if place.after() > from && place.upto() < to {
                count += place.items();
            } else {
                let Some(batches) = self.block(number) else { return count };
                let first = batches.partition_point(|batch| batch.upto() <= from);
                let reaches = batches.partition_point(|batch| batch.upto() < to);
                let last = (reaches + 1).min(batches.len());
                count += batches[first..last.max(first)].iter().map(Batch::len).sum::<usize>();
            }
            if place.upto() >= to || count > most {
                break;
            }
        }
        count
    }

    fn forgotten(&self) -> Option<Nanos> {
        None
    }

    fn limit(&self) -> usize {
        self.limit
    }

    fn keep_within(&mut self, limit: usize) {
        self.limit = limit;
        self.inner.get_mut().make_room(limit);
    }
}
