//! Any keys in any order: what they ask for is done, `esc` never ends the program, and there is always a way back.
//! It relies on what a key asks for at a place, not on which keys there are.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use pollscope_tui::{
    Effect, Keymap, Options, Screen,
    fuzzing::assert_drawn,
    scenario::{Action, Place},
};
use ratatui::{buffer::Buffer, layout::Rect};

use super::{Cards, key_table, sample, scenario};

/// Steps back from anywhere to the first screen, at most.
const WAY_BACK: usize = 12;
const CODES: [KeyCode; 20] = [
    KeyCode::Esc,
    KeyCode::Enter,
    KeyCode::Tab,
    KeyCode::BackTab,
    KeyCode::Backspace,
    KeyCode::Left,
    KeyCode::Right,
    KeyCode::Up,
    KeyCode::Down,
    KeyCode::Home,
    KeyCode::End,
    KeyCode::PageUp,
    KeyCode::PageDown,
    KeyCode::Delete,
    KeyCode::Insert,
    KeyCode::Null,
    KeyCode::Menu,
    KeyCode::CapsLock,
    KeyCode::F(1),
    KeyCode::F(255),
];

/// Between keys that are bound, a line each, and keys that are pressed.
const BOUND: char = '\u{100}';

/// Bytes as keys, behind those that somebody binds otherwise. Those below 32 are keys without a letter, 128 to 135 hold
/// modifiers down for the next, 255 draws; what else there is, is a letter.
pub fn keys(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (bindings, pressed) = text.split_once(BOUND).unwrap_or(("", &text));
    let Some(map) = bound(bindings) else { return };
    let mut screen = screen(map);
    let mut modifiers = KeyModifiers::NONE;
    for letter in pressed.chars() {
        match letter as u32 {
            held @ 0x80..=0xff => modifiers = KeyModifiers::from_bits_truncate(held as u8 & 0b111),
            0xfffd => draw(&mut screen),
            code @ ..32 => press(
                &mut screen,
                CODES[code as usize % CODES.len()],
                std::mem::replace(&mut modifiers, KeyModifiers::NONE),
            ),
            _ => press(&mut screen, KeyCode::Char(letter), std::mem::replace(&mut modifiers, KeyModifiers::NONE)),
        }
    }
    draw(&mut screen);
    for _ in 0..WAY_BACK {
        if !goes_back(&screen) {
            return;
        }
        press(&mut screen, KeyCode::Esc, KeyModifiers::NONE);
    }
    assert_eq!(screen.place(), Place::Dashboard, "no way back");
}

/// The keys as these lines bind them, each of a name and what it is bound to; none where nobody could use them.
fn bound(lines: &str) -> Option<Keymap> {
    let words = lines.lines().filter_map(|line| line.split_once(' '));
    let table = key_table();
    let bindings: Vec<_> = words.filter_map(|(name, keys)| table.bind(name, keys).ok()).collect();
    table.bound(&bindings).ok()
}

/// Escape is the way back, where nobody has bound it otherwise.
fn goes_back(screen: &Screen) -> bool {
    screen.asks(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE)) == Some(Action::Back)
}

/// One key: the same key at the same place always asks for the same.
fn press(screen: &mut Screen, code: KeyCode, modifiers: KeyModifiers) {
    let (place, event) = (screen.place(), KeyEvent::new(code, modifiers));
    let action = screen.asks(event);
    assert_eq!(action, screen.asks(event));
    let Some(action) = action else { return };
    let escapes = goes_back(screen);
    let effect = screen.update(action);
    let plain_letter = matches!(code, KeyCode::Char(_)) && modifiers.is_empty();
    assert!(effect != Some(Effect::Quit) || code != KeyCode::Esc || !escapes, "esc ends the program at {place:?}");
    assert!(effect.is_none() || place != Place::Filter || !plain_letter, "a letter that is typed does something else");
}

fn screen(keys: Keymap) -> Screen {
    let options = Options { keys: Some(Arc::new(keys)), ..sample::options() };
    let mut screen = Screen::new(&options, scenario(Cards::default()));
    screen.see(Box::new(sample::hostile()));
    screen
}

fn draw(screen: &mut Screen) {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 24));
    screen.draw(&mut buffer);
    assert_drawn(&buffer);
}
