//! The overlay of one task's life, over whatever screen a task is chosen on.

use pollscope_core::{
    model::{
        history::History,
        picture::{Life, LifeView},
    },
    trace::{clock::SECOND, log::Log},
};

use super::{
    script::{FIRST_TASK, Script},
    *,
};

/// A screen and its log, brought together until the screen shows what it asks for.
fn settled(screen: &mut Screen, history: &mut History<Log>, (width, height): (u16, u16)) -> String {
    for _ in 0..3 {
        drawn(screen, width, height);
        let view = screen.view();
        screen.see(script::picture(history, view));
    }
    drawn(screen, width, height)
}

/// The life of the third task of the script, over the task list.
fn opened(size: (u16, u16)) -> (Screen, History<Log>) {
    let mut history = Script::new().history();
    let mut screen = screen(*script::picture(&mut history, None));
    press(&mut screen, KeyCode::Char('3'));
    settled(&mut screen, &mut history, size);
    press(&mut screen, KeyCode::Home);
    for _ in 0..2 {
        press(&mut screen, KeyCode::Down);
    }
    press(&mut screen, KeyCode::Char('i'));
    (screen, history)
}

#[test]
fn a_life() {
    for size in [(60, 16), (80, 24), (120, 40), (200, 60)] {
        let (mut screen, mut history) = opened(size);
        let picture = settled(&mut screen, &mut history, size);
        insta::assert_snapshot!(format!("life_{}x{}", size.0, size.1), picture);
    }
}

#[test]
fn enter_shows_the_chosen_poll_on_the_timeline() {
    let size = (120, 40);
    let (mut screen, mut history) = opened(size);
    settled(&mut screen, &mut history, size);
    assert_eq!(screen.view().unwrap().life.unwrap().task, FIRST_TASK + 2);
    press(&mut screen, KeyCode::Down);
    let view = screen.view().unwrap();
    let life = history.picture(&view).life.unwrap();
    let expected = life.longest[1].clone();
    press(&mut screen, KeyCode::Enter);
    let picture = settled(&mut screen, &mut history, size);
    let view = screen.view().unwrap();
    let asked = view.timeline.unwrap();
    assert_eq!((view.life, view.at, asked.thread), (None, Some(expected.end), Some(expected.thread)));
    let (from, to) = (asked.to.unwrap() - asked.length, asked.to.unwrap());
    assert!(from <= expected.start && expected.end <= to, "{from} {expected:?} {to}");
    assert!((expected.end - expected.start) * 100 >= asked.length);
    assert!(picture.contains("poll  fjord/tokamak"), "{picture}");
    // And from there back into the life of the task of that span.
    press(&mut screen, KeyCode::Char('i'));
    settled(&mut screen, &mut history, size);
    assert_eq!(screen.view().unwrap().life.unwrap().task, FIRST_TASK + 2);
    press(&mut screen, KeyCode::Char('i'));
    assert_eq!(screen.view().unwrap().life, None);
}

#[test]
fn a_click_chooses_the_poll_under_it() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let (mut screen, mut history) = opened(size);
        let before = settled(&mut screen, &mut history, size);
        let title = before.lines().position(|line| line.contains("longest polls")).unwrap() as u16;
        let column = size.0 / 2;
        assert_eq!(screen.clicked(Position::new(column, title)), None);
        let action = screen.clicked(Position::new(column, title + 3)).unwrap();
        screen.update(action);
        let after = settled(&mut screen, &mut history, size);
        assert!(after.lines().nth(title as usize + 3).unwrap().contains('▸'), "{after}");
    }
}

#[test]
fn without_a_task_it_says_so() {
    let mut screen = screen(sample::flowing());
    drawn(&mut screen, 120, 40);
    press(&mut screen, KeyCode::Char('i'));
    assert_eq!(screen.view().unwrap().life, None);
    assert!(screen.take_told().unwrap().contains("No task is chosen"));
    press(&mut screen, KeyCode::Home);
    press(&mut screen, KeyCode::Char('i'));
    assert_eq!(screen.view().unwrap().life, Some(LifeView { task: 1, cells: 114 }));
    assert!(drawn(&mut screen, 120, 40).contains("Reading the log."));
    press(&mut screen, KeyCode::Esc);
    assert_eq!(screen.view().unwrap().life, None);
}

#[test]
fn what_is_not_known_is_said() {
    let (mut screen, mut history) = opened((80, 24));
    settled(&mut screen, &mut history, (80, 24));
    let picture = history.picture(&screen.view().unwrap());
    let life = picture.life.clone().unwrap();
    let mut shows = |life: Life, words: &str| {
        screen.see(Box::new(Picture { life: Some(life), ..picture.clone() }));
        let picture = drawn(&mut screen, 80, 24);
        assert!(picture.contains(words), "{words}\n{picture}");
    };
    shows(Life { state: None, ..life.clone() }, "ended, and not remembered");
    shows(Life { state: None, spawned: Some(90 * SECOND), ..life.clone() }, "not spawned yet");
    shows(Life { complete: false, ..life.clone() }, "the log is still being read");
    shows(Life { forgotten: Some(2 * SECOND), ..life.clone() }, "details from 00:01.999 on");
    let nothing = Life { task: life.task, ..Life::default() };
    shows(nothing, "of which nothing is known");
}

#[test]
fn ascii_is_ascii_in_every_theme() {
    let (mut source, mut history) = opened((120, 40));
    settled(&mut source, &mut history, (120, 40));
    let picture = history.picture(&source.view().unwrap());
    for theme in ThemeName::ALL {
        let mut screen = new(&Options { theme, ascii: true, ..options() });
        screen.see(Box::new(picture.clone()));
        press(&mut screen, KeyCode::Char('3'));
        drawn(&mut screen, 120, 40);
        press(&mut screen, KeyCode::Home);
        screen.see(Box::new(Picture { tasks_first: 0, ..picture.clone() }));
        drawn(&mut screen, 120, 40);
        press(&mut screen, KeyCode::Down);
        press(&mut screen, KeyCode::Down);
        press(&mut screen, KeyCode::Char('i'));
        let plain = drawn(&mut screen, 120, 40);
        assert!(plain.is_ascii() && plain.contains("longest polls"), "{plain}");
    }
}
