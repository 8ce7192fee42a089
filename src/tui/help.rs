//! The help: the key table, written out.
//!
//! ```text
//! ╭ Keys ─────────────────────────────────────────────╮
//! │          b   Block the workers, or stop it        │
//! │    up or k   Up                                   │
//! ╰───────────────────────────────────────────────────╯
//! ```

use super::{
    keys::{self, KEYS, Key},
    looks::Skin,
    overlay::Line,
    panel::Frame,
    state::Place,
    theme::ThemeName,
};

/// The title of the help.
pub(super) const TITLE: &str = "Keys";

/// The keys that work on the screen below.
fn keys_of(place: Place) -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(move |key| key.places.contains(&place))
}

/// The lines of the help over a screen, with its frame.
pub(super) fn height(place: Place) -> u16 {
    keys_of(place).count() as u16 + 3 + Frame::Box.height()
}

/// The lines of the help over a screen.
pub(super) fn lines(place: Place, theme: ThemeName, skin: Skin) -> Vec<Line> {
    let text = &skin.theme.text;
    let mut lines: Vec<Line> = keys_of(place).map(|key| key_line(key, skin)).collect();
    lines.push(Line::new());
    lines.push(vec![(format!("{:>13}   ", "theme"), text.dim), (theme.name().to_owned(), text.normal)]);
    lines.push(vec![
        (format!("{:>13}   ", "mouse"), text.dim),
        ("A click selects, the wheel scrolls".to_owned(), text.normal),
    ]);
    lines
}

fn key_line(key: &Key, skin: Skin) -> Line {
    let text = &skin.theme.text;
    let caps: Vec<_> = key.chords.iter().map(|chord| keys::cap(*chord)).collect();
    vec![(format!("{:>13}   ", caps.join(" or ")), text.accent), (key.help.to_owned(), text.normal)]
}
