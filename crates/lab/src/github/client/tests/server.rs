//! A server that gives prepared answers, one a connection, and records what it was asked.
//!
//! On a plain thread: what the client's runtime does cannot disturb it.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

/// What the server does with one connection.
pub(super) enum Reply {
    /// Reads the request and sends these bytes; `{base}` in them is the server's own address.
    Bytes(Vec<u8>),
    /// Reads the request, sends this and says nothing more until the test is over.
    Stalled(&'static str),
    /// Reads the request and says nothing until the test is over.
    Silence,
    /// Closes without reading, which resets the connection.
    Reset,
}

/// An answer with a status, headers (each `name: value`) and a body of known length.
pub(super) fn answer(status: u16, headers: &[&str], body: &str) -> Reply {
    let headers: String = headers.iter().flat_map(|header| [header, "\r\n"]).collect();
    raw(format!(
        "HTTP/1.1 {status} Whatever\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    ))
}

/// An answer as it goes over the wire.
pub(super) fn raw(bytes: impl Into<Vec<u8>>) -> Reply {
    Reply::Bytes(bytes.into())
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// Path and query.
    pub(super) target: String,
    headers: HashMap<String, String>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

pub(super) struct Server {
    /// Keeps the port for this test until it is over.
    listener: TcpListener,
    requests: Arc<Mutex<Vec<Request>>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Gives these answers in order. Whoever asks once more gets none.
    pub(super) fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.try_clone().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (record, replies) = (Arc::clone(&requests), replies.into_iter().collect());
        let thread = std::thread::spawn(move || serve(&own, replies, &record));
        Self { listener, requests, thread: Some(thread) }
    }

    pub(super) fn base(&self) -> String {
        base(&self.listener)
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(super) fn targets(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.target).collect()
    }
}

impl Drop for Server {
    /// A connection without a request ends what nobody asked for.
    fn drop(&mut self) {
        let _ = TcpStream::connect(self.listener.local_addr().unwrap());
        if let Some(thread) = self.thread.take() {
            // A panic in the server's thread shows as a failure of its test.
            let _ = thread.join();
        }
    }
}

fn base(listener: &TcpListener) -> String {
    format!("http://{}", listener.local_addr().unwrap())
}

fn serve(listener: &TcpListener, replies: Vec<Reply>, record: &Mutex<Vec<Request>>) {
    let base = base(listener);
    let mut held = Vec::new();
    for reply in replies {
        let (mut stream, _) = listener.accept().unwrap();
        if matches!(reply, Reply::Reset) {
            // Waits for the request without taking it: closing then resets.
            if !stream.peek(&mut [0]).is_ok_and(|read| read > 0) {
                return;
            }
            record.lock().unwrap().push(Request { target: "reset".to_owned(), headers: HashMap::new() });
            continue;
        }
        let Some(request) = read(&stream) else { return };
        record.lock().unwrap().push(request);
        match reply {
            Reply::Bytes(bytes) => {
                // The client may hang up first, as it does at an answer that is too large.
                let _ = stream.write_all(&with_base(&bytes, &base));
            }
            Reply::Stalled(begun) => {
                stream.write_all(begun.as_bytes()).unwrap();
                held.push(stream);
            }
            Reply::Silence => held.push(stream),
            Reply::Reset => {}
        }
    }
    if !held.is_empty() {
        let _ = listener.accept();
    }
}

fn with_base(bytes: &[u8], base: &str) -> Vec<u8> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.replace("{base}", base).into_bytes(),
        Err(_) => bytes.to_vec(),
    }
}

/// One request's head; none when the other side closes first.
fn read(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let target = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    Some(Request { target, headers: headers.collect() })
}
