//! What is seen, and keys to try: shown at the very first start, until a key is pressed.
//!
//! ```text
//! ╭ Welcome ──────────────────────────────────────────────────────────────────────╮
//! │ Each lane is a thread of a program that runs; its bars are what it does.      │
//! ╰───────────────────────────────────────────────────────────────────────────────╯
//! ```

use super::{
    looks::Skin,
    overlay::Line,
    scenario::Offer,
    state::{Action, Overlay, TimeKey},
    text,
};

/// The title of the box.
pub(super) const TITLE: &str = "Welcome";

/// Its three lines. A scenario may have a key to try first.
pub(super) fn lines(first: Option<Offer>, skin: Skin) -> [Line; 3] {
    let text = &skin.theme.text;
    let words = |words: &str| vec![(format!(" {words}"), text.normal)];
    let first = first.map(|offer| (offer.action, offer.words));
    let always = [(Action::Time(TimeKey::Freeze), "freeze"), (Action::Toggle(Overlay::Help), "all keys")];
    let mut tries: Line = vec![(" Try".to_owned(), text.dim)];
    for (action, what) in first.into_iter().chain(always) {
        tries.push((format!("  {}", skin.keys.cap_of(&action).unwrap_or_default()), text.accent));
        tries.push((format!("  {what}"), text.normal));
    }
    [
        words("Each lane is a thread of a program that runs; its bars are what it does."),
        words("The pulse is a timer, due every 50 ms: as late as it is, everybody is."),
        tries,
    ]
}

/// Its columns and lines, with the frame.
pub(super) fn size(lines: &[Line]) -> (u16, u16) {
    let width = |line: &Line| line.iter().map(|(words, _)| text::width(words)).sum::<usize>() as u16;
    (lines.iter().map(width).max().unwrap_or(0) + 4, lines.len() as u16 + 2)
}
