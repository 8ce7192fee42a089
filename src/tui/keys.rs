//! The keys: one table, which dispatch, footer, help and the sentence's remedy read.
//!
//! To add a key is to add a row. It knows what a key asks for, not how that is done.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::state::{Action, LessonKey, Move, Overlay, Place, ScreenName, TimeKey, TimelineKey, Typed};
use crate::model::picture::{Command, Landmark};

/// A key with what must be held down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chord {
    code: KeyCode,
    control: bool,
}

/// One row of the table.
#[derive(Debug)]
pub(super) struct Key {
    /// The chords that all do the same.
    pub(super) chords: &'static [Chord],
    /// What they ask for.
    pub(super) action: Action,
    /// Where they work.
    pub(super) places: &'static [Place],
    /// What the footer says, where it says something. Neighbours with the same label share it.
    pub(super) label: Option<&'static str>,
    /// What the help says.
    pub(super) help: &'static str,
}

const EVERYWHERE: &[Place] = &[
    Place::Dashboard,
    Place::Timeline,
    Place::Tasks,
    Place::Lessons,
    Place::Question,
    Place::Run,
    Place::Verdict,
    Place::Compare,
    Place::UseCases,
    Place::Help,
    Place::Results,
    Place::Export,
    Place::Life,
];
const SCREENS: &[Place] = &[
    Place::Dashboard,
    Place::Timeline,
    Place::Tasks,
    Place::Lessons,
    Place::Question,
    Place::Run,
    Place::Verdict,
    Place::Compare,
    Place::UseCases,
];
/// Where keys change the pipeline.
const PIPELINE: &[Place] = &[Place::Dashboard, Place::Tasks, Place::Compare, Place::Help, Place::Results];
/// Where pages are pages.
const PAGES: &[Place] =
    &[Place::Dashboard, Place::Tasks, Place::Lessons, Place::Compare, Place::UseCases, Place::Help, Place::Results];
/// Where an instant is shown.
const TIMED: &[Place] =
    &[Place::Dashboard, Place::Timeline, Place::Tasks, Place::Run, Place::Verdict, Place::Results, Place::Life];
/// Where none is.
const UNTIMED: &[Place] =
    &[Place::Lessons, Place::Question, Place::Compare, Place::UseCases, Place::Help, Place::Export];
const LESSON: &[Place] = &[Place::Question, Place::Run, Place::Verdict];

const fn letter(character: char) -> Chord {
    Chord { code: KeyCode::Char(character), control: false }
}

const fn control(character: char) -> Chord {
    Chord { code: KeyCode::Char(character), control: true }
}

const fn code(code: KeyCode) -> Chord {
    Chord { code, control: false }
}

const fn command(chords: &'static [Chord], command: Command, label: &'static str, help: &'static str) -> Key {
    Key { chords, action: Action::Command(command), places: PIPELINE, label: Some(label), help }
}

const fn movement(chords: &'static [Chord], by: Move, help: &'static str) -> Key {
    Key { chords, action: Action::Move(by), places: EVERYWHERE, label: None, help }
}

const fn screen(chords: &'static [Chord], name: ScreenName, help: &'static str) -> Key {
    Key { chords, action: Action::Screen(name), places: EVERYWHERE, label: None, help }
}

const fn page(chords: &'static [Chord], by: Move, help: &'static str) -> Key {
    Key { chords, action: Action::Move(by), places: PAGES, label: None, help }
}

const fn timeline(chords: &'static [Chord], key: TimelineKey, label: Option<&'static str>, help: &'static str) -> Key {
    Key { chords, action: Action::Timeline(key), places: &[Place::Timeline], label, help }
}

const fn time(chords: &'static [Chord], key: TimeKey, label: Option<&'static str>, help: &'static str) -> Key {
    Key { chords, action: Action::Time(key), places: TIMED, label, help }
}

