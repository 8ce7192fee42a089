//! What `pollscope report` claims, run as a user does: the figures are measured, so they must follow from
//! what the threads really did, with any number of workers.
//!
//! No test asserts on a wall-clock time: lateness is compared with the pause that caused it, and times
//! with each other. Where lateness must stay far below the pause, the pause is long: a machine that stands
//! still for a third of a second, or reads the program from a slow disk, is late too, and rightly says so.
//! The runs take turns, since they share the machine's cores.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    process::{Command, Output, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

/// The pause of runs that shall suffer from it, milliseconds.
const PAUSE: f64 = 200.0;
/// The pause of runs that shall not.
const LONG_PAUSE: f64 = 600.0;
/// What is far below a pause: less than this share of it.
const FAR_BELOW: f64 = 0.75;

static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The program, or the one that is installed: it must hold of what users have, too.
fn pollscope(args: &[&str]) -> Command {
    let built = || env!("CARGO_BIN_EXE_pollscope").into();
    let mut command = Command::new(std::env::var_os("POLLSCOPE_INSTALLED").unwrap_or_else(built));
    command.env("POLLSCOPE_CONFIG", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/empty.toml"));
    command.args(args).env_remove("GITHUB_TOKEN").stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    pollscope(args).output().unwrap()
}

const FAST: &[&str] = &["report", "pipeline", "--format", "json", "--latency", "10ms", "--pause", "200ms"];
const LONG_PAUSES: &[&str] =
    &["report", "pipeline", "--format", "json", "--latency", "10ms", "--pause", "600ms", "--max-pages", "3"];

fn report_of(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A report on some of the embedded repositories.
fn report(args: &[&str]) -> Value {
    report_as(FAST, args)
}

fn report_as(kind: &[&str], args: &[&str]) -> Value {
    let repos = some_repos();
    let repos: Vec<_> = repos.iter().map(String::as_str).collect();
    report_of(&run(&[kind, &repos, args].concat()))
}

/// Six of the embedded repositories: enough tasks to starve each other, few enough for a quick run.
fn some_repos() -> Vec<String> {
    pollscope_lab::github::embedded::repositories(1).iter().take(6).map(ToString::to_string).collect()
}

fn number(report: &Value, path: &str) -> f64 {
    report.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("no number at {path}: {report:#}"))
}

fn has_finding(report: &Value, rule: &str) -> bool {
    report["findings"].as_array().unwrap().iter().any(|finding| finding["rule"] == rule)
}

/// All pauses of a run together.
fn pauses(report: &Value, pause: f64) -> f64 {
    number(report, "/pipeline/pages") * pause
}

/// The workers were free while the tasks paused. A worker may still sleep in a poll for a moment, while a
/// page of the program comes from the disk: that is found, and is no pause.
fn assert_nobody_is_blocked(report: &Value, case: &str) {
    assert!(number(report, "/pulse/late_max_ms") < LONG_PAUSE * FAR_BELOW, "{case} {:#}", report["pulse"]);
    let blocked = number(report, "/polls/blocked_ms");
    assert!(blocked < pauses(report, LONG_PAUSE) * 0.05, "{case} {:#}", report["polls"]);
    let pauses = |it: &Value| it["rule"] == "blocked-worker" && number(it, "/for_ms") >= LONG_PAUSE * FAR_BELOW;
    assert!(!report["findings"].as_array().unwrap().iter().any(pauses), "{case} {:#}", report["findings"]);
    assert_eq!(report["events"]["lost"], 0, "{case}");
}

/// The machines on which every claim must hold.
const LABS: &[&[&str]] =
    &[&["--workers", "1"], &["--workers", "2"], &["--workers", "4"], &["--flavor", "current-thread"]];

#[test]
fn async_waits_block_nobody() {
    let _turn = turn();
    for lab in LABS {
        let report = report_as(LONG_PAUSES, &[&["--wait", "async"], *lab].concat());
        assert_nobody_is_blocked(&report, &format!("{lab:?}"));
    }
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells a thread that sleeps from one that works")]
fn blocking_waits_block_everybody_and_are_found() {
    let _turn = turn();
    for lab in LABS {
        // All repositories at once: even four workers have a poll in line behind each blocked one. With
        // fewer tasks than that, a worker may be free in time to keep the pulse within one pause.
        let all = [FAST, &["--concurrency", "16", "--wait", "blocking"], *lab].concat();
        let report = report_of(&run(&all));
        assert!(number(&report, "/pulse/late_max_ms") >= PAUSE, "{lab:?} {:#}", report["pulse"]);
        // All pauses, and each once. A machine that stands still makes a sleep longer, never shorter.
        let blocked = number(&report, "/polls/blocked_ms") / pauses(&report, PAUSE);
        assert!((0.9..1.5).contains(&blocked), "{lab:?} {blocked} of the pauses; {:#}", report["polls"]);
        let found = report["findings"].as_array().unwrap().iter().find(|it| it["rule"] == "blocked-worker").unwrap();
        let culprit = found["task"].as_str().unwrap();
        let repos = pollscope_lab::github::embedded::repositories(1);
        assert!(repos.iter().any(|repo| repo.to_string() == culprit), "{lab:?} {culprit}");
        assert!(found["thread"].as_str().unwrap().starts_with("worker"), "{lab:?} {found:#}");
        assert_eq!(report["events"]["lost"], 0, "{lab:?}");
    }
}

#[test]
fn waits_elsewhere_leave_the_workers_free() {
    let _turn = turn();
    for wait in ["spawn-blocking", "block-in-place"] {
        for lab in LABS.iter().filter(|lab| wait != "block-in-place" || lab[0] == "--workers") {
            let report = report_as(LONG_PAUSES, &[&["--wait", wait], *lab].concat());
            assert_nobody_is_blocked(&report, &format!("{wait} {lab:?}"));
        }
    }
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells a thread that sleeps from one that works")]
fn computing_inline_hogs_and_does_not_block() {
    let _turn = turn();
    for lab in LABS {
        // All repositories: so much to compute that a moment's sleep, while a page of the program comes from
        // the disk or the machine stands still, stays the smaller part.
        let inline = report_of(&run(&[FAST, &["--compute", "inline"], *lab].concat()));
        let rayon = report_of(&run(&[FAST, &["--compute", "rayon"], *lab].concat()));
        let (hogged, blocked) = (number(&inline, "/polls/hogged_ms"), number(&inline, "/polls/blocked_ms"));
        assert!(
            hogged > 2.0 * number(&rayon, "/polls/hogged_ms"),
            "{lab:?} {:#} {:#}",
            inline["polls"],
            rayon["polls"]
        );
        assert!(hogged > 2.0 * blocked, "{lab:?} {:#}", inline["polls"]);
        assert!(has_finding(&inline, "hogged-worker"), "{lab:?} {:#}", inline["findings"]);
    }
}

#[test]
fn the_shape_is_the_documented_one() {
    let _turn = turn();
    let report = report(&[]);
    let keys: Vec<_> = report.as_object().unwrap().keys().cloned().collect();
    let expected = [
        "coverage",
        "elapsed_ms",
        "events",
        "findings",
        "pipeline",
        "polls",
        "process",
        "pulse",
        "queues",
        "ready",
        "scheduler",
        "schema",
        "settings",
        "tasks",
        "threads",
    ];
    assert_eq!(keys, expected);
    assert_eq!(report["schema"], 1);
    assert_eq!(report["settings"]["pause"], "200ms");
    assert_eq!(report["pipeline"]["results"].as_array().unwrap().len(), 6);
    // The parts of the polls' time are all of it, and the pages are those of the results.
    let parts = ["blocked_ms", "hogged_ms", "runnable_ms", "short_ms", "unknown_ms"];
    let polls: f64 = parts.iter().map(|part| number(&report, &format!("/polls/{part}"))).sum();
    let threads = report["threads"].as_array().unwrap();
    let polling: f64 = threads.iter().map(|thread| thread["polling_ms"].as_f64().unwrap()).sum();
    assert!((polls - polling).abs() <= 0.02 * polling + 1.0, "{polls} in polls, {polling} on threads");
    let kinds: Vec<_> = threads.iter().map(|thread| thread["kind"].as_str().unwrap()).collect();
    for kind in ["worker", "rayon", "scenario", "server", "observer"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_results() {
    let _turn = turn();
    let (first, second) = (report(&[]), report(&["--compute", "thread", "--workers", "4"]));
    assert_eq!(first["pipeline"]["results"], second["pipeline"]["results"]);
}

/// Answers every listing with an empty page and a second one, which it says that it was asked for and
/// holds back until told to answer.
#[cfg(target_os = "linux")]
fn slow_second_page() -> (String, std::sync::mpsc::Receiver<()>, std::sync::mpsc::Sender<()>) {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        sync::mpsc::channel,
        thread,
    };

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (asked, was_asked) = channel();
    let (answer, may_answer) = channel::<()>();
    let may_answer = std::sync::Arc::new(Mutex::new(may_answer));
    let link = format!("Link: <{address}/repositories/1/issues?page=2>; rel=\"next\"\r\n");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (asked, may_answer, link) = (asked.clone(), std::sync::Arc::clone(&may_answer), link.clone());
            thread::spawn(move || {
                let (mut request, mut bytes) = (Vec::new(), [0; 1024]);
                while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                    let Ok(count @ 1..) = stream.read(&mut bytes) else { return };
                    request.extend_from_slice(&bytes[..count]);
                }
                let second = String::from_utf8_lossy(&request).contains("page=2 ");
                if second {
                    let _ = asked.send(());
                    // An error means that all may be answered.
                    let _ = may_answer.lock().unwrap_or_else(PoisonError::into_inner).recv();
                }
                let link = if second { "" } else { &link };
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n{link}\r\n[]");
                let _ = stream.write_all(head.as_bytes());
            });
        }
    });
    (address, was_asked, answer)
}

