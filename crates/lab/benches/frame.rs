//! A frame at 200×60 of 1,000 tasks and 64 threads: what the screen's thread does for each picture, with
//! the terminal's bytes going nowhere. `cargo bench --bench frame`. Aim: 1 ms at the median, 2 ms at the
//! 99th percentile.

#![expect(clippy::expect_used, reason = "a bench may panic")]

use std::{io, sync::Arc, time::Instant};

use pollscope_core::{
    model::{Model, picture::View},
    trace::{
        clock::MILLI,
        event::{Event, Stamped, TaskBegan, TaskKind, ThreadBegan, ThreadKind},
        log::Batch,
        record::{Fact, Outcome, Record},
    },
};
use pollscope_lab::{
    panels::{self, Cards},
    pipeline::{PipelineEvent, Round, RowChange, RowEvent},
    settings::Settings,
};
use pollscope_tui::{Depth, Options, Screen, ThemeName};
use ratatui::{Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect};

const FRAMES: usize = 400;

/// 64 workers, of which each polls for a while, blocked or not, and 1,000 tasks with rows.
fn beginning() -> Batch {
    let mut batch = Batch::default();
    let setup = Settings { workers: 64, ..Settings::default() }.setup();
    batch.push(Stamped { at: 1, event: Event::LabBuilt { generation: 1, setup } });
    batch.push(Stamped { at: 1, event: PipelineEvent::Round(Round { number: 1 }).into() });
    for thread in 1..=64 {
        let began = ThreadBegan {
            thread,
            name: Arc::from("t"),
            kind: ThreadKind::Worker,
            os_id: None,
            generation: 1,
            parks: true,
            own: false,
        };
        batch.push(Stamped { at: 1, event: Event::Thread(began) });
        batch.extend(thread, &[Record::new(2, Fact::Worker { index: Some(thread - 1) })]);
    }
    for task in 1..=1000 {
        let name: Arc<str> = format!("owner/repository-{task}").into();
        let began = TaskBegan { task, name: Arc::clone(&name), kind: TaskKind::Task, parent: None };
        batch.push(Stamped { at: 1, event: Event::Task(began) });
        for change in [RowChange::Queued { name }, RowChange::Started { task }] {
            batch.push(Stamped { at: 1, event: PipelineEvent::Row(RowEvent { row: task, change }).into() });
        }
    }
    batch.close(10);
    batch
}

/// 100 ms in which every worker polls something.
fn tenth(step: u64) -> Batch {
    let mut batch = Batch::default();
    let start = step * 100 * MILLI;
    for thread in 1..=64 {
        let task = thread * 15 - (step % 15) as u32;
        let took = (u64::from(thread) * 7 + step * 13) % 90 * MILLI + MILLI / 2;
        let spent = Fact::Spent { cpu_us: if thread % 3 == 0 { 100_000 } else { 10 }, waited_us: Some(0) };
        let poll = Fact::Poll { task, took, outcome: Outcome::Pending, nested: false };
        batch.extend(thread, &[Record::new(start + took + 1, spent), Record::new(start + took + 1, poll)]);
    }
    batch.close(start + 100 * MILLI);
    batch
}

fn main() {
    let mut model = Model::default().with_scenarios(pollscope_lab::scenarios());
    model.apply(&beginning());
    let view = View { lane_cells: 130, pulse_cells: 100, ..View::default() };
    let options = Options {
        keys: None,
        theme: ThemeName::Dark,
        depth: Depth::True,
        ascii: false,
        program: None,
        mouse: false,
        fails: None,
        start: pollscope_tui::Start::Dashboard,
    };
    let mut screen = Screen::new(&options, panels::scenario(Cards::default()));
    let area = Rect::new(0, 0, 200, 60);
    let fixed = TerminalOptions { viewport: Viewport::Fixed(area) };
    let mut terminal = Terminal::with_options(CrosstermBackend::new(io::sink()), fixed).expect("a sink is writable");
    let mut times = Vec::with_capacity(FRAMES);
    for step in 1..=FRAMES as u64 {
        model.apply(&tenth(step));
        let picture = Box::new(model.picture(&view));
        let start = Instant::now();
        screen.see(picture);
        terminal.draw(|frame| screen.draw(frame.buffer_mut())).expect("a sink is writable");
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!(
        "frame at 200×60, 64 threads, 1,000 tasks: median {:.2} ms, 99% {:.2} ms",
        times[FRAMES / 2],
        times[FRAMES * 99 / 100]
    );
}
