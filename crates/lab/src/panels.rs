//! What the pipeline and the lessons add to the screen, through the interface that every scenario has
//! ([`tui::scenario`](pollscope_tui::scenario)).
//!
//! On the dashboard: how tasks wait and compute, and the repositories; over it the results; and three screens: the lessons,
//! runs side by side, and use cases. [`scenario`] puts all of them together, and [`key_table`] has their keys.

mod choices;
mod compare;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod keys;
mod lessons;
mod repositories;
mod results;
mod shown;
mod strategy;
mod usecases;
mod words;

#[cfg(test)]
mod pictures;
#[cfg(any(test, feature = "fuzzing"))]
#[cfg_attr(not(test), allow(dead_code, reason = "a fuzzer needs one of them"))]
mod sample;

use std::sync::Arc;

use pollscope_tui::{
    KeyTable,
    scenario::{Scenario, ScenarioOverlay, ScenarioPanel},
};

use self::{
    choices::ChoicesPanel, repositories::RepositoriesPanel, results::ResultsOverlay, strategy::StrategyPanel,
    words::PipelineWords,
};
pub use self::{
    compare::{COMPARE, CompareCard, CompareLanes, CompareRow, CompareScreen},
    lessons::{LESSONS, LessonCard, LessonSetting, LessonsScreen},
    usecases::{CellCard, Grade, USE_CASES, UseCaseCard, UseCasesScreen, Words},
};

/// The panels of the dashboard.
const PANELS: &[&dyn ScenarioPanel] = &[&StrategyPanel, &RepositoriesPanel, &ChoicesPanel];

/// What lies over a screen.
const OVERLAYS: &[&dyn ScenarioOverlay] = &[&ResultsOverlay];

/// What the screens have to begin with.
#[derive(Clone, Debug, Default)]
pub struct Cards {
    /// The lessons, in order.
    pub lessons: Arc<[LessonCard]>,
    /// The lesson that is open, by its place.
    pub open: Option<usize>,
    /// Which tool for what, in order.
    pub use_cases: Arc<[UseCaseCard]>,
    /// Runs side by side.
    pub comparison: Option<CompareCard>,
}

/// All that the pipeline and the lessons add.
pub fn scenario(cards: Cards) -> Scenario {
    Scenario {
        keys: keys::GROUPS,
        words: &PipelineWords,
        panels: PANELS,
        overlays: OVERLAYS,
        screens: vec![
            Box::new(LessonsScreen::new(cards.lessons, cards.open)),
            Box::new(CompareScreen::new(cards.comparison)),
            Box::new(UseCasesScreen::new(cards.use_cases)),
        ],
    }
}

/// The screen's table of keys, with theirs.
pub fn key_table() -> KeyTable {
    KeyTable::new(keys::GROUPS)
}
