//! The lessons: in the dashboard, on a thread of their own; and `pollscope lesson` without one, which runs them in
//! turn and prints what was measured.

use std::{
    io::{self, Write},
    panic::{self, AssertUnwindSafe},
    path::Path,
    sync::{Arc, atomic::AtomicU32},
    thread,
};

use anyhow::{Context, anyhow};
use crossbeam_channel::RecvTimeoutError;
use pollscope::{
    probe::Probes,
    scope::{Scope, Server},
};
use pollscope_lab::{
    lessons::{Expectation, Knob, LESSONS, Lesson, LessonEvent, LessonRun, Measured, Pace, Stage},
    panels::{LessonCard, LessonSetting},
};
use pollscope_tui::open::{LOOK, Stopped, one_of};

use super::{NotAllowed, progress, recordings, serving};
use crate::{
    cli::{Format, KeepArgs, LessonArgs},
    report::{self, LessonReport},
};

/// A lesson that runs, on a thread of its own. Dropping it leaves the lesson, which ends when it can: nobody waits.
#[derive(Debug)]
pub(super) struct Playing {
    pace: Pace,
    probes: Probes,
}

impl Playing {
    /// Begins it.
    pub(super) fn start(scope: &Scope, generations: Arc<AtomicU32>, run: LessonRun) -> anyhow::Result<Self> {
        let lesson = LESSONS.get(run.lesson).context("there is no such lesson")?;
        let (pace, probes) = (Pace::new(run.speed), scope.probes().clone());
        let knobs = lesson.set(run.knobs.into_iter().map(usize::from));
        let stage = Stage::new(scope.link(), generations, pace.clone(), knobs).of_run(run.run);
        let told = probes.clone();
        let play = move || {
            // How it ended it tells in the log, but for a panic.
            if panic::catch_unwind(AssertUnwindSafe(|| drop(lesson.run(stage)))).is_err() {
                let halted = Some("its thread panicked".into());
                told.emit(LessonEvent::Over { halted }.into());
            }
        };
        thread::Builder::new().name("lesson".into()).spawn(play).context("the lesson's thread could not be started")?;
        Ok(Self { pace, probes })
    }

    /// How fast it goes.
    pub(super) fn pace(&self) -> &Pace {
        &self.pace
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        self.pace.leave();
        self.probes.emit(LessonEvent::Left.into());
    }
}

/// What the screen shows of the lessons.
///
/// # Errors
///
/// A text that lacks a part.
pub(super) fn cards() -> anyhow::Result<Arc<[LessonCard]>> {
    LESSONS.iter().map(card).collect()
}

fn card(lesson: &Lesson) -> anyhow::Result<LessonCard> {
    let text = lesson.text()?;
    let knob = |knob: &Knob| LessonSetting { name: knob.name, values: knob.values, start: knob.start };
    Ok(LessonCard {
        name: lesson.name,
        title: text.title,
        idea: text.idea,
        question: text.question,
        choices: text.choices.into_iter().map(|choice| (choice.text, choice.right)).collect(),
        look_for: text.look_for,
        code: lesson.code().unwrap_or_default().into_owned(),
        settings: lesson.knobs.iter().map(knob).collect(),
    })
}

/// The place of a lesson in the table.
pub(super) fn place(name: &str) -> anyhow::Result<usize> {
    let lesson = named(name)?;
    LESSONS.iter().position(|it| it.name == lesson.name).context("there is no such lesson")
}

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
    let (count, mut recorded) = (chosen.len(), Ok(()));
    let several = count > 1;
    for lesson in chosen {
        let record =
            args.keep.record.as_deref().map(|path| if several { one_of(path, lesson.name) } else { path.to_owned() });
        let mut progress = progress::of_command(format!("the lesson {}", lesson.name));
        let share = several.then(|| reports.len() as f64 / count as f64);
        let (report, how) = match measure(lesson, record.as_deref(), &args.keep, || progress.at(share)) {
            // Those that ran are told of.
            Err(error) if error.is::<Stopped>() && !reports.is_empty() => {
                recorded = recorded.and(Err(error));
                break;
            }
            measured => measured?,
        };
        drop(progress);
        recorded = recorded.and(how);
        if format == Format::Text {
            report::lesson_text(&report, &mut out).context("the lesson could not be written")?;
        }
        reports.push(report);
    }
    let hold = reports.iter().all(|report| report.holds);
    if format == Format::Json {
        report::lessons_json(&reports, &mut out).context("the lessons could not be written")?;
    }
    recorded.map(|()| hold)
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

/// Runs a lesson on a thread of its own, and leaves it where `goes_on` says so.
fn run_aside(
    lesson: &Lesson,
    stage: Stage,
    pace: &Pace,
    mut goes_on: impl FnMut() -> Result<(), Stopped>,
) -> anyhow::Result<Measured> {
    thread::scope(|threads| {
        // It ends with the lesson, or its panic.
        let (ends, ended) = crossbeam_channel::bounded::<()>(0);
        let run = move || {
            let _ends = ends;
            lesson.run(stage)
        };
        let running = thread::Builder::new().name("lesson".into()).spawn_scoped(threads, run);
        let running = running.context("the lesson's thread could not be started")?;
        while ended.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            if let Err(stopped) = goes_on() {
                pace.leave();
                return Err(stopped.into());
            }
        }
        let measured = running.join().map_err(|_| anyhow!("the lesson {} panicked", lesson.name))?;
        measured.with_context(|| format!("the lesson {} could not go on", lesson.name))
    })
}

/// Runs a lesson in a scope of its own. Gives also how its recording went.
fn measure(
    lesson: &Lesson,
    record: Option<&Path>,
    keep: &KeepArgs,
    goes_on: impl FnMut() -> Result<(), Stopped>,
) -> anyhow::Result<(LessonReport, anyhow::Result<()>)> {
    let file = record.map(recordings::create).transpose()?;
    let scope = Scope::start_with(keep.history.bytes(), pollscope_lab::scenarios())
        .context("the scope's threads could not be started")?;
    let served = serving::begin(&scope, keep)?;
    serving::tell(served.as_ref().map(Server::address));
    if let Some(file) = file {
        scope.record(file).context("the recorder's thread could not be started")?;
    }
    let pace = Pace::default();
    let stage = Stage::new(scope.link(), Arc::new(AtomicU32::new(0)), pace.clone(), lesson.as_it_begins());
    let measured = run_aside(lesson, stage, &pace, goes_on)?;
    let (written, _) = scope.conclude().context("the collector is gone")?;
    let recorded = written.transpose().map(drop).context("the recording could not be written to its end");
    let text = lesson.text()?;
    let report = LessonReport {
        name: lesson.name,
        holds: !measured.expectations.iter().any(Expectation::fails),
        measured,
        title: text.title,
        idea: text.idea,
        question: text.question,
        choices: text.choices.into_iter().map(|choice| (choice.text, choice.right)).collect(),
        code: lesson.code().unwrap_or_default().into_owned(),
    };
    Ok((report, recorded))
}
