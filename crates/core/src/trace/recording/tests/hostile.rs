//! Recordings that are not whole, and files that want to harm: an error or the part before, never a panic.

use std::io::{Cursor, Write};

use flate2::{Compress, Compression, FlushCompress, GzBuilder, Status, write::GzEncoder};

use super::*;
use crate::trace::recording::{fuzzing::survivors, member::Label};

/// Where the members of a recording end.
fn ends(file: &[u8]) -> Vec<usize> {
    let head_end = head::read(&mut &file[..]).unwrap().1;
    let places = opened(file).unwrap().blocks().to_vec();
    std::iter::once(head_end).chain(places.iter().map(BlockPlace::end)).map(|end| end as usize).collect()
}

#[test]
fn a_file_cut_anywhere_keeps_its_whole_blocks() {
    let batches = random_batches(11, 4, 6);
    let file = recorded(&batches, 1);
    let ends = ends(&file);
    for cut in 0..file.len() {
        let (kept, complained) = survivors(&file[..cut]);
        let whole = ends.iter().filter(|end| **end <= cut).count();
        assert_eq!(all_words(&kept), all_words(&batches[..whole.saturating_sub(1)]), "cut at {cut}");
        assert_eq!(complained, !ends.contains(&cut), "cut at {cut}");
        assert_eq!(opened(&file[..cut]).is_err(), whole == 0, "cut at {cut}");
    }
}

#[test]
fn a_wrong_byte_is_found_or_changes_nothing() {
    let mut random = fastrand::Rng::with_seed(12);
    let batches = random_batches(12, 4, 10);
    let file = recorded(&batches, 1);
    for _ in 0..2000 {
        let mut wrong = file.clone();
        let at = random.usize(0..wrong.len());
        wrong[at] ^= random.u8(1..);
        let (kept, complained) = survivors(&wrong);
        assert_eq!(all_words(&kept), all_words(&batches[..kept.len()]), "byte {at}");
        assert!(complained || kept.len() == batches.len(), "byte {at}");
    }
}

#[test]
fn blocks_without_end_are_left_out_and_said_to_be() {
    let batches = random_batches(14, 6, 3);
    let file = recorded(&batches, 1);
    let mut part = Recording::with_at_most(Cursor::new(&file), 4).unwrap();
    let at = opened(&file).unwrap().blocks()[3].end();
    assert_eq!((part.blocks().len(), part.damage()), (4, Some(Damage::TooLong { at })));
    assert_eq!(all_words(&part.read(3).unwrap()), all_words(&batches[3..4]));
    let said = part.damage().unwrap().to_string();
    assert!(said.contains("through a pipe") && said.contains(&at.to_string()), "{said}");
    assert_eq!(Recording::with_at_most(Cursor::new(&file), 6).unwrap().damage(), None);
    let log = FileLog::new(part, usize::MAX);
    assert!(log.blocks() == 4 && log.block(4).is_none() && log.damage() == Some(said));
}

#[test]
fn pieces_put_together_give_nothing_false() {
    let mut random = fastrand::Rng::with_seed(13);
    let batches = random_batches(13, 4, 10);
    let file = recorded(&batches, 1);
    for _ in 0..500 {
        let mut spliced = file[..random.usize(0..=file.len())].to_vec();
        for _ in 0..random.usize(1..5) {
            let (a, b) = (random.usize(0..=file.len()), random.usize(0..=file.len()));
            spliced.extend_from_slice(&file[a.min(b)..a.max(b)]);
        }
        let (kept, _) = survivors(&spliced);
        assert_eq!(all_words(&kept), all_words(&batches[..kept.len()]));
    }
}

/// A recording of one block with this label, but for the block's length, and this content.
fn with_block(label: Label, content: &[u8]) -> Vec<u8> {
    [head::write(&Origin::default()).unwrap(), member::pack(label, &[content]).unwrap()].concat()
}

fn only_damage(file: &[u8]) -> String {
    match Stream::new(file).unwrap().next() {
        Some(Err(Error::Damaged(damage))) => damage.to_string(),
        other => panic!("{other:?}"),
    }
}

