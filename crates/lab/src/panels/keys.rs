//! The keys of the pipeline, of the lessons, and of their screens: rows of the screen's table of keys.

use crossterm::event::KeyCode;
use pollscope_tui::scenario::{
    Action, Chord, Key, KeyGroup, Move, Overlay, Own, Place, Places, ScreenName, code, letter,
};

use super::{
    compare::{self, COMPARE},
    lessons::{self, LESSONS, LessonKey, QUESTION, RUN, VERDICT},
    results::{self, RESULTS},
    usecases::{self, USE_CASES, UseCaseKey},
};
use crate::command::Command;

/// Where keys change the pipeline.
const PIPELINE: Places = Places::At(&[Place::Dashboard, Place::Tasks, compare::PLACE, Place::Help, results::PLACE]);
/// Where a run is kept.
const KEPT: Places = Places::At(&[Place::Dashboard, Place::Tasks, compare::PLACE]);
const LESSON: Places = Places::At(&[QUESTION, RUN, VERDICT]);
const IN_QUESTION: Places = Places::At(&[QUESTION]);
const IN_USE_CASES: Places = Places::At(&[usecases::PLACE]);

/// Clickers send pages.
const ON: &[Chord] = &[code(KeyCode::Enter), code(KeyCode::PageDown)];

const fn command(
    name: &'static str,
    chords: &'static [Chord],
    command: &'static Command,
    label: &'static str,
    help: &'static str,
) -> Key {
    let action = Action::Send(Own::of(command));
    Key { name, chords, action, places: PIPELINE, label: Some(label), help, of_now: true }
}

const fn lesson(
    name: &'static str,
    chords: &'static [Chord],
    key: &'static LessonKey,
    places: Places,
    label: Option<&'static str>,
    help: &'static str,
) -> Key {
    Key { name, chords, action: Action::Own(Own::of(key)), places, label, help, of_now: false }
}

const fn screen(name: &'static str, chords: &'static [Chord], to: &'static str, help: &'static str) -> Key {
    let action = Action::Screen(ScreenName::Own(to));
    Key { name, chords, action, places: Places::Everywhere, label: None, help, of_now: false }
}

/// All of them, by where they stand in the table.
pub(super) static GROUPS: &[KeyGroup] = &[
    KeyGroup { before: Some("record"), rows: COMMANDS },
    KeyGroup { before: Some("life"), rows: RESULT_KEYS },
    KeyGroup { before: Some("freeze"), rows: LESSON_KEYS },
    KeyGroup { before: Some("help"), rows: SCREENS },
];

static COMMANDS: &[Key] = &[
    command("block", &[letter('b')], &Command::ToggleBlocking, "block", "Block the workers, or stop blocking them"),
    command("wait", &[letter('w')], &Command::NextWait, "wait", "Next way to wait: async, blocking, spawn-blocking, …"),
    command(
        "compute",
        &[letter('m')],
        &Command::NextCompute,
        "compute",
        "Next place to compute: rayon, inline, spawn-blocking, …",
    ),
    command(
        "more-workers",
        &[letter('+'), letter('=')],
        &Command::MoreWorkers,
        "workers",
        "One worker more; the runtime is rebuilt",
    ),
    command(
        "fewer-workers",
        &[letter('-')],
        &Command::FewerWorkers,
        "workers",
        "One worker fewer; the runtime is rebuilt",
    ),
    command(
        "flavor",
        &[letter('f')],
        &Command::NextFlavor,
        "flavor",
        "Multi-thread or current-thread; the runtime is rebuilt",
    ),
    command("restart", &[letter('r')], &Command::Restart, "restart", "Start over with a fresh runtime"),
    Key {
        name: "keep-run",
        chords: &[letter('c')],
        action: Action::Send(Own::of(&Command::KeepRun)),
        places: KEPT,
        label: None,
        help: "Keep this run as 'before': after the next change both stand side by side",
        of_now: true,
    },
];

static RESULT_KEYS: &[Key] = &[Key {
    name: "results",
    chords: &[letter('d'), code(KeyCode::Enter)],
    action: Action::Toggle(Overlay::Own(RESULTS)),
    places: PIPELINE,
    label: Some("results"),
    help: "What the pipeline has found out",
    of_now: true,
}];

