//! `--serve`: a run of our own that others can look at; and the token, which comes from the environment alone.

use std::env;

use pollscope::scope::{Listen, Scope, Server};
use pollscope_core::wire::{Address, Token};

use super::NotAllowed;
use crate::cli::KeepArgs;

/// The environment variable of the token.
const TOKEN: &str = "POLLSCOPE_TOKEN";

/// The token that viewers must know, or that a program wants to hear.
pub(super) fn token() -> Result<Option<Token>, NotAllowed> {
    let Some(text) = env::var_os(TOKEN).filter(|text| !text.is_empty()) else { return Ok(None) };
    let token = text.to_str().unwrap_or_default().parse();
    token.map(Some).map_err(|error| NotAllowed(format!("{TOKEN}: {error}")))
}

/// Serves the run, where that is asked for.
pub(super) fn begin(scope: &Scope, keep: &KeepArgs) -> Result<Option<Server>, NotAllowed> {
    let Some(address) = &keep.serve else { return Ok(None) };
    let at = Listen::at(address.clone()).with_token(token()?);
    scope.serve(&at).map(Some).map_err(|error| NotAllowed(format!("--serve: {error}")))
}

/// Says where, for a command without a screen.
pub(super) fn tell(address: Option<&Address>) {
    if let Some(address) = address {
        super::say(&words(address));
    }
}

/// How it can be looked at.
pub(super) fn words(address: &Address) -> String {
    format!("look at it with: pollscope attach {address}")
}
