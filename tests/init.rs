//! One line in a program that has spans already: the example does what it says. A process of its own, since the line is for
//! the whole process.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/tracing.rs"]
#[expect(dead_code, reason = "a test calls what its main does")]
mod program;
mod spanned;

use std::sync::LazyLock;

use pollscope::Scope;
use pollscope_core::{
    model::picture::{Rule, View},
    trace::event::TaskKind,
};

static SCOPE: LazyLock<&Scope> = LazyLock::new(|| pollscope::tracing::try_init().unwrap());

fn subscribe() {
    LazyLock::force(&SCOPE);
}

#[test]
fn an_instrumented_program_is_seen_with_one_line() {
    let _installed = spanned::installed();
    let scope = *SCOPE;
    // The last one that was installed counts.
    scope.install();
    program::program().unwrap();
    let picture = scope.picture(View { tasks: (0, 200), ..View::default() }).unwrap();
    let count = |name: &str, kind| picture.tasks.iter().filter(|it| &*it.name == name && it.kind == kind).count();
    assert_eq!((count("order", TaskKind::Task), count("cleaning", TaskKind::Task)), (20, 1));
    assert_eq!((count("stock", TaskKind::Sub), count("invoice", TaskKind::Sub)), (20, 20));
    // What a second subscriber would be is said.
    let error = pollscope::tracing::try_init().unwrap_err().to_string();
    assert!(error.contains("SpanLayer"), "{error}");
    // And it does not take the place of the first.
    assert!(std::thread::spawn(|| pollscope::probes().is_some()).join().unwrap());
    if cfg!(target_os = "linux") {
        let findings = scope.findings();
        assert!(
            findings.iter().any(|it| it.rule == Rule::BlockedWorker
                && (it.part.as_deref(), it.task.as_deref()) == (Some("invoice"), Some("order"))),
            "{findings:?}"
        );
        // As the README shows it, but for the figures and which worker it was.
        let readme = include_str!("../README.md");
        assert!(readme.contains("invoice slept inside a poll of order on worker "), "the README shows another finding");
    }
}
