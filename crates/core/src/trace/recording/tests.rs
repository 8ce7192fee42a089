//! Recordings that are whole: what goes in comes out, by file and by pipe.

mod hostile;

use super::{
    fuzzing::{all_words, opened, recorded, words},
    *,
};
use crate::trace::{
    event::{Event, Stamped, samples},
    log::Batch,
    record::{Fact, Record},
};

/// A batch between two watermarks, as a collector could drain it.
fn random_batch(random: &mut fastrand::Rng, after: u64, upto: u64, most: usize) -> Batch {
    let samples = samples::every();
    let mut batch = Batch::default();
    for _ in 0..random.usize(0..5) {
        // Late records are before the watermark of the batch before.
        let mut instants: Vec<u64> =
            (0..random.usize(0..=most)).map(|_| random.u64(after.saturating_sub(3)..=upto)).collect();
        instants.sort_unstable();
        // Whatever the bytes are, also with unknown tags.
        let record = |at: &u64| Record::from_bytes((random.u128(..) << 64 | u128::from(at << 8 | 3)).to_le_bytes());
        let records: Vec<_> = instants.iter().map(record).collect();
        batch.extend(random.u32(0..3), &records);
    }
    for _ in 0..random.usize(0..3) {
        let event = samples[random.usize(0..samples.len())].clone();
        batch.push(Stamped { at: random.u64(after..=upto), event });
    }
    batch.close(upto);
    batch
}

/// Batches that are not empty, one after the other.
fn random_batches(seed: u64, count: usize, most: usize) -> Vec<Batch> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut after = 0;
    let mut batches = Vec::new();
    while batches.len() < count {
        let upto = after + random.u64(0..1000);
        let batch = random_batch(&mut random, after, upto, most);
        if !batch.is_empty() {
            batches.push(batch);
            after = upto;
        }
    }
    batches
}

/// The batches of all blocks.
fn read_all(file: &[u8]) -> Vec<Batch> {
    let mut recording = opened(file).unwrap();
    assert_eq!(recording.damage(), None);
    (0..recording.blocks().len()).flat_map(|number| recording.read(number).unwrap()).collect()
}

fn streamed(file: &[u8]) -> Vec<Batch> {
    Stream::new(file).unwrap().flat_map(Result::unwrap).collect()
}

#[test]
fn every_event_comes_back() {
    let mut batch = Batch::default();
    for (at, event) in samples::every().into_iter().enumerate() {
        batch.push(Stamped { at: at as u64, event });
    }
    batch.close(1000);
    assert_eq!(words(&read_all(&recorded(&[batch.clone()], 1))[0]), words(&batch));
}

#[test]
fn random_batches_come_back_from_file_and_pipe() {
    for seed in 0..20 {
        let batches = random_batches(seed, 40, 50);
        let file = recorded(&batches, 1 + seed as usize % 7);
        assert_eq!(all_words(&read_all(&file)), all_words(&batches), "seed {seed}");
        assert_eq!(all_words(&streamed(&file)), all_words(&batches), "seed {seed}");
    }
}

#[test]
fn the_index_says_what_is_in_the_blocks() {
    let batches = random_batches(7, 30, 20);
    let file = recorded(&batches, 10);
    let mut recording = opened(&file).unwrap();
    assert_eq!(
        recording.head(),
        &Head { version: super::VERSION, pollscope: env!("CARGO_PKG_VERSION").into(), origin: Origin::default() }
    );
    assert_eq!(recording.blocks().len(), 3);
    let mut after = 0;
    // Any order will do.
    for number in [2, 0, 1, 0] {
        assert_eq!(all_words(&recording.read(number).unwrap()), all_words(&batches[number * 10..][..10]));
    }
    for (place, batches) in recording.blocks().iter().zip(batches.chunks(10)) {
        assert_eq!((place.after(), place.upto()), (after, batches[9].upto()));
        let items: usize = batches.iter().map(Batch::len).sum();
        assert_eq!(place.items(), items);
        after = place.upto();
    }
    assert!(matches!(recording.read(3), Err(Error::NoSuchBlock(3))));
}