static LESSON_KEYS: &[Key] = &[
    lesson(
        "open-lesson",
        &[code(KeyCode::Enter)],
        &LessonKey::GoOn,
        Places::At(&[lessons::LIST]),
        Some("open"),
        "Open the lesson",
    ),
    lesson("run-lesson", ON, &LessonKey::GoOn, IN_QUESTION, Some("run"), "Run the lesson"),
    lesson(
        "step-lesson",
        ON,
        &LessonKey::GoOn,
        Places::At(&[RUN]),
        Some("step"),
        "The next step, where it goes by steps",
    ),
    lesson("next-lesson", ON, &LessonKey::GoOn, Places::At(&[VERDICT]), Some("next lesson"), "The next lesson"),
    lesson(
        "again",
        &[letter('r')],
        &LessonKey::Again,
        Places::At(&[RUN, VERDICT]),
        Some("again"),
        "Run the lesson again",
    ),
    lesson(
        "lesson-back",
        &[code(KeyCode::PageUp)],
        &LessonKey::GoBack,
        LESSON,
        None,
        "Back: to the question, to the lesson before",
    ),
    lesson("answer-a", &[letter('a')], &LessonKey::Answer(0), IN_QUESTION, Some("answer"), "The first answer"),
    lesson("answer-b", &[letter('b')], &LessonKey::Answer(1), IN_QUESTION, Some("answer"), "The second answer"),
    lesson("answer-c", &[letter('c')], &LessonKey::Answer(2), IN_QUESTION, Some("answer"), "The third answer"),
    lesson("answer-d", &[letter('d')], &LessonKey::Answer(3), IN_QUESTION, None, "The fourth answer"),
    lesson(
        "lesson-speed",
        &[letter('s')],
        &LessonKey::Speed,
        LESSON,
        None,
        "The lesson's speed: its own, slow motion, step by step",
    ),
    lesson(
        "more-of-setting",
        &[letter('+'), letter('=')],
        &LessonKey::More,
        IN_QUESTION,
        None,
        "More of the lesson's setting",
    ),
    lesson("less-of-setting", &[letter('-')], &LessonKey::Less, IN_QUESTION, None, "Less of it"),
    lesson("next-setting", &[letter('x')], &LessonKey::NextSetting, IN_QUESTION, None, "The lesson's next setting"),
];

