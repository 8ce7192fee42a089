//! Pictures of the screen, as a terminal would show them, compared with those that were looked at and kept.

mod compare;
mod hostile;
mod lessons;
mod life;
mod monkey;
mod script;
mod timeline;

use std::{collections::BTreeSet, sync::Arc};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use pollscope_core::model::picture::Picture;
use pollscope_tui::{
    Depth, Effect, Options, Own, Screen, Start, ThemeName,
    scenario::{Action, Overlay, Place},
};
use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::Buffer,
    layout::{Position, Rect},
    style::Color,
};

use super::{
    Cards,
    results::RESULTS,
    sample::{self, options},
    scenario,
};
use crate::{command::Command, pipeline::RowState};

/// The screen with all that is added to it.
fn new(options: &Options) -> Screen {
    Screen::new(options, scenario(Cards::default()))
}

fn screen(picture: Picture) -> Screen {
    let mut screen = new(&options());
    screen.see(Box::new(picture));
    screen
}

/// What sends a command to the lab.
fn sent(command: Command) -> Effect {
    Effect::Send(pollscope_tui::Command::Own(Own::new(command)))
}

fn drawn(screen: &mut Screen, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| screen.draw(frame.buffer_mut())).unwrap();
    terminal.backend().to_string()
}

fn press(screen: &mut Screen, code: KeyCode) -> Option<Effect> {
    let event = KeyEvent::new(code, KeyModifiers::NONE);
    let action = screen.asks(event).unwrap();
    screen.update(action)
}

#[test]
fn flowing() {
    insta::assert_snapshot!("flowing_80x24", drawn(&mut screen(sample::flowing()), 80, 24));
    insta::assert_snapshot!("flowing_120x40", drawn(&mut screen(sample::flowing()), 120, 40));
    insta::assert_snapshot!("flowing_200x60", drawn(&mut screen(sample::flowing()), 200, 60));
}

#[test]
fn presented() {
    for (name, picture) in
        [("flowing", sample::flowing()), ("blocked", sample::blocked()), ("pooled", sample::pooled())]
    {
        for (width, height) in [(80, 24), (120, 40), (200, 60)] {
            let mut screen = screen(picture.clone());
            press(&mut screen, KeyCode::Char('p'));
            let shown = drawn(&mut screen, width, height);
            insta::assert_snapshot!(format!("presented_{name}_{width}x{height}"), shown);
        }
    }
}

#[test]
fn a_newcomer_is_welcomed_until_a_key_is_pressed() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut screen = new(&Options { start: Start::Welcome, ..options() });
        screen.see(Box::new(sample::flowing()));
        insta::assert_snapshot!(format!("welcome_{width}x{height}"), drawn(&mut screen, width, height));
        assert_eq!(press(&mut screen, KeyCode::Char('b')), Some(sent(Command::ToggleBlocking)));
        assert!(!drawn(&mut screen, width, height).contains("Welcome"));
    }
    let mut screen = new(&Options { start: Start::Welcome, ..options() });
    screen.see(Box::new(sample::flowing()));
    drawn(&mut screen, 120, 40);
    screen.update(Action::Toggle(Overlay::Help));
    assert_eq!(screen.place(), Place::Help);
    let mut screen = new(&Options { start: Start::Welcome, ..options() });
    press(&mut screen, KeyCode::Char('p'));
    press(&mut screen, KeyCode::Esc);
    assert!(!drawn(&mut screen, 120, 40).contains("Welcome"));
}

#[test]
fn escape_ends_presenting_after_what_is_in_front() {
    let mut screen = screen(sample::blocked());
    let usual = drawn(&mut screen, 120, 40);
    press(&mut screen, KeyCode::Char('p'));
    let presented = drawn(&mut screen, 120, 40);
    assert!(!presented.contains("quit") && presented != usual);
    press(&mut screen, KeyCode::Char('?'));
    assert!(drawn(&mut screen, 120, 40).contains("quit"));
    press(&mut screen, KeyCode::Esc);
    assert_eq!(drawn(&mut screen, 120, 40), presented);
    press(&mut screen, KeyCode::Esc);
    assert_eq!(drawn(&mut screen, 120, 40), usual);
}

#[test]
fn a_pool_of_threads() {
    insta::assert_snapshot!("pooled_80x24", drawn(&mut screen(sample::pooled()), 80, 24));
    insta::assert_snapshot!("pooled_120x40", drawn(&mut screen(sample::pooled()), 120, 40));
    insta::assert_snapshot!("pooled_200x60", drawn(&mut screen(sample::pooled()), 200, 60));
}

