//! The token: everything that runs write is read again, and it is in none of it.
//!
//! The server shows what it was sent wherever it can, and leads elsewhere. It must have been sent the token, or
//! the test would prove nothing.

use std::{fs, io::Read, path::Path, process::Output};

use serde_json::Value;

use super::{
    ended, folder,
    https::with_roots,
    pollscope, report_of, result,
    server::{Reply, Request, Server, answer},
    tried::{Area, tried},
};

const TOKEN: &str = "ghp_KnownByNobodyElse0123456789";
/// What no written byte may hold, in lower case: the token, and any header, sent or got.
const NEEDLES: [&str; 5] = ["ghp_known", "authorization", "bearer", "x-github-api-version", "x-got"];

const ECHOES: &[&str] = &["echo/body", "echo/error", "echo/header", "echo/link", "echo/location", "echo/type"];
const OTHERS: &[&str] = &["good/one", "away/link", "away/location", "bad/credentials"];

/// Repeats the token, or leads to another origin.
fn reply(request: &Request) -> Reply {
    let sent = request.header("authorization").unwrap_or("nothing");
    let token = sent.trim_start_matches("Bearer ");
    let message = format!(r#"{{"message":"you sent {sent}"}}"#);
    let away = format!("{}/2", request.elsewhere);
    Reply::Bytes(match request.repo().unwrap_or_default() {
        "echo/body" => answer(200, &[], format!(r#"[{{"number":1,"title":"{token}","created_at":"x"}}]"#)),
        "echo/error" => answer(422, &[], message),
        "echo/header" => answer(404, &[&format!("x-got: {sent}")], ""),
        "echo/link" => answer(200, &[&format!("link: <https://{token}.example/2>; rel=\"next\"")], "[]"),
        "echo/location" => answer(301, &[&format!("location: http://[{token}")], ""),
        "echo/type" => answer(200, &[&format!("content-type: {token}")], "[]"),
        "away/link" => answer(200, &[&format!("link: <{away}>; rel=\"next\"")], "[]"),
        "away/location" => answer(307, &[&format!("location: {away}")], ""),
        "bad/credentials" => answer(401, &[], r#"{"message":"Bad credentials"}"#),
        _ => answer(200, &[], r#"[{"number":1,"title":"a plain title","created_at":"x"}]"#),
    })
}

/// Runs with the token, and keeps what was said as a file beside those that it writes itself.
fn run(folder: &Path, said: &str, args: &[&str], env: &[(&str, &str)]) -> Output {
    let output = ended(pollscope(folder, args).env("GITHUB_TOKEN", TOKEN).envs(env.iter().copied()));
    fs::write(folder.join(said), [output.stdout.as_slice(), &output.stderr].concat()).unwrap();
    output
}

#[test]
fn the_token_is_in_nothing_that_a_run_writes() {
    let folder = folder("secrets");
    let elsewhere = Server::start(reply, None);
    let server = Server::start(reply, Some(&elsewhere));
    let url = server.url();
    let work = [&["--pause", "1ms", "--api-url", &url], OTHERS, ECHOES].concat();
    // What is on this machine is asked without any proxy.
    let away = elsewhere.url();
    let proxies = [("http_proxy", away.as_str()), ("HTTPS_PROXY", &away), ("ALL_PROXY", &away)];

    let json = [&["report", "pipeline", "--format", "json", "--record", "run.pollscope"], &work[..]].concat();
    assert_reasons(&report_of(&run(&folder, "json", &json, &proxies)));
    run(&folder, "text", &[&["report", "pipeline"], &work[..]].concat(), &proxies);
    let runs = ["compare", "pipeline", "--format", "json", "--record", "one.pollscope", "--wait", "async,blocking"];
    run(&folder, "compared", &[&runs, &work[..]].concat(), &[]);
    look_at_recording(&folder);
    for fault in ["task", "job"] {
        let panics = [("POLLSCOPE_FAULT", fault), ("RUST_BACKTRACE", "full")];
        let output =
            run(&folder, &format!("panic of a {fault}"), &[&["report", "pipeline"], &work[..]].concat(), &panics);
        assert!(String::from_utf8_lossy(&output.stderr).contains("panicked"), "{fault}");
    }
    #[cfg(unix)]
    {
        let shown = ["--once", "--record", "screen.pollscope"];
        super::screen::until(&folder, &[&shown, &work[..]].concat(), TOKEN, "repeats the token");
        super::screen::until_it_panics(&folder, &work, TOKEN);
    }

    let sent = server.requests();
    assert!(sent.iter().all(|request| request.header("authorization") == Some(&format!("Bearer {TOKEN}"))));
    assert_eq!(elsewhere.connections(), 0, "nothing goes to another origin");
    let written = written(&folder);
    assert_secret(&written);
    let how = format!("{} requests with it, of 8 commands with panics in three threads", sent.len());
    let bytes: usize = written.iter().map(|(_, all)| all.len()).sum();
    let happened = format!(
        "in none of the {} files with {} kB of output, screens, recordings and exports",
        written.len(),
        bytes / 1000
    );
    tried(Area::Secrets, "the token in what is written", &how, &happened);
    tried(
        Area::Secrets,
        "the token to another origin",
        "2 ways to lead there, and 3 proxies",
        "no connection goes there",
    );
    tried(Area::Secrets, "an answer that repeats the token", &format!("{} ways", ECHOES.len()), "not looked at");
}

/// Each failed for what it did with the token, and the one that is well did not.
fn assert_reasons(report: &Value) {
    assert_eq!(result(report, "good/one")["state"], "ok");
    for away in ["away/link", "away/location"] {
        let reason = result(report, away)["reason"].as_str().unwrap();
        assert!(reason.contains("another server, not followed"), "{reason}");
    }
    for echo in ECHOES {
        assert_eq!(result(report, echo)["reason"], "the answer repeats the token, so it is not looked at", "{echo}");
    }
}

/// Whatever can be made of a recording.
fn look_at_recording(folder: &Path) {
    run(folder, "text of the recording", &["report", "--from", "run.pollscope"], &[]);
    for format in ["perfetto", "svg", "csv", "json"] {
        let out = format!("export.{format}");
        let export = ["export", "run.pollscope", "--to", format, "--out", &out];
        let output = run(folder, &format!("export {format}"), &export, &[]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Nothing that was written holds the token, and the search would have found it.
fn assert_secret(written: &[(String, String)]) {
    let names: Vec<_> = written.iter().map(|(file, _)| file).collect();
    let texts = ["json", "text", "compared", "text of the recording", "screen", "export.json", "export.perfetto"];
    let recordings = ["run.pollscope", "one.1.pollscope", "one.2.pollscope", "screen.pollscope"];
    for file in texts.iter().chain(&recordings) {
        let can_be_searched = written.iter().any(|(name, all)| name == file && all.contains("good/one"));
        assert!(can_be_searched, "{file} of {names:?}");
    }
    for (file, all) in written {
        for needle in NEEDLES {
            assert!(!all.contains(needle), "'{needle}' is in {file}");
        }
    }
}

/// Every file under a folder, with what it says in lower case; what is packed is unpacked.
fn written(folder: &Path) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        if path.is_dir() {
            all.extend(written(&path).into_iter().map(|(file, said)| (format!("{name}/{file}"), said)));
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let mut unpacked = Vec::new();
        if bytes.starts_with(&[0x1f, 0x8b]) {
            flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked).unwrap();
        }
        let text = String::from_utf8_lossy(&[bytes, unpacked].concat()).to_lowercase();
        all.push((name, text));
    }
    all
}

#[test]
fn the_token_goes_nowhere_in_the_clear() {
    let folder = folder("in-the-clear");
    // An address for documentation: nobody has it, so that to ask it would take the whole time limit.
    let args = ["report", "pipeline", "--api-url", "http://192.0.2.1", "some/repository"];
    let output = run(&folder, "said", &args, &[]);
    let line = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{line}");
    assert!(line.contains("would go to 192.0.2.1:80 in the clear") && !line.contains(TOKEN), "{line}");

    let output = ended(pollscope(&folder, &args).env("GITHUB_TOKEN", format!("{TOKEN} and more")));
    let line = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{line}");
    assert!(line.contains("GITHUB_TOKEN holds characters") && !line.contains(TOKEN), "{line}");
    let happened = "refused before anything is sent, without naming it";
    tried(Area::Secrets, "the token over plain HTTP, or with characters that no token has", "2 runs", happened);
}

/// A proxy in between is asked for a tunnel, and told nothing.
#[test]
fn the_token_is_not_for_proxies() {
    fn login(_: &Request) -> Reply {
        Reply::Bytes(answer(407, &["content-type: text/html"], "<!doctype html><title>Please log in</title>"))
    }
    let folder = folder("proxy");
    let proxy = Server::start(login, None);
    let url = proxy.url();
    let args = ["report", "pipeline", "--format", "json", "--api-url", "https://github.example", "some/repository"];
    let report = report_of(&ended(with_roots(&folder, &args).env("GITHUB_TOKEN", TOKEN).env("HTTPS_PROXY", &url)));
    let reason = result(&report, "some/repository")["reason"].as_str().unwrap();
    assert!(reason.contains("cannot reach github.example:443: "), "{reason}");
    let asked = proxy.requests();
    assert!(!asked.is_empty() && asked.iter().all(|request| request.path == "github.example:443"), "{asked:?}");
    assert!(asked.iter().all(|request| request.header("authorization").is_none()), "{asked:?}");
    tried(Area::Secrets, "the token and a proxy that wants a login", "1 run", "the proxy is told nothing");
}
