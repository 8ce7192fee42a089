//! What the person at the screen has chosen, and how an action changes it: pure, without a terminal.

mod lessons;
mod life;
mod list;
mod time;
mod timeline;

use std::sync::Arc;

use pollscope_core::model::picture::{Command, Filter, Landmark, Of};

pub(super) use self::{
    lessons::{LessonKey, Lessons, Open, Phase},
    life::LifeState,
    list::{List, Move},
    time::{Time, TimeKey},
    timeline::{Goes, TimelineKey, TimelineState},
};
use super::{
    exports,
    keys::Keymap,
    theme::ThemeName,
    usecases::{CellCard, UseCaseCard},
};

/// The screens, in the order in which `tab` goes through them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ScreenName {
    #[default]
    Dashboard,
    Timeline,
    Tasks,
    Lessons,
    Compare,
    UseCases,
}

impl ScreenName {
    fn next(self) -> Self {
        match self {
            Self::Dashboard => Self::Timeline,
            Self::Timeline => Self::Tasks,
            Self::Tasks => Self::Lessons,
            Self::Lessons => Self::Compare,
            Self::Compare => Self::UseCases,
            Self::UseCases => Self::Dashboard,
        }
    }
}

/// What lies over a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overlay {
    Help,
    Results,
    /// The formats of an export.
    Export,
    /// What is looked for on the timeline.
    Filter,
    /// One task's life.
    Life,
}

/// Where keys go: the overlay, or else the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Dashboard,
    Timeline,
    Tasks,
    /// The list of lessons.
    Lessons,
    /// A lesson before it runs.
    Question,
    /// A lesson that runs.
    Run,
    /// A lesson that has run.
    Verdict,
    Compare,
    UseCases,
    Help,
    Results,
    Export,
    Filter,
    Life,
}

/// What a key or the mouse asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Command(Command),
    Screen(ScreenName),
    NextScreen,
    Toggle(Overlay),
    /// Large type for the back row, or not any more.
    Present,
    Move(Move),
    /// A line of the list that is in front.
    Select(usize),
    Back,
    NextTheme,
    Lesson(LessonKey),
    Time(TimeKey),
    Timeline(TimelineKey),
    /// Something is written into a line.
    Type(Typed),
    /// Exports in the chosen format.
    Export,
    /// Shows the chosen poll of a life on the timeline.
    ShowPoll,
    /// Opens the lesson of the chosen cell.
    OpenCell,
    Suspend,
    Quit,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    Letter(char),
    Erase,
    Done,
}

/// What an action wants done outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Send(Command),
    Suspend,
    Quit,
}

/// The table of use cases, and which cell is chosen.
#[derive(Clone, Debug, Default)]
pub(super) struct UseCases {
    pub(super) cards: Arc<[UseCaseCard]>,
    pub(super) list: List,
    pub(super) column: usize,
}

impl UseCases {
    pub(super) fn new(cards: Arc<[UseCaseCard]>) -> Self {
        let list = List::with(Some(0));
        Self { cards, list, column: 0 }
    }

    /// The chosen cell and its row.
    pub(super) fn chosen(&self) -> Option<(&UseCaseCard, &CellCard)> {
        let card = self.cards.get(self.list.selected?)?;
        Some((card, card.cells.get(self.column)?))
    }

    fn select(&mut self, by: Move) {
        let last = self.cards.first().map_or(0, |card| card.cells.len().saturating_sub(1));
        match by {
            Move::Left => self.column = self.column.saturating_sub(1),
            Move::Right => self.column = (self.column + 1).min(last),
            by => self.list.select(by),
        }
    }
}

/// What the person at the screen has chosen.
#[derive(Clone, Debug, Default)]
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
    /// The repositories of the dashboard.
    pub(super) rows: List,
    /// The task list.
    pub(super) tasks: List,
    /// The dashboard has the task list in the place of repositories: what is looked at has none.
    pub(super) lists_tasks: bool,
    pub(super) lessons: Lessons,
    /// The runs that are compared.
    pub(super) runs: List,
    pub(super) use_cases: UseCases,
    /// The lines of the overlay.
    pub(super) lines: List,
}

impl ViewState {
    /// Where keys go.
    pub(super) fn place(&self) -> Place {
        match self.overlay {
            Some(Overlay::Help) => Place::Help,
            Some(Overlay::Results) => Place::Results,
            Some(Overlay::Export) => Place::Export,
            Some(Overlay::Filter) => Place::Filter,
            Some(Overlay::Life) => Place::Life,
            None => self.below(),
        }
    }

