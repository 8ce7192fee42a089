//! The table of faults, all in one run, with repositories beside them that are well.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    count, ended, folder, pollscope, report_of, result,
    server::{Reply, Request, Server, answer},
    table::{self, Becomes, FAULTS, Fault, LIMITS},
    tried::{Area, tried},
};

const REPORT: &[&str] = &["report", "pipeline", "--format", "json", "--pause", "1ms", "--concurrency", "1000"];
const GOOD: [&str; 2] = ["good/one", "good/two"];
/// Far more than the runs need, far less than what they are sent.
const MUCH_MEMORY: u64 = 512 * 1024 * 1024;

#[test]
fn each_fault_fails_its_own_repository_with_a_plain_reason() {
    let report = all_faults("network", &["--workers", "2"]);
    for fault in FAULTS {
        let result = result(&report, &format!("fault/{}", fault.name));
        let requests = 2 * fault.requests;
        let how = format!("1 run beside {} others, {requests} requests", FAULTS.len() + GOOD.len() - 1);
        let happened = match fault.becomes {
            Becomes::Failed(_) => result["reason"].as_str().unwrap().to_owned(),
            Becomes::Read => "read nevertheless".to_owned(),
            Becomes::Cut => "read as far as is allowed, and marked as cut".to_owned(),
        };
        tried(Area::Network, fault.name, &how, &happened);
    }
    let happened = format!("the report counts {} requests, as the server does", count(&report, "requests"));
    tried(Area::Network, "all faults at once", "1 run on two workers", &happened);
}

/// Nobody else could go on if one of them kept the thread.
#[test]
fn so_it_is_on_one_thread() {
    let report = all_faults("one-thread", &["--flavor", "current-thread"]);
    let peak = report["process"]["rss_peak_bytes"].as_u64().unwrap_or_default() / 1_000_000;
    let happened = format!("each fails for its own reason, the others finish; {peak} MB of memory at most");
    tried(Area::Network, "all faults at once, on one thread", "1 run", &happened);
}

fn all_faults(name: &str, lab: &[&str]) -> Value {
    let elsewhere = Server::start(table::reply, None);
    let server = Server::start(table::reply, Some(&elsewhere));
    let url = server.url();
    let names: Vec<_> = FAULTS.iter().map(|fault| format!("fault/{}", fault.name)).collect();
    let names: Vec<_> = names.iter().map(String::as_str).chain(GOOD).collect();
    let args = [REPORT, lab, LIMITS, &["--timeout", "5s", "--api-url", &url], &names].concat();
    let output = ended(&mut pollscope(&folder(name), &args));
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let report = report_of(&output);

    for fault in FAULTS {
        assert_became(fault, result(&report, &format!("fault/{}", fault.name)));
    }
    for good in GOOD {
        assert_eq!(result(&report, good)["state"], "ok", "{good}");
    }
    let failed = FAULTS.iter().filter(|fault| matches!(fault.becomes, Becomes::Failed(_))).count();
    assert_eq!(count(&report, "failures"), failed as u64);
    assert_accounted(&report, &server);
    assert_bounded(&report, &server);
    assert_eq!(elsewhere.connections(), 0, "nothing goes to another origin");
    report
}

fn assert_became(fault: &Fault, result: &Value) {
    let (state, reason) = (result["state"].as_str().unwrap(), result["reason"].as_str().unwrap_or_default());
    match fault.becomes {
        Becomes::Failed(words) => {
            assert!(state == "failed" && reason.contains(words), "{}: {result:#}", fault.name);
            assert!(!reason.contains(char::is_control) && reason.len() < 200, "{reason:?}");
        }
        Becomes::Read | Becomes::Cut => {
            assert!(state == "ok" || state == "empty", "{}: {result:#}", fault.name);
            assert_eq!(result["cut"], matches!(fault.becomes, Becomes::Cut), "{}", fault.name);
        }
    }
}

/// Every request that the server got is in the report's total, and is one that the table expects, but for those
/// that the report says it had to repeat because the machine stood still.
fn assert_accounted(report: &Value, server: &Server) {
    let mut asked: HashMap<String, u64> = HashMap::new();
    for request in server.requests() {
        *asked.entry(request.repo().unwrap_or_default().to_owned()).or_default() += 1;
    }
    let total: u64 = asked.values().sum();
    assert_eq!(total, count(report, "requests"), "{asked:?}");
    let faults = FAULTS.iter().map(|fault| (format!("fault/{}", fault.name), 2 * fault.requests));
    let expected: HashMap<_, _> = faults.chain(GOOD.map(|good| (good.to_owned(), 2))).collect();
    let others: Vec<_> = asked.iter().filter(|(name, asked)| expected.get(*name) != Some(asked)).collect();
    let unread = count(report, "unread_answers");
    assert!(others.is_empty() || unread > 0, "{others:?}");
    assert_eq!(total, expected.values().sum::<u64>() + unread, "{others:?}");
}

