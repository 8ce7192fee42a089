//! What came out for one repository: in the log when it is done, and in the report, which is a contract. It
//! does not know how it was found.

use serde::{Deserialize, Serialize};

use crate::float;

/// How a repository ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultState {
    /// Read and analysed.
    Ok,
    /// It could not be read.
    Failed,
    /// There is nothing in it.
    Empty,
    /// It has no issues; its pulls were read.
    IssuesDisabled,
}

/// What came out for one repository. Texts are as they came from outside.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RepoResult {
    /// `owner/name`, as it is called now.
    pub repo: String,
    /// What it was asked for as, where it was renamed.
    pub renamed_from: Option<String>,
    /// Issues read.
    pub issues: u64,
    /// Pull requests read.
    pub pulls: u64,
    /// How it ended.
    pub state: ResultState,
    /// Why it failed.
    pub reason: Option<String>,
    /// Whether `--max-pages` cut a listing.
    pub cut: bool,
    /// Pairs of issues that say nearly the same.
    pub near_duplicates: Vec<NearDuplicate>,
    /// Labels and how often each is used, most used first.
    pub labels: Vec<(String, u64)>,
    /// Words that stand out, with their weight, heaviest first.
    #[serde(deserialize_with = "float::weights")]
    pub words: Vec<(String, f64)>,
    /// Days that open issues have been open: median.
    pub open_days_median: Option<f64>,
    /// Days that closed issues took: median.
    pub close_days_median: Option<f64>,
}

/// Two issues that say nearly the same.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NearDuplicate {
    /// The smaller number.
    pub a: u64,
    /// The larger number.
    pub b: u64,
    /// Jaccard index of the two texts' shingles, 0 to 1.
    #[serde(deserialize_with = "float::number")]
    pub similarity: f64,
}

/// What a text takes besides its letters.
const TEXT: usize = 16;

impl RepoResult {
    /// Returns what it takes, with all that it owns, in bytes.
    pub fn owned(&self) -> usize {
        let text = |text: &str| TEXT + text.len();
        let texts = [&self.renamed_from, &self.reason].into_iter().flatten().map(|it| text(it)).sum::<usize>();
        let labels = self.labels.iter().map(|(label, _)| size_of::<(String, u64)>() + text(label)).sum::<usize>();
        let words = self.words.iter().map(|(word, _)| size_of::<(String, f64)>() + text(word)).sum::<usize>();
        let near = self.near_duplicates.len() * size_of::<NearDuplicate>();
        size_of::<Self>() + text(&self.repo) + texts + labels + words + near
    }
}
