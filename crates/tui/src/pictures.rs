//! Pictures of the screen without a scenario, as a terminal would show them, and of what a scenario adds to it.

use std::any::Any;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use pollscope_core::model::picture::{Picture, Remedy, View};
use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{
    Command, Effect, KeyTable, Message, Own, Scenario, Screen,
    looks::Skin,
    overlay::Line,
    panel::{Frame, PanelLook},
    pen::{Pen, line},
    sample::{self, options},
    scenario::{
        Action, Back, Chord, DrawContext, HeaderPiece, HeaderWords, Key, KeyGroup, List, Move, Offer, Outcome, Overlay,
        OwnPlace, Place, Places, Region, Rows, ScenarioOverlay, ScenarioPanel, ScenarioScreen, ScenarioWords,
        ScreenName, Slot, letter,
    },
};

fn drawn(screen: &mut Screen, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| screen.draw(frame.buffer_mut())).unwrap();
    terminal.backend().to_string()
}

fn press(screen: &mut Screen, code: KeyCode) -> Option<Effect> {
    let action = screen.asks(KeyEvent::new(code, KeyModifiers::NONE)).unwrap();
    screen.update(action)
}

#[test]
fn a_program_lists_its_tasks_and_changes_by_no_key() {
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        let mut screen = Screen::new(&options(), Scenario::default());
        screen.see(Box::new(sample::program()));
        let shown = drawn(&mut screen, width, height);
        assert!(!shown.contains("repository") && !shown.contains(" block "), "{shown}");
        insta::assert_snapshot!(format!("program_{width}x{height}"), shown);
        // Its list is one of tasks: the first of them is chosen, and let go of.
        press(&mut screen, KeyCode::Char('g'));
        press(&mut screen, KeyCode::Down);
        assert!(drawn(&mut screen, width, height).contains('▸'));
        press(&mut screen, KeyCode::Esc);
        assert!(!drawn(&mut screen, width, height).contains('▸'));
    }
}

#[test]
fn without_a_scenario_there_are_three_screens() {
    let mut screen = Screen::new(&options(), Scenario::default());
    screen.see(Box::new(sample::program()));
    let places = [(); 4].map(|()| {
        press(&mut screen, KeyCode::Tab);
        screen.place()
    });
    assert_eq!(places, [Place::Timeline, Place::Tasks, Place::Dashboard, Place::Timeline]);
    assert_eq!(screen.asks(KeyEvent::new(KeyCode::Char('4'), KeyModifiers::NONE)), None);
    screen.take(Message { to: "shelf", what: Box::new(()) });
    screen.update(Action::Screen(ScreenName::Own("shelf")));
    screen.update(Action::Toggle(Overlay::Own("notes")));
    assert_eq!(screen.place(), Place::Timeline);
    drawn(&mut screen, 80, 24);
}

/// A scenario of a test: what it has to say is about books.
const SHELF: &str = "shelf";
const PLACE: Place = Place::Own(OwnPlace { name: SHELF, over: false, timed: false, paged: true });

static KEYS: &[KeyGroup] = &[KeyGroup {
    before: Some("help"),
    rows: &[
        key("shelf", &[letter('s')], Action::Screen(ScreenName::Own(SHELF)), Places::Everywhere),
        key("take-book", &[letter('b')], Action::Own(Own::of(&"take")), Places::At(&[PLACE])),
        key("sort", &[letter('o')], Action::Send(Own::of(&"sort")), Places::Screens),
        key("notes", &[letter('n')], Action::Toggle(Overlay::Own("notes")), Places::At(&[PLACE, Place::Tasks])),
    ],
}];

const fn key(name: &'static str, chords: &'static [Chord], action: Action, places: Places) -> Key {
    Key { name, chords, action, places, label: Some(name), help: "Something with books", of_now: false }
}

#[derive(Debug)]
struct Books;

impl ScenarioPanel for Books {
    fn slot(&self) -> Slot {
        Slot::List
    }

    fn has(&self, picture: &Picture) -> bool {
        picture.at > 0
    }

    fn rows(&self, _picture: &Picture) -> Rows {
        Rows { shown: 3, hidden: 0, first: 0 }
    }

    fn task(&self, _picture: &Picture, row: usize) -> Option<u32> {
        Some(row as u32 + 40)
    }

