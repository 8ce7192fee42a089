//! While a lesson runs: what it tries, what it prints, where its futures are, what its tasks do.

use pollscope_core::{
    model::picture::{Picture, TaskLine, TaskState},
    text::clean,
    trace::event::TaskKind,
};
use pollscope_tui::{
    looks::{self, Skin},
    overlay::Line,
    text, units,
};

use super::{Shown, wrapped};
use crate::lessons::LessonNow;

/// Tasks that are listed.
pub(super) const TASKS: u16 = 8;
/// Printed lines that are shown: the last.
const PRINTED: usize = 12;

/// The lines beside the code.
pub(super) fn lines(shown: &Shown<'_>, width: usize, skin: Skin) -> Vec<Line> {
    let text = &skin.theme.text;
    let mut lines = Vec::new();
    let Some(told) = shown.told else {
        return wrapped(&[], &shown.card.look_for, text.normal, width, skin);
    };
    if let Some(part) = &told.part {
        lines.extend(wrapped(&[("now  ".to_owned(), text.dim)], part, text.strong, width, skin));
    }
    if let Some(before) = &told.waits_before {
        lines.extend(wrapped(&[("next ".to_owned(), text.accent)], before, text.strong, width, skin));
    }
    lines.push(Line::new());
    lines.extend(printed(told, skin));
    lines.extend(states(told, width, skin));
    lines.extend(tasks(shown.picture, width, skin));
    lines.extend(wrapped(&[("look for  ".to_owned(), text.dim)], &shown.card.look_for, text.dim, width, skin));
    lines
}

/// What the present part has printed: the last lines.
fn printed(told: &LessonNow, skin: Skin) -> Vec<Line> {
    let now = || told.printed.iter().filter(|it| it.part == told.part);
    let skipped = now().count().saturating_sub(PRINTED);
    let mut lines: Vec<Line> = now().skip(skipped).map(|it| paper(&it.line, skin)).collect();
    if !lines.is_empty() {
        lines.push(Line::new());
    }
    lines
}

/// A printed line.
pub(super) fn paper(line: &str, skin: Skin) -> Line {
    vec![("│ ".to_owned(), skin.theme.line.track), (line.to_owned(), skin.theme.text.good)]
}

/// Where futures are and who holds wakers.
fn states(told: &LessonNow, width: usize, skin: Skin) -> Vec<Line> {
    let text = &skin.theme.text;
    let mut lines = Vec::new();
    for (of, now) in &told.told {
        lines.extend(wrapped(&[(format!("{of}: "), text.accent)], now, text.normal, width, skin));
    }
    if !lines.is_empty() {
        lines.push(Line::new());
    }
    lines
}

/// The tasks that live, futures inside them below; the pulse, which no lesson is about, is left out.
fn tasks(picture: &Picture, width: usize, skin: Skin) -> Vec<Line> {
    let is_shown = |task: &&TaskLine| !task.state.is_over() && task.kind != TaskKind::Pulse;
    let alive: Vec<_> = picture.tasks.iter().filter(is_shown).collect();
    let mut lines: Vec<Line> = Vec::new();
    for (at, task) in alive.iter().enumerate() {
        lines.push(task_line(task, picture, width, skin));
        if task.depth == 0 {
            lines.extend(waits_in(task, &alive[at + 1..], skin));
        }
    }
    if !lines.is_empty() {
        lines.push(Line::new());
    }
    lines
}

fn task_line(task: &TaskLine, picture: &Picture, width: usize, skin: Skin) -> Line {
    let words = &skin.theme.text;
    let look = looks::task(task.state, skin);
    let since = look.since.map_or_else(String::new, |since| units::counting(picture.at.saturating_sub(since)));
    let column = (width * 2 / 5).clamp(10, 24);
    let name = format!("{:indent$}{}", "", clean(&task.name), indent = 2 * usize::from(task.depth));
    let name = text::cut(&name, column - 1);
    let gap = column - text::width(&name);
    vec![
        (format!("{name}{:gap$}", ""), words.normal),
        (format!("{} {} {since}", look.mark, look.word), look.style),
        (format!("  {} polls", task.polls), words.dim),
    ]
}

/// Which of a task's futures answered Pending last, and how many wakers of the task somebody keeps.
fn waits_in(task: &TaskLine, after: &[&TaskLine], skin: Skin) -> Option<Line> {
    let styles = &skin.theme.text;
    if !matches!(task.state, TaskState::Asleep(_) | TaskState::Held(_)) {
        return None;
    }
    let pending_since = |line: &&&TaskLine| match line.state {
        TaskState::Asleep(since) => since,
        _ => 0,
    };
    let inside = after.iter().take_while(|line| line.depth > 0);
    let last = inside.filter(|line| matches!(line.state, TaskState::Asleep(_))).max_by_key(pending_since);
    let mut line = vec![("  ".to_owned(), styles.dim)];
    if let Some(last) = last {
        line.push(("waits in ".to_owned(), styles.dim));
        line.push((clean(&last.name).into_owned(), styles.accent));
        line.push(("   ".to_owned(), styles.dim));
    }
    if let Some(wakers) = task.wakers {
        let words = if wakers == 1 { "1 waker is kept".to_owned() } else { format!("{wakers} wakers are kept") };
        line.push((words, styles.dim));
    }
    (line.len() > 1).then_some(line)
}
