//! Bounded channels and gates whose depth and waits are measured.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use crossbeam_channel::{Receiver, RecvError, SendError, Sender, TryRecvError, TrySendError};
use pollscope_core::trace::{
    event::Event,
    record::{Doing, Fact, QueueId},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    Shared,
    recorder::{self, End},
};

/// What both ends of a channel need to tell of it; nothing where no scope looks.
#[derive(Clone, Debug)]
pub(super) struct Label(Option<Arc<Named>>);

/// A queue that is told of, until its last end is dropped.
#[derive(Debug)]
struct Named {
    shared: Arc<Shared>,
    queue: QueueId,
}

impl Drop for Named {
    fn drop(&mut self) {
        self.shared.emit(Event::QueueEnded { queue: self.queue });
    }
}

impl Label {
    pub(super) fn new(shared: &Arc<Shared>, queue: QueueId) -> Self {
        Self(Some(Arc::new(Named { shared: Arc::clone(shared), queue })))
    }

    pub(super) fn unseen() -> Self {
        Self(None)
    }

    pub(super) fn sent(&self, depth: usize) {
        self.note(|queue| Fact::Sent { queue, depth: depth as u32 });
    }

    pub(super) fn received(&self, depth: usize) {
        self.note(|queue| Fact::Received { queue, depth: depth as u32 });
    }

    fn note(&self, fact: impl FnOnce(QueueId) -> Fact) {
        if let Some(Named { shared, queue }) = self.0.as_deref() {
            recorder::with(shared, |recorder| recorder.note(fact(*queue)));
        }
    }

    /// Measures the thread's wait.
    pub(super) fn wait<T>(&self, for_room: bool, wait: impl FnOnce() -> T) -> T {
        let Some(Named { shared, queue }) = self.0.as_deref() else { return wait() };
        let frame = recorder::with(shared, |recorder| recorder.enter(Doing::Wait, *queue));
        let result = wait();
        if let Some(frame) = frame {
            recorder::with(shared, |recorder| recorder.exit(&frame, End::Wait { for_room }));
        }
        result
    }
}

/// The sending end of a measured crossbeam channel.
///
/// ```
/// let (sender, receiver) = pollscope::queue("pages", 8);
/// let other = sender.clone();
/// std::thread::spawn(move || other.send(1).unwrap()).join().unwrap();
/// sender.send(2).unwrap();
/// assert_eq!([receiver.recv(), receiver.recv()], [Ok(1), Ok(2)]);
/// ```
#[derive(Debug)]
pub struct QueueSender<T> {
    label: Label,
    channel: Sender<T>,
}

/// The receiving end of a measured crossbeam channel.
///
/// ```
/// let (sender, receiver) = pollscope::queue("pages", 8);
/// let other = receiver.clone();
/// sender.send(1).unwrap();
/// assert_eq!(other.recv(), Ok(1));
/// assert_eq!(receiver.try_recv(), None, "each item is received once");
/// ```
#[derive(Debug)]
pub struct QueueReceiver<T> {
    label: Label,
    channel: Receiver<T>,
}

pub(super) fn queue<T>(label: Label, capacity: u32) -> (QueueSender<T>, QueueReceiver<T>) {
    let (sender, receiver) = crossbeam_channel::bounded(capacity as usize);
    (QueueSender { label: label.clone(), channel: sender }, QueueReceiver { label, channel: receiver })
}

impl<T> QueueSender<T> {
    /// Sends, and waits for room if need be. Never from a poll: this blocks the thread.
    ///
    /// ```
    /// let (sender, receiver) = pollscope::queue("pages", 1);
    /// let pages = std::thread::spawn(move || (1..=3).map(|_| receiver.recv().unwrap()).sum::<u32>());
    /// for page in 1..=3 {
    ///     sender.send(page).unwrap();
    /// }
    /// assert_eq!(pages.join().unwrap(), 6);
    /// assert!(sender.send(4).is_err(), "nobody can receive any more");
    /// ```
    ///
    /// # Errors
    ///
    /// Gives the item back when nobody can receive it.
    pub fn send(&self, item: T) -> Result<(), SendError<T>> {
        match self.channel.try_send(item) {
            Ok(()) => {}
            Err(TrySendError::Disconnected(item)) => return Err(SendError(item)),
            Err(TrySendError::Full(item)) => self.label.wait(true, || self.channel.send(item))?,
        }
        self.label.sent(self.channel.len());
        Ok(())
    }

