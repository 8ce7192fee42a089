//! Why a program cannot serve its trace.

use std::{fmt, io, path::PathBuf};

use pollscope_core::wire::Address;

/// Why a program cannot serve its trace.
///
/// ```
/// use pollscope::scope::{Listen, ServeError};
///
/// # let scope = pollscope::Scope::new()?;
/// let error = scope.serve(&Listen::at("0.0.0.0:6770".parse()?)).unwrap_err();
/// assert!(matches!(error, ServeError::NeedsToken(_)));
/// assert!(error.to_string().starts_with("0.0.0.0:6770 can be reached by others"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub enum ServeError {
    /// Others than this machine's could look.
    NeedsToken(Address),
    /// Another program serves there.
    Taken(Address),
    /// There is a file that is no socket.
    NoSocket(PathBuf),
    /// The system has none.
    NoUnixSockets,
    /// The system does not let it be listened at.
    Listen {
        /// Where.
        address: Address,
        /// What the system says.
        why: io::Error,
    },
    /// The system refuses a thread.
    Threads(io::Error),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeedsToken(address) => write!(
                f,
                "{address} can be reached by others: set POLLSCOPE_TOKEN to a word that viewers must know, or use 127.0.0.1"
            ),
            Self::Taken(address) => {
                write!(f, "{address} is taken by another program: end that one, or use another name")
            }
            Self::NoSocket(path) => {
                write!(f, "{} is there already and no socket: use another name, or remove it", path.display())
            }
            Self::NoUnixSockets => f.write_str("there are no Unix sockets on this system: use HOST:PORT"),
            Self::Listen { address, why } => {
                write!(f, "cannot listen at {address} ({why}): use another address, or free that one")
            }
            Self::Threads(why) => write!(f, "the server's threads could not be started: {why}"),
        }
    }
}

impl std::error::Error for ServeError {}
