//! A server under load, alone and with five viewers in processes of their own, one of them stopped with SIGSTOP.
//!
//! `cargo bench --bench viewers`. Rounds take turns; the ratio of their medians is told, and beside it that of the rounds
//! without viewers among themselves, which is the noise. Whoever comes is told the whole history first: there are rounds in
//! which they come, and rounds in which they have it and watch.

use std::{
    env,
    error::Error,
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use axum::{Router, routing::get};
use pollscope::{
    Scope,
    scope::{Listen, Server},
    task,
};
use tokio::{net::TcpListener, runtime::Builder};

/// Rounds of each kind.
const ROUNDS: usize = 11;
const ROUND: Duration = Duration::from_secs(2);
const VIEWERS: usize = 5;
/// Until viewers have the history.
const SETTLES: Duration = Duration::from_secs(4);
const CLIENTS: usize = 16;
/// What a request waits for, as for a database.
const WAITS: Duration = Duration::from_millis(2);

fn main() -> Result<(), Box<dyn Error>> {
    let scope = Scope::new()?;
    let server = scope.serve(&Listen::at("127.0.0.1:0".parse()?))?;
    let load = Load::start(&scope)?;
    load.round(); // The first is not like the others.
    let (mut alone, mut coming, mut watching) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for (rates, settles) in [(&mut coming, Duration::ZERO), (&mut watching, SETTLES)] {
            alone.push(load.round());
            let viewers = Viewers::start(&server)?;
            thread::sleep(settles);
            rates.push(load.round());
            drop(viewers);
            while server.viewers() > 0 {
                thread::sleep(Duration::from_millis(10));
            }
        }
    }
    let lost = scope.summary().map_or(0, |summary| summary.events.lost);
    let halves = [0, 1].map(|half| median(alone.iter().copied().skip(half).step_by(2)));
    let usual = median(alone.iter().copied());
    println!("requests a second: {usual:.0} alone; noise {:.3}; {lost} events lost", halves[1] / halves[0]);
    for (rates, how) in [(coming, "come"), (watching, "watch")] {
        let rate = median(rates.into_iter());
        println!("  {rate:.0} while {VIEWERS} viewers {how}: ratio {:.3}", rate / usual);
    }
    Ok(())
}

fn median(rates: impl Iterator<Item = f64>) -> f64 {
    let mut rates: Vec<_> = rates.collect();
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// A server, and clients that ask for as long as this is there.
struct Load {
    answered: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    clients: Vec<thread::JoinHandle<io::Result<()>>>,
    _runtime: tokio::runtime::Runtime,
}

impl Load {
    fn start(scope: &Scope) -> Result<Self, Box<dyn Error>> {
        let runtime = scope.runtime(Builder::new_multi_thread().worker_threads(2).enable_all())?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let at = listener.local_addr()?;
        let handler = || {
            task("GET /orders", async {
                tokio::time::sleep(WAITS).await;
                "42 orders"
            })
        };
        runtime.spawn(task("server", axum::serve(listener, Router::new().route("/", get(handler))).into_future()));
        let (answered, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let client = |_| {
            let (answered, over) = (Arc::clone(&answered), Arc::clone(&over));
            thread::spawn(move || ask(at, &answered, &over))
        };
        let clients = (0..CLIENTS).map(client).collect();
        Ok(Self { answered, over, clients, _runtime: runtime })
    }

    /// Requests a second.
    fn round(&self) -> f64 {
        let (begun, before) = (Instant::now(), self.answered.load(Ordering::Relaxed));
        thread::sleep(ROUND);
        (self.answered.load(Ordering::Relaxed) - before) as f64 / begun.elapsed().as_secs_f64()
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        for client in self.clients.drain(..) {
            if !matches!(client.join(), Ok(Ok(()))) {
                eprintln!("a client failed: the figures are of fewer");
            }
        }
    }
}

/// Asks over one connection, again and again.
fn ask(server: SocketAddr, answered: &AtomicU64, over: &AtomicBool) -> io::Result<()> {
    let mut stream = TcpStream::connect(server)?;
    let mut answer = [0; 1024];
    while !over.load(Ordering::Relaxed) {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        let mut read = 0;
        while !answer[..read].ends_with(b"42 orders") {
            match stream.read(&mut answer[read..])? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                more => read += more,
            }
        }
        answered.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// Those that look; they are gone when this is.
struct Viewers(Vec<Child>);

impl Viewers {
    fn start(server: &Server) -> io::Result<Self> {
        let viewer = |_| {
            Command::new(env!("CARGO_BIN_EXE_pollscope"))
                .args(["report", "--for", "1h", "--attach", &server.address().to_string()])
                .env_remove("POLLSCOPE_TOKEN")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
        };
        let viewers = Self((0..VIEWERS).map(viewer).collect::<io::Result<_>>()?);
        while server.viewers() < VIEWERS {
            thread::sleep(Duration::from_millis(10));
        }
        stop(&viewers.0[0]);
        Ok(viewers)
    }
}

impl Drop for Viewers {
    fn drop(&mut self) {
        for viewer in &mut self.0 {
            let _ = viewer.kill();
            let _ = viewer.wait();
        }
    }
}

#[cfg(unix)]
fn stop(viewer: &Child) {
    use nix::{
        sys::signal::{Signal, kill},
        unistd::Pid,
    };
    if let Err(why) = kill(Pid::from_raw(viewer.id().cast_signed()), Signal::SIGSTOP) {
        eprintln!("no viewer is stopped: {why}");
    }
}

#[cfg(not(unix))]
fn stop(_: &Child) {
    eprintln!("no viewer is stopped: there are no signals here");
}
