//! A scenario of one's own: a shop that reports its orders, and a panel that shows them live, rewound and replayed.
//!
//! `cargo run --example scenario` opens the dashboard: `space` freezes it, the arrows go back in time, `R` records.
//! `cargo run --example scenario -- FILE` shows such a recording.

use std::{env, error::Error, sync::Arc, time::Duration};

use pollscope::{
    Picture, Probes, Scope,
    scope::{HISTORY, Scenarios},
    task,
};
use pollscope_core::{
    model::scenario::{Facts, ScenarioFold, ScenarioPicture},
    replayer::{Replayer, Source},
    trace::{
        clock::Nanos,
        event::{Event, ScenarioEvent},
        recording::Recording,
    },
};
use pollscope_tui::{
    panel::PanelLook,
    pen::Pen,
    scenario::{DrawContext, Region, Scenario, ScenarioPanel, Slot},
};
use ratatui::buffer::Buffer;
use serde::{Deserialize, Serialize};
use tokio::runtime::Builder;

/// The name of the events' payload.
const ORDER: &str = "shop/order";

/// What the shop reports of an order.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Order {
    Placed,
    Packed,
}

impl Order {
    /// Puts it into the log, beside what the probes measure.
    pub(crate) fn report(self, probes: &Probes) {
        probes.emit(Event::Scenario(Box::new(ScenarioEvent::new(ORDER, &self))));
    }
}

/// The shop's part of the fold, which is also what its panel shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shop {
    pub(crate) placed: u64,
    pub(crate) packed: u64,
}

impl ScenarioPicture for Shop {}

impl ScenarioFold for Shop {
    fn copy(&self) -> Box<dyn ScenarioFold> {
        Box::new(self.clone())
    }

    fn event(&mut self, _at: Nanos, event: &ScenarioEvent) {
        if event.schema != ORDER {
            return;
        }
        match event.payload.read() {
            Some(Order::Placed) => self.placed += 1,
            Some(Order::Packed) => self.packed += 1,
            None => {}
        }
    }

    fn picture(&self, _facts: &Facts<'_>) -> Option<Arc<dyn ScenarioPicture>> {
        Some(Arc::new(self.clone()))
    }
}

/// The panel, at the top left of the dashboard.
#[derive(Debug)]
struct ShopPanel;

impl ScenarioPanel for ShopPanel {
    fn slot(&self) -> Slot {
        Slot::Top
    }

    fn has(&self, picture: &Picture) -> bool {
        picture.scenario::<Shop>().is_some()
    }

    fn draw(&self, buffer: &mut Buffer, region: Region, context: &DrawContext<'_>) {
        let Region { frame, area } = region;
        let Some(Shop { placed, packed }) = context.picture.scenario() else { return };
        frame.draw(buffer, area, "shop", PanelLook::Calm, context.skin);
        let words = format!("{packed} of {placed} orders are packed");
        Pen::new(buffer, frame.inner(area)).put(&words, context.skin.theme.text.normal);
    }
}

/// The fold, for whoever reads a log of the shop's.
pub(crate) fn folds() -> Scenarios {
    Scenarios::of([Box::new(Shop::default()) as _])
}

/// What the shop adds to the screen.
pub(crate) fn screen() -> Scenario {
    Scenario { panels: &[&ShopPanel], ..Scenario::default() }
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    if let Some(file) = env::args().nth(1) {
        let source = Source::File(Recording::open(file)?, HISTORY);
        let (told, _) = crossbeam_channel::unbounded();
        let replayer = Replayer::start(source, folds(), told, |_| Ok::<(), String>(()))?;
        return Ok(pollscope_tui::open_with(&replayer, screen())?.wait()?);
    }
    let scope = Scope::start_with(HISTORY, folds())?;
    let runtime = scope.runtime(Builder::new_multi_thread().worker_threads(2).enable_all())?;
    let orders = runtime.spawn(task("customers", customers(scope.probes().clone())));
    pollscope_tui::open_with(&scope, screen())?.wait()?;
    orders.abort();
    Ok(())
}

/// Places an order now and then; each is packed a little later, by a task of its own.
async fn customers(probes: Probes) {
    loop {
        Order::Placed.report(&probes);
        let probes = probes.clone();
        tokio::spawn(task("pack", async move {
            tokio::time::sleep(Duration::from_millis(700)).await;
            Order::Packed.report(&probes);
        }));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
