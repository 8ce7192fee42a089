//! The words of the pipeline and of the lessons: in the header what runs and on what, in huge letters how tasks wait, beside
//! the sentence the key that helps.

use pollscope_core::{
    model::picture::{Picture, Remedy},
    text::clean,
};
use pollscope_tui::{
    looks::Skin,
    overlay::Span,
    scenario::{Action, ExpectedThreads, HeaderPiece, HeaderWords, Offer, Own, ScenarioWords},
    text,
};

use super::{shown::pipeline, strategy::wait_colour};
use crate::{
    command::Command,
    settings::{Flavor, Settings, Source, Strategy},
};

/// The name of the scenario.
const NAME: &str = "pipeline";

/// The words of the pipeline.
#[derive(Debug)]
pub(super) struct PipelineWords;

impl ScenarioWords for PipelineWords {
    fn header(&self, picture: &Picture, runs: Option<&str>, skin: Skin<'_>) -> HeaderWords {
        let (header, pipeline) = (&picture.header, pipeline(picture));
        let runs = if header.is_of_programs() {
            pipeline.settings.iter().map(|settings| workers(settings, 5, skin)).collect()
        } else {
            what_runs(pipeline.settings.as_ref(), runs, skin)
        };
        let done = if pipeline.round_done { " done" } else { "" };
        let round = format!("round {}{done}", pipeline.round);
        let round = HeaderPiece { words: round, style: skin.theme.text.normal, rank: 3 };
        HeaderWords { runs, figures: (pipeline.round > 0).then_some(round).into_iter().collect() }
    }

    fn banner(&self, picture: &Picture, skin: Skin<'_>) -> Option<Span> {
        let settings = pipeline(picture).settings.as_ref()?;
        Some((settings.wait.name().to_uppercase(), wait_colour(settings.wait, skin)))
    }

    fn remedy(&self, remedy: Remedy) -> Option<Offer> {
        let (command, words, helps) = match remedy {
            Remedy::StopBlocking => (&Command::ToggleBlocking, "stop blocking", true),
            Remedy::MoveCompute => (&Command::NextCompute, "compute elsewhere", true),
            Remedy::MoreWorkers => (&Command::MoreWorkers, "add a worker", true),
            Remedy::FewerWorkers => (&Command::FewerWorkers, "one worker fewer", true),
            Remedy::TryBlocking => (&Command::ToggleBlocking, "block them", false),
        };
        Some(Offer { action: Action::Send(Own::of(command)), words, helps })
    }

    fn first_key(&self) -> Option<Offer> {
        let action = Action::Send(Own::of(&Command::ToggleBlocking));
        Some(Offer { action, words: "block the workers", helps: false })
    }

    /// What the settings say: a lab has no threads yet when it is built.
    fn threads(&self, picture: &Picture) -> ExpectedThreads {
        match &pipeline(picture).settings {
            Some(settings) if settings.flavor == Flavor::CurrentThread => {
                ExpectedThreads { workers: 1, rayon: settings.rayon_threads }
            }
            Some(settings) => ExpectedThreads { workers: settings.workers, rayon: settings.rayon_threads },
            None => ExpectedThreads { workers: 1, rayon: 1 },
        }
    }
}

/// The pipeline or a lesson, and what it runs on.
fn what_runs(settings: Option<&Settings>, lesson: Option<&str>, skin: Skin<'_>) -> Vec<HeaderPiece> {
    let texts = &skin.theme.text;
    let name = clean(lesson.unwrap_or(NAME)).into_owned();
    let name = HeaderPiece { words: name, style: texts.strong, rank: 4 };
    let Some(settings) = settings else {
        return vec![name, HeaderPiece { words: "starting…".to_owned(), style: texts.dim, rank: 3 }];
    };
    let source = if lesson.is_some() { "lesson".to_owned() } else { source(settings) };
    let rayon = format!("rayon ×{}", settings.rayon_threads);
    vec![
        name,
        HeaderPiece { words: source, style: texts.dim, rank: 5 },
        workers(settings, 2, skin),
        HeaderPiece { words: rayon, style: texts.normal, rank: 6 },
    ]
}

fn workers(settings: &Settings, rank: u8, skin: Skin<'_>) -> HeaderPiece {
    let words = format!("{} ×{}", settings.flavor.name(), settings.workers);
    HeaderPiece { words, style: skin.theme.text.normal, rank }
}

/// Where the repositories come from.
fn source(settings: &Settings) -> String {
    match (&settings.api_url, settings.source) {
        (Some(url), Source::Github) => text::cut(&clean(url), 32).into_owned(),
        (_, Source::Github) => Source::Github.choice().code.to_owned(),
        (_, Source::Embedded) => "embedded github".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::key_table;

    #[test]
    fn every_remedy_has_a_key() {
        let keys = key_table().as_it_is();
        for remedy in
            [Remedy::StopBlocking, Remedy::MoveCompute, Remedy::MoreWorkers, Remedy::FewerWorkers, Remedy::TryBlocking]
        {
            let offer = PipelineWords.remedy(remedy).unwrap();
            assert!(keys.cap_of(&offer.action).is_some(), "{remedy:?}");
        }
    }
}
