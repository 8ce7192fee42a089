//! A log and what it means, at any instant of it.
//!
//! The newest state is kept, and copies of older ones (*checkpoints*) as often as folding from one to the next
//! takes some milliseconds. A jump to an instant copies the checkpoint before it and folds the log from there:
//! the same fold over the same events, so the picture of an instant is what was true then. Histories (lanes,
//! the pulse) are one for all instants, and know how it went on.

use std::{collections::VecDeque, ops::ControlFlow, sync::Arc};

use super::{
    Model,
    life::Scan,
    meters::Meters,
    picture::{Picture, Sought, View},
    scenario::Scenarios,
    seek,
    sink::{NoSink, Sink},
    state::{State, TICK},
    summary::Summary,
    timeline::{Marks, Window},
};
use crate::trace::{
    clock::Nanos,
    event::{Event, Stamped},
    log::{Batch, Log, Place, Store},
    record::Record,
};

/// Work of the fold from one checkpoint to the next: about 15 ms, with the blocks to be unpacked first.
const CHECKPOINT: u64 = 1 << 20;
/// Work of a record: a look at a task or thread at a tick is a half or a whole, about 14 ns, where folding a record is
/// 40 and unpacking it 80 (`cargo bench --bench history`).
const RECORD: u64 = 8;
/// Checkpoints that a full log has at least.
const IN_A_LOG: u64 = 16;
/// Of the memory for a recording, what the largest block takes while it is read, where the memory is what it usually is
/// (`tests/memory.rs`): its text, and what becomes of it.
const FOR_A_BLOCK: usize = 5;
/// Ends of jumps that are kept: a picture looks at up to three instants, and the next at some close by.
const CURSORS: usize = 8;
/// Instants of which the whole state is kept: one picture looks at up to three.
const LOOKS: usize = 3;

/// A log, its newest model, and what is needed to go back.
#[derive(Debug)]
pub struct History<S> {
    store: S,
    model: Model,
    /// The scenarios as they are before the first event.
    scenarios: Scenarios,
    /// Older states, each after all batches whose watermark is not later than its own instant.
    checkpoints: VecDeque<State>,
    /// What they take, in bytes.
    bytes: usize,
    /// What they and the newest state share: names, as they were counted last, and all that came since.
    shared: usize,
    /// What all of this may take, in bytes; none where only the store has bounds.
    memory: Option<usize>,
    /// Work since the last of them.
    work: u64,
    /// The instant of the first item; none before there is one.
    first: Option<Nanos>,
    /// Work between two of them.
    every: u64,
    /// What it tells of goes on.
    goes_on: bool,
    /// Where the last jumps ended, after a whole batch: the next instants are often close by.
    cursors: VecDeque<State>,
    /// What was true at the instants that were looked at last: who stands still asks for the same again, every frame.
    looks: VecDeque<(Nanos, Arc<State>)>,
    /// What the log has of the task that was looked at last.
    pub(super) scan: Option<Scan>,
    /// The part of the log that was folded last for a timeline.
    pub(super) window: Option<Window>,
    /// What a filter matched in the part of the log that was looked at last.
    pub(super) marks: Option<Marks>,
}

/// A part of a log, to be handed on.
#[derive(Debug)]
pub struct Piece {
    /// The batches, in order.
    pub batches: Vec<Arc<Batch>>,
    /// Where it ends.
    pub place: Place,
    /// The watermark at its end.
    pub upto: Nanos,
    /// Nothing of what was asked for is left.
    pub is_all: bool,
}

impl History<Log> {
    /// Folds the next batch in and keeps it, within the log's bounds. Leaves an empty batch, and gives the kept one.
    pub fn append(&mut self, batch: &mut Batch) -> Option<Arc<Batch>> {
        self.fold(batch);
        let kept = self.store.append(batch).cloned();
        self.forget();
        kept
    }

    /// All that the log holds. Where it has forgotten its beginning, what was alive then comes first, and then what
    /// came after it.
    pub fn held(&self) -> Vec<Arc<Batch>> {
        let all = self.store.batches().cloned();
        match (self.store.forgotten(), self.checkpoints.front()) {
            (None, _) => all.collect(),
            (Some(_), then) => {
                let then = then.unwrap_or(&self.model.state);
                let after = all.filter(|batch| batch.upto() > then.now);
                std::iter::once(Arc::new(then.preamble())).chain(after).collect()
            }
        }
    }

