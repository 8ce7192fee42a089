//! stub
use super::types::RepoName;
use std::time::Duration;
#[derive(Debug)]
pub struct Embedded;
pub struct EmbeddedSettings {
    pub seed: u64,
    pub latency: Duration,
    pub port: u16,
}
impl Embedded {
    pub fn start(_s: EmbeddedSettings) -> std::io::Result<Self> {
        Ok(Self)
    }
    pub fn api_url(&self) -> String {
        "http://127.0.0.1:9".into()
    }
    pub fn os_thread_id(&self) -> Option<u32> {
        None
    }
    pub fn join(self) {}
}
pub fn repositories(_seed: u64) -> Vec<RepoName> {
    vec!["a/b".parse().unwrap()]
}
pub fn has(_repo: &RepoName) -> bool {
    true
}
pub fn reference_date() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
