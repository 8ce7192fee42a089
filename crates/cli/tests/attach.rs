//! A program that serves its trace, and those who look at it: viewers that keep up, that stand still, that talk nonsense.

#![cfg_attr(not(unix), allow(unused_imports, dead_code, reason = "some tests need a Unix"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../../../tests/tried/mod.rs"]
mod tried;

use std::{
    collections::BTreeMap,
    env, fs,
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use pollscope::scope::{self, Listen, Scope, ServeError, Server};
use pollscope_cli::attach::{AttachError, Attached, Trace, connect};
use pollscope_core::{
    model::{
        Model,
        picture::{Picture, View},
    },
    trace::{
        event::{Event, JobKind, Stamped, ThreadKind},
        log::{Batch, Item},
        record::{Fact, Outcome},
    },
    wire::{Address, Token},
};
use pollscope_lab::lab::{Bench, Lab};
use pollscope_lab::settings::Settings;
use serde_json::Value;
use tried::{Area, tried};

/// Nobody waits for longer: something hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// One at a time: some look at the memory and the threads of the process that they share.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn loopback() -> Listen {
    Listen::at(":0".parse().unwrap()).named("api")
}

/// A place for sockets, which is removed with this.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("ps-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn lab(scope: &Scope) -> Lab {
    Lab::build(scope.probes(), &Settings { workers: 2, ..Settings::default() }, 1).unwrap()
}

/// Tasks that each wait for a job.
fn work(scope: &Scope, bench: &Bench, tasks: usize) {
    let (done, finished) = crossbeam_channel::bounded(tasks);
    for _ in 0..tasks {
        let (done, probes) = (done.clone(), scope.probes().clone());
        bench.spawn("task", async move {
            let job = probes.job("job", JobKind::Blocking, || ());
            tokio::task::spawn_blocking(job).await.unwrap();
            done.send(()).unwrap();
        });
    }
    for _ in 0..tasks {
        finished.recv_timeout(PATIENCE).unwrap();
    }
}

/// Waits for what must come.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(1));
    }
}

fn pollscope() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pollscope"));
    command
        .env_remove("POLLSCOPE_TOKEN")
        .env("POLLSCOPE_CONFIG", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/empty.toml"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn report_of(address: &Address) -> Command {
    let mut command = pollscope();
    command.args(["report", "--format", "json", "--attach", &address.to_string()]);
    command
}

