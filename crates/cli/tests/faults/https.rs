//! HTTPS against servers of the tests' own: one that is who it says, and some that are not.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::Path,
    process::Command,
    sync::{Arc, mpsc},
    thread,
};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::Value;

use super::{
    count, ended, folder, pollscope, report_of, server,
    tried::{Area, tried},
};

const TOKEN: &str = "ghp_ForTheRightServerOnly";

/// Who signs the servers' certificates.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// A server with a certificate for this name, until the end of that year.
    fn serves(&self, name: &str, until: i32) -> Server {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(until, 12, 31);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Server::start(config)
    }
}

/// The program where the system trusts somebody, but none of the tests' servers: a machine may have no
/// certificates of its own, with which there is no client.
pub(super) fn with_roots(folder: &Path, args: &[&str]) -> Command {
    let roots = folder.join("roots.pem");
    fs::write(&roots, Authority::new("somebody else").pem).unwrap();
    let mut command = pollscope(folder, args);
    command.env("SSL_CERT_FILE", roots).env_remove("SSL_CERT_DIR");
    command
}

/// Answers each request with an empty list.
struct Server {
    port: u16,
    heads: mpsc::Receiver<String>,
}

impl Server {
    fn start(config: ServerConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (told, heads) = mpsc::channel();
        let config = Arc::new(config);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (told, connection) = (told.clone(), ServerConnection::new(Arc::clone(&config)).unwrap());
                thread::spawn(move || {
                    let mut stream = StreamOwned::new(connection, stream);
                    let mut head = Vec::new();
                    let mut byte = [0];
                    while !head.ends_with(b"\r\n\r\n") {
                        // A client that does not trust the certificate hangs up here.
                        let Ok(1) = stream.read(&mut byte) else { return };
                        head.push(byte[0]);
                    }
                    told.send(String::from_utf8(head).unwrap()).unwrap();
                    let _ = stream.write_all(&server::answer(200, &[], "[]"));
                    stream.conn.send_close_notify();
                    let _ = stream.flush();
                });
            }
        });
        Self { port, heads }
    }

    /// What a run on this server says of its only repository, and what the server was asked.
    fn run(&self, folder: &Path, more: &[&str]) -> (Value, Vec<String>) {
        let url = format!("https://localhost:{}", self.port);
        let args = ["report", "pipeline", "--format", "json", "--pause", "1ms", "--api-url", &url, "some/repository"];
        let mut command = with_roots(folder, &[&args, more].concat());
        let report = report_of(&ended(command.env("GITHUB_TOKEN", TOKEN)));
        assert_eq!(count(&report, "requests"), 2, "one for each listing");
        (report["pipeline"]["results"][0].clone(), self.heads.try_iter().collect())
    }
}

#[test]
fn a_server_must_show_that_it_is_who_it_should_be() {
    let folder = folder("https");
    let authority = Authority::new("the tests");
    fs::write(folder.join("ca.pem"), &authority.pem).unwrap();
    let trusting = &["--ca-cert", "ca.pem"];

    let good = authority.serves("localhost", 2999);
    let (result, heads) = good.run(&folder, trusting);
    assert_eq!(result["state"], "empty", "{result:#}");
    assert_eq!(heads.len(), 2);
    assert!(heads.iter().all(|head| head.contains(TOKEN)), "{heads:?}");
    tried(Area::Network, "HTTPS, a good certificate", "1 run", "read, and only here the token is sent");

    let refused = [
        (&good, &[][..], "nobody who is known has signed its certificate; --ca-cert adds one"),
        (&Authority::new("the tests").serves("localhost", 2999), trusting, "the signature of its certificate is wrong"),
        (&authority.serves("localhost", 2020), trusting, "its certificate has expired"),
        (&authority.serves("another.example", 2999), trusting, "its certificate is for another name"),
    ];
    for (server, more, reason) in refused {
        let (result, heads) = server.run(&folder, more);
        assert_eq!(result["reason"], format!("localhost:{} is not trusted: {reason}", server.port));
        assert!(heads.is_empty(), "nothing is said to a server that is not trusted: {heads:?}");
        tried(Area::Network, &format!("HTTPS: {reason}"), "1 run", "not trusted, and nothing is said to it");
    }
}

/// The system takes the connection, and nobody ever speaks.
#[test]
fn a_handshake_that_stalls_ends() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", silent.local_addr().unwrap());
    let args = ["report", "pipeline", "--format", "json", "--timeout", "500ms", "--api-url", &url, "some/repository"];
    let report = report_of(&ended(&mut with_roots(&folder("handshake"), &args)));
    assert_eq!(report["pipeline"]["results"][0]["reason"], "no answer within 500 ms");
    assert_eq!((count(&report, "requests"), count(&report, "failures")), (2, 1));
    tried(Area::Network, "HTTPS, a handshake that stalls", "1 run with 500 ms of patience", "no answer within 500 ms");
}

#[test]
fn a_file_without_a_certificate_is_refused() {
    let folder = folder("no-certificate");
    fs::write(folder.join("empty.pem"), "").unwrap();
    for (file, words) in [("empty.pem", "there is no certificate"), ("missing.pem", "missing.pem cannot be read")] {
        let args = ["report", "pipeline", "--api-url", "https://localhost:1", "--ca-cert", file, "some/repository"];
        let output = ended(&mut pollscope(&folder, &args));
        let line = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && line.contains(words) && line.lines().count() == 1, "{line}");
    }
    tried(Area::Network, "--ca-cert without a certificate", "2 files", "a line that says so, and exit code 2");
}
