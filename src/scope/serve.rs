//! The server: lets other programs look at this one's trace, as a recording that goes on.
//!
//! It waits for whoever comes, on threads of its own; whoever looks cannot ask for anything. It does not know what the
//! trace means, nor who looks.

mod listener;
mod live;
mod serve_error;
mod viewer;

use std::{
    collections::BTreeMap,
    io::Write,
    net::Shutdown,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crossbeam_channel::Sender;
pub use pollscope_core::wire::{Address, AddressError, Token, TokenError};
use pollscope_core::{
    trace::recording::Origin,
    wire::{handshake, socket::Connection},
};

pub use self::serve_error::ServeError;
use self::{
    listener::Listener,
    live::{End, Live},
};
use super::{Link, collector::Ask, program_name};
use crate::probe::Probes;

/// Viewers at once.
const VIEWERS: usize = 16;
/// Those that have come and not said yet who they are, or are told why they may not look.
const PENDING: usize = 32;
/// Between two live blocks.
const BLOCK: Duration = Duration::from_millis(100);
/// When the server ends, whoever reads as fast as we write gets the last of it within that time, unless told otherwise.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// Where nobody can be taken, as for want of files, it is tried again after that time.
const FULL: Duration = Duration::from_millis(50);

/// Where a program serves its trace, under which name, and to whom.
///
/// ```
/// use pollscope::scope::Listen;
///
/// # let scope = pollscope::Scope::new()?;
/// let at = Listen::at("127.0.0.1:0".parse()?).named("api").with_token(Some("s3cret".parse()?));
/// let server = scope.serve(&at)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Listen {
    address: Address,
    name: Option<String>,
    token: Option<Token>,
    last_words: Duration,
}

impl Listen {
    /// Serves there, under the name of the program's file: on a Unix socket to this user, on loopback to this machine.
    /// Where others could come it is refused without a token.
    ///
    /// ```
    /// use pollscope::scope::Listen;
    ///
    /// # let scope = pollscope::Scope::new()?;
    /// let server = scope.serve(&Listen::at("127.0.0.1:0".parse()?))?;
    /// assert!(scope.serve(&Listen::at("0.0.0.0:0".parse()?)).is_err(), "others could come");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn at(address: Address) -> Self {
        Self { address, name: None, token: None, last_words: LAST_WORDS }
    }

    /// Under this name instead.
    ///
    /// ```
    /// use pollscope::scope::Listen;
    ///
    /// # let scope = pollscope::Scope::new()?;
    /// let server = scope.serve(&Listen::at("127.0.0.1:0".parse()?).named("api, second of three"))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self }
    }

    /// Only to those who know this token. It goes over the network as it is: use a tunnel where that is not trusted.
    ///
    /// ```
    /// use pollscope::scope::Listen;
    ///
    /// let at = Listen::at("127.0.0.1:0".parse()?).with_token(Some("s3cret".parse()?));
    /// assert!(!format!("{at:?}").contains("s3cret"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_token(self, token: Option<Token>) -> Self {
        Self { token, ..self }
    }

    /// When the server ends, viewers have so long to read what they have not read yet; 200 ms unless told otherwise. A
    /// viewer that needs longer is told that the end is missing.
    ///
    /// ```
    /// use std::time::Duration;
    /// use pollscope::scope::Listen;
    ///
    /// # let scope = pollscope::Scope::new()?;
    /// let at = Listen::at("127.0.0.1:0".parse()?).with_last_words(Duration::from_secs(5));
    /// drop(scope.serve(&at)?); // at once: nobody looks
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_last_words(self, last_words: Duration) -> Self {
        Self { last_words, ..self }
    }
}

/// One of those that have come and are no viewers yet.
#[derive(Debug)]
struct Pending(Arc<AtomicUsize>);

impl Pending {
    /// One more, if there may be one.
    fn begin(pending: &Arc<AtomicUsize>) -> Option<Self> {
        let one_more = |pending: usize| (pending < PENDING).then_some(pending + 1);
        pending.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok()?;
        Some(Self(Arc::clone(pending)))
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What all threads of a server share.
#[derive(Debug)]
struct Inside {
    asks: Sender<Ask>,
    probes: Probes,
    origin: Origin,
    token: Option<Token>,
    live: Live,
    pending: Arc<AtomicUsize>,
    /// Held by who packs blocks.
    packing: Mutex<()>,
    /// Another handle of each connection, to end it with.
    connections: Mutex<BTreeMap<u64, Connection>>,
    over: AtomicBool,
}

impl Inside {
    fn connections(&self) -> MutexGuard<'_, BTreeMap<u64, Connection>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }
}

/// A program's trace, open to be looked at. It ends when this is dropped, which takes less than half a second (unless
/// [`Listen::with_last_words`] allows more): viewers that keep up get all that there was.
///
/// ```
/// use pollscope::scope::Listen;
///
/// # let scope = pollscope::Scope::new()?;
/// let server = scope.serve(&Listen::at("127.0.0.1:0".parse()?))?;
/// // … the program; meanwhile: pollscope attach …
/// drop(server);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Server {
    address: Address,
    inside: Arc<Inside>,
    threads: Vec<JoinHandle<()>>,
    last_words: Duration,
}

impl Server {
    pub(super) fn start(link: &Link, at: &Listen) -> Result<Self, ServeError> {
        let listener = Listener::at(&at.address, at.token.is_some())?;
        let address = listener.address().map_err(|why| ServeError::Listen { address: at.address.clone(), why })?;
        let name = at.name.clone().unwrap_or_else(program_name);
        let inside = Arc::new(Inside {
            asks: link.asks.clone(),
            probes: link.probes.clone(),
            origin: Origin::of_this_process(name, link.probes.clock()),
            token: at.token.clone(),
            live: Live::default(),
            pending: Arc::default(),
            packing: Mutex::default(),
            connections: Mutex::default(),
            over: AtomicBool::new(false),
        });
        let mut server = Self { address, inside, threads: Vec::new(), last_words: at.last_words };
        server.spawn("scope-serve", pack)?;
        server.spawn("scope-accept", move |inside| accept(&listener, inside))?;
        Ok(server)
    }

