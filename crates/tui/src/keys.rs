//! The keys: one table, which dispatch, footer, help and the sentence's remedy read.
//!
//! To add a key is to add a row. It knows what a key asks for, not how that is done. A scenario puts rows of its own between
//! these ([`KeyGroup`]).

pub(super) mod chord;
mod map;
mod place;

use crossterm::event::KeyCode;
use pollscope_core::model::picture::Landmark;

use self::chord::{Chord, code, control, letter};
pub use self::{
    map::{Binding, DefaultKey, KeyTable, Keymap, Looks, NoBinding, Unusable},
    place::{OwnPlace, Place, Places},
};
use super::state::{Action, Move, Overlay, ScreenName, TimeKey, TimelineKey};

/// One row of the table.
#[derive(Debug)]
pub struct Key {
    /// What it is bound by, in the settings. Rows that share it are bound together.
    pub name: &'static str,
    /// The chords that all do the same, where nobody binds others.
    pub chords: &'static [Chord],
    /// What they ask for.
    pub action: Action,
    /// Where they work.
    pub places: Places,
    /// What the footer says, where it says something. Neighbours with the same label share it.
    pub label: Option<&'static str>,
    /// What the help says.
    pub help: &'static str,
    /// It is about what runs now: the footer does not show it of the past, nor of other programs.
    pub of_now: bool,
}

/// Rows of a scenario, and where they stand in the table.
#[derive(Debug)]
pub struct KeyGroup {
    /// The name of the row before which they stand; none for the end of the table.
    pub before: Option<&'static str>,
    /// The rows.
    pub rows: &'static [Key],
}

const fn movement(name: &'static str, chords: &'static [Chord], by: Move, help: &'static str) -> Key {
    row(name, chords, Action::Move(by), Places::Everywhere, None, help)
}

const fn screen(name: &'static str, chords: &'static [Chord], to: ScreenName, help: &'static str) -> Key {
    row(name, chords, Action::Screen(to), Places::Everywhere, None, help)
}

const fn page(name: &'static str, chords: &'static [Chord], by: Move, help: &'static str) -> Key {
    row(name, chords, Action::Move(by), Places::Paged, None, help)
}

const fn timeline(
    name: &'static str,
    chords: &'static [Chord],
    key: TimelineKey,
    label: Option<&'static str>,
    help: &'static str,
) -> Key {
    row(name, chords, Action::Timeline(key), Places::At(&[Place::Timeline]), label, help)
}

const fn time(
    name: &'static str,
    chords: &'static [Chord],
    key: TimeKey,
    label: Option<&'static str>,
    help: &'static str,
) -> Key {
    row(name, chords, Action::Time(key), Places::Timed, label, help)
}

/// The dashboard's footer has no room for it.
const fn life(places: Places, label: Option<&'static str>) -> Key {
    let help = "The life of the chosen task: its polls, who woke it, where it ran";
    row("life", LIFE, Action::Toggle(Overlay::Life), places, label, help)
}

/// The dashboard's footer has no room for it.
const fn find(places: Places, label: Option<&'static str>) -> Key {
    let help = "Find spans, tasks, repositories: words of a name, >10ms, @worker0, poll, …";
    row("find", FIND, Action::Toggle(Overlay::Filter), places, label, help)
}

const fn export(places: Places) -> Key {
    let help = "Export what the log holds, for Perfetto, as a picture, as tables";
    row("export", EXPORT, Action::Toggle(Overlay::Export), places, None, help)
}

const fn row(
    name: &'static str,
    chords: &'static [Chord],
    action: Action,
    places: Places,
    label: Option<&'static str>,
    help: &'static str,
) -> Key {
    Key { name, chords, action, places, label, help, of_now: false }
}

const FIND: &[Chord] = &[letter('/')];
const LIFE: &[Chord] = &[letter('i')];
const EXPORT: &[Chord] = &[letter('e')];