/// Neither the program's memory nor what it took from the wire has the size of what it was sent.
fn assert_bounded(report: &Value, server: &Server) {
    let sampled = report["process"]["rss_peak_bytes"].as_u64().unwrap_or_default();
    let peak = sampled.max(peak_of_all_runs());
    assert!(peak < MUCH_MEMORY, "{peak} bytes of memory");
    // What was streamed and not read lies in the sockets.
    assert!(server.streamed() < MUCH_MEMORY, "{} bytes were taken", server.streamed());
}

/// The most memory that any program of these tests has had so far: the report's own figure is of samples.
fn peak_of_all_runs() -> u64 {
    #[cfg(target_os = "linux")]
    {
        use nix::sys::resource::{UsageWho, getrusage};
        let kibibytes = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss();
        u64::try_from(kibibytes).unwrap() * 1024
    }
    #[cfg(not(target_os = "linux"))]
    0
}

#[test]
fn a_server_that_nobody_runs_refuses_each_repository() {
    // A port that is taken and that nobody listens on.
    let taken = tokio::net::TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = taken.local_addr().unwrap();
    let url = format!("http://{address}");
    let args = [REPORT, &["--api-url", &url, "a/b", "c/d"]].concat();
    let report = report_of(&ended(&mut pollscope(&folder("refused"), &args)));
    for repo in ["a/b", "c/d"] {
        assert_eq!(result(&report, repo)["reason"], format!("connection refused by {address}"));
    }
    assert_eq!((count(&report, "requests"), count(&report, "failures")), (4, 2));
    tried(Area::Network, "refused", "1 run, 2 repositories", "connection refused by, and the address");
}

/// A listing that is known by its `ETag`, and another name that leads to it.
fn kept(request: &Request) -> Reply {
    if let Some(listing) = request.path.strip_prefix("/repos/other/name/") {
        return Reply::Bytes(answer(301, &[&format!("location: /repos/kept/repo/{listing}")], ""));
    }
    Reply::Bytes(match request.header("if-none-match") {
        Some("\"one\"") => answer(304, &[], ""),
        Some(_) => answer(500, &[], ""),
        None => answer(200, &["etag: \"one\""], r#"[{"number":1,"title":"t","created_at":"x"}]"#),
    })
}

#[test]
fn a_page_that_is_unchanged_comes_from_the_cache() {
    let server = Server::start(kept, None);
    let url = server.url();
    let args = ["report", "pipeline", "--format", "json", "--pause", "1ms", "--concurrency", "1", "--api-url", &url];
    let args = [&args[..], &["kept/repo", "other/name"]].concat();
    let report = report_of(&ended(&mut pollscope(&folder("kept"), &args)));
    for repo in ["kept/repo", "other/name"] {
        let result = result(&report, repo);
        assert_eq!((&result["state"], &result["repo"]), (&"ok".into(), &"kept/repo".into()), "{result:#}");
    }
    assert_eq!((count(&report, "requests"), count(&report, "not_modified")), (6, 2));
    assert_eq!(server.requests().len(), 6);
    tried(
        Area::Network,
        "unchanged (304), and known",
        "1 run, 2 names of one repository",
        "the pages come from the cache",
    );
}

#[test]
fn limits_that_make_no_sense_are_refused() {
    let limits = [
        ("--max-bytes", "1KiB", "1MiB is the least"),
        ("--max-redirects", "101", "0..=100"),
        ("--max-pages", "0", "1.."),
        ("--timeout", "2h", "an hour is the most"),
        ("--max-wait", "30", "a number with its unit"),
    ];
    for (option, value, words) in limits {
        let output = ended(&mut pollscope(&folder("limits"), &["report", option, value]));
        let line = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && line.contains(words), "{option} {value}: {line}");
    }
    let how = format!("{} options", limits.len());
    tried(Area::Network, "limits that make no sense", &how, "a line that says what is allowed, and exit code 2");
}