    /// Sends if there is room.
    ///
    /// ```
    /// let (sender, _receiver) = pollscope::queue("pages", 1);
    /// assert_eq!(sender.try_send(1), Ok(()));
    /// assert_eq!(sender.try_send(2), Err(2), "there is no room");
    /// ```
    ///
    /// # Errors
    ///
    /// Gives the item back when there is none, or nobody can receive it.
    pub fn try_send(&self, item: T) -> Result<(), T> {
        self.channel.try_send(item).map_err(TrySendError::into_inner)?;
        self.label.sent(self.channel.len());
        Ok(())
    }
}

impl<T> QueueReceiver<T> {
    /// Takes an item if there is one; never waits.
    ///
    /// ```
    /// let (sender, receiver) = pollscope::queue("pages", 8);
    /// assert_eq!(receiver.try_recv(), None);
    /// sender.send(1).unwrap();
    /// assert_eq!(receiver.try_recv(), Some(1));
    /// ```
    pub fn try_recv(&self) -> Option<T> {
        let item = self.channel.try_recv().ok()?;
        self.label.received(self.channel.len());
        Some(item)
    }

    /// Receives, and waits for an item if need be. Never from a poll: this blocks the thread.
    ///
    /// ```
    /// let (sender, receiver) = pollscope::queue("pages", 8);
    /// std::thread::spawn(move || sender.send(1).unwrap());
    /// assert_eq!(receiver.recv(), Ok(1));
    /// assert!(receiver.recv().is_err(), "nobody can send any more");
    /// ```
    ///
    /// # Errors
    ///
    /// When it is empty and nobody can send.
    pub fn recv(&self) -> Result<T, RecvError> {
        let item = match self.channel.try_recv() {
            Ok(item) => item,
            Err(TryRecvError::Disconnected) => return Err(RecvError),
            Err(TryRecvError::Empty) => self.label.wait(false, || self.channel.recv())?,
        };
        self.label.received(self.channel.len());
        Ok(item)
    }
}

impl<T> Clone for QueueSender<T> {
    fn clone(&self) -> Self {
        Self { label: self.label.clone(), channel: self.channel.clone() }
    }
}

impl<T> Clone for QueueReceiver<T> {
    fn clone(&self) -> Self {
        Self { label: self.label.clone(), channel: self.channel.clone() }
    }
}

/// Permits for tasks: how many may be past this point at once.
///
/// ```
/// # let scope = pollscope::Scope::new()?;
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// let uploads = scope.probes().gate("uploads", 2);
/// # runtime.block_on(async {
/// let permits = (uploads.enter().await, uploads.enter().await);
/// // A third task would wait here.
/// drop(permits);
/// assert!(uploads.enter().await.is_some());
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Gate {
    label: Label,
    semaphore: Arc<Semaphore>,
    inside: Arc<AtomicU32>,
}

/// The right to be past a [`Gate`]; given back on drop.
///
/// ```
/// # let scope = pollscope::Scope::new()?;
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// let uploads = scope.probes().gate("uploads", 1);
/// # runtime.block_on(async {
/// for _ in 0..3 {
///     let _permit = uploads.enter().await.unwrap(); // one at a time
/// }
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Permit {
    gate: Gate,
    permit: Option<OwnedSemaphorePermit>,
}

impl Gate {
    pub(super) fn new(label: Label, capacity: u32) -> Self {
        Self { label, semaphore: Arc::new(Semaphore::new(capacity as usize)), inside: Arc::default() }
    }

    /// Waits for a permit; none once the gate is closed.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// let uploads = scope.probes().gate("uploads", 2);
    /// # runtime.block_on(async {
    /// let permit = uploads.enter().await;
    /// assert!(permit.is_some());
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn enter(&self) -> Option<Permit> {
        let permit = Arc::clone(&self.semaphore).acquire_owned().await.ok()?;
        let depth = self.inside.fetch_add(1, Ordering::Relaxed) + 1;
        self.label.sent(depth as usize);
        Some(Permit { gate: self.clone(), permit: Some(permit) })
    }

    /// Nobody enters any more, and who waits gets none.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// let uploads = scope.probes().gate("uploads", 2);
    /// uploads.close();
    /// # runtime.block_on(async {
    /// assert!(uploads.enter().await.is_none());
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn close(&self) {
        self.semaphore.close();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let depth = self.gate.inside.fetch_sub(1, Ordering::Relaxed) - 1;
        self.gate.label.received(depth as usize);
        self.permit = None;
    }
}
