//! A program that has spans already, and knows nothing of Pollscope but one line.
//!
//! `cargo run --example tracing --features tracing`; meanwhile `pollscope attach 127.0.0.1:6770` looks at it.

use std::{error::Error, thread, time::Duration};

use tokio::runtime::Builder;
use tracing::{Instrument, info_span, instrument};

fn main() -> Result<(), Box<dyn Error>> {
    // Where `console_subscriber::init()` would be. A program that asks nothing of its scope calls `pollscope::init()`.
    let scope = pollscope::tracing::try_init()?;
    program()?;
    for finding in scope.findings() {
        println!("{}", finding.text);
    }
    Ok(())
}

/// The program as it was before.
pub(crate) fn program() -> Result<(), Box<dyn Error>> {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let orders: Vec<_> = (0..20).map(|number| tokio::spawn(order(number))).collect();
        // A span where the future is spawned does as well.
        let cleaning = async { tokio::time::sleep(Duration::from_millis(50)).await };
        tokio::spawn(cleaning.instrument(info_span!("cleaning"))).await?;
        for order in orders {
            order.await?;
        }
        Ok(())
    })
}

#[instrument]
async fn order(number: u32) {
    stock(number).await;
    invoice(number).await;
}

#[instrument]
async fn stock(number: u32) {
    tokio::time::sleep(Duration::from_millis(5 + u64::from(number))).await;
}

/// Writes to a printer that is not async.
#[instrument]
async fn invoice(number: u32) {
    if number.is_multiple_of(5) {
        thread::sleep(Duration::from_millis(60));
    }
}
