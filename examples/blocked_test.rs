//! A test that fails because something blocked, and says what.
//!
//! `cargo run --example blocked_test` runs it as `cargo test` would: with a panic, and its message.

use std::{error::Error, panic, thread, time::Duration};

use pollscope::{Scope, task};
use tokio::runtime::Builder;

fn main() {
    let passed = matches!(panic::catch_unwind(orders_block_no_worker), Ok(Ok(())));
    println!("test orders_block_no_worker ... {}", if passed { "ok" } else { "FAILED" });
}

/// In a program's own tests this has `#[test]` above it.
pub(crate) fn orders_block_no_worker() -> Result<(), Box<dyn Error>> {
    let scope = Scope::new()?;
    let runtime = scope.runtime(Builder::new_multi_thread().worker_threads(1).enable_all())?;
    let watch = scope.watch();
    runtime.block_on(async { tokio::spawn(task("POST /orders", order(7))).await })?;
    watch.assert_no_worker_blocked(Duration::from_millis(10));
    Ok(())
}

/// What is tested. That it blocks can be seen neither here nor in what it gives.
async fn order(number: u32) -> u32 {
    tokio::time::sleep(Duration::from_millis(5)).await;
    store(number)
}

/// Three calls further down, in a crate of somebody else: a file that is locked, a query that is not async.
fn store(number: u32) -> u32 {
    thread::sleep(Duration::from_millis(50));
    number
}
