//! What a report says of the pipeline: its settings, its results.

use std::{fmt::Write, sync::Arc};

use pollscope_core::{model::scenario::ScenarioSection, report::text::padded, text::clean};
use serde::Serialize;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::{
    event::ClientCounters,
    result::{RepoResult, ResultState},
};
use crate::settings::Settings;

/// What a report says of the pipeline.
#[derive(Clone, Debug, Default)]
pub struct PipelineSection {
    /// How it ran; none where nothing did.
    pub settings: Option<Settings>,
    /// What came out; none where no round began.
    pub pipeline: Option<PipelineLine>,
}

/// The pipeline.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PipelineLine {
    /// Repositories that were done.
    pub repos: u64,
    /// Pages read.
    pub pages: u64,
    /// Issues read.
    pub issues: u64,
    /// Pull requests read.
    pub pulls: u64,
    /// Bytes of bodies.
    pub bytes: u64,
    /// Requests.
    pub requests: u64,
    /// Of those, made again.
    pub retries: u64,
    /// Answers that said 'as you know it'.
    pub not_modified: u64,
    /// Answers that came and that nobody could read in time.
    pub unread_answers: u64,
    /// Repositories that failed.
    pub failures: u64,
    /// One a repository of the last round.
    pub results: Vec<Arc<RepoResult>>,
}

impl PipelineLine {
    /// Returns what these results and the client's counters tell; the rest is 0.
    pub(super) fn of(results: Vec<Arc<RepoResult>>, client: &ClientCounters) -> Self {
        Self {
            issues: results.iter().map(|result| result.issues).sum(),
            pulls: results.iter().map(|result| result.pulls).sum(),
            bytes: client.bytes,
            requests: client.requests,
            retries: client.retries,
            not_modified: client.not_modified,
            unread_answers: client.unread_answers,
            results,
            ..Self::default()
        }
    }
}

impl ScenarioSection for PipelineSection {
    fn json(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("settings", serde_json::to_value(&self.settings).unwrap_or_default()),
            ("pipeline", serde_json::to_value(&self.pipeline).unwrap_or_default()),
        ]
    }

    fn heading(&self) -> Option<String> {
        self.settings.as_ref().map(|settings| {
            format!(
                "wait {} · compute {} · {} ×{} · rayon ×{}",
                settings.wait, settings.compute, settings.flavor, settings.workers, settings.rayon_threads
            )
        })
    }

    fn text(&self) -> String {
        let mut text = String::new();
        if let Some(pipeline) = &self.pipeline {
            // Writing to a string never fails.
            let _ = results(pipeline, &mut text);
        }
        text
    }
}

fn results(pipeline: &PipelineLine, out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "{} repositories · {} pages · {} issues · {} pull requests · {} requests, {} again, {} not modified · {} failed",
        pipeline.repos,
        pipeline.pages,
        pipeline.issues,
        pipeline.pulls,
        pipeline.requests,
        pipeline.retries,
        pipeline.not_modified,
        pipeline.failures
    )?;
    let width = pipeline.results.iter().map(|result| clean(&result.repo).width()).max().unwrap_or(0);
    for result in &pipeline.results {
        writeln!(out, "  {}  {}", padded(&result.repo, width), outcome(result))?;
    }
    Ok(())
}

fn outcome(result: &RepoResult) -> String {
    let mut text = match result.state {
        ResultState::Failed => return format!("failed: {}", clean(result.reason.as_deref().unwrap_or("no reason"))),
        ResultState::Empty => return "empty".to_owned(),
        ResultState::IssuesDisabled => format!("issues are disabled · {} pull requests", result.pulls),
        ResultState::Ok => format!("{} issues · {} pull requests", result.issues, result.pulls),
    };
    if let Some(pair) = result.near_duplicates.first() {
        let _ = write!(
            text,
            " · {} near-duplicates, #{} and #{} the closest ({:.0}%)",
            result.near_duplicates.len(),
            pair.a,
            pair.b,
            pair.similarity * 100.0
        );
    }
    if let Some(from) = &result.renamed_from {
        let _ = write!(text, " · was {}", clean(from));
    }
    if result.cut {
        text.push_str(" · cut by --max-pages");
    }
    text
}