fn json(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What a report says of a run that has ended. Its own threads, the process and the clock go on.
fn figures(mut report: Value) -> Value {
    let report_of = report.as_object_mut().unwrap();
    for goes_on in ["process", "elapsed_ms", "events"] {
        report_of.remove(goes_on);
    }
    let threads = report_of["threads"].as_array_mut().unwrap();
    threads.retain(|thread| thread["kind"] != "observer");
    report
}

/// Everything that a viewer is sent until the server ends: how many polls were the last of their task, how much was told
/// as lost, and whether the end came too.
fn all_of(mut trace: Trace) -> (u64, u64, bool) {
    let (mut ended, mut lost) = (0, 0);
    for block in &mut trace {
        for batch in block.unwrap() {
            let (more, gone) = count(&batch);
            ended += more;
            lost += gone;
        }
    }
    (ended, lost, trace.has_ended())
}

fn count(batch: &Batch) -> (u64, u64) {
    let (mut ended, mut lost) = (0, 0);
    for item in batch.replay() {
        match item {
            Item::Record(_, record) => {
                let is_end = matches!(record.fact(), Some(Fact::Poll { outcome: Outcome::Ready, nested: false, .. }));
                ended += u64::from(is_end);
            }
            Item::Event(event) => {
                if let Event::EventsLost { count } = event.event {
                    lost += count;
                }
            }
        }
    }
    (ended, lost)
}

#[test]
fn a_second_process_sees_the_same_figures() {
    let _alone = alone();
    let scope = Scope::start_with(64 << 20, pollscope_lab::scenarios()).unwrap();
    let server = scope.serve(&loopback()).unwrap();
    let lab = lab(&scope);
    work(&scope, lab.bench(), 500);
    drop(lab);
    // Its pulse has stopped with it; a thread is no more when it has said so.
    until("the lab's threads end", || {
        let picture = scope.picture(View { window: 1_000_000_000_000, ..View::default() }).unwrap();
        picture.lanes.iter().filter(|lane| lane.lab == 1).all(|lane| lane.ended)
    });
    let here = serde_json::to_value(scope.summary().unwrap()).unwrap();
    let there = json(&report_of(server.address()).output().unwrap());
    assert_eq!(there["tasks"]["spawned"], 500);
    let (there, here) = (figures(there), figures(here));
    for (name, figure) in here.as_object().unwrap() {
        assert_eq!(&there[name], figure, "{name}");
    }
    assert_eq!(there, here);
    let text = pollscope().args(["report", "--attach", &server.address().to_string()]).output().unwrap();
    assert!(text.status.success() && String::from_utf8_lossy(&text.stdout).contains("500"));
    tried(
        Area::Attach,
        "a second process on a run that has ended",
        "500 tasks with a job each; report --attach, and the summary in the process",
        "the same figures: tasks, polls, pulse, ready times, threads, queues, findings",
    );
}

/// What a viewer does beside those that read.
#[cfg(unix)]
fn stopped_viewer(address: &Address, server: &Server, before: usize) -> Child {
    use nix::{
        sys::signal::{Signal, kill},
        unistd::Pid,
    };
    let viewer = report_of(address).args(["--for", "1h"]).spawn().unwrap();
    until("the second process looks", || server.viewers() > before);
    kill(Pid::from_raw(viewer.id().cast_signed()), Signal::SIGSTOP).unwrap();
    viewer
}

#[cfg(unix)]
#[test]
fn viewers_that_stand_still_cost_nothing_and_hear_what_they_missed() {
    use nix::{
        sys::signal::{Signal, kill},
        unistd::Pid,
    };
    const TASKS: usize = 2_000;
    const ROUNDS: usize = 100;
    let _alone = alone();
    let scope = Scope::start(16 << 20).unwrap();
    // However busy the machine is, those that read get to the end.
    let server = scope.serve(&loopback().with_last_words(PATIENCE)).unwrap();
    let address = server.address().clone();
    let lab = lab(&scope);
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let trace = connect(&address, None).unwrap();
            thread::spawn(move || all_of(trace))
        })
        .collect();
    let Address::Tcp(host, port) = &address else { panic!("it is TCP") };
    let mut deaf = TcpStream::connect((host.as_str(), *port)).unwrap();
    deaf.write_all(b"{\"pollscope\":\"attach\",\"version\":1}\n").unwrap();
    until("four look", || server.viewers() == 4);
    let mut stopped = stopped_viewer(&address, &server, 4);
    let mut memory = Vec::new();
    for _ in 0..ROUNDS {
        memory.push(scope::usage().resident.unwrap_or_default());
        work(&scope, lab.bench(), TASKS);
        // Whoever asks waits for all that has been recorded.
        assert_eq!(scope.summary().unwrap().events.lost, 0);
    }
    // By the middle the log is full, and so is what those who stand still hold.
    let (middle, end) = (memory[ROUNDS / 2], memory[ROUNDS - 1]);
    assert!(end <= middle + middle / 4, "memory grows: {memory:?}");
    assert_eq!(server.viewers(), 5);
    drop(lab);
    kill(Pid::from_raw(stopped.id().cast_signed()), Signal::SIGCONT).unwrap();
    let ended = (TASKS * ROUNDS) as u64;
    let caught_up = thread::spawn(move || {
        let mut out = String::new();
        stopped.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        (stopped.wait().unwrap(), out)
    });
    let again = all_until_now(&address);
    drop(deaf);
    drop(server);
    for reader in readers {
        let (seen, lost, has_ended) = reader.join().unwrap();
        assert!(has_ended && (seen == ended || lost > 0), "{seen} of {ended} polls, {lost} told as lost");
    }
    let (status, out) = caught_up.join().unwrap();
    let report: Value = serde_json::from_str(&out).unwrap();
    let (completed, lost) =
        (report["tasks"]["completed"].as_u64().unwrap(), report["events"]["lost"].as_u64().unwrap());
    assert!(status.success(), "its end was sent to it");
    assert!(completed == ended || lost > 0, "{completed} of {ended} tasks, {lost} told as lost");
    assert!(again > 0);
    tried(
        Area::Attach,
        "five viewers: three read, one never does, one is stopped with SIGSTOP",
        &format!("{} tasks in a log of 16 MiB", TASKS * ROUNDS),
        "the program lost nothing, its memory stayed bounded; each viewer got all, or was told how much it missed",
    );
}

