//! `pollscope lesson` without a dashboard: runs lessons in turn, and prints what was measured.

use std::{
    io::{self, Write},
    sync::{Arc, atomic::AtomicU32},
};

use anyhow::Context;

use super::NotAllowed;
use crate::{
    cli::{Format, LessonArgs},
    report::{self, LessonReport},
    scenario::lessons::{LESSONS, Lesson, Pace, Stage},
    scope::{HISTORY, Scope},
};

/// Runs what was asked for. Says whether every expectation holds.
pub(super) fn run(args: &LessonArgs) -> anyhow::Result<bool> {
    if args.list {
        return list().map(|()| true);
    }
    let chosen: Vec<_> = match &args.name {
        Some(name) => vec![named(name)?],
        None => LESSONS.iter().collect(),
    };
    let format = args.format.unwrap_or(Format::Text);
    let (mut reports, mut out) = (Vec::new(), io::stdout().lock());
    for lesson in chosen {
        let report = measure(lesson)?;
        if format == Format::Text {
            report::lesson_text(&report, &mut out).context("the lesson could not be written")?;
        }
        reports.push(report);
    }
    let hold = reports.iter().all(|report| report.holds);
    if format == Format::Json {
        report::lessons_json(&reports, &mut out).context("the lessons could not be written")?;
    }
    Ok(hold)
}

fn list() -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let width = LESSONS.iter().map(|lesson| lesson.name.len()).max().unwrap_or(0);
    for lesson in LESSONS {
        let title = lesson.text()?.title;
        writeln!(out, "{:width$}  {title}", lesson.name).context("the list could not be written")?;
    }
    Ok(())
}

fn named(name: &str) -> Result<&'static Lesson, NotAllowed> {
    Lesson::named(name).ok_or_else(|| {
        let nearness = |lesson: &&Lesson| strsim::jaro_winkler(lesson.name, name);
        let nearest = LESSONS.iter().max_by(|a, b| nearness(a).total_cmp(&nearness(b)));
        let name = name.escape_default();
        NotAllowed(match nearest {
            Some(nearest) => {
                format!("there is no lesson '{name}'; did you mean '{}'? (lesson --list has all)", nearest.name)
            }
            None => format!("there is no lesson '{name}'"),
        })
    })
}

/// Runs a lesson in a scope of its own.
fn measure(lesson: &Lesson) -> anyhow::Result<LessonReport> {
    let scope = Scope::start(HISTORY).context("the scope's threads could not be started")?;
    let stage = Stage::new(scope.link(), Arc::new(AtomicU32::new(0)), Pace::default(), lesson.knobs());
    let expectations = lesson.run(stage).with_context(|| format!("the lesson {} could not go on", lesson.name))?;
    let text = lesson.text()?;
    Ok(LessonReport {
        name: lesson.name,
        holds: expectations.iter().all(|expectation| expectation.holds),
        expectations,
        title: text.title,
        idea: text.idea,
        question: text.question,
        choices: text.choices.into_iter().map(|choice| (choice.text, choice.right)).collect(),
        code: lesson.code().unwrap_or_default().into_owned(),
    })
}
