//! While a lesson runs: what it tries, what it prints, where its futures are, what its tasks do.

use super::{
    super::{
        looks::{self, Skin},
        overlay::Line,
        units,
    },
    Shown, wrapped,
};
use crate::model::picture::{LessonNow, Picture, TaskLine, TaskState};

/// Tasks that are listed.
pub(in super::super) const TASKS: u16 = 8;
/// Printed lines that are shown: the last.
const PRINTED: usize = 12;

/// The lines beside the code.
pub(super) fn lines(shown: &Shown<'_>, width: usize, skin: Skin) -> Vec<Line> {
    let text = &skin.theme.text;
    let mut lines = Vec::new();
    let Some(told) = shown.told else {
        return wrapped(Line::new(), &shown.card.look_for, text.normal, width);
    };
    if let Some(part) = &told.part {
        lines.extend(wrapped(vec![("now  ".to_owned(), text.dim)], part, text.strong, width));
    }
    if let Some(before) = &told.waits_before {
        lines.extend(wrapped(vec![("next ".to_owned(), text.accent)], before, text.strong, width));
    }
    lines.push(Line::new());
    lines.extend(printed(told, skin));
    lines.extend(states(told, width, skin));
    lines.extend(tasks(shown.picture, skin));
    lines.extend(wrapped(vec![("look for  ".to_owned(), text.dim)], &shown.card.look_for, text.dim, width));
    lines
}

/// What was printed, in columns of one line each.
pub(super) fn printed(told: &LessonNow, skin: Skin) -> Vec<Line> {
    let text = &skin.theme.text;
    let skipped = told.printed.len().saturating_sub(PRINTED);
    let mut lines: Vec<Line> = told
        .printed
        .iter()
        .skip(skipped)
        .map(|line| vec![("│ ".to_owned(), skin.theme.line.track), (line.to_string(), text.good)])
        .collect();
    if !lines.is_empty() {
        lines.push(Line::new());
    }
    lines
}

/// Where futures are and who holds wakers.
fn states(told: &LessonNow, width: usize, skin: Skin) -> Vec<Line> {
    let text = &skin.theme.text;
    let mut lines = Vec::new();
    for (of, now) in &told.told {
        lines.extend(wrapped(vec![(format!("{of}: "), text.accent)], now, text.normal, width));
    }
    if !lines.is_empty() {
        lines.push(Line::new());
    }
    lines
}

/// The tasks that live, futures inside them below.
fn tasks(picture: &Picture, skin: Skin) -> Vec<Line> {
    let is_over = |task: &&TaskLine| matches!(task.state, TaskState::Done | TaskState::Dropped);
    let alive: Vec<_> = picture.tasks.iter().filter(|task| !is_over(task)).collect();
    let mut lines: Vec<Line> = alive.iter().map(|task| task_line(task, picture, skin)).collect();
    if !lines.is_empty() {
        lines.push(Line::new());
    }
    lines
}

fn task_line(task: &TaskLine, picture: &Picture, skin: Skin) -> Line {
    let text = &skin.theme.text;
    let look = looks::task(task.state, skin);
    let since = look.since.map_or_else(String::new, |since| units::counting(picture.at.saturating_sub(since)));
    vec![
        (format!("{:indent$}{:name$} ", "", task.name, indent = 2 * usize::from(task.depth), name = 18), text.normal),
        (format!("{} {} {since}", look.mark, look.word), look.style),
        (format!("  {} polls", task.polls), text.dim),
    ]
}
