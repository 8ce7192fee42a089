//! Pictures of the lessons: the list, a question, a run, and what was measured.

use std::sync::Arc;

use crossterm::event::KeyCode;
use pollscope_core::{
    model::{
        picture::{Cell, Lane, LaneState, Picture, ThreadNow},
        scenario::Hop,
    },
    trace::{clock::SECOND, event::ThreadKind},
};
use pollscope_tui::{Options, Screen, Start, ThemeName, scenario::Place};

use super::{drawn, options, press, sample, sent};
use crate::{
    command::Command,
    lessons::{Curve, Expectation, LessonCommand, LessonNow, LessonRun, MOST_KNOBS, Printed, Speed},
    panels::{
        Cards, LESSONS, LessonCard, LessonSetting,
        lessons::{QUESTION, RUN, VERDICT},
        scenario,
    },
};

pub(super) fn cards() -> Arc<[LessonCard]> {
    let code = "async fn nap(number: u32) {\n    // Gives the thread back.\n    sleep(NAP).await;\n}\n";
    let card = |name, title: &str| LessonCard {
        name,
        title: title.to_owned(),
        idea: "`sleep().await` gives the thread back.\nAnother future is polled meanwhile.".to_owned(),
        question: "Three futures sleep for 300 ms. How long does it take?".to_owned(),
        choices: vec![("0.9 s".to_owned(), false), ("0.3 s, for they sleep at once".to_owned(), true)],
        look_for: "Short polls, and nothing between them.".to_owned(),
        code: code.to_owned(),
        settings: vec![LessonSetting { name: "workers", values: &[1, 2, 4], start: 1 }],
    };
    Arc::new([card("join-async", "join! of three sleeps that await"), card("par-iter", "A sum in parallel")])
}

fn screen() -> Screen {
    let mut screen = new(&options());
    screen.see(Box::new(sample::flowing()));
    screen
}

/// The list of lessons.
fn new(options: &Options) -> Screen {
    let options = Options { start: Start::Own(LESSONS), ..options.clone() };
    Screen::new(&options, scenario(Cards { lessons: cards(), ..Cards::default() }))
}

/// The first run, half-way.
pub(super) fn running() -> Picture {
    let mut picture = sample::blocked();
    let mut asleep = Cell::default();
    asleep.set(LaneState::Blocked, 255);
    let mut before = Lane {
        part: Some("std::thread::sleep".into()),
        ended: true,
        now: ThreadNow::Ended,
        kind: ThreadKind::Worker,
        ..picture.lanes[0].clone()
    };
    before.cells[20..60].fill(asleep);
    picture.lanes.insert(0, before);
    let part = Some("tokio::time::sleep".into());
    let (from, to) = (picture.lanes[4].thread, picture.lanes[1].thread);
    let told = LessonNow {
        name: "join-async".into(),
        run: 1,
        began: picture.at - 3 * SECOND,
        part: part.clone(),
        printed: ["Start 1", "Start 2"].map(|line| Printed { part: part.clone(), line: line.into() }).into(),
        told: vec![("sleep 2".into(), "answered Pending last".into())],
        arrows: [Hop { from, woken: picture.at - SECOND, to, polled: picture.at - SECOND / 2 }].into(),
        waits_before: Some("the third poll".into()),
        ..LessonNow::default()
    };
    picture.scenarios.push(Arc::new(told));
    picture
}

/// The same, over: one of two expectations holds.
fn over() -> Picture {
    let mut picture = running();
    let mut told = picture.scenario::<LessonNow>().unwrap().clone();
    let expectation =
        |text: &str, holds| Expectation { text: text.to_owned(), measured: "0.31 s".to_owned(), holds: Some(holds) };
    told.measured = vec![expectation("they sleep at once", true), expectation("nobody waits", false)];
    let points = vec![(1.0, 300.0), (2.0, 310.5), (4.0, 620.0)];
    told.curves = vec![Curve { name: "makespan, ms".to_owned(), over: "tasks".to_owned(), points }];
    told.waits_before = None;
    told.over = true;
    picture.scenarios.pop();
    picture.scenarios.push(Arc::new(told));
    picture
}

fn asked_to_run() -> Screen {
    let mut screen = screen();
    for key in [KeyCode::Enter, KeyCode::Char('b'), KeyCode::Enter] {
        press(&mut screen, key);
    }
    screen
}

