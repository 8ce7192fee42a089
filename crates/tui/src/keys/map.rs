//! The keys as they are bound: by the table, or by whoever has others in the settings.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{Chord, KEYS, Key};
use crate::state::{Action, Overlay, Place, TimeKey, Typed};

/// What somebody looks at: which keys do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Looks {
    /// It is now, and goes on.
    pub(crate) live: bool,
    /// It is a lab of this program's.
    pub(crate) ours: bool,
}

/// Which chords ask for what a row of the table does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    name: &'static str,
    /// None: no key asks for it.
    chords: Vec<Chord>,
}

/// Why there is no such binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoBinding {
    /// No row of the table has that name.
    Name,
    /// A word is no key.
    Chord(String),
}

/// Two rows that one chord asks for at one place; or a screen that could not be left.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Nobody could tell what is meant.
    #[error(
        "the key '{0}' is bound to '{1}' and to '{2}', which work on the same screen: give one of them another key"
    )]
    Twice(String, &'static str, &'static str),
    /// No key quits.
    #[error("'quit' needs a key")]
    NoQuit,
}

/// The names that keys are bound by, in the table's order.
pub fn key_names() -> impl Iterator<Item = &'static str> {
    let is_first = |at: &usize| !KEYS[..*at].iter().any(|key| key.name == KEYS[*at].name);
    (0..KEYS.len()).filter(is_first).map(|at| KEYS[at].name)
}

/// What each key is where nobody binds others, as the settings write it: its name, its chords, what it does.
pub fn default_keys() -> impl Iterator<Item = (&'static str, String, &'static str)> {
    let first = |name| KEYS.iter().find(move |key| key.name == name);
    key_names().filter_map(first).map(|key| (key.name, words(key.chords), key.help))
}

fn words(chords: &[Chord]) -> String {
    chords.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

impl Binding {
    /// Binds a row of the table to chords, between which there are spaces.
    ///
    /// # Errors
    ///
    /// There is no such row, or no such key.
    pub fn new(name: &str, chords: &str) -> Result<Self, NoBinding> {
        let name = key_names().find(|own| *own == name).ok_or(NoBinding::Name)?;
        let chord = |word: &str| Chord::parse(word).ok_or_else(|| NoBinding::Chord(word.to_owned()));
        let words = if chords == " " { vec!["space"] } else { chords.split_whitespace().collect() };
        let chords = words.into_iter().map(chord).collect::<Result<_, _>>()?;
        Ok(Self { name, chords })
    }
}

/// All keys with the chords that they are bound to.
#[derive(Clone, Debug)]
pub struct Keymap {
    /// One for each row of the table.
    bound: Vec<Vec<Chord>>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self { bound: KEYS.iter().map(|key| key.chords.to_vec()).collect() }
    }
}

impl Keymap {
    /// The table's chords, but for these rows. Of two bindings of a row the last counts.
    ///
    /// # Errors
    ///
    /// Keys that nobody could use.
    pub fn new(bindings: &[Binding]) -> Result<Self, Unusable> {
        let mut map = Self::default();
        for (key, chords) in KEYS.iter().zip(&mut map.bound) {
            if let Some(binding) = bindings.iter().rfind(|binding| binding.name == key.name) {
                chords.clone_from(&binding.chords);
            }
        }
        map.twice().map_or(Ok(()), Err)?;
        if map.rows().any(|(key, chords)| key.action == Action::Quit && chords.is_empty()) {
            return Err(Unusable::NoQuit);
        }
        Ok(map)
    }

    fn twice(&self) -> Option<Unusable> {
        let mut before: Vec<(&Key, &[Chord])> = Vec::new();
        for (key, chords) in self.rows() {
            for (other, others) in &before {
                let meet = key.action != other.action && key.places.iter().any(|place| other.places.contains(place));
                if let Some(chord) = chords.iter().find(|chord| meet && others.contains(chord)) {
                    return Some(Unusable::Twice(chord.to_string(), other.name, key.name));
                }
            }
            before.push((key, chords));
        }
        None
    }

    fn rows(&self) -> impl Iterator<Item = (&'static Key, &[Chord])> {
        KEYS.iter().zip(self.bound.iter().map(Vec::as_slice))
    }

    /// The keys that work at a place: their caps, and what they do.
    pub(crate) fn of(&self, place: Place) -> impl Iterator<Item = (Vec<String>, &'static str)> {
        let rows = self.rows().filter(move |(key, chords)| key.places.contains(&place) && !chords.is_empty());
        rows.map(|(key, chords)| (chords.iter().map(|chord| chord.cap()).collect(), key.help))
    }

    /// What a key asks for at a place.
    pub(crate) fn action(&self, place: Place, event: KeyEvent) -> Option<Action> {
        if place == Place::Filter {
            return typed(event);
        }
        let chord = Chord::pressed(event)?;
        let asks = |(key, chords): &(&Key, &[Chord])| key.places.contains(&place) && chords.contains(&chord);
        self.rows().find(asks).map(|(key, _)| key.action)
    }

    /// The cap of the key that asks for something; none where no key does.
    pub(crate) fn cap_of(&self, action: Action) -> Option<String> {
        let (_, chords) = self.rows().find(|(key, _)| key.action == action)?;
        chords.first().map(|chord| chord.cap())
    }