#[test]
fn a_file_on_disk_opens() {
    let path = std::env::temp_dir().join(format!("pollscope-recording-{}", std::process::id()));
    let batches = random_batches(1, 3, 5);
    std::fs::write(&path, recorded(&batches, 1)).unwrap();
    let mut recording = Recording::open(&path).unwrap();
    assert_eq!(all_words(&recording.read(2).unwrap()), all_words(&batches[2..]));
    std::fs::remove_file(&path).unwrap();
    let error = Recording::open(&path).unwrap_err().to_string();
    assert!(error.starts_with("cannot read the recording"), "{error}");
}

#[test]
fn nothing_recorded_is_a_recording_without_blocks() {
    let file = Writer::new(Vec::new()).unwrap().finish().unwrap();
    assert!(opened(&file).unwrap().blocks().is_empty());
    assert!(streamed(&file).is_empty());
}

#[test]
fn empty_batches_move_the_watermark_only() {
    let mut writer = Writer::new(Vec::new()).unwrap();
    let mut batch = Batch::default();
    batch.extend(1, &[Record::new(5, Fact::Park)]);
    batch.close(10);
    writer.batch(&batch).unwrap();
    for upto in [20, 30, 25] {
        batch.clear();
        batch.close(upto);
        writer.batch(&batch).unwrap();
    }
    let file = writer.finish().unwrap();
    assert_eq!(read_all(&file).iter().map(Batch::upto).collect::<Vec<_>>(), [10, 30]);
    assert_eq!(opened(&file).unwrap().blocks()[0].upto(), 30);
}

#[test]
fn a_block_is_written_when_there_is_enough_for_one() {
    let mut writer = Writer::new(Vec::new()).unwrap();
    let mut batch = Batch::default();
    batch.extend(1, &vec![Record::new(5, Fact::Park); 1 << 15]);
    for upto in 1..=5 {
        batch.close(upto);
        writer.batch(&batch).unwrap();
    }
    let file = writer.finish().unwrap();
    let places = opened(&file).unwrap().blocks().to_vec();
    assert_eq!(places.iter().map(BlockPlace::items).collect::<Vec<_>>(), [1 << 16, 1 << 16, 1 << 15]);
}

#[test]
fn a_batch_that_is_too_large_is_written_in_parts() {
    let mut random = fastrand::Rng::with_seed(4);
    let mut batch = Batch::default();
    for thread in 0..5 {
        let first = random.u64(0..1000);
        let records: Vec<_> =
            (0..300_000).map(|at| Record::new(first + at / 4, Fact::Dropped { task: thread })).collect();
        batch.extend(thread, &records);
    }
    batch.push(Stamped { at: 30_000, event: Event::ToldAnew });
    batch.close(80_000);
    let parts = read_all(&recorded(&[batch.clone()], 1));
    assert!(parts.len() > 3 && parts.is_sorted_by_key(Batch::upto));
    assert_eq!(parts.last().map(Batch::upto), Some(80_000));
    let (one, many) = (items(std::iter::once(&batch)), items(&parts));
    assert!(one.eq(many), "in another order");
}

/// Cheaper than text: a record's thread and bytes, or an event's instant.
fn items<'a>(batches: impl IntoIterator<Item = &'a Batch>) -> impl Iterator<Item = (u64, [u8; 16])> {
    use crate::trace::log::Item;
    batches.into_iter().flat_map(Batch::replay).map(|item| match item {
        Item::Record(thread, record) => (u64::from(thread), record.to_bytes()),
        Item::Event(event) => (event.at, [0; 16]),
    })
}

#[test]
fn large_events_end_a_block_and_gigantic_ones_are_counted_as_lost() {
    let mut batch = Batch::default();
    for (at, megabytes) in [3, 5, 3, 3, 3].into_iter().enumerate() {
        let name = "x".repeat(megabytes << 20).into();
        batch.push(Stamped { at: at as u64, event: Event::Queue { queue: 1, name, capacity: 1 } });
    }
    batch.close(10);
    let parts = read_all(&recorded(&[batch.clone()], 1));
    assert!(parts.len() > 1);
    let name = |event: &Stamped| match event.event {
        Event::Queue { .. } => "queue",
        Event::EventsLost { count: 1 } => "lost",
        _ => "?",
    };
    let names: Vec<_> = parts.iter().flat_map(|part| part.events().iter().map(name)).collect();
    assert_eq!(names, ["queue", "lost", "queue", "queue", "queue"]);
}

