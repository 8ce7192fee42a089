//! The screen's loop: waits for keys, pictures and the end, and draws at most sixty times a second, only
//! when something has changed.

use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvError, Sender, TrySendError, at, bounded, never, select_biased};
use crossterm::event::{self, Event, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use pollscope_core::model::picture::{Picture, View};
use ratatui::layout::Position;

use super::{
    Asked, Channels, Command, End, Fails, Options,
    scenario::{Message, Scenario},
    screen::Screen,
    state::{Action, Effect, Move},
    terminal::{self, Taken},
};

/// From one frame to the next, at least.
const FRAME: Duration = Duration::from_micros(16_667);

/// From one place of an instant that moves to the next: a picture of the past each.
const MOTION: Duration = Duration::from_millis(33);

/// How long a refusal stays on the screen.
const NOTICE: Duration = Duration::from_secs(5);

/// How often the key reader looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(100);

/// The thread that reads keys.
pub const KEYS: &str = "keys";

/// Keys and commands that may wait.
const BACKLOG: usize = 64;

/// Takes the terminal, shows what comes and gives the terminal back. Returns when a key or the program asks
/// for it.
///
/// # Errors
///
/// The terminal cannot be taken, or takes no more.
pub fn run(channels: Channels, options: &Options, scenario: Scenario) -> io::Result<End> {
    let observer = Arc::clone(&channels.observer);
    let mut taken =
        Taken::new(options.mouse, options.fails == Some(Fails::Terminal), move || observer(terminal::THREAD))?;
    let mut screen = Screen::new(options, scenario);
    taken.draw(&mut screen)?;
    let (reader, events) = KeyReader::start(options.fails == Some(Fails::Keys))?;
    let mut events_loop = EventLoop {
        taken,
        screen,
        pictures: channels.pictures,
        asked: channels.asked,
        refused: channels.refused,
        underway: channels.underway,
        messages: channels.messages,
        events,
        views: Outbox::new(channels.views),
        commands: Outbox::new(channels.commands),
        last_view: None,
        notice_ends: None,
        drawn: Instant::now(),
        moved: Instant::now(),
        fails: options.fails == Some(Fails::Screen),
        changed: false,
    };
    let end = events_loop.run();
    drop(reader);
    end
}

struct EventLoop {
    taken: Taken,
    screen: Screen,
    pictures: Receiver<Box<Picture>>,
    asked: Receiver<Asked>,
    refused: Receiver<String>,
    underway: Receiver<Option<String>>,
    messages: Receiver<Message>,
    events: Receiver<Event>,
    views: Outbox<View>,
    commands: Outbox<Command>,
    last_view: Option<View>,
    notice_ends: Option<Instant>,
    drawn: Instant,
    /// When the instant that is looked at was moved last.
    moved: Instant,
    fails: bool,
    /// Something changed since the last frame.
    changed: bool,
}

impl EventLoop {
    fn run(&mut self) -> io::Result<End> {
        loop {
            self.send_what_waits();
            let is_due = (self.changed && self.taken.is_free()) || self.is_anything_unsent();
            let frame = if is_due { at(self.drawn + FRAME) } else { never() };
            let notice = self.notice_ends.map_or_else(never, at);
            let motion = if self.screen.is_moving() { at(self.moved + MOTION) } else { never() };
            let end = select_biased! {
                recv(self.asked) -> asked => self.asked(asked)?,
                recv(self.events) -> event => self.events(event)?,
                recv(self.taken.written()) -> told => self.written(told)?,
                recv(frame) -> _ => self.draw()?,
                recv(motion) -> _ => self.advance(),
                recv(self.refused) -> refusal => self.refuse(refusal),
                recv(notice) -> _ => self.end_notice(),
                recv(self.underway) -> line => self.underway(line),
                recv(self.messages) -> message => self.take(message),
                recv(self.pictures) -> picture => self.see(picture),
            };
            if let Some(end) = end {
                return Ok(end);
            }
        }
    }

    fn asked(&mut self, asked: Result<Asked, RecvError>) -> io::Result<Option<End>> {
        match asked {
            Ok(Asked::Stop) => return Ok(Some(End::Stopped)),
            Ok(Asked::Retake) => {
                self.taken.retake()?;
                self.changed = true;
            }
            Err(RecvError) => self.asked = never(),
        }
        Ok(None)
    }

    /// The terminal has taken a frame, or takes no more.
    fn written(&mut self, told: Result<io::Result<()>, RecvError>) -> io::Result<Option<End>> {
        let Ok(told) = told else { return Ok(Some(End::Stopped)) };
        self.taken.heard(told).map(|()| None)
    }

    /// Takes the newest of the pictures that wait.
    fn see(&mut self, picture: Result<Box<Picture>, RecvError>) -> Option<End> {
        assert!(!self.fails, "a test asked for this panic");
        let Ok(picture) = picture else {
            self.pictures = never();
            return None;
        };
        self.screen.see(self.pictures.try_iter().last().unwrap_or(picture));
        self.changed = true;
        self.screen.take_told().and_then(|line| self.refuse(Ok(line)))
    }

    /// Moves the instant that is looked at by the time that has gone by.
    fn advance(&mut self) -> Option<End> {
        let now = Instant::now();
        self.screen.advance(now - self.moved);
        self.moved = now;
        self.changed = true;
        None
    }

    fn take(&mut self, message: Result<Message, RecvError>) -> Option<End> {
        match message {
            Ok(message) => {
                self.screen.take(message);
                self.changed = true;
            }
            Err(RecvError) => self.messages = never(),
        }
        None
    }

    fn refuse(&mut self, refusal: Result<String, RecvError>) -> Option<End> {
        match refusal {
            Ok(line) => {
                self.screen.notice(Some(line));
                self.notice_ends = Some(Instant::now() + NOTICE);
                self.changed = true;
            }
            Err(RecvError) => self.refused = never(),
        }
        None
    }

    fn underway(&mut self, line: Result<Option<String>, RecvError>) -> Option<End> {
        match line {
            Ok(line) => {
                self.screen.underway(line);
                self.changed = true;
            }
            Err(RecvError) => self.underway = never(),
        }
        None
    }

    fn end_notice(&mut self) -> Option<End> {
        self.screen.notice(None);
        self.notice_ends = None;
        self.changed = true;
        None
    }

    /// All events that wait, so that a key that is held down costs no frame each.
    fn events(&mut self, event: Result<Event, RecvError>) -> io::Result<Option<End>> {
        let Ok(event) = event else { return Ok(Some(End::Stopped)) };
        let waiting: Vec<Event> = self.events.try_iter().collect();
        for event in std::iter::once(event).chain(waiting) {
            if let Some(end) = self.event(&event)? {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }

    fn event(&mut self, event: &Event) -> io::Result<Option<End>> {
        let action = match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => self.screen.asks(*key),
            Event::Mouse(mouse) => self.mouse(*mouse),
            // There and back is a change too: the terminal may have cut off what it showed.
            Event::Resize(..) => {
                self.taken.forget()?;
                self.changed = true;
                None
            }
            _ => None,
        };
        let Some(action) = action else { return Ok(None) };
        self.changed = true;
        if !self.screen.is_moving() {
            self.moved = Instant::now();
        }
        match self.screen.update(action) {
            Some(Effect::Quit) => return Ok(Some(End::Quit)),
            Some(Effect::Suspend) => self.taken.suspend()?,
            Some(Effect::Send(command)) => self.commands.put(command),
            None => {}
        }
        Ok(None)
    }

    fn mouse(&self, mouse: MouseEvent) -> Option<Action> {
        // Most mice have one wheel.
        let is_sideways = mouse.modifiers.contains(KeyModifiers::SHIFT);
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => self.screen.clicked(Position::new(mouse.column, mouse.row)),
            MouseEventKind::ScrollUp if is_sideways => Some(self.screen.wheel(Move::Left)),
            MouseEventKind::ScrollDown if is_sideways => Some(self.screen.wheel(Move::Right)),
            MouseEventKind::ScrollUp => Some(self.screen.wheel(Move::Up)),
            MouseEventKind::ScrollDown => Some(self.screen.wheel(Move::Down)),
            MouseEventKind::ScrollLeft => Some(self.screen.wheel(Move::Left)),
            MouseEventKind::ScrollRight => Some(self.screen.wheel(Move::Right)),
            _ => None,
        }
    }

    /// Draws if something has changed and the terminal has taken the last frame: on a slow link frames are left out.
    /// In any case the next one is one interval away.
    fn draw(&mut self) -> io::Result<Option<End>> {
        self.drawn = Instant::now();
        if self.taken.is_free() && std::mem::take(&mut self.changed) {
            self.taken.draw(&mut self.screen)?;
        }
        Ok(None)
    }

    fn is_anything_unsent(&self) -> bool {
        !self.views.waiting.is_empty() || !self.commands.waiting.is_empty()
    }

    fn send_what_waits(&mut self) {
        let view = self.screen.view();
        if view != self.last_view {
            self.last_view.clone_from(&view);
            self.views.waiting.clear();
            if let Some(view) = view {
                self.views.put(view);
            }
        }
        self.views.send();
        self.commands.send();
    }
}

/// What is to be sent, as soon as there is room: sending never waits.
struct Outbox<T> {
    sender: Sender<T>,
    waiting: VecDeque<T>,
}

impl<T> Outbox<T> {
    fn new(sender: Sender<T>) -> Self {
        Self { sender, waiting: VecDeque::new() }
    }

    /// Of too many, the newest is dropped: whoever holds a key down wants no more of it.
    fn put(&mut self, item: T) {
        if self.waiting.len() < BACKLOG {
            self.waiting.push_back(item);
        }
    }

    fn send(&mut self) {
        while let Some(item) = self.waiting.pop_front() {
            match self.sender.try_send(item) {
                Ok(()) => {}
                Err(TrySendError::Full(item)) => {
                    self.waiting.push_front(item);
                    return;
                }
                Err(TrySendError::Disconnected(_)) => self.waiting.clear(),
            }
        }
    }
}

/// The thread that reads keys; dropping this lets it end.
struct KeyReader {
    wanted: Arc<AtomicBool>,
}

impl KeyReader {
    fn start(fails: bool) -> io::Result<(Self, Receiver<Event>)> {
        let (sender, events) = bounded(BACKLOG);
        let wanted = Arc::new(AtomicBool::new(true));
        let still_wanted = Arc::clone(&wanted);
        let read = move || read_keys(&sender, &still_wanted, fails);
        thread::Builder::new().name(KEYS.to_owned()).spawn(read)?;
        Ok((Self { wanted }, events))
    }
}

impl Drop for KeyReader {
    fn drop(&mut self) {
        self.wanted.store(false, Ordering::Release);
    }
}

/// Reads until nobody wants keys or there is no terminal to read from.
fn read_keys(sender: &Sender<Event>, wanted: &AtomicBool, fails: bool) {
    while wanted.load(Ordering::Acquire) {
        match event::poll(LOOK) {
            Ok(false) => {}
            Ok(true) => {
                let Ok(event) = event::read() else { return };
                assert!(!fails, "a test asked for this panic");
                let is_noise = matches!(event, Event::Mouse(MouseEvent { kind: MouseEventKind::Moved, .. }));
                if !is_noise && sender.send(event).is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sending_never_waits_and_keeps_the_order() {
        let (sender, receiver) = bounded(1);
        let mut outbox = Outbox::new(sender);
        for item in 0..3 {
            outbox.put(item);
        }
        outbox.send();
        assert_eq!(receiver.recv(), Ok(0));
        outbox.send();
        assert_eq!((receiver.recv(), outbox.waiting.len()), (Ok(1), 1));
        drop(receiver);
        outbox.send();
        assert!(outbox.waiting.is_empty());
    }
}
