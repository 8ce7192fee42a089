//! Tokio's own channels, `tokio::sync::mpsc`, whose depth is measured: for tasks, which wait without a thread.
//!
//! ```
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! # runtime.block_on(async {
//! let (sender, mut receiver) = pollscope::mpsc::channel("pages", 8);
//! sender.send(1).await.unwrap();
//! assert_eq!(receiver.recv().await, Some(1));
//! # });
//! ```

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll},
};

use pollscope_core::trace::event::UNBOUNDED;
use tokio::sync::mpsc::{
    self,
    error::{SendError, TryRecvError, TrySendError},
};

use super::{channel::Label, current::label};

/// A bounded channel, as Tokio's own, with a name.
///
/// ```
/// let (sender, mut receiver) = pollscope::mpsc::channel("pages", 1);
/// sender.try_send(1).unwrap();
/// assert!(sender.try_send(2).is_err(), "there is no room");
/// assert_eq!(receiver.try_recv(), Ok(1));
/// ```
///
/// # Panics
///
/// With a capacity of 0, as Tokio's own.
pub fn channel<T>(name: &str, capacity: usize) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = mpsc::channel(capacity);
    let label = label(name, u32::try_from(capacity).unwrap_or(UNBOUNDED));
    (Sender { label: label.clone(), channel: sender }, Receiver { label, channel: receiver })
}

/// A channel without a bound, as Tokio's own, with a name.
///
/// ```
/// let (sender, mut receiver) = pollscope::mpsc::unbounded_channel("pages");
/// (1..=1000).for_each(|page| sender.send(page).unwrap());
/// assert_eq!(receiver.try_recv(), Ok(1));
/// ```
pub fn unbounded_channel<T>(name: &str) -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let (label, sent) = (label(name, UNBOUNDED), Arc::new(AtomicU32::new(0)));
    let sender = UnboundedSender { label: label.clone(), depth: Arc::clone(&sent), channel: sender };
    (sender, UnboundedReceiver { label, depth: sent, channel: receiver })
}

/// The sending end of a [`channel`].
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// let (sender, receiver) = pollscope::mpsc::channel("pages", 8);
/// sender.blocking_send(1).unwrap(); // on a thread that is no worker
/// sender.try_send(2).unwrap();
/// # runtime.block_on(async {
/// sender.send(3).await.unwrap();
/// assert_eq!(sender.capacity(), 5);
/// drop(receiver);
/// sender.closed().await;
/// assert!(sender.is_closed());
/// # });
/// ```
pub struct Sender<T> {
    label: Label,
    channel: mpsc::Sender<T>,
}

/// The receiving end of a [`channel`].
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// let (sender, mut receiver) = pollscope::mpsc::channel("pages", 8);
/// (1..=4).for_each(|page| sender.try_send(page).unwrap());
/// assert_eq!(receiver.blocking_recv(), Some(1)); // on a thread that is no worker
/// assert_eq!(receiver.try_recv(), Ok(2));
/// assert_eq!(receiver.len(), 2);
/// receiver.close();
/// # runtime.block_on(async {
/// assert_eq!(receiver.recv().await, Some(3));
/// assert_eq!(std::future::poll_fn(|cx| receiver.poll_recv(cx)).await, Some(4));
/// # });
/// assert!(receiver.is_empty());
/// ```
pub struct Receiver<T> {
    label: Label,
    channel: mpsc::Receiver<T>,
}

/// The sending end of an [`unbounded_channel`].
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// let (sender, receiver) = pollscope::mpsc::unbounded_channel("pages");
/// sender.send(1).unwrap();
/// # runtime.block_on(async {
/// drop(receiver);
/// sender.closed().await;
/// assert!(sender.is_closed() && sender.send(2).is_err());
/// # });
/// ```
pub struct UnboundedSender<T> {
    label: Label,
    depth: Arc<AtomicU32>,
    channel: mpsc::UnboundedSender<T>,
}

/// The receiving end of an [`unbounded_channel`].
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// let (sender, mut receiver) = pollscope::mpsc::unbounded_channel("pages");
/// (1..=4).for_each(|page| sender.send(page).unwrap());
/// assert_eq!(receiver.blocking_recv(), Some(1)); // on a thread that is no worker
/// assert_eq!(receiver.try_recv(), Ok(2));
/// assert_eq!(receiver.len(), 2);
/// receiver.close();
/// # runtime.block_on(async {
/// assert_eq!(receiver.recv().await, Some(3));
/// assert_eq!(std::future::poll_fn(|cx| receiver.poll_recv(cx)).await, Some(4));
/// # });
/// assert!(receiver.is_empty());
/// ```
pub struct UnboundedReceiver<T> {
    label: Label,
    depth: Arc<AtomicU32>,
    channel: mpsc::UnboundedReceiver<T>,
}

impl<T> Sender<T> {
    /// Sends, and waits for room if need be.
    ///
    /// # Errors
    ///
    /// Gives the item back when nobody can receive it.
    pub async fn send(&self, item: T) -> Result<(), SendError<T>> {
        self.channel.send(item).await?;
        self.sent();
        Ok(())
    }

    /// Sends if there is room.
    ///
    /// # Errors
    ///
    /// Gives the item back when there is none, or nobody can receive it.
    pub fn try_send(&self, item: T) -> Result<(), TrySendError<T>> {
        self.channel.try_send(item)?;
        self.sent();
        Ok(())
    }

