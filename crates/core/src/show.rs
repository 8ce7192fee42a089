//! Shows what is read as the collector shows a run: pictures of what a view asks for, through the same two channels.
//!
//! It does not know where what is shown comes from.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    model::{
        history::History,
        picture::{Picture, View},
    },
    trace::log::{Batch, Store},
};
use crossbeam_channel::{Receiver, Sender, select};

/// Between two pictures while something is read.
const FRAME: Duration = Duration::from_millis(33);
/// Between two looks for something to do, when all is read.
const IDLE: Duration = Duration::from_millis(100);

/// What is held of a program: its name, and its batches.
pub type Held = (Arc<str>, Vec<Arc<Batch>>);

/// What there is to read.
pub enum More {
    /// Something was read.
    Some,
    /// Nothing for the moment.
    NotYet,
    /// Nothing more, and why, where that is no good end.
    End(Option<String>),
}

/// What is read bit by bit, and can be looked at meanwhile.
pub trait Show {
    /// Reads the next bit.
    fn more(&mut self) -> More;

    /// What a view asks for, of what has been read.
    fn picture(&mut self, view: &View) -> Picture;

    /// All that memory holds of each program.
    fn held(&self) -> Vec<Held>;
}

/// A history and what reads more of it.
pub struct Reading<S, F> {
    /// The history so far.
    pub history: History<S>,
    /// Reads the next bit into it.
    pub more: F,
    /// What memory holds of the history.
    pub held: fn(&History<S>) -> Vec<Arc<Batch>>,
    /// Whose it is, untrusted, for what has no lab.
    pub program: String,
}

impl<S: Store, F: FnMut(&mut History<S>) -> More> Show for Reading<S, F> {
    fn more(&mut self) -> More {
        (self.more)(&mut self.history)
    }

    fn picture(&mut self, view: &View) -> Picture {
        let mut picture = self.history.picture(view);
        if picture.header.generation == 0 && !self.program.is_empty() {
            picture.name_program(&self.program.as_str().into());
        }
        picture
    }

    fn held(&self) -> Vec<Held> {
        vec![(self.program.as_str().into(), (self.held)(&self.history))]
    }
}

/// Whoever shows has these ends of the channels.
pub struct Ends {
    views: Receiver<View>,
    pictures: Sender<Box<Picture>>,
    stop: Receiver<()>,
    asks: Receiver<Sender<Vec<Held>>>,
    told: Sender<String>,
}

/// Whoever looks has those.
#[derive(Debug)]
pub struct Looks {
    /// Takes the view to make pictures of.
    pub views: Sender<View>,
    /// Has a picture whenever a view was asked for.
    pub pictures: Receiver<Box<Picture>>,
    /// Ends it.
    pub stop: Sender<()>,
    asks: Asks,
}

/// The end of a channel that asks for all that memory holds of each program.
#[derive(Clone, Debug)]
pub struct Asks(Sender<Sender<Vec<Held>>>);

impl Asks {
    /// Returns all that memory holds of each program; nothing where nobody shows any more.
    pub fn held(&self) -> Vec<Held> {
        let (reply, answer) = crossbeam_channel::bounded(1);
        let _ = self.0.send(reply);
        answer.recv().unwrap_or_default()
    }
}

impl Looks {
    /// Returns all that memory holds of each program.
    pub fn held(&self) -> Vec<Held> {
        self.asks.held()
    }

    /// Returns the end that asks for it.
    pub fn asks(&self) -> Asks {
        self.asks.clone()
    }
}

/// Both ends; what is wrong is told there.
pub fn channels(told: Sender<String>) -> (Looks, Ends) {
    let (views, views_in) = crossbeam_channel::bounded(16);
    let (pictures_out, pictures) = crossbeam_channel::bounded(1);
    let (stop, stopped) = crossbeam_channel::bounded(1);
    // Not bounded, as those to a scope.
    let (asks, asked) = crossbeam_channel::unbounded();
    let ends = Ends { views: views_in, pictures: pictures_out, stop: stopped, asks: asked, told };
    (Looks { views, pictures, stop, asks: Asks(asks) }, ends)
}

impl Ends {
    /// Reads and shows until told to stop.
    pub fn show(&self, mut it: impl Show) {
        let (mut view, mut reads, mut changed) = (None, true, true);
        let mut next_frame = Instant::now();
        let mut pause = Duration::ZERO;
        loop {
            select! {
                recv(self.stop) -> _ => return,
                recv(self.asks) -> reply => match reply {
                    Ok(reply) => drop(reply.send(it.held())),
                    Err(_) => return,
                },
                recv(self.views) -> asked => {
                    let Ok(asked) = asked else { return };
                    view = Some(self.views.try_iter().last().unwrap_or(asked));
                    (changed, next_frame) = (true, Instant::now());
                }
                default(pause) => {}
            }
            if reads {
                match it.more() {
                    More::Some => (changed, pause) = (true, Duration::ZERO),
                    More::NotYet => pause = FRAME,
                    More::End(damage) => {
                        (reads, pause, changed) = (false, IDLE, true);
                        if let Some(damage) = damage {
                            let _ = self.told.try_send(damage);
                        }
                    }
                }
            }
            let now = Instant::now();
            if let Some(view) = view.as_ref().filter(|_| changed && now >= next_frame && self.pictures.is_empty()) {
                let mut picture = it.picture(view);
                picture.is_read_on = reads && !picture.goes_on;
                let _ = self.pictures.try_send(Box::new(picture));
                (changed, next_frame) = (false, now + FRAME);
            }
        }
    }
}
