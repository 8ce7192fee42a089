//! The pipeline's repositories, as its events tell of them.

use std::{collections::BTreeMap, sync::Arc};

use pollscope_core::{
    model::{
        picture::{PollClass, Remedy, TaskState},
        scenario::{Facts, ScenarioFold, ScenarioPicture, ScenarioSection, TaskFigures, TaskNow, Words},
    },
    trace::{
        clock::Nanos,
        event::{Payload, ScenarioEvent},
        record::ActivityId,
    },
};

use super::{
    event::{ClientCounters, Listing, Phase, PipelineEvent, Round, Row as RowEvent, RowChange, RowId},
    picture::{Pages, PipelinePicture, Row, RowState as Shown},
    result::{RepoResult, ResultState},
    section::{PipelineLine, PipelineSection},
};
use crate::settings::{Flavor, Settings, Wait};

/// A repository of the round.
#[derive(Clone, Debug)]
struct RowState {
    name: Arc<str>,
    issues: Pages,
    pulls: Pages,
    issues_phase: Phase,
    pulls_phase: Phase,
    awaits_permit: bool,
    delivers: bool,
    analysed: Option<f32>,
    task: Option<ActivityId>,
    kept: Option<TaskFigures>,
    result: Option<Arc<RepoResult>>,
}

/// The rounds of the pipeline.
#[derive(Clone, Debug, Default)]
pub struct PipelineFold {
    settings: Option<Settings>,
    round: u32,
    round_done: bool,
    rows: Vec<(RowId, RowState)>,
    by_task: BTreeMap<ActivityId, RowId>,
    client: ClientCounters,
    pages: u64,
    /// Results of all rounds.
    finished: u64,
    failures: u64,
    wait_pending: bool,
    compute_pending: bool,
}

impl PipelineFold {
    fn round_began(&mut self, number: u32) {
        self.round = number;
        self.round_done = false;
        self.rows.clear();
        self.by_task.clear();
    }

    /// Repositories of the round that failed, and those that are done.
    fn over(&self) -> (u32, u32) {
        let results = || self.rows.iter().filter_map(|(_, row)| row.result.as_ref());
        let failed = results().filter(|result| result.state == ResultState::Failed).count();
        (failed as u32, (results().count() - failed) as u32)
    }

    fn row_mut(&mut self, row: RowId) -> Option<&mut RowState> {
        // Rows are made in order, so this is where it is unless events were lost.
        let at = self.rows.partition_point(|(id, _)| *id < row);
        self.rows.get_mut(at).filter(|(id, _)| *id == row).map(|(_, row)| row)
    }

    fn row_changed(&mut self, id: RowId, change: &RowChange) {
        match change {
            RowChange::Queued { name } => return self.queued(id, name),
            // Of a lab that was left, where a repository may be on its way for long.
            _ if self.row_mut(id).is_none() => return,
            RowChange::Started { task } => {
                if let Some(before) = self.row_mut(id).and_then(|row| row.task) {
                    self.by_task.remove(&before);
                }
                self.by_task.insert(*task, id);
            }
            RowChange::Phase(_, Phase::Pause) => self.wait_pending = false,
            RowChange::Page { .. } => self.pages += 1,
            RowChange::Analysed { .. } => self.compute_pending = false,
            RowChange::Done(result) => {
                self.finished += 1;
                self.failures += u64::from(result.reason.is_some());
            }
            _ => {}
        }
        if let Some(row) = self.row_mut(id) {
            row.change(change);
        }
    }

    fn queued(&mut self, id: RowId, name: &Arc<str>) {
        let row = RowState {
            name: Arc::clone(name),
            issues: Pages::default(),
            pulls: Pages::default(),
            issues_phase: Phase::Network,
            pulls_phase: Phase::Network,
            awaits_permit: false,
            delivers: false,
            analysed: None,
            task: None,
            kept: None,
            result: None,
        };
        let at = self.rows.partition_point(|(other, _)| *other < id);
        self.rows.insert(at, (id, row));
    }
}

