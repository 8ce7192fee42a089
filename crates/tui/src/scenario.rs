//! What a scenario adds to the screen: panels on the dashboard, overlays, whole screens, the keys of all these, and the
//! words that the header and the sentence need of it.
//!
//! A scenario is a value of [`Scenario`]. Each of its fields is an ordered table, and may be empty:
//!
//! 1. A **panel** ([`ScenarioPanel`]) says in which [`Slot`] of the dashboard it stands, and draws itself from the picture.
//!    It has no state: the picture of an instant is drawn the same live, rewound and replayed.
//! 2. An **overlay** ([`ScenarioOverlay`]) gives the lines of a box that lies over the screen and can be scrolled.
//! 3. A **screen** ([`ScenarioScreen`]) has a tab of its own. It keeps what is chosen on it: [`update`], [`step`],
//!    [`choose`] and [`back`] change that, [`fit`] adapts it to the room that there is, and [`draw`] changes nothing.
//! 4. The **keys** ([`KeyGroup`]) are rows of the one table that dispatch, footer, help and settings read. What a row asks
//!    for is an [`Action`]: [`Action::Own`] goes to the scenario's screen in front, [`Action::Send`] to whoever runs the
//!    screen. Both carry an [`Own`] value, which the screen hands on unread.
//! 5. The **words** ([`ScenarioWords`]) are what runs, for the header, and which key helps, for the sentence.
//!
//! ```
//! use pollscope_core::model::picture::Picture;
//! use pollscope_tui::{
//!     panel::{Frame, PanelLook},
//!     pen::Pen,
//!     scenario::{DrawContext, Region, Scenario, ScenarioPanel, Slot},
//! };
//! use ratatui::buffer::Buffer;
//!
//! /// How many tasks are alive, at the top left of the dashboard.
//! #[derive(Debug)]
//! struct Alive;
//!
//! impl ScenarioPanel for Alive {
//!     fn slot(&self) -> Slot {
//!         Slot::Top
//!     }
//!
//!     fn draw(&self, buffer: &mut Buffer, region: Region, context: &DrawContext<'_>) {
//!         let Region { frame, area } = region;
//!         frame.draw(buffer, area, "tasks", PanelLook::Calm, context.skin);
//!         let words = format!("{} are alive", context.picture.counts.alive);
//!         Pen::new(buffer, frame.inner(area)).put(&words, context.skin.theme.text.normal);
//!     }
//! }
//!
//! let scenario = Scenario { panels: &[&Alive], ..Scenario::default() };
//! # drop(scenario);
//! ```
//!
//! [`update`]: ScenarioScreen::update
//! [`step`]: ScenarioScreen::step
//! [`choose`]: ScenarioScreen::choose
//! [`back`]: ScenarioScreen::back
//! [`fit`]: ScenarioScreen::fit
//! [`draw`]: ScenarioScreen::draw

use std::{any::Any, fmt};

use pollscope_core::{
    model::picture::{Filter, Picture, Remedy, View},
    trace::record::ActivityId,
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

pub use super::{
    header::HeaderPiece,
    keys::{
        Key, KeyGroup, KeyTable, OwnPlace, Place, Places,
        chord::{Chord, code, control, letter},
    },
    own::Own,
    state::{Action, List, Move, Overlay, ScreenName, TimeKey, TimelineKey},
};
use super::{
    looks::Skin,
    overlay::{Line, Span},
    panel::Frame,
};

/// What a scenario adds to the screen. The default adds nothing.
#[derive(Debug)]
pub struct Scenario {
    /// The keys, and where they stand in the table. Settings can bind them as any other ([`KeyTable::new`]).
    pub keys: &'static [KeyGroup],
    /// The words of header and sentence.
    pub words: &'static dyn ScenarioWords,
    /// The panels on the dashboard. Of several in one slot the first that has something to show is drawn.
    pub panels: &'static [&'static dyn ScenarioPanel],
    /// What lies over a screen.
    pub overlays: &'static [&'static dyn ScenarioOverlay],
    /// The screens, in the order of their tabs.
    pub screens: Vec<Box<dyn ScenarioScreen>>,
}

impl Default for Scenario {
    fn default() -> Self {
        Self { keys: &[], words: &NoWords, panels: &[], overlays: &[], screens: Vec::new() }
    }
}

