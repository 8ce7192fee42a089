//! What the texts promise to whoever looks for near-duplicates, by exact comparison: no detector here.

use std::collections::HashSet;

use super::{
    catalogue::{CATALOGUE, Row},
    history::{Entry, Role, history},
    text::text,
    typed::Text,
};

type Shingles = HashSet<u64>;

fn shingles(text: &Text) -> Shingles {
    let all = format!("{}\n{}", text.title, text.body.as_deref().unwrap_or_default()).to_lowercase();
    let words: Vec<&str> = all.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.windows(3).map(|three| super::dice::hash(three.join(" ").as_bytes())).collect()
}

fn jaccard(a: &Shingles, b: &Shingles) -> f64 {
    let shared = a.intersection(b).count();
    shared as f64 / (a.len() + b.len() - shared).max(1) as f64
}

fn entries_of(seed: u64) -> impl Iterator<Item = (u64, &'static Row, Vec<Entry>)> {
    (0..).zip(&CATALOGUE).map(move |(index, row)| (index, row, history(seed, index, row)))
}

#[test]
fn planted_copies_stay_alike_but_not_equal() {
    for seed in [1, 2, 77] {
        for (index, row, entries) in entries_of(seed) {
            for copy in &entries {
                let Role::CopyOf(original) = copy.role else { continue };
                let original = entries.iter().find(|entry| entry.number == original).unwrap();
                assert!(original.number < copy.number && original.role == Role::Original);
                let (a, b) = (text(seed, index, row, original), text(seed, index, row, copy));
                let likeness = jaccard(&shingles(&a), &shingles(&b));
                assert!((0.6..=0.95).contains(&likeness), "{likeness} {a:#?} {b:#?}");
            }
        }
    }
}

#[test]
fn unrelated_issues_share_little() {
    for seed in [1, 5] {
        for (index, row, entries) in entries_of(seed) {
            let issues: Vec<(u64, Text, Shingles)> = entries
                .iter()
                .filter(|entry| !entry.is_pull() && !matches!(entry.role, Role::CopyOf(_)))
                .map(|entry| (entry.number, text(seed, index, row, entry)))
                .map(|(number, text)| (number, text.clone(), shingles(&text)))
                .collect();
            // All pairs of the small repositories, the neighbourhood of each issue in the large ones.
            for (at, (_, text, a)) in issues.iter().enumerate() {
                for (_, other, b) in issues[at + 1..].iter().take(40) {
                    let likeness = jaccard(a, b);
                    assert!(likeness < 0.25, "{likeness} {text:#?} {other:#?}");
                }
            }
        }
    }
}

#[test]
fn sizes_and_oddities_are_as_promised() {
    let texts: Vec<Text> = entries_of(1)
        .flat_map(|(index, row, entries)| entries.into_iter().map(move |entry| text(1, index, row, &entry)))
        .collect();
    let bodies: Vec<&str> = texts.iter().filter_map(|text| text.body.as_deref()).collect();
    let share = |count: usize| count * 1000 / texts.len();
    assert!(bodies.iter().all(|body| (200..=20_500).contains(&body.len())));
    assert!((900..=990).contains(&share(bodies.len())), "bodies");
    assert!(share(bodies.iter().filter(|body| body.len() <= 2_500).count()) > 900, "mostly short");
    assert!(bodies.iter().any(|body| body.len() > 15_000), "a few long ones");
    assert!(share(bodies.iter().filter(|body| body.contains("\r\n")).count()) > 50, "CRLF");
    assert!(share(bodies.iter().filter(|body| !body.is_ascii()).count()) > 40, "Unicode");
    assert!(texts.iter().any(|text| text.title.contains('\u{1b}')), "escape sequences");
    assert!(texts.iter().all(|text| !text.title.contains('\n') && text.title.len() <= 256), "titles are lines");
}

#[test]
fn the_same_seed_gives_the_same_text_and_another_seed_another() {
    let (index, row, entries) = entries_of(1).next().unwrap();
    assert_eq!(text(1, index, row, &entries[0]), text(1, index, row, &entries[0]));
    assert_ne!(text(1, index, row, &entries[0]), text(2, index, row, &entries[0]));
}