/// The keys that every screen has, in the order of footer and help.
pub(super) static KEYS: &[Key] = &[
    row(
        "record",
        &[letter('R')],
        Action::Record,
        Places::Screens,
        None,
        "Record into a file, with all that the log holds already; again ends it",
    ),
    export(Places::TimedScreens),
    export(Places::At(&[Place::Export])),
    row(
        "confirm-export",
        &[code(KeyCode::Enter)],
        Action::Export,
        Places::At(&[Place::Export]),
        Some("export"),
        "Export in this format",
    ),
    life(Places::At(&[Place::Dashboard]), None),
    life(Places::At(&[Place::Timeline, Place::Tasks, Place::Life]), Some("life")),
    row(
        "show-poll",
        &[code(KeyCode::Enter)],
        Action::ShowPoll,
        Places::At(&[Place::Life]),
        Some("show poll"),
        "The chosen poll on the timeline",
    ),
    timeline(
        "zoom-in",
        &[letter('+'), letter('=')],
        TimelineKey::ZoomIn,
        Some("zoom"),
        "Half as much time, about the cursor",
    ),
    timeline("zoom-out", &[letter('-')], TimelineKey::ZoomOut, Some("zoom"), "Twice as much time, about the cursor"),
    timeline(
        "pan-back",
        &[letter('H'), code(KeyCode::PageUp)],
        TimelineKey::PanBack,
        Some("pan"),
        "Half a screen back",
    ),
    timeline(
        "pan-forward",
        &[letter('L'), code(KeyCode::PageDown)],
        TimelineKey::PanOn,
        Some("pan"),
        "Half a screen forth",
    ),
    timeline("fit", &[letter('0')], TimelineKey::Fit, Some("fit"), "All that there is"),
    find(Places::At(&[Place::Timeline, Place::Tasks]), Some("find")),
    find(Places::At(&[Place::Dashboard]), None),
    row(
        "previous-match",
        &[letter('N')],
        Action::Time(TimeKey::Previous(Landmark::Match)),
        Places::At(&[Place::Timeline]),
        None,
        "To the match before",
    ),
    row(
        "next-match",
        &[letter('n')],
        Action::Time(TimeKey::Next(Landmark::Match)),
        Places::At(&[Place::Timeline]),
        None,
        "To the next match",
    ),
    timeline("undo", &[letter('u')], TimelineKey::Undo, Some("undo"), "What was in sight before"),
    time(
        "freeze",
        &[letter(' ')],
        TimeKey::Freeze,
        Some("freeze"),
        "Freeze what is shown while the program runs on, or go on from there",
    ),
    time(
        "time-back",
        &[code(KeyCode::Left), letter('h')],
        TimeKey::Back,
        Some("time"),
        "Back by a twentieth of the window",
    ),
    time("time-forward", &[code(KeyCode::Right), letter('l')], TimeKey::Forward, Some("time"), "Forth by as much"),
    time("nudge-back", &[letter(',')], TimeKey::Nudge, None, "Back by a fiftieth of that"),
    time("nudge-forward", &[letter('.')], TimeKey::NudgeOn, None, "Forth by as much"),
    time("slower", &[letter('<')], TimeKey::Slower, Some("speed"), "Slower: 1, 1/10, 1/100"),
    time("faster", &[letter('>')], TimeKey::Faster, Some("speed"), "Faster: up to 10 times, until it is live again"),
    time("live", &[code(KeyCode::End)], TimeKey::Live, Some("live"), "Back to what happens now"),
    time(
        "previous-poll",
        &[letter('[')],
        TimeKey::Previous(Landmark::Poll),
        Some("poll"),
        "To the poll before: of the chosen task or thread, else of all",
    ),
    time("next-poll", &[letter(']')], TimeKey::Next(Landmark::Poll), Some("poll"), "To the next poll"),
    time("previous-wake", &[letter('{')], TimeKey::Previous(Landmark::Wake), Some("wake"), "To the wake before"),
    time("next-wake", &[letter('}')], TimeKey::Next(Landmark::Wake), Some("wake"), "To the next wake"),
    time(
        "previous-finding",
        &[letter('(')],
        TimeKey::Previous(Landmark::Finding),
        Some("finding"),
        "To the finding before",
    ),
    time("next-finding", &[letter(')')], TimeKey::Next(Landmark::Finding), Some("finding"), "To the next finding"),
    row("next-screen", &[code(KeyCode::Tab)], Action::NextScreen, Places::Screens, Some("screens"), "Next screen"),
    screen("dashboard", &[letter('1')], ScreenName::Dashboard, "Dashboard"),
    screen("timeline", &[letter('2')], ScreenName::Timeline, "Timeline: all lanes on one axis"),
    screen("tasks", &[letter('3')], ScreenName::Tasks, "All tasks"),
    row("help", &[letter('?')], Action::Toggle(Overlay::Help), Places::Everywhere, Some("help"), "These keys"),
    movement("up", &[code(KeyCode::Up), letter('k')], Move::Up, "Up"),
    movement("down", &[code(KeyCode::Down), letter('j')], Move::Down, "Down"),
    page("page-up", &[code(KeyCode::PageUp)], Move::PageUp, "A page up"),
    page("page-down", &[code(KeyCode::PageDown)], Move::PageDown, "A page down"),
    movement("first", &[code(KeyCode::Home), letter('g')], Move::First, "To the first"),
    movement("last", &[letter('G')], Move::Last, "To the last"),
    row("end", &[code(KeyCode::End)], Action::Move(Move::Last), Places::Untimed, None, "To the last"),
    row(
        "present",
        &[letter('p')],
        Action::Present,
        Places::Screens,
        None,
        "Present: large type on the dashboard, no footer anywhere",
    ),
    row("theme", &[letter('t')], Action::NextTheme, Places::Everywhere, None, "Next theme"),
    row(
        "back",
        &[code(KeyCode::Esc)],
        Action::Back,
        Places::Everywhere,
        None,
        "One step back: closes this, then lets the selection go",
    ),
    row("suspend", &[control('z')], Action::Suspend, Places::Everywhere, None, "To the shell; fg comes back"),
    row("quit", &[letter('q'), control('c')], Action::Quit, Places::Everywhere, Some("quit"), "Quit"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_says_what_it_does() {
        assert_eq!(KeyTable::default().check(), Ok(()));
    }
}
