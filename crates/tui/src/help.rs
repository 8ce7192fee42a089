//! The help: the key table, written out.
//!
//! ```text
//! ╭ Keys ─────────────────────────────────────────────╮
//! │          b   Block the workers, or stop it        │
//! │    up or k   Up                                   │
//! ╰───────────────────────────────────────────────────╯
//! ```

use super::{keys::Place, looks::Skin, overlay::Line, panel::Frame, state::ViewState};

/// The title of the help.
pub(super) const TITLE: &str = "Keys";

/// The lines of the help over a screen, with its frame.
pub(super) fn height(state: &ViewState) -> u16 {
    state.keys.of(state.below()).count() as u16 + 3 + Frame::Box.height()
}

/// The lines of the help over a screen.
pub(super) fn lines(state: &ViewState, skin: Skin) -> Vec<Line> {
    let text = &skin.theme.text;
    let mut lines: Vec<Line> = skin.keys.of(state.below()).map(|(caps, help)| key_line(&caps, help, skin)).collect();
    lines.push(Line::new());
    lines.push(vec![(format!("{:>13}   ", "theme"), text.dim), (state.theme.name().to_owned(), text.normal)]);
    lines.push(vec![(format!("{:>13}   ", "mouse"), text.dim), (mouse(state.below()).to_owned(), text.normal)]);
    lines
}

/// What the mouse does there.
fn mouse(place: Place) -> &'static str {
    match place {
        Place::Timeline => "A click sets the cursor; the wheel zooms, with shift it pans",
        _ => "A click selects, the wheel scrolls",
    }
}

fn key_line(caps: &[String], help: &str, skin: Skin) -> Line {
    let text = &skin.theme.text;
    vec![(format!("{:>13}   ", caps.join(" or ")), text.accent), (help.to_owned(), text.normal)]
}
