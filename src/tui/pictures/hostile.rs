//! Names from outside that would like to do harm, in every column that shows one: nothing raw is drawn, and what stands
//! beside them stands where it does beside plain names of the same width.

use std::sync::Arc;

use super::{options, press, sample};
use crate::{
    model::picture::{Picture, RowState, ThreadNow},
    text::clean,
    tried::{Area, tried},
    tui::{Screen, fuzzing::assert_drawn, text::width},
};
use crossterm::event::KeyCode;
use ratatui::{buffer::Buffer, layout::Rect};

/// Stands for each column of a plain name; no screen draws it by itself.
const PLAIN: &str = "¤";
const SEEDS: u64 = 60;

/// What names are made of.
const PIECES: [&str; 18] = [
    "\x1b[2J",
    "\x1b]0;gone\x07",
    "\u{9b}31m",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
    "\u{feff}",
    "e\u{301}\u{301}\u{301}\u{301}",
    "日本語",
    "👩\u{200d}👧",
    "🇩🇪",
    "\u{644}\u{627}",
    "\u{1780}\u{17d2}\u{1780}",
    "\r\n",
    "\t",
    "\u{1f3fd}",
    "tokio",
    "ｶﾞ",
];

fn name(random: &mut fastrand::Rng) -> String {
    let pieces = if random.u8(0..6) == 0 { 200 } else { random.usize(1..6) };
    (0..pieces).map(|_| PIECES[random.usize(0..PIECES.len())]).collect()
}

/// Puts a name wherever a picture has one.
fn named(mut picture: Picture, names: &[String]) -> Picture {
    let mut names = names.iter().cycle();
    let mut next = || names.next().unwrap().clone();
    for row in &mut picture.rows {
        row.name = next().into();
    }
    picture.rows[1].state = RowState::Failed(next());
    for task in &mut picture.tasks {
        (task.name, task.woken_by, task.thread) = (next().into(), Some(next()), Some(next()));
    }
    for lane in &mut picture.lanes {
        lane.label = next();
        match &mut lane.now {
            ThreadNow::Polling(name, ..)
            | ThreadNow::Job(name, ..)
            | ThreadNow::WaitsForRoom(name, _)
            | ThreadNow::WaitsForItem(name) => *name = next(),
            _ => {}
        }
    }
    let mut result = (*picture.results[0]).clone();
    (result.repo, result.renamed_from) = (next(), Some(next()));
    result.labels = vec![(next(), 3)];
    picture.results = vec![Arc::new(result)];
    picture
}

fn drawn(picture: Picture, key: char, size: (u16, u16)) -> Buffer {
    let mut screen = Screen::new(&options());
    screen.see(Box::new(picture));
    press(&mut screen, KeyCode::Char(key));
    let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
    screen.draw(&mut buffer);
    buffer
}

/// Whether what is not of a name is the same. What stands in the same phrase behind a name that was cut may stand one column
/// further left, where a wide letter found no room.
fn assert_beside(hostile: &Buffer, plain: &Buffer, names: &[String]) {
    for y in 0..plain.area.height {
        let mut behind = false;
        for x in 0..plain.area.width {
            let there = plain[(x, y)].symbol();
            behind = (behind || there == "…") && !"│╮╯".contains(there);
            let is_there = |x: u16| hostile[(x, y)].symbol() == there;
            let stands = is_there(x) || behind && is_there(x.saturating_sub(1));
            assert!(stands || [PLAIN, "…", " "].contains(&there), "{there} at {x}, {y} of {names:?}");
        }
    }
}

#[test]
fn hostile_names_break_no_column() {
    let mut random = fastrand::Rng::with_seed(5);
    let mut screens = 0;
    for seed in 0..SEEDS {
        let names: Vec<_> = (0..7).map(|_| name(&mut random)).collect();
        let plain: Vec<_> = names.iter().map(|name| PLAIN.repeat(width(&clean(name)))).collect();
        let sample = [sample::flowing, sample::blocked, sample::pooled, sample::crowd][seed as usize % 4];
        for key in ['1', '3', 'd'] {
            for size in [(60, 16), (80, 24), (120, 40), (200, 60)] {
                let hostile = drawn(named(sample(), &names), key, size);
                assert_drawn(&hostile);
                assert_beside(&hostile, &drawn(named(sample(), &plain), key, size), &names);
                screens += 1;
            }
        }
    }
    tried(
        Area::Text,
        "hostile names on the screen",
        &format!("{screens} screens of four sizes with names of escape sequences, overrides, floods, wide letters"),
        "nothing raw was drawn, and each neighbour stood where it stands beside a plain name of the same width",
    );
}
