//! After a lesson: what was measured, set against what was predicted.

use pollscope_core::model::picture::{Mood, Sentence};
use pollscope_tui::{looks::Skin, overlay::Line};

use super::{Shown, curve, paragraphs, question, run, wrapped};
use crate::lessons::{Expectation, LessonNow};

/// Whether something that the lesson says did not happen, or it could not go on.
pub(super) fn fails(shown: &Shown<'_>) -> bool {
    shown.told.is_some_and(|told| told.halted.is_some() || told.measured.iter().any(Expectation::fails))
}

/// What it comes to, in a sentence.
pub(super) fn sentence(shown: &Shown<'_>) -> Sentence {
    let Some(told) = shown.told else { return Sentence::default() };
    let all = told.measured.iter().filter(|it| it.holds.is_some()).count();
    let hold = told.measured.iter().filter(|it| it.holds == Some(true)).count();
    let (lead, mood) = match &told.halted {
        Some(why) => (format!("It could not go on: {why}."), Mood::Warning),
        None if hold == all => (format!("As the lesson says: {all} of {all} measurements."), Mood::Calm),
        None => (format!("{} of {all} measurements are not as the lesson says.", all - hold), Mood::Warning),
    };
    // A sentence has one look: what is code in it is told by its words.
    Sentence { lead, rest: shown.card.look_for.replace('`', ""), remedy: None, mood }
}

/// The lines beside the code.
pub(super) fn lines(shown: &Shown<'_>, width: usize, skin: Skin) -> Vec<Line> {
    let text = &skin.theme.text;
    let mut lines = prediction(shown, width, skin);
    let Some(told) = shown.told else { return lines };
    for expectation in &told.measured {
        lines.extend(measured(expectation, width, skin));
    }
    if let Some(why) = &told.halted {
        lines.extend(wrapped(&[("it could not go on: ".to_owned(), text.alarm)], why, text.normal, width, skin));
    }
    lines.push(Line::new());
    lines.extend(told.curves.iter().flat_map(|it| curve::lines(it, width, skin)));
    lines.extend(printed(told, width, skin));
    lines.extend(paragraphs(&shown.card.idea, text.dim, width, skin));
    lines
}

/// What each part has printed.
fn printed(told: &LessonNow, width: usize, skin: Skin) -> Vec<Line> {
    let text = &skin.theme.text;
    let mut lines = Vec::new();
    let mut part = None;
    for it in &told.printed {
        if part != Some(&it.part) {
            lines.extend(wrapped(&[], it.part.as_deref().unwrap_or_default(), text.dim, width, skin));
            part = Some(&it.part);
        }
        lines.push(run::paper(&it.line, skin));
    }
    if !lines.is_empty() {
        lines.push(Line::new());
    }
    lines
}

/// The answer that was given, and the right one.
fn prediction(shown: &Shown<'_>, width: usize, skin: Skin) -> Vec<Line> {
    let text = &skin.theme.text;
    let mark = &skin.glyphs.mark;
    let Some(right) = shown.card.choices.iter().position(|(_, right)| *right) else { return Vec::new() };
    let words = shown.card.choices[right].0.as_str();
    let (sign, style, said) = match shown.open.answer {
        Some(answer) if answer == right => {
            (mark.done, text.good, format!("you said {}, and so it is", question::letter(right)))
        }
        Some(answer) => (
            mark.failed,
            text.warning,
            format!("you said {}; it is {}", question::letter(answer), question::letter(right)),
        ),
        None => (mark.done, text.accent, format!("it is {}", question::letter(right))),
    };
    let mut lines = wrapped(&[(format!("{sign} "), style)], &said, text.strong, width, skin);
    lines.extend(wrapped(&[("  ".to_owned(), style)], words, text.normal, width, skin));
    lines.push(Line::new());
    lines
}

fn measured(expectation: &Expectation, width: usize, skin: Skin) -> Vec<Line> {
    let (text, mark) = (&skin.theme.text, &skin.glyphs.mark);
    let (sign, style) = match expectation.holds {
        Some(true) => (mark.done, text.good),
        Some(false) => (mark.failed, text.alarm),
        None => ("?", text.dim),
    };
    let mut lines = wrapped(&[(format!("{sign} "), style)], &expectation.text, text.normal, width, skin);
    lines.extend(wrapped(&[("  ".to_owned(), style)], &expectation.measured, text.strong, width, skin));
    lines
}