/// A gigabyte of zeros as raw deflate: the same megabyte again and again.
fn gigabyte() -> Vec<u8> {
    let mut deflate = Compress::new(Compression::fast(), false);
    let mut megabyte = Vec::with_capacity(1 << 16);
    let status = deflate.compress_vec(&vec![0; 1 << 20], &mut megabyte, FlushCompress::Full).unwrap();
    assert_eq!((status, deflate.total_in()), (Status::Ok, 1 << 20));
    let mut end = Vec::with_capacity(64);
    assert_eq!(deflate.compress_vec(&[], &mut end, FlushCompress::Finish).unwrap(), Status::StreamEnd);
    [megabyte.repeat(1 << 10), end].concat()
}

#[test]
fn a_bomb_is_refused() {
    for unpacked in [1000u32, 32 << 20] {
        let mut bomb = member::pack(Label { upto: 1, ..Label::default() }, &[]).unwrap();
        bomb.truncate(member::HEADER);
        bomb.extend(gigabyte());
        bomb.extend([0; 8]);
        let length = bomb.len() as u32;
        bomb[16..20].copy_from_slice(&length.to_le_bytes());
        bomb[20..24].copy_from_slice(&unpacked.to_le_bytes());
        // As a block, and as the head.
        let file = [head::write(&Origin::default()).unwrap(), bomb.clone()].concat();
        assert!(only_damage(&file).contains("it is not as long as its header says"));
        assert!(matches!(opened(&bomb), Err(Error::Damaged(_))));
    }
}

#[test]
fn sizes_are_only_claims() {
    let (packed, unpacked, records) = (16, 20, 40);
    let line = b"{\"after\":0,\"batches\":[[1,[],0]],\"events\":[]}\n";
    let file = with_block(Label { upto: 1, ..Label::default() }, line);
    assert_eq!(read_all(&file).len(), 1);
    let block = head::write(&Origin::default()).unwrap().len();
    let cases = [
        (packed, 30 << 20, "ends inside the block"),
        (packed, 0, "its header says what cannot be"),
        (packed, 100, "does not unpack"),
        (packed, u32::MAX, "its header says what cannot be"),
        (unpacked, 32 << 20, "it is not as long as its header says"),
        (unpacked, 3, "it is not as long as its header says"),
        (unpacked, u32::MAX, "its header says what cannot be"),
        (records, 2, "its header says something else than its line"),
        (records, u32::MAX, "its header says what cannot be"),
    ];
    for (place, claim, expected) in cases {
        let mut wrong = file.clone();
        wrong[block + place..][..4].copy_from_slice(&u32::to_le_bytes(claim));
        let damage = only_damage(&wrong);
        assert!(damage.contains(expected), "{damage}, not {expected}");
        assert!(survivors(&wrong).0.is_empty());
    }
}