    fn draw(&self, buffer: &mut Buffer, region: Region, context: &DrawContext<'_>) {
        region.frame.draw(buffer, region.area, "books", PanelLook::Calm, context.skin);
        for (row, at) in (0..).zip(context.rows.shown()) {
            let mark = if context.rows.selected == Some(at) { "▸" } else { " " };
            let words = format!("{mark} book {at} of {}", context.picture.at);
            Pen::new(buffer, line(region.lines(), row)).put(&words, context.skin.theme.text.normal);
        }
    }
}

#[derive(Debug)]
struct Title;

impl ScenarioPanel for Title {
    fn slot(&self) -> Slot {
        Slot::Top
    }

    fn draw(&self, buffer: &mut Buffer, region: Region, context: &DrawContext<'_>) {
        region.frame.draw(buffer, region.area, "a library", PanelLook::Calm, context.skin);
    }
}

#[derive(Debug)]
struct Notes;

impl ScenarioOverlay for Notes {
    fn name(&self) -> &'static str {
        "notes"
    }

    fn title(&self) -> &'static str {
        "notes"
    }

    fn place(&self) -> Place {
        Place::Own(OwnPlace { name: "notes", over: true, timed: false, paged: true })
    }

    fn area(&self, middle: Rect) -> Rect {
        Rect { height: 6, ..middle }
    }

    fn asks(&self, view: View) -> View {
        View { pulse_cells: 7, ..view }
    }

    fn lines(&self, _picture: &Picture, _width: u16, skin: Skin<'_>) -> Vec<Line> {
        (0..9).map(|at| vec![(format!("note {at}"), skin.theme.text.normal)]).collect()
    }
}

#[derive(Debug, Default)]
struct Shelf {
    list: List,
    taken: Option<String>,
    pictures: usize,
}

impl ScenarioScreen for Shelf {
    fn name(&self) -> &'static str {
        SHELF
    }

    fn place(&self) -> Place {
        PLACE
    }

    fn draw(&self, buffer: &mut Buffer, area: Rect, context: &DrawContext<'_>) {
        Frame::Box.draw(buffer, area, "shelf", PanelLook::Calm, context.skin);
        let words = format!("taken {:?}, chosen {:?}", self.taken, self.list.selected);
        Pen::new(buffer, Frame::Box.inner(area)).put(&words, context.skin.theme.text.normal);
    }

    fn fit(&mut self, area: Rect, _context: &DrawContext<'_>) {
        self.list.fit(100, area.height.into(), None);
    }

    fn see(&mut self, _picture: &Picture) {
        self.pictures += 1;
    }

    fn asks(&self, _area: Rect, _picture: &Picture, view: View) -> View {
        View { lane_cells: 11, ..view }
    }

    fn update(&mut self, action: &Own) -> Option<Outcome> {
        self.taken = action.get::<&str>().map(|word| (*word).to_owned());
        Some(Outcome::Send(Own::new(self.pictures)))
    }

    fn step(&mut self, by: Move) {
        self.list.select(by);
    }

    fn line_at(&self, area: Rect, position: Position) -> Option<usize> {
        area.contains(position).then(|| usize::from(position.y - area.y))
    }

    fn choose(&mut self, line: usize) {
        self.list.selected = Some(line);
    }

    fn back(&mut self) -> Back {
        self.list.selected.take().map_or(Back::Leaves, |_| Back::Stays(None))
    }

    fn leave(&mut self) -> Option<Outcome> {
        self.taken.take().map(|_| Outcome::Send(Own::of(&"brought back")))
    }

    fn take(&mut self, message: Box<dyn Any + Send>) {
        self.taken = message.downcast().ok().map(|word| *word);
    }

    fn runs(&self) -> Option<&str> {
        self.taken.as_deref()
    }
}

#[derive(Debug)]
struct Words;

impl ScenarioWords for Words {
    fn header(&self, _picture: &Picture, runs: Option<&str>, skin: Skin<'_>) -> HeaderWords {
        let piece = |words: &str| HeaderPiece { words: words.to_owned(), style: skin.theme.text.strong, rank: 1 };
        HeaderWords { runs: vec![piece(runs.unwrap_or("a library"))], figures: vec![piece("3 books")] }
    }