#[cfg(unix)]
#[test]
fn a_viewer_that_falls_behind_the_log_is_told_how_much_is_missing_and_what_is_alive() {
    const TASKS: usize = 100_000;
    let _alone = alone();
    let folder = Folder::new("gap");
    let scope = Scope::start(1 << 20).unwrap();
    // A Unix socket holds little, whatever the system: what does not fit waits in the log, which forgets it.
    let at = Listen::at(Address::Unix(folder.0.join("api.sock"))).with_last_words(PATIENCE);
    let server = scope.serve(&at).unwrap();
    let lab = lab(&scope);
    let (stays, over) = tokio::sync::oneshot::channel::<()>();
    lab.bench().spawn("alive", async { drop(over.await) });
    let trace = connect(server.address(), None).unwrap();
    for _ in 0..TASKS / 2_000 {
        work(&scope, lab.bench(), 2_000);
    }
    let reader = thread::spawn(move || {
        let (mut told, mut model) = (Vec::new(), Model::default());
        for batch in trace.flat_map(Result::unwrap) {
            for item in batch.replay() {
                match item {
                    Item::Event(Stamped { event: Event::EventsLost { count }, .. }) => {
                        told.push(format!("lost {count}"));
                    }
                    Item::Event(Stamped { event: Event::ToldAnew, .. }) => told.push("anew".to_owned()),
                    Item::Event(Stamped { event: Event::Task(began), .. }) if &*began.name == "alive" => {
                        told.push("alive".to_owned());
                    }
                    _ => {}
                }
            }
            model.apply(&batch);
        }
        (told, model.summary())
    });
    stays.send(()).unwrap();
    // A lab that ends waits for its threads, and they for what they run.
    until("all have ended", || scope.summary().unwrap().tasks.completed == TASKS as u64 + 1);
    let here = scope.summary().unwrap();
    drop((lab, server));
    let (told, there) = reader.join().unwrap();
    let gap = told.iter().position(|it| it.starts_with("lost ")).unwrap_or_else(|| panic!("{told:?}"));
    assert_ne!(told[gap], "lost 0");
    assert_eq!(told[gap + 1..gap + 3], ["anew", "alive"], "{told:?}");
    // It was alive when it was told anew, and has ended since: the viewer knows that, and how much it does not know.
    assert!(there.events.lost > 0 && there.tasks.spawned < TASKS as u64, "{:?}", there.tasks);
    assert_eq!(there.tasks.spawned - there.tasks.completed, 0, "{:?}", there.tasks);
    assert_eq!(here.events.lost, 0);
    tried(
        Area::Attach,
        "a viewer that reads nothing until the log has forgotten what is next",
        &format!("{TASKS} tasks in a log of 1 MiB, over a Unix socket"),
        "it is told how much it missed, then all that is alive, and goes on; the program lost nothing",
    );
}

#[cfg(unix)]
#[test]
fn a_viewer_that_does_not_get_the_end_says_so() {
    use nix::{
        sys::signal::{Signal, kill},
        unistd::Pid,
    };
    let _alone = alone();
    let scope = Scope::start(64 << 20).unwrap();
    let server = scope.serve(&loopback().with_last_words(Duration::ZERO)).unwrap();
    let lab = lab(&scope);
    let viewer = stopped_viewer(server.address(), &server, 0);
    // More than a socket holds, so that it cannot have all of it.
    work(&scope, lab.bench(), 200_000);
    drop((lab, server));
    kill(Pid::from_raw(viewer.id().cast_signed()), Signal::SIGCONT).unwrap();
    let output = viewer.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("the stream"), "{said}");
    tried(
        Area::Attach,
        "a program that ends while its viewer is stopped with SIGSTOP",
        "200,000 tasks that the viewer had not read",
        "the report is of what it got, and says that the end is missing",
    );
}

/// What a new viewer gets: at least what is alive, and what the log still has.
fn all_until_now(address: &Address) -> usize {
    let trace = connect(address, None).unwrap();
    let now = trace.head().origin.now.unwrap();
    let mut items = 0;
    for block in trace {
        let batches = block.unwrap();
        items += batches.iter().map(Batch::len).sum::<usize>();
        if batches.last().is_some_and(|last| last.upto() >= now) {
            break;
        }
    }
    items
}

