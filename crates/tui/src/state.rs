//! What the person at the screen has chosen, and how an action changes it: pure, without a terminal.

mod life;
mod list;
mod time;
mod timeline;

use std::sync::Arc;

use pollscope_core::model::picture::{Filter, Landmark, Of};

pub(super) use self::{
    life::LifeState,
    time::Time,
    timeline::{Goes, TimelineState},
};
pub use self::{
    list::{List, Move},
    time::TimeKey,
    timeline::TimelineKey,
};
use super::{
    Command, exports,
    keys::{Keymap, Place},
    own::Own,
    scenario::{Back, Outcome, Scenario, ScenarioOverlay, ScenarioScreen},
    theme::ThemeName,
};

/// The screens, in the order in which `tab` goes through them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScreenName {
    /// The dashboard.
    #[default]
    Dashboard,
    /// All lanes on one axis.
    Timeline,
    /// All tasks.
    Tasks,
    /// A scenario's screen, by its name.
    Own(&'static str),
}

/// What lies over a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// The keys.
    Help,
    /// The formats of an export.
    Export,
    /// What is looked for on the timeline.
    Filter,
    /// One task's life.
    Life,
    /// A scenario's overlay, by its name.
    Own(&'static str),
}

/// What a key or the mouse asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Sends a value of the scenario to whoever runs the screen.
    Send(Own),
    /// Asks the scenario's screen in front for something.
    Own(Own),
    /// Begins a recording, or ends it.
    Record,
    /// Shows a screen.
    Screen(ScreenName),
    /// Shows the screen after this one.
    NextScreen,
    /// Opens what lies over a screen, or closes it.
    Toggle(Overlay),
    /// Large type for the back row, or not any more.
    Present,
    /// A step in the list in front.
    Move(Move),
    /// A line of the list that is in front.
    Select(usize),
    /// One step back.
    Back,
    /// The next theme.
    NextTheme,
    /// Another instant.
    Time(TimeKey),
    /// Another part of the timeline.
    Timeline(TimelineKey),
    /// Something is written into a line.
    Type(Typed),
    /// Exports in the chosen format.
    Export,
    /// Shows the chosen poll of a life on the timeline.
    ShowPoll,
    /// To the shell.
    Suspend,
    /// The screen ends.
    Quit,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// A character more.
    Letter(char),
    /// The last character is taken away.
    Erase,
    /// That is all.
    Done,
}

/// What an action wants done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Sends a command to whoever runs the screen.
    Send(Command),
    /// The program is suspended.
    Suspend,
    /// The screen ends.
    Quit,
}

/// What the person at the screen has chosen.
#[derive(Debug, Default)]
pub(super) struct ViewState {
    pub(super) screen: ScreenName,
    pub(super) overlay: Option<Overlay>,
    pub(super) theme: ThemeName,
    pub(super) keys: Arc<Keymap>,
    /// Nobody has pressed a key yet, and this is the first start.
    pub(super) welcomes: bool,
    /// It is shown to many.
    pub(super) presents: bool,
    /// The instant that is looked at, and whose events a step by events goes by.
    pub(super) time: Time,
    pub(super) of: Of,
    pub(super) timeline: TimelineState,
    /// What is written into the line of the filter, and what is looked for.
    pub(super) draft: String,
    pub(super) filter: Option<Arc<Filter>>,
    /// What is to be told for some seconds.
    pub(super) told: Option<String>,
    /// How far something is that takes long: it can be given up.
    pub(super) underway: Option<String>,
    pub(super) life: LifeState,
    /// The rows of the scenario's list on the dashboard.
    pub(super) rows: List,
    /// The task list.
    pub(super) tasks: List,
    /// The dashboard has the scenario's list in the place of the task list.
    pub(super) has_rows: bool,
    /// The lines of the overlay.
    pub(super) lines: List,
    /// What the scenario adds, with what is chosen on its screens.
    pub(super) scenario: Scenario,
}

impl ViewState {
    /// Where keys go.
    pub(super) fn place(&self) -> Place {
        match self.overlay {
            Some(Overlay::Help) => Place::Help,
            Some(Overlay::Export) => Place::Export,
            Some(Overlay::Filter) => Place::Filter,
            Some(Overlay::Life) => Place::Life,
            Some(Overlay::Own(name)) => {
                self.scenario.overlay(name).map_or_else(|| self.below(), ScenarioOverlay::place)
            }
            None => self.below(),
        }
    }

    /// Where keys go when no overlay takes them.
    pub(super) fn below(&self) -> Place {
        match self.screen {
            ScreenName::Dashboard => Place::Dashboard,
            ScreenName::Timeline => Place::Timeline,
            ScreenName::Tasks => Place::Tasks,
            ScreenName::Own(name) => self.scenario.screen(name).map_or(Place::Dashboard, ScenarioScreen::place),
        }
    }

    /// The scenario's screen that is in front, if one is.
    fn own_screen(&mut self) -> Option<&mut dyn ScenarioScreen> {
        match self.screen {
            ScreenName::Own(name) => self.scenario.screen_mut(name),
            _ => None,
        }
    }

