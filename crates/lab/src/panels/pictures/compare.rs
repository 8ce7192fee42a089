//! Pictures of runs side by side, and of the table of use cases.

use std::sync::{Arc, LazyLock};

use crossterm::event::KeyCode;
use pollscope_core::model::picture::{Cell, LaneState};
use pollscope_tui::{Message, Options, Screen, Start};

use super::{drawn, options, press, sample};
use crate::panels::{
    COMPARE, Cards, CellCard, CompareCard, CompareLanes, CompareRow, Grade, USE_CASES, UseCaseCard, compare,
    lessons::QUESTION, scenario, usecases,
};

fn comparison(runs: usize) -> CompareCard {
    let cells = |state, share| {
        let mut cell = Cell::default();
        cell.set(state, share);
        vec![cell; 100]
    };
    let row = |name: &str, best, worst| CompareRow {
        name: name.to_owned(),
        values: (0..runs).map(|run| (run * 100).to_string()).collect(),
        best,
        worst,
    };
    let lanes = |run: usize| CompareLanes {
        lanes: vec![
            ("worker 0".to_owned(), cells(LaneState::Blocked, 255)),
            ("rayon 0".to_owned(), cells(LaneState::Job, 120)),
        ],
        left_out: 0,
        share: (run + 1) as f64 / runs as f64,
    };
    CompareCard {
        labels: (0..runs).map(|run| format!("blocking {run}")).collect(),
        rows: vec![row("makespan ms", Some(0), Some(runs - 1)), row("switches", None, None)],
        lanes: (0..runs).map(lanes).collect(),
        refused: vec!["Left out: block-in-place with current-thread: it panics there.".to_owned()],
        takeaway: "'blocking 0' was done first, in 0.31 s. The pulse was late.".to_owned(),
    }
}

fn use_cases() -> Arc<[UseCaseCard]> {
    let cell = |tool, answer, grade, lesson| CellCard {
        tool,
        answer,
        grade,
        why: "a task may outlive whoever spawned it: it owns what it uses",
        lesson,
        shown_by: Arc::new(LazyLock::new(Box::new(|| "shown by the lesson scoped-borrowing".to_owned()))),
    };
    let card = |name| UseCaseCard {
        name,
        cells: vec![
            cell("crossbeam", "yes", Grade::Good, None),
            cell("Tokio", "no", Grade::Poor, Some(0)),
            cell("Rayon", "with care", Grade::Fair, None),
        ],
    };
    Arc::new([card("borrowed data across threads"), card("async I/O")])
}

fn screen(start: Start, ascii: bool, cards: Cards) -> Screen {
    let mut screen = Screen::new(&Options { ascii, start, ..options() }, scenario(cards));
    screen.see(Box::new(sample::flowing()));
    screen
}

#[test]
fn runs_side_by_side() {
    let compared = |runs| {
        let cards = Cards { comparison: Some(comparison(runs)), ..Cards::default() };
        screen(Start::Own(COMPARE), false, cards)
    };
    insta::assert_snapshot!("compare_80x24", drawn(&mut compared(4), 80, 24));
    insta::assert_snapshot!("compare_120x40", drawn(&mut compared(4), 120, 40));
    insta::assert_snapshot!("compare_200x60", drawn(&mut compared(4), 200, 60));
    let mut many = compared(12);
    assert!(drawn(&mut many, 80, 24).contains("runs 1–3 of 12"));
    press(&mut many, KeyCode::End);
    assert!(drawn(&mut many, 80, 24).contains("runs 10–12 of 12"));
}

#[test]
fn before_there_is_anything_to_compare_it_says_how() {
    let mut screen = screen(Start::Dashboard, false, Cards::default());
    press(&mut screen, KeyCode::Char('5'));
    assert!(drawn(&mut screen, 80, 24).contains("keeps the present run as 'before'"));
    press(&mut screen, KeyCode::Char('1'));
    screen.take(Message { to: COMPARE, what: Box::new(comparison(2)) });
    assert_eq!(screen.place(), compare::PLACE);
    assert!(drawn(&mut screen, 80, 24).contains("blocking 1"));
}

#[test]
fn a_cell_says_why_and_opens_its_lesson() {
    let cards = Cards { use_cases: use_cases(), lessons: super::lessons::cards(), ..Cards::default() };
    let mut screen = screen(Start::Own(USE_CASES), false, cards);
    insta::assert_snapshot!("use_cases_80x24", drawn(&mut screen, 80, 24));
    press(&mut screen, KeyCode::Enter);
    assert_eq!(screen.place(), usecases::PLACE);
    press(&mut screen, KeyCode::Right);
    insta::assert_snapshot!("use_cases_120x40", drawn(&mut screen, 120, 40));
    press(&mut screen, KeyCode::Enter);
    assert_eq!(screen.place(), QUESTION);
}

#[test]
fn no_size_panics() {
    for start in [COMPARE, USE_CASES] {
        let cards = Cards { comparison: Some(comparison(12)), use_cases: use_cases(), ..Cards::default() };
        let mut screen = screen(Start::Own(start), true, cards);
        for size in 1..60 {
            assert!(drawn(&mut screen, size * 4, size).is_ascii());
        }
    }
}
