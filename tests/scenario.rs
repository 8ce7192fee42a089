//! A scenario of somebody's own (`examples/scenario.rs`): its panel is there live, at an instant before, and of a recording;
//! and whoever does not know the scenario opens the recording without it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/scenario.rs"]
#[expect(dead_code, reason = "a test calls what its main does")]
mod shop;

use std::{fs::File, path::PathBuf};

use pollscope::{
    Picture, Scope, View,
    scope::{HISTORY, Scenarios},
};
use pollscope_core::{
    model::history::History,
    trace::{
        clock::Nanos,
        recording::{FileLog, Recording},
    },
};
use pollscope_tui::{Screen, sample::options};
use ratatui::{buffer::Buffer, layout::Rect};

use shop::{Order, Shop};

/// The screen of a picture, as text.
fn drawn(picture: Picture) -> String {
    let mut screen = Screen::new(&options(), shop::screen());
    screen.see(Box::new(picture));
    let mut buffer = Buffer::empty(Rect::new(0, 0, 120, 40));
    screen.draw(&mut buffer);
    buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect()
}

/// What a recording shows at an instant, to whoever knows these scenarios.
fn replayed(file: &PathBuf, scenarios: Scenarios, at: Option<Nanos>) -> Picture {
    let recording = Recording::open(file).unwrap();
    let history = History::within(HISTORY, |limit| FileLog::new(recording, limit)).of_the_past();
    let mut history = history.with_scenarios(scenarios);
    for block in 0..history.store().blocks() {
        let batches = history.store().block(block).unwrap();
        batches.iter().for_each(|batch| history.fold(batch));
    }
    history.picture(&View { at, ..View::default() })
}

#[test]
fn a_scenario_has_its_panel_live_rewound_and_replayed() {
    let scope = Scope::start_with(HISTORY, shop::folds()).unwrap();
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("shop.pollscope");
    scope.record(File::create(&file).unwrap()).unwrap();
    let probes = scope.probes();
    for _ in 0..5 {
        Order::Placed.report(probes);
    }
    Order::Packed.report(probes);
    let then = probes.clock().now();
    for _ in 0..2 {
        Order::Packed.report(probes);
    }
    let (early, late) = ("1 of 5 orders are packed", "3 of 5 orders are packed");
    let live = |at| *scope.picture(View { at, ..View::default() }).unwrap();
    assert!(drawn(live(None)).contains(late));
    assert!(drawn(live(Some(then))).contains(early));
    let (written, _) = scope.conclude().unwrap();
    written.unwrap().unwrap();
    assert!(drawn(replayed(&file, shop::folds(), None)).contains(late));
    assert!(drawn(replayed(&file, shop::folds(), Some(then))).contains(early));
    let unknown = replayed(&file, Scenarios::default(), None);
    assert!(unknown.scenario::<Shop>().is_none() && unknown.header.lost == 0);
    assert!(!drawn(unknown).contains("orders are packed"));
}
