//! A program that is instrumented with `tracing` already, under the scope with one line.
//!
//! ```no_run
//! #[tokio::main]
//! async fn main() {
//!     pollscope::init();      // and `pollscope attach` looks at it
//!     // …
//! }
//! # fn init() {}
//! ```
//!
//! Spans on futures (`#[tracing::instrument]`, `future.instrument(span)`) are the tasks and their parts. With Tokio's own
//! feature `tracing` under `--cfg tokio_unstable` every spawned task is one, with its wakes, whether it has a span of the
//! program's or not. It is a subscriber of its own, [`SpanSubscriber`], which prints nothing: where the program has one, such as
//! one that writes its log, [`SpanLayer`] goes beside it:
//!
//! ```
//! use tracing_subscriber::prelude::*;
//!
//! let scope = pollscope::Scope::new()?;
//! scope.install();
//! let subscriber = tracing_subscriber::registry().with(pollscope::tracing::SpanLayer::new());
//! # drop(subscriber);
//! # Ok::<(), std::io::Error>(())
//! ```

use std::{env, io, sync::OnceLock};

use pollscope_core::wire::{Address, Token};
use tracing_core::{Dispatch, dispatcher};

pub use crate::probe::{SpanLayer, SpanSubscriber};
use crate::scope::{Listen, Scope, Server};

/// Where the program can be looked at, unless `POLLSCOPE_SERVE` says where.
///
/// ```
/// use pollscope::{scope::Address, tracing::ADDRESS};
///
/// let address: Address = ADDRESS.parse()?;
/// assert_eq!(address.to_string(), ADDRESS);
/// # Ok::<(), pollscope::scope::AddressError>(())
/// ```
pub const ADDRESS: &str = "127.0.0.1:6770";

/// What lasts as long as the process.
#[derive(Debug)]
struct Watched {
    scope: Scope,
    _server: Server,
}

static WATCHED: OnceLock<Watched> = OnceLock::new();

/// Has the whole process measured from now on, by the spans that it has, and lets `pollscope attach` look: at
/// `POLLSCOPE_SERVE` (to those who know `POLLSCOPE_TOKEN`, where that is set), else at [`ADDRESS`] or, where that is taken,
/// at another port of loopback, which is printed. For the beginning of `main`, in the place of `console_subscriber::init()`.
///
/// ```
/// pollscope::init();
/// let answer = tracing::info_span!("import").in_scope(|| 42); // a job
/// assert_eq!(answer, 42);
/// ```
///
/// # Panics
///
/// Where [`try_init`] has an error.
pub fn init() {
    if let Err(error) = try_init() {
        panic!("pollscope: {error}");
    }
}

/// The same, and gives the scope.
///
/// ```
/// let scope = pollscope::tracing::try_init()?;
/// tracing::info_span!("import").in_scope(|| ());
/// for finding in scope.findings() {
///     println!("{}", finding.text);
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// When the process has a `tracing` subscriber already (add [`SpanLayer`] to that one), when the address cannot be
/// listened at, or the system refuses a thread.
pub fn try_init() -> io::Result<&'static Scope> {
    let scope = Scope::new()?;
    let server = serve(&scope)?;
    dispatcher::set_global_default(Dispatch::new(SpanSubscriber::new())).map_err(|_| {
        io::Error::other("there is a tracing subscriber already: add pollscope::tracing::SpanLayer to it")
    })?;
    // Only now: one that is dropped again would take the place of the one that watches.
    scope.install();
    Ok(&WATCHED.get_or_init(|| Watched { scope, _server: server }).scope)
}

fn serve(scope: &Scope) -> io::Result<Server> {
    let (asked, token) = (variable("POLLSCOPE_SERVE")?, variable("POLLSCOPE_TOKEN")?);
    let token: Option<Token> = token.map(|token| token.parse()).transpose().map_err(io::Error::other)?;
    let listen = |address: &str| -> io::Result<Server> {
        let address: Address = address.parse().map_err(io::Error::other)?;
        scope.serve(&Listen::at(address).with_token(token.clone())).map_err(io::Error::other)
    };
    match asked {
        Some(address) => listen(&address),
        None => listen(ADDRESS).or_else(|_| {
            let server = listen("127.0.0.1:0")?;
            eprintln!("look at it with: pollscope attach {}", server.address());
            Ok(server)
        }),
    }
}

fn variable(name: &str) -> io::Result<Option<String>> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(error) => Err(io::Error::other(format!("{name}: {error}"))),
    }
}