/// The dashboard's footer has no room for it.
const fn life(places: &'static [Place], label: Option<&'static str>) -> Key {
    let help = "The life of the chosen task: its polls, who woke it, where it ran";
    Key { chords: LIFE, action: Action::Toggle(Overlay::Life), places, label, help }
}

const fn lesson(
    chords: &'static [Chord],
    key: LessonKey,
    places: &'static [Place],
    label: Option<&'static str>,
    help: &'static str,
) -> Key {
    Key { chords, action: Action::Lesson(key), places, label, help }
}

const LIFE: &[Chord] = &[letter('i')];

/// Clickers send pages.
const ON: &[Chord] = &[code(KeyCode::Enter), code(KeyCode::PageDown)];

/// All keys, in the order of footer and help.
pub(super) static KEYS: &[Key] = &[
    command(&[letter('b')], Command::ToggleBlocking, "block", "Block the workers, or stop blocking them"),
    command(&[letter('w')], Command::NextWait, "wait", "Next way to wait: async, blocking, spawn-blocking, …"),
    command(&[letter('m')], Command::NextCompute, "compute", "Next place to compute: rayon, inline, spawn-blocking, …"),
    command(&[letter('+'), letter('=')], Command::MoreWorkers, "workers", "One worker more; the runtime is rebuilt"),
    command(&[letter('-')], Command::FewerWorkers, "workers", "One worker fewer; the runtime is rebuilt"),
    command(&[letter('f')], Command::NextFlavor, "flavor", "Multi-thread or current-thread; the runtime is rebuilt"),
    command(&[letter('r')], Command::Restart, "restart", "Start over with a fresh runtime"),
    Key {
        chords: &[letter('c')],
        action: Action::Command(Command::KeepRun),
        places: &[Place::Dashboard, Place::Tasks, Place::Compare],
        label: None,
        help: "Keep this run as 'before': after the next change both stand side by side",
    },
    Key {
        chords: &[letter('R')],
        action: Action::Command(Command::ToggleRecording),
        places: SCREENS,
        label: None,
        help: "Record into a file, with all that the log holds already; again ends it",
    },
    Key {
        chords: &[letter('e')],
        action: Action::Toggle(Overlay::Export),
        places: &[Place::Dashboard, Place::Timeline, Place::Tasks, Place::Run, Place::Verdict, Place::Export],
        label: None,
        help: "Export what the log holds, for Perfetto, as a picture, as tables",
    },
    Key {
        chords: &[code(KeyCode::Enter)],
        action: Action::Export,
        places: &[Place::Export],
        label: Some("export"),
        help: "Export in this format",
    },
    Key {
        chords: &[letter('d'), code(KeyCode::Enter)],
        action: Action::Toggle(Overlay::Results),
        places: PIPELINE,
        label: Some("results"),
        help: "What the pipeline has found out",
    },
    life(&[Place::Dashboard], None),
    life(&[Place::Timeline, Place::Tasks, Place::Life], Some("life")),
    Key {
        chords: &[code(KeyCode::Enter)],
        action: Action::ShowPoll,
        places: &[Place::Life],
        label: Some("show poll"),
        help: "The chosen poll on the timeline",
    },
    timeline(&[letter('+'), letter('=')], TimelineKey::ZoomIn, Some("zoom"), "Half as much time, about the cursor"),
    timeline(&[letter('-')], TimelineKey::ZoomOut, Some("zoom"), "Twice as much time, about the cursor"),
    timeline(&[letter('H'), code(KeyCode::PageUp)], TimelineKey::PanBack, Some("pan"), "Half a screen back"),
    timeline(&[letter('L'), code(KeyCode::PageDown)], TimelineKey::PanOn, Some("pan"), "Half a screen forth"),
    timeline(&[letter('0')], TimelineKey::Fit, Some("fit"), "All that there is"),
    Key {
        chords: &[letter('/')],
        action: Action::Toggle(Overlay::Filter),
        places: &[Place::Timeline],
        label: Some("find"),
        help: "Find and mark spans: >10ms, poll, job, wait, @worker0, words of a task's name",
    },
    Key {
        chords: &[letter('N')],
        action: Action::Time(TimeKey::Previous(Landmark::Match)),
        places: &[Place::Timeline],
        label: None,
        help: "To the match before",
    },
    Key {
        chords: &[letter('n')],
        action: Action::Time(TimeKey::Next(Landmark::Match)),
        places: &[Place::Timeline],
        label: None,
        help: "To the next match",
    },
    timeline(&[letter('u')], TimelineKey::Undo, Some("undo"), "What was in sight before"),
    lesson(&[code(KeyCode::Enter)], LessonKey::GoOn, &[Place::Lessons], Some("open"), "Open the lesson"),
    lesson(ON, LessonKey::GoOn, &[Place::Question], Some("run"), "Run the lesson"),
    lesson(ON, LessonKey::GoOn, &[Place::Run], Some("step"), "The next step, where it goes by steps"),
    lesson(ON, LessonKey::GoOn, &[Place::Verdict], Some("next lesson"), "The next lesson"),
    lesson(&[letter('r')], LessonKey::Again, &[Place::Run, Place::Verdict], Some("again"), "Run the lesson again"),
    lesson(&[code(KeyCode::PageUp)], LessonKey::GoBack, LESSON, None, "Back: to the question, to the lesson before"),
    lesson(&[letter('a')], LessonKey::Answer(0), &[Place::Question], Some("answer"), "The first answer"),
    lesson(&[letter('b')], LessonKey::Answer(1), &[Place::Question], Some("answer"), "The second answer"),
    lesson(&[letter('c')], LessonKey::Answer(2), &[Place::Question], Some("answer"), "The third answer"),
    lesson(&[letter('d')], LessonKey::Answer(3), &[Place::Question], None, "The fourth answer"),
    lesson(&[letter('s')], LessonKey::Speed, LESSON, None, "The lesson's speed: its own, slow motion, step by step"),
    lesson(&[letter('+'), letter('=')], LessonKey::More, &[Place::Question], None, "More of the lesson's setting"),
    lesson(&[letter('-')], LessonKey::Less, &[Place::Question], None, "Less of it"),
    lesson(&[letter('x')], LessonKey::NextSetting, &[Place::Question], None, "The lesson's next setting"),
    time(
        &[letter(' ')],
        TimeKey::Freeze,
        Some("freeze"),
        "Freeze what is shown while the program runs on, or go on from there",
    ),
    time(&[code(KeyCode::Left)], TimeKey::Back, Some("time"), "Back by a twentieth of the window"),
    time(&[code(KeyCode::Right)], TimeKey::Forward, Some("time"), "Forth by as much"),
    time(&[letter(',')], TimeKey::Nudge, None, "Back by a fiftieth of that"),
    time(&[letter('.')], TimeKey::NudgeOn, None, "Forth by as much"),
    time(&[letter('<')], TimeKey::Slower, Some("speed"), "Slower: 1, 1/10, 1/100"),
    time(&[letter('>')], TimeKey::Faster, Some("speed"), "Faster: up to 10 times, until it is live again"),
    time(&[code(KeyCode::End)], TimeKey::Live, Some("live"), "Back to what happens now"),
    time(
        &[letter('[')],
        TimeKey::Previous(Landmark::Poll),
        Some("poll"),
        "To the poll before: of the chosen task, else of all",
    ),
    time(&[letter(']')], TimeKey::Next(Landmark::Poll), Some("poll"), "To the next poll"),
    time(&[letter('{')], TimeKey::Previous(Landmark::Wake), Some("wake"), "To the wake before"),
    time(&[letter('}')], TimeKey::Next(Landmark::Wake), Some("wake"), "To the next wake"),
    time(&[letter('(')], TimeKey::Previous(Landmark::Finding), Some("finding"), "To the finding before"),
    time(&[letter(')')], TimeKey::Next(Landmark::Finding), Some("finding"), "To the next finding"),
    Key {
        chords: &[code(KeyCode::Tab)],
        action: Action::NextScreen,
        places: SCREENS,
        label: Some("screens"),
        help: "Next screen",
    },
    screen(&[letter('1')], ScreenName::Dashboard, "Dashboard"),
    screen(&[letter('2')], ScreenName::Timeline, "Timeline: all lanes on one axis"),
    screen(&[letter('3')], ScreenName::Tasks, "All tasks"),
    screen(&[letter('4')], ScreenName::Lessons, "Lessons"),
    screen(&[letter('5')], ScreenName::Compare, "Compare: runs side by side"),
    screen(&[letter('6')], ScreenName::UseCases, "Use cases: which tool for what"),
    Key {
        chords: &[code(KeyCode::Enter)],
        action: Action::OpenCell,
        places: &[Place::UseCases],
        label: Some("open lesson"),
        help: "Open the lesson that shows it",
    },
    Key {
        chords: &[code(KeyCode::Left), letter('h')],
        action: Action::Move(Move::Left),
        places: &[Place::UseCases],
        label: None,
        help: "To the left",
    },
    Key {
        chords: &[code(KeyCode::Right), letter('l')],
        action: Action::Move(Move::Right),
        places: &[Place::UseCases],
        label: None,
        help: "To the right",
    },
    Key {
        chords: &[letter('?')],
        action: Action::Toggle(Overlay::Help),
        places: EVERYWHERE,
        label: Some("help"),
        help: "These keys",
    },
    movement(&[code(KeyCode::Up), letter('k')], Move::Up, "Up"),
    movement(&[code(KeyCode::Down), letter('j')], Move::Down, "Down"),
    page(&[code(KeyCode::PageUp)], Move::PageUp, "A page up"),
    page(&[code(KeyCode::PageDown)], Move::PageDown, "A page down"),
    movement(&[code(KeyCode::Home), letter('g')], Move::First, "To the first"),
    movement(&[letter('G')], Move::Last, "To the last"),
    Key {
        chords: &[code(KeyCode::End)],
        action: Action::Move(Move::Last),
        places: UNTIMED,
        label: None,
        help: "To the last",
    },
    Key {
        chords: &[letter('p')],
        action: Action::Present,
        places: SCREENS,
        label: None,
        help: "Present: large type on the dashboard, no footer anywhere",
    },
    Key { chords: &[letter('t')], action: Action::NextTheme, places: EVERYWHERE, label: None, help: "Next theme" },
    Key {
        chords: &[code(KeyCode::Esc)],
        action: Action::Back,
        places: EVERYWHERE,
        label: None,
        help: "One step back: closes this, then lets the selection go",
    },
    Key {
        chords: &[control('z')],
        action: Action::Suspend,
        places: EVERYWHERE,
        label: None,
        help: "To the shell; fg comes back",
    },
    Key {
        chords: &[letter('q'), control('c')],
        action: Action::Quit,
        places: EVERYWHERE,
        label: Some("quit"),
        help: "Quit",
    },
];

