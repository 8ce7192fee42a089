//! One screenful: the picture, what is chosen, and how both are drawn. It knows no terminal and no channel.

use std::{sync::Arc, time::Duration};

use crossterm::event::KeyEvent;
use pollscope_core::{
    model::picture::{Header, Hidden, Of, Picture, Pulse, Sentence, SpanKind, TaskCounts, Tells, View},
    trace::{event::Coverage, record::ActivityId},
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{
    CompareCard, Options, Start, compare, dashboard, exports, footer, glyphs,
    header::{self, Runs},
    help,
    keys::{Keymap, Looks},
    layout::{self, Body, MINIMUM, Regions, layout},
    lessons::{self, Shown},
    life,
    looks::Skin,
    overlay,
    panel::Frame,
    pen::Pen,
    presenter, results,
    state::{
        Action, Effect, Lessons, LifeState, List, Move, Overlay, Place, ScreenName, TimelineKey, UseCases, ViewState,
    },
    tasks, text,
    theme::{self, Depth, Theme, ThemeName},
    timeline, usecases, welcome,
};

/// A picture and what is chosen.
pub struct Screen {
    picture: Box<Picture>,
    /// The picture in which the open lesson was over: its lanes stay what they were then.
    verdict: Option<Box<Picture>>,
    /// Runs side by side, where there are any.
    comparison: Option<Box<CompareCard>>,
    state: ViewState,
    size: Rect,
    depth: Depth,
    ascii: bool,
    scenario: String,
    program: Option<Arc<str>>,
    notice: Option<String>,
}

impl Screen {
    /// The first screen, before there is a picture.
    pub fn new(options: &Options) -> Self {
        let lessons = Lessons::new(Arc::clone(&options.lessons));
        let mut screen = Self {
            picture: Box::new(nothing_yet()),
            verdict: None,
            comparison: options.comparison.clone().map(Box::new),
            state: ViewState {
                theme: options.theme,
                keys: Arc::clone(&options.keys),
                lessons,
                use_cases: UseCases::new(Arc::clone(&options.use_cases)),
                ..ViewState::default()
            },
            size: Rect::ZERO,
            depth: options.depth,
            ascii: options.ascii,
            scenario: options.scenario.clone(),
            program: options.program.clone(),
            notice: None,
        };
        match options.start {
            Start::Dashboard | Start::Attached => {}
            Start::Welcome => screen.state.welcomes = true,
            Start::Replay => screen.state.time.replay(),
            Start::UseCases => screen.state.screen = ScreenName::UseCases,
            Start::Compare => screen.state.screen = ScreenName::Compare,
            Start::Lessons => screen.state.screen = ScreenName::Lessons,
            Start::Lesson(lesson) => {
                screen.state.screen = ScreenName::Lessons;
                screen.state.lessons.open(lesson);
            }
        }
        screen
    }

    /// Shows another picture.
    pub fn see(&mut self, picture: Box<Picture>) {
        if self.state.time.comes_too_late(&picture) {
            return;
        }
        self.picture = picture;
        if let Some(program) = self.program.as_ref().filter(|_| !self.picture.header.is_of_programs()) {
            self.picture.name_program(program);
        }
        if self.state.time.is_recorded() || self.picture.header.is_of_programs() {
            // What was recorded, or runs elsewhere, is changed by no key.
            self.picture.sentence.remedy = None;
        }
        self.state.told = self.state.time.see(&self.picture).or_else(|| self.state.told.take());
        if let Some(thread) = self.state.time.take_found() {
            self.state.timeline.thread = Some(thread);
        }
        if self.state.lessons.see(self.picture.lesson.as_ref()) {
            self.verdict = Some(self.picture.clone());
        }
        self.fit();
    }

    /// Shows runs side by side: whoever keeps a run wants to see them.
    pub fn compare(&mut self, comparison: Box<CompareCard>) {
        self.comparison = Some(comparison);
        self.state.runs = List::default();
        if self.state.place() == Place::Dashboard {
            self.state.screen = ScreenName::Compare;
        }
    }

    /// Draws all of the buffer.
    pub fn draw(&mut self, buffer: &mut Buffer) {
        if buffer.area != self.size {
            self.size = buffer.area;
            self.fit();
        }
        let keys = Arc::clone(&self.state.keys);
        let skin = self.skin(&keys);
        buffer.set_style(buffer.area, skin.theme.ground);
        match self.regions() {
            Some(regions) => self.draw_regions(buffer, &regions, skin),
            None => too_small(buffer, skin),
        }
        if self.ascii {
            glyphs::to_ascii(buffer);
        }
        if self.depth == Depth::Indexed {
            theme::to_indexed(buffer);
        }
    }

    /// What is to be in the next picture; nothing before the first frame.
    pub(super) fn view(&self) -> Option<View> {
        (self.size.area() > 0)
            .then(|| self.regions().map_or_else(nowhere, |regions| regions.view(&self.state, &self.picture)))
    }

    /// Where keys go.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn place(&self) -> Place {
        self.state.place()
    }

    /// What a key asks for.
    pub(super) fn asks(&self, event: KeyEvent) -> Option<Action> {
        self.state.keys.action(self.state.place(), event)
    }

    /// Does what is asked for, and says what is to be done outside.
    pub(super) fn update(&mut self, action: Action) -> Option<Effect> {
        // Whoever presses a key has read it, and means the key; going back is meant for it alone.
        if std::mem::take(&mut self.state.welcomes) && action == Action::Back {
            return None;
        }
        self.state.of = self.of();
        if action == Action::Toggle(Overlay::Life) && !self.choose_life() {
            return None;
        }
        let effect = self.state.update(action);
        self.fit();
        effect
    }

    /// Chooses the task whose life is to be looked at. Says whether there is one.
    fn choose_life(&mut self) -> bool {
        if self.state.overlay == Some(Overlay::Life) {
            return true;
        }
        match self.task() {
            Some(task) => self.state.life = LifeState::of(task),
            None => {
                self.state.told =
                    Some("No task is chosen: choose one with the arrows, then ask for its life.".to_owned());
            }
        }
        self.task().is_some()
    }

    /// Whose events a step by events goes by: those of the chosen task.
    fn of(&self) -> Of {
        match (self.state.overlay, self.state.screen) {
            (Some(Overlay::Life), _) => self.state.life.task.map_or(Of::All, Of::Task),
            (_, ScreenName::Timeline) => self.state.timeline.thread.map_or(Of::All, Of::Thread),
            _ => self.task().map_or(Of::All, Of::Task),
        }
    }

    /// The chosen task.
    fn task(&self) -> Option<ActivityId> {
        match self.state.screen {
            ScreenName::Dashboard if !self.state.lists_tasks => {
                self.state.rows.selected.and_then(|row| self.picture.rows.get(row)).and_then(|row| row.task)
            }
            ScreenName::Dashboard | ScreenName::Tasks => self
                .state
                .tasks
                .selected
                .and_then(|line| line.checked_sub(self.picture.tasks_first as usize))
                .and_then(|line| self.picture.tasks.get(line))
                .map(|line| line.task),
            ScreenName::Timeline => {
                let span = self.picture.timeline.as_ref()?.span.as_ref();
                span.filter(|span| matches!(span.kind, SpanKind::Poll(_))).map(|span| span.what)
            }
            ScreenName::Lessons | ScreenName::Compare | ScreenName::UseCases => None,
        }
    }

    /// The instant that is looked at moves by itself.
    pub(super) fn is_moving(&self) -> bool {
        self.state.time.is_moving()
    }

    /// So much time has gone by.
    pub(super) fn advance(&mut self, by: Duration) {
        self.state.time.advance(by);
        self.fit();
    }

    /// What is to be told for some seconds, once.
    pub(super) fn take_told(&mut self) -> Option<String> {
        self.state.told.take()
    }

    /// What the wheel asks for: a step, or on the axis a zoom; sideways it moves along the axis.
    pub(super) fn wheel(&self, by: Move) -> Action {
        match (self.state.place(), by) {
            (Place::Timeline, Move::Up) => Action::Timeline(TimelineKey::ZoomIn),
            (Place::Timeline, Move::Left) => Action::Timeline(TimelineKey::RollBack),
            (Place::Timeline, Move::Right) => Action::Timeline(TimelineKey::RollOn),
            (Place::Timeline, _) => Action::Timeline(TimelineKey::ZoomOut),
            _ => Action::Move(by),
        }
    }

    /// What a click at a place asks for.
    pub(super) fn clicked(&self, position: Position) -> Option<Action> {
        let regions = self.regions()?;
        match (&regions.body, &self.picture.timeline) {
            (Body::Timeline(parts), Some(timeline)) if regions.overlay.is_none() => {
                let (lane, thousandths) = parts.at(position, timeline, self.state.timeline.thread)?;
                Some(Action::Timeline(TimelineKey::Point(lane, thousandths)))
            }
            _ => regions.line_at(position, &self.state, &self.picture).map(Action::Select),
        }
    }

    /// Says how far something is that takes long, until it is over.
    pub(super) fn underway(&mut self, line: Option<String>) {
        self.state.underway = line;
    }

    /// Shows a line over the keys, or the keys again.
    pub(super) fn notice(&mut self, notice: Option<String>) {
        self.notice = notice;
    }

    fn shown(&self) -> &Picture {
        shown(&self.picture, self.verdict.as_deref(), &self.state)
    }

    fn regions(&self) -> Option<Regions> {
        layout(self.size, self.shown(), &self.state)
    }

    fn fit(&mut self) {
        if let Some(regions) = self.regions() {
            let picture = shown(&self.picture, self.verdict.as_deref(), &self.state);
            regions.fit(&mut self.state, picture);
        }
    }

    fn skin<'k>(&self, keys: &'k Keymap) -> Skin<'k> {
        let glyphs = match self.state.theme {
            _ if self.ascii => &glyphs::ASCII,
            ThemeName::Mono => &glyphs::UNICODE_MONO,
            _ => &glyphs::UNICODE,
        };
        Skin { theme: Theme::for_depth(self.state.theme, self.depth), glyphs, keys }
    }

    fn draw_regions(&mut self, buffer: &mut Buffer, regions: &Regions, skin: Skin) {
        let runs = self.state.lessons.in_lab().map_or(Runs::Scenario(&self.scenario), Runs::Lesson);
        if !matches!(regions.body, Body::Presenter(_)) {
            header::render(buffer, regions.header, &self.picture.header, (runs, &self.state.time), skin);
        }
        match &regions.body {
            Body::Dashboard(dashboard) => {
                let lists = (&self.state.rows, &self.state.tasks, self.state.filter.as_deref());
                dashboard::render(buffer, dashboard, &self.picture, lists, skin);
            }
            Body::Presenter(regions) => {
                presenter::render(buffer, regions, (&self.picture, &self.state.time), skin);
            }
            Body::Timeline(regions) => {
                if let Some(timeline) = &self.picture.timeline {
                    let (thread, filter) = (self.state.timeline.thread, self.state.filter.as_deref());
                    timeline::render(
                        buffer,
                        regions,
                        &timeline::Shown { picture: &self.picture, timeline, thread, filter },
                        skin,
                    );
                }
            }
            Body::Tasks(area) => {
                let list = (&self.state.tasks, self.state.filter.as_deref());
                tasks::render(buffer, *area, &self.picture, list, skin);
            }
            Body::UseCases(area) => usecases::render(buffer, *area, &self.state.use_cases, skin),
            Body::Compare(area) => {
                if let Some(card) = &self.comparison {
                    let (runs, fit) = compare::moves(*area, card);
                    self.state.runs.fit(runs, fit, None);
                }
                compare::render(buffer, *area, self.comparison.as_deref(), &self.state.runs, skin);
            }
            Body::Lessons(area) => lessons::list::render(buffer, *area, &self.state.lessons, skin),
            Body::Lesson(regions) => {
                if let Some((open, card)) = self.state.lessons.opened() {
                    let picture = self.shown();
                    let told = picture.lesson.as_ref().filter(|told| self.state.lessons.is_present(told));
                    let shown = Shown { open, card, picture, told };
                    lessons::render(buffer, regions, &shown, &open.lines, skin);
                }
            }
        }
        if self.state.overlay == Some(Overlay::Filter) {
            return footer::render_filter(buffer, regions.footer, (&self.state.draft, self.state.screen), skin);
        }
        if let (Some(area), Some(name)) = (regions.overlay, self.state.overlay) {
            let (title, lines) = match name {
                Overlay::Life => return self.draw_life(buffer, area, regions.footer, skin),
                Overlay::Help => (help::TITLE, help::lines(&self.state, skin)),
                Overlay::Filter => return,
                Overlay::Export => (exports::TITLE, exports::lines(&self.state.lines, skin)),
                Overlay::Results => (results::TITLE, results::lines(&self.picture, Frame::Box.inner(area).width, skin)),
            };
            overlay::render(buffer, area, title, &lines, &mut self.state.lines, skin);
        }
        if self.state.welcomes {
            let (lines, (width, height)) = (welcome::lines(skin), welcome::size(skin));
            let area = layout::centred(buffer.area, width, height);
            overlay::render(buffer, area, welcome::TITLE, &lines, &mut List::default(), skin);
        }
        self.draw_footer(buffer, regions.footer, skin);
    }

    fn draw_life(&self, buffer: &mut Buffer, area: Rect, footer: Rect, skin: Skin) {
        let life = self.picture.life.as_ref().filter(|life| Some(life.task) == self.state.life.task);
        life::render(buffer, area, (&self.picture, life), self.state.life.place(), skin);
        self.draw_footer(buffer, footer, skin);
    }

    fn draw_footer(&self, buffer: &mut Buffer, area: Rect, skin: Skin) {
        match (&self.notice, &self.state.underway) {
            (Some(notice), _) => footer::render_notice(buffer, area, notice, skin),
            (None, Some(line)) => footer::render_underway(buffer, area, line, skin),
            (None, None) if self.state.presents && self.state.overlay.is_none() => {}
            (None, None) => {
                let time = &self.state.time;
                let ours = !self.picture.header.is_of_programs();
                let looks = Looks { live: time.is_live() && !time.is_recorded(), ours };
                footer::render(buffer, area, (self.state.place(), looks), skin);
            }
        }
    }
}