#[test]
fn blocked() {
    insta::assert_snapshot!("blocked_60x16", drawn(&mut screen(sample::blocked()), 60, 16));
    insta::assert_snapshot!("blocked_80x24", drawn(&mut screen(sample::blocked()), 80, 24));
    insta::assert_snapshot!("blocked_120x40", drawn(&mut screen(sample::blocked()), 120, 40));
    insta::assert_snapshot!("blocked_200x60", drawn(&mut screen(sample::blocked()), 200, 60));
}

#[test]
fn two_programs_have_a_group_of_lanes_each() {
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        let shown = drawn(&mut screen(sample::programs()), width, height);
        insta::assert_snapshot!(format!("programs_{width}x{height}"), shown);
    }
}

#[test]
fn frozen() {
    let mut screen = screen(sample::blocked());
    press(&mut screen, KeyCode::Char(' '));
    let then = sample::blocked();
    screen.see(Box::new(Picture { newest: then.at + 3_240_000_000, ..then }));
    insta::assert_snapshot!("frozen_80x24", drawn(&mut screen, 80, 24));
    insta::assert_snapshot!("frozen_120x40", drawn(&mut screen, 120, 40));
    press(&mut screen, KeyCode::Char('<'));
    assert_eq!(screen.view().and_then(|view| view.at), Some(sample::blocked().at));
    let slow = drawn(&mut screen, 120, 40);
    assert!(slow.contains("SPEED ×1/10  3.2 s behind"), "{slow}");
    press(&mut screen, KeyCode::End);
    assert_eq!(screen.view().and_then(|view| view.at), None);
}

#[test]
fn a_crowd_of_threads() {
    insta::assert_snapshot!("crowd_120x40", drawn(&mut screen(sample::crowd()), 120, 40));
}

#[test]
fn hostile_names_do_no_harm() {
    let mut screen = screen(sample::hostile());
    insta::assert_snapshot!("hostile_120x40", drawn(&mut screen, 120, 40));
    for overlay in [Overlay::Own(RESULTS), Overlay::Help] {
        screen.update(Action::Toggle(overlay));
        for (width, height) in [(60, 16), (80, 24), (200, 60)] {
            let picture = drawn(&mut screen, width, height);
            assert!(!picture.chars().any(|character| character.is_control() && character != '\n'));
        }
    }
}

#[test]
fn a_failed_row_says_why() {
    let mut picture = sample::flowing();
    let mut shown = super::shown::pipeline(&picture).clone();
    shown.rows[1].state = RowState::Failed("not found (404)".to_owned());
    picture.scenarios = vec![Arc::new(shown)];
    let mut screen = screen(picture);
    drawn(&mut screen, 120, 40);
    press(&mut screen, KeyCode::Home);
    for (width, height) in [(60, 16), (80, 24), (120, 40), (200, 60)] {
        assert!(drawn(&mut screen, width, height).contains("✗ failed: not"), "{width}×{height}");
    }
}

#[test]
fn the_first_frame_needs_no_picture() {
    insta::assert_snapshot!("starting_80x24", drawn(&mut new(&options()), 80, 24));
}

#[test]
fn tasks() {
    let mut screen = screen(sample::flowing());
    press(&mut screen, KeyCode::Char('3'));
    insta::assert_snapshot!("tasks_80x24", drawn(&mut screen, 80, 24));
}

#[test]
fn a_filter_leaves_the_tasks_that_it_is_for() {
    let mut history = script::Script::new().history();
    let mut screen = new(&options());
    drawn(&mut screen, 120, 40);
    press(&mut screen, KeyCode::Char('3'));
    let mut shown = |screen: &mut Screen, keys: &str| {
        for key in keys.chars() {
            press(screen, if key == '\n' { KeyCode::Enter } else { KeyCode::Char(key) });
        }
        screen.see(script::picture(&mut history, screen.view()));
        drawn(screen, 120, 40)
    };
    assert!(shown(&mut screen, "").contains("quarry/granite-db"));
    let found = shown(&mut screen, "/Fjord\n");
    assert!(found.contains("find Fjord: 1 of 5") && found.contains("fjord/tokamak"), "{found}");
    assert!(!found.contains("quarry/granite-db"), "{found}");
    // Escape lets go of the chosen line, then of what is looked for.
    press(&mut screen, KeyCode::Down);
    press(&mut screen, KeyCode::Esc);
    assert!(shown(&mut screen, "").contains("find Fjord"));
    press(&mut screen, KeyCode::Esc);
    assert!(shown(&mut screen, "").contains("quarry/granite-db"));
    let nothing = shown(&mut screen, "/>1s\n");
    assert!(nothing.contains("find >1s: 0 of 5") && nothing.contains("none of that name"), "{nothing}");
    // It can be changed.
    press(&mut screen, KeyCode::Char('/'));
    press(&mut screen, KeyCode::Backspace);
    assert!(shown(&mut screen, "ms\n").contains("find >1ms: 5 of 5"));
    assert_eq!(screen.place(), Place::Tasks);
}

