//! The embedded GitHub: a server on loopback that answers as the real one does, with invented data.
//!
//! It has a thread and a runtime of its own, so that whatever the observed runtime does, the network stays
//! as fast as it was. It knows nothing of who asks: no probe, no scenario.
//!
//! ```text
//! serve ▶ answer ▶ world ▶ compose ▶ text ▶ grammar ▶ assets/embedded/*.txt
//! HTTP    routes   pages   objects     │
//!           │        └▶ history ▶ catalogue
//!           └▶ paging, rate_limit
//! ```

mod answer;
#[cfg(test)]
mod answer_tests;
mod catalogue;
mod compose;
mod dice;
mod grammar;
mod history;
#[cfg(test)]
mod likeness_tests;
mod objects;
mod paging;
mod paraphrase;
mod people;
mod rate_limit;
#[cfg(test)]
mod schema_tests;
mod serve;
mod text;
mod typed;
#[cfg(test)]
mod wire_tests;
mod world;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    rc::Rc,
    sync::mpsc,
    thread::{self, JoinHandle},
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    runtime::{self, Runtime},
    sync::oneshot,
    task::LocalSet,
};

use self::{
    catalogue::CATALOGUE,
    history::{Role, history},
    serve::{Latency, serve},
    world::World,
};
use super::types::RepoName;

/// A running server. It stops when this is dropped, whether or not clients are connected.
#[derive(Debug)]
pub struct Embedded {
    address: SocketAddr,
    os_thread_id: Option<u32>,
    thread: Option<JoinHandle<()>>,
    /// The thread runs until this is used or dropped.
    stop: Option<oneshot::Sender<()>>,
}

/// How an [`Embedded`] is to behave.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedSettings {
    /// What all texts, people and dates are made from. Names and sizes do not depend on it.
    pub seed: u64,
    /// Each answer takes this long, and up to a quarter more.
    pub latency: Duration,
    /// 0 takes a free one.
    pub port: u16,
}

impl Embedded {
    /// Starts to listen on 127.0.0.1. Takes a fraction of a millisecond: data is made when it is asked for.
    ///
    /// # Errors
    ///
    /// Where the port is taken, or the system gives no thread or no runtime.
    pub fn start(settings: EmbeddedSettings) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let (report, started) = mpsc::sync_channel(1);
        let thread = thread::Builder::new()
            .name("embedded-github".to_owned())
            .spawn(move || run(listener, settings, stopped, &report))?;
        let os_thread_id =
            started.recv().map_err(|_| io::Error::other("the embedded server's thread ended at once"))??;
        Ok(Self { address, os_thread_id, thread: Some(thread), stop: Some(stop) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What stands for `https://api.github.com`: `http://127.0.0.1:PORT`.
    pub fn api_url(&self) -> String {
        api_url(self.address)
    }

    /// The operating system's id of the server's thread, to measure it by; only Linux tells.
    pub fn os_thread_id(&self) -> Option<u32> {
        self.os_thread_id
    }

    /// Serves until the thread ends, which it does not by itself: for a process that is only a server.
    pub fn join(mut self) {
        if let Some(thread) = self.thread.take() {
            // Were it to panic, its message is on stderr already.
            let _ = thread.join();
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn api_url(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// The server's thread. Reports its id once it can be reached, or why it never will.
fn run(
    listener: TcpListener,
    settings: EmbeddedSettings,
    stopped: oneshot::Receiver<()>,
    report: &mpsc::SyncSender<io::Result<Option<u32>>>,
) {
    // Whoever started this waits for the report, so that sending cannot fail.
    let (runtime, listener, address) = match prepare(listener) {
        Ok(prepared) => prepared,
        Err(error) => {
            let _ = report.send(Err(error));
            return;
        }
    };
    let _ = report.send(Ok(os_thread_id()));
    let world = Rc::new(World::new(settings.seed, api_url(address)));
    let latency = Latency { seed: settings.seed, least: settings.latency };
    LocalSet::new().block_on(&runtime, async {
        tokio::select! {
            () = serve(listener, world, latency) => {}
            _ = stopped => {}
        }
    });
}

fn prepare(listener: TcpListener) -> io::Result<(Runtime, tokio::net::TcpListener, SocketAddr)> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let address = listener.local_addr()?;
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener)?
    };
    Ok((runtime, listener, address))
}

/// The link `/proc/thread-self` leads to `PID/task/TID` (proc(5)).
fn os_thread_id() -> Option<u32> {
    std::fs::read_link("/proc/thread-self").ok()?.file_name()?.to_str()?.parse().ok()
}

/// What a run without named repositories asks for: 16, always in the same order. The renamed one is here
/// under its old name. They do not depend on the seed, which makes their contents.
pub fn repositories(_seed: u64) -> Vec<RepoName> {
    CATALOGUE.iter().map(|row| RepoName { owner: row.owner.to_owned(), name: row.asked.to_owned() }).collect()
}

/// Whether it is one of them, by its old name or its new one, in any case.
pub fn has(repo: &RepoName) -> bool {
    CATALOGUE.iter().any(|row| row.is_named(&repo.owner, &repo.name))
}

/// The data's today, to which ages count: 2026-01-01 UTC. Nothing in it is younger.
pub fn reference_date() -> Timestamp {
    Timestamp::constant(history::REFERENCE, 0)
}

/// The issues that were planted as near-duplicates, as pairs of numbers, the smaller first. No issue is in
/// two pairs. Their likeness (Jaccard, of runs of three words in title and body) is 0.6 to 0.95; that of any
/// two others is under 0.3. Empty for a repository that is not embedded.
pub fn planted_duplicates(seed: u64, repo: &RepoName) -> Vec<(u64, u64)> {
    let found = (0..).zip(&CATALOGUE).find(|(_, row)| row.is_named(&repo.owner, &repo.name));
    let Some((index, row)) = found else { return Vec::new() };
    let mut pairs: Vec<(u64, u64)> = history(seed, index, row)
        .iter()
        .filter_map(|entry| match entry.role {
            Role::CopyOf(original) => Some((original, entry.number)),
            _ => None,
        })
        .collect();
    pairs.sort_unstable();
    pairs
}