/// The answer to these bytes, as a line.
fn answer(address: &Address, bytes: &[u8], ends: bool) -> String {
    let Address::Tcp(host, port) = address else { panic!("it is TCP") };
    let mut stream = TcpStream::connect((host.as_str(), *port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(bytes).unwrap();
    if ends {
        stream.shutdown(Shutdown::Write).unwrap();
    }
    let mut line = String::new();
    stream.read_to_string(&mut line).unwrap();
    line
}

#[test]
fn nonsense_gets_a_line_that_says_what_to_do() {
    let _alone = alone();
    let scope = Scope::start(1 << 20).unwrap();
    let server = scope.serve(&loopback()).unwrap();
    let long = vec![b'x'; 100_000];
    let nonsense: [(&str, &[u8], bool, &str); 6] = [
        ("a browser", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", false, "pollscope attach"),
        ("zeros", &[0; 600], false, "pollscope attach"),
        ("a line without end", &long[..2000], true, "pollscope attach"),
        ("half a handshake, and no more", b"{\"pollscope\":\"att", false, "nothing was said for 2 s"),
        ("half a handshake, and the end", b"{\"pollscope\":\"att", true, "pollscope attach"),
        (
            "a newer viewer",
            b"{\"pollscope\":\"attach\",\"version\":7,\"new\":1}\n",
            false,
            "is newer than the program's",
        ),
    ];
    for (what, bytes, ends, expected) in nonsense {
        let line = answer(server.address(), bytes, ends);
        assert!(line.starts_with("{\"error\":\"") && line.contains(expected), "{what}: {line}");
        tried(Area::Attach, &format!("to a server: {what}"), "1 connection", expected_words(expected));
    }
    assert_eq!(server.viewers(), 0);
    // And it goes on.
    assert!(all_until_now(server.address()) > 0);
}

fn expected_words(expected: &str) -> &str {
    match expected {
        "pollscope attach" => "a line of JSON that says to use pollscope attach",
        "nothing was said for 2 s" => "after 2 s a line that says so",
        _ => "a line that names both versions, and what to do",
    }
}

#[test]
fn a_thousand_connections_are_answered_and_let_go() {
    const ALL: usize = 1000;
    let _alone = alone();
    let scope = Scope::start(1 << 20).unwrap();
    let server = scope.serve(&loopback()).unwrap();
    let Address::Tcp(host, port) = server.address() else { panic!("it is TCP") };
    let before = scope::usage().resident.unwrap_or_default();
    let mut connections: Vec<_> = (0..ALL).map(|_| TcpStream::connect((host.as_str(), *port)).unwrap()).collect();
    let most = threads();
    // Those that are left to wait hear so after 2 s, all others at once.
    let mut said = BTreeMap::new();
    for connection in &mut connections {
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut line = String::new();
        connection.read_to_string(&mut line).unwrap();
        *said.entry(line).or_insert(0) += 1;
    }
    assert!(said.keys().all(|line| line.contains("too many come at once") || line.contains("for 2 s")), "{said:?}");
    assert!(most.is_none_or(|most| most < 100), "{most:?} threads");
    let grown = scope::usage().resident.unwrap_or_default().saturating_sub(before);
    assert!(grown < 32 << 20, "{grown} bytes more");
    drop(connections);
    assert!(all_until_now(server.address()) > 0);
    tried(
        Area::Attach,
        "a thousand connections at once that say nothing",
        "1 run",
        "each is told why in a line; fewer than 100 threads, memory bounded; whoever comes then is served",
    );
}

/// Threads of this process, where the system tells.
fn threads() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("Threads:")?.trim().parse().ok())
}

#[test]
fn there_are_seats_for_sixteen() {
    let _alone = alone();
    let scope = Scope::start(1 << 20).unwrap();
    let server = scope.serve(&loopback()).unwrap();
    let mut traces: Vec<_> = (0..16).map(|_| connect(server.address(), None).unwrap()).collect();
    let refused = connect(server.address(), None).unwrap_err();
    assert!(matches!(&refused, AttachError::Refused { why, .. } if why.contains("16 viewers")), "{refused}");
    traces.pop();
    // Whoever is gone is noticed at the next block.
    until("a seat is free", || connect(server.address(), None).is_ok());
    tried(Area::Attach, "a seventeenth viewer", "1 run", "refused in a line; taken when another has gone");
}

#[test]
fn a_token_is_needed_where_it_is_set_and_told_to_nobody() {
    const SECRET: &str = "correct-horse-battery";
    let _alone = alone();
    let folder = Folder::new("token");
    let scope = Scope::start(1 << 20).unwrap();
    let token: Token = SECRET.parse().unwrap();
    let at = loopback().with_token(Some(token.clone()));
    let server = scope.serve(&at).unwrap();
    let file = folder.0.join("run.pollscope");
    scope.record(fs::File::create(&file).unwrap()).unwrap();
    let mut written = vec![format!("{at:?} {server:?} {token:?}").into_bytes()];
    for (given, wanted) in [(None, "wants a token"), (Some("wrong-horse"), "the token is another"), (Some(SECRET), "")]
    {
        let mut report = report_of(server.address());
        if let Some(given) = given {
            report.env("POLLSCOPE_TOKEN", given);
        }
        let output = report.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = if wanted.is_empty() { 0 } else { 2 };
        assert!(output.status.code() == Some(code) && said.contains(wanted), "{given:?}: {said}");
        assert!(!said.contains("wrong-horse"), "{said}");
        written.extend([output.stdout, output.stderr]);
        tried(
            Area::Attach,
            if given.is_none() {
                "no token"
            } else if code == 2 {
                "a wrong token"
            } else {
                "the right token"
            },
            "report --attach on a server that has one",
            if code == 2 { "exit code 2 and a line that says what to set" } else { "a report" },
        );
    }
    scope.conclude().unwrap().0.unwrap().unwrap();
    let mut unpacked = Vec::new();
    flate2::read::MultiGzDecoder::new(fs::File::open(&file).unwrap()).read_to_end(&mut unpacked).unwrap();
    written.push(unpacked);
    for text in &written {
        assert!(!String::from_utf8_lossy(text).contains(SECRET));
    }
    tried(
        Area::Secrets,
        "the token of a program that serves its trace",
        "Debug, reports, errors, a recording",
        "in none of them",
    );
}

#[test]
fn others_than_this_machine_need_a_token() {
    let scope = Scope::start(1 << 20).unwrap();
    for address in ["0.0.0.0:0", "[::]:0"] {
        let refused = scope.serve(&Listen::at(address.parse().unwrap())).unwrap_err();
        assert!(matches!(refused, ServeError::NeedsToken(_)) && refused.to_string().contains("POLLSCOPE_TOKEN"));
    }
    let output = pollscope().args(["report", "--serve", "0.0.0.0:0"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("set POLLSCOPE_TOKEN"), "{said}");
    let token = Some("word".parse().unwrap());
    let server = scope.serve(&Listen::at("0.0.0.0:0".parse().unwrap()).with_token(token.clone())).unwrap();
    let Address::Tcp(_, port) = server.address() else { panic!("it is TCP") };
    assert!(connect(&Address::Tcp("127.0.0.1".to_owned(), *port), token.as_ref()).is_ok());
    tried(
        Area::Attach,
        "--serve where others could come, without a token",
        "IPv4, IPv6, the command line",
        "refused, exit code 2, and a line that says to set one",
    );
}

#[cfg(unix)]
#[test]
fn a_socket_is_this_users_and_only_a_dead_ones_is_replaced() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt};
    let folder = Folder::new("socket");
    let path = folder.0.join("api.sock");
    let at = Listen::at(Address::Unix(path.clone()));
    let scope = Scope::start(1 << 20).unwrap();
    // As a killed program leaves it.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let server = scope.serve(&at).unwrap();
    let file = fs::metadata(&path).unwrap();
    assert!(file.file_type().is_socket());
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    assert!(matches!(scope.serve(&at).unwrap_err(), ServeError::Taken(_)));
    assert!(all_until_now(server.address()) > 0);
    drop(server);
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0, "nothing is left");
    fs::write(&path, "mine").unwrap();
    assert!(matches!(scope.serve(&at).unwrap_err(), ServeError::NoSocket(_)));
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    tried(
        Area::Attach,
        "a Unix socket whose name is there already",
        "of a dead program, of a live one, a file",
        "replaced, refused, refused; its mode is 0600, and it goes with its program",
    );
}

