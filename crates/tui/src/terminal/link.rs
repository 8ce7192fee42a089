//! The link to the terminal: a thread of its own writes, so that a terminal that is slow, or takes nothing at all,
//! holds up neither keys nor the end of the program. It must not know what a screen is.

use std::{
    io::{self, Write},
    sync::OnceLock,
    thread,
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::Hold;

/// The thread that writes.
pub const THREAD: &str = "terminal";

/// How long whoever gives the terminal back waits for what is on its way.
const PATIENCE: Duration = Duration::from_millis(100);

/// How long then, when that was thrown away: the terminal takes the last word at once, or nothing at all.
const LAST_PATIENCE: Duration = Duration::from_millis(500);

/// Bytes that are written at once: between two such pieces the rest of a frame can be given up.
const PIECE: usize = 1024;

/// Ends a sequence that was begun, whatever it is.
const CANCEL: &[u8] = b"\x18";

/// What may wait for the thread: a frame, and the last word.
const WAITING: usize = 2;

/// There is one terminal, and whoever panics gives it back.
static LINK: OnceLock<Link> = OnceLock::new();

/// What is to be written.
enum Parcel {
    /// Given up where the terminal has been given back since: one that was taken anew shows something else.
    Frame { bytes: Vec<u8>, hold: u64 },
    /// Written in any case; the sender is dropped when that is done.
    Last(Vec<u8>, Sender<()>),
}

/// The way to the thread that writes.
pub(super) struct Link {
    parcels: Sender<Parcel>,
    written: Receiver<io::Result<()>>,
}

impl Link {
    /// The link, whose thread starts with the first that wants it; it calls `begun`, and panics at the second frame
    /// where it `fails`: the terminal is taken by then.
    pub(super) fn open(fails: bool, begun: impl FnOnce() + Send + 'static) -> io::Result<&'static Self> {
        if let Some(link) = LINK.get() {
            return Ok(link);
        }
        let (parcels, parcels_in) = bounded(WAITING);
        let (written_out, written) = bounded(WAITING);
        thread::Builder::new().name(THREAD.to_owned()).spawn(move || {
            begun();
            write(&parcels_in, &written_out, fails);
        })?;
        Ok(LINK.get_or_init(|| Self { parcels, written }))
    }

    /// Has a frame of that hold of the terminal written. Only one may be on its way: [`written`](Self::written) tells when it
    /// is not any more.
    pub(super) fn frame(&self, bytes: Vec<u8>, hold: u64) {
        let _ = self.parcels.try_send(Parcel::Frame { bytes, hold });
    }

    /// Has the last word written; the channel ends when that is done. The thread that writes, in its own panic, writes it
    /// itself, and so does whoever finds that thread gone.
    fn say_last(&self, bytes: &[u8]) -> Receiver<()> {
        let (said, done) = bounded(0);
        let hand_over = || self.parcels.try_send(Parcel::Last(bytes.to_vec(), said));
        let is_own = thread::current().name() == Some(THREAD);
        if is_own || matches!(hand_over(), Err(TrySendError::Disconnected(_))) {
            let _ = piece(&[CANCEL, bytes].concat());
        }
        done
    }

    /// Tells of each frame that it is written or given up.
    pub(super) fn written(&self) -> &Receiver<io::Result<()>> {
        &self.written
    }
}

/// What becomes of what is on its way where the terminal does not take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// The last word is written instead of it.
    ThrownAway,
    /// The last word comes after it, some time.
    Waited,
}

/// Has the last word written, if there is a link: after what is on its way, or as that says. A terminal that takes nothing at
/// all is left as it is.
pub(super) fn last_word(bytes: &[u8], rest: Rest) {
    let Some(link) = LINK.get() else { return };
    let done = link.say_last(bytes);
    if is_said(&done, PATIENCE) {
        return;
    }
    if rest == Rest::Waited {
        is_said(&done, LAST_PATIENCE);
        return;
    }
    throw_away();
    if is_said(&done, LAST_PATIENCE) {
        // On a busy machine it was written only now, and may be among what was thrown away.
        is_said(&link.say_last(bytes), LAST_PATIENCE);
    }
}

/// Whether the last word was written within that time: nothing comes, the end of the channel is the news.
fn is_said(done: &Receiver<()>, patience: Duration) -> bool {
    done.recv_timeout(patience).is_err_and(|error| !error.is_timeout())
}

/// Throws away what the system keeps for the terminal.
#[cfg(unix)]
fn throw_away() {
    use nix::sys::termios::{FlushArg, tcflush};

    let _ = tcflush(io::stdout(), FlushArg::TCOFLUSH);
}

#[cfg(not(unix))]
fn throw_away() {}

fn write(parcels: &Receiver<Parcel>, written: &Sender<io::Result<()>>, fails: bool) {
    let (mut is_whole, mut frames) = (true, 0);
    for parcel in parcels {
        match parcel {
            Parcel::Frame { bytes, hold } => {
                frames += 1;
                assert!(!fails || frames < 2, "a test asked for this panic");
                let told = frame(&bytes, hold);
                is_whole = !matches!(told, Ok(false));
                // Where nobody asks any more, nobody wants to know.
                let _ = written.try_send(told.map(drop));
            }
            Parcel::Last(bytes, said) => {
                let cancel = if std::mem::replace(&mut is_whole, true) { &[][..] } else { CANCEL };
                // Nobody is left to tell of a terminal that is gone.
                let _ = piece(&[cancel, &bytes].concat());
                drop(said);
            }
        }
    }
}

/// Says whether the frame was written whole.
fn frame(bytes: &[u8], hold: u64) -> io::Result<bool> {
    for bytes in bytes.chunks(PIECE) {
        if !Hold::is_valid(hold) {
            return Ok(false);
        }
        piece(bytes)?;
    }
    Ok(true)
}

fn piece(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}
