//! Sockets of either kind, for whoever serves and whoever attaches: bytes to and from an [`Address`].
//!
//! It does not know what is said over them.

#[cfg(unix)]
use std::{
    fs::{self, DirBuilder, Permissions},
    os::unix::{
        fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt},
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
};
use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream, ToSocketAddrs},
    time::Duration,
};

use super::serve::{Address, ServeError};

/// Who does not answer within that time is not there.
const CONNECT: Duration = Duration::from_secs(3);

/// A connection.
#[derive(Debug)]
#[cfg_attr(not(feature = "dashboard"), expect(unreachable_pub, reason = "whoever attaches reads from it"))]
pub enum Connection {
    #[cfg(unix)]
    Unix(UnixStream),
    Tcp(TcpStream),
}

/// The same call of either kind.
macro_rules! either {
    ($self:expr, $it:ident => $call:expr) => {
        match $self {
            #[cfg(unix)]
            Self::Unix($it) => $call,
            Self::Tcp($it) => $call,
        }
    };
}

impl Connection {
    /// To whoever listens there.
    pub(super) fn to(address: &Address) -> io::Result<Self> {
        match address {
            #[cfg(unix)]
            Address::Unix(path) => Ok(Self::Unix(UnixStream::connect(path)?)),
            #[cfg(not(unix))]
            Address::Unix(_) => Err(io::Error::other("there are no Unix sockets on this system: use HOST:PORT")),
            Address::Tcp(host, port) => {
                let mut last = io::Error::other("the name has no address");
                for address in (host.as_str(), *port).to_socket_addrs()? {
                    match TcpStream::connect_timeout(&address, CONNECT) {
                        Ok(stream) => {
                            stream.set_nodelay(true)?;
                            return Ok(Self::Tcp(stream));
                        }
                        Err(error) => last = error,
                    }
                }
                Err(last)
            }
        }
    }

    /// Another handle of the same connection.
    pub(super) fn again(&self) -> io::Result<Self> {
        Ok(match self {
            #[cfg(unix)]
            Self::Unix(it) => Self::Unix(it.try_clone()?),
            Self::Tcp(it) => Self::Tcp(it.try_clone()?),
        })
    }

    /// Ends one direction of it, or both: whoever reads or writes there hears of it.
    pub(super) fn shut(&self, which: Shutdown) {
        // One that has ended already cannot be ended.
        let _ = either!(self, it => it.shutdown(which));
    }

    /// No reading takes longer.
    pub(super) fn read_within(&self, time: Duration) -> io::Result<()> {
        either!(self, it => it.set_read_timeout(Some(time.max(Duration::from_millis(1)))))
    }

    /// No writing takes longer; none for as long as it takes.
    pub(super) fn write_within(&self, time: Option<Duration>) -> io::Result<()> {
        either!(self, it => it.set_write_timeout(time))
    }
}

impl Read for Connection {
    /// A process that was stopped and goes on is interrupted here, where a deadline is set (signal(7)): it reads again.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.read_once(buffer);
            if !read.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::Interrupted) {
                return read;
            }
        }
    }
}

impl Connection {
    fn read_once(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        either!(self, it => it.read(buffer))
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        either!(self, it => it.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Somebody who listens.
#[derive(Debug)]
pub(super) enum Listener {
    #[cfg(unix)]
    Unix(UnixListener, SocketFile),
    Tcp(TcpListener),
}

impl Listener {
    /// Listens there. Off loopback only where everybody is asked for a token.
    pub(super) fn at(address: &Address, has_token: bool) -> Result<Self, ServeError> {
        match address {
            #[cfg(unix)]
            Address::Unix(path) => {
                let (listener, file) = listen_at(path)?;
                Ok(Self::Unix(listener, file))
            }
            #[cfg(not(unix))]
            Address::Unix(_) => Err(ServeError::NoUnixSockets),
            Address::Tcp(host, port) => {
                let failed = |why| ServeError::Listen { address: address.clone(), why };
                let found: Vec<_> = (host.as_str(), *port).to_socket_addrs().map_err(failed)?.collect();
                if !has_token && !found.iter().all(|found| found.ip().is_loopback()) {
                    return Err(ServeError::NeedsToken(address.clone()));
                }
                TcpListener::bind(&found[..]).map(Self::Tcp).map_err(failed)
            }
        }
    }

    /// Where it listens: with the real port where any was asked for.
    pub(super) fn address(&self) -> io::Result<Address> {
        Ok(match self {
            #[cfg(unix)]
            Self::Unix(_, file) => Address::Unix(file.path.clone()),
            Self::Tcp(it) => {
                let address = it.local_addr()?;
                Address::Tcp(address.ip().to_string(), address.port())
            }
        })
    }

    /// Waits for the next who comes.
    pub(super) fn accept(&self) -> io::Result<Connection> {
        match self {
            #[cfg(unix)]
            Self::Unix(it, _) => Ok(Connection::Unix(it.accept()?.0)),
            Self::Tcp(it) => {
                let (stream, _) = it.accept()?;
                stream.set_nodelay(true)?;
                Ok(Connection::Tcp(stream))
            }
        }
    }
}

/// A socket's file, which is removed with this; not one that another program has put in its place.
#[cfg(unix)]
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    /// Device and number.
    which: Option<(u64, u64)>,
}

#[cfg(unix)]
impl SocketFile {
    fn at(path: &Path) -> Option<(u64, u64)> {
        fs::symlink_metadata(path).ok().map(|file| (file.dev(), file.ino()))
    }
}

#[cfg(unix)]
impl Drop for SocketFile {
    fn drop(&mut self) {
        if self.which.is_some() && Self::at(&self.path) == self.which {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Listens at a file of its own, which nobody else may open from its first moment on: it is made in a folder that nobody
/// else may enter, and then moved.
#[cfg(unix)]
fn listen_at(path: &Path) -> Result<(UnixListener, SocketFile), ServeError> {
    let address = || Address::Unix(path.to_owned());
    let failed = |why| ServeError::Listen { address: address(), why };
    match fs::symlink_metadata(path) {
        Ok(there) if !there.file_type().is_socket() => return Err(ServeError::NoSocket(path.to_owned())),
        Ok(_) if UnixStream::connect(path).is_ok() => return Err(ServeError::Taken(address())),
        // Of a program that is gone: it is replaced.
        _ => {}
    }
    let folder = path.parent().unwrap_or(Path::new("")).join(format!(".{}", std::process::id()));
    let inside = folder.join("s");
    let listen = || {
        DirBuilder::new().mode(0o700).create(&folder)?;
        let listener = UnixListener::bind(&inside)?;
        fs::set_permissions(&inside, Permissions::from_mode(0o600))?;
        fs::rename(&inside, path)?;
        Ok(listener)
    };
    let listener = listen();
    if listener.is_err() {
        let _ = fs::remove_file(&inside);
    }
    let _ = fs::remove_dir(&folder);
    let file = SocketFile { path: path.to_owned(), which: SocketFile::at(path) };
    listener.map(|listener| (listener, file)).map_err(failed)
}