    /// Where keys go when no overlay takes them.
    pub(super) fn below(&self) -> Place {
        let phase = self.lessons.open.as_ref().map(|open| open.phase);
        match (self.screen, phase) {
            (ScreenName::Dashboard, _) => Place::Dashboard,
            (ScreenName::Timeline, _) => Place::Timeline,
            (ScreenName::Tasks, _) => Place::Tasks,
            (ScreenName::Lessons, None) => Place::Lessons,
            (ScreenName::Lessons, Some(Phase::Question)) => Place::Question,
            (ScreenName::Lessons, Some(Phase::Run)) => Place::Run,
            (ScreenName::Lessons, Some(Phase::Verdict)) => Place::Verdict,
            (ScreenName::Compare, _) => Place::Compare,
            (ScreenName::UseCases, _) => Place::UseCases,
        }
    }

    /// Does what is asked for, and says what is to be done outside.
    pub(super) fn update(&mut self, action: Action) -> Option<Effect> {
        match action {
            Action::Command(command) => return Some(Effect::Send(command)),
            Action::Suspend => return Some(Effect::Suspend),
            Action::Quit => return Some(Effect::Quit),
            Action::Screen(screen) => return self.show(screen),
            Action::NextScreen => return self.show(self.screen.next()),
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
            Action::Lesson(key) => return self.lessons.key(key),
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
            Action::OpenCell => {
                if let Some(lesson) = self.use_cases.chosen().and_then(|(_, cell)| cell.lesson) {
                    self.lessons.open(lesson);
                    return self.show(ScreenName::Lessons);
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

    fn dashboard_list(&mut self) -> &mut List {
        if self.lists_tasks { &mut self.tasks } else { &mut self.rows }
    }

    /// A step in whatever is in front.
    fn step(&mut self, by: Move) {
        match self.place() {
            Place::Dashboard => self.dashboard_list().select(by),
            Place::Timeline => self.timeline.select(by),
            Place::Tasks => self.tasks.select(by),
            Place::Filter => {}
            Place::Export => self.lines.select(by),
            Place::Help | Place::Results => self.lines.scroll(by),
            Place::Life => self.life.select(by),
            Place::Compare => self.runs.scroll(by),
            Place::UseCases => self.use_cases.select(by),
            Place::Lessons => self.lessons.list.select(by),
            Place::Question if matches!(by, Move::Up | Move::Down) => self.lessons.move_answer(by == Move::Down),
            Place::Question | Place::Run | Place::Verdict => {
                if let Some(open) = &mut self.lessons.open {
                    open.lines.scroll(by);
                }
            }
        }
    }

    /// That line of the list in front.
    fn choose(&mut self, line: usize) {
        match self.place() {
            Place::Dashboard => self.dashboard_list().selected = Some(line),
            Place::Tasks => self.tasks.selected = Some(line),
            Place::Lessons => self.lessons.list.selected = Some(line),
            Place::UseCases => self.use_cases.list.selected = Some(line),
            Place::Export => self.lines.selected = Some(line),
            Place::Life => self.life.list.selected = Some(line),
            Place::Timeline
            | Place::Filter
            | Place::Help
            | Place::Results
            | Place::Question
            | Place::Run
            | Place::Verdict
            | Place::Compare => {}
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

    /// Another screen; whoever goes to the dashboard leaves the lesson, and has the pipeline again.
    fn show(&mut self, screen: ScreenName) -> Option<Effect> {
        self.screen = screen;
        self.overlay = None;
        if screen == ScreenName::Dashboard { self.lessons.leave() } else { None }
    }

    /// One step: the overlay, then the lesson, then the selection, then the filter, then to the first screen.
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
            ScreenName::Compare | ScreenName::UseCases => false,
            ScreenName::Lessons => {
                let (went, effect) = self.lessons.back();
                if went {
                    return effect;
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
        state.rows.fit(5, 5, None);
        state.update(Action::Toggle(Overlay::Help));
        state.lines.fit(30, 10, None);
        state.update(Action::Move(Move::Down));
        assert_eq!((state.lines.first, state.rows.selected), (1, None));
        state.update(Action::Toggle(Overlay::Results));
        assert_eq!((state.place(), state.lines.first), (Place::Results, 0));
        state.update(Action::Toggle(Overlay::Results));
        assert_eq!(state.place(), Place::Dashboard);
    }

    #[test]
    fn commands_go_out() {
        let mut state = ViewState::default();
        let effect = state.update(Action::Command(Command::ToggleBlocking));
        assert_eq!(effect, Some(Effect::Send(Command::ToggleBlocking)));
        assert_eq!(state.update(Action::Quit), Some(Effect::Quit));
    }
}