#[test]
fn what_is_no_program_is_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Address::Tcp("127.0.0.1".to_owned(), listener.local_addr().unwrap().port());
    for (answer, expected) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], "is no program that serves its trace"),
        (b"", "does not answer"),
        (b"{\"error\":\"your pollscope is older\",\"pollscope\":\"9.9\"}\n", "the program has pollscope 9.9"),
    ] {
        let served = thread::scope(|scope| {
            scope.spawn(|| {
                let (mut stream, _) = listener.accept().unwrap();
                let _ = stream.read(&mut [0; 512]).map_err(|error| assert_ne!(error.kind(), ErrorKind::Other));
                stream.write_all(answer).unwrap();
            });
            connect(&address, None)
        });
        let error = served.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    drop(listener);
    let output = report_of(&address).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("nobody serves a trace"), "{said}");
    tried(
        Area::Attach,
        "attaching to what is no program with a scope",
        "HTTP, silence, a newer program, nobody",
        "each named in a line that says what to do",
    );
}

/// What is looked at, with a view that is asked for again and again.
struct Looking {
    attached: Attached,
    notices: crossbeam_channel::Receiver<String>,
}

impl Looking {
    fn at(addresses: &[&Address]) -> Self {
        let (told, notices) = crossbeam_channel::bounded(100);
        let programs = addresses.iter().map(|it| ((*it).clone(), connect(it, None).ok())).collect();
        let attached = Attached::start(programs, None, 64 << 20, Vec::new(), told).unwrap();
        Self { attached, notices }
    }

