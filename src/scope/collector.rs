//! The collector: drains every thread, keeps the log, folds the model, and makes pictures.

use std::{
    collections::VecDeque,
    fs::File,
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, select};
use pollscope_core::{
    model::{
        history::{History, Piece},
        long_polls::LongPolls,
        meters::Meters,
        picture::{Finding, Picture, View},
        scenario::Scenarios,
        summary::Summary,
    },
    recorder::{Recorded, Recorder},
    trace::{
        clock::{MICRO, MILLI, Nanos},
        event::{Event, Stamped, ThreadKind},
        log::{Batch, Log, Place},
        record::{Doing, Fact, Record, ThreadId},
        recording::Origin,
    },
};

use super::{
    program_name,
    sampler::{ToSampler, Track},
    wakers::WakerCounts,
};
use crate::probe::{InFlight, Outlets, Probes, Reader, drain_into};

/// Between drains while little happens, while much does, and while so much does that a worker's ring,
/// which holds 26 ms of 10 million polls a second, could fill up.
const PAUSES: [(usize, Duration); 3] =
    [(20_000, Duration::ZERO), (256, Duration::from_millis(1)), (0, Duration::from_millis(4))];
/// A span of this age is written to the log while it is in flight.
const OPEN_AFTER: Nanos = MILLI;
/// A record may be on its way into its ring for that long.
const SLACK: Nanos = 200 * MICRO;
/// Between two pictures of now, and between two of an instant that is over: only what has become of now changes.
const FRAME: Duration = Duration::from_millis(33);
const FROZEN_FRAME: Duration = Duration::from_millis(100);
/// Between two counts of wakers.
const COUNT_WAKERS: Duration = Duration::from_millis(50);

/// What the collector is asked.
#[derive(Debug)]
pub(super) enum Ask {
    /// The run, summed up now.
    Summary(Sender<Summary>),
    /// Counts since the trace began, and what is so now.
    Meters(Sender<Meters>),
    /// One picture.
    Picture(View, Sender<Box<Picture>>),
    /// To record into a file, with what the log holds. Gives where it is told why no more can be written.
    Record(File, Sender<io::Result<Receiver<String>>>),
    /// All that the log holds.
    Held(Sender<Vec<Arc<Batch>>>),
    /// A part of the log, of about so many bytes, from one place on and not beyond the other.
    Piece(Place, Option<Place>, usize, Sender<Piece>),
    /// Where the log ends now, with what happened before the question, and the watermark there.
    Here(Sender<(Place, Nanos)>),
    /// To end the recording with what is known now: none where nothing was recorded; and the run, summed up at the same
    /// instant. Whoever asks waits for the file: a slow one stops nobody here.
    Conclude(Sender<(Option<Recorded>, Summary)>),
    /// What was found so far.
    Findings(Sender<Vec<Finding>>),
    /// Each finding from now on.
    Stream(tokio::sync::mpsc::Sender<Finding>),
    /// Long polls on workers after an instant.
    LongPolls { after: Nanos, at_least: Nanos, reply: Sender<LongPolls> },
    /// To panic: for tests of what that leaves behind.
    Fail,
    /// To end.
    Stop,
}

/// The collector's ends of its channels.
#[derive(Debug)]
pub(super) struct Ends {
    pub(super) asks: Receiver<Ask>,
    pub(super) views: Receiver<View>,
    pub(super) pictures: Sender<Box<Picture>>,
    pub(super) sampler: Sender<ToSampler>,
}

/// A thread that emits records.
#[derive(Debug)]
struct Source {
    reader: Reader,
    /// The start of the span that was last written as open; and, of the part, also its own.
    opened: Nanos,
    parted: (Nanos, Nanos),
    lost: u64,
}

/// The collector.
#[derive(Debug)]
pub(super) struct Collector {
    outlets: Outlets,
    ends: Ends,
    probes: Probes,
    thread: ThreadId,
    sources: Vec<Source>,
    /// Events that are later than the watermark.
    early: VecDeque<Stamped>,
    wakers: WakerCounts,
    batch: Batch,
    history: History<Log>,
    recorder: Option<Recorder>,
    /// Who hears of each finding, and the number of the last that they were told of.
    streams: (Vec<tokio::sync::mpsc::Sender<Finding>>, u64),
    view: Option<View>,
    changed: bool,
}

impl Collector {
    pub(super) fn new(outlets: Outlets, ends: Ends, (history, scenarios): (usize, Scenarios), probes: Probes) -> Self {
        Self {
            outlets,
            ends,
            probes,
            thread: 0,
            sources: Vec::new(),
            early: VecDeque::new(),
            wakers: WakerCounts::default(),
            batch: Batch::default(),
            history: History::within(history, Log::new).with_scenarios(scenarios),
            recorder: None,
            streams: (Vec::new(), 0),
            view: None,
            changed: false,
        }
    }

