//! The token: everything that runs write is read again, and it is in none of it.
//!
//! The server shows what it was sent wherever it can, and leads elsewhere. It must have been sent the token, or
//! the test would prove nothing.

use std::{fs, io::Read, path::Path};

use super::{
    ended, folder, pollscope, report_of, result,
    server::{Reply, Request, Server, answer},
};

const TOKEN: &str = "ghp_KnownByNobodyElse0123456789";
/// What no written byte may hold, in lower case.
const NEEDLES: [&str; 3] = ["ghp_known", "authorization", "bearer"];

const ECHOES: &[&str] = &["echo/body", "echo/error", "echo/header", "echo/link", "echo/location"];
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
        "echo/header" => answer(404, &[&format!("x-sent: {sent}")], ""),
        "echo/link" => answer(200, &[&format!("link: <https://{token}.example/2>; rel=\"next\"")], "[]"),
        "echo/location" => answer(301, &[&format!("location: http://[{token}")], ""),
        "away/link" => answer(200, &[&format!("link: <{away}>; rel=\"next\"")], "[]"),
        "away/location" => answer(307, &[&format!("location: {away}")], ""),
        "bad/credentials" => answer(401, &[], r#"{"message":"Bad credentials"}"#),
        _ => answer(200, &[], r#"[{"number":1,"title":"a plain title","created_at":"x"}]"#),
    })
}

/// Runs with the token, and keeps what was said as a file beside those that it writes itself.
fn run(folder: &Path, said: &str, args: &[&str], fault: &str) -> std::process::Output {
    let output = ended(pollscope(folder, args).env("GITHUB_TOKEN", TOKEN).env("POLLSCOPE_FAULT", fault));
    fs::write(folder.join(said), [output.stdout.as_slice(), &output.stderr].concat()).unwrap();
    output
}

#[test]
fn the_token_is_in_nothing_that_a_run_writes() {
    let folder = folder("secrets");
    let elsewhere = Server::start(reply, None);
    let server = Server::start(reply, Some(&elsewhere));
    let url = server.url();
    let repos = [OTHERS, ECHOES].concat();
    let work = [&["--pause", "1ms", "--api-url", &url], &repos[..]].concat();

    let json = [&["report", "pipeline", "--format", "json", "--record", "run.pollscope"], &work[..]].concat();
    let report = report_of(&run(&folder, "json", &json, ""));
    assert_eq!(result(&report, "good/one")["state"], "ok");
    for away in ["away/link", "away/location"] {
        let reason = result(&report, away)["reason"].as_str().unwrap();
        assert!(reason.contains("another server, not followed"), "{reason}");
    }
    for echo in ECHOES {
        assert_eq!(result(&report, echo)["reason"], "the answer repeats the token, so it is not looked at", "{echo}");
    }

    run(&folder, "text", &[&["report", "pipeline"], &work[..]].concat(), "");
    run(&folder, "text of the recording", &["report", "--from", "run.pollscope"], "");
    for format in ["perfetto", "svg", "csv", "json"] {
        let out = format!("export.{format}");
        let output =
            run(&folder, &format!("export {format}"), &["export", "run.pollscope", "--to", format, "--out", &out], "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    for panic in ["task", "job"] {
        let output =
            run(&folder, &format!("panic of a {panic}"), &[&["report", "pipeline"], &work[..]].concat(), panic);
        assert!(String::from_utf8_lossy(&output.stderr).contains("panicked"), "{panic}");
    }
    #[cfg(unix)]
    screen::run(&folder, &[&["--once", "--record", "screen.pollscope"], &work[..]].concat());

    let sent = server.requests();
    assert!(sent.iter().all(|request| request.header("authorization") == Some(&format!("Bearer {TOKEN}"))));
    assert_eq!(elsewhere.connections(), 0, "nothing goes to another origin");
    let written = written(&folder);
    let holds = |name: &str, text: &str| written.iter().any(|(file, all)| file == name && all.contains(text));
    for file in ["json", "text", "run.pollscope", "export.json", "export.perfetto"] {
        assert!(
            holds(file, "good/one"),
            "{file} can be searched: {:?}",
            written.iter().map(|(file, _)| file).collect::<Vec<_>>()
        );
    }
    for (file, all) in &written {
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
    let output = run(&folder, "said", &args, "");
    let line = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{line}");
    assert!(line.contains("would go to 192.0.2.1:80 in the clear") && !line.contains(TOKEN), "{line}");

    let output = ended(pollscope(&folder, &args).env("GITHUB_TOKEN", format!("{TOKEN} and more")));
    let line = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{line}");
    assert!(line.contains("GITHUB_TOKEN holds characters") && !line.contains(TOKEN), "{line}");
}

/// The dashboard in a pseudo terminal.
#[cfg(unix)]
mod screen {
    use std::{
        fs,
        io::{Read, Write},
        num::NonZero,
        path::Path,
        sync::mpsc,
        thread,
    };

    use portable_pty::{CommandBuilder, PtySize, native_pty_system};

    use super::{super::GUARD, TOKEN};

    /// Waits until a repository has failed, leaves, and keeps each byte that came.
    pub(super) fn run(folder: &Path, args: &[&str]) {
        let size = PtySize { rows: 50, cols: 160, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_pollscope"));
        command.args(args);
        command.cwd(folder);
        for (key, value) in [("TERM", "xterm-256color"), ("GITHUB_TOKEN", TOKEN), ("POLLSCOPE_FAULT", "")] {
            command.env(key, value);
        }
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut output = pair.master.try_clone_reader().unwrap();
        let (told, came) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                if told.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let mut keys = pair.master.take_writer().unwrap();
        let cells = |count: u16| NonZero::new(count).unwrap();
        let mut screen = vt100::Parser::new(cells(size.rows), cells(size.cols), 0);
        let (mut all, mut left) = (Vec::new(), false);
        // The terminal ends with the program.
        while let Ok(bytes) = came.recv_timeout(GUARD) {
            screen.process(&bytes);
            all.extend(bytes);
            if !left && screen.screen().contents().contains("repeats the token") {
                fs::write(folder.join("screen"), screen.screen().contents()).unwrap();
                keys.write_all(b"q").unwrap();
                left = true;
            }
        }
        assert!(left, "no failure on the screen:\n{}", screen.screen().contents());
        assert!(child.wait().unwrap().success());
        fs::write(folder.join("bytes of the screen"), all).unwrap();
    }
}
