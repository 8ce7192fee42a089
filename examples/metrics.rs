//! A Tokio program with one task that blocks, watched by Prometheus's exporter: what a scrape over loopback gets.
//!
//! `cargo run --example metrics --features metrics`. With an address (`127.0.0.1:9000`) it serves there until ctrl-c.

use std::{
    error::Error,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

use metrics_exporter_prometheus::PrometheusBuilder;
use pollscope::{
    metrics,
    probe::Probes,
    scope::{HISTORY, Scope},
};

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(address) = std::env::args().nth(1) {
        serve(address.parse()?, usize::MAX)?;
    }
    print!("{}", scraped()?);
    Ok(())
}

/// Runs the program a few times over, and scrapes what it has exported.
pub(crate) fn scraped() -> Result<String, Box<dyn Error>> {
    // A free port: the exporter takes an address, and says none.
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    serve(address, 3)?;
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.split_once("\r\n\r\n").map_or(answer.clone(), |(_, body)| body.to_owned()))
}

/// The program, under a scope whose metrics are exported at an address.
fn serve(address: SocketAddr, rounds: usize) -> Result<(), Box<dyn Error>> {
    // Without buckets, the exporter shows quantiles, which cannot be added up over a fleet.
    let buckets = [0.000_01, 0.000_1, 0.001, 0.01, 0.1, 1.0];
    PrometheusBuilder::new().with_http_listener(address).set_buckets(&buckets)?.install()?;
    let scope = Scope::start(HISTORY)?;
    let exporter = metrics::export(&scope, Duration::from_secs(1))?;
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    scope.probes().instrument_tokio(builder.worker_threads(2).enable_all(), 0);
    let runtime = builder.build()?;
    runtime.spawn(scope.probes().pulse(Duration::from_millis(50)));
    for _ in 0..rounds {
        runtime.block_on(runtime.spawn(round(scope.probes().clone())))?;
    }
    // The last export is made when it is dropped.
    drop(exporter);
    Ok(())
}

/// Ten tasks that sleep as a task should, and one that blocks its worker.
async fn round(probes: Probes) {
    let sleeps = |_| tokio::spawn(probes.task("sleeps", tokio::time::sleep(Duration::from_millis(20))));
    let sleepers: Vec<_> = (0..10).map(sleeps).collect();
    let blocks = tokio::spawn(probes.task("blocks", async { std::thread::sleep(Duration::from_millis(150)) }));
    for task in sleepers {
        let _ = task.await;
    }
    let _ = blocks.await;
    tokio::time::sleep(Duration::from_millis(100)).await;
}