/// What a screen shows: the newest picture, or, unless another instant is looked at, that in which the lesson was over.
fn shown<'p>(newest: &'p Picture, verdict: Option<&'p Picture>, state: &ViewState) -> &'p Picture {
    verdict.filter(|_| state.place() == Place::Verdict && state.time.is_live()).unwrap_or(newest)
}

/// Says what size is needed, in the middle.
fn too_small(buffer: &mut Buffer, skin: Skin) {
    let area = buffer.area;
    if area.is_empty() {
        return;
    }
    let (width, height) = MINIMUM;
    let words = format!("needs {width}×{height}, has {}×{}", area.width, area.height);
    let gap = usize::from(area.width).saturating_sub(text::width(&words)) / 2;
    let middle = Rect { y: area.y + (area.height - 1) / 2, height: 1, ..area };
    Pen::new(buffer, middle).gap(gap as u16).put(&words, skin.theme.text.normal);
}

/// What a screen that is too small asks for.
fn nowhere() -> View {
    View { lane_cells: 0, pulse_cells: 0, ..View::default() }
}

/// What is shown until the first picture comes.
fn nothing_yet() -> Picture {
    Picture {
        at: 0,
        newest: 0,
        oldest: 0,
        goes_on: true,
        is_read_on: false,
        sought: None,
        header: Header {
            programs: Vec::new(),
            coverage: Coverage::default(),
            scheduler: None,
            settings: None,
            generation: 0,
            round: 0,
            round_done: false,
            elapsed: 0,
            lost: 0,
            observer_cores: None,
            tells: Tells::NotYet,
            probe_nanos: None,
            recording: None,
            wait_pending: false,
            compute_pending: false,
        },
        pulse: Pulse::default(),
        counts: TaskCounts::default(),
        rows: Vec::new(),
        lanes: Vec::new(),
        queues: Vec::new(),
        findings: Vec::new(),
        sentence: Sentence { lead: "Starting.".to_owned(), ..Sentence::default() },
        window: View::default().window,
        tasks: Vec::new(),
        tasks_first: 0,
        tasks_in_all: 0,
        hidden: Hidden::default(),
        results: Vec::new(),
        lesson: None,
        timeline: None,
        life: None,
    }
}
