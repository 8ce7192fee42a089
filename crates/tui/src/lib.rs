//! The dashboard in the terminal: keys in, pictures out. [`open`](open()) shows it in a program of your own.
//!
//! It gets owned pictures and draws them; it sends views and commands. It knows no runtime, no probe and nothing
//! that runs: what a scenario shows of itself, it adds through [`scenario`]. Nothing that the screen does can wait for what
//! it shows: it runs on a std thread of its own and never blocks on a send.

pub mod dashboard;
pub mod gauge;
pub mod glyphs;
pub mod keys;
pub mod layout;
pub mod looks;
pub mod open;
pub mod overlay;
pub mod panel;
pub mod pen;
pub mod scenario;
pub mod text;
pub mod theme;
pub mod units;

mod big;
mod capabilities;
mod event_loop;
mod exports;
mod footer;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod header;
mod help;
mod life;
mod own;
mod presenter;
mod screen;
mod state;
mod tasks;
mod terminal;
mod timeline;
mod welcome;

#[cfg(test)]
mod pictures;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod sample;
#[cfg(test)]
#[path = "../../../tests/tried/mod.rs"]
mod tried;

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use pollscope_core::model::picture::{ExportFormat, Picture, View};

pub use self::{
    capabilities::Capabilities,
    event_loop::{KEYS, run},
    keys::{Binding, KeyTable, Keymap, NoBinding, Unusable},
    open::{Dashboard, open, open_with},
    own::Own,
    scenario::{Message, Scenario},
    screen::Screen,
    state::{Effect, Typed},
    terminal::{THREAD as TERMINAL, close, is_taken, lend},
    theme::{Depth, ThemeName},
};

/// What the screen asks of whoever runs it.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Begin a recording with what the log holds, or end it.
    ToggleRecording,
    /// Write what the log holds for another program.
    Export(ExportFormat),
    /// Stop what takes long and is under way: an export, the reading of a recording.
    GiveUp,
    /// Something of the scenario's.
    Own(Own),
}

/// How the screen talks to the rest of the program.
pub struct Channels {
    /// The newest picture; older ones that wait are skipped.
    pub pictures: Receiver<Box<Picture>>,
    /// What is looked at, whenever that changes. Where the channel is full, only the newest is kept.
    pub views: Sender<View>,
    /// What a key asks for.
    pub commands: Sender<Command>,
    /// What the system asks of the screen.
    pub asked: Receiver<Asked>,
    /// A line to show for some seconds: why a change was refused.
    pub refused: Receiver<String>,
    /// How far something is that takes long; nothing where it is over. While it is under way, going back gives it up.
    pub underway: Receiver<Option<String>>,
    /// What the screens of the scenario are told.
    pub messages: Receiver<Message>,
    /// Called on each further thread that the screen works with, with its name: what it costs is counted too.
    pub observer: Arc<dyn Fn(&'static str) + Send + Sync>,
}

/// What the system asks of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To end: the program was asked to.
    Stop,
    /// To take the terminal anew: the program was stopped, and goes on.
    Retake,
}

/// How the screen looks.
#[derive(Clone, Debug)]
pub struct Options {
    /// The theme to begin with.
    pub theme: ThemeName,
    /// The keys as somebody has bound them, the scenario's among them; none where nobody has.
    pub keys: Option<Arc<Keymap>>,
    /// How many colours the terminal has.
    pub depth: Depth,
    /// Nothing but ASCII is written.
    pub ascii: bool,
    /// The program whose own screen it is, where no lab runs.
    pub program: Option<Arc<str>>,
    /// Whether the mouse is listened to; the terminal's own selection then needs shift.
    pub mouse: bool,
    /// What panics: for tests of what a panic leaves behind.
    pub fails: Option<Fails>,
    /// The screen to begin with.
    pub start: Start,
}

/// What panics because a test asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fails {
    /// The screen, at its first picture.
    Screen,
    /// The thread that reads keys, at the first one.
    Keys,
    /// The thread that writes, at the second frame.
    Terminal,
}

/// The screen to begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// The dashboard.
    #[default]
    Dashboard,
    /// The dashboard, for somebody who has not seen it before.
    Welcome,
    /// A screen of the scenario, by its name.
    Own(&'static str),
    /// The dashboard, from the beginning of a recording on.
    Replay,
    /// The dashboard of other programs.
    Attached,
}

/// Why the screen ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Somebody pressed a key for it.
    Quit,
    /// The program was asked to end, or the terminal is gone.
    Stopped,
}
