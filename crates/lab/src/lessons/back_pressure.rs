//! A producer that is faster than its consumer: with an unbounded channel the difference piles up in memory, with
//! a bounded one the producer waits.

#![expect(clippy::unused_async, reason = "a producer that never waits is what it is about")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use super::{
    Knob,
    measure::{ratio, seconds, timed},
    stage::{Halt, Part, Stage},
};
use crate::lab::Bench;

/// Items in all, and how many bytes each holds.
const ITEMS: u64 = 200;
const SIZE: usize = 128 << 10;
/// How long the consumer takes for one.
const NAP: Duration = Duration::from_millis(5);

pub(super) const KNOBS: &[Knob] = &[Knob { name: "capacity", values: &[1, 8, 32], start: 1 }];

// ANCHOR: code
async fn produce_unbounded(stock: Stock, items: mpsc::UnboundedSender<Item>) {
    for _ in 0..ITEMS {
        let _ = items.send(stock.item());
    }
    stock.all_sent();
}

async fn produce_bounded(stock: Stock, items: mpsc::Sender<Item>) {
    for _ in 0..ITEMS {
        // Waits while the channel is full.
        let _ = items.send(stock.item()).await;
    }
    stock.all_sent();
}

async fn use_slowly(item: Item) {
    tokio::time::sleep(NAP).await;
    drop(item);
}

async fn unbounded(lab: Bench, stock: Stock) {
    let (items, mut queue) = mpsc::unbounded_channel();
    lab.spawn("producer", produce_unbounded(stock, items));
    while let Some(item) = queue.recv().await {
        use_slowly(item).await;
    }
}

async fn bounded(lab: Bench, stock: Stock, capacity: usize) {
    let (items, mut queue) = mpsc::channel(capacity);
    lab.spawn("producer", produce_bounded(stock, items));
    while let Some(item) = queue.recv().await {
        use_slowly(item).await;
    }
}
// ANCHOR_END: code

/// Counts the items that exist. Copies are the same stock.
#[derive(Clone, Debug)]
struct Stock(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    began: Instant,
    made: AtomicU64,
    used: AtomicU64,
    most: AtomicU64,
    /// Microseconds until the producer had sent its last item, and what had been used by then.
    sent_after: AtomicU64,
    used_by_then: AtomicU64,
}

/// Something that needs memory.
#[derive(Debug)]
struct Item {
    counts: Arc<Counts>,
    _bytes: Vec<u8>,
}

impl Stock {
    fn new() -> Self {
        let zero = AtomicU64::default;
        let (made, used, most, sent_after, used_by_then) = (zero(), zero(), zero(), zero(), zero());
        Self(Arc::new(Counts { began: Instant::now(), made, used, most, sent_after, used_by_then }))
    }

    fn item(&self) -> Item {
        let made = self.0.made.fetch_add(1, Ordering::Relaxed) + 1;
        self.0.most.fetch_max(made - self.used(), Ordering::Relaxed);
        // Memory that is never written is never resident.
        Item { counts: Arc::clone(&self.0), _bytes: vec![1; SIZE] }
    }

    fn all_sent(&self) {
        self.0.sent_after.store(self.0.began.elapsed().as_micros() as u64, Ordering::Relaxed);
        self.0.used_by_then.store(self.used(), Ordering::Relaxed);
    }

    fn used(&self) -> u64 {
        self.0.used.load(Ordering::Relaxed)
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        self.counts.used.fetch_add(1, Ordering::Relaxed);
    }
}

/// What one channel did.
struct Seen {
    took: Duration,
    most: u64,
    sent_after: Duration,
    used_by_then: u64,
    grown: Option<u64>,
}

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    let capacity = stage.knob("capacity");
    stage.part(&format!("a bounded channel, for {capacity}"));
    let part = stage.workers(2)?;
    let (stock, lab) = (Stock::new(), part.bench().clone());
    let bounded = seen(&part, &stock, bounded(lab, stock.clone(), capacity as usize))?;
    drop(part);
    stage.part("an unbounded channel");
    let part = stage.workers(2)?;
    let (stock, lab) = (Stock::new(), part.bench().clone());
    let unbounded = seen(&part, &stock, unbounded(lab, stock.clone()))?;
    expect_bounded(stage, &bounded, u64::from(capacity));
    expect_unbounded(stage, &unbounded, &bounded);
    Ok(())
}

fn seen(part: &Part<'_>, stock: &Stock, consume: impl Future<Output = ()> + Send + 'static) -> Result<Seen, Halt> {
    let ((), took) = timed(part, "consumer", consume)?;
    let process = part.summary()?.process;
    let Counts { most, sent_after, used_by_then, .. } = &*stock.0;
    Ok(Seen {
        took,
        most: most.load(Ordering::Relaxed),
        sent_after: Duration::from_micros(sent_after.load(Ordering::Relaxed)),
        used_by_then: used_by_then.load(Ordering::Relaxed),
        grown: process.rss_peak_bytes.zip(process.rss_start_bytes).map(|(peak, start)| peak.saturating_sub(start)),
    })
}

fn expect_bounded(stage: &Stage, bounded: &Seen, capacity: u64) {
    // One more is in the producer's hand, and one in the consumer's.
    let most = capacity + 2;
    stage.expect(
        format!("bounded: never more than {most} items exist: {capacity} in the channel, one in each hand"),
        (1..=most).contains(&bounded.most),
        bounded.memory(),
    );
    stage.expect(
        "bounded: the producer waits for the consumer, to the end",
        bounded.used_by_then + most >= ITEMS,
        bounded.last_sent(),
    );
}

fn expect_unbounded(stage: &Stage, unbounded: &Seen, bounded: &Seen) {
    stage.expect(
        "unbounded: most items are in memory at once",
        unbounded.most > ITEMS / 2 && unbounded.most > 2 * bounded.most,
        unbounded.memory(),
    );
    stage.expect(
        "unbounded: the producer is done while most of the work is not",
        unbounded.used_by_then < ITEMS / 2,
        unbounded.last_sent(),
    );
    let ratio = ratio(unbounded.took, bounded.took);
    stage.expect(
        "the unbounded channel gains nothing: all of it takes as long as the consumer takes",
        ratio > 0.5,
        format!("{} unbounded, {} bounded: {ratio:.2} times", seconds(unbounded.took), seconds(bounded.took)),
    );
}

impl Seen {
    fn memory(&self) -> String {
        let held = mebibytes(self.most * SIZE as u64);
        let grown = self.grown.map_or_else(|| "not measured".to_owned(), mebibytes);
        format!("at most {} items at once, {held}; the process grew by {grown}", self.most)
    }

    fn last_sent(&self) -> String {
        let (after, took) = (seconds(self.sent_after), seconds(self.took));
        format!("the last item was sent after {after} of {took}, when {} of {ITEMS} were used", self.used_by_then)
    }
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}