/// What a key writes into a line.
fn typed(event: KeyEvent) -> Option<Action> {
    Some(match event.code {
        KeyCode::Char('c') if event.modifiers.contains(KeyModifiers::CONTROL) => Action::Back,
        KeyCode::Char(letter) if !event.modifiers.contains(KeyModifiers::CONTROL) => {
            Action::Type(Typed::Letter(letter))
        }
        KeyCode::Backspace => Action::Type(Typed::Erase),
        KeyCode::Enter => Action::Type(Typed::Done),
        KeyCode::Esc => Action::Back,
        _ => return None,
    })
}

/// Any of the keys, and whether control is held down.
#[cfg(test)]
pub(super) fn any(random: &mut fastrand::Rng) -> (KeyCode, bool) {
    let chords: Vec<_> = KEYS.iter().flat_map(|key| key.chords).collect();
    let chord = chords[random.usize(..chords.len())];
    (chord.code, chord.control)
}

/// What a key asks for at a place.
pub(super) fn action(place: Place, event: KeyEvent) -> Option<Action> {
    if place == Place::Filter {
        return typed(event);
    }
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    if event.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    let chord = Chord { code: event.code, control };
    KEYS.iter().find(|key| key.places.contains(&place) && key.chords.contains(&chord)).map(|key| key.action)
}

