//! What holds of the reader of recordings, whatever the bytes are: for the fuzzer and for tests.
//!
//! It looks at the two ways to read a file, and at the writer; it does not know who makes the bytes.

#![expect(clippy::unwrap_used, reason = "a property that does not hold panics")]

use std::io::Cursor;

use serde_json::Value;

use super::{Error, Origin, Recording, Stream, Writer, head, member};
use crate::trace::{
    event::{Stamped, samples},
    log::Batch,
    record::Record,
    recording::member::Label,
};

/// What a batch takes in memory for each byte of the block that it was in, at most; and what each block takes besides.
const BYTES_A_BYTE: usize = 16;
const BYTES_A_BLOCK: usize = 1 << 12;
/// Bytes that an instruction of [`made`] takes.
const STEP: usize = 20;

/// A batch as text: its watermark and its items in order.
pub(super) fn words(batch: &Batch) -> Vec<String> {
    let items = batch.replay().map(|item| format!("{item:?}"));
    std::iter::once(format!("upto {}", batch.upto())).chain(items).collect()
}

pub(super) fn all_words<'a>(batches: impl IntoIterator<Item = &'a Batch>) -> Vec<Vec<String>> {
    batches.into_iter().map(words).collect()
}

pub(super) fn opened(file: &[u8]) -> Result<Recording<Cursor<&[u8]>>, Error> {
    Recording::new(Cursor::new(file))
}

/// What a file gives before it is at its end or damaged, the same in both ways, and whether they said so.
pub(super) fn survivors(file: &[u8]) -> (Vec<Batch>, bool) {
    let mut complained = false;
    let mut from_pipe = Vec::new();
    for block in Stream::new(file).into_iter().flatten() {
        match block {
            Ok(batches) => from_pipe.extend(batches),
            Err(error) => {
                assert!(matches!(error, Error::Damaged(_)));
                complained = true;
            }
        }
    }
    let Ok(mut recording) = opened(file) else {
        assert!(from_pipe.is_empty());
        return (from_pipe, true);
    };
    let mut from_file = Vec::new();
    let mut unread = false;
    for number in 0..recording.blocks().len() {
        match recording.read(number) {
            Ok(batches) if !unread => from_file.extend(batches),
            Ok(_) => {}
            Err(_) => unread = true,
        }
    }
    assert_eq!(all_words(&from_file), all_words(&from_pipe));
    assert_eq!(complained, unread || recording.damage().is_some());
    (from_pipe, complained)
}

/// Reads bytes as a file: no panic, the same from a file and from a pipe, batches that follow each other, no more memory
/// than the blocks are long, and what was read is the same after it was written and read again.
pub fn read(file: &[u8]) -> Vec<Batch> {
    let (batches, _) = survivors(file);
    assert!(batches.is_sorted_by_key(Batch::upto), "a watermark goes back");
    let unpacked: usize = opened(file).iter().flat_map(Recording::blocks).map(|place| place.unpacked() as usize).sum();
    let blocks = opened(file).map_or(0, |recording| recording.blocks().len());
    let bytes: usize = batches.iter().map(Batch::bytes).sum();
    assert!(
        bytes <= BYTES_A_BYTE * unpacked + BYTES_A_BLOCK * blocks,
        "{bytes} bytes of {unpacked} in {blocks} blocks"
    );
    let items = |batches: &[Batch]| -> Vec<_> {
        batches.iter().map(words).flat_map(|words| words.into_iter().skip(1)).collect()
    };
    assert_eq!(items(&come_back(&batches)), items(&batches));
    batches
}

/// Reads bytes as the inside of a block, whose header and checksum are right: what a damaged file does not get to.
pub fn read_inside(content: &[u8]) -> Vec<Batch> {
    read(&file_of(content))
}

/// A file of one block with this inside.
pub(super) fn file_of(content: &[u8]) -> Vec<u8> {
    [head::write(&Origin::default()).unwrap(), member::pack(label_of(content), &[content]).unwrap()].concat()
}

/// What a header would say that agrees with the inside as far as it can be read.
fn label_of(content: &[u8]) -> Label {
    let end = content.iter().position(|byte| *byte == b'\n').unwrap_or(content.len());
    let line: Value = serde_json::from_slice(&content[..end]).unwrap_or_default();
    let records = (content.len() - end).saturating_sub(1) / Record::BYTES;
    let events = line["events"].as_array().map_or(0, Vec::len);
    let upto = line["batches"].as_array().and_then(|batches| batches.last()).map(|last| &last[0]);
    let upto = upto.and_then(Value::as_u64).unwrap_or_default();
    let after = line["after"].as_u64().unwrap_or_default();
    Label { after, upto, records: records as u32, events: events as u32, ..Label::default() }
}

/// What the batches are after they were written and read again.
fn come_back(batches: &[Batch]) -> Vec<Batch> {
    survivors(&recorded(batches, usize::MAX)).0
}

/// A recording of the batches, with so many in a block.
pub(super) fn recorded(batches: &[Batch], in_a_block: usize) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).unwrap();
    for block in batches.chunks(in_a_block) {
        for batch in block {
            writer.batch(batch).unwrap();
        }
        writer.flush_block().unwrap();
    }
    writer.finish().unwrap()
}

/// Takes bytes as instructions for a collector, writes what it would have drained, and reads it: it is the same. Cut
/// anywhere, it is a beginning of that.
pub fn written(instructions: &[u8]) -> Vec<Batch> {
    let batches = made(instructions);
    let (in_a_block, cut) = instructions.first().map_or((1, 0), |byte| (usize::from(byte >> 4) + 1, *byte & 15));
    let file = recorded(&batches, in_a_block);
    let (whole, complained) = survivors(&file);
    assert!(!complained);
    assert_eq!(all_words(&whole), all_words(&batches));
    let (kept, _) = survivors(&file[..file.len() * usize::from(cut) / 16]);
    assert_eq!(all_words(&kept), all_words(&batches[..kept.len()]));
    batches
}

/// Batches that are not empty, in order: each [`STEP`] bytes add a record, an event, or close a batch.
pub(super) fn made(instructions: &[u8]) -> Vec<Batch> {
    let samples = samples::every();
    let (mut batches, mut batch, mut now) = (Vec::new(), Batch::default(), 0);
    for step in instructions.as_chunks::<STEP>().0 {
        let [what, which, low, high, record @ ..] = *step;
        now += u64::from(u16::from_le_bytes([low, high])) << (what >> 4);
        match what & 7 {
            0..5 => batch.extend(u32::from(which & 3), &[at(now, record)]),
            5 | 6 => batch.push(Stamped { at: now, event: samples[usize::from(which) % samples.len()].clone() }),
            _ if batch.is_empty() => {}
            _ => {
                batch.close(now);
                batches.push(std::mem::take(&mut batch));
            }
        }
    }
    batches
}

/// A record of any kind, also of none that is known, at an instant.
fn at(now: u64, bytes: [u8; Record::BYTES]) -> Record {
    let any = u128::from_le_bytes(bytes);
    let at_tag = now << 8 | any as u64 & 0xff;
    Record::from_bytes((any >> 64 << 64 | u128::from(at_tag)).to_le_bytes())
}