    /// Sends, and has the thread wait for room if need be: for threads that are no workers.
    ///
    /// # Errors
    ///
    /// Gives the item back when nobody can receive it.
    ///
    /// # Panics
    ///
    /// Inside a runtime's worker, as Tokio's own.
    pub fn blocking_send(&self, item: T) -> Result<(), SendError<T>> {
        match self.channel.try_send(item) {
            Ok(()) => {}
            Err(TrySendError::Closed(item)) => return Err(SendError(item)),
            Err(TrySendError::Full(item)) => self.label.wait(true, || self.channel.blocking_send(item))?,
        }
        self.sent();
        Ok(())
    }

    /// Waits until nobody can receive any more.
    pub async fn closed(&self) {
        self.channel.closed().await;
    }

    /// Nobody can receive any more.
    pub fn is_closed(&self) -> bool {
        self.channel.is_closed()
    }

    /// How many items there is room for now.
    pub fn capacity(&self) -> usize {
        self.channel.capacity()
    }

    fn sent(&self) {
        self.label.sent(self.channel.max_capacity() - self.channel.capacity());
    }
}

impl<T> Receiver<T> {
    /// Receives, and waits for an item if need be; none when it is empty and nobody can send.
    pub async fn recv(&mut self) -> Option<T> {
        let item = self.channel.recv().await;
        self.received(item.is_some());
        item
    }

    /// The same for whoever writes a future by hand.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let item = self.channel.poll_recv(cx);
        self.received(matches!(item, Poll::Ready(Some(_))));
        item
    }

    /// Takes an item if there is one.
    ///
    /// # Errors
    ///
    /// When there is none, and says whether there may be one later.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let item = self.channel.try_recv();
        self.received(item.is_ok());
        item
    }

    /// Receives, and has the thread wait if need be: for threads that are no workers.
    ///
    /// # Panics
    ///
    /// Inside a runtime's worker, as Tokio's own.
    pub fn blocking_recv(&mut self) -> Option<T> {
        let item = match self.channel.try_recv() {
            Ok(item) => Some(item),
            Err(TryRecvError::Disconnected) => None,
            Err(TryRecvError::Empty) => self.label.wait(false, || self.channel.blocking_recv()),
        };
        self.received(item.is_some());
        item
    }

    /// Nobody can send any more; what is in it can be received.
    pub fn close(&mut self) {
        self.channel.close();
    }

    /// How many items it holds.
    pub fn len(&self) -> usize {
        self.channel.len()
    }

    /// It holds none.
    pub fn is_empty(&self) -> bool {
        self.channel.is_empty()
    }

    fn received(&self, one: bool) {
        if one {
            self.label.received(self.channel.len());
        }
    }
}

impl<T> UnboundedSender<T> {
    /// Sends.
    ///
    /// # Errors
    ///
    /// Gives the item back when nobody can receive it.
    pub fn send(&self, item: T) -> Result<(), SendError<T>> {
        // Before it can be received: the count never falls below what it holds.
        let depth = self.depth.fetch_add(1, Ordering::Relaxed) + 1;
        if let Err(error) = self.channel.send(item) {
            self.depth.fetch_sub(1, Ordering::Relaxed);
            return Err(error);
        }
        self.label.sent(depth as usize);
        Ok(())
    }

    /// Waits until nobody can receive any more.
    pub async fn closed(&self) {
        self.channel.closed().await;
    }

    /// Nobody can receive any more.
    pub fn is_closed(&self) -> bool {
        self.channel.is_closed()
    }
}

impl<T> UnboundedReceiver<T> {
    /// Receives, and waits for an item if need be; none when it is empty and nobody can send.
    pub async fn recv(&mut self) -> Option<T> {
        let item = self.channel.recv().await;
        self.received(item.is_some());
        item
    }

    /// The same for whoever writes a future by hand.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let item = self.channel.poll_recv(cx);
        self.received(matches!(item, Poll::Ready(Some(_))));
        item
    }

    /// Takes an item if there is one.
    ///
    /// # Errors
    ///
    /// When there is none, and says whether there may be one later.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let item = self.channel.try_recv();
        self.received(item.is_ok());
        item
    }

    /// Receives, and has the thread wait if need be: for threads that are no workers.
    ///
    /// # Panics
    ///
    /// Inside a runtime's worker, as Tokio's own.
    pub fn blocking_recv(&mut self) -> Option<T> {
        let item = match self.channel.try_recv() {
            Ok(item) => Some(item),
            Err(TryRecvError::Disconnected) => None,
            Err(TryRecvError::Empty) => self.label.wait(false, || self.channel.blocking_recv()),
        };
        self.received(item.is_some());
        item
    }

    /// Nobody can send any more; what is in it can be received.
    pub fn close(&mut self) {
        self.channel.close();
    }

    /// How many items it holds.
    pub fn len(&self) -> usize {
        self.channel.len()
    }

    /// It holds none.
    pub fn is_empty(&self) -> bool {
        self.channel.is_empty()
    }

    fn received(&self, one: bool) {
        if one {
            let depth = self.depth.fetch_sub(1, Ordering::Relaxed) - 1;
            self.label.received(depth as usize);
        }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { label: self.label.clone(), channel: self.channel.clone() }
    }
}

impl<T> Clone for UnboundedSender<T> {
    fn clone(&self) -> Self {
        Self { label: self.label.clone(), depth: Arc::clone(&self.depth), channel: self.channel.clone() }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.channel.fmt(f)
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.channel.fmt(f)
    }
}

impl<T> fmt::Debug for UnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.channel.fmt(f)
    }
}

impl<T> fmt::Debug for UnboundedReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.channel.fmt(f)
    }
}