/// The cap of the key that asks for something.
pub(super) fn cap_of(action: Action) -> Option<String> {
    KEYS.iter().find(|key| key.action == action).map(|key| cap(key.chords[0]))
}

/// What the footer shows at a place: caps and what they do. Who looks at the past needs other keys than who
/// looks at what happens.
pub(super) fn footer(place: Place, is_live: bool) -> Vec<(String, &'static str)> {
    let mut shown: Vec<(String, &'static str)> = Vec::new();
    let is_of_now = |key: &&Key| match key.action {
        Action::Time(TimeKey::Freeze) => true,
        Action::Time(_) => !is_live,
        Action::Command(_) | Action::Toggle(Overlay::Results) => is_live,
        _ => true,
    };
    for key in KEYS.iter().filter(|key| key.places.contains(&place)).filter(is_of_now) {
        let Some(mut label) = key.label else { continue };
        if !is_live && key.action == Action::Time(TimeKey::Freeze) {
            label = "go on";
        }
        let cap = cap(key.chords[0]);
        match shown.last_mut().filter(|last| last.1 == label) {
            Some((caps, _)) => *caps = format!("{caps} {cap}"),
            None => shown.push((cap, label)),
        }
    }
    shown
}

/// How a chord is written.
pub(super) fn cap(chord: Chord) -> String {
    let name = match chord.code {
        KeyCode::Char('-') => "−".to_owned(),
        KeyCode::Char(' ') => "space".to_owned(),
        KeyCode::Left => "←".to_owned(),
        KeyCode::Right => "→".to_owned(),
        KeyCode::Char(character) => character.to_string(),
        KeyCode::PageUp => "PgUp".to_owned(),
        KeyCode::PageDown => "PgDn".to_owned(),
        other => other.to_string().to_lowercase(),
    };
    if chord.control { format!("ctrl-{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_chord_means_two_things_at_one_place() {
        for place in EVERYWHERE {
            let chords: Vec<_> =
                KEYS.iter().filter(|key| key.places.contains(place)).flat_map(|key| key.chords).collect();
            for (at, chord) in chords.iter().enumerate() {
                assert!(!chords[..at].contains(chord), "{chord:?} twice at {place:?}");
            }
        }
    }

    #[test]
    fn every_key_says_what_it_does() {
        for key in KEYS {
            assert!(!key.help.is_empty() && !key.chords.is_empty() && !key.places.is_empty(), "{key:?}");
        }
    }

    #[test]
    fn keys_are_found_by_place() {
        let tab = KeyEvent::new(KeyCode::Tab, KeyModifiers::NONE);
        assert_eq!(action(Place::Dashboard, tab), Some(Action::NextScreen));
        assert_eq!(action(Place::Help, tab), None);
        let question = KeyEvent::new(KeyCode::Char('?'), KeyModifiers::SHIFT);
        assert_eq!(action(Place::Help, question), Some(Action::Toggle(Overlay::Help)));
        let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(action(Place::Results, interrupt), Some(Action::Quit));
        let plain = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::NONE);
        assert_eq!(action(Place::Results, plain), None);
    }

    #[test]
    fn escape_never_quits() {
        let escape = KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE);
        for place in EVERYWHERE {
            assert_eq!(action(*place, escape), Some(Action::Back));
        }
    }

    #[test]
    fn neighbours_share_a_label() {
        assert!(footer(Place::Dashboard, true).contains(&("+ −".to_owned(), "workers")));
        assert!(!footer(Place::Help, true).iter().any(|(_, label)| *label == "screens"));
    }
}
