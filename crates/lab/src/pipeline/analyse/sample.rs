//! Issues for tests: one at a time, or a repository made from a seed.

use crate::github::types::{Issue, Label};

/// An open issue without labels.
pub(super) fn issue(number: u64, title: &str, body: &str) -> Issue {
    Issue {
        number,
        title: title.to_owned(),
        body: Some(body.to_owned()),
        labels: Vec::new(),
        created_at: "2026-01-01T00:00:00Z".to_owned(),
        closed_at: None,
        comments: 0,
        pull_request: false,
    }
}

/// `count` issues of 220 words from a vocabulary of 2,000, numbers from 1. Each tenth repeats the one before
/// it with its first 20 words replaced (a similarity of 0.83); half are closed; two labels.
pub(super) fn repository(count: u64) -> Vec<Issue> {
    let mut random = fastrand::Rng::with_seed(7);
    let mut words = |count: usize| -> Vec<String> { (0..count).map(|_| format!("w{}", random.u32(..2_000))).collect() };
    let mut before = words(220);
    (1..=count)
        .map(|number| {
            let mut text = words(220);
            if number % 10 == 0 {
                text[20..].clone_from_slice(&before[20..]);
            }
            before.clone_from(&text);
            Issue {
                labels: vec![Label(if number % 3 == 0 { "bug" } else { "question" }.to_owned())],
                closed_at: (number % 2 == 0).then(|| format!("2026-02-{:02}T00:00:00Z", number % 28 + 1)),
                ..issue(number, &text[..5].join(" "), &text[5..].join(" "))
            }
        })
        .collect()
}