#[test]
fn overlays() {
    let mut screen = screen(sample::flowing());
    press(&mut screen, KeyCode::Char('?'));
    insta::assert_snapshot!("help_80x24", drawn(&mut screen, 80, 24));
    press(&mut screen, KeyCode::Esc);
    press(&mut screen, KeyCode::Char('d'));
    insta::assert_snapshot!("results_120x40", drawn(&mut screen, 120, 40));
}

#[test]
fn too_small_says_what_it_needs() {
    let mut screen = screen(sample::blocked());
    assert!(drawn(&mut screen, 30, 8).contains("needs 60×16, has 30×8"));
    assert!(drawn(&mut screen, 59, 40).contains("has 59×40"));
    for width in 1..24 {
        drawn(&mut screen, width, 1);
        drawn(&mut screen, 1, width);
    }
}

#[test]
fn no_size_and_no_picture_panics() {
    let samples = [sample::flowing, sample::blocked, sample::pooled, sample::crowd, sample::hostile];
    for sample in samples {
        let mut screen = screen(sample());
        for size in 0..60 {
            let (width, height) = (60 + size * 4, 16 + size % 47);
            for key in ['3', '?', 'd', '1'] {
                press(&mut screen, KeyCode::Char(key));
                drawn(&mut screen, width, height);
            }
        }
    }
}

#[test]
fn ascii_has_heights() {
    let options = Options { ascii: true, ..options() };
    let mut screen = new(&options);
    screen.see(Box::new(sample::blocked()));
    insta::assert_snapshot!("ascii_120x40", drawn(&mut screen, 120, 40));
}

#[test]
fn ascii_is_ascii_in_every_theme() {
    for theme in ThemeName::ALL {
        let options = Options { theme, ascii: true, ..options() };
        let mut screen = new(&options);
        screen.see(Box::new(sample::hostile()));
        assert!(drawn(&mut screen, 200, 60).is_ascii());
        press(&mut screen, KeyCode::Char('3'));
        assert!(drawn(&mut screen, 120, 40).is_ascii());
    }
}

#[test]
fn a_terminal_gets_the_colours_that_it_has() {
    let has = |colour: Color, depth| match (colour, depth) {
        (Color::Rgb(..), depth) => depth == Depth::True,
        (Color::Indexed(_), depth) => depth == Depth::Indexed,
        _ => true,
    };
    for theme in ThemeName::ALL {
        for depth in [Depth::Sixteen, Depth::Indexed, Depth::True] {
            let options = Options { theme, depth, ..options() };
            let mut screen = new(&options);
            screen.see(Box::new(sample::blocked()));
            let mut buffer = Buffer::empty(Rect::new(0, 0, 120, 40));
            screen.draw(&mut buffer);
            assert!(
                buffer.content.iter().all(|cell| has(cell.fg, depth) && has(cell.bg, depth)),
                "{theme:?} {depth:?}"
            );
            let colours: BTreeSet<_> = buffer.content.iter().map(|cell| cell.fg.to_string()).collect();
            assert!(theme == ThemeName::Mono || colours.len() >= 5, "{theme:?} {depth:?} {colours:?}");
        }
    }
}

#[test]
fn keys_ask_for_commands() {
    let mut screen = screen(sample::flowing());
    assert_eq!(press(&mut screen, KeyCode::Char('b')), Some(sent(Command::ToggleBlocking)));
    assert_eq!(press(&mut screen, KeyCode::Char('q')), Some(Effect::Quit));
}

#[test]
fn a_click_selects_the_row_under_it() {
    let mut screen = screen(sample::flowing());
    let picture = drawn(&mut screen, 120, 40);
    let line = picture.lines().position(|line| line.contains("crosswind")).unwrap();
    let action = screen.clicked(Position::new(20, line as u16)).unwrap();
    screen.update(action);
    let selected = drawn(&mut screen, 120, 40);
    assert!(selected.lines().nth(line).unwrap().contains("▸ crosswind"));
    assert_eq!(screen.clicked(Position::new(20, 0)), None);
}

#[test]
fn the_view_asks_for_what_is_shown() {
    let mut screen = screen(sample::crowd());
    assert_eq!(screen.view(), None);
    drawn(&mut screen, 120, 40);
    let dashboard = screen.view().unwrap();
    assert!(dashboard.lane_cells > 40 && dashboard.pulse_cells > 20 && dashboard.tasks.1 == 0);
    press(&mut screen, KeyCode::Char('3'));
    press(&mut screen, KeyCode::End);
    let tasks = screen.view().unwrap();
    assert_eq!(tasks.tasks.0 + u32::from(tasks.tasks.1), 1_000);
    assert_eq!(tasks.lane_cells, 0);
}
