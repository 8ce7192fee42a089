//! What the tests have tried, for `docs/reliability.md`: a test that has held says so here, and `.ci/reliability`
//! makes the table of it.

#![allow(dead_code, reason = "no test tries every area")]
#![allow(unreachable_pub, reason = "the library's own tests have it as a module too")]

use std::{env, fs::OpenOptions, io::Write, thread};

/// A part of the table, in its order.
#[derive(Clone, Copy, Debug)]
pub enum Area {
    Network,
    Secrets,
    Text,
    Terminal,
    Load,
    Fuzzing,
    Attach,
}

/// Writes a row into the file that `POLLSCOPE_TRIED` names, if it does: what was tried, how (and how often), and
/// what happened. It is called after the last assertion, from the test's own thread, whose name is the test's.
///
/// # Panics
///
/// If the file cannot be written, or a word would break the table.
pub fn tried(area: Area, what: &str, how: &str, happened: &str) {
    let Some(path) = env::var_os("POLLSCOPE_TRIED") else { return };
    let thread = thread::current();
    let test = thread.name().unwrap_or_default();
    let test = test.rsplit("::").next().unwrap_or_default();
    for word in [what, how, happened] {
        assert!(!word.is_empty() && !word.contains(['|', '\t', '\n']), "a cell of a table: {word:?}");
    }
    let row = format!("{}\t{area:?}\t{what}\t{how}\t{happened}\t{test}\n", area as u8);
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(row.as_bytes())).unwrap();
}