static SCREENS: &[Key] = &[
    screen("lessons", &[letter('4')], LESSONS, "Lessons"),
    screen("compare", &[letter('5')], COMPARE, "Compare: runs side by side"),
    screen("use-cases", &[letter('6')], USE_CASES, "Use cases: which tool for what"),
    Key {
        name: "open-cell",
        chords: &[code(KeyCode::Enter)],
        action: Action::Own(Own::of(&UseCaseKey::OpenCell)),
        places: IN_USE_CASES,
        label: Some("open lesson"),
        help: "Open the lesson that shows it",
        of_now: false,
    },
    Key {
        name: "left",
        chords: &[code(KeyCode::Left), letter('h')],
        action: Action::Move(Move::Left),
        places: IN_USE_CASES,
        label: None,
        help: "To the left",
        of_now: false,
    },
    Key {
        name: "right",
        chords: &[code(KeyCode::Right), letter('l')],
        action: Action::Move(Move::Right),
        places: IN_USE_CASES,
        label: None,
        help: "To the right",
        of_now: false,
    },
];

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyEvent, KeyModifiers};

    use super::*;
    use crate::panels::key_table;
    use pollscope_tui::{Keymap, NoBinding, Unusable, keys::Looks};

    const NOW: Looks = Looks { live: true, ours: true };

    fn press(map: &Keymap, place: Place, code: KeyCode) -> Option<Action> {
        map.action(place, KeyEvent::new(code, KeyModifiers::NONE))
    }

    fn bound(bindings: &[(&str, &str)]) -> Result<Keymap, Unusable> {
        let table = key_table();
        let bindings: Vec<_> = bindings.iter().map(|(name, keys)| table.bind(name, keys).unwrap()).collect();
        table.bound(&bindings)
    }

    #[test]
    fn keys_are_found_by_place() {
        let map = key_table().as_it_is();
        assert_eq!(press(&map, Place::Dashboard, KeyCode::Tab), Some(Action::NextScreen));
        assert_eq!(press(&map, Place::Help, KeyCode::Tab), None);
        let question = KeyEvent::new(KeyCode::Char('?'), KeyModifiers::SHIFT);
        assert_eq!(map.action(Place::Help, question), Some(Action::Toggle(Overlay::Help)));
        let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(map.action(results::PLACE, interrupt), Some(Action::Quit));
        assert_eq!(press(&map, results::PLACE, KeyCode::Char('c')), None);
    }

    #[test]
    fn escape_never_quits() {
        let base = [Place::Dashboard, Place::Timeline, Place::Tasks, Place::Help, Place::Export, Place::Life];
        let own = [lessons::LIST, QUESTION, RUN, VERDICT, compare::PLACE, usecases::PLACE, results::PLACE];
        for place in base.into_iter().chain(own) {
            assert_eq!(press(&key_table().as_it_is(), place, KeyCode::Esc), Some(Action::Back));
        }
    }

    #[test]
    fn neighbours_share_a_label() {
        let map = key_table().as_it_is();
        assert!(map.footer(Place::Dashboard, NOW).contains(&("+ −".to_owned(), "workers")));
        assert!(!map.footer(Place::Help, NOW).iter().any(|(_, label)| *label == "screens"));
    }

    #[test]
    fn a_bound_key_is_the_only_one_and_is_shown() {
        let map = bound(&[("block", "x f5"), ("quit", "ctrl-q"), ("freeze", " ")]).unwrap();
        let block = Action::Send(Own::of(&Command::ToggleBlocking));
        assert_eq!(press(&map, Place::Dashboard, KeyCode::F(5)), Some(block.clone()));
        assert_eq!(press(&map, Place::Dashboard, KeyCode::Char('b')), None);
        assert_eq!(map.cap_of(&block), Some("x".to_owned()));
        assert_eq!(map.footer(Place::Dashboard, NOW).last(), Some(&("ctrl-q".to_owned(), "quit")));
        assert_eq!(
            press(&map, QUESTION, KeyCode::Char('b')),
            press(&key_table().as_it_is(), QUESTION, KeyCode::Char('b'))
        );
    }

    #[test]
    fn what_has_no_key_is_not_shown() {
        let map = bound(&[("block", "")]).unwrap();
        assert_eq!(map.cap_of(&Action::Send(Own::of(&Command::ToggleBlocking))), None);
        assert!(!map.footer(Place::Dashboard, NOW).iter().any(|(_, label)| *label == "block"));
        assert!(!map.of(Place::Dashboard).any(|(_, help)| help.starts_with("Block the workers")));
    }

    #[test]
    fn one_chord_asks_for_one_thing() {
        let twice = bound(&[("block", "w")]).unwrap_err();
        assert_eq!(twice, Unusable::Twice("w".to_owned(), "block", "wait"));
        assert!(bound(&[("block", "w"), ("wait", "b")]).is_ok(), "two that change places");
        assert!(bound(&[("block", "x")]).is_ok(), "what works elsewhere is no hindrance");
        assert_eq!(bound(&[("quit", "")]).unwrap_err(), Unusable::NoQuit);
        assert!(bound(&[]).is_ok());
    }

    #[test]
    fn what_is_no_binding_says_why() {
        assert_eq!(key_table().bind("blok", "x"), Err(NoBinding::Name));
        assert_eq!(key_table().bind("block", "x ctl-y"), Err(NoBinding::Chord("ctl-y".to_owned())));
    }

    #[test]
    fn every_key_says_what_it_does_and_can_be_bound_to_what_it_is() {
        let table = key_table();
        assert_eq!(table.check(), Ok(()));
        let as_it_is: Vec<_> = table.defaults().map(|key| table.bind(key.name, &key.chords).unwrap()).collect();
        assert_eq!(as_it_is.len(), table.names().count());
        table.bound(&as_it_is).unwrap();
    }
}
