//! Names from outside that would like to do harm, in every column that shows one: nothing raw is drawn, and what stands
//! beside them stands where it does beside plain names of the same width.

use std::sync::Arc;

use crossterm::event::KeyCode;
use pollscope_core::{
    model::picture::{Picture, ThreadNow},
    text::clean,
};
use pollscope_tui::{Typed, fuzzing::assert_drawn, scenario::Action, text::width};
use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    new, options, press, sample,
    script::{self, Script},
};
use crate::{
    panels::shown::pipeline,
    pipeline::RowState,
    tried::{Area, tried},
};

/// Stands for each column of a plain name; no screen draws it by itself.
const PLAIN: &str = "¤";
const SEEDS: u64 = 60;
const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 40), (200, 60)];

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
    let mut shown = pipeline(&picture).clone();
    for row in &mut shown.rows {
        row.name = next().into();
    }
    shown.rows[1].state = RowState::Failed(next());
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
    let mut result = (*shown.results[0]).clone();
    (result.repo, result.renamed_from) = (next(), Some(next()));
    result.labels = vec![(next(), 3)];
    shown.results = vec![Arc::new(result)];
    picture.scenarios = vec![Arc::new(shown)];
    picture
}

fn drawn(picture: Picture, key: char, size: (u16, u16)) -> Buffer {
    let mut screen = new(&options());
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
            for size in SIZES {
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

/// Ways to what shows a log, by keys: the timeline with a span, the tasks, a task's life, the presenter, what lies over them.
const WAYS: [&[KeyCode]; 8] = [
    &[KeyCode::Char('2')],
    &[KeyCode::Char('2'), KeyCode::Down, KeyCode::Char('['), KeyCode::Char('[')],
    &[KeyCode::Char('2'), KeyCode::Char('0'), KeyCode::Char(')')],
    &[KeyCode::Char('3'), KeyCode::Down],
    &[KeyCode::Char('3'), KeyCode::Down, KeyCode::Char('i')],
    &[KeyCode::Char('p')],
    &[KeyCode::Char('e')],
    &[KeyCode::Char('1'), KeyCode::Char(')')],
];

/// What a log looks like at the end of a way: each key is followed by its picture.
fn shown(script: &Script, way: &[KeyCode], size: (u16, u16)) -> Buffer {
    let (mut history, mut screen) = (script.history(), new(&options()));
    let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
    screen.draw(&mut buffer);
    screen.see(script::picture(&mut history, screen.view()));
    for key in way {
        press(&mut screen, *key);
        // A step is found by the first, and shown by the second.
        for _ in 0..2 {
            screen.see(script::picture(&mut history, screen.view()));
        }
    }
    buffer.reset();
    screen.draw(&mut buffer);
    buffer
}

#[test]
fn hostile_names_in_a_log_break_no_screen() {
    let mut random = fastrand::Rng::with_seed(6);
    for size in SIZES {
        let mut names: Vec<_> = (0..11).map(|_| name(&mut random)).collect();
        let columns = |name: &String| width(&clean(name));
        // Of different widths: the plain ones are not to be the same.
        for at in 1..names.len() {
            while names[..at].iter().any(|other| columns(other) == columns(&names[at])) {
                names[at].push_str(PLAIN);
            }
        }
        let plain: Vec<_> = names.iter().map(|name| PLAIN.repeat(columns(name))).collect();
        let [hostile, plain] = [&names, &plain].map(|names| Script::new().named(names));
        for way in WAYS {
            let drawn = shown(&hostile, way, size);
            assert_drawn(&drawn);
            assert_beside(&drawn, &shown(&plain, way, size), &names);
        }
    }
    tried(
        Area::Text,
        "hostile names in a log, on every screen that shows one",
        &format!("{} screens: timeline, a span, tasks, a task's life, presenter, findings", WAYS.len() * SIZES.len()),
        "nothing raw was drawn, and each neighbour stood where it stands beside a plain name of the same width",
    );
}

#[test]
fn what_is_written_into_the_line_of_the_filter_is_drawn_cleanly() {
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..SEEDS {
        let mut screen = new(&options());
        screen.see(Box::new(sample::flowing()));
        press(&mut screen, KeyCode::Char('2'));
        press(&mut screen, KeyCode::Char('/'));
        for letter in name(&mut random).chars() {
            screen.update(Action::Type(Typed::Letter(letter)));
        }
        for width in [60, 80, 200] {
            let mut buffer = Buffer::empty(Rect::new(0, 0, width, 24));
            screen.draw(&mut buffer);
            assert_drawn(&buffer);
        }
    }
}