    /// Does what is asked for, and says what is to be done outside.
    pub(super) fn update(&mut self, action: Action) -> Option<Effect> {
        match action {
            Action::Send(own) => return Some(Effect::Send(Command::Own(own))),
            Action::Own(own) => {
                let outcome = self.own_screen().and_then(|screen| screen.update(&own));
                return outcome.and_then(|outcome| self.follow(outcome));
            }
            Action::Record => return Some(Effect::Send(Command::ToggleRecording)),
            Action::Suspend => return Some(Effect::Suspend),
            Action::Quit => return Some(Effect::Quit),
            Action::Screen(screen) => return self.show(screen),
            Action::NextScreen => return self.show(self.next_screen()),
            Action::Toggle(Overlay::Filter) if self.presents && self.screen == ScreenName::Dashboard => {}
            Action::Toggle(overlay) => {
                self.overlay = (self.overlay != Some(overlay)).then_some(overlay);
                self.lines = List::with((overlay == Overlay::Export).then_some(0));
                // What is looked for can be changed; what was let go of is not looked for again.
                self.draft = self.filter.as_ref().map_or_else(String::new, |filter| filter.text.clone());
            }
            Action::Present => self.presents = !self.presents,
            Action::Move(by) => self.step(by),
            Action::Select(line) => self.choose(line),
            Action::Time(key) => {
                if matches!(key, TimeKey::Previous(_) | TimeKey::Next(_) | TimeKey::Live) {
                    self.timeline.keep(self.time.asks().0);
                }
                self.time.key(key, self.of);
            }
            Action::Timeline(key) => match self.timeline.key(key, self.time.asks().0) {
                Some(Goes::To(at)) => self.time.look_at(at),
                Some(Goes::Live) => self.time.key(TimeKey::Live, Of::All),
                None => {}
            },
            Action::ShowPoll => {
                if let Some(poll) = self.life.chosen() {
                    self.timeline.show(poll, self.time.asks().0);
                    self.time.look_at(poll.2);
                    return self.show(ScreenName::Timeline);
                }
            }
            Action::Export => {
                let format = self.lines.selected.and_then(exports::format);
                self.overlay = None;
                return format.map(|format| Effect::Send(Command::Export(format)));
            }
            Action::Type(Typed::Letter(letter)) => self.draft.push(letter),
            Action::Type(Typed::Erase) => drop(self.draft.pop()),
            Action::Type(Typed::Done) => self.look_for(),
            Action::Back => return self.back(),
            Action::NextTheme => self.theme = self.theme.next(),
        }
        None
    }

    /// Does what a scenario's screen wants done.
    fn follow(&mut self, outcome: Outcome) -> Option<Effect> {
        let Outcome::Show(name, own) = outcome else { return sent(outcome) };
        let next = self.scenario.screen_mut(name)?.update(&own);
        // Whatever that screen wants in its turn can only be sent: two screens do not show each other for ever.
        self.show(ScreenName::Own(name)).or(next.and_then(sent))
    }

    /// The screen after this one: the scenario's come last.
    fn next_screen(&self) -> ScreenName {
        let own = || self.scenario.screens.iter().map(|screen| ScreenName::Own(screen.name()));
        let base = [ScreenName::Dashboard, ScreenName::Timeline, ScreenName::Tasks];
        base.into_iter().chain(own()).skip_while(|screen| *screen != self.screen).nth(1).unwrap_or_default()
    }

    fn dashboard_list(&mut self) -> &mut List {
        if self.has_rows { &mut self.rows } else { &mut self.tasks }
    }

    /// A step in whatever is in front.
    fn step(&mut self, by: Move) {
        match (self.overlay, self.screen) {
            (Some(Overlay::Filter), _) => {}
            (Some(Overlay::Export), _) => self.lines.select(by),
            (Some(Overlay::Help | Overlay::Own(_)), _) => self.lines.scroll(by),
            (Some(Overlay::Life), _) => self.life.select(by),
            (None, ScreenName::Dashboard) => self.dashboard_list().select(by),
            (None, ScreenName::Timeline) => self.timeline.select(by),
            (None, ScreenName::Tasks) => self.tasks.select(by),
            (None, ScreenName::Own(_)) => {
                if let Some(screen) = self.own_screen() {
                    screen.step(by);
                }
            }
        }
    }

    /// That line of the list in front.
    fn choose(&mut self, line: usize) {
        match (self.overlay, self.screen) {
            (Some(Overlay::Export), _) => self.lines.selected = Some(line),
            (Some(Overlay::Life), _) => self.life.list.selected = Some(line),
            (Some(Overlay::Help | Overlay::Filter | Overlay::Own(_)), _) | (None, ScreenName::Timeline) => {}
            (None, ScreenName::Dashboard) => self.dashboard_list().selected = Some(line),
            (None, ScreenName::Tasks) => self.tasks.selected = Some(line),
            (None, ScreenName::Own(_)) => {
                if let Some(screen) = self.own_screen() {
                    screen.choose(line);
                }
            }
        }
    }

