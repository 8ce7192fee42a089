//! Where everything is: pure, from the size of the screen, the picture and what is chosen.
//!
//! Drawing, the mouse and the view that is asked of the collector all use it.

use pollscope_core::{
    model::picture::{LifeView, Picture, TimelineView, View},
    trace::clock::{Nanos, SECOND},
};
use ratatui::layout::{Margin, Position, Rect};

use super::{
    dashboard::{pulse, regions::Dashboard, repositories, threads},
    exports, glyphs, help,
    lessons::{LESSON_TASKS, Shown, code, list, regions::Lesson},
    life,
    looks::Skin,
    panel::Frame,
    presenter,
    state::{Overlay, ScreenName, ViewState},
    tasks,
    theme::Theme,
    timeline, usecases,
};

/// The smallest size that a screen fits in.
pub(super) const MINIMUM: (u16, u16) = (60, 16);

/// Beyond that, a screen is not stretched but centred.
const WIDEST: u16 = 240;

/// How far back a lesson's lanes reach: the shortest that has all of it.
const LESSON_WINDOWS: [Nanos; 5] = [2 * SECOND, 4 * SECOND, 8 * SECOND, 16 * SECOND, 32 * SECOND];

/// A screen's parts.
#[derive(Clone, Debug)]
pub(super) struct Regions {
    pub(super) header: Rect,
    pub(super) body: Body,
    pub(super) footer: Rect,
    pub(super) overlay: Option<Rect>,
}

/// What is between header and footer.
#[derive(Clone, Debug)]
pub(super) enum Body {
    Dashboard(Dashboard),
    Presenter(presenter::Regions),
    Timeline(timeline::Regions),
    Tasks(Rect),
    Lessons(Rect),
    Lesson(Lesson),
    Compare(Rect),
    UseCases(Rect),
}

/// The parts of a screen of that size; none where it is too small.
pub(super) fn layout(area: Rect, picture: &Picture, state: &ViewState) -> Option<Regions> {
    if area.width < MINIMUM.0 || area.height < MINIMUM.1 {
        return None;
    }
    let header = Rect { height: 1, ..area };
    let footer = Rect { y: area.bottom() - 1, height: 1, ..area };
    let middle = centred(Rect { y: area.y + 1, height: area.height - 2, ..area }, WIDEST, area.height);
    let middle = if middle.width >= 100 { middle.inner(Margin::new(1, 0)) } else { middle };
    let body = match state.screen {
        ScreenName::Dashboard if state.presents => Body::Presenter(presenter::Regions::new(area)),
        ScreenName::Dashboard => Body::Dashboard(Dashboard::new(middle, picture)),
        ScreenName::Timeline => Body::Timeline(timeline::Regions::new(middle)),
        ScreenName::Tasks => Body::Tasks(middle),
        ScreenName::Lessons => lesson(middle, picture, state),
        ScreenName::Compare => Body::Compare(middle),
        ScreenName::UseCases => Body::UseCases(middle),
    };
    let overlay = state.overlay.filter(|overlay| *overlay != Overlay::Filter).map(|overlay| match overlay {
        Overlay::Help => centred(middle, 84, help::height(state)),
        Overlay::Filter => Rect::ZERO,
        Overlay::Export => centred(middle, 72, exports::count() as u16 + 2),
        Overlay::Results if middle.width < 140 => middle,
        Overlay::Results => centred(middle, 130, 50),
        Overlay::Life => centred(middle, life::SIZE.0, life::SIZE.1),
    });
    Some(Regions { header, body, footer, overlay })
}

/// The list of lessons, or the open one.
fn lesson(area: Rect, picture: &Picture, state: &ViewState) -> Body {
    let Some((open, card)) = state.lessons.opened() else { return Body::Lessons(area) };
    let lines = |width| lesson_lines(&Shown { open, card, picture, told: None }, width, state);
    Body::Lesson(Lesson::new(area, open.phase, picture, code::size(&card.code), lines))
}

/// How many lines a lesson's text has in a width.
fn lesson_lines(shown: &Shown<'_>, width: u16, state: &ViewState) -> usize {
    // The looks do not change how many lines there are.
    let skin = Skin { theme: Theme::of(state.theme), glyphs: &glyphs::UNICODE, keys: &state.keys };
    shown.lines(width, skin).len()
}

/// How far back the lanes of a lesson reach.
fn lesson_window(picture: &Picture) -> Nanos {
    let took = picture.lesson.as_ref().map_or(0, |told| picture.at.saturating_sub(told.began));
    let [.., longest] = LESSON_WINDOWS;
    LESSON_WINDOWS.into_iter().find(|window| *window >= took).unwrap_or(longest)
}

/// An area of at most that size in the middle of another.
pub(super) fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

fn rows(dashboard: &Dashboard) -> Option<Rect> {
    dashboard.repositories.map(|area| repositories::lines(dashboard.frame, area))
}

/// Without a selection the end of the task list is in sight: the newest tasks are there, and those that live.
fn fit_tasks(state: &mut ViewState, picture: &Picture, lines: u16) {
    let len = picture.tasks_in_all as usize;
    state.tasks.fit(len, lines.into(), Some(len));
}

