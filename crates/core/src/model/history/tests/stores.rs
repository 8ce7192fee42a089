//! Wherever the log is (memory, a file, a pipe), a picture of an instant is the same; and it is that of a fold which went
//! no further.

use std::io::Cursor;

use super::*;
use crate::{
    model::picture::{Lane, Pulse, Sentence, Timeline, TimelineView},
    trace::recording::{FileLog, Recording, Stream, Writer},
};

/// Bytes of blocks that are kept in memory: fewer than there are.
const SMALL: usize = 20_000;
/// A few checkpoints for each trace.
const EVERY: u64 = 3_000;

/// The batches in a file, in blocks of a few.
fn recorded(random: &mut fastrand::Rng, batches: &[Batch]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).unwrap();
    for batch in batches {
        writer.batch(batch).unwrap();
        if random.u8(0..8) == 0 {
            writer.flush_block().unwrap();
        }
    }
    writer.finish().unwrap()
}

fn from_file(bytes: &[u8]) -> History<FileLog<Cursor<Vec<u8>>>> {
    let recording = Recording::new(Cursor::new(bytes.to_vec())).unwrap();
    let mut history = History { every: EVERY, ..History::new(FileLog::new(recording, SMALL)).with_scenarios(heard()) };
    for number in 0..history.store().blocks() {
        history.store().block(number).unwrap().iter().for_each(|batch| history.fold(batch));
    }
    assert_eq!(history.store().damage(), None);
    history
}

fn from_pipe(bytes: &[u8]) -> History<Log> {
    let mut history = History { every: EVERY, ..History::new(Log::new(usize::MAX)).with_scenarios(heard()) };
    for block in Stream::new(bytes).unwrap() {
        block.unwrap().into_iter().for_each(|mut batch| drop(history.append(&mut batch)));
    }
    history
}

/// A fold of everything up to an instant, and of nothing later.
fn model_of(batches: &[Batch], at: Nanos) -> Model {
    let mut model = Model::default().with_scenarios(heard());
    for batch in batches {
        if batch.upto() > at {
            for item in batch.replay().take_while(|item| item.at() <= at) {
                model.state.apply(item, &mut model.index);
            }
            model.state.advance(at, &mut model.index);
            break;
        }
        model.apply(batch);
    }
    model
}

fn view(random: &mut fastrand::Rng, end: Nanos) -> View {
    let to = random.bool().then(|| random.u64(0..=end));
    let scale = random.u32(1..34);
    let length = random.u64(1..1 << scale);
    let thread = random.bool().then(|| random.u32(1..=THREADS));
    let timeline = TimelineView { to, length, cells: random.u16(1..80), thread };
    View {
        at: Some(random.u64(0..=end)),
        window: random.u64(MILLI..3000 * MILLI),
        tasks: (random.u32(0..9), 40),
        timeline: (random.u8(0..4) > 0).then_some(timeline),
        ..View::default()
    }
}

/// The picture without what may know more: how lanes went on, and what is said of them; and without the bounds of the
/// whole. Nor has it the pulse's due times: here they are made up, in no order, where those of a pulse are.
fn then(picture: Picture) -> String {
    let lanes: Vec<_> =
        picture.lanes.iter().map(|lane| Lane { cells: Vec::new(), busy: 0.0, ..lane.clone() }).collect();
    let Pulse { period, late_now, .. } = picture.pulse;
    let pulse = Pulse { period, late_now, ..Pulse::default() };
    let sentence = Sentence::default();
    let known = Picture { newest: 0, oldest: 0, timeline: None, sentence, lanes, pulse, ..picture };
    format!("{known:?}")
}

#[test]
fn every_store_gives_the_same_pictures() {
    let (mut instants, mut exact) = (0, 0);
    for seed in 100..110 {
        let batches = anything(seed, 200);
        let end = batches.last().unwrap().upto();
        let mut random = fastrand::Rng::with_seed(seed);
        let bytes = recorded(&mut random, &batches);
        let mut live = history(&batches, usize::MAX, EVERY);
        let (mut file, mut pipe) = (from_file(&bytes), from_pipe(&bytes));
        assert!(live.checkpoints.len() > 2 && file.store().blocks() > 10);
        for _ in 0..100 {
            let view = view(&mut random, end);
            let picture = live.picture(&view);
            let shown = format!("{picture:?}");
            assert_eq!(format!("{:?}", file.picture(&view)), shown, "file, seed {seed}, {view:?}");
            assert_eq!(format!("{:?}", pipe.picture(&view)), shown, "pipe, seed {seed}, {view:?}");
            // The same once more: now from what was kept of the first time.
            assert_eq!(format!("{:?}", live.picture(&view)), shown, "again, seed {seed}, {view:?}");
            exact += u32::from(picture.timeline.as_ref().is_some_and(|timeline| timeline.exact));
            let alone = model_of(&batches, picture.at).picture(&view);
            assert_eq!(then(picture), then(alone), "fold, seed {seed}, {view:?}");
            instants += 1;
        }
        let json = |summary: Summary| serde_json::to_string(&summary).unwrap();
        let whole = json(live.summary());
        assert_eq!([json(file.summary()), json(pipe.summary())], [whole.clone(), whole.clone()]);
        assert_eq!(json(model_of(&batches, end).summary()), whole);
    }
    assert_eq!(instants, 1000);
    assert!(exact > 100, "{exact} timelines were folded");
}

#[test]
fn a_log_that_has_forgotten_its_beginning_gives_the_same_pictures_of_the_rest() {
    let (mut instants, mut folded) = (0, 0);
    for seed in 200..205 {
        let batches = anything(seed, 400);
        let end = batches.last().unwrap().upto();
        let mut random = fastrand::Rng::with_seed(seed);
        let mut whole = history(&batches, usize::MAX, EVERY);
        let mut part = history(&batches, 80_000, 300);
        let oldest = part.oldest();
        assert!(part.store.forgotten().is_some() && oldest < end / 4 * 3, "{oldest} of {end}");
        for _ in 0..60 {
            // Whatever is asked for that is gone: it changes nothing of what is there.
            part.picture(&view(&mut random, end));
            let asked = View { at: Some(random.u64(oldest..=end)), ..view(&mut random, end) };
            let (picture, known) = (part.picture(&asked), whole.picture(&asked));
            // Beside the cursor there may be less, and what is not exact is as fine as there are histories.
            let timeline = |picture: &Picture| {
                let timeline = picture.timeline.as_ref().filter(|timeline| timeline.from >= oldest)?;
                Some(format!("{:?}", Timeline { span: None, ..timeline.clone() }))
            };
            folded += u32::from(picture.timeline.as_ref().is_some_and(|timeline| timeline.exact));
            assert_eq!(timeline(&picture), timeline(&known), "seed {seed}, {asked:?}");
            assert_eq!(then(picture), then(known), "seed {seed}, {asked:?}");
            instants += 1;
        }
    }
    assert!(instants == 300 && folded > 30, "{folded} timelines were folded");
}