    /// Looks for what is written from now on, and goes to where it was last; for nothing where nothing is.
    fn look_for(&mut self) {
        match Filter::parse(&self.draft) {
            Ok(filter) => {
                let is_one = !filter.text.is_empty();
                self.filter_by(is_one.then_some(filter));
                self.overlay = None;
                if is_one && self.screen == ScreenName::Timeline {
                    self.timeline.keep(self.time.asks().0);
                    self.time.key(TimeKey::Previous(Landmark::Match), Of::All);
                }
            }
            Err(why) => self.told = Some(why),
        }
    }

    /// Lets the filter be another; says whether there was one. The chosen line of a list is another's then.
    fn filter_by(&mut self, filter: Option<Filter>) -> bool {
        (self.rows, self.tasks) = (List::default(), List::default());
        std::mem::replace(&mut self.filter, filter.map(Arc::new)).is_some()
    }

    /// Another screen, where there is one; whoever goes to the dashboard ends what a scenario's screen has begun.
    fn show(&mut self, screen: ScreenName) -> Option<Effect> {
        if let ScreenName::Own(name) = screen {
            self.scenario.screen(name)?;
        }
        self.screen = screen;
        self.overlay = None;
        if screen != ScreenName::Dashboard {
            return None;
        }
        // All are left, though only one of them can have begun something in the place of the scenario.
        let outcomes: Vec<_> = self.scenario.screens.iter_mut().filter_map(|screen| screen.leave()).collect();
        outcomes.into_iter().find_map(sent)
    }

    /// One step: the overlay, then the selection or a step inside a scenario's screen, then the filter, then to the first
    /// screen.
    fn back(&mut self) -> Option<Effect> {
        if self.overlay.take().is_some() || self.time.stop_looking() {
            return None;
        }
        if self.underway.take().is_some() {
            return Some(Effect::Send(Command::GiveUp));
        }
        let let_go = match self.screen {
            // What is presented shows neither.
            ScreenName::Dashboard if self.presents => false,
            ScreenName::Dashboard => self.dashboard_list().selected.take().is_some() || self.filter_by(None),
            ScreenName::Tasks => self.tasks.selected.take().is_some() || self.filter_by(None),
            ScreenName::Timeline => self.timeline.thread.take().is_some() || self.filter_by(None),
            ScreenName::Own(_) => {
                if let Some(Back::Stays(outcome)) = self.own_screen().map(ScenarioScreen::back) {
                    return outcome.and_then(|outcome| self.follow(outcome));
                }
                false
            }
        };
        match self.screen {
            _ if let_go => {}
            ScreenName::Dashboard => self.presents = false,
            _ => self.screen = ScreenName::Dashboard,
        }
        None
    }
}

/// What an outcome sends.
fn sent(outcome: Outcome) -> Option<Effect> {
    match outcome {
        Outcome::Send(own) => Some(Effect::Send(Command::Own(own))),
        Outcome::Show(..) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_goes_one_step_and_never_quits() {
        let mut state = ViewState::default();
        state.tasks.fit(5, 5, None);
        state.update(Action::Screen(ScreenName::Tasks));
        state.update(Action::Select(3));
        state.update(Action::Toggle(Overlay::Help));
        for expected in [Place::Tasks, Place::Tasks, Place::Dashboard, Place::Dashboard] {
            assert_eq!(state.update(Action::Back), None);
            assert_eq!(state.place(), expected);
        }
        assert_eq!(state.tasks.selected, None);
    }

    #[test]
    fn back_gives_up_what_is_under_way() {
        let underway = Some("exporting".to_owned());
        let mut state = ViewState { underway, ..ViewState::default() };
        state.update(Action::Screen(ScreenName::Tasks));
        state.update(Action::Toggle(Overlay::Help));
        for expected in [None, Some(Effect::Send(Command::GiveUp)), None] {
            assert_eq!(state.update(Action::Back), expected);
        }
        assert_eq!(state.place(), Place::Dashboard);
    }

    #[test]
    fn an_overlay_takes_the_keys_and_closes_with_its_own() {
        let mut state = ViewState::default();
        state.tasks.fit(5, 5, None);
        state.update(Action::Toggle(Overlay::Help));
        state.lines.fit(30, 10, None);
        state.update(Action::Move(Move::Down));
        assert_eq!((state.lines.first, state.tasks.selected), (1, None));
        state.update(Action::Toggle(Overlay::Export));
        assert_eq!((state.place(), state.lines.first), (Place::Export, 0));
        state.update(Action::Toggle(Overlay::Export));
        assert_eq!(state.place(), Place::Dashboard);
    }

    #[test]
    fn commands_go_out() {
        let mut state = ViewState::default();
        let effect = state.update(Action::Send(Own::of(&7_u32)));
        assert_eq!(effect, Some(Effect::Send(Command::Own(Own::new(7_u32)))));
        assert_eq!(state.update(Action::Record), Some(Effect::Send(Command::ToggleRecording)));
        assert_eq!(state.update(Action::Quit), Some(Effect::Quit));
    }
}