    /// What the log holds from a place on: batches of about `most` bytes, not beyond the place `to`, where one is given.
    /// Where the log has forgotten some of it, how much that was and what was alive then come first.
    pub fn piece(&self, from: Place, to: Option<Place>, most: usize) -> Piece {
        let mut piece = Piece { batches: Vec::new(), place: from, upto: self.now(), is_all: true };
        let begins = self.store.begins();
        if from.batches < begins.batches {
            self.begin_late(&mut piece, begins);
        }
        let skipped = (piece.place.batches - begins.batches) as usize;
        let mut bytes = 0;
        for batch in self.store.batches().skip(skipped) {
            let is_there = to.is_some_and(|to| to.batches <= piece.place.batches);
            if bytes >= most || is_there {
                piece.upto = piece.batches.last().map_or(0, |last| last.upto());
                piece.is_all = is_there;
                break;
            }
            bytes += batch.bytes();
            piece.place = piece.place.after(batch);
            piece.batches.push(Arc::clone(batch));
        }
        piece
    }

    /// A piece that begins where the log, and the checkpoints, begin.
    fn begin_late(&self, piece: &mut Piece, begins: Place) {
        let then = self.checkpoints.front().unwrap_or(&self.model.state);
        let before = self.store.batches().take_while(|batch| batch.upto() <= then.now);
        let place = before.fold(begins, |place, batch| place.after(batch));
        // Whoever begins now has missed nothing: it hears what was alive.
        if piece.place != Place::default() {
            let mut gap = Batch::default();
            let count = place.items - piece.place.items;
            gap.push(Stamped { at: then.now, event: Event::EventsLost { count } });
            gap.push(Stamped { at: then.now, event: Event::ToldAnew });
            gap.close(then.now);
            piece.batches.push(Arc::new(gap));
        }
        piece.batches.push(Arc::new(then.preamble()));
        piece.place = place;
    }

    /// Lets checkpoints go that the log does not reach back to.
    fn forget(&mut self) {
        let Some(forgotten) = self.store.forgotten() else { return };
        while self.checkpoints.front().is_some_and(|state| state.now < forgotten) {
            self.bytes -= self.checkpoints.pop_front().map_or(0, |oldest| oldest.bytes());
        }
    }
}

impl<S: Store> History<S> {
    /// A history that takes so many bytes of memory: what is alive, what histories and checkpoints need of the rest, and a
    /// store that has what these leave.
    pub fn within(memory: usize, store: impl FnOnce(usize) -> S) -> Self {
        let model = Model::within(memory);
        Self { memory: Some(memory), model, ..Self::new(store(memory - memory / S::FOR_CHECKPOINTS)) }
    }

    /// Returns the same with the folds of these scenarios, for a history that is still empty.
    #[must_use]
    pub fn with_scenarios(self, scenarios: Scenarios) -> Self {
        Self { model: self.model.with_scenarios(scenarios.clone()), scenarios, ..self }
    }

    /// The same of a recording: its newest instant is its end. It has less: a block is unpacked and read besides.
    #[must_use]
    pub fn of_the_past(self) -> Self {
        let memory = self.memory.map(|memory| memory - memory / FOR_A_BLOCK);
        Self { goes_on: false, memory, ..self }
    }

    /// A history of what is, or will be, in the store, with as many checkpoints as there is work for.
    pub(super) fn new(store: S) -> Self {
        // A small log has as many as a large one: what it holds can be gone back to.
        let held = (store.limit() / size_of::<Record>()) as u64;
        Self {
            store,
            model: Model::default(),
            scenarios: Scenarios::default(),
            checkpoints: VecDeque::new(),
            bytes: 0,
            shared: 0,
            memory: None,
            work: 0,
            first: None,
            goes_on: true,
            every: CHECKPOINT.min(held.saturating_mul(RECORD) / IN_A_LOG),
            cursors: VecDeque::new(),
            looks: VecDeque::new(),
            scan: None,
            window: None,
            marks: None,
        }
    }

    /// Folds the next batch of the store in.
    pub fn fold(&mut self, batch: &Batch) {
        let now = self.model.now();
        if self.first.is_none() {
            self.first = batch.replay().next().map(|item| item.at());
        }
        // Only where the watermark goes on: a state is after all batches of its own instant.
        if batch.upto() > now && self.work >= self.every {
            self.checkpoint();
        }
        let ticks = batch.upto().saturating_sub(now) / TICK;
        self.work += batch.len() as u64 * RECORD + ticks * self.model.state.work_of_a_tick();
        self.model.apply(batch);
        self.shared += batch.owned();
        self.divide();
    }

