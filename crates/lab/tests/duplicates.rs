//! Precision and recall of the near-duplicates on the embedded data, where duplicates are planted.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use pollscope_lab::{
    github::{
        client::{Client, ClientSettings, EtagCache, parse_api_url},
        embedded::{self, Embedded, EmbeddedSettings},
        types::{Issue, RepoName},
    },
    pipeline::analyse::{InOrder, analyse},
};

/// All issues of a repository, through the client, as the pipeline has them.
fn issues(server: &Embedded, repo: &RepoName) -> Option<Vec<Issue>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let settings = ClientSettings::new(parse_api_url(&server.api_url()).unwrap());
    let client = Client::new(settings, std::sync::Arc::new(EtagCache::default())).unwrap();
    runtime.block_on(async {
        let mut listing = client.issues(repo);
        let mut issues = Vec::new();
        loop {
            match listing.next().await {
                Ok(Some(page)) => issues.extend_from_slice(&page.items),
                Ok(None) => return Some(issues),
                Err(error) if error.issues_disabled() => return None,
                Err(error) => panic!("{repo}: {error}"),
            }
        }
    })
}

#[test]
fn near_duplicates_are_the_planted_ones() {
    for seed in [1, 7] {
        let settings = EmbeddedSettings { seed, latency: std::time::Duration::ZERO, port: 0 };
        let server = Embedded::start(settings).unwrap();
        let (mut planted, mut found) = (BTreeSet::new(), BTreeSet::new());
        for repo in embedded::repositories(seed) {
            let Some(issues) = issues(&server, &repo) else { continue };
            let analysis = analyse(&issues, embedded::reference_date(), &InOrder, &|_| {});
            let name = repo.to_string();
            planted.extend(embedded::planted_duplicates(seed, &repo).into_iter().map(|(a, b)| (name.clone(), a, b)));
            found.extend(analysis.near_duplicates.iter().map(|pair| (name.clone(), pair.a, pair.b)));
        }
        let right = planted.intersection(&found).count() as f64;
        let (precision, recall) = (right / found.len() as f64, right / planted.len() as f64);
        println!("seed {seed}: {} planted, precision {precision:.3}, recall {recall:.3}", planted.len());
        assert!(planted.len() > 50, "{}", planted.len());
        assert!(precision >= 0.95 && recall >= 0.95, "seed {seed}: precision {precision}, recall {recall}");
    }
}
