//! One viewer: asked who it is, then sent the recording as it is made, from what the log holds on.
//!
//! A viewer pulls: while it does not read, its thread stands still in a write, and nothing is made for it.

use std::{
    io::{self, Read, Write},
    net::Shutdown,
    time::{Duration, Instant},
};

use pollscope_core::{
    model::history::Piece,
    trace::{
        event::Event,
        log::{Batch, Place},
        recording::{Origin, Writer},
    },
    wire::{handshake, socket::Connection},
};

use super::{
    Inside, Pending, VIEWERS,
    live::{End, Mark, Next, Seat},
};
use crate::scope::collector::Ask;

/// The whole of a viewer's line is read by then.
const HELLO: Duration = Duration::from_secs(2);
/// A line that says why not is taken by then; and what was sent besides is read for so long.
const FAREWELL: Duration = Duration::from_millis(500);
/// Bytes of what was sent besides that are read.
const BESIDES: u64 = 64 << 10;
/// Bytes of batches that are packed at a time.
const A_PIECE: usize = 4 << 20;
/// Between two looks whether all is over.
const LOOK: Duration = Duration::from_secs(1);

/// Asks who it is, and sends what there is for as long as it reads.
pub(super) fn serve(mut connection: Connection, pending: Pending, inside: &Inside) {
    match greet(&mut connection, inside) {
        Ok((seat, here)) => {
            drop(pending);
            let lane = inside.probes.register_observer("scope-viewer");
            // Whoever is gone is noticed at the next write.
            let _ = connection.write_within(None).and_then(|()| send(&mut connection, here, inside));
            inside.probes.emit(Event::ThreadEnded { thread: lane, cpu: None, waited: None });
            connection.shut(Shutdown::Write);
            drop(seat);
        }
        Err(Some(why)) => refuse(&mut connection, &why),
        // Nobody is there to be told, or nobody who could tell.
        Err(None) => {}
    }
}

/// Says why not, in a line that arrives: where something of the other side lay unread, the system would throw the line
/// away with the connection.
fn refuse(connection: &mut Connection, why: &str) {
    let _ = connection.write_within(Some(FAREWELL));
    let _ = connection.write_all(&handshake::refusal(why));
    connection.shut(Shutdown::Write);
    let mut within = Within { connection, until: Instant::now() + FAREWELL };
    let _ = io::copy(&mut Read::take(&mut within, BESIDES), &mut io::sink());
}

/// Gives it a seat, and where the log was then; or why it may not look, where there is anybody who would read that.
fn greet<'a>(connection: &mut Connection, inside: &'a Inside) -> Result<(Seat<'a>, Mark), Option<String>> {
    let mut within = Within { connection, until: Instant::now() + HELLO };
    let hello = handshake::read_hello(&mut within).map_err(|error| {
        let is_slow = matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock);
        is_slow.then(|| "nothing was said for 2 s: look at this with 'pollscope attach ADDRESS'".to_owned())
    })?;
    handshake::check(&hello, inside.token.as_ref()).map_err(Some)?;
    let here = inside.here().ok_or(None)?;
    let full = || Some(format!("{VIEWERS} viewers look at this program already: close one, then try again"));
    let seat = inside.live.take_seat(VIEWERS, here).ok_or_else(full)?;
    Ok((seat, here))
}

/// A connection that is read until an instant.
struct Within<'a> {
    connection: &'a mut Connection,
    until: Instant,
}

impl Read for Within<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.connection.read_within(left)?;
        self.connection.read(buffer)
    }
}

fn send(connection: &mut Connection, here: Mark, inside: &Inside) -> io::Result<()> {
    let origin = Origin { now: Some(here.upto), ..inside.origin.clone() };
    Writer::of(&origin, &mut *connection)?.finish()?;
    let mut at = Mark::default();
    loop {
        match inside.live.next(at, LOOK) {
            Next::Send(bytes, to) => {
                connection.write_all(&bytes)?;
                at = to;
            }
            Next::CatchUp(end) => {
                let Some((bytes, to, _)) = inside.pack(at, Some(end)) else { return Ok(()) };
                connection.write_all(&bytes)?;
                at = to;
            }
            Next::Wait => {}
            Next::Over(End::Whole) => return Writer::go_on(connection, at.upto).end().map(drop),
            Next::Over(End::CutOff) => return Ok(()),
        }
    }
}

impl Inside {
    /// Where the log is now.
    fn here(&self) -> Option<Mark> {
        let (reply, answer) = crossbeam_channel::bounded(1);
        self.asks.send(Ask::Here(reply)).ok()?;
        let (place, upto) = answer.recv().ok()?;
        Some(Mark { place, upto })
    }

    /// Packs some of what comes after a place, up to another, and says whether that was all. None when the collector is
    /// gone, or nothing can be packed.
    pub(super) fn pack(&self, from: Mark, end: Option<Mark>) -> Option<(Vec<u8>, Mark, bool)> {
        // One at a time, however many viewers have to catch up: it costs the program a core at most.
        let _turn = self.packing.lock();
        let piece = self.piece(from.place, end.map(|end| end.place))?;
        let last = piece.batches.last().map_or(0, |batch| batch.upto());
        let to = match end {
            Some(end) if end.place == piece.place && end.upto >= last => end,
            // There is more to come, or the log has forgotten even what was to be its end.
            _ => Mark { place: piece.place, upto: piece.upto.max(last).max(from.upto) },
        };
        let mut writer = Writer::go_on(Vec::new(), from.upto);
        for batch in &piece.batches {
            writer.batch(batch).ok()?;
        }
        let mut clock = Batch::default();
        clock.close(to.upto);
        writer.batch(&clock).ok()?;
        Some((writer.finish().ok()?, to, piece.is_all))
    }

    fn piece(&self, from: Place, to: Option<Place>) -> Option<Piece> {
        let (reply, answer) = crossbeam_channel::bounded(1);
        self.asks.send(Ask::Piece(from, to, A_PIECE, reply)).ok()?;
        answer.recv().ok()
    }
}
