//! Borrowed data across threads: scoped threads and Rayon can, a task cannot.

use std::thread;

use super::stage::{Halt, Stage};
use crate::{lab::Bench, settings::Settings};

/// What is borrowed.
const WORDS: [&str; 6] = ["what", "is", "borrowed", "must", "outlive", "threads"];
/// What rustc 1.95 says to the same with a task; `tests/borrowing.rs` has the compiler refuse it.
const REFUSAL: &str = include_str!("../../assets/lessons/scoped-borrowing.stderr");

// ANCHOR: code
fn by_std(words: &[String]) -> Vec<Seen<'_>> {
    let (left, right) = words.split_at(words.len() / 2);
    thread::scope(|scope| {
        let halves = [left, right].map(|half| scope.spawn(move || look(half)));
        halves.into_iter().filter_map(|half| half.join().ok()).collect()
    })
}

fn by_crossbeam(words: &[String]) -> Vec<Seen<'_>> {
    let (left, right) = words.split_at(words.len() / 2);
    let seen = crossbeam_utils::thread::scope(|scope| {
        let halves = [left, right].map(|half| scope.spawn(move |_| look(half)));
        halves.into_iter().filter_map(|half| half.join().ok()).collect()
    });
    seen.unwrap_or_default()
}

fn by_rayon<'w>(lab: &Bench, words: &'w [String]) -> Vec<Seen<'w>> {
    let (left, right) = words.split_at(words.len() / 2);
    let (mut first, mut second) = (None, None);
    lab.rayon.scope(|scope| {
        scope.spawn(|_| first = Some(look(left)));
        scope.spawn(|_| second = Some(look(right)));
    });
    [first, second].into_iter().flatten().collect()
}
// ANCHOR_END: code

/// What a thread saw: the words themselves, not a copy.
type Seen<'w> = (&'w [String], thread::ThreadId);

fn look(words: &[String]) -> Seen<'_> {
    (words, thread::current().id())
}

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    let words = WORDS.map(str::to_owned);
    let part = stage.lab(&Settings { workers: 1, rayon_threads: 2, ..Settings::default() })?;
    stage.part("std::thread::scope");
    let seen = by_std(&words);
    expect(stage, "std::thread::scope", &words, &seen);
    stage.part("crossbeam::scope");
    let seen = by_crossbeam(&words);
    expect(stage, "crossbeam::scope", &words, &seen);
    stage.part("rayon::scope");
    let seen = by_rayon(part.bench(), &words);
    expect(stage, "rayon::scope", &words, &seen);
    stage.part("tokio::spawn does not compile");
    let paper = stage.paper();
    REFUSAL.lines().for_each(|line| paper.print(line));
    Ok(())
}

/// The threads saw the very words, and none of them is this one.
fn expect(stage: &Stage, name: &str, words: &[String], seen: &[Seen<'_>]) {
    let addresses = words.as_ptr_range();
    let borrowed = |half: &[String]| half.iter().all(|word| addresses.contains(&std::ptr::from_ref(word)));
    let elsewhere = seen.iter().filter(|(_, thread)| *thread != thread::current().id()).count();
    let count: usize = seen.iter().map(|(half, _)| half.len()).sum();
    let copied = seen.iter().filter(|(half, _)| !borrowed(half)).count();
    stage.expect(
        format!("{name} can: other threads read the words where they are"),
        count == words.len() && elsewhere == 2 && copied == 0,
        format!("{count} words, {elsewhere} of {} halves on another thread, {copied} copied", seen.len()),
    );
}