    /// Waits for a picture that is as it should be.
    fn sees(&self, what: &str, is_so: impl Fn(&Picture) -> bool) -> Box<Picture> {
        let begun = std::time::Instant::now();
        loop {
            self.attached.views().send(View::default()).unwrap();
            let picture = self.attached.pictures().recv_timeout(PATIENCE).unwrap();
            if is_so(&picture) {
                return picture;
            }
            assert!(begun.elapsed() < PATIENCE, "{what}: {:?}", picture.header);
        }
    }

    fn hears(&self, what: &str) {
        while !self.notices.recv_timeout(PATIENCE).unwrap().contains(what) {}
    }
}

fn workers(picture: &Picture, program: Option<&str>) -> Vec<u32> {
    let of = |lane: &&pollscope_core::model::picture::Lane| {
        lane.program.as_deref() == program && lane.kind == ThreadKind::Worker && !lane.ended
    };
    picture.lanes.iter().filter(of).map(|lane| lane.thread).collect()
}

#[test]
fn two_programs_are_two_groups_on_one_clock() {
    let _alone = alone();
    let scopes = ["api", "jobs"].map(|name| {
        let scope = Scope::start(8 << 20).unwrap();
        let server = scope.serve(&Listen::at(":0".parse().unwrap()).named(name)).unwrap();
        let lab = lab(&scope);
        work(&scope, lab.bench(), 50);
        (lab, server, scope)
    });
    let looking = Looking::at(&[scopes[0].1.address(), scopes[1].1.address()]);
    let both = |picture: &Picture| ["api", "jobs"].into_iter().all(|name| workers(picture, Some(name)).len() == 2);
    let picture = looking.sees("two groups", both);
    assert_eq!(picture.header.programs.iter().map(|it| &*it.name).collect::<Vec<_>>(), ["api", "jobs"]);
    let mut threads: Vec<_> = picture.lanes.iter().map(|lane| lane.thread).collect();
    threads.sort_unstable();
    threads.dedup();
    assert_eq!(threads.len(), picture.lanes.len(), "two lanes have one id");
    // The clock of both goes on.
    let then = picture.at;
    looking.sees("later", |picture| picture.at > then + 300_000_000 && both(picture));
    drop(looking);
    tried(
        Area::Attach,
        "two programs in one viewer",
        "a lab each, of two workers",
        "two groups of lanes under their names, no id twice, one clock that goes on",
    );
}

#[test]
fn a_program_that_starts_anew_is_found_again() {
    let _alone = alone();
    let start = |at: &Listen| {
        let scope = Scope::start(8 << 20).unwrap();
        let server = scope.serve(at).unwrap();
        let lab = lab(&scope);
        work(&scope, lab.bench(), 50);
        (lab, server, scope)
    };
    let first = start(&loopback());
    let address = first.1.address().clone();
    let looking = Looking::at(&[&address]);
    let before = workers(&looking.sees("its workers", |picture| workers(picture, None).len() == 2), None);
    drop(first);
    looking.hears("api: gone");
    let second = start(&Listen::at(address).named("api"));
    looking.hears("api: back, started anew");
    let is_new = |picture: &Picture| {
        let now = workers(picture, None);
        now.len() == 2 && now.iter().all(|thread| !before.contains(thread))
    };
    let picture = looking.sees("the new workers alone", is_new);
    assert!(picture.oldest < picture.at);
    drop((looking, second));
    tried(
        Area::Attach,
        "a program that ends and starts anew",
        "1 run",
        "the viewer says so, finds it again, and its threads are others; what was before stays",
    );
}
