//! The keys: one table, which dispatch, footer, help and the sentence's remedy read.
//!
//! To add a key is to add a row. It knows what a key asks for, not how that is done.

mod chord;
mod map;

use crossterm::event::KeyCode;
use pollscope_core::model::picture::{Command, Landmark};

use self::chord::{Chord, code, control, letter};
pub(super) use self::map::Looks;
pub use self::map::{Binding, Keymap, NoBinding, Unusable, default_keys, key_names};
use super::state::{Action, LessonKey, Move, Overlay, Place, ScreenName, TimeKey, TimelineKey};

/// One row of the table.
#[derive(Debug)]
pub(super) struct Key {
    /// What it is bound by, in the settings. Rows that share it are bound together.
    pub(super) name: &'static str,
    /// The chords that all do the same, where nobody binds others.
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

const fn command(
    name: &'static str,
    chords: &'static [Chord],
    command: Command,
    label: &'static str,
    help: &'static str,
) -> Key {
    Key { name, chords, action: Action::Command(command), places: PIPELINE, label: Some(label), help }
}

const fn movement(name: &'static str, chords: &'static [Chord], by: Move, help: &'static str) -> Key {
    Key { name, chords, action: Action::Move(by), places: EVERYWHERE, label: None, help }
}

const fn screen(name: &'static str, chords: &'static [Chord], to: ScreenName, help: &'static str) -> Key {
    Key { name, chords, action: Action::Screen(to), places: EVERYWHERE, label: None, help }
}

const fn page(name: &'static str, chords: &'static [Chord], by: Move, help: &'static str) -> Key {
    Key { name, chords, action: Action::Move(by), places: PAGES, label: None, help }
}

const fn timeline(
    name: &'static str,
    chords: &'static [Chord],
    key: TimelineKey,
    label: Option<&'static str>,
    help: &'static str,
) -> Key {
    Key { name, chords, action: Action::Timeline(key), places: &[Place::Timeline], label, help }
}

const fn time(
    name: &'static str,
    chords: &'static [Chord],
    key: TimeKey,
    label: Option<&'static str>,
    help: &'static str,
) -> Key {
    Key { name, chords, action: Action::Time(key), places: TIMED, label, help }
}

/// The dashboard's footer has no room for it.
const fn life(places: &'static [Place], label: Option<&'static str>) -> Key {
    let help = "The life of the chosen task: its polls, who woke it, where it ran";
    Key { name: "life", chords: LIFE, action: Action::Toggle(Overlay::Life), places, label, help }
}

/// The dashboard's footer has no room for it.
const fn find(places: &'static [Place], label: Option<&'static str>) -> Key {
    let help = "Find spans, tasks, repositories: words of a name, >10ms, @worker0, poll, …";
    let action = Action::Toggle(Overlay::Filter);
    Key { name: "find", chords: FIND, action, places, label, help }
}

const fn lesson(
    name: &'static str,
    chords: &'static [Chord],
    key: LessonKey,
    places: &'static [Place],
    label: Option<&'static str>,
    help: &'static str,
) -> Key {
    Key { name, chords, action: Action::Lesson(key), places, label, help }
}

const FIND: &[Chord] = &[letter('/')];
const LIFE: &[Chord] = &[letter('i')];

/// Clickers send pages.
const ON: &[Chord] = &[code(KeyCode::Enter), code(KeyCode::PageDown)];

/// All keys, in the order of footer and help.
pub(super) static KEYS: &[Key] = &[
    command("block", &[letter('b')], Command::ToggleBlocking, "block", "Block the workers, or stop blocking them"),
    command("wait", &[letter('w')], Command::NextWait, "wait", "Next way to wait: async, blocking, spawn-blocking, …"),
    command(
        "compute",
        &[letter('m')],
        Command::NextCompute,
        "compute",
        "Next place to compute: rayon, inline, spawn-blocking, …",
    ),
    command(
        "more-workers",
        &[letter('+'), letter('=')],
        Command::MoreWorkers,
        "workers",
        "One worker more; the runtime is rebuilt",
    ),
    command(
        "fewer-workers",
        &[letter('-')],
        Command::FewerWorkers,
        "workers",
        "One worker fewer; the runtime is rebuilt",
    ),
    command(
        "flavor",
        &[letter('f')],
        Command::NextFlavor,
        "flavor",
        "Multi-thread or current-thread; the runtime is rebuilt",
    ),
    command("restart", &[letter('r')], Command::Restart, "restart", "Start over with a fresh runtime"),
    Key {
        name: "keep-run",
        chords: &[letter('c')],
        action: Action::Command(Command::KeepRun),
        places: &[Place::Dashboard, Place::Tasks, Place::Compare],
        label: None,
        help: "Keep this run as 'before': after the next change both stand side by side",
    },
    Key {
        name: "record",
        chords: &[letter('R')],
        action: Action::Command(Command::ToggleRecording),
        places: SCREENS,
        label: None,
        help: "Record into a file, with all that the log holds already; again ends it",
    },
    Key {
        name: "export",
        chords: &[letter('e')],
        action: Action::Toggle(Overlay::Export),
        places: &[Place::Dashboard, Place::Timeline, Place::Tasks, Place::Run, Place::Verdict, Place::Export],
        label: None,
        help: "Export what the log holds, for Perfetto, as a picture, as tables",
    },
    Key {
        name: "confirm-export",
        chords: &[code(KeyCode::Enter)],
        action: Action::Export,
        places: &[Place::Export],
        label: Some("export"),
        help: "Export in this format",
    },
    Key {
        name: "results",
        chords: &[letter('d'), code(KeyCode::Enter)],
        action: Action::Toggle(Overlay::Results),
        places: PIPELINE,
        label: Some("results"),
        help: "What the pipeline has found out",
    },
    life(&[Place::Dashboard], None),
    life(&[Place::Timeline, Place::Tasks, Place::Life], Some("life")),
    Key {
        name: "show-poll",
        chords: &[code(KeyCode::Enter)],
        action: Action::ShowPoll,
        places: &[Place::Life],
        label: Some("show poll"),
        help: "The chosen poll on the timeline",
    },
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
    find(&[Place::Timeline, Place::Tasks], Some("find")),
    find(&[Place::Dashboard], None),
    Key {
        name: "previous-match",
        chords: &[letter('N')],
        action: Action::Time(TimeKey::Previous(Landmark::Match)),
        places: &[Place::Timeline],
        label: None,
        help: "To the match before",
    },
    Key {
        name: "next-match",
        chords: &[letter('n')],
        action: Action::Time(TimeKey::Next(Landmark::Match)),
        places: &[Place::Timeline],
        label: None,
        help: "To the next match",
    },
    timeline("undo", &[letter('u')], TimelineKey::Undo, Some("undo"), "What was in sight before"),
    lesson("open-lesson", &[code(KeyCode::Enter)], LessonKey::GoOn, &[Place::Lessons], Some("open"), "Open the lesson"),
    lesson("run-lesson", ON, LessonKey::GoOn, &[Place::Question], Some("run"), "Run the lesson"),
    lesson("step-lesson", ON, LessonKey::GoOn, &[Place::Run], Some("step"), "The next step, where it goes by steps"),
    lesson("next-lesson", ON, LessonKey::GoOn, &[Place::Verdict], Some("next lesson"), "The next lesson"),
    lesson(
        "again",
        &[letter('r')],
        LessonKey::Again,
        &[Place::Run, Place::Verdict],
        Some("again"),
        "Run the lesson again",
    ),
    lesson(
        "lesson-back",
        &[code(KeyCode::PageUp)],
        LessonKey::GoBack,
        LESSON,
        None,
        "Back: to the question, to the lesson before",
    ),
    lesson("answer-a", &[letter('a')], LessonKey::Answer(0), &[Place::Question], Some("answer"), "The first answer"),
    lesson("answer-b", &[letter('b')], LessonKey::Answer(1), &[Place::Question], Some("answer"), "The second answer"),
    lesson("answer-c", &[letter('c')], LessonKey::Answer(2), &[Place::Question], Some("answer"), "The third answer"),
    lesson("answer-d", &[letter('d')], LessonKey::Answer(3), &[Place::Question], None, "The fourth answer"),
    lesson(
        "lesson-speed",
        &[letter('s')],
        LessonKey::Speed,
        LESSON,
        None,
        "The lesson's speed: its own, slow motion, step by step",
    ),
    lesson(
        "more-of-setting",
        &[letter('+'), letter('=')],
        LessonKey::More,
        &[Place::Question],
        None,
        "More of the lesson's setting",
    ),
    lesson("less-of-setting", &[letter('-')], LessonKey::Less, &[Place::Question], None, "Less of it"),
    lesson(
        "next-setting",
        &[letter('x')],
        LessonKey::NextSetting,
        &[Place::Question],
        None,
        "The lesson's next setting",
    ),
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
    Key {
        name: "next-screen",
        chords: &[code(KeyCode::Tab)],
        action: Action::NextScreen,
        places: SCREENS,
        label: Some("screens"),
        help: "Next screen",
    },
    screen("dashboard", &[letter('1')], ScreenName::Dashboard, "Dashboard"),
    screen("timeline", &[letter('2')], ScreenName::Timeline, "Timeline: all lanes on one axis"),
    screen("tasks", &[letter('3')], ScreenName::Tasks, "All tasks"),
    screen("lessons", &[letter('4')], ScreenName::Lessons, "Lessons"),
    screen("compare", &[letter('5')], ScreenName::Compare, "Compare: runs side by side"),
    screen("use-cases", &[letter('6')], ScreenName::UseCases, "Use cases: which tool for what"),
    Key {
        name: "open-cell",
        chords: &[code(KeyCode::Enter)],
        action: Action::OpenCell,
        places: &[Place::UseCases],
        label: Some("open lesson"),
        help: "Open the lesson that shows it",
    },
    Key {
        name: "left",
        chords: &[code(KeyCode::Left), letter('h')],
        action: Action::Move(Move::Left),
        places: &[Place::UseCases],
        label: None,
        help: "To the left",
    },
    Key {
        name: "right",
        chords: &[code(KeyCode::Right), letter('l')],
        action: Action::Move(Move::Right),
        places: &[Place::UseCases],
        label: None,
        help: "To the right",
    },
    Key {
        name: "help",
        chords: &[letter('?')],
        action: Action::Toggle(Overlay::Help),
        places: EVERYWHERE,
        label: Some("help"),
        help: "These keys",
    },
    movement("up", &[code(KeyCode::Up), letter('k')], Move::Up, "Up"),
    movement("down", &[code(KeyCode::Down), letter('j')], Move::Down, "Down"),
    page("page-up", &[code(KeyCode::PageUp)], Move::PageUp, "A page up"),
    page("page-down", &[code(KeyCode::PageDown)], Move::PageDown, "A page down"),
    movement("first", &[code(KeyCode::Home), letter('g')], Move::First, "To the first"),
    movement("last", &[letter('G')], Move::Last, "To the last"),
    Key {
        name: "end",
        chords: &[code(KeyCode::End)],
        action: Action::Move(Move::Last),
        places: UNTIMED,
        label: None,
        help: "To the last",
    },
    Key {
        name: "present",
        chords: &[letter('p')],
        action: Action::Present,
        places: SCREENS,
        label: None,
        help: "Present: large type on the dashboard, no footer anywhere",
    },
    Key {
        name: "theme",
        chords: &[letter('t')],
        action: Action::NextTheme,
        places: EVERYWHERE,
        label: None,
        help: "Next theme",
    },
    Key {
        name: "back",
        chords: &[code(KeyCode::Esc)],
        action: Action::Back,
        places: EVERYWHERE,
        label: None,
        help: "One step back: closes this, then lets the selection go",
    },
    Key {
        name: "suspend",
        chords: &[control('z')],
        action: Action::Suspend,
        places: EVERYWHERE,
        label: None,
        help: "To the shell; fg comes back",
    },
    Key {
        name: "quit",
        chords: &[letter('q'), control('c')],
        action: Action::Quit,
        places: EVERYWHERE,
        label: Some("quit"),
        help: "Quit",
    },
];

/// Any of the keys, and whether control is held down.
#[cfg(test)]
pub(super) fn any(random: &mut fastrand::Rng) -> (KeyCode, bool) {
    let chords: Vec<_> = KEYS.iter().flat_map(|key| key.chords).collect();
    let chord = chords[random.usize(..chords.len())];
    (chord.code, chord.control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_says_what_it_does() {
        for key in KEYS {
            assert!(!key.help.is_empty() && !key.chords.is_empty() && !key.places.is_empty(), "{key:?}");
        }
    }

    #[test]
    fn names_are_words_of_the_settings() {
        let is_word =
            |name: &str| name.split('-').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase()));
        for key in KEYS {
            assert!(is_word(key.name), "{key:?}");
            let same = KEYS.iter().filter(|other| other.name == key.name);
            assert!(same.clone().all(|other| other.action == key.action), "one name for two things: {key:?}");
        }
    }
}
