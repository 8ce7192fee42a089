//! A Rayon batch, cut unevenly and then evenly: how busy each thread was.
//!
//! `cargo run --example batch`.

use std::{error::Error, ops::Range};

use pollscope::{Scope, job, queue};
use pollscope_core::{model::summary::Summary, trace::event::ThreadKind};
use rayon::ThreadPoolBuilder;

/// Primes are counted up to here.
const UPTO: u32 = 400_000;

fn main() -> Result<(), Box<dyn Error>> {
    for (how, ranges) in [("one long job and nine short ones", uneven()), ("the same in 80 jobs", even())] {
        let (primes, summary) = batch(ranges)?;
        println!("{how}: {primes} primes in {:.0} ms", summary.elapsed_ms);
        for thread in summary.threads.iter().filter(|thread| thread.kind == ThreadKind::Rayon) {
            let share = |part: f64| part / summary.elapsed_ms * 100.0;
            let bar = "█".repeat((share(thread.job_ms) / 5.0) as usize);
            print!("  {} {bar:20} {:3.0}% in jobs", thread.name, share(thread.job_ms));
            // Only where the system tells. It is a part of the time in jobs, and of the time around them.
            let waited = thread.waiting_for_core_ms.map(|waited| format!(", {:.0}% without a core", share(waited)));
            println!("{}", waited.unwrap_or_default());
        }
        for queue in summary.queues {
            println!("  {} {} went through the queue, at most {} at once", queue.sent, queue.name, queue.deepest);
        }
    }
    Ok(())
}

/// Nine tenths of the numbers are in one range, and it comes last: whoever gets it ends last.
pub(crate) fn uneven() -> Vec<Range<u32>> {
    let tenth = UPTO / 10;
    let short = (0..9).map(|number| number * (tenth / 9)..(number + 1) * (tenth / 9));
    short.chain(std::iter::once(tenth / 9 * 9..UPTO)).collect()
}

pub(crate) fn even() -> Vec<Range<u32>> {
    let step = UPTO / 80;
    (0..80).map(|number| number * step..(number + 1) * step).collect()
}

/// Counts the primes of all ranges, each range a job of the pool.
pub(crate) fn batch(ranges: Vec<Range<u32>>) -> Result<(usize, Summary), Box<dyn Error>> {
    let scope = Scope::new()?;
    let pool = scope.pool(ThreadPoolBuilder::new().num_threads(4))?;
    let (counts, counted) = queue("counts", 8);
    for range in ranges {
        let counts = counts.clone();
        // A job has its name before it runs: how long it waits for a thread is measured too.
        pool.spawn(job(&format!("{range:?}"), move || {
            let count = range.filter(is_prime).count();
            counts.send(count).unwrap_or_else(|_| unreachable!("who counts them waits for all"));
        }));
    }
    // With the last job the last sender goes, and there is nothing more to receive.
    drop(counts);
    let primes = std::iter::from_fn(|| counted.recv().ok()).sum();
    Ok((primes, scope.summary().ok_or("the scope has ended")?))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "a filter gives a reference")]
fn is_prime(number: &u32) -> bool {
    *number > 1 && (2..*number).take_while(|it| it * it <= *number).all(|it| !number.is_multiple_of(it))
}