    /// Which key stops what is under way, after a gap: `esc stops`; nothing where no key does.
    pub(crate) fn stops(&self, gap: &str) -> String {
        self.cap_of(Action::Back).map_or_else(String::new, |cap| format!("{gap}{cap} stops"))
    }

    /// What the footer shows at a place: caps and what they do. Who looks at the past needs other keys than who
    /// looks at what happens, and who looks at other programs changes nothing.
    pub(crate) fn footer(&self, place: Place, Looks { live, ours }: Looks) -> Vec<(String, &'static str)> {
        let mut shown: Vec<(String, &'static str)> = Vec::new();
        let is_of_now = |key: &Key| match key.action {
            Action::Time(TimeKey::Freeze) => true,
            Action::Time(_) => !live,
            Action::Command(_) | Action::Toggle(Overlay::Results) => live && ours,
            _ => true,
        };
        for (key, chords) in self.rows().filter(|(key, _)| key.places.contains(&place) && is_of_now(key)) {
            let (Some(mut label), Some(chord)) = (key.label, chords.first()) else { continue };
            if !live && key.action == Action::Time(TimeKey::Freeze) {
                label = "go on";
            }
            let cap = chord.cap();
            match shown.last_mut().filter(|last| last.1 == label) {
                Some((caps, _)) => *caps = format!("{caps} {cap}"),
                None => shown.push((cap, label)),
            }
        }
        shown
    }
}

/// What a key writes into a line. These are no keys that could be bound: any letter is itself.
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

#[cfg(test)]
mod tests {
    use super::super::EVERYWHERE;
    use super::*;

    const NOW: Looks = Looks { live: true, ours: true };
    use pollscope_core::model::picture::Command;

    fn press(map: &Keymap, place: Place, code: KeyCode) -> Option<Action> {
        map.action(place, KeyEvent::new(code, KeyModifiers::NONE))
    }

    fn bound(bindings: &[(&str, &str)]) -> Result<Keymap, Unusable> {
        let bindings: Vec<_> = bindings.iter().map(|(name, keys)| Binding::new(name, keys).unwrap()).collect();
        Keymap::new(&bindings)
    }

    #[test]
    fn keys_are_found_by_place() {
        let map = Keymap::default();
        assert_eq!(press(&map, Place::Dashboard, KeyCode::Tab), Some(Action::NextScreen));
        assert_eq!(press(&map, Place::Help, KeyCode::Tab), None);
        let question = KeyEvent::new(KeyCode::Char('?'), KeyModifiers::SHIFT);
        assert_eq!(map.action(Place::Help, question), Some(Action::Toggle(Overlay::Help)));
        let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(map.action(Place::Results, interrupt), Some(Action::Quit));
        assert_eq!(press(&map, Place::Results, KeyCode::Char('c')), None);
    }

    #[test]
    fn escape_never_quits() {
        for place in EVERYWHERE {
            assert_eq!(press(&Keymap::default(), *place, KeyCode::Esc), Some(Action::Back));
        }
    }

    #[test]
    fn neighbours_share_a_label() {
        let map = Keymap::default();
        assert!(map.footer(Place::Dashboard, NOW).contains(&("+ −".to_owned(), "workers")));
        assert!(!map.footer(Place::Help, NOW).iter().any(|(_, label)| *label == "screens"));
    }

    #[test]
    fn a_bound_key_is_the_only_one_and_is_shown() {
        let map = bound(&[("block", "x f5"), ("quit", "ctrl-q"), ("freeze", " ")]).unwrap();
        let block = Action::Command(Command::ToggleBlocking);
        assert_eq!(press(&map, Place::Dashboard, KeyCode::F(5)), Some(block));
        assert_eq!(press(&map, Place::Dashboard, KeyCode::Char('b')), None);
        assert_eq!(map.cap_of(block), Some("x".to_owned()));
        assert_eq!(map.footer(Place::Dashboard, NOW).last(), Some(&("ctrl-q".to_owned(), "quit")));
        assert_eq!(
            press(&map, Place::Question, KeyCode::Char('b')),
            press(&Keymap::default(), Place::Question, KeyCode::Char('b'))
        );
    }

    #[test]
    fn rows_of_one_name_are_bound_together() {
        let map = bound(&[("life", "z")]).unwrap();
        for place in [Place::Dashboard, Place::Tasks] {
            assert_eq!(press(&map, place, KeyCode::Char('z')), Some(Action::Toggle(Overlay::Life)));
            assert_eq!(press(&map, place, KeyCode::Char('i')), None);
        }
    }

    #[test]
    fn what_has_no_key_is_not_shown() {
        let map = bound(&[("block", "")]).unwrap();
        assert_eq!(map.cap_of(Action::Command(Command::ToggleBlocking)), None);
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
        assert_eq!(Binding::new("blok", "x"), Err(NoBinding::Name));
        assert_eq!(Binding::new("block", "x ctl-y"), Err(NoBinding::Chord("ctl-y".to_owned())));
    }

    #[test]
    fn every_key_can_be_bound_to_what_it_is() {
        let as_it_is: Vec<_> = default_keys().map(|(name, chords, _)| Binding::new(name, &chords).unwrap()).collect();
        assert_eq!(as_it_is.len(), key_names().count());
        Keymap::new(&as_it_is).unwrap();
    }
}