/// A second in which the whole process was stopped is a second that the pulse is late: nobody told it.
#[cfg(target_os = "linux")]
#[test]
fn a_stopped_process_shows_the_stop() {
    use nix::{
        sys::signal::{Signal, kill},
        unistd::Pid,
    };

    const STOP: std::time::Duration = std::time::Duration::from_secs(1);
    let _turn = turn();
    let (address, was_asked, answer) = slow_second_page();
    let mut args = FAST.to_vec();
    args.extend(["--api-url", &address, "some/repository"]);
    let child = pollscope(&args).stdout(Stdio::piped()).spawn().unwrap();
    let pid = Pid::from_raw(child.id().cast_signed());
    // The second page comes after a pause: by then the timers run, and so does the pulse.
    was_asked.recv().unwrap();
    kill(pid, Signal::SIGSTOP).unwrap();
    std::thread::sleep(STOP);
    kill(pid, Signal::SIGCONT).unwrap();
    drop(answer);
    let report = report_of(&child.wait_with_output().unwrap());
    // The first due time in it comes a period after its beginning, at most.
    let hidden = 2.0 * number(&report, "/pulse/period_ms");
    assert!(number(&report, "/pulse/late_max_ms") >= 1e3 * STOP.as_secs_f64() - hidden, "{:#}", report["pulse"]);
}