    /// The store has what everything else leaves.
    fn divide(&mut self) {
        let Some(memory) = self.memory else { return };
        let copies = self.cursors.iter().chain(self.looks.iter().map(|(_, state)| &**state)).map(State::bytes);
        let Model { state, index } = &self.model;
        let taken = state.bytes() + self.shared + index.bytes() + self.bytes + copies.sum::<usize>();
        self.store.keep_within(memory.saturating_sub(taken));
    }

    /// How many copies of what is alive there is room for, besides checkpoints.
    fn spare_copies(&self) -> usize {
        self.room() / self.model.state.bytes()
    }

    /// What checkpoints may take, in bytes, of what that which is alive leaves. Where they need more, every second is let
    /// go, and a jump takes twice as long. Where there is room for none, a log that has forgotten something cannot be gone
    /// back in.
    fn room(&self) -> usize {
        let left = |memory: usize| memory.saturating_sub(self.model.state.bytes() + self.shared);
        self.memory.map_or(usize::MAX, |memory| left(memory) / S::FOR_CHECKPOINTS)
    }

    fn checkpoint(&mut self) {
        self.work = 0;
        self.shared = self.model.state.shared_bytes();
        self.bytes += self.model.state.bytes();
        self.checkpoints.push_back(self.model.state.clone());
        while self.bytes > self.room() {
            let (mut keep, more) = (false, self.checkpoints.len() > 1);
            self.checkpoints.retain(|_| {
                keep = !keep && more;
                keep
            });
            self.bytes = self.checkpoints.iter().map(State::bytes).sum();
            self.every = self.every.saturating_mul(2);
        }
    }

    /// What is true now.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The log.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The instant up to which everything is folded in.
    pub fn now(&self) -> Nanos {
        self.model.now()
    }

    /// The earliest instant of which everything is known: what came before it fell out of the log.
    pub fn oldest(&self) -> Nanos {
        match (self.store.forgotten(), self.checkpoints.front()) {
            (None, _) => self.first.unwrap_or(0).min(self.now()),
            (Some(_), Some(state)) => state.now,
            (Some(_), None) => self.now(),
        }
    }

    /// The picture that a view asks for, of the instant that it asks for.
    pub fn picture(&mut self, view: &View) -> Picture {
        let filter = view.filter.as_deref();
        // What lies where nobody can look any more is nowhere.
        let is_there = |at: &Nanos| *at >= self.oldest();
        let sought = view.seek.map(|seek| {
            let found = seek::find(&self.store, &self.model, seek, filter);
            Sought { at: found.at.filter(is_there), onward: found.onward.filter(is_there), ..found }
        });
        let instant = view.at.map(|at| at.clamp(self.oldest(), self.now())).filter(|at| *at < self.now());
        let (oldest, newest) = (self.oldest(), self.now());
        // First, since its fold passes the instant.
        let timeline =
            view.timeline.map(|asked| self.timeline(&asked, view.filter.as_deref(), instant.unwrap_or(newest)));
        let picture = match instant {
            None => self.model.picture(view),
            Some(at) => {
                let state = self.state_at(at);
                state.picture(&self.model.index, view, at)
            }
        };
        let life = view.life.map(|asked| self.life(asked, picture.at));
        Picture { newest, oldest, goes_on: self.goes_on, sought, timeline, life, ..picture }
    }

    /// The run so far, summed up.
    pub fn summary(&self) -> Summary {
        self.model.summary()
    }

    /// Counts since the trace began, and what is so now; see [`Model::meters`].
    pub fn meters(&mut self) -> Meters {
        self.model.meters()
    }

    /// What was true at an instant: after everything up to it, and nothing later. Of one whose details are gone, what was
    /// true when they begin.
    pub(super) fn state_at(&mut self, at: Nanos) -> Arc<State> {
        // What the log holds of a time without its beginning is not folded: it says nothing of whoever was there.
        let at = if self.store.forgotten().is_some() { at.max(self.oldest()) } else { at };
        if at >= self.now() {
            return Arc::new(self.model.state.clone());
        }
        if let Some((_, state)) = self.looks.iter().find(|(known, _)| *known == at) {
            return Arc::clone(state);
        }
        let state = Arc::new(self.fold_to(at));
        while self.looks.len() >= LOOKS.min(self.spare_copies()).max(1) {
            self.looks.pop_front();
        }
        self.looks.push_back((at, Arc::clone(&state)));
        state
    }

