//! Screen 3, the tasks: everything that is polled, sub-futures below the task that polls them.
//!
//! ```text
//! ╭ tasks  1,204 · shown 1–34 ────────────────────────────────────────────────────╮
//! │   task                    state           polls   longest    ready   thread   │
//! │ ▸ fetch tokio-rs/tokio    ■ blocked 312 ms   29    401 ms   812 ms   worker 0 │
//! │   └ issues                ☾ asleep 1.2 s     14    0.1 ms   0.2 ms   worker 1 │
//! ╰───────────────────────────────────────────────────────────────────────────────╯
//! ```

use std::ops::Range;

use pollscope_core::{
    model::picture::{Filter, Picture, TaskLine, TaskState},
    trace::{clock::Nanos, event::TaskKind},
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::{
    looks::{self, LONG_POLL, LONG_READY, Skin},
    panel::{Frame, PanelLook},
    pen::{Pen, line},
    scenario::Region,
    state::List,
    units,
};

/// A column of the table.
struct Column {
    title: &'static str,
    width: u16,
    side: Side,
    /// The higher, the sooner it is left out.
    rank: u8,
    cell: fn(&TaskLine, Skin) -> (String, Style),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// The columns after name and state, as they stand.
static COLUMNS: [Column; 11] = [
    Column { title: "polls", width: 6, side: Side::Right, rank: 1, cell: |task, skin| plain(task.polls, skin) },
    Column {
        title: "total",
        width: 8,
        side: Side::Right,
        rank: 5,
        cell: |task, skin| (units::measured(task.polled), skin.theme.text.dim),
    },
    Column { title: "longest", width: 8, side: Side::Right, rank: 2, cell: |task, skin| poll(task.longest_poll, skin) },
    Column { title: "ready", width: 8, side: Side::Right, rank: 3, cell: |task, skin| ready(task.longest_ready, skin) },
    Column { title: "wakes", width: 6, side: Side::Right, rank: 6, cell: |task, skin| plain(task.wakes, skin) },
    Column { title: "self", width: 6, side: Side::Right, rank: 8, cell: |task, skin| plain(task.self_wakes, skin) },
    Column { title: "wakers", width: 6, side: Side::Right, rank: 9, cell: wakers },
    Column { title: "moves", width: 6, side: Side::Right, rank: 10, cell: |task, skin| plain(task.migrations, skin) },
    Column {
        title: "thread",
        width: 11,
        side: Side::Left,
        rank: 4,
        cell: |task, skin| name(task.thread.as_deref(), skin),
    },
    Column {
        title: "woken by",
        width: 20,
        side: Side::Left,
        rank: 7,
        cell: |task, skin| name(task.woken_by.as_deref(), skin),
    },
    Column {
        title: "kind",
        width: 5,
        side: Side::Left,
        rank: 11,
        cell: |task, skin| (kind(task.kind).to_owned(), skin.theme.text.dim),
    },
];

/// Between two columns.
const GAP: u16 = 2;
/// The state: `▲ on the CPU 312 ms`.
const STATE: u16 = 19;
/// The least that a name gets, and the most.
const NAME: (u16, u16) = (20, 44);

fn plain(number: u64, skin: Skin) -> (String, Style) {
    let text = &skin.theme.text;
    (units::count(number), if number == 0 { text.dim } else { text.normal })
}

fn poll(nanos: Nanos, skin: Skin) -> (String, Style) {
    let style = if nanos >= LONG_POLL { skin.theme.tint.blocked.bar } else { skin.theme.text.dim };
    (units::measured(nanos), style)
}

fn ready(nanos: Nanos, skin: Skin) -> (String, Style) {
    let text = &skin.theme.text;
    (units::measured(nanos), if nanos >= LONG_READY { text.warning } else { text.dim })
}

fn name(name: Option<&str>, skin: Skin) -> (String, Style) {
    (name.unwrap_or("").to_owned(), skin.theme.text.dim)
}

/// No waker left while the task is pending: nobody can ever wake it.
fn wakers(task: &TaskLine, skin: Skin) -> (String, Style) {
    let text = &skin.theme.text;
    match task.wakers {
        None => (String::new(), text.dim),
        Some(0) if matches!(task.state, TaskState::Asleep(_)) => ("0".to_owned(), text.alarm),
        Some(count) => (count.to_string(), text.dim),
    }
}

fn kind(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Task => "task",
        TaskKind::Sub => "sub",
        TaskKind::Pulse => "pulse",
    }
}

/// The lines of the list, without its head.
pub(super) fn lines(frame: Frame, area: Rect) -> Rect {
    let inner = frame.inner(area);
    Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner }
}

/// The lines of the whole list that the picture holds. They are what is drawn: after a scroll the next picture
/// is on its way, and this one's lines stay what they are.
pub(super) fn shown(picture: &Picture) -> Range<usize> {
    let first = picture.tasks_first as usize;
    first..first + picture.tasks.len()
}