impl Regions {
    /// The lines of the list that is in front, as far as a region for them exists.
    pub(super) fn list(&self, state: &ViewState) -> Option<Rect> {
        match (&self.overlay, &self.body) {
            (Some(overlay), _) if state.overlay == Some(Overlay::Life) => Some(life::polls(*overlay)),
            (Some(overlay), _) => Some(Frame::Box.inner(*overlay)),
            (None, Body::Dashboard(dashboard)) => rows(dashboard),
            (None, Body::Tasks(area)) => Some(tasks::lines(Frame::Box, *area)),
            (None, Body::Lessons(area)) => Some(list::lines(*area, state.lessons.cards.len())),
            (None, Body::UseCases(area)) => Some(usecases::lines(*area, state.use_cases.cards.len())),
            (None, Body::Presenter(_) | Body::Lesson(_) | Body::Compare(_) | Body::Timeline(_)) => None,
        }
    }

    /// Adapts the lists of a state to what there is and to the room that they have.
    pub(super) fn fit(&self, state: &mut ViewState, picture: &Picture) {
        if let Some(life) = &picture.life {
            state.life.see(life);
        }
        match &self.body {
            Body::Dashboard(dashboard) => {
                let height = rows(dashboard).map_or(0, |lines| lines.height);
                state.lists_tasks = dashboard.lists_tasks;
                if dashboard.lists_tasks {
                    fit_tasks(state, picture, height);
                }
                state.rows.fit(picture.rows.len(), height.into(), Some(repositories::first_unfinished(&picture.rows)));
            }
            Body::Tasks(area) => {
                fit_tasks(state, picture, tasks::lines(Frame::Box, *area).height);
            }
            Body::Lessons(area) => {
                let len = state.lessons.cards.len();
                state.lessons.list.fit(len, list::lines(*area, len).height.into(), None);
            }
            Body::Presenter(_) | Body::Compare(_) => {}
            Body::Timeline(_) => {
                let lanes = picture.timeline.iter().flat_map(|timeline| &timeline.lanes);
                state.timeline.see(picture.oldest, picture.newest, lanes.map(|lane| lane.thread));
                state.timeline.settle(state.time.asks().0);
            }
            Body::UseCases(area) => {
                let cases = &mut state.use_cases;
                let len = cases.cards.len();
                cases.list.fit(len, usecases::lines(*area, len).height.into(), None);
            }
            Body::Lesson(lesson) => {
                let inner = lesson.frame.inner(lesson.text);
                let told = picture.lesson.as_ref().filter(|told| state.lessons.is_present(told));
                let lines = state
                    .lessons
                    .opened()
                    .map(|(open, card)| lesson_lines(&Shown { open, card, picture, told }, inner.width, state));
                if let (Some(open), Some(lines)) = (&mut state.lessons.open, lines) {
                    open.lines.fit(lines, inner.height.into(), None);
                }
            }
        }
    }

    /// What the collector is to make a picture of.
    pub(super) fn view(&self, state: &ViewState, picture: &Picture) -> View {
        let results = state.overlay == Some(Overlay::Results);
        let (at, seek) = state.time.asks();
        let (life, filter) = (self.life(state), state.filter.clone());
        let nothing = View { lane_cells: 0, pulse_cells: 0, tasks: (0, 0), ..View::default() };
        let base = View { at, seek, filter, results, life, ..nothing };
        match &self.body {
            Body::Dashboard(dashboard) => View {
                lane_cells: threads::Columns::new(dashboard.threads).lane,
                pulse_cells: dashboard.pulse.map_or(0, pulse::cells),
                tasks: rows(dashboard)
                    .filter(|_| dashboard.lists_tasks)
                    .map_or((0, 0), |lines| (state.tasks.first as u32, lines.height)),
                ..base
            },
            Body::Presenter(presenter) => View { lane_cells: presenter.cells(), ..base },
            Body::Lessons(_) | Body::Compare(_) | Body::UseCases(_) => base,
            Body::Lesson(lesson) => View {
                window: lesson_window(picture),
                past_labs: true,
                lane_cells: lesson.threads.map_or(0, |(area, _)| threads::Columns::new(area).lane),
                tasks: (picture.tasks_in_all.saturating_sub(LESSON_TASKS.into()), LESSON_TASKS),
                filter: None,
                ..base
            },
            Body::Timeline(regions) => {
                let (to, length) = (state.timeline.end(), state.timeline.length());
                let asked = TimelineView { to, length, cells: regions.cells(), thread: state.timeline.thread };
                View { window: length, timeline: Some(asked), ..base }
            }
            Body::Tasks(area) => {
                View { tasks: (state.tasks.first as u32, tasks::lines(Frame::Box, *area).height), ..base }
            }
        }
    }

    /// The life that is looked at.
    fn life(&self, state: &ViewState) -> Option<LifeView> {
        let area = self.overlay.filter(|_| state.overlay == Some(Overlay::Life))?;
        state.life.task.map(|task| LifeView { task, cells: Frame::Box.inner(area).width })
    }

    /// The line of the list in front that is at a place of the screen.
    pub(super) fn line_at(&self, position: Position, state: &ViewState, picture: &Picture) -> Option<usize> {
        let list = self.list(state).filter(|list| list.contains(position))?;
        let shown = match (&self.overlay, state.screen) {
            (Some(_), _) if state.overlay == Some(Overlay::Export) => state.lines.shown(),
            (Some(_), _) if state.overlay == Some(Overlay::Life) => state.life.list.shown(),
            (Some(_), _) | (None, ScreenName::Compare | ScreenName::Timeline) => return None,
            (None, ScreenName::Dashboard) if !state.lists_tasks => state.rows.shown(),
            (None, ScreenName::Dashboard | ScreenName::Tasks) => tasks::shown(picture),
            (None, ScreenName::Lessons) => state.lessons.list.shown(),
            (None, ScreenName::UseCases) => state.use_cases.list.shown(),
        };
        Some(shown.start + usize::from(position.y - list.y)).filter(|line| shown.contains(line))
    }
}
