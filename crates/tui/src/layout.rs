//! Where everything is: pure, from the size of the screen, the picture and what is chosen.
//!
//! Drawing, the mouse and the view that is asked of the collector all use it.

use std::ops::Range;

use pollscope_core::model::picture::{LifeView, Picture, TimelineView, View};
use ratatui::layout::{Margin, Position, Rect};

use super::{
    dashboard::{
        pulse,
        regions::{Dashboard, listed},
        threads,
    },
    exports, help, life,
    panel::Frame,
    presenter,
    scenario::DrawContext,
    state::{Overlay, ScreenName, ViewState},
    tasks, timeline,
};

/// The smallest size that a screen fits in.
pub(super) const MINIMUM: (u16, u16) = (60, 16);

/// Beyond that, a screen is not stretched but centred.
const WIDEST: u16 = 240;

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
    /// A scenario's screen, by its name.
    Own(&'static str, Rect),
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
        ScreenName::Dashboard => Body::Dashboard(Dashboard::new(middle, picture, &state.scenario)),
        ScreenName::Timeline => Body::Timeline(timeline::Regions::new(middle)),
        ScreenName::Tasks => Body::Tasks(middle),
        ScreenName::Own(name) => Body::Own(name, middle),
    };
    let overlay = state.overlay.and_then(|overlay| match overlay {
        Overlay::Help => Some(centred(middle, 84, help::height(state))),
        Overlay::Filter => None,
        Overlay::Export => Some(centred(middle, 72, exports::count() as u16 + 2)),
        Overlay::Life => Some(centred(middle, life::SIZE.0, life::SIZE.1)),
        Overlay::Own(name) => state.scenario.overlay(name).map(|overlay| overlay.area(middle)),
    });
    Some(Regions { header, body, footer, overlay })
}

/// An area of at most that size in the middle of another.
pub fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

/// The lines of the dashboard's list, without its head.
fn rows(dashboard: &Dashboard) -> Option<Rect> {
    dashboard.list.map(|area| tasks::lines(dashboard.frame, area))
}

/// Without a selection the end of the task list is in sight: the newest tasks are there, and those that live.
fn fit_tasks(state: &mut ViewState, picture: &Picture, lines: u16) {
    let len = picture.tasks_in_all as usize;
    state.tasks.fit(len, lines.into(), Some(len));
}

/// Adapts both lists of the dashboard: the scenario's keeps what is chosen in it while the other one is shown.
fn fit_dashboard(state: &mut ViewState, picture: &Picture, dashboard: &Dashboard) {
    let height = rows(dashboard).map_or(0, |lines| lines.height);
    state.has_rows = dashboard.list_panel.is_some();
    if !state.has_rows {
        return fit_tasks(state, picture, height);
    }
    let rows = listed(picture, &state.scenario);
    state.rows.fit(rows.shown as usize, height.into(), Some(rows.first as usize));
}

impl Regions {
    /// The lines of the list that is in front, as far as a region for them exists.
    fn list(&self, state: &ViewState) -> Option<Rect> {
        match (&self.overlay, &self.body) {
            (Some(overlay), _) if state.overlay == Some(Overlay::Life) => Some(life::polls(*overlay)),
            (Some(overlay), _) => Some(Frame::Box.inner(*overlay)),
            (None, Body::Dashboard(dashboard)) => rows(dashboard),
            (None, Body::Tasks(area)) => Some(tasks::lines(Frame::Box, *area)),
            (None, Body::Presenter(_) | Body::Timeline(_) | Body::Own(..)) => None,
        }
    }