    fn fold_to(&mut self, at: Nanos) -> State {
        let is_spare = self.spare_copies() > 0;
        if !is_spare {
            self.looks.clear();
        }
        let mut state = self.nearest(at);
        // Histories have all of it already.
        let mut sink = NoSink;
        let mut rest = None;
        self.store.after(state.now, &mut |batch| {
            if batch.upto() > at {
                // The last whole batch is where the next jump begins.
                let whole = if is_spare { state.clone() } else { std::mem::take(&mut state) };
                rest = Some(whole.up_to(batch, at, &mut sink));
                return ControlFlow::Break(());
            }
            state.fold(batch, &mut sink);
            ControlFlow::Continue(())
        });
        if !is_spare {
            return rest.unwrap_or(state);
        }
        let there = rest.unwrap_or_else(|| state.clone());
        self.keep_cursor(state);
        there
    }

    /// Folds the log once more for a sink, which takes what it wants of the time after an instant; gives how much of that
    /// time was lost. It begins at the checkpoint before the instant.
    pub(super) fn fold_since(&self, after: Nanos, sink: &mut impl Sink) -> u64 {
        let mut state = self.before(after);
        let mut lost = 0;
        self.store.after(state.now, &mut |batch| {
            for item in batch.replay() {
                let before = state.totals.lost;
                state.apply(item, sink);
                // Told of after it happened, by the next batch at the latest.
                lost += if item.at() > after { state.totals.lost - before } else { 0 };
            }
            state.advance(batch.upto(), sink);
            ControlFlow::Continue(())
        });
        lost
    }

    /// A copy of the latest checkpoint that is not later than an instant. Where the log has forgotten what led to the first
    /// one, a fold begins with no more than its threads.
    fn before(&self, at: Nanos) -> State {
        let before = self.checkpoints.partition_point(|state| state.now <= at);
        match (before.checked_sub(1), self.store.forgotten()) {
            (Some(last), _) => self.checkpoints[last].clone(),
            (None, None) => State::default(),
            (None, Some(forgotten)) => self.checkpoints.front().unwrap_or(&self.model.state).threads_alone(forgotten),
        }
    }

    /// Keeps where a jump ended, unless it is kept already; the one that was of use least lately goes.
    pub(super) fn keep_cursor(&mut self, state: State) {
        if self.cursors.iter().any(|cursor| cursor.now == state.now) {
            return;
        }
        let most = CURSORS.min(self.spare_copies());
        while self.cursors.len() >= most.max(1) {
            self.cursors.pop_front();
        }
        if most > 0 {
            self.cursors.push_back(state);
        }
    }

    /// A copy of the latest state that is known and not later than an instant.
    fn nearest(&mut self, at: Nanos) -> State {
        let before = self.checkpoints.partition_point(|state| state.now <= at);
        let checkpoint = before.checked_sub(1).map(|last| &self.checkpoints[last]);
        let from = checkpoint.map_or(0, |state| state.now);
        let close = (0..self.cursors.len()).filter(|cursor| (from..=at).contains(&self.cursors[*cursor].now));
        match close.max_by_key(|cursor| self.cursors[*cursor].now).and_then(|cursor| self.cursors.remove(cursor)) {
            // It stays: the same frame is asked for again, and with it the instant before this one.
            Some(cursor) => {
                self.cursors.push_back(cursor.clone());
                cursor
            }
            None => checkpoint.cloned().unwrap_or_else(|| State::with_scenarios(self.scenarios.clone())),
        }
    }
}

impl State {
    /// Folds a whole batch in.
    pub(super) fn fold(&mut self, batch: &Batch, sink: &mut impl Sink) {
        for item in batch.replay() {
            self.apply(item, sink);
        }
        self.advance(batch.upto(), sink);
    }

    /// The same after as much of a batch as had happened at an instant.
    fn up_to(mut self, batch: &Batch, at: Nanos, sink: &mut impl Sink) -> Self {
        for item in batch.replay().take_while(|item| item.at() <= at) {
            self.apply(item, sink);
        }
        self.advance(at, sink);
        self
    }

    /// The work of looking at all rules: they look at every task and thread.
    fn work_of_a_tick(&self) -> u64 {
        16 + self.tasks.len() as u64 / 2 + self.threads.len() as u64
    }
}

#[cfg(test)]
mod tests;