/// The seeds of the fuzzer that a person cannot write.
#[test]
#[ignore = "writes into fuzz/corpus, after a change of the format"]
fn seeds_are_written() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join("fuzz/corpus/recording");
    let whole = recorded(&random_batches(3, 6, 4), 2);
    let every = samples::every().into_iter().enumerate();
    let mut events = Batch::default();
    every.for_each(|(at, event)| events.push(Stamped { at: at as u64, event }));
    events.close(1000);
    std::fs::write(folder.join("every-event"), recorded(&[events], 1)).unwrap();
    std::fs::write(folder.join("cut"), &whole[..whole.len() - 20]).unwrap();
    std::fs::write(folder.join("whole"), whole).unwrap();
    std::fs::write(folder.join("nothing"), recorded(&[], 1)).unwrap();
}

#[test]
fn a_head_says_which_program_it_is_of_and_an_older_one_does_not() {
    let origin =
        Origin { program: "api".into(), pid: Some(7), unix_zero: Some(1_790_000_000_000_000_000), now: Some(5) };
    let file = Writer::of(&origin, Vec::new()).unwrap().finish().unwrap();
    assert_eq!(opened(&file).unwrap().head().origin, origin);
    // What is not possible is not taken, and what a terminal would obey neither.
    let odd = Origin { program: "\u{1b}[2J".repeat(50), unix_zero: Some(u64::MAX), ..origin };
    let file = Writer::of(&odd, Vec::new()).unwrap().finish().unwrap();
    let read = opened(&file).unwrap().head().origin.clone();
    assert!(read.unix_zero.is_none() && read.program.chars().count() == 60);
    assert!(!read.program.contains(char::is_control));
}

#[test]
fn a_recording_goes_on_where_it_was_left() {
    let batches = random_batches(3, 6, 20);
    let mut file = Writer::new(Vec::new()).unwrap().finish().unwrap();
    let mut after = 0;
    for batch in &batches {
        let mut writer = Writer::go_on(Vec::new(), after);
        writer.batch(batch).unwrap();
        file.extend(writer.finish().unwrap());
        after = batch.upto();
    }
    assert_eq!(all_words(&read_all(&file)), all_words(&batches));
}

#[test]
fn a_stream_that_was_sent_to_its_end_says_so() {
    let batches = random_batches(31, 5, 5);
    let whole = |upto| {
        let mut writer = Writer::new(Vec::new()).unwrap();
        batches[..upto].iter().for_each(|batch| writer.batch(batch).unwrap());
        writer.end().unwrap()
    };
    let without = recorded(&batches, 1);
    let mut stream = Stream::new(&*without).unwrap();
    assert_eq!((stream.by_ref().count(), stream.has_ended()), (5, false));
    for upto in [0, 5] {
        let file = whole(upto);
        let mut stream = Stream::new(&*file).unwrap();
        let read: Vec<_> = stream.by_ref().flat_map(Result::unwrap).filter(|batch| !batch.is_empty()).collect();
        assert_eq!(all_words(&read), all_words(&batches[..upto]));
        assert!(stream.has_ended());
        let as_file: Vec<_> = read_all(&file).into_iter().filter(|batch| !batch.is_empty()).collect();
        assert_eq!(all_words(&as_file), all_words(&batches[..upto]));
    }
    // Nothing comes after it.
    let mut writer = Writer::go_on(whole(5), batches[4].upto());
    writer.batch(&batches[4]).unwrap();
    let more = writer.finish().unwrap();
    assert!(matches!(Stream::new(&*more).unwrap().last(), Some(Err(Error::Damaged(Damage::Corrupt { .. })))));
}