#[test]
fn the_list() {
    insta::assert_snapshot!("lessons_80x24", drawn(&mut screen(), 80, 24));
    insta::assert_snapshot!("lessons_120x40", drawn(&mut screen(), 120, 40));
    insta::assert_snapshot!("lessons_200x60", drawn(&mut screen(), 200, 60));
}

#[test]
fn a_question() {
    let mut screen = screen();
    press(&mut screen, KeyCode::Enter);
    press(&mut screen, KeyCode::Down);
    insta::assert_snapshot!("question_80x24", drawn(&mut screen, 80, 24));
    insta::assert_snapshot!("question_120x40", drawn(&mut screen, 120, 40));
    insta::assert_snapshot!("question_200x60", drawn(&mut screen, 200, 60));
}

#[test]
fn a_run_and_what_was_measured() {
    let mut screen = asked_to_run();
    screen.see(Box::new(running()));
    insta::assert_snapshot!("run_80x24", drawn(&mut screen, 80, 24));
    insta::assert_snapshot!("run_120x40", drawn(&mut screen, 120, 40));
    insta::assert_snapshot!("run_200x60", drawn(&mut screen, 200, 60));
    screen.see(Box::new(over()));
    // What comes later does not change what was measured.
    screen.see(Box::new(sample::flowing()));
    insta::assert_snapshot!("verdict_80x24", drawn(&mut screen, 80, 24));
    insta::assert_snapshot!("verdict_120x40", drawn(&mut screen, 120, 40));
    insta::assert_snapshot!("verdict_200x60", drawn(&mut screen, 200, 60));
}

#[test]
fn a_lesson_goes_by_its_keys() {
    let mut screen = screen();
    press(&mut screen, KeyCode::Enter);
    assert_eq!(screen.place(), QUESTION);
    press(&mut screen, KeyCode::Char('+'));
    press(&mut screen, KeyCode::Char('s'));
    press(&mut screen, KeyCode::Char('s'));
    let mut knobs = [0; MOST_KNOBS];
    knobs[0] = 2;
    let lesson = |command| Some(sent(Command::Lesson(command)));
    let run = LessonRun { lesson: 0, run: 1, speed: Speed::Step, knobs };
    assert_eq!(press(&mut screen, KeyCode::PageDown), lesson(LessonCommand::Run(run)));
    assert_eq!(press(&mut screen, KeyCode::PageDown), lesson(LessonCommand::Step));
    assert_eq!(press(&mut screen, KeyCode::Char('s')), lesson(LessonCommand::Speed(Speed::Own)));
    screen.see(Box::new(over()));
    assert_eq!(screen.place(), VERDICT);
    assert_eq!(press(&mut screen, KeyCode::PageUp), lesson(LessonCommand::Leave));
    assert_eq!(screen.place(), QUESTION);
    // The run that was left is over for the log too, but this is another one.
    press(&mut screen, KeyCode::Enter);
    screen.see(Box::new(over()));
    assert_eq!(screen.place(), RUN);
    assert_eq!(press(&mut screen, KeyCode::Char('1')), lesson(LessonCommand::Leave));
    assert_eq!(screen.place(), Place::Dashboard);
}

#[test]
fn the_next_lesson_follows_the_verdict() {
    let mut screen = asked_to_run();
    screen.see(Box::new(over()));
    press(&mut screen, KeyCode::PageDown);
    assert!(drawn(&mut screen, 120, 40).contains("A sum in parallel"));
    press(&mut screen, KeyCode::PageUp);
    assert!(drawn(&mut screen, 120, 40).contains("join! of three sleeps"));
}

#[test]
fn no_size_panics() {
    for theme in ThemeName::ALL {
        let mut screen = new(&Options { theme, ascii: true, ..options() });
        let keys = [KeyCode::Enter, KeyCode::Enter, KeyCode::Down, KeyCode::Enter];
        for (picture, key) in [sample::hostile(), running(), over(), sample::crowd()].into_iter().zip(keys) {
            for size in 1..60 {
                assert!(drawn(&mut screen, size * 4, size).is_ascii());
            }
            press(&mut screen, key);
            screen.see(Box::new(picture));
        }
    }
}