impl RowState {
    fn change(&mut self, change: &RowChange) {
        match change {
            RowChange::Queued { .. } => {}
            RowChange::Started { task } => self.task = Some(*task),
            RowChange::Phase(Listing::Issues, phase) => self.issues_phase = *phase,
            RowChange::Phase(Listing::Pulls, phase) => self.pulls_phase = *phase,
            RowChange::Page { listing, done, pages, cut } => {
                let progress = Pages { done: *done, total: *pages, cut: *cut };
                match listing {
                    Listing::Issues => self.issues = progress,
                    Listing::Pulls => self.pulls = progress,
                }
            }
            RowChange::AwaitsPermit => self.awaits_permit = true,
            RowChange::Analysed { share } => {
                self.awaits_permit = false;
                self.analysed = Some(self.analysed.unwrap_or(0.0).max(*share));
            }
            RowChange::Delivers => self.delivers = true,
            RowChange::Done(result) => {
                self.result = Some(Arc::clone(result));
                self.name = result.repo.as_str().into();
            }
        }
    }
}

impl ScenarioFold for PipelineFold {
    fn copy(&self) -> Box<dyn ScenarioFold> {
        Box::new(self.clone())
    }

    fn event(&mut self, _at: Nanos, event: &ScenarioEvent) {
        match PipelineEvent::read(event) {
            Some(PipelineEvent::Round(Round { number })) => self.round_began(number),
            Some(PipelineEvent::RoundDone) => self.round_done = true,
            Some(PipelineEvent::Row(RowEvent { row, change })) => self.row_changed(row, &change),
            Some(PipelineEvent::Client(counters)) => self.client = counters,
            None => {}
        }
    }

    fn lab_built(&mut self, _generation: u32, setup: &Payload) {
        *self = Self { settings: Settings::of_setup(setup), ..Self::default() };
    }

    fn setup_changed(&mut self, setup: &Payload) {
        let settings = Settings::of_setup(setup);
        if let (Some(before), Some(now)) = (&self.settings, &settings) {
            self.wait_pending |= before.wait != now.wait;
            self.compute_pending |= before.compute != now.compute;
        }
        self.settings = settings;
    }

    fn task_ended(&mut self, task: ActivityId, figures: &TaskFigures) {
        let row = self.by_task.remove(&task);
        if let Some(row) = row.and_then(|row| self.row_mut(row)) {
            row.kept = Some(*figures);
        }
    }

    fn preamble(&self) -> Vec<ScenarioEvent> {
        let mut told = Vec::new();
        if self.round > 0 {
            told.push(PipelineEvent::Round(Round { number: self.round }).encode());
        }
        for (id, row) in &self.rows {
            let changes = row.changes().into_iter();
            told.extend(changes.map(|change| PipelineEvent::Row(RowEvent { row: *id, change }).encode()));
        }
        told
    }

    fn bytes(&self) -> usize {
        let address = self.settings.as_ref().and_then(|it| it.api_url.as_ref()).map_or(0, String::len);
        size_of::<Self>() + self.rows.len() * size_of::<(RowId, RowState)>() + address
    }

    fn shared(&self) -> (usize, usize) {
        let result = |row: &RowState| row.result.as_ref().map_or(0, |result| result.owned());
        let bytes = self.rows.iter().map(|(_, row)| row.name.len() + result(row)).sum();
        (bytes, self.rows.len())
    }

    fn words(&self) -> Words {
        let Some(settings) = &self.settings else { return Words::default() };
        let waiting = match settings.wait {
            Wait::SpawnBlocking => {
                "A thread of the blocking pool sleeps for each task that waits: the workers stay free."
            }
            Wait::BlockInPlace => "A worker that is about to sleep hands its tasks to another thread first.",
            Wait::Async => "A task that waits holds no thread: it is woken when its answer or its timer comes.",
            Wait::Blocking => "Each pause will hold its worker: nobody is polled there meanwhile.",
        };
        Words {
            waiting: Some(waiting),
            idle: Some("No task is alive: the round is over."),
            one_thread: settings.flavor == Flavor::CurrentThread,
        }
    }

    fn offers(&self, remedy: Remedy) -> bool {
        let blocks = self.settings.as_ref().map(|settings| settings.wait == Wait::Blocking);
        match remedy {
            Remedy::StopBlocking => blocks == Some(true),
            Remedy::TryBlocking => blocks == Some(false),
            Remedy::MoveCompute | Remedy::MoreWorkers | Remedy::FewerWorkers => blocks.is_some(),
        }
    }

