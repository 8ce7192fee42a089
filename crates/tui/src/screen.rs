//! One screenful: the picture, what is chosen, and how both are drawn. It knows no terminal and no channel.

use std::{sync::Arc, time::Duration};

use crossterm::event::KeyEvent;
use pollscope_core::{
    model::picture::{Of, Picture, SpanKind, View},
    trace::record::ActivityId,
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{
    Options, Start, dashboard, exports, footer, glyphs,
    header::{self, HeaderLine},
    help,
    keys::{KeyTable, Keymap, Looks, Place},
    layout::{self, Body, MINIMUM, Regions, layout},
    life,
    looks::Skin,
    overlay::{self, Line},
    panel::Frame,
    pen::Pen,
    presenter::{self, Presented},
    scenario::{DrawContext, Message, Scenario},
    state::{Action, Effect, LifeState, List, Move, Overlay, ScreenName, TimelineKey, ViewState},
    tasks, text,
    theme::{self, Depth, Theme, ThemeName},
    timeline, welcome,
};

/// A picture and what is chosen.
pub struct Screen {
    picture: Box<Picture>,
    state: ViewState,
    size: Rect,
    depth: Depth,
    ascii: bool,
    program: Option<Arc<str>>,
    notice: Option<String>,
}

impl Screen {
    /// The first screen, before there is a picture.
    pub fn new(options: &Options, scenario: Scenario) -> Self {
        let as_it_is = || Arc::new(KeyTable::new(scenario.keys).as_it_is());
        let keys = options.keys.clone().unwrap_or_else(as_it_is);
        let mut screen = Self {
            picture: Box::new(Picture::nothing_yet()),
            state: ViewState { theme: options.theme, keys, scenario, ..ViewState::default() },
            size: Rect::ZERO,
            depth: options.depth,
            ascii: options.ascii,
            program: options.program.clone(),
            notice: None,
        };
        match options.start {
            Start::Dashboard | Start::Attached => {}
            Start::Welcome => screen.state.welcomes = true,
            Start::Replay => screen.state.time.replay(),
            Start::Own(name) => screen.state.screen = ScreenName::Own(name),
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
        for screen in &mut self.state.scenario.screens {
            screen.see(&self.picture);
        }
        self.fit();
    }

    /// Hands something to a screen of the scenario, which comes to the front where the dashboard is.
    pub fn take(&mut self, message: Message) {
        let Some(screen) = self.state.scenario.screen_mut(message.to) else { return };
        screen.take(message.what);
        if self.state.place() == Place::Dashboard {
            self.state.screen = ScreenName::Own(message.to);
        }
        self.fit();
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
    pub fn view(&self) -> Option<View> {
        (self.size.area() > 0)
            .then(|| self.regions().map_or_else(nowhere, |regions| regions.view(&self.state, &self.picture)))
    }

    /// Where keys go.
    pub fn place(&self) -> Place {
        self.state.place()
    }

    /// What a key asks for.
    pub fn asks(&self, event: KeyEvent) -> Option<Action> {
        self.state.keys.action(self.state.place(), event)
    }

    /// Does what is asked for, and says what is to be done outside.
    pub fn update(&mut self, action: Action) -> Option<Effect> {
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
            ScreenName::Dashboard if self.state.has_rows => {
                let panel = match self.regions()?.body {
                    Body::Dashboard(dashboard) => dashboard.list_panel?,
                    _ => return None,
                };
                panel.task(&self.picture, self.state.rows.selected?)
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
            ScreenName::Own(_) => None,
        }
    }

    /// The instant that is looked at moves by itself.
    pub fn is_moving(&self) -> bool {
        self.state.time.is_moving()
    }

    /// So much time has gone by.
    pub fn advance(&mut self, by: Duration) {
        self.state.time.advance(by);
        self.fit();
    }

    /// What is to be told for some seconds, once.
    pub fn take_told(&mut self) -> Option<String> {
        self.state.told.take()
    }

    /// What the wheel asks for: a step, or on the axis a zoom; sideways it moves along the axis.
    pub fn wheel(&self, by: Move) -> Action {
        match (self.state.place(), by) {
            (Place::Timeline, Move::Up) => Action::Timeline(TimelineKey::ZoomIn),
            (Place::Timeline, Move::Left) => Action::Timeline(TimelineKey::RollBack),
            (Place::Timeline, Move::Right) => Action::Timeline(TimelineKey::RollOn),
            (Place::Timeline, _) => Action::Timeline(TimelineKey::ZoomOut),
            _ => Action::Move(by),
        }
    }

    /// What a click at a place asks for.
    pub fn clicked(&self, position: Position) -> Option<Action> {
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
    pub fn underway(&mut self, line: Option<String>) {
        self.state.underway = line;
    }

    /// Shows a line over the keys, or the keys again.
    pub fn notice(&mut self, notice: Option<String>) {
        self.notice = notice;
    }

    fn regions(&self) -> Option<Regions> {
        layout(self.size, &self.picture, &self.state)
    }

    /// Adapts what is in sight to the picture, the size and the looks: what is drawn then changes nothing.
    fn fit(&mut self) {
        let Some(regions) = self.regions() else { return };
        regions.fit(&mut self.state, &self.picture);
        let keys = Arc::clone(&self.state.keys);
        let skin = self.skin(&keys);
        let (rows, filter) = (self.state.rows, self.state.filter.clone());
        let live = self.state.time.is_live();
        let context = DrawContext { picture: &self.picture, live, filter: filter.as_deref(), rows: &rows, skin };
        regions.fit_own(&mut self.state, &context);
        if let Some(area) = regions.overlay
            && let Some((_, lines)) = self.overlay_lines(area, skin)
        {
            self.state.lines.fit(lines.len(), Frame::Box.inner(area).height.into(), None);
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

    fn draw_regions(&self, buffer: &mut Buffer, regions: &Regions, skin: Skin) {
        let filter = self.state.filter.as_deref();
        let live = self.state.time.is_live();
        let context = DrawContext { picture: &self.picture, live, filter, rows: &self.state.rows, skin };
        if !matches!(regions.body, Body::Presenter(_)) {
            self.draw_header(buffer, regions.header, skin);
        }
        self.draw_body(buffer, &regions.body, &context);
        if let Some(area) = regions.overlay {
            self.draw_overlay(buffer, area, skin);
        }
        if self.state.welcomes {
            self.draw_welcome(buffer, skin);
        }
        self.draw_footer(buffer, regions.footer, skin);
    }

    fn draw_header(&self, buffer: &mut Buffer, area: Rect, skin: Skin) {
        let scenario = &self.state.scenario;
        let runs = scenario.screens.iter().find_map(|screen| screen.runs());
        let words = scenario.words.header(&self.picture, runs, skin);
        let line = HeaderLine { header: &self.picture.header, time: &self.state.time, words };
        header::render(buffer, area, line, skin);
    }

    fn draw_body(&self, buffer: &mut Buffer, body: &Body, context: &DrawContext<'_>) {
        let DrawContext { picture, filter, skin, .. } = *context;
        let state = &self.state;
        match body {
            Body::Dashboard(dashboard) => {
                dashboard::render(buffer, dashboard, context, &state.scenario, &state.tasks);
            }
            Body::Presenter(regions) => {
                let banner = state.scenario.words.banner(picture, skin);
                presenter::render(buffer, regions, &Presented { picture, time: &state.time, banner }, skin);
            }
            Body::Timeline(regions) => {
                if let Some(timeline) = &picture.timeline {
                    let shown = timeline::Shown { picture, timeline, thread: state.timeline.thread, filter };
                    timeline::render(buffer, regions, &shown, skin);
                }
            }
            Body::Tasks(area) => tasks::render(buffer, *area, picture, &state.tasks, filter, skin),
            Body::Own(name, area) => {
                if let Some(screen) = state.scenario.screen(name) {
                    screen.draw(buffer, *area, context);
                }
            }
        }
    }

    /// The title and the lines of the overlay, where it is one of lines.
    fn overlay_lines(&self, area: Rect, skin: Skin) -> Option<(&'static str, Vec<Line>)> {
        match self.state.overlay? {
            Overlay::Help => Some((help::TITLE, help::lines(&self.state, skin))),
            Overlay::Export => Some((exports::TITLE, exports::lines(&self.state.lines, skin))),
            Overlay::Own(name) => {
                let overlay = self.state.scenario.overlay(name)?;
                Some((overlay.title(), overlay.lines(&self.picture, Frame::Box.inner(area).width, skin)))
            }
            Overlay::Filter | Overlay::Life => None,
        }
    }

    fn draw_overlay(&self, buffer: &mut Buffer, area: Rect, skin: Skin) {
        if self.state.overlay == Some(Overlay::Life) {
            let life = self.picture.life.as_ref().filter(|life| Some(life.task) == self.state.life.task);
            life::render(buffer, area, &self.picture, life, self.state.life.place(), skin);
        } else if let Some((title, lines)) = self.overlay_lines(area, skin) {
            overlay::render(buffer, area, title, &lines, &self.state.lines, skin);
        }
    }

    fn draw_welcome(&self, buffer: &mut Buffer, skin: Skin) {
        let lines = welcome::lines(self.state.scenario.words.first_key(), skin);
        let (width, height) = welcome::size(&lines);
        let area = layout::centred(buffer.area, width, height);
        let mut list = List::default();
        list.fit(lines.len(), Frame::Box.inner(area).height.into(), None);
        overlay::render(buffer, area, welcome::TITLE, &lines, &list, skin);
    }

    fn draw_footer(&self, buffer: &mut Buffer, area: Rect, skin: Skin) {
        match (&self.notice, &self.state.underway) {
            _ if self.state.overlay == Some(Overlay::Filter) => {
                footer::render_filter(buffer, area, &self.state.draft, self.state.screen, skin);
            }
            (Some(notice), _) => footer::render_notice(buffer, area, notice, skin),
            (None, Some(line)) => footer::render_underway(buffer, area, line, skin),
            (None, None) if self.state.presents && self.state.overlay.is_none() => {}
            (None, None) => {
                let time = &self.state.time;
                let ours = !self.picture.header.is_of_programs();
                let looks = Looks { live: time.is_live() && !time.is_recorded(), ours };
                footer::render(buffer, area, self.state.place(), looks, skin);
            }
        }
    }
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