impl Scenario {
    /// The panel in a slot of the dashboard; none where no panel has anything to show there.
    pub(super) fn panel(&self, slot: Slot, picture: &Picture) -> Option<&'static dyn ScenarioPanel> {
        self.panels.iter().copied().find(|panel| panel.slot() == slot && panel.has(picture))
    }

    /// The overlay of that name.
    pub(super) fn overlay(&self, name: &str) -> Option<&'static dyn ScenarioOverlay> {
        self.overlays.iter().copied().find(|overlay| overlay.name() == name)
    }

    /// The screen of that name.
    pub(super) fn screen(&self, name: &str) -> Option<&dyn ScenarioScreen> {
        self.screens.iter().find(|screen| screen.name() == name).map(|screen| &**screen)
    }

    /// The screen of that name, to be changed.
    pub(super) fn screen_mut(&mut self, name: &str) -> Option<&mut dyn ScenarioScreen> {
        self.screens.iter_mut().find(|screen| screen.name() == name).map(|screen| &mut **screen as _)
    }
}

/// What a panel or a screen is drawn from.
#[derive(Clone, Copy, Debug)]
pub struct DrawContext<'a> {
    /// The picture of the instant that is looked at.
    pub picture: &'a Picture,
    /// The newest instant is looked at.
    pub live: bool,
    /// What is looked for.
    pub filter: Option<&'a Filter>,
    /// Which rows of the dashboard's list are in sight, and which is chosen.
    pub rows: &'a List,
    /// Colours, characters and the caps of the keys.
    pub skin: Skin<'a>,
}

/// Where a panel is, and what surrounds it.
#[derive(Clone, Copy, Debug)]
pub struct Region {
    /// A box, or on a low screen a rule above it.
    pub frame: Frame,
    /// The area, with the frame.
    pub area: Rect,
}

impl Region {
    /// The lines of a list: inside the frame, below a line of titles.
    pub fn lines(self) -> Rect {
        let inner = self.frame.inner(self.area);
        Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner }
    }
}

/// A place for a panel on the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// At the top left: one line on the lowest screens, five on high ones.
    Top,
    /// In the middle: a list of rows, of which one can be chosen. The list of tasks stands there otherwise.
    List,
    /// Under the findings, on wide screens, where there is room.
    Findings,
}

/// How long a panel's list is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Its rows.
    pub shown: u32,
    /// Rows that the filter keeps out of it.
    pub hidden: u32,
    /// The row that is in sight while none is chosen.
    pub first: u32,
}

/// A panel of the dashboard.
pub trait ScenarioPanel: fmt::Debug + Sync {
    /// Returns the panel's place.
    fn slot(&self) -> Slot;

    /// Returns whether the picture has something for it. Where not, the slot has what it has without a scenario.
    fn has(&self, _picture: &Picture) -> bool {
        true
    }

    /// Returns the lines that it needs, in a slot that has room for as many as are asked for.
    fn height(&self) -> u16 {
        0
    }

    /// Returns how long its list is, in [`Slot::List`].
    fn rows(&self, _picture: &Picture) -> Rows {
        Rows::default()
    }

    /// Returns the task of a row, whose history a key shows.
    fn task(&self, _picture: &Picture, _row: usize) -> Option<ActivityId> {
        None
    }

    /// Draws it, with its frame. In [`Slot::Top`] an area of less than four lines has no room for one; in
    /// [`Slot::Findings`] the frame is that of the findings, which is drawn already.
    fn draw(&self, buffer: &mut Buffer, region: Region, context: &DrawContext<'_>);
}

/// A box of lines that lies over the screen: [`Overlay::Own`] opens it.
pub trait ScenarioOverlay: fmt::Debug + Sync {
    /// Returns its name, which no other overlay has.
    fn name(&self) -> &'static str;

    /// Returns its title.
    fn title(&self) -> &'static str;

    /// Returns where keys go while it is in front.
    fn place(&self) -> Place;

    /// Returns its area in that between header and footer.
    fn area(&self, middle: Rect) -> Rect;

    /// Returns what the picture is to have for it.
    fn asks(&self, view: View) -> View {
        view
    }

    /// Returns its lines, of at most that width.
    fn lines(&self, picture: &Picture, width: u16, skin: Skin<'_>) -> Vec<Line>;
}

/// A whole screen, with a tab of its own: [`ScreenName::Own`] shows it. Most of what it can do has a default.
pub trait ScenarioScreen: fmt::Debug + Send {
    /// Returns its name, which no other screen has.
    fn name(&self) -> &'static str;