    /// Adapts the lists of a state to what there is and to the room that they have.
    pub(super) fn fit(&self, state: &mut ViewState, picture: &Picture) {
        if let Some(life) = &picture.life {
            state.life.see(life);
        }
        match &self.body {
            Body::Dashboard(dashboard) => fit_dashboard(state, picture, dashboard),
            Body::Tasks(area) => fit_tasks(state, picture, tasks::lines(Frame::Box, *area).height),
            Body::Timeline(_) => {
                let lanes = picture.timeline.iter().flat_map(|timeline| &timeline.lanes);
                state.timeline.see(picture.oldest, picture.newest, lanes.map(|lane| lane.thread));
                state.timeline.settle(state.time.asks().0);
            }
            // A scenario's screen is adapted by itself, for it needs to know the looks.
            Body::Presenter(_) | Body::Own(..) => {}
        }
    }

    /// Adapts the scenario's screen in front.
    pub(super) fn fit_own(&self, state: &mut ViewState, context: &DrawContext<'_>) {
        if let Body::Own(name, area) = self.body
            && let Some(screen) = state.scenario.screen_mut(name)
        {
            screen.fit(area, context);
        }
    }

    /// What the collector is to make a picture of.
    pub(super) fn view(&self, state: &ViewState, picture: &Picture) -> View {
        let (at, seek) = state.time.asks();
        let (life, filter) = (self.life(state), state.filter.clone());
        let nothing = View { lane_cells: 0, pulse_cells: 0, tasks: (0, 0), ..View::default() };
        let base = View { at, seek, filter, life, ..nothing };
        let view = match &self.body {
            Body::Dashboard(dashboard) => View {
                lane_cells: threads::Columns::new(dashboard.threads).lane,
                pulse_cells: dashboard.pulse.map_or(0, pulse::cells),
                tasks: rows(dashboard)
                    .filter(|_| dashboard.list_panel.is_none())
                    .map_or((0, 0), |lines| (state.tasks.first as u32, lines.height)),
                ..base
            },
            Body::Presenter(presenter) => View { lane_cells: presenter.cells(), ..base },
            Body::Timeline(regions) => {
                let (to, length) = (state.timeline.end(), state.timeline.length());
                let asked = TimelineView { to, length, cells: regions.cells(), thread: state.timeline.thread };
                View { window: length, timeline: Some(asked), ..base }
            }
            Body::Tasks(area) => {
                View { tasks: (state.tasks.first as u32, tasks::lines(Frame::Box, *area).height), ..base }
            }
            Body::Own(name, area) => match state.scenario.screen(name) {
                Some(screen) => screen.asks(*area, picture, base),
                None => base,
            },
        };
        match state.overlay {
            Some(Overlay::Own(name)) => match state.scenario.overlay(name) {
                Some(overlay) => overlay.asks(view),
                None => view,
            },
            _ => view,
        }
    }

    /// The life that is looked at.
    fn life(&self, state: &ViewState) -> Option<LifeView> {
        let area = self.overlay.filter(|_| state.overlay == Some(Overlay::Life))?;
        state.life.task.map(|task| LifeView { task, cells: Frame::Box.inner(area).width })
    }

    /// The line of the list in front that is at a place of the screen.
    pub(super) fn line_at(&self, position: Position, state: &ViewState, picture: &Picture) -> Option<usize> {
        if let (None, Body::Own(name, area)) = (self.overlay, &self.body) {
            return state.scenario.screen(name)?.line_at(*area, position);
        }
        let list = self.list(state).filter(|list| list.contains(position))?;
        let shown = match (&self.overlay, state.screen) {
            (Some(_), _) if state.overlay == Some(Overlay::Export) => state.lines.shown(),
            (Some(_), _) if state.overlay == Some(Overlay::Life) => state.life.list.shown(),
            (Some(_), _) | (None, ScreenName::Timeline | ScreenName::Own(_)) => return None,
            (None, ScreenName::Dashboard) if state.has_rows => state.rows.shown(),
            (None, ScreenName::Dashboard | ScreenName::Tasks) => tasks::shown(picture),
        };
        line_of(shown, position.y - list.y)
    }
}

/// The line of a list that is so many lines below the first of those that are shown.
pub fn line_of(shown: Range<usize>, below: u16) -> Option<usize> {
    Some(shown.start + usize::from(below)).filter(|line| shown.contains(line))
}
