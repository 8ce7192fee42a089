//! The targets in `cargo test`: the seeds, seeds with something changed, and bytes that a seeded generator makes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::*;
use crate::tried::{Area, tried};

/// Inputs of each kind that are tried of a target, besides its seeds as they are.
const MADE: usize = 600;
const CHANGED: usize = 1200;
/// Bytes of an input that is made, at most.
const LONGEST: usize = 600;

/// What breaks readers: numbers at their bounds, what terminals obey, what has no width, what turns round.
const PIECES: [&str; 24] = [
    "\x1b[2J",
    "\x1b]0;x\x07",
    "\u{9b}31m",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
    "\u{301}\u{301}\u{301}",
    "日本語",
    "👩\u{200d}👧",
    "🇩🇪",
    "\u{644}\u{627}",
    "\u{e9}",
    "18446744073709551615",
    "-1",
    "1e999",
    "null",
    "[[",
    "]}",
    "\"",
    "\\u0000",
    "<",
    ">; rel=\"next\"",
    "\n",
    ", ",
];

fn corpus(target: Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join("fuzz/corpus").join(target.name);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

fn made(random: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..random.usize(0..12) {
        match random.u8(0..3) {
            0 => bytes.extend((0..random.usize(0..40)).map(|_| random.u8(..))),
            1 => bytes.extend((0..random.usize(0..20)).flat_map(|_| random.char(..).to_string().into_bytes())),
            _ => bytes.extend(PIECES[random.usize(0..PIECES.len())].bytes().cycle().take(random.usize(0..120))),
        }
    }
    bytes.truncate(LONGEST);
    bytes
}

fn changed(random: &mut fastrand::Rng, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[random.usize(0..seeds.len())].clone();
    for _ in 0..random.usize(1..5) {
        let (a, b) = (random.usize(0..=bytes.len()), random.usize(0..=bytes.len()));
        let (from, to) = (a.min(b), a.max(b));
        match random.u8(0..5) {
            0 if from < bytes.len() => bytes[from] ^= 1 << random.u8(0..8),
            1 => drop(bytes.drain(from..to.min(from + 16))),
            2 => drop(bytes.splice(from..from, PIECES[random.usize(0..PIECES.len())].bytes())),
            3 => bytes.extend_from_within(from..to.min(from + 64)),
            _ => bytes.truncate(to),
        }
    }
    bytes
}

/// Says which bytes it was, where something does not hold.
fn holds(target: Target, bytes: &[u8]) {
    let result = std::panic::catch_unwind(|| (target.holds)(bytes));
    if let Err(panic) = result {
        eprintln!("{}: b\"{}\"", target.name, bytes.escape_ascii());
        std::panic::resume_unwind(panic);
    }
}

fn hold(name: &str) -> usize {
    let target = *TARGETS.iter().find(|target| target.name == name).unwrap();
    let seeds = corpus(target);
    assert!(!seeds.is_empty(), "{name} has no seeds");
    for seed in &seeds {
        holds(target, seed);
    }
    let mut random = fastrand::Rng::with_seed(1);
    (0..MADE).for_each(|_| holds(target, &made(&mut random)));
    (0..CHANGED).for_each(|_| holds(target, &changed(&mut random, &seeds)));
    seeds.len() + MADE + CHANGED
}

#[test]
fn any_bytes_are_read_as_a_recording_within_bounds() {
    let inputs = hold("recording");
    tried(
        Area::Fuzzing,
        "recordings",
        &format!(
            "{inputs} inputs: seeds, changed seeds, made ones; as files, as blocks with a right checksum, as writes"
        ),
        "an error or what is whole, the same from file and pipe; what was written came back equal; it could be shown, \
         reported and exported",
    );
}

#[test]
fn any_link_header_is_followed_within_one_origin() {
    let inputs = hold("link");
    tried(
        Area::Fuzzing,
        "Link headers",
        &format!("{inputs} inputs: seeds, changed seeds, made ones"),
        "what was found stood between brackets, no other server was followed, a right link was found behind junk",
    );
}

#[test]
fn any_body_is_a_page_or_a_plain_reason() {
    let inputs = hold("json");
    tried(
        Area::Fuzzing,
        "JSON pages and error bodies",
        &format!("{inputs} inputs, each as issues, pull requests and an error"),
        "a page no longer than what was sent, or a reason in one plain line",
    );
}

#[test]
fn any_text_is_cleaned_and_keeps_to_its_column() {
    let inputs = hold("text");
    tried(
        Area::Fuzzing,
        "text from outside",
        &format!("{inputs} inputs: controls, overrides, floods of marks, wide and long text"),
        "nothing raw was left, cleaning twice changed nothing, no column was left",
    );
}

#[test]
fn any_keys_leave_a_way_back() {
    let inputs = hold("keys");
    tried(
        Area::Fuzzing,
        "key table",
        &format!("{inputs} inputs: each a row of keys at any place, also typed into the filter's line"),
        "each asked for one thing, esc never ended the program, there was a way back to the dashboard",
    );
}

#[test]
fn any_bytes_from_a_viewer_or_a_program_are_taken_within_bounds() {
    let inputs = hold("attach");
    tried(
        Area::Fuzzing,
        "the socket of a program that serves its trace",
        &format!("{inputs} inputs, each as a viewer's line, as an answer and as the streams of two programs"),
        "nobody looks without the token, which no line repeats; nothing of a stream was lost, no clock went back",
    );
}

#[test]
fn every_target_has_a_file_and_seeds() {
    for target in TARGETS {
        let file = format!("../../fuzz/fuzz_targets/{}.rs", target.name);
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(&file).is_file(), "{file}");
        assert!(corpus(*target).iter().all(|seed| seed.len() < 4096), "{} has large seeds", target.name);
    }
}
