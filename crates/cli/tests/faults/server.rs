//! A server that misbehaves on command: what it does with a request is chosen by the request's path.
//!
//! Raw bytes on plain threads, one request a connection, so that it can be wrong in exactly one way. It keeps
//! every request that it got.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// What is done with one request.
pub(super) enum Reply {
    /// These bytes, then the end.
    Bytes(Vec<u8>),
    /// These bytes, then a reset.
    Reset(Vec<u8>),
    /// These bytes, then nothing more, until the client hangs up.
    Stall(Vec<u8>),
    /// The first bytes, then the others, one a second.
    Drip(Vec<u8>, Vec<u8>),
    /// The first bytes, then the others again and again: so many times, or until the client hangs up.
    Stream(Vec<u8>, Vec<u8>, u64),
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// Path and query.
    pub(super) path: String,
    /// All lines after the first.
    pub(super) headers: String,
    /// The address of another server, where nothing may arrive.
    pub(super) elsewhere: String,
}

impl Request {
    /// A header's value.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.lines().filter_map(|line| line.split_once(':'));
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The repository in `/repos/OWNER/NAME/…`, else nothing.
    pub(super) fn repo(&self) -> Option<&str> {
        let after = self.path.strip_prefix("/repos/")?;
        after.rmatch_indices('/').next().map(|(end, _)| &after[..end])
    }
}

/// Chooses what is done.
pub(super) type Handler = fn(&Request) -> Reply;

/// The server. Its threads end with the process.
pub(super) struct Server {
    address: SocketAddr,
    seen: Arc<Seen>,
}

/// What the server has seen.
#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<Request>>,
    connections: AtomicU64,
    streamed: AtomicU64,
}

impl Server {
    /// Listens on a free port of this machine. `elsewhere` is what handlers may lead to.
    pub(super) fn start(handler: Handler, elsewhere: Option<&Self>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let (elsewhere, shared) = (elsewhere.map(Self::url).unwrap_or_default(), Arc::clone(&seen));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, elsewhere) = (Arc::clone(&shared), elsewhere.clone());
                seen.connections.fetch_add(1, Ordering::Relaxed);
                // A client that hangs up is no failure of the server.
                thread::spawn(move || serve(&stream, handler, elsewhere, &seen));
            }
        });
        Self { address, seen }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    pub(super) fn requests(&self) -> Vec<Request> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// Connections, also those on which nothing was asked.
    pub(super) fn connections(&self) -> u64 {
        self.seen.connections.load(Ordering::Relaxed)
    }

    /// Bytes of streams that the system took.
    pub(super) fn streamed(&self) -> u64 {
        self.seen.streamed.load(Ordering::Relaxed)
    }
}

fn serve(mut stream: &TcpStream, handler: Handler, elsewhere: String, seen: &Seen) -> io::Result<()> {
    let head = peek_head(stream)?;
    let (first, headers) = head.split_once("\r\n").unwrap_or((&head, ""));
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let request = Request { path, headers: headers.to_owned(), elsewhere };
    let reply = handler(&request);
    seen.requests.lock().unwrap().push(request);
    if let Reply::Reset(bytes) = reply {
        stream.write_all(&bytes)?;
        // To close while the request lies there unread resets the connection.
        return Ok(());
    }
    stream.read_exact(&mut vec![0; head.len()])?;
    match reply {
        Reply::Bytes(bytes) | Reply::Reset(bytes) => stream.write_all(&bytes),
        Reply::Stall(bytes) => {
            stream.write_all(&bytes)?;
            stream.read(&mut [0]).map(drop)
        }
        Reply::Drip(first, bytes) => {
            stream.write_all(&first)?;
            drip(stream, &bytes)
        }
        Reply::Stream(first, again, times) => {
            stream.write_all(&first)?;
            for _ in 0..times {
                stream.write_all(&again)?;
                seen.streamed.fetch_add(again.len() as u64, Ordering::Relaxed);
            }
            Ok(())
        }
    }
}

/// A request's head, which stays where it is.
fn peek_head(stream: &TcpStream) -> io::Result<String> {
    let mut bytes = [0; 16 * 1024];
    loop {
        let count = stream.peek(&mut bytes)?;
        if let Some(end) = bytes[..count].windows(4).position(|end| end == b"\r\n\r\n") {
            return Ok(String::from_utf8_lossy(&bytes[..end + 4]).into_owned());
        }
        if count == 0 || count == bytes.len() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        thread::yield_now();
    }
}

/// Ends early where the client hangs up: the pace is that of a read which nothing comes to.
fn drip(mut stream: &TcpStream, bytes: &[u8]) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    for byte in bytes {
        stream.write_all(&[*byte])?;
        if stream.read(&mut [0]).is_ok() {
            break;
        }
    }
    Ok(())
}

/// An answer with a status, headers (each `name: value`) and a body of known length.
pub(super) fn answer(status: u16, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = format!("content-length: {}", body.len());
    [head(status, &[headers, &[&length]].concat()).as_slice(), body].concat()
}

/// An answer's head. The connection serves one request, so no count depends on which of the two closes first.
pub(super) fn head(status: u16, headers: &[&str]) -> Vec<u8> {
    let headers: String = headers.iter().flat_map(|header| [*header, "\r\n"]).collect();
    format!("HTTP/1.1 {status} Whatever\r\nconnection: close\r\n{headers}\r\n").into_bytes()
}
