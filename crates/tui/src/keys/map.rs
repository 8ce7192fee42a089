//! The keys as they are bound: by the table, or by whoever has others in the settings.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{Chord, KEYS, Key, KeyGroup, Place, Places, place};
use crate::state::{Action, TimeKey, Typed};

/// What somebody looks at: which keys do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looks {
    /// It is now, and goes on.
    pub live: bool,
    /// It is a lab of this program's.
    pub ours: bool,
}

/// All rows: those that every screen has, and a scenario's between them.
#[derive(Clone, Debug)]
pub struct KeyTable {
    rows: Vec<&'static Key>,
}

/// What a row of the table is where nobody binds others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultKey {
    /// The row's name.
    pub name: &'static str,
    /// Its chords, as the settings write them.
    pub chords: String,
    /// What it does.
    pub help: &'static str,
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

impl Default for KeyTable {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl KeyTable {
    /// The table with the rows of a scenario. Groups with the same place in it stand in their own order.
    pub fn new(groups: &'static [KeyGroup]) -> Self {
        let before = |name| groups.iter().filter(move |group| group.before == name).flat_map(|group| group.rows);
        let mut rows = Vec::new();
        let mut last = "";
        for key in KEYS {
            if key.name != last {
                rows.extend(before(Some(key.name)));
            }
            last = key.name;
            rows.push(key);
        }
        rows.extend(before(None));
        Self { rows }
    }

    /// The names that keys are bound by, in the table's order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let is_first = |at: &usize| !self.rows[..*at].iter().any(|key| key.name == self.rows[*at].name);
        (0..self.rows.len()).filter(is_first).map(|at| self.rows[at].name)
    }

    /// What each key is where nobody binds others.
    pub fn defaults(&self) -> impl Iterator<Item = DefaultKey> {
        let first = |name| self.rows.iter().find(move |key| key.name == name);
        self.names().filter_map(first).map(|key| DefaultKey {
            name: key.name,
            chords: words(key.chords),
            help: key.help,
        })
    }

    /// Binds a row of the table to chords, between which there are spaces.
    ///
    /// # Errors
    ///
    /// There is no such row, or no such key.
    pub fn bind(&self, name: &str, chords: &str) -> Result<Binding, NoBinding> {
        let name = self.names().find(|own| *own == name).ok_or(NoBinding::Name)?;
        let chord = |word: &str| Chord::parse(word).ok_or_else(|| NoBinding::Chord(word.to_owned()));
        let words = if chords == " " { vec!["space"] } else { chords.split_whitespace().collect() };
        let chords = words.into_iter().map(chord).collect::<Result<_, _>>()?;
        Ok(Binding { name, chords })
    }

    /// The keys with the table's chords, but for these rows. Of two bindings of a row the last counts.
    ///
    /// # Errors
    ///
    /// Keys that nobody could use.
    pub fn bound(&self, bindings: &[Binding]) -> Result<Keymap, Unusable> {
        let mut map = self.as_it_is();
        for (key, chords) in &mut map.rows {
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

    /// The keys with the table's chords.
    pub fn as_it_is(&self) -> Keymap {
        Keymap { rows: self.rows.iter().map(|key| (*key, key.chords.to_vec())).collect() }
    }

    /// Checks what holds of every row: it works by some key, says what it does, and its name is a word of the settings that
    /// stands for one thing alone.
    ///
    /// # Errors
    ///
    /// The name of a row of which that does not hold.
    pub fn check(&self) -> Result<(), &'static str> {
        let is_word =
            |name: &str| name.split('-').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase()));
        let is_whole = |key: &Key| {
            let mut same = self.rows.iter().filter(|other| other.name == key.name);
            let has_all = !key.help.is_empty() && !key.chords.is_empty() && key.places != Places::At(&[]);
            has_all && is_word(key.name) && same.all(|other| other.action == key.action)
        };
        self.rows.iter().find(|key| !is_whole(key)).map_or(Ok(()), |key| Err(key.name))
    }

    /// All chords that the rows have where nobody binds others.
    pub fn chords(&self) -> impl Iterator<Item = Chord> {
        self.rows.iter().flat_map(|key| key.chords).copied()
    }
}

