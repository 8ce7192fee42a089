//! Connections over a TCP or a Unix socket, to and from an [`Address`]. This module does not know what is sent over them.

#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpStream, ToSocketAddrs},
    time::Duration,
};

use super::Address;

/// Who does not answer within that time is not there.
const CONNECT: Duration = Duration::from_secs(3);

/// A connection.
#[derive(Debug)]
pub enum Connection {
    /// Over a Unix socket.
    #[cfg(unix)]
    Unix(UnixStream),
    /// Over TCP.
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
    /// Connects to an address.
    ///
    /// # Errors
    ///
    /// When nobody listens there, or does not answer within three seconds.
    pub fn to(address: &Address) -> io::Result<Self> {
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
    ///
    /// # Errors
    ///
    /// When the system refuses it.
    pub fn again(&self) -> io::Result<Self> {
        Ok(match self {
            #[cfg(unix)]
            Self::Unix(it) => Self::Unix(it.try_clone()?),
            Self::Tcp(it) => Self::Tcp(it.try_clone()?),
        })
    }

    /// Ends one direction of it, or both: whoever reads or writes there hears of it.
    pub fn shut(&self, which: Shutdown) {
        // One that has ended already cannot be ended.
        let _ = either!(self, it => it.shutdown(which));
    }

    /// Sets the longest time that a read may take.
    ///
    /// # Errors
    ///
    /// When the system refuses it.
    pub fn read_within(&self, time: Duration) -> io::Result<()> {
        either!(self, it => it.set_read_timeout(Some(time.max(Duration::from_millis(1)))))
    }

    /// Sets the longest time that a write may take; none for no limit.
    ///
    /// # Errors
    ///
    /// When the system refuses it.
    pub fn write_within(&self, time: Option<Duration>) -> io::Result<()> {
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