/// A run that shares its only core with a busy loop waits for that core, and says so.
#[cfg(target_os = "linux")]
#[test]
fn a_shared_core_shows_as_waiting_for_it() {
    let _turn = turn();
    let mut hog = Command::new("taskset").args(["-c", "0", "sh", "-c", "while :; do :; done"]).spawn().unwrap();
    let mut args = vec!["-c", "0", env!("CARGO_BIN_EXE_pollscope")];
    // All repositories, and the pause of every day: longer than the second over which waiting is averaged.
    args.extend(["report", "pipeline", "--format", "json"]);
    let output = Command::new("taskset")
        .args(args)
        .env("POLLSCOPE_CONFIG", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/empty.toml"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    hog.kill().unwrap();
    hog.wait().unwrap();
    let report = report_of(&output);
    let waited = |thread: &Value| thread["waiting_for_core_ms"].as_f64().unwrap_or(0.0);
    let waited: f64 = report["threads"].as_array().unwrap().iter().map(waited).sum();
    let used = number(&report, "/process/cpu_ms");
    assert!(waited > used * 0.25, "{waited} ms without a core, {used} ms on it");
    assert!(has_finding(&report, "oversubscribed"), "{:#}", report["findings"]);
}

fn complaint(args: &[&str]) -> (Option<i32>, String) {
    let output = run(args);
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_wrong_command_line_gets_one_line_and_exit_code_2() {
    let mistakes: &[(&[&str], &str)] = &[
        (&["reprot"], "did you mean 'report'"),
        (&["serve", "--port", "8080"], "is now 'pollscope fake-github'"),
        (&["report", "--wait", "sleepy"], "async"),
        (&["report", "--pause", "400"], "unit"),
        (&["report", "--workers", "0"], "1..=512"),
        (&["report", "--workers", "10000"], "1..=512"),
        (&["report", "--api-url", "not a url"], "--api-url"),
        (&["report", "pipeline", "tokio-rs"], "owner/name"),
        (&["report", "pipeline", "no-such/repo"], "--source github"),
        (&["report", "--source", "github"], "say which repositories"),
        (&["report", "--flavor", "current-thread", "--wait", "block-in-place"], "block-in-place"),
        (&["report", "--flavor", "current-thread", "--workers", "2"], "exactly one worker"),
        (&[], "pollscope report"),
    ];
    for (args, expected) in mistakes {
        let (code, line) = complaint(args);
        assert_eq!(code, Some(2), "{args:?}: {line}");
        assert!(line.contains(expected), "{args:?}: {line}");
        assert_eq!(line.trim_end().lines().count(), 1, "{args:?}: {line}");
    }
}

/// The embedded GitHub in a process of its own, which answers 404 where it has no such repository.
fn embedded_github() -> (std::process::Child, String) {
    let mut server = pollscope(&["fake-github", "--latency", "1ms"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut address = String::new();
    let stdout = server.stdout.as_mut().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut address).unwrap();
    (server, address.trim().to_owned())
}

#[test]
fn a_repository_that_fails_leaves_the_others_alone() {
    let _turn = turn();
    let (mut server, address) = embedded_github();
    let repos = some_repos();
    let args =
        ["report", "pipeline", "--format", "json", "--pause", "1ms", "--api-url", &address, &repos[0], "no-such/repo"];
    let output = run(&args);
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let states: Vec<_> =
        report["pipeline"]["results"].as_array().unwrap().iter().map(|it| it["state"].clone()).collect();
    assert_eq!(states, ["ok", "failed"]);
    assert!(report["pipeline"]["results"][1]["reason"].as_str().unwrap().contains("404"));
    assert_eq!(report["pipeline"]["failures"], 1);
}

/// Runs with a failing repository between two others, while the channel of the telemetry is full all the time.
#[cfg(debug_assertions)]
fn run_with_full_telemetry(command: &[&str]) -> Output {
    let (mut server, address) = embedded_github();
    let repos = some_repos();
    let work = ["--pause", "1ms", "--api-url", &address, &repos[0], "no-such/repo", &repos[1]];
    // An installed program is a release build, which has no faults.
    let output = Command::new(env!("CARGO_BIN_EXE_pollscope"))
        .args([command, &work].concat())
        .env("POLLSCOPE_CONFIG", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/empty.toml"))
        .env("POLLSCOPE_FAULT", "telemetry")
        .env_remove("GITHUB_TOKEN")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// All that a report of those three says of them.
#[cfg(debug_assertions)]
fn assert_has_every_result(report: &Value) {
    let pipeline = &report["pipeline"];
    let results = pipeline["results"].as_array().unwrap();
    let of = |field| results.iter().map(|it: &Value| it[field].as_str().unwrap()).collect::<Vec<_>>();
    let repos = some_repos();
    assert_eq!(of("repo"), [&repos[0], "no-such/repo", &repos[1]], "{pipeline:#}");
    assert_eq!(of("state"), ["ok", "failed", "ok"], "{pipeline:#}");
    assert!(results[1]["reason"].as_str().unwrap().contains("404"), "{pipeline:#}");
    let sum = |field| results.iter().map(|it: &Value| it[field].as_u64().unwrap()).sum::<u64>();
    assert_eq!(pipeline["repos"], 3, "{pipeline:#}");
    assert_eq!(pipeline["failures"], 1, "{pipeline:#}");
    assert_eq!((&pipeline["issues"], &pipeline["pulls"]), (&sum("issues").into(), &sum("pulls").into()));
    for counted in ["pages", "requests", "bytes", "issues"] {
        assert!(pipeline[counted].as_u64().unwrap() > 0, "{counted}: {pipeline:#}");
    }
    // The telemetry is lost, and counted.
    assert!(number(report, "/events/lost") > 0.0, "{:#}", report["events"]);
    assert_eq!(report["tasks"]["spawned"], 0, "an event of a task arrived: the channel had room");
}

#[cfg(debug_assertions)]
#[test]
fn report_has_every_result_while_the_telemetry_is_full() {
    let _turn = turn();
    let output = run_with_full_telemetry(&["report", "pipeline", "--format", "json"]);
    assert_has_every_result(&serde_json::from_slice(&output.stdout).unwrap());
}

#[cfg(debug_assertions)]
#[test]
fn report_as_text_has_every_result_while_the_telemetry_is_full() {
    let _turn = turn();
    let output = run_with_full_telemetry(&["report", "pipeline", "--format", "text"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("3 repositories") && text.contains("1 failed"), "{text}");
    let line = |repo: &str| text.lines().find(|line| line.trim_start().starts_with(repo)).unwrap_or_default();
    for repo in &some_repos()[..2] {
        assert!(line(repo).contains(" issues · "), "{repo}: {text}");
    }
    assert!(line("no-such/repo").contains("failed: ") && line("no-such/repo").contains("404"), "{text}");
    assert!(!text.contains(" 0 lost"), "{text}");
}

#[cfg(debug_assertions)]
#[test]
fn comparison_has_every_result_while_the_telemetry_is_full() {
    let _turn = turn();
    let output = run_with_full_telemetry(&["compare", "pipeline", "--format", "json", "--wait", "async,blocking"]);
    let comparison: Value = serde_json::from_slice(&output.stdout).unwrap();
    let runs = comparison["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    runs.iter().for_each(assert_has_every_result);
}