    fn spawn(&mut self, name: &str, run: impl FnOnce(&Arc<Inside>) + Send + 'static) -> Result<(), ServeError> {
        let inside = Arc::clone(&self.inside);
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || run(&inside));
        self.threads.push(thread.map_err(ServeError::Threads)?);
        Ok(())
    }

    /// Where it is: with the real port where 0 was asked for.
    ///
    /// ```
    /// use pollscope::scope::Listen;
    ///
    /// # let scope = pollscope::Scope::new()?;
    /// let server = scope.serve(&Listen::at("127.0.0.1:0".parse()?))?;
    /// assert_ne!(server.address().to_string(), "127.0.0.1:0");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// How many look now.
    ///
    /// ```
    /// use pollscope::scope::Listen;
    ///
    /// # let scope = pollscope::Scope::new()?;
    /// let server = scope.serve(&Listen::at("127.0.0.1:0".parse()?))?;
    /// assert_eq!(server.viewers(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn viewers(&self) -> usize {
        self.inside.live.viewers()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.inside.over.store(true, Ordering::Release);
        // Whoever waits for the next who comes hears of it so. Where that fails, nobody can come any more either.
        let _ = Connection::to(&self.reachable());
        self.threads.iter().for_each(|thread| thread.thread().unpark());
        self.inside.live.wait_for_nobody(self.last_words);
        self.inside.live.end(End::CutOff);
        for connection in self.inside.connections().values() {
            connection.shut(Shutdown::Both);
        }
        self.join();
    }
}

impl Server {
    /// Waits for its threads, but not for one that cannot be woken: where another program has taken the socket's name.
    fn join(&mut self) {
        let deadline = Instant::now() + LAST_WORDS;
        for thread in self.threads.drain(..) {
            while !thread.is_finished() && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(1));
            }
            if thread.is_finished() {
                let _ = thread.join();
            }
        }
    }

    /// Its address from inside: any interface's can be reached by loopback.
    fn reachable(&self) -> Address {
        match &self.address {
            Address::Tcp(host, port) if host == "0.0.0.0" => Address::Tcp("127.0.0.1".to_owned(), *port),
            Address::Tcp(host, port) if host == "::" => Address::Tcp("::1".to_owned(), *port),
            address => address.clone(),
        }
    }
}

/// Takes whoever comes, until the server ends.
fn accept(listener: &Listener, inside: &Arc<Inside>) {
    for number in 0.. {
        let connection = listener.accept();
        if inside.is_over() {
            return;
        }
        match connection {
            Ok(connection) => take(connection, number, inside),
            Err(_) => thread::sleep(FULL),
        }
    }
}

/// Hands a connection to a thread of its own, if there may be one more.
fn take(mut connection: Connection, number: u64, inside: &Arc<Inside>) {
    let Some(pending) = Pending::begin(&inside.pending) else {
        // It is a short line: it fits into what the system keeps, or there is nobody to read it.
        let _ = connection.write_within(Some(Duration::from_millis(1)));
        let _ = connection.write_all(&handshake::refusal("too many come at once: try again in a second"));
        return;
    };
    let Ok(again) = connection.again() else { return };
    inside.connections().insert(number, again);
    let known = Arc::clone(inside);
    let serve = move || {
        viewer::serve(connection, pending, &known);
        known.connections().remove(&number);
    };
    if thread::Builder::new().name("scope-viewer".into()).spawn(serve).is_err() {
        inside.connections().remove(&number);
    }
}

/// Packs what is new while somebody looks, also where nothing is: so a viewer's clock goes on.
fn pack(inside: &Arc<Inside>) {
    let mut lane = None;
    while let Some(end) = inside.live.wanted() {
        lane.get_or_insert_with(|| inside.probes.register_observer("scope-serve"));
        let is_over = inside.is_over();
        let Some((bytes, to, is_all)) = inside.pack(end, None) else { break };
        inside.live.add(end, to, bytes.into());
        match (is_all, is_over) {
            (false, _) => {}
            (true, false) => thread::park_timeout(BLOCK),
            (true, true) => inside.live.end(End::Whole),
        }
    }
    // Without this thread there is nothing more.
    inside.live.end(End::CutOff);
}
