//! The oldest Rust that Cargo.toml promises: no package of the lock file asks for a newer one. That the program itself
//! asks for none is clippy's (`incompatible_msrv`), and a build with that Rust in the workflow.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Command;

use serde_json::Value;

/// What a program prints.
fn printed(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// `1.88` or `1.88.0` as three numbers.
fn version(text: &str) -> [u32; 3] {
    let mut parts = text.split('.').map(|part| part.parse().unwrap());
    std::array::from_fn(|_| parts.next().unwrap_or(0))
}

#[test]
fn no_dependency_asks_for_a_newer_rust() {
    let rustc = printed("rustc", &["-vV"]);
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    // Of this platform: what others need is perhaps not here to be looked at.
    let args = ["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host];
    let metadata: Value = serde_json::from_str(&printed(env!("CARGO"), &args)).unwrap();
    let ours = version(env!("CARGO_PKG_RUST_VERSION"));
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let is_used = |package: &Value| nodes.iter().any(|node| node["id"] == package["id"]);
    let packages: Vec<_> = metadata["packages"].as_array().unwrap().iter().filter(|it| is_used(it)).collect();
    assert!(packages.len() > 100, "{} packages", packages.len());
    let asks = |package: &&&Value| package["rust_version"].as_str().is_some_and(|asked| version(asked) > ours);
    let newer: Vec<_> =
        packages.iter().filter(asks).map(|it| format!("{} {}", it["name"], it["rust_version"])).collect();
    assert!(newer.is_empty(), "these ask for a newer Rust than {ours:?}: {}", newer.join(", "));
}
