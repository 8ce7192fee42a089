//! Follows the program at one address, on a thread of its own: reads its stream, and tries again when it is gone.

use std::{io, sync::Arc, thread, time::Duration};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use pollscope_core::{
    trace::{
        log::Batch,
        recording::{Damage, Error, Head},
    },
    wire::{Address, Token},
};

use super::connect::{AttachError, Trace, connect};

/// Blocks that may wait to be shown.
const WAITING: usize = 4;
/// From one try to the next: at first, and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What a follower tells.
#[derive(Debug)]
pub(super) enum News {
    /// A stream begins.
    Begins(Head),
    /// The next block.
    Batches(Vec<Batch>),
    /// The program is gone, or cannot be looked at: why.
    Gone(String),
}

/// A follower's thread; it ends, within some seconds, once this is dropped.
#[derive(Debug)]
pub(super) struct Follower {
    pub(super) address: Address,
    pub(super) news: Receiver<News>,
    _goes_on: Sender<()>,
}

impl Follower {
    /// Begins with the stream that is there, or with the first try.
    pub(super) fn start(address: Address, token: Option<Arc<Token>>, trace: Option<Trace>) -> io::Result<Self> {
        let (tell, news) = crossbeam_channel::bounded(WAITING);
        let (goes_on, stops) = crossbeam_channel::bounded(0);
        let there = address.clone();
        let run = move || follow(&there, token.as_deref(), trace, &tell, &stops);
        thread::Builder::new().name("scope-follower".into()).spawn(run)?;
        Ok(Self { address, news, _goes_on: goes_on })
    }
}

fn follow(
    address: &Address,
    token: Option<&Token>,
    mut trace: Option<Trace>,
    tell: &Sender<News>,
    stops: &Receiver<()>,
) {
    let (mut pause, mut told) = (FIRST_PAUSE, None);
    loop {
        if let Some(trace) = trace.take() {
            (pause, told) = (FIRST_PAUSE, None);
            let Some(why) = read(trace, tell) else { return };
            if tell.send(News::Gone(why)).is_err() {
                return;
            }
        }
        // Whoever is dropped says so by that.
        if stops.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
        match connect(address, token) {
            Ok(there) => trace = Some(there),
            // That nobody is there yet was said when it went.
            Err(AttachError::Nobody { .. } | AttachError::Silent(_)) => {}
            Err(error) => {
                let why = error.to_string();
                if told.as_ref() != Some(&why) && tell.send(News::Gone(why.clone())).is_err() {
                    return;
                }
                told = Some(why);
            }
        }
    }
}

/// Reads a stream to its end, and says what that is; none when nobody wants to hear it.
fn read(mut trace: Trace, tell: &Sender<News>) -> Option<String> {
    tell.send(News::Begins(trace.head().clone())).ok()?;
    for block in &mut trace {
        match block {
            Ok(batches) => tell.send(News::Batches(batches)).ok()?,
            Err(error) => return Some(end_of(&error)),
        }
    }
    Some(if trace.has_ended() { "gone" } else { "gone, what it did last is missing" }.to_owned())
}

/// How a stream ended.
fn end_of(error: &Error) -> String {
    match error {
        Error::Damaged(Damage::Truncated { .. }) => "gone in the middle of a block".to_owned(),
        Error::Damaged(Damage::Corrupt { what, .. }) => format!("its stream is damaged ({what})"),
        Error::Io(why) if matches!(why.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
            "silent for 5 s".to_owned()
        }
        Error::Io(why) => format!("the connection is lost ({why})"),
        other => other.to_string(),
    }
}