    /// Runs until told to stop.
    pub(super) fn run(mut self) {
        self.thread = self.probes.register_observer("scope-collector");
        let (mut next_frame, mut next_count) = (Instant::now(), Instant::now());
        let mut pause = Duration::ZERO;
        loop {
            let asks = self.ends.asks.clone();
            let views = self.ends.views.clone();
            select! {
                recv(asks) -> ask => match ask {
                    Ok(Ask::Stop) | Err(_) => {
                        // Whoever ends the scope wants all of it in the file.
                        drop(self.conclude().map(Recorded::finish));
                        return;
                    }
                    Ok(ask) => self.answer(ask),
                },
                recv(views) -> view => if let Ok(view) = view {
                    // Whoever looks elsewhere gets the new picture at once.
                    self.view = Some(self.ends.views.try_iter().last().unwrap_or(view));
                    self.changed = true;
                    next_frame = Instant::now();
                },
                default(pause) => {}
            }
            let drained = self.drain();
            pause = PAUSES.iter().find(|(records, _)| drained >= *records).map_or(Duration::ZERO, |(_, pause)| *pause);
            let now = Instant::now();
            if now >= next_count {
                self.count_wakers();
                if !self.streams.0.is_empty() {
                    self.tell_findings();
                }
                next_count = now + COUNT_WAKERS;
            }
            if now >= next_frame && self.send_picture() {
                let is_frozen = self.view.as_ref().is_some_and(|view| view.at.is_some());
                next_frame = now + if is_frozen { FROZEN_FRAME } else { FRAME };
            }
        }
    }

    /// Takes everything up to the watermark into log and model. Says how much it was.
    fn drain(&mut self) -> usize {
        let watermark = self.outlets.clock.now().saturating_sub(SLACK);
        self.adopt_threads();
        self.batch.clear();
        self.take_events(watermark);
        for source in &mut self.sources {
            source.drain(watermark, &mut self.batch);
        }
        self.sources.retain(|source| !source.reader.is_finished());
        self.fold(watermark)
    }

    fn fold(&mut self, watermark: Nanos) -> usize {
        self.batch.close(watermark);
        let length = self.batch.len();
        if let Some(kept) = self.history.append(&mut self.batch)
            && let Some(recorder) = &mut self.recorder
        {
            recorder.batch(&kept);
        }
        // A span in flight grows on the screen without any event.
        self.changed |= length > 0 || self.sources.iter().any(|source| source.reader.slot.outer().is_some());
        length
    }

    fn adopt_threads(&mut self) {
        for reader in self.outlets.threads.try_iter() {
            let track = Track { thread: reader.thread, os_id: reader.os_id, slot: Some(reader.slot.clone()) };
            // Where the sampler cannot follow, the thread is not sampled: its long polls are unknown.
            let _ = self.ends.sampler.try_send(ToSampler::Track(track));
            self.sources.push(Source { reader, opened: 0, parted: (0, 0), lost: 0 });
        }
    }

    fn take_events(&mut self, watermark: Nanos) {
        self.early.extend(self.outlets.events.try_iter());
        for _ in 0..self.early.len() {
            let Some(event) = self.early.pop_front() else { break };
            if event.at > watermark {
                self.early.push_back(event);
                continue;
            }
            self.follow(&event);
            self.batch.push(event);
        }
        let count = self.outlets.take_lost_events();
        if count > 0 {
            self.batch.push(Stamped { at: watermark, event: Event::EventsLost { count } });
        }
    }

    /// Threads without records are sampled too.
    fn follow(&self, event: &Stamped) {
        if let Event::Thread(began) = &event.event
            && matches!(began.kind, ThreadKind::Server | ThreadKind::Observer)
        {
            let track = Track { thread: began.thread, os_id: began.os_id, slot: None };
            let _ = self.ends.sampler.try_send(ToSampler::Track(track));
        }
    }

    fn count_wakers(&mut self) {
        self.wakers.adopt(&self.outlets.watches);
        self.batch.clear();
        let now = self.history.now();
        let records: Vec<_> = self
            .wakers
            .changed(self.history.model())
            .map(|(task, alive)| Record::new(now, Fact::Wakers { task, alive }))
            .collect();
        self.batch.extend(self.thread, &records);
        self.fold(now);
    }

    fn answer(&mut self, ask: Ask) {
        // Viewers ask often, and what is not drained yet is in the next piece.
        if let Ask::Piece(from, to, most, reply) = ask {
            drop(reply.send(self.history.piece(from, to, most)));
            return;
        }
        // What happened before the question belongs into the answer.
        self.refresh_totals();
        std::thread::sleep(Duration::from_nanos(2 * SLACK));
        self.drain();
        match ask {
            Ask::Summary(reply) => drop(reply.send(self.history.summary())),
            Ask::Meters(reply) => drop(reply.send(self.history.meters())),
            Ask::Picture(view, reply) => drop(reply.send(Box::new(self.history.picture(&view)))),
            Ask::Record(file, reply) => drop(reply.send(self.record(file))),
            Ask::Held(reply) => drop(reply.send(self.history.held())),
            Ask::Here(reply) => drop(reply.send((self.history.store().end(), self.history.now()))),
            Ask::Conclude(reply) => {
                let summary = self.history.summary();
                let recorded = self.conclude();
                drop(reply.send((recorded, summary)));
            }
            Ask::Findings(reply) => drop(reply.send(self.history.model().findings())),
            Ask::LongPolls { after, at_least, reply } => drop(reply.send(self.history.long_polls(after, at_least))),
            Ask::Stream(stream) => {
                self.tell_findings();
                self.streams.0.push(stream);
            }
            Ask::Fail => panic!("a test asked for this panic"),
            Ask::Stop | Ask::Piece(..) => {}
        }
    }

