//! Before a lesson runs: the idea, what will happen, and the settings.

use pollscope_tui::{looks::Skin, overlay::Line};

use super::{LessonSetting, Shown, paragraphs, state::Open, wrapped};
use crate::lessons::Speed;

/// The lines beside the code.
pub(super) fn lines(shown: &Shown<'_>, width: usize, skin: Skin) -> Vec<Line> {
    let text = &skin.theme.text;
    let (open, card) = (shown.open, shown.card);
    let mut lines = wrapped(&[], &card.title, text.strong, width, skin);
    lines.push(Line::new());
    lines.extend(paragraphs(&card.idea, text.normal, width, skin));
    lines.extend(wrapped(&[], &card.question, text.accent, width, skin));
    lines.push(Line::new());
    for (at, (choice, _)) in card.choices.iter().enumerate() {
        lines.extend(answer(shown, at, choice, width, skin));
    }
    lines.push(Line::new());
    if !card.settings.is_empty() {
        lines.push(settings(open, &card.settings, skin));
    }
    lines.push(speed(open.speed, skin));
    lines
}

/// The letter of an answer, and its words.
pub(super) fn answer(shown: &Shown<'_>, at: usize, choice: &str, width: usize, skin: Skin) -> Vec<Line> {
    let text = &skin.theme.text;
    let chosen = shown.open.answer == Some(at);
    let mark = if chosen { skin.glyphs.mark.selected } else { " " };
    let style = if chosen { text.strong } else { text.normal };
    let first = vec![(format!("{mark} "), text.accent), (format!("{}  ", letter(at)), text.accent)];
    wrapped(&first, choice, style, width, skin)
}

/// `a` for the first.
pub(super) fn letter(at: usize) -> char {
    char::from(b'a' + at as u8)
}

/// How fast it will go, and the key for it.
fn speed(speed: Speed, skin: Skin) -> Line {
    let text = &skin.theme.text;
    vec![
        ("speed ".to_owned(), text.normal),
        (name_of(speed).to_owned(), text.strong),
        ("   s".to_owned(), text.accent),
        (" change".to_owned(), text.dim),
    ]
}

/// How fast a lesson goes, in words.
pub(super) fn name_of(speed: Speed) -> &'static str {
    match speed {
        Speed::Own => "its own",
        Speed::Slow => "slow motion",
        Speed::Step => "step by step",
    }
}

fn settings(open: &Open, settings: &[LessonSetting], skin: Skin) -> Line {
    let text = &skin.theme.text;
    let mut line = Line::new();
    for (at, setting) in settings.iter().enumerate() {
        let value = setting.values[usize::from(open.knobs[at]).min(setting.values.len() - 1)];
        let marked = at == open.setting;
        line.push((format!("{} ", setting.name), if marked { text.normal } else { text.dim }));
        line.push((value.to_string(), if marked { text.strong } else { text.normal }));
        line.push(("   ".to_owned(), text.dim));
    }
    line.push(("+ −".to_owned(), text.accent));
    line.push((" change".to_owned(), text.dim));
    if settings.len() > 1 {
        line.push(("  x".to_owned(), text.accent));
        line.push((" other setting".to_owned(), text.dim));
    }
    line
}
