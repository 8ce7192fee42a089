//! An axum server under load: one handler blocks its worker, one computes on it, one behaves. The scope says which.
//!
//! `cargo run --example axum`. With `--mended` what blocks and what computes goes to the blocking pool. With
//! `--serve 127.0.0.1:9000` it goes on until ctrl-c, for `pollscope attach 127.0.0.1:9000` to look at.

use std::{
    error::Error,
    io::{self, Write as _},
    net::{SocketAddr, TcpStream},
    thread,
    time::Duration,
};

use axum::{Router, http::StatusCode, routing::get};
use pollscope::{Scope, job, scope::Listen, task};
use tokio::{net::TcpListener, runtime::Builder, task::spawn_blocking};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<_> = std::env::args().collect();
    let mended = args.iter().any(|arg| arg == "--mended");
    let scope = Scope::new()?;
    if let Some(address) = args.iter().skip_while(|arg| *arg != "--serve").nth(1) {
        let _server = scope.serve(&Listen::at(address.parse()?))?;
        under_load(&scope, mended, usize::MAX)?;
    }
    under_load(&scope, mended, 10)?;
    let findings = scope.findings();
    if findings.is_empty() {
        println!("nothing was found");
    }
    for finding in findings {
        println!("{}", finding.text);
    }
    Ok(())
}

/// The server, and for each path a client that asks so many times, one after the other.
pub(crate) fn under_load(scope: &Scope, mended: bool, times: usize) -> Result<(), Box<dyn Error>> {
    let runtime = scope.runtime(Builder::new_multi_thread().worker_threads(2).enable_all())?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let server = listener.local_addr()?;
    // A handler has its name where it is routed.
    let router = Router::new()
        .route("/report", get(move || task("GET /report", work(mended, "report", report))))
        .route("/totals", get(move || task("GET /totals", work(mended, "totals", totals))))
        .route("/health", get(|| task("GET /health", tokio::time::sleep(Duration::from_millis(20)))));
    runtime.spawn(task("server", axum::serve(listener, router).into_future()));
    let client = |path| thread::spawn(move || (0..times).try_for_each(|_| ask(server, path).map(drop)));
    for client in ["/report", "/totals", "/health"].map(client) {
        client.join().map_err(|_| "a client panicked")??;
    }
    Ok(())
}

/// On a thread of the blocking pool where that is mended; else right here, and that is inside a poll, on a worker.
async fn work(mended: bool, name: &str, run: fn() -> String) -> Result<String, StatusCode> {
    if !mended {
        return Ok(run());
    }
    spawn_blocking(job(name, run)).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// Blocks, as a database's driver does that is not async.
fn report() -> String {
    thread::sleep(Duration::from_millis(80));
    "42 pages".to_owned()
}

/// Computes, and asks for no memory meanwhile: who maps memory may wait for others that do.
fn totals() -> String {
    let total: f64 = (1..4_000_000).map(|order| f64::from(order).ln()).sum();
    format!("{total:.0} in all")
}

fn ask(server: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(server)?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes())?;
    io::read_to_string(stream)
}