    /// Tells whoever wants to hear of it what was found since they were told last.
    fn tell_findings(&mut self) {
        let (streams, told) = &mut self.streams;
        let mut news = self.history.model().findings();
        news.retain(|finding| finding.number > *told);
        news.sort_by_key(|finding| finding.number);
        streams.retain(|stream| !stream.is_closed());
        for finding in news {
            *told = finding.number;
            // Who does not receive misses some: nobody waits here.
            for stream in streams.iter() {
                drop(stream.try_send(finding.clone()));
            }
        }
    }

    fn record(&mut self, file: File) -> io::Result<Receiver<String>> {
        if self.recorder.as_ref().is_some_and(|recorder| !recorder.has_ended()) {
            return Err(io::Error::other("something is recorded already: end that recording first"));
        }
        let held = self.history.held();
        let origin = Origin::of_this_process(program_name(), self.probes.clock());
        let probes = self.probes.clone();
        let observed = move |name| {
            probes.register_observer(name);
        };
        let (recorder, broken) = Recorder::start(file, held, origin, observed)?;
        self.recorder = Some(recorder);
        Ok(broken)
    }

    /// Ends the recording, if there is one.
    fn conclude(&mut self) -> Option<Recorded> {
        let upto = self.history.now();
        self.recorder.take().map(|recorder| recorder.end(upto))
    }

    /// Has the sampler read all totals, and waits until they are on their way.
    fn refresh_totals(&self) {
        let (reply, done) = crossbeam_channel::bounded(1);
        if self.ends.sampler.try_send(ToSampler::ReadTotals(reply)).is_ok() {
            // An end of the sampler closes the channel: this never waits for long.
            let _ = done.recv();
        }
    }

    /// Sends a picture if there is news and the screen has room for it. Says whether it was sent.
    fn send_picture(&mut self) -> bool {
        let Some(view) = self.view.as_ref().filter(|_| self.changed && self.ends.pictures.is_empty()) else {
            return false;
        };
        let mut picture = Box::new(self.history.picture(view));
        picture.header.recording = self.recorder.as_ref().map(|it| (!it.has_ended()).then(|| it.written()));
        self.changed = false;
        self.ends.pictures.try_send(picture).is_ok()
    }
}

impl Source {
    fn drain(&mut self, watermark: Nanos, batch: &mut Batch) {
        let thread = self.reader.thread;
        drain_into(&mut self.reader, watermark, batch);
        let lost = self.reader.slot.lost();
        if lost > self.lost {
            let count = (lost - self.lost) as u32;
            self.lost = lost;
            batch.extend(thread, &[Record::new(watermark, Fact::Lost { count })]);
        }
        if let Some(span) = self.in_flight(watermark)
            && span.start != self.opened
        {
            self.opened = span.start;
            let age = watermark - span.start;
            batch.extend(thread, &[Record::new(watermark, Fact::Open { what: span.what, age, doing: span.doing })]);
        }
        if let Some(part) = self.part_in_flight(watermark)
            && (self.opened, part.start) != self.parted
        {
            self.parted = (self.opened, part.start);
            let age = watermark - part.start;
            batch.extend(thread, &[Record::new(watermark, Fact::Part { what: part.what, age, doing: part.doing })]);
        }
    }

    /// The span that has been in flight for a while: the outermost, or a wait inside it, which says more.
    fn in_flight(&self, watermark: Nanos) -> Option<InFlight> {
        let is_old = |span: &InFlight| span.start + OPEN_AFTER <= watermark;
        let outer = self.reader.slot.outer().filter(is_old)?;
        let wait = self.reader.slot.inner().filter(|inner| inner.doing == Doing::Wait && is_old(inner));
        Some(wait.unwrap_or(outer))
    }

    /// The innermost span inside the one that was written as open.
    fn part_in_flight(&self, watermark: Nanos) -> Option<InFlight> {
        let inner = self.reader.slot.inner().filter(|inner| inner.doing != Doing::Wait)?;
        // It is inside of what is in flight now: one that was handed over goes on in a poll that began later than it did.
        let outer = self.reader.slot.outer().filter(|outer| outer.start == self.opened)?;
        (inner.start.max(outer.start) + OPEN_AFTER <= watermark).then_some(inner)
    }
}
