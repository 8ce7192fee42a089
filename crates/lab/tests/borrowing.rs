//! A task cannot borrow: the compiler refuses it, for the reason that the lesson scoped-borrowing shows.
//!
//! The wording of a message is the compiler's own and changes with its version; the code of the error does not.

use std::{fs, path::Path, process::Command};

/// What the lesson shows.
const SHOWN: &str = include_str!("../assets/lessons/scoped-borrowing.stderr");

#[test]
fn a_task_that_borrows_does_not_compile() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tokio_spawn");
    fs::create_dir_all(package.join("src")).unwrap();
    let manifest = "[package]\nname = \"tokio_spawn\"\nedition = \"2024\"\n\n\
                    [dependencies]\ntokio = { version = \"1\", features = [\"rt-multi-thread\"] }\n\n[workspace]\n";
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    // The same Tokio, which is on this machine already.
    fs::copy(root.join("../../Cargo.lock"), package.join("Cargo.lock")).unwrap();
    fs::copy(root.join("tests/compile_fail/tokio_spawn.rs"), package.join("src/main.rs")).unwrap();
    let check = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--color", "never", "--target-dir"])
        .arg(package.join("target"))
        .current_dir(&package)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&check.stderr);
    let errors: Vec<_> = said.lines().filter(|line| line.starts_with("error[")).map(|line| &line[..12]).collect();
    assert!(!check.status.success(), "{said}");
    assert_eq!(errors, [&SHOWN[..12]], "{said}");
    assert!(said.contains("src/main.rs:4:19") && SHOWN.contains("src/main.rs:4:19"), "{said}");
}