fn words(chords: &[Chord]) -> String {
    chords.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// All keys with the chords that they are bound to.
#[derive(Clone, Debug)]
pub struct Keymap {
    rows: Vec<(&'static Key, Vec<Chord>)>,
}

impl Default for Keymap {
    fn default() -> Self {
        KeyTable::default().as_it_is()
    }
}

impl Keymap {
    fn twice(&self) -> Option<Unusable> {
        let mut places = place::BASE.to_vec();
        places.extend(self.rows.iter().flat_map(|(key, _)| key.places.named()));
        let mut before: Vec<(&Key, &[Chord])> = Vec::new();
        for (key, chords) in self.rows() {
            for (other, others) in &before {
                let both = |place: &Place| key.places.contains(*place) && other.places.contains(*place);
                let shared = |chord: &&Chord| others.contains(chord);
                let chord = chords.iter().find(|chord| key.action != other.action && shared(chord));
                if let Some(chord) = chord.filter(|_| places.iter().any(both)) {
                    return Some(Unusable::Twice(chord.to_string(), other.name, key.name));
                }
            }
            before.push((key, chords));
        }
        None
    }

    fn rows(&self) -> impl Iterator<Item = (&'static Key, &[Chord])> {
        self.rows.iter().map(|(key, chords)| (*key, chords.as_slice()))
    }

    /// The keys that work at a place: their caps, and what they do.
    pub fn of(&self, place: Place) -> impl Iterator<Item = (Vec<String>, &'static str)> {
        let rows = self.rows().filter(move |(key, chords)| key.places.contains(place) && !chords.is_empty());
        rows.map(|(key, chords)| (chords.iter().map(|chord| chord.cap()).collect(), key.help))
    }

    /// What a key asks for at a place.
    pub fn action(&self, place: Place, event: KeyEvent) -> Option<Action> {
        if place == Place::Filter {
            return typed(event);
        }
        let chord = Chord::pressed(event)?;
        let asks = |(key, chords): &(&Key, &[Chord])| key.places.contains(place) && chords.contains(&chord);
        self.rows().find(asks).map(|(key, _)| key.action.clone())
    }

    /// The cap of the key that asks for something; none where no key does.
    pub fn cap_of(&self, action: &Action) -> Option<String> {
        let (_, chords) = self.rows().find(|(key, _)| key.action == *action)?;
        chords.first().map(|chord| chord.cap())
    }

    /// Which key stops what is under way, after a gap: `esc stops`; nothing where no key does.
    pub(crate) fn stops(&self, gap: &str) -> String {
        self.cap_of(&Action::Back).map_or_else(String::new, |cap| format!("{gap}{cap} stops"))
    }

    /// What the footer shows at a place: caps and what they do. Who looks at the past needs other keys than who
    /// looks at what happens, and who looks at other programs changes nothing.
    pub fn footer(&self, place: Place, Looks { live, ours }: Looks) -> Vec<(String, &'static str)> {
        let mut shown: Vec<(String, &'static str)> = Vec::new();
        let is_of_now = |key: &Key| match key.action {
            Action::Time(TimeKey::Freeze) => true,
            Action::Time(_) => !live,
            _ => !key.of_now || (live && ours),
        };
        for (key, chords) in self.rows().filter(|(key, _)| key.places.contains(place) && is_of_now(key)) {
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
    use super::{
        super::{OwnPlace, letter, place::BASE},
        *,
    };
    use crate::{own::Own, state::Overlay};

    const NOW: Looks = Looks { live: true, ours: true };
    const SHELF: Place = Place::Own(OwnPlace { name: "shelf", over: false, timed: false, paged: true });

    /// A scenario's keys: one that changes what runs, and one on a screen of its own.
    static GROUPS: &[KeyGroup] = &[KeyGroup {
        before: Some("record"),
        rows: &[
            Key {
                name: "stir",
                chords: &[letter('b')],
                action: Action::Send(Own::of(&"stir")),
                places: Places::At(&[Place::Dashboard, Place::Tasks]),
                label: Some("stir"),
                help: "Stir it",
                of_now: true,
            },
            Key {
                name: "take-book",
                chords: &[letter('b'), letter('a')],
                action: Action::Own(Own::of(&"take")),
                places: Places::At(&[SHELF]),
                label: Some("take"),
                help: "Take a book",
                of_now: false,
            },
        ],
    }];

    fn press(map: &Keymap, place: Place, code: KeyCode) -> Option<Action> {
        map.action(place, KeyEvent::new(code, KeyModifiers::NONE))
    }

    fn bound(bindings: &[(&str, &str)]) -> Result<Keymap, Unusable> {
        let table = KeyTable::new(GROUPS);
        let bindings: Vec<_> = bindings.iter().map(|(name, keys)| table.bind(name, keys).unwrap()).collect();
        table.bound(&bindings)
    }

    #[test]
    fn rows_of_a_scenario_stand_where_they_say_and_work_where_they_say() {
        let table = KeyTable::new(GROUPS);
        assert_eq!(table.check(), Ok(()));
        assert_eq!(table.names().take(3).collect::<Vec<_>>(), ["stir", "take-book", "record"]);
        let map = table.as_it_is();
        assert_eq!(press(&map, Place::Tasks, KeyCode::Char('b')), Some(Action::Send(Own::of(&"stir"))));
        assert_eq!(press(&map, SHELF, KeyCode::Char('b')), Some(Action::Own(Own::of(&"take"))));
        assert_eq!(press(&map, Place::Timeline, KeyCode::Char('b')), None);
        assert_eq!(press(&map, SHELF, KeyCode::End), Some(Action::Move(crate::state::Move::Last)));
        let elsewhere = Looks { live: true, ours: false };
        let shows = |looks| map.footer(Place::Dashboard, looks).contains(&("b".to_owned(), "stir"));
        assert!(shows(NOW) && !shows(elsewhere) && !shows(Looks { live: false, ours: true }));
    }

    #[test]
    fn a_key_of_a_scenario_does_not_hide_another() {
        let wrong = bound(&[("take-book", "q")]).unwrap_err();
        assert_eq!(wrong, Unusable::Twice("q".to_owned(), "take-book", "quit"));
        assert!(bound(&[("take-book", "+")]).is_ok(), "what works elsewhere is no hindrance");
    }

    #[test]
    fn keys_are_found_by_place() {
        let map = Keymap::default();
        assert_eq!(press(&map, Place::Dashboard, KeyCode::Tab), Some(Action::NextScreen));
        assert_eq!(press(&map, Place::Help, KeyCode::Tab), None);
        let question = KeyEvent::new(KeyCode::Char('?'), KeyModifiers::SHIFT);
        assert_eq!(map.action(Place::Help, question), Some(Action::Toggle(Overlay::Help)));
        let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(map.action(Place::Export, interrupt), Some(Action::Quit));
        assert_eq!(press(&map, Place::Export, KeyCode::Char('c')), None);
    }

    #[test]
    fn escape_never_quits() {
        for place in BASE {
            assert_eq!(press(&Keymap::default(), place, KeyCode::Esc), Some(Action::Back));
        }
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
    fn every_key_can_be_bound_to_what_it_is() {
        let table = KeyTable::new(GROUPS);
        let as_it_is: Vec<_> = table.defaults().map(|key| table.bind(key.name, &key.chords).unwrap()).collect();
        assert_eq!(as_it_is.len(), table.names().count());
        table.bound(&as_it_is).unwrap();
    }
}
