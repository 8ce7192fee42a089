//! The pipeline as it is often written first: two consumer threads, each with a runtime of its own that it blocks on.
//! Against Pollscope's own pipeline, on the same data.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use crossbeam_channel::Receiver;
use tokio::runtime::Builder;

use super::{
    measure::{Crowd, ratio, seconds},
    stage::{Halt, Stage},
};
use crate::{
    github::{
        client::{Client, ClientSettings, EtagCache, Item, Listing, parse_api_url},
        embedded::{self, Embedded, EmbeddedSettings},
        types::RepoName,
    },
    lab::Bench,
    pipeline::{self, Again, Plan},
    settings::Settings,
};

/// How long an answer takes, at least.
const LATENCY: Duration = Duration::from_millis(120);
/// Repositories, and pages of each of their two listings.
const REPOS: usize = 8;
const PAGES: u32 = 2;
/// Threads that consume.
const CONSUMERS: u32 = 2;

// ANCHOR: naive
fn consume(lab: &Bench, repos: &Receiver<RepoName>, client: &Client, asked: &Crowd) -> io::Result<u32> {
    // A runtime on this thread, for one future at a time.
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut pages = 0;
    for repo in repos {
        pages += runtime.block_on(lab.probes.task("repository", async {
            let issues = all_pages(client.issues(&repo), asked).await;
            let pulls = all_pages(client.pulls(&repo), asked).await;
            issues + pulls
        }));
    }
    Ok(pages)
}

async fn all_pages<T: Item + Clone>(mut listing: Listing<T>, asked: &Crowd) -> u32 {
    let mut pages = 0;
    loop {
        let _me = asked.enter();
        match listing.next().await {
            Ok(Some(_)) => pages += 1,
            Ok(None) | Err(_) => return pages,
        }
    }
}
// ANCHOR_END: naive

/// What one way did.
struct Way {
    took: Duration,
    pages: u64,
    /// The most that were on their way at once: requests, or repositories in hand.
    at_once: u32,
}

pub(super) fn naive(stage: &Stage) -> Result<(), Halt> {
    let server = server()?;
    let naive = two_consumers(stage, &server)?;
    let own = own_pipeline(stage, &server)?;
    let most = naive.at_once;
    stage.expect(
        format!("{CONSUMERS} threads that block on one future at a time: never more than {CONSUMERS} requests at once"),
        (1..=CONSUMERS).contains(&most),
        format!("at most {most} requests at once"),
    );
    stage.expect(
        "so the latencies add up",
        naive.took >= LATENCY * (naive.pages as u32 / CONSUMERS),
        format!("{} for {} pages of {} each", seconds(naive.took), naive.pages, seconds(LATENCY)),
    );
    compare(stage, &naive, &own);
    Ok(())
}

pub(super) fn together(stage: &Stage) -> Result<(), Halt> {
    let server = server()?;
    let own = own_pipeline(stage, &server)?;
    let naive = two_consumers(stage, &server)?;
    stage.expect(
        "many repositories are in hand at once, and the task of each awaits both listings",
        own.at_once > CONSUMERS,
        format!("{} in hand at once, of {REPOS}", own.at_once),
    );
    compare(stage, &naive, &own);
    Ok(())
}

fn compare(stage: &Stage, naive: &Way, own: &Way) {
    stage.expect(
        "both read the same pages",
        naive.pages == own.pages && own.pages > 0,
        format!("{} and {} pages", naive.pages, own.pages),
    );
    let ratio = ratio(naive.took, own.took);
    stage.expect(
        "one task for each repository, both listings at once, is faster, though it analyses what it has read too",
        ratio > 1.3,
        format!("{} against {}: {ratio:.1} times", seconds(naive.took), seconds(own.took)),
    );
}

fn server() -> Result<Embedded, Halt> {
    Ok(Embedded::start(EmbeddedSettings { seed: 1, latency: LATENCY, port: 0 })?)
}

fn client(server: &Embedded) -> Result<Client, Halt> {
    let refused = |error: &dyn std::error::Error| Halt::Refused(io::Error::other(error.to_string()));
    let api_url = parse_api_url(&server.api_url()).map_err(|error| refused(&error))?;
    let settings = ClientSettings { max_pages: Some(PAGES), ..ClientSettings::new(api_url) };
    Client::new(settings, Arc::new(EtagCache::new())).map_err(|error| refused(&error))
}

fn repos() -> impl Iterator<Item = RepoName> {
    embedded::repositories(1).into_iter().take(REPOS)
}

fn two_consumers(stage: &Stage, server: &Embedded) -> Result<Way, Halt> {
    stage.part("two threads, each blocks on a runtime of its own");
    let (part, asked) = (stage.workers(1)?, Crowd::default());
    let (queue, orders) = crossbeam_channel::unbounded();
    repos().for_each(|repo| drop(queue.send(repo)));
    drop(queue);
    let start = Instant::now();
    let consumer = |number| -> Result<_, Halt> {
        let (lab, orders, asked) = (part.bench().clone(), orders.clone(), asked.clone());
        let client = client(server)?;
        Ok(part.bench().spawn_lane(&format!("consumer {number}"), move || consume(&lab, &orders, &client, &asked))?)
    };
    let consumers = (1..=CONSUMERS).map(consumer).collect::<Result<Vec<_>, _>>()?;
    let mut pages = 0;
    for consumer in consumers {
        pages += consumer.join().map_err(|_| Halt::Left)??;
    }
    Ok(Way { took: start.elapsed(), pages: pages.into(), at_once: asked.most() })
}

fn own_pipeline(stage: &Stage, server: &Embedded) -> Result<Way, Halt> {
    stage.part("Pollscope's own pipeline");
    let part = stage.lab(&Settings { max_pages: Some(PAGES), ..Settings::default() })?;
    let start = Instant::now();
    let plan = Plan {
        repos: repos().collect(),
        client: client(server)?,
        concurrency: REPOS as u16,
        pause: Duration::ZERO,
        now: embedded::reference_date(),
        again: Again::Once,
        fault: None,
    };
    let running = pipeline::start(part.bench(), plan)?;
    running.rounds().recv().map_err(|_| Halt::NoCollector)?;
    let took = start.elapsed();
    let summary = part.summary()?;
    let pages = running.outcome().pages;
    let in_hand = summary.queues.iter().find(|queue| &*queue.name == "in hand");
    Ok(Way { took, pages, at_once: in_hand.map_or(0, |queue| queue.deepest) })
}
