//! One member of the file: a gzip stream whose header has a label. It does not know what is inside.

use std::io::{self, Read, Write};

use flate2::{Compression, GzBuilder, bufread::GzDecoder};

use super::{Fault, LAST_INSTANT, MAX_CONTENT};
use crate::trace::{clock::Nanos, record::Record};

/// The header's length: 10 bytes of gzip, the extra field's length, and the label as its one subfield.
pub(super) const HEADER: usize = 16 + LABEL;
const LABEL: usize = 32;
/// The label's name and length.
const SUBFIELD: [u8; 4] = [b'P', b'S', LABEL as u8, 0];
/// Where the member's own length stands: it is known last.
const LENGTH_AT: usize = 16;

/// The longest member: what cannot be compressed grows by 5 bytes in each stored block of deflate.
const MAX_PACKED: usize = MAX_CONTENT + MAX_CONTENT / 64;
/// No member is shorter: an empty deflate stream, and the checksum with the length.
const MIN_PACKED: usize = HEADER + 2 + 8;

/// Records are packed to a fifth or more of what they are.
const USUAL: usize = 5;

/// How gzip begins: with deflate inside, and with an extra field but neither name nor comment.
pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];
const BEGINNING: [u8; 4] = [MAGIC[0], MAGIC[1], 8, 4];

/// What a member's header says of it. It is only a claim, until the member was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Label {
    /// Bytes of the member, with its header.
    pub(super) packed: u32,
    /// Bytes of what is inside.
    pub(super) unpacked: u32,
    /// The watermark before it.
    pub(super) after: Nanos,
    /// Its last watermark.
    pub(super) upto: Nanos,
    pub(super) records: u32,
    pub(super) events: u32,
}

impl Label {
    fn to_bytes(self) -> Vec<u8> {
        let mut bytes = SUBFIELD.to_vec();
        bytes.extend(self.packed.to_le_bytes());
        bytes.extend(self.unpacked.to_le_bytes());
        bytes.extend(self.after.to_le_bytes());
        bytes.extend(self.upto.to_le_bytes());
        bytes.extend(self.records.to_le_bytes());
        bytes.extend(self.events.to_le_bytes());
        bytes
    }

    /// Of a header, which may end too early.
    pub(super) fn parse(header: &[u8]) -> Result<Self, Fault> {
        let (mut rest, mut bad) = (header, false);
        let mut next = |count: usize| {
            let (taken, after) = rest.split_at(count.min(rest.len()));
            rest = after;
            taken
        };
        bad |= !BEGINNING.starts_with(next(BEGINNING.len()));
        next(6); // The time of a file that there is not, and the system: nobody needs them.
        bad |= ![(SUBFIELD.len() + LABEL) as u8, 0].starts_with(next(2));
        bad |= !SUBFIELD.starts_with(next(SUBFIELD.len()));
        if bad {
            return Err(Fault::Corrupt("no block begins there"));
        }
        if header.len() < HEADER {
            return Err(Fault::Truncated);
        }
        let mut number = |bytes: usize| next(bytes).iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let label = Self {
            packed: number(4) as u32,
            unpacked: number(4) as u32,
            after: number(8),
            upto: number(8),
            records: number(4) as u32,
            events: number(4) as u32,
        };
        if label.is_possible() { Ok(label) } else { Err(Fault::Corrupt("its header says what cannot be")) }
    }

    fn is_possible(self) -> bool {
        (MIN_PACKED..=MAX_PACKED).contains(&(self.packed as usize))
            && self.unpacked as usize <= MAX_CONTENT
            && self.records as usize <= self.unpacked as usize / Record::BYTES
            && self.after <= self.upto
            && self.upto <= LAST_INSTANT
    }
}

/// Packs `parts`, one after the other, as one member. The label's lengths are filled in here.
///
/// # Errors
///
/// If they are too long for a member.
pub(super) fn pack(label: Label, parts: &[&[u8]]) -> io::Result<Vec<u8>> {
    let unpacked: usize = parts.iter().map(|part| part.len()).sum();
    if unpacked > MAX_CONTENT {
        return Err(io::Error::other("a block of the recording is too large"));
    }
    let label = Label { unpacked: unpacked as u32, ..label };
    let mut gzip = GzBuilder::new().extra(label.to_bytes()).write(Vec::new(), Compression::fast());
    for part in parts {
        gzip.write_all(part)?;
    }
    let mut member = gzip.finish()?;
    let packed = member.len() as u32;
    member[LENGTH_AT..LENGTH_AT + 4].copy_from_slice(&packed.to_le_bytes());
    Ok(member)
}

/// The next member's header, as far as the source goes.
pub(super) fn read_header(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut header = Vec::with_capacity(HEADER);
    source.take(HEADER as u64).read_to_end(&mut header)?;
    Ok(header)
}

/// What is inside the member whose `header` was read and is labelled so; the source goes on behind it.
pub(super) fn read_content(source: &mut impl Read, label: &Label, header: Vec<u8>) -> Result<Vec<u8>, Fault> {
    let mut member = header;
    let rest = u64::from(label.packed) - member.len() as u64;
    // The vector grows with what is there, not with what the label says.
    if (source.take(rest).read_to_end(&mut member)? as u64) < rest {
        return Err(Fault::Truncated);
    }
    unpack(label, &member)
}

fn unpack(label: &Label, member: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut gzip = GzDecoder::new(member);
    // What compresses further than records do has to grow: a label does not decide how much memory is asked for.
    let mut content = Vec::with_capacity((label.unpacked as usize + 1).min(member.len() * USUAL));
    // One byte more than there should be: it is asked for, and only at the end is the checksum looked at.
    let unpacked = gzip.by_ref().take(u64::from(label.unpacked) + 1).read_to_end(&mut content);
    if unpacked.is_err() {
        return Err(Fault::Corrupt("it does not unpack, or its checksum is wrong"));
    }
    if content.len() != label.unpacked as usize || !gzip.into_inner().is_empty() {
        return Err(Fault::Corrupt("it is not as long as its header says"));
    }
    Ok(content)
}
