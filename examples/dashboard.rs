//! A program with the dashboard on its own terminal: until somebody presses q.
//!
//! `cargo run --example dashboard`. Every few seconds one request blocks its worker.

use std::{error::Error, thread, time::Duration};

use pollscope::{Scope, job, mpsc, task};
use rayon::ThreadPoolBuilder;
use tokio::runtime::Builder;

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let scope = Scope::new()?;
    let runtime = scope.runtime(Builder::new_multi_thread().worker_threads(2).enable_all())?;
    let pool = scope.pool(ThreadPoolBuilder::new().num_threads(2))?;
    let (requests, arriving) = mpsc::channel("requests", 16);
    let clients = runtime.spawn(task("clients", clients(requests)));
    let server = runtime.spawn(task("server", serve(arriving, pool)));
    pollscope_tui::open(&scope)?.wait()?;
    clients.abort();
    server.abort();
    Ok(())
}

/// Asks for something every few milliseconds.
async fn clients(requests: mpsc::Sender<u32>) {
    for number in 0.. {
        if requests.send(number).await.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Answers each request on a task of its own.
async fn serve(mut requests: mpsc::Receiver<u32>, pool: rayon::ThreadPool) {
    while let Some(number) = requests.recv().await {
        match number % 150 {
            0 => drop(tokio::spawn(task("GET /report", async { thread::sleep(Duration::from_millis(1500)) }))),
            part if part % 10 == 1 => pool.spawn(job("thumbnail", || compute(Duration::from_millis(60)))),
            _ => drop(tokio::spawn(task("GET /page", tokio::time::sleep(Duration::from_millis(150))))),
        }
    }
}

/// Keeps a thread on the CPU.
fn compute(time: Duration) {
    let begun = std::time::Instant::now();
    while begun.elapsed() < time {
        std::hint::spin_loop();
    }
}