/// Draws the screen between header and footer.
pub(super) fn render(
    buffer: &mut Buffer,
    area: Rect,
    picture: &Picture,
    list: &List,
    filter: Option<&Filter>,
    skin: Skin,
) {
    let text = &skin.theme.text;
    let shown = in_sight(picture, lines(Frame::Box, area));
    let mut pen = Frame::Box.draw(buffer, area, "tasks", PanelLook::Calm, skin);
    let in_all = picture.tasks_in_all + picture.hidden.tasks;
    pen.put(&format!(" {in_all} "), text.normal);
    if let Some(filter) = filter {
        looks::found(&mut pen, filter, &format!("{} of {in_all}", picture.tasks_in_all), skin);
    }
    if shown.len() < picture.tasks_in_all as usize {
        pen.put(&format!("· shown {}–{} ", shown.start + 1, shown.end), text.dim);
    }
    if picture.counts.not_ours > 0 {
        pen.put(&format!("· {} more, not probed ", picture.counts.not_ours), text.dim);
    }
    table(buffer, Region { frame: Frame::Box, area }, picture, list, skin);
}

/// Those that are shown and have room.
fn in_sight(picture: &Picture, lines: Rect) -> Range<usize> {
    let shown = shown(picture);
    shown.start..shown.end.min(shown.start + usize::from(lines.height))
}

/// Draws what the frame holds.
pub(super) fn table(buffer: &mut Buffer, region: Region, picture: &Picture, list: &List, skin: Skin) {
    let Region { frame, area } = region;
    let text = &skin.theme.text;
    let inner = frame.inner(area);
    let (columns, name) = fitting(inner.width);
    head(&mut Pen::new(buffer, inner), &columns, name, skin);
    let lines = lines(frame, area);
    let shown = in_sight(picture, lines);
    if picture.tasks_in_all == 0 {
        let words = if picture.hidden.tasks > 0 { looks::NOTHING_FOUND } else { "no task has reported yet" };
        Pen::new(buffer, lines).gap(2).put(words, text.dim);
    }
    for (row, (at, task)) in (0..lines.height).zip(shown.zip(&picture.tasks)) {
        let area = line(lines, row);
        let selected = list.selected == Some(at);
        if selected {
            buffer.set_style(area, skin.theme.selected);
        }
        draw(&mut Pen::new(buffer, area), &columns, name, (task, picture.at), selected, skin);
    }
}

/// The columns that fit, and the width of the name.
fn fitting(room: u16) -> (Vec<&'static Column>, u16) {
    let mut left = room.saturating_sub(2 + NAME.0 + GAP + STATE);
    let mut by_rank: Vec<_> = COLUMNS.iter().collect();
    by_rank.sort_by_key(|column| column.rank);
    let fits = by_rank.into_iter().take_while(|column| {
        let fits = left >= column.width + GAP;
        if fits {
            left -= column.width + GAP;
        }
        fits
    });
    let least = fits.map(|column| column.rank).max().unwrap_or(0);
    let columns = COLUMNS.iter().filter(|column| column.rank <= least).collect();
    (columns, (NAME.0 + left).min(NAME.1))
}

fn head(pen: &mut Pen<'_>, columns: &[&Column], name: u16, skin: Skin) {
    let dim = skin.theme.text.dim;
    pen.gap(2).column("task", name, dim).gap(GAP).column("state", STATE, dim);
    for column in columns {
        pen.gap(GAP);
        put(pen, column, column.title, dim);
    }
}

fn draw(pen: &mut Pen<'_>, columns: &[&Column], name: u16, (task, at): (&TaskLine, Nanos), selected: bool, skin: Skin) {
    let (text, mark) = (&skin.theme.text, &skin.glyphs.mark);
    pen.put(if selected { mark.selected } else { " " }, text.accent).gap(1);
    let indent = (2 * u16::from(task.depth)).min(name / 2);
    if indent > 0 {
        pen.gap(indent - 2).put(mark.branch, text.dim);
    }
    let over = task.state.is_over();
    let style = if selected {
        text.strong
    } else if over || indent > 0 {
        text.dim
    } else {
        text.normal
    };
    pen.column(&task.name, name - indent, style).gap(GAP);
    let look = looks::task(task.state, skin);
    let words = match look.since {
        Some(since) => format!("{} {} {}", look.mark, look.word, units::counting(at.saturating_sub(since))),
        None => format!("{} {}", look.mark, look.word),
    };
    pen.column(&words, STATE, look.style);
    for column in columns {
        let (words, style) = (column.cell)(task, skin);
        pen.gap(GAP);
        put(pen, column, &words, style);
    }
}

fn put(pen: &mut Pen<'_>, column: &Column, words: &str, style: Style) {
    match column.side {
        Side::Left => pen.column(words, column.width, style),
        Side::Right => pen.right(words, column.width, style),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fit_at_every_width() {
        for width in 56..240 {
            let (columns, name) = fitting(width);
            let sum: u16 = columns.iter().map(|column| column.width + GAP).sum();
            assert!(2 + name + GAP + STATE + sum <= width, "{width}");
        }
    }

    #[test]
    fn polls_longest_and_ready_are_the_last_to_go() {
        let titles: Vec<_> = fitting(76).0.iter().map(|column| column.title).collect();
        assert_eq!(titles, ["polls", "longest", "ready"]);
        assert_eq!(fitting(194).0.len(), COLUMNS.len());
    }
}