#[test]
fn lines_that_lie_are_corrupt() {
    let deep = format!(r#"{{"after":5,"batches":{}{},"events":[]}}"#, "[".repeat(9999), "]".repeat(9999));
    let many = format!(r#"{{"after":5,"batches":[{}[9,[],0]],"events":[]}}"#, "[9,[],0],".repeat(1 << 16));
    let unknown = r#"{"after":5,"batches":[[9,[],1]],"events":[{"at":6,"event":{"held":{"task":1},"two":2}}]}"#;
    let late = r#"{"after":5,"batches":[[9,[],1]],"events":[{"at":72057594037927936,"event":"round_done"}]}"#;
    let cases = [
        (0, 0, r#"{"after":5,"batches":[[9,[],0]],"events":[}"#, "its line cannot be read"),
        (0, 0, "", "its line cannot be read"),
        (0, 0, &deep, "its line cannot be read"),
        (0, 0, &many, "it has too many batches"),
        (0, 1, unknown, "its line cannot be read"),
        (0, 1, late, "its instants are wrong"),
        (0, 0, r#"{"after":5,"batches":[[9,[],1]],"events":[]}"#, "its counts are wrong"),
        (0, 0, r#"{"after":5,"batches":[[9,[[1,4294967295]],0]],"events":[]}"#, "its counts are wrong"),
        (0, 0, r#"{"after":5,"batches":[[9,[],4294967295]],"events":[]}"#, "its counts are wrong"),
        (1, 0, r#"{"after":5,"batches":[[9,[],0]],"events":[]}"#, "its counts are wrong"),
        (0, 0, r#"{"after":5,"batches":[],"events":[]}"#, "its header says something else"),
        (0, 0, r#"{"after":4,"batches":[[9,[],0]],"events":[]}"#, "its header says something else"),
        (0, 0, r#"{"after":5,"batches":[[4,[],0],[9,[],0]],"events":[]}"#, "its instants are wrong"),
        (0, 0, r#"{"after":5,"batches":[[8,[],0],[7,[],0],[9,[],0]],"events":[]}"#, "its instants are wrong"),
    ];
    for (records, events, line, expected) in cases {
        let label = Label { after: 5, upto: 9, records, events, ..Label::default() };
        let content = [line.as_bytes(), b"\n", &vec![0; records as usize * Record::BYTES][..]].concat();
        let damage = only_damage(&with_block(label, &content));
        assert!(damage.contains(expected), "{damage}, not {expected}");
    }
    let endless = with_block(Label::default(), &vec![b' '; MAX_LINE + 1]);
    assert!(only_damage(&endless).contains("its line does not end"));
    let odd = with_block(Label::default(), b"{\"after\":0,\"batches\":[[0,[],0]],\"events\":[]}\n0123");
    assert!(only_damage(&odd).contains("a record is not whole"));
}

#[test]
fn blocks_must_follow_each_other() {
    let block = |after: u64, upto: u64| {
        let line = format!("{{\"after\":{after},\"batches\":[[{upto},[],0]],\"events\":[]}}\n");
        member::pack(Label { after, upto, ..Label::default() }, &[line.as_bytes()]).unwrap()
    };
    let file = [head::write(&Origin::default()).unwrap(), block(3, 5), block(5, 5), block(4, 9)].concat();
    let recording = opened(&file).unwrap();
    assert_eq!(recording.blocks().len(), 2);
    assert!(recording.damage().unwrap().to_string().contains("does not go on where"));
    assert_eq!(survivors(&file).0.len(), 2);
}

fn refusal(file: &[u8]) -> String {
    let error = Stream::new(file).unwrap_err().to_string();
    assert_eq!(opened(file).unwrap_err().to_string(), error);
    error
}

fn head_that_says(line: &str) -> Vec<u8> {
    member::pack(Label::default(), &[line.as_bytes()]).unwrap()
}

#[test]
fn other_files_are_told_what_they_are() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&[b'x'; 1000]).unwrap();
    let mut tagged = GzBuilder::new().extra(&b"AB\x02\x00xx"[..]).write(Vec::new(), Compression::fast());
    tagged.write_all(&[b'x'; 1000]).unwrap();
    let by_another = "packed with gzip, but by another program";
    assert!(refusal(b"").contains("the file is empty"));
    assert!(refusal(b"{\"schema\":1}").contains("not packed with gzip"));
    assert!(refusal(&[0; 4096]).contains("not packed with gzip"));
    assert!(refusal(&gzip.finish().unwrap()).contains(by_another));
    assert!(refusal(&tagged.finish().unwrap()).contains(by_another));
    for line in ["", "{}", "[1]", "{\"format\":\"other\",\"version\":1}", "{\"format\":\"pollscope-recording\"}\n"] {
        assert!(refusal(&head_that_says(line)).contains("something else"), "{line}");
    }
}

#[test]
fn a_newer_version_asks_for_an_update() {
    let line = r#"{"format":"pollscope-recording","version":4,"pollscope":"0.9\u001b[2J.0","more":[]}"#;
    assert_eq!(
        refusal(&head_that_says(line)),
        "the recording is in version 4 of the format, written by a newer pollscope (0.9[2J.0): \
         update pollscope (this one reads up to version 3)"
    );
}
