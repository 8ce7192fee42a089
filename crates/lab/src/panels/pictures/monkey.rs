//! Somebody presses keys in a hurry: any key, click, turn of the wheel and size, on every screen, over pictures of every
//! kind. Nothing panics, nothing raw is drawn, and there is always a way back.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use pollscope_core::{
    model::{history::History, picture::Picture},
    trace::log::Log,
};
use pollscope_tui::{
    Effect, Options, Screen, ThemeName,
    scenario::{Chord, Move, Place},
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{lessons, options, sample, script, script::Script};
use crate::{
    panels::{Cards, key_table, scenario},
    tried::{Area, tried},
};

const SEEDS: u64 = 40;
const STEPS: usize = 1200;

struct Monkey {
    random: fastrand::Rng,
    screen: Screen,
    history: History<Log>,
    size: (u16, u16),
    /// The keys that there are.
    chords: Vec<Chord>,
    /// What it did, for whoever has to find out.
    did: Vec<String>,
}

impl Monkey {
    fn new(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let theme = random.choice(ThemeName::ALL).unwrap();
        let options = Options { theme, ascii: seed % 4 == 3, ..options() };
        let cards = Cards { lessons: lessons::cards(), ..Cards::default() };
        let (screen, history) = (Screen::new(&options, scenario(cards)), Script::new().history());
        Self { random, screen, history, size: (120, 40), chords: key_table().chords().collect(), did: Vec::new() }
    }

    fn press(&mut self, code: KeyCode, modifiers: KeyModifiers) -> Option<Effect> {
        self.did.push(format!("{code} at {:?}", self.screen.place()));
        let action = self.screen.asks(KeyEvent::new(code, modifiers))?;
        self.screen.update(action)
    }

    fn act(&mut self) {
        match self.random.u8(0..20) {
            0..11 => {
                let event = self.random.choice(&self.chords).unwrap().event();
                self.press(event.code, event.modifiers);
            }
            11..13 => {
                let letter = char::from(self.random.u8(b' '..=b'~'));
                self.press(KeyCode::Char(letter), KeyModifiers::NONE);
            }
            13..15 => {
                let position = Position::new(self.random.u16(0..260), self.random.u16(0..90));
                self.did.push(format!("click {position}"));
                if let Some(action) = self.screen.clicked(position) {
                    self.screen.update(action);
                }
            }
            15..17 => {
                let action = self.screen.wheel(if self.random.bool() { Move::Up } else { Move::Down });
                self.screen.update(action);
            }
            17 => {
                self.size = *self
                    .random
                    .choice(&[(0, 0), (1, 1), (59, 16), (60, 16), (80, 24), (120, 40), (200, 60), (250, 17), (61, 90)])
                    .unwrap();
            }
            18 => self.see(),
            _ => self.screen.advance(std::time::Duration::from_millis(self.random.u64(0..5000))),
        }
    }

    fn see(&mut self) {
        let picture: Box<Picture> = match self.random.u8(0..8) {
            0 => Box::new(sample::hostile()),
            1 => Box::new(sample::pooled()),
            2 => Box::new(lessons::running()),
            3 => Box::new(sample::blocked()),
            _ => script::picture(&mut self.history, self.screen.view()),
        };
        self.screen.see(picture);
    }

    fn draw(&mut self) {
        self.did.push(format!("draws {:?}", self.size));
        let mut buffer = Buffer::empty(Rect::new(0, 0, self.size.0, self.size.1));
        self.screen.draw(&mut buffer);
        let is_raw = |symbol: &str| symbol.chars().any(|letter| letter.is_control() || letter == '\u{202e}');
        assert!(!buffer.content.iter().any(|cell| is_raw(cell.symbol())));
    }

    /// From wherever it is to the dashboard, by nothing but the key that goes back.
    fn go_home(&mut self) {
        self.size = (120, 40);
        self.draw();
        for _ in 0..12 {
            assert_ne!(self.press(KeyCode::Esc, KeyModifiers::NONE), Some(Effect::Quit));
        }
        assert_eq!(self.screen.place(), Place::Dashboard);
        self.press(KeyCode::Char('?'), KeyModifiers::NONE);
        assert_eq!(self.screen.place(), Place::Help);
        assert_eq!(self.press(KeyCode::Char('q'), KeyModifiers::NONE), Some(Effect::Quit));
    }
}

#[test]
fn whatever_is_pressed_there_is_a_way_back() {
    let mut places = Vec::new();
    for seed in 0..SEEDS {
        let mut monkey = Monkey::new(seed);
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            monkey.see();
            for step in 0..STEPS {
                monkey.act();
                if step % 3 == 0 {
                    monkey.draw();
                    monkey.see();
                }
                let place = monkey.screen.place();
                if !places.contains(&place) {
                    places.push(place);
                }
            }
            monkey.go_home();
        }));
        if let Err(panic) = result {
            let last = monkey.did.len().saturating_sub(12);
            eprintln!("seed {seed}: {:#?}", &monkey.did[last..]);
            std::panic::resume_unwind(panic);
        }
    }
    assert!(places.len() >= 13, "it was not everywhere: {places:?}");
    tried(
        Area::Terminal,
        "keys, clicks, turns of the wheel and sizes at random",
        &format!("{SEEDS} seeds, {STEPS} each, on {} screens and overlays", places.len()),
        "no panic, nothing raw is drawn, esc leads back to the dashboard",
    );
}