    fn picture(&self, facts: &Facts<'_>) -> Option<Arc<dyn ScenarioPicture>> {
        if self.settings.is_none() && self.round == 0 {
            return None;
        }
        let is_listed = |(_, row): &&(RowId, RowState)| facts.is_listed(&row.name, row.task, row.kept.as_ref());
        let rows: Vec<_> = self.rows.iter().filter(is_listed).map(|(id, row)| row.shown(*id, facts)).collect();
        let (failed, done) = self.over();
        Some(Arc::new(PipelinePicture {
            settings: self.settings.clone(),
            round: self.round,
            round_done: self.round_done,
            wait_pending: self.wait_pending,
            compute_pending: self.compute_pending,
            hidden_rows: (self.rows.len() - rows.len()) as u32,
            rows,
            done,
            failed,
            results: self.results(),
        }))
    }

    fn section(&self) -> Option<Arc<dyn ScenarioSection>> {
        let pipeline = (self.round > 0).then(|| self.line());
        Some(Arc::new(PipelineSection { settings: self.settings.clone(), pipeline }))
    }
}

impl PipelineFold {
    fn results(&self) -> Vec<Arc<RepoResult>> {
        self.rows.iter().filter_map(|(_, row)| row.result.clone()).collect()
    }

    fn line(&self) -> PipelineLine {
        let line = PipelineLine::of(self.results(), &self.client);
        PipelineLine { repos: self.finished, pages: self.pages, failures: self.failures, ..line }
    }
}

impl RowState {
    /// Returns the changes that make such a row.
    fn changes(&self) -> Vec<RowChange> {
        let mut changes = vec![RowChange::Queued { name: Arc::clone(&self.name) }];
        changes.extend(self.task.map(|task| RowChange::Started { task }));
        for (listing, pages, phase) in
            [(Listing::Issues, self.issues, self.issues_phase), (Listing::Pulls, self.pulls, self.pulls_phase)]
        {
            if pages.done > 0 {
                changes.push(RowChange::Page { listing, done: pages.done, pages: pages.total, cut: pages.cut });
            }
            if phase != Phase::Network {
                changes.push(RowChange::Phase(listing, phase));
            }
        }
        changes.extend(self.analysed.map(|share| RowChange::Analysed { share }));
        changes.extend(self.awaits_permit.then_some(RowChange::AwaitsPermit));
        changes.extend(self.delivers.then_some(RowChange::Delivers));
        changes.extend(self.result.clone().map(RowChange::Done));
        changes
    }

    /// Returns the row as a panel shows it.
    fn shown(&self, row: RowId, facts: &Facts<'_>) -> Row {
        let task = self.task.and_then(|task| facts.task(task));
        let figures = self.kept.or(task.as_ref().map(|task| task.figures)).unwrap_or_default();
        Row {
            row,
            name: Arc::clone(&self.name),
            issues: self.issues,
            pulls: self.pulls,
            analysed: self.analysed,
            state: self.state(task, facts.at),
            polls: figures.polls,
            longest_ready: figures.longest_ready,
            longest_poll: figures.longest_poll,
            task: self.task,
        }
    }

    fn state(&self, task: Option<TaskNow>, at: Nanos) -> Shown {
        if let Some(result) = &self.result {
            return match (result.state, &result.reason) {
                (ResultState::Ok, _) => Shown::Done,
                (ResultState::Empty, _) => Shown::Empty,
                (ResultState::IssuesDisabled, _) => Shown::IssuesDisabled,
                (ResultState::Failed, reason) => Shown::Failed(reason.clone().unwrap_or_default()),
            };
        }
        let Some(TaskNow { state: Some(state), job, .. }) = task else {
            return if self.delivers { Shown::Delivering } else { Shown::Queued };
        };
        match (state, job) {
            (TaskState::Polling(since, class), _) => polling(at.saturating_sub(since), class),
            (TaskState::Ready(since), _) => Shown::Ready(at.saturating_sub(since)),
            (_, Some((kind, thread))) => Shown::InJob(kind, thread),
            (_, None) => self.waiting(),
        }
    }

    fn waiting(&self) -> Shown {
        if self.delivers {
            Shown::Delivering
        } else if self.awaits_permit {
            Shown::AwaitsPermit
        } else if [self.issues_phase, self.pulls_phase].contains(&Phase::Network) {
            Shown::Network
        } else {
            Shown::Sleeping
        }
    }
}

fn polling(took: Nanos, class: PollClass) -> Shown {
    match class {
        PollClass::Blocked => Shown::Blocked(took),
        PollClass::CpuBound => Shown::Hogged(took),
        PollClass::Runnable => Shown::NoCore(took),
        PollClass::Short | PollClass::Unknown => Shown::Polling,
    }
}
