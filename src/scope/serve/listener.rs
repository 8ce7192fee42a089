//! The listening socket of a program that serves its trace: TCP, or a Unix socket's file that nobody else may open.

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
    io,
    net::{TcpListener, ToSocketAddrs},
};

use pollscope_core::wire::{Address, socket::Connection};

use super::serve_error::ServeError;

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
