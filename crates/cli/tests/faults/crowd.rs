//! Ten thousand repositories, a thousand of them in hand at once.

use super::{
    count, ended, folder, pollscope, report_of,
    server::{Reply, Request, Server, answer},
    tried::{Area, tried},
};

const REPOSITORIES: u64 = 10_000;
/// What a repository may cost, kept results and its share of the log included: a tenth of what its pages are is less.
const BYTES_EACH: u64 = 32 * 1024;
/// What the program takes with next to nothing to do, and what a thousand connections need at once.
const BYTES_ANYWAY: u64 = 512 * 1024 * 1024;

fn page(_: &Request) -> Reply {
    let item = r#"[{"number":1,"title":"The first of its kind","created_at":"2026-01-01T00:00:00Z"}]"#;
    Reply::Bytes(answer(200, &["content-type: application/json"], item))
}

#[test]
fn ten_thousand_repositories_are_accounted_for() {
    let server = Server::start(page, None);
    let names: Vec<_> = (0..REPOSITORIES).map(|at| format!("crowd/r{at}")).collect();
    let mut command = pollscope(&folder("crowd"), &["report", "pipeline", "--format", "json", "--pause", "0ms"]);
    command.args(["--concurrency", "1000", "--timeout", "60s", "--api-url", &server.url()]).args(&names);
    let output = ended(&mut command);
    let report = report_of(&output);
    let results = report["pipeline"]["results"].as_array().unwrap();
    assert_eq!(results.len() as u64, REPOSITORIES);
    let failed = results.iter().find(|result| result["state"] != "ok");
    assert_eq!(count(&report, "failures"), 0, "{failed:#?}");
    assert_eq!(server.requests().len() as u64, count(&report, "requests"));
    assert!(count(&report, "requests") >= 2 * REPOSITORIES);
    assert_eq!(report["events"]["lost"], 0);
    let peak = report["process"]["rss_peak_bytes"].as_u64().unwrap_or_default();
    assert!(peak < BYTES_ANYWAY + REPOSITORIES * BYTES_EACH, "{peak} bytes");
    tried(
        Area::Load,
        "10,000 repositories, 1,000 at once",
        "1 run, 20,000 requests to a server of the tests' own",
        &format!(
            "each is accounted for; {} MB of memory at most; none of {} events lost",
            peak / 1_000_000,
            report["events"]["emitted"]
        ),
    );
}