    /// Returns where keys go while it is in front.
    fn place(&self) -> Place;

    /// Draws it between header and footer.
    fn draw(&self, buffer: &mut Buffer, area: Rect, context: &DrawContext<'_>);

    /// Adapts what is in sight to the area, before it is drawn.
    fn fit(&mut self, _area: Rect, _context: &DrawContext<'_>) {}

    /// Takes note of a new picture, whichever screen is in front.
    fn see(&mut self, _picture: &Picture) {}

    /// Returns what the picture is to have for it. The view asks for no lanes, no pulse and no tasks by itself.
    fn asks(&self, _area: Rect, _picture: &Picture, view: View) -> View {
        view
    }

    /// Does what a key of its own asks for.
    fn update(&mut self, _action: &Own) -> Option<Outcome> {
        None
    }

    /// Goes a step in its list or its text.
    fn step(&mut self, _by: Move) {}

    /// Returns the line of its list that is at a place of the screen.
    fn line_at(&self, _area: Rect, _position: Position) -> Option<usize> {
        None
    }

    /// Chooses a line of its list.
    fn choose(&mut self, _line: usize) {}

    /// Goes one step back inside the screen.
    fn back(&mut self) -> Back {
        Back::Leaves
    }

    /// Ends what it has begun: somebody has asked for the dashboard.
    fn leave(&mut self) -> Option<Outcome> {
        None
    }

    /// Takes a [`Message`] to it. Where the dashboard is in front, the screen comes to the front.
    fn take(&mut self, _message: Box<dyn Any + Send>) {}

    /// Returns the name of what it has begun and what runs in the place of the scenario, for the header.
    fn runs(&self) -> Option<&str> {
        None
    }
}

/// Where one step back leads.
#[derive(Clone, Debug, PartialEq)]
pub enum Back {
    /// There was a step inside the screen, which wants that done.
    Stays(Option<Outcome>),
    /// There was none: the dashboard comes to the front.
    Leaves,
}

/// What a screen of a scenario wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Sends a value to whoever runs the screen.
    Send(Own),
    /// Brings another screen of the scenario to the front, which is asked for that.
    Show(&'static str, Own),
}

/// Something for a screen of a scenario, from whoever runs the screen.
#[derive(Debug)]
pub struct Message {
    /// The screen's name.
    pub to: &'static str,
    /// What it is told.
    pub what: Box<dyn Any + Send>,
}

/// What the header says of a scenario.
#[derive(Clone, Debug, Default)]
pub struct HeaderWords {
    /// At the left: what runs, and on what.
    pub runs: Vec<HeaderPiece>,
    /// At the right, before the clock: how far it is.
    pub figures: Vec<HeaderPiece>,
}

/// A key that somebody is advised to press.
#[derive(Clone, Debug)]
pub struct Offer {
    /// What it asks for.
    pub action: Action,
    /// What it does, in two or three words.
    pub words: &'static str,
    /// It makes things better; else worse, to see what happens then.
    pub helps: bool,
}

/// The threads that share the work, as many as there will be when all of them have started: lanes have room for these, so
/// that nothing moves when they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectedThreads {
    /// Workers of the runtime.
    pub workers: u16,
    /// Threads of Rayon.
    pub rayon: u16,
}

/// The words that the rest of the screen needs of a scenario.
pub trait ScenarioWords: fmt::Debug + Sync {
    /// Returns what the header says. `runs` is what a screen of the scenario has begun in its place. Before what runs stand
    /// the names of other programs, where such are looked at.
    fn header(&self, _picture: &Picture, _runs: Option<&str>, _skin: Skin<'_>) -> HeaderWords {
        HeaderWords::default()
    }

    /// Returns the words in huge letters at the top of the presentation.
    fn banner(&self, _picture: &Picture, _skin: Skin<'_>) -> Option<Span> {
        None
    }

    /// Returns the key that stands beside the sentence where the model has found that remedy.
    fn remedy(&self, _remedy: Remedy) -> Option<Offer> {
        None
    }

    /// Returns the key that somebody who is new here is to try first.
    fn first_key(&self) -> Option<Offer> {
        None
    }

    /// Returns how many threads are to be expected.
    fn threads(&self, _picture: &Picture) -> ExpectedThreads {
        ExpectedThreads { workers: 1, rayon: 1 }
    }
}

/// The words of no scenario.
#[derive(Debug)]
struct NoWords;

impl ScenarioWords for NoWords {}
