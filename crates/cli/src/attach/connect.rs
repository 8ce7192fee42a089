//! To a program that serves its trace: the handshake from the viewer's side, and what may come of it.

use std::{
    fmt,
    io::{self, BufReader, Write},
    time::Duration,
};

use pollscope_core::{
    trace::recording::{Error, Stream},
    wire::{
        Address, Token,
        handshake::{self, Answer},
        socket::Connection,
    },
};

/// A program sends a block every 100 ms: one that is silent for so long is stopped or gone.
const SILENCE: Duration = Duration::from_secs(5);
/// Bytes that are asked for at a time.
const READ: usize = 64 << 10;

/// The trace of a program that goes on, as it comes.
pub type Trace = Stream<BufReader<Connection>>;

/// Why a program cannot be looked at.
///
/// ```
/// use pollscope::scope::Listen;
/// use pollscope_cli::attach::{AttachError, connect};
///
/// # let scope = pollscope::Scope::new()?;
/// let at = Listen::at("127.0.0.1:0".parse()?).with_token(Some("s3cret".parse()?));
/// let server = scope.serve(&at)?;
/// let error = connect(server.address(), None).unwrap_err();
/// assert!(matches!(error, AttachError::Refused { .. }), "{error}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub enum AttachError {
    /// Nobody is there.
    Nobody {
        /// Where.
        address: Address,
        /// What the system says.
        why: io::Error,
    },
    /// The program says why not.
    Refused {
        /// Where.
        address: Address,
        /// In its words.
        why: String,
    },
    /// Somebody else is there.
    Foreign(Address),
    /// It was closed, or nothing came.
    Silent(Address),
    /// Its stream cannot be read.
    Stream {
        /// Where.
        address: Address,
        /// What is wrong.
        why: Error,
    },
}

impl fmt::Display for AttachError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody { address, why } => {
                write!(f, "nobody serves a trace at {address} ({why}): start the program, or check the address")
            }
            Self::Refused { address, why } => write!(f, "{address}: {why}"),
            Self::Foreign(address) => {
                write!(f, "what answers at {address} is no program that serves its trace: check the address")
            }
            Self::Silent(address) => write!(f, "{address} does not answer: the program is stopped or ending"),
            Self::Stream { address, why } => write!(f, "{address}: {}", of_stream(why)),
        }
    }
}

impl std::error::Error for AttachError {}

/// What a reader of files says, said of a stream.
fn of_stream(error: &Error) -> String {
    match error {
        Error::Newer { version, pollscope } => format!(
            "the program's trace is in version {version} of the format, from a newer pollscope {pollscope}: \
             update this one ({})",
            env!("CARGO_PKG_VERSION")
        ),
        Error::Damaged(_) => "the stream is damaged".to_owned(),
        other => other.to_string(),
    }
}

/// Asks to look at the program there.
///
/// ```
/// use pollscope::scope::Listen;
/// use pollscope_cli::attach::connect;
///
/// # let scope = pollscope::Scope::new()?;
/// let server = scope.serve(&Listen::at("127.0.0.1:0".parse()?).named("api"))?;
/// let trace = connect(server.address(), None)?;
/// assert_eq!(trace.head().origin.program, "api");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// When nobody is there who lets it.
pub fn connect(address: &Address, token: Option<&Token>) -> Result<Trace, AttachError> {
    let nobody = |why| AttachError::Nobody { address: address.clone(), why };
    let mut connection = Connection::to(address).map_err(nobody)?;
    connection.read_within(SILENCE).map_err(nobody)?;
    // Whoever refuses before it has heard anything may be gone by now: what it said is read all the same.
    let _ = connection.write_all(&handshake::hello(token));
    let mut source = BufReader::with_capacity(READ, connection);
    let silent = |_| AttachError::Silent(address.clone());
    match handshake::answer(&mut source).map_err(silent)? {
        Answer::Stream => Stream::new(source).map_err(|why| AttachError::Stream { address: address.clone(), why }),
        Answer::Refused(why) => Err(AttachError::Refused { address: address.clone(), why }),
        Answer::Nothing => Err(AttachError::Silent(address.clone())),
        Answer::Foreign => Err(AttachError::Foreign(address.clone())),
    }
}
