//! One key with what is held down, and how it is written: in the settings, and as a cap on the screen.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with what must be held down. A capital letter is a key of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chord {
    pub(super) code: KeyCode,
    pub(super) control: bool,
}

/// Keys that are written as a word.
const NAMED: &[(&str, KeyCode)] = &[
    ("space", KeyCode::Char(' ')),
    // Between two keys of one list there are commas.
    ("comma", KeyCode::Char(',')),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("backspace", KeyCode::Backspace),
    ("insert", KeyCode::Insert),
    ("delete", KeyCode::Delete),
    ("f1", KeyCode::F(1)),
    ("f2", KeyCode::F(2)),
    ("f3", KeyCode::F(3)),
    ("f4", KeyCode::F(4)),
    ("f5", KeyCode::F(5)),
    ("f6", KeyCode::F(6)),
    ("f7", KeyCode::F(7)),
    ("f8", KeyCode::F(8)),
    ("f9", KeyCode::F(9)),
    ("f10", KeyCode::F(10)),
    ("f11", KeyCode::F(11)),
    ("f12", KeyCode::F(12)),
];

/// Keys whose caps are not what the settings say.
const CAPS: &[(&str, KeyCode)] = &[
    ("−", KeyCode::Char('-')),
    (",", KeyCode::Char(',')),
    ("←", KeyCode::Left),
    ("→", KeyCode::Right),
    ("PgUp", KeyCode::PageUp),
    ("PgDn", KeyCode::PageDown),
];

/// The key of a character; a capital letter is a key of its own.
pub const fn letter(character: char) -> Chord {
    Chord { code: KeyCode::Char(character), control: false }
}

/// A character with control held down.
pub const fn control(character: char) -> Chord {
    Chord { code: KeyCode::Char(character), control: true }
}

/// A key without a character.
pub const fn code(code: KeyCode) -> Chord {
    Chord { code, control: false }
}

impl Chord {
    /// A key as the settings write it; none where there is no such key.
    pub(super) fn parse(word: &str) -> Option<Self> {
        let (control, name) = match word.strip_prefix("ctrl-") {
            Some(name) => (true, name),
            None => (false, word),
        };
        let mut letters = name.chars();
        let code = match (letters.next(), letters.next()) {
            (Some(letter), None) if !letter.is_control() => KeyCode::Char(letter),
            _ => NAMED.iter().find(|(own, _)| own.eq_ignore_ascii_case(name))?.1,
        };
        Some(Self { code, control })
    }

    /// What was pressed; none where something is held down that no key asks for.
    pub(super) fn pressed(event: KeyEvent) -> Option<Self> {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        (!event.modifiers.contains(KeyModifiers::ALT)).then_some(Self { code: event.code, control })
    }

    /// The event of its being pressed.
    pub fn event(self) -> KeyEvent {
        KeyEvent::new(self.code, if self.control { KeyModifiers::CONTROL } else { KeyModifiers::NONE })
    }

    /// How it is written on the screen.
    pub(super) fn cap(self) -> String {
        match name_in(CAPS, self.code) {
            Some(cap) if self.control => format!("ctrl-{cap}"),
            Some(cap) => cap.to_owned(),
            None => self.to_string(),
        }
    }
}

/// As the settings write it.
impl fmt::Display for Chord {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.control {
            out.write_str("ctrl-")?;
        }
        match (name_in(NAMED, self.code), self.code) {
            (Some(name), _) => out.write_str(name),
            (None, KeyCode::Char(letter)) => write!(out, "{letter}"),
            (None, other) => write!(out, "{other}"),
        }
    }
}

fn name_in(names: &[(&'static str, KeyCode)], code: KeyCode) -> Option<&'static str> {
    names.iter().find(|(_, own)| *own == code).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (_, code) in NAMED {
            for chord in [Chord { code: *code, control: false }, Chord { code: *code, control: true }] {
                assert_eq!(Chord::parse(&chord.to_string()), Some(chord));
            }
        }
        for (word, chord) in [("B", letter('B')), ("-", letter('-')), ("ctrl--", control('-')), ("é", letter('é'))] {
            assert_eq!((Chord::parse(word), chord.to_string().as_str()), (Some(chord), word));
        }
        assert_eq!(Chord::parse("PgUp"), Some(code(KeyCode::PageUp)));
    }

    #[test]
    fn what_is_no_key_is_none() {
        for word in ["", "ctrl-", "bb", "f13", "alt-x", "\u{7}", "ctrl-bb"] {
            assert_eq!(Chord::parse(word), None, "{word:?}");
        }
    }

    #[test]
    fn caps_are_what_is_seen_on_a_keyboard() {
        let caps = [letter('-'), letter(' '), code(KeyCode::Left), code(KeyCode::PageUp), control('c')];
        assert_eq!(caps.map(Chord::cap), ["−", "space", "←", "PgUp", "ctrl-c"]);
    }
}
