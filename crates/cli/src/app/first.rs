//! Whether this is the first start: a file in the platform's place for such things says that there was one.

use std::{env, fs};

use etcetera::BaseStrategy;

use super::config;

/// Says so once. Where nothing can be written, nobody is welcomed: better never than each time. Whoever names a file of
/// settings is no newcomer.
pub(super) fn is_first() -> bool {
    if env::var_os(config::VARIABLE).is_some_and(|named| !named.is_empty()) {
        return false;
    }
    let Ok(places) = etcetera::choose_base_strategy() else { return false };
    let folder = places.state_dir().unwrap_or_else(|| places.data_dir()).join("pollscope");
    fs::create_dir_all(&folder).is_ok() && fs::File::create_new(folder.join("started")).is_ok()
}
