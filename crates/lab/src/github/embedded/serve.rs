//! HTTP on loopback: reads requests, waits as long as a network would, sends the answers.
//!
//! Runs on the embedded server's own thread, never on the observed runtime. Knows nothing of GitHub.

use std::{convert::Infallible, rc::Rc, time::Duration};

use http_body_util::Full;
use hyper::{
    HeaderMap, Request, Response,
    body::{Bytes, Incoming},
    header::{AUTHORIZATION, HeaderName, HeaderValue, IF_NONE_MATCH, USER_AGENT},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::net::{TcpListener, TcpStream};

use super::{
    answer::{Answer, Ask, answer},
    dice::{self, Purpose},
    world::World,
};

/// How long an answer takes: at least this, and up to a quarter more, always the same for one address.
#[derive(Clone, Copy)]
pub(super) struct Latency {
    pub(super) seed: u64,
    pub(super) least: Duration,
}

impl Latency {
    fn of(self, address: &str) -> Duration {
        let mut rng = dice::rng(self.seed, Purpose::Latency, &[dice::hash(address.as_bytes())]);
        self.least.mul_f64(1.0 + 0.25 * rng.f64())
    }
}

/// Serves for ever; whoever drops the future drops all connections. Has to run inside a `LocalSet`.
pub(super) async fn serve(listener: TcpListener, world: Rc<World>, latency: Latency) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::task::spawn_local(connection(stream, Rc::clone(&world), latency));
            }
            // Out of file descriptors, say: going on at once would only spin.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn connection(stream: TcpStream, world: Rc<World>, latency: Latency) {
    // Without it a small answer may wait for 40 ms; a failure costs just that.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| respond(&world, latency, request));
    // A client that hangs up is no matter of ours.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(
    world: &World,
    latency: Latency,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let address = request.uri().path_and_query().map_or("/", |address| address.as_str());
    let delay = latency.of(address);
    // A sleep of nothing would still take a tick of the timer.
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    Ok(response(answer(world, &ask(&request))))
}

fn ask<B>(request: &Request<B>) -> Ask<'_> {
    let headers = request.headers();
    Ask {
        method: request.method(),
        path: request.uri().path(),
        query: request.uri().query().unwrap_or_default(),
        user_agent: text(headers, &USER_AGENT),
        version: text(headers, &HeaderName::from_static("x-github-api-version")),
        if_none_match: text(headers, &IF_NONE_MATCH),
        authorised: headers.contains_key(AUTHORIZATION),
        now: Timestamp::now().as_second().try_into().unwrap_or_default(),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = answer.status;
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latency_is_its_least_and_up_to_a_quarter_more_and_stays_the_same() {
        let latency = Latency { seed: 1, least: Duration::from_millis(80) };
        let delays: Vec<_> = (0..200).map(|page| latency.of(&format!("/repos/a/b/issues?page={page}"))).collect();
        assert!(delays.iter().all(|delay| (80.0..=100.0).contains(&(delay.as_secs_f64() * 1e3))));
        assert!(delays.iter().any(|delay| delay.as_millis() > 92));
        assert_eq!(latency.of("/x"), latency.of("/x"));
    }
}