    fn remedy(&self, _remedy: Remedy) -> Option<Offer> {
        Some(Offer { action: Action::Send(Own::of(&"sort")), words: "sort them", helps: true })
    }
}

fn library() -> Screen {
    let scenario = Scenario {
        keys: KEYS,
        words: &Words,
        panels: &[&Title, &Books],
        overlays: &[&Notes],
        screens: vec![Box::new(Shelf::default())],
    };
    let mut screen = Screen::new(&options(), scenario);
    screen.see(Box::new(sample::blocked()));
    screen
}

fn sent(own: Own) -> Effect {
    Effect::Send(Command::Own(own))
}

#[test]
fn a_scenario_adds_panels_and_words() {
    assert_eq!(KeyTable::new(KEYS).check(), Ok(()));
    let mut screen = library();
    let shown = drawn(&mut screen, 120, 40);
    let has = ["a library", "books", "  book 2 of 41000000000", "3 books", " o  sort them", "o sort"];
    assert!(has.iter().all(|words| shown.contains(words)), "{shown}");
    // Its rows are chosen by keys and by the mouse, and have tasks.
    press(&mut screen, KeyCode::Home);
    press(&mut screen, KeyCode::Down);
    assert!(drawn(&mut screen, 120, 40).contains("▸ book 1"));
    let at = shown.lines().position(|line| line.contains("book 2")).unwrap() as u16;
    assert_eq!(screen.clicked(Position::new(20, at)), Some(Action::Select(2)));
    press(&mut screen, KeyCode::Char('i'));
    assert_eq!(screen.view().unwrap().life.unwrap().task, 41);
    assert_eq!(screen.view().unwrap().tasks, (0, 0));
    // Another instant is another picture, and the panel is of that.
    press(&mut screen, KeyCode::Esc);
    let earlier = sample::blocked();
    screen.see(Box::new(Picture { at: earlier.at - 1, ..earlier }));
    assert!(drawn(&mut screen, 120, 40).contains("book 2 of 40999999999"));
    screen.see(Box::new(Picture { at: 0, ..sample::blocked() }));
    assert!(!drawn(&mut screen, 120, 40).contains("books ─"), "a slot without anything for it has the tasks");
}

#[test]
fn a_scenario_adds_a_screen_that_keys_and_messages_reach() {
    let mut screen = library();
    drawn(&mut screen, 120, 40);
    press(&mut screen, KeyCode::Char('s'));
    assert_eq!((screen.place(), screen.view().unwrap().lane_cells), (PLACE, 11));
    assert_eq!(press(&mut screen, KeyCode::Char('b')), Some(sent(Own::new(1_usize))));
    assert_eq!(press(&mut screen, KeyCode::Char('o')), Some(sent(Own::of(&"sort"))));
    press(&mut screen, KeyCode::Down);
    let shown = drawn(&mut screen, 120, 40);
    assert!(shown.contains("taken Some(\"take\"), chosen Some(0)") && shown.contains("pollscope  take"), "{shown}");
    assert_eq!(screen.clicked(Position::new(20, 5)), Some(Action::Select(4)));
    // One step back inside it, then to the dashboard; whoever asks for the dashboard ends what it has begun.
    press(&mut screen, KeyCode::Esc);
    assert_eq!(screen.place(), PLACE);
    assert_eq!(press(&mut screen, KeyCode::Char('1')), Some(sent(Own::of(&"brought back"))));
    screen.take(Message { to: SHELF, what: Box::new("a parcel".to_owned()) });
    assert!(drawn(&mut screen, 120, 40).contains("taken Some(\"a parcel\")"));
}

#[test]
fn a_scenario_adds_an_overlay_that_scrolls() {
    let mut screen = library();
    drawn(&mut screen, 120, 40);
    press(&mut screen, KeyCode::Char('3'));
    press(&mut screen, KeyCode::Char('n'));
    assert!(drawn(&mut screen, 120, 40).contains("1–4 of 9"));
    assert_eq!(screen.view().unwrap().pulse_cells, 7);
    press(&mut screen, KeyCode::Down);
    assert!(drawn(&mut screen, 120, 40).contains("2–5 of 9"));
    press(&mut screen, KeyCode::Esc);
    assert_eq!(screen.place(), Place::Tasks);
}
