//! Looking at another program: it is frozen, rewound and recorded here, and nothing of it changes.

use std::{fs::File, time::Duration};

use pollscope::scope::{Listen, Scope};
use pollscope_core::trace::recording::Recording;
use pollscope_lab::lab::Lab;
use pollscope_lab::settings::Settings;

use super::{
    pty::start,
    tried::{Area, tried},
};

/// A program that serves its trace: tasks that are polled again and again for as long as the lab is there.
pub(crate) fn program() -> (Scope, Lab, pollscope::scope::Server) {
    let scope = Scope::start(16 << 20).unwrap();
    let server = scope.serve(&Listen::at(":0".parse().unwrap()).named("api")).unwrap();
    let lab = Lab::build(scope.probes(), &Settings { workers: 2, ..Settings::default() }, 1).unwrap();
    for _ in 0..4 {
        lab.bench().spawn("GET /orders", async {
            loop {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        });
    }
    (scope, lab, server)
}

#[test]
fn a_program_is_looked_at_frozen_rewound_and_recorded_from_outside() {
    let (scope, lab, server) = program();
    let file = super::folder("attach").join("api.pollscope");
    let address = server.address().to_string();
    let mut terminal = start(&["attach", &address, "--record", file.to_str().unwrap()]);
    terminal.wait_for("worker 1");
    terminal.wait_for("GET /orders");
    terminal.press("b");
    terminal.wait_for("it cannot be changed from here");
    terminal.press(" ");
    terminal.wait_for("FROZEN");
    terminal.press("[");
    terminal.press("\x1b[D");
    terminal.wait_for(" s behind");
    terminal.press("2");
    terminal.wait_for("timeline");
    terminal.press("\x1b[F");
    terminal.until("now", || !terminal.contents().contains("FROZEN"));
    terminal.press("q");
    assert_eq!(terminal.restored().0.exit_code(), 0);
    // It went on meanwhile, as it was.
    let tasks = scope.summary().unwrap().tasks;
    assert_eq!((tasks.spawned, tasks.completed + tasks.cancelled), (4, 0));
    drop((lab, server));
    let recorded = Recording::new(File::open(&file).unwrap()).unwrap();
    assert!(recorded.head().origin.program == "api" && !recorded.blocks().is_empty());
    let happened =
        "the same keys as for a run of our own; what would change the program is refused; the recording opens";
    tried(Area::Attach, "attach in a terminal: freeze, back, timeline, now, --record", "1 run", happened);
}
