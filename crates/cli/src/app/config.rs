//! Where settings come from: the arguments, the environment, and a file in the platform's place.
//!
//! What they may say is known by `cli::config`.

use std::{
    env,
    fmt::Write as _,
    fs::File,
    io::{self, ErrorKind, Read, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context;
use etcetera::BaseStrategy;
use pollscope_core::text::clean;

use super::NotAllowed;
use crate::cli::{
    self, Cli, Typed,
    config::{self, MOST_BYTES, Said, Setting},
};

/// The variable that names the file.
pub(super) const VARIABLE: &str = "POLLSCOPE_CONFIG";

/// The process's arguments, with what is said elsewhere.
///
/// # Errors
///
/// What is wrong with any of them; a help that was asked for.
pub(super) fn understand() -> Result<Cli, cli::Refused> {
    let typed = Typed::new(env::args_os().collect())?;
    let file = if typed.takes_settings() {
        Place::of(typed.config()).read().map_err(cli::Refused::Environment)?
    } else {
        None
    };
    typed.with(&file.unwrap_or_default(), |name| env::var_os(name))
}

/// Prints which file is read, and what it and the environment set.
pub(super) fn run(named: Option<&Path>, print_default: bool) -> anyhow::Result<()> {
    let text = if print_default { cli::default_file() } else { listing(named).map_err(NotAllowed)? };
    io::stdout().write_all(text.as_bytes()).context("the settings could not be written")
}

fn listing(named: Option<&Path>) -> Result<String, String> {
    let place = Place::of(named);
    let file = place.read()?;
    let there = if file.is_some() { "" } else { " (not there)" };
    let mut text = format!("{}{there}\n", clean(&place.path.to_string_lossy()));
    let mut settings = file.unwrap_or_default();
    settings.sort_by_key(|setting| setting.line);
    for Setting { command, option, said, line } in settings {
        let table = command.map_or_else(String::new, |command| format!("[{command}] "));
        // Writing into a string cannot fail.
        let _ = writeln!(text, "line {line}: {table}{option} = {}", shown(&said));
    }
    for name in cli::variables() {
        if let Some(value) = env::var_os(&name).filter(|value| !value.is_empty()) {
            let _ = writeln!(text, "environment: {name} = {}", clean(&value.to_string_lossy()));
        }
    }
    Ok(text)
}

fn shown(said: &Said) -> String {
    match said {
        Said::Flag(given) => given.to_string(),
        Said::Value(value) => clean(&value.to_string_lossy()).into_owned(),
    }
}

/// Where the file is, or would be.
struct Place {
    path: PathBuf,
    /// Somebody says that it is there.
    named: bool,
}

impl Place {
    fn of(named: Option<&Path>) -> Self {
        let variable = || env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        if let Some(path) = named.map(Path::to_owned).or_else(variable) {
            return Self { path, named: true };
        }
        // As command lines do: XDG's place everywhere but on Windows.
        let folder = etcetera::choose_base_strategy().map(|places| places.config_dir()).unwrap_or_default();
        Self { path: folder.join("pollscope").join("config.toml"), named: false }
    }

    /// What the file says; none where there is none and nobody says that there is.
    fn read(&self) -> Result<Option<Vec<Setting>>, String> {
        let path = self.path.display();
        let text = match self.text() {
            Ok(text) => text,
            Err(error) if !self.named && matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(format!("the settings in {path} cannot be read: {error}")),
        };
        config::parse(&text).map(Some).map_err(|wrong| format!("{path}, {wrong}"))
    }

    fn text(&self) -> io::Result<String> {
        let mut text = Vec::new();
        File::open(&self.path)?.take(MOST_BYTES + 1).read_to_end(&mut text)?;
        if text.len() as u64 > MOST_BYTES {
            return Err(io::Error::other("it is larger than 1 MiB"));
        }
        String::from_utf8(text).map_err(|_| io::Error::other("it is not UTF-8"))
    }
}
