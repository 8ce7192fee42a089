//! A session: the scope that lasts, and the lab that is rebuilt under it.

use std::{
    fs,
    io::{self, IsTerminal},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::Context;
use crossbeam_channel::{Receiver, RecvTimeoutError};
use pollscope::{
    probe::Probes,
    scope::{Scope, Server},
};
use pollscope_core::{
    model::{picture::View, summary::Summary},
    trace::{
        clock::{MILLI, Nanos},
        event::{Event, ThreadKind},
    },
    wire::Address,
};
use pollscope_lab::{
    command::Command,
    github::{
        client::{Client, ClientSettings, EtagCache, Token, parse_api_url},
        embedded::{self, Embedded, EmbeddedSettings},
        types::RepoName,
    },
    lab::Lab,
    lessons::{LessonCommand, LessonRun},
    pipeline::{self, Again, PipelinePicture, PipelineSection, Plan, RoundOutcome, Running},
    settings::{Flavor, Settings, Source, Strategy, Wait},
};
use pollscope_tui::open::{LOOK, Recording, Stopped};

use super::{
    NotAllowed,
    faults::{Fault, fault},
    full::FullTelemetry,
    lessons::Playing,
    recordings, serving,
};
use crate::{cli::KeepArgs, report::compare::Run};

/// Cells of a lane as it is measured, before all runs are brought to one scale.
const FINE_CELLS: u16 = 1600;
/// The real one.
const GITHUB: &str = "https://api.github.com";
/// Why nothing is recorded.
const NO_RECORDER: &str = "the recorder's thread could not be started";
/// Pages a listing from GitHub, without a token (60 requests an hour) and with one (5,000).
const PAGES_WITHOUT_TOKEN: u32 = 3;
const PAGES_WITH_TOKEN: u32 = 20;
/// Looks at whether all tasks have ended, after the last result.
const LAST_POLLS: u32 = 200;
/// The most workers that keys set.
const MOST_WORKERS: u16 = 64;

/// What is to be told of a command.
pub(super) enum Told {
    Nothing,
    Now(String),
    /// It takes as long as a file does: to be called where nobody waits.
    Later(Box<dyn FnOnce() -> String + Send>),
}

/// A scope, a source of repositories, and the present lab with its pipeline.
///
/// Fields are dropped in order: the pipeline stops, the lab is left, the server ends, the scope last.
#[derive(Debug)]
pub(super) struct Session {
    running: Option<Running>,
    lab: Option<Lab>,
    settings: Settings,
    token: Option<Token>,
    repos: Vec<RepoName>,
    cache: Arc<EtagCache>,
    generations: Arc<AtomicU32>,
    lesson: Option<Playing>,
    recording: Option<Recording>,
    server: Option<Embedded>,
    served: Option<Server>,
    /// Where a lab's telemetry goes instead of the scope, if a test wants that.
    full: Option<FullTelemetry>,
    scope: Scope,
}

impl Session {
    /// Starts the scope and, for embedded data, the server.
    pub(super) fn new(settings: Settings, repos: Vec<RepoName>, keep: &KeepArgs) -> anyhow::Result<Self> {
        let repos = all_or(repos, &settings)?;
        let token = match settings.source {
            Source::Github => Token::from_env().map_err(|error| NotAllowed(error.to_string()))?,
            Source::Embedded => None,
        };
        let file = keep.record.as_deref().map(recordings::create).transpose()?;
        let scope = Scope::start_with(keep.history.bytes(), pollscope_lab::scenarios())
            .context("the scope's threads could not be started")?;
        let open_to_others = serving::begin(&scope, keep)?;
        let recording = keep.record.clone().zip(file);
        let begin = |(path, file)| Recording::begin(&scope.link(), path, file).context(NO_RECORDER);
        let recording = recording.map(begin).transpose()?;
        let server = match settings.source {
            Source::Embedded => Some(start_server(&settings, &scope)?),
            Source::Github => None,
        };
        Ok(Self {
            running: None,
            lab: None,
            settings,
            token,
            repos,
            cache: Arc::new(EtagCache::default()),
            generations: Arc::default(),
            lesson: None,
            recording,
            server,
            served: open_to_others,
            full: (fault() == Some(Fault::Telemetry)).then(FullTelemetry::new),
            scope,
        })
    }

    /// Where others can look at it, if they can.
    pub(super) fn served(&self) -> Option<&Address> {
        self.served.as_ref().map(Server::address)
    }

    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What measures a lab.
    fn probes(&self) -> &Probes {
        self.full.as_ref().map_or_else(|| self.scope.probes(), FullTelemetry::probes)
    }

    /// Leaves the present lab, if any, and builds one as the settings say, with the pipeline in it.
    pub(super) fn build(&mut self, again: Again) -> anyhow::Result<()> {
        self.leave();
        let generation = self.generations.fetch_add(1, Ordering::Relaxed) + 1;
        let client = self.client()?;
        let lab = Lab::build(self.probes(), &self.settings, generation)?;
        let plan = Plan {
            repos: self.repos.clone(),
            client,
            concurrency: self.settings.concurrency,
            pause: self.settings.pause,
            now: self.now(),
            again,
            fault: fault().and_then(Fault::in_pipeline),
        };
        self.running = Some(pipeline::start(lab.bench(), plan).context("the pipeline's threads could not be started")?);
        self.lab = Some(lab);
        Ok(())
    }

    /// Leaves what runs in the lab, and the lab.
    fn leave(&mut self) {
        self.running = None;
        self.lab = None;
        self.lesson = None;
    }

    /// Does what a key asks of the lessons.
    fn lesson(&mut self, command: LessonCommand) -> anyhow::Result<()> {
        match (command, &self.lesson) {
            (LessonCommand::Run(run), _) => return self.play(run),
            (LessonCommand::Speed(speed), Some(playing)) => playing.pace().set(speed),
            (LessonCommand::Step, Some(playing)) => playing.pace().step(),
            (LessonCommand::Leave, Some(_)) => return self.build(self.again()),
            (_, None) => {}
        }
        Ok(())
    }

    fn play(&mut self, run: LessonRun) -> anyhow::Result<()> {
        self.leave();
        self.lesson = Some(Playing::start(&self.scope, Arc::clone(&self.generations), run)?);
        Ok(())
    }

    /// Returns the receiver of a notice after each round; none comes where no pipeline runs.
    pub(super) fn rounds(&self) -> Receiver<()> {
        self.running.as_ref().map_or_else(crossbeam_channel::never, |running| running.rounds().clone())
    }

    /// Returns the outcome of the pipeline's latest round, or of what is over of it; none where no pipeline runs.
    pub(super) fn outcome(&self) -> Option<RoundOutcome> {
        self.running.as_ref().map(Running::outcome)
    }

    /// The present lab's run so far, to be compared; none when the collector is gone.
    pub(super) fn run(&self) -> Option<Run> {
        let report = self.summary()?;
        let window = ((report.elapsed_ms * MILLI as f64) as Nanos).max(1);
        let view = View { window, lane_cells: FINE_CELLS, pulse_cells: 0, ..View::default() };
        let picture = self.scope.picture(view)?;
        Some(Run { settings: self.settings.clone(), report, lanes: picture.lanes })
    }

    /// Waits until a round is over, or until `goes_on` says why not to.
    pub(super) fn await_round(&self, mut goes_on: impl FnMut() -> Result<(), Stopped>) -> anyhow::Result<()> {
        let running = self.running.as_ref().context("no pipeline runs")?;
        loop {
            match running.rounds().recv_timeout(LOOK) {
                Ok(()) => break,
                Err(RecvTimeoutError::Timeout) => goes_on()?,
                Err(error) => return Err(error).context("the pipeline ended before its round did"),
            }
        }
        // A result arrives before the task that sent it has ended: its last poll is waited for, but not a
        // task that never ends.
        for _ in 0..LAST_POLLS {
            if self.scope.picture(View::default()).is_none_or(|picture| picture.counts.alive == 0) {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Which share of the round's repositories is done; none where nobody at a terminal wants to know: to look is not free.
    pub(super) fn share_done(&self) -> Option<f64> {
        io::stderr().is_terminal().then_some(())?;
        let picture = self.scope.picture(View { window: 1, lane_cells: 0, pulse_cells: 0, ..View::default() })?;
        let rows = &picture.scenario::<PipelinePicture>()?.rows;
        let done = rows.iter().filter(|row| row.state.is_over()).count();
        (!rows.is_empty()).then(|| done as f64 / rows.len() as f64)
    }

    /// Whether every repository of the latest round was read.
    pub(super) fn is_whole(&self) -> bool {
        self.outcome().is_some_and(|outcome| outcome.is_whole())
    }

    /// Replaces what a summary says of the pipeline, which telemetry may have lost, by what the pipeline itself hands over.
    fn with_outcome(&self, mut summary: Summary) -> Summary {
        if let Some(outcome) = self.outcome() {
            let told = summary.section().and_then(|section: &PipelineSection| section.settings.clone());
            let settings = Some(told.unwrap_or_else(|| self.settings.clone()));
            summary.put_section(PipelineSection { settings, pipeline: Some(outcome.line()) });
        }
        summary
    }

    fn count_losses(&self) {
        if let Some(full) = &self.full {
            full.count_losses(&self.scope);
        }
    }

    fn summary(&self) -> Option<Summary> {
        self.count_losses();
        self.scope.summary().map(|summary| self.with_outcome(summary))
    }

    /// Sums the run up and ends its recording at the same instant. Gives how that went, and the sum.
    pub(super) fn conclude(&mut self) -> anyhow::Result<(anyhow::Result<()>, Summary)> {
        self.count_losses();
        let (written, summary) = self.scope.conclude().context("the collector is gone")?;
        let path = self.recording.take().map(|recording| recording.path().to_owned()).unwrap_or_default();
        let how = written.transpose().map(drop);
        Ok((
            how.with_context(|| format!("{} could not be written to its end", path.display())),
            self.with_outcome(summary),
        ))
    }

    /// Ends the recording, if there is one.
    pub(super) fn end_recording(&mut self) -> anyhow::Result<()> {
        if self.recording.is_none() {
            return Ok(());
        }
        // What is told of a run ends with it.
        self.leave();
        self.conclude()?.0
    }

    /// Where it is told that the recording can not be written any more, and why; nobody tells where nothing is recorded.
    pub(super) fn broken_recording(&self) -> Receiver<String> {
        self.recording.as_ref().map_or_else(crossbeam_channel::never, |recording| recording.broken().clone())
    }

    /// Begins a recording with what the log holds, or ends it.
    pub(super) fn toggle_recording(&mut self) -> anyhow::Result<Told> {
        let link = self.scope.link();
        if let Some(recording) = self.recording.take() {
            let rest = recording.end(&link).ok_or_else(|| NotAllowed("nothing was recorded".to_owned()))?;
            return Ok(Told::Later(Box::new(rest)));
        }
        let recording = Recording::begin_by_time(&link).map_err(|why| NotAllowed(why.to_string()))?;
        let said = recording.begun();
        self.recording = Some(recording);
        Ok(Told::Now(said))
    }

    /// When rounds follow each other, unless told otherwise.
    pub(super) fn again(&self) -> Again {
        match (self.settings.once, self.settings.every, self.settings.source) {
            (true, ..) => Again::Once,
            (_, Some(every), _) => Again::Every(every),
            (_, None, Source::Embedded) => Again::AtOnce,
            (_, None, Source::Github) => Again::OnRequest,
        }
    }

    /// Does what a key asks for, and says what is to be told. A refused one changes nothing and says why. Where runs are
    /// compared, a change begins another run: one that has changed half-way is neither the one nor the other.
    pub(super) fn command(&mut self, command: Command, compared: bool) -> anyhow::Result<Told> {
        if let Command::Lesson(command) = command {
            return self.lesson(command).map(|()| Told::Nothing);
        }
        let mut settings = self.settings.clone();
        let rebuild = match command {
            Command::ToggleBlocking => {
                settings.wait = if settings.wait == Wait::Blocking { Wait::Async } else { Wait::Blocking };
                false
            }
            Command::NextWait => {
                settings.wait = next_allowed(settings.wait, |wait| Settings { wait, ..settings.clone() });
                false
            }
            Command::NextCompute => {
                settings.compute = next_allowed(settings.compute, |compute| Settings { compute, ..settings.clone() });
                false
            }
            Command::MoreWorkers => {
                settings.workers = (settings.workers + 1).min(MOST_WORKERS.max(settings.workers));
                true
            }
            Command::FewerWorkers => {
                settings.workers = settings.workers.saturating_sub(1).max(1);
                true
            }
            Command::NextFlavor => {
                settings.flavor = settings.flavor.next();
                settings.workers = match settings.flavor {
                    Flavor::CurrentThread => 1,
                    Flavor::MultiThread => Settings::default().workers,
                };
                true
            }
            Command::Restart => true,
            Command::Lesson(_) | Command::KeepRun => false,
        };
        settings.check().map_err(|refused| NotAllowed(refused.to_string()))?;
        let same = settings == self.settings;
        self.settings = settings;
        match (rebuild || (compared && !same), command) {
            (true, Command::Restart) => self.restart()?,
            (true, _) if same => {}
            (true, _) => self.build(self.again())?,
            (false, _) => self.apply_strategies(),
        }
        Ok(Told::Nothing)
    }

    /// With GitHub one more round is asked for, since a new lab would say nothing new; else the lab is
    /// rebuilt and starts over.
    fn restart(&mut self) -> anyhow::Result<()> {
        match &self.running {
            Some(running) if self.again() == Again::OnRequest => {
                running.next_round();
                Ok(())
            }
            _ => self.build(self.again()),
        }
    }

    fn apply_strategies(&self) {
        if let Some(lab) = &self.lab {
            lab.bench().set_wait(self.settings.wait);
            lab.bench().set_compute(self.settings.compute);
            self.scope.probes().emit(Event::SetupChanged(self.settings.setup()));
        }
    }

    fn client(&self) -> anyhow::Result<Client> {
        let api_url = match (&self.server, &self.settings.api_url) {
            (Some(server), _) => server.api_url(),
            (None, Some(url)) => url.clone(),
            (None, None) => GITHUB.to_owned(),
        };
        let max_pages = match (self.settings.source, &self.token) {
            _ if self.settings.max_pages.is_some() => self.settings.max_pages,
            (Source::Embedded, _) => None,
            (Source::Github, None) => Some(PAGES_WITHOUT_TOKEN),
            (Source::Github, Some(_)) => Some(PAGES_WITH_TOKEN),
        };
        let api_url = parse_api_url(&api_url).map_err(|error| NotAllowed(error.to_string()))?;
        let settings = ClientSettings {
            token: self.token.clone(),
            timeout: self.settings.timeout,
            max_wait: self.settings.max_wait,
            max_pages,
            max_bytes: self.settings.max_bytes,
            max_redirects: self.settings.max_redirects,
            ca_cert: self.ca_cert()?,
            ..ClientSettings::new(api_url)
        };
        Client::new(settings, Arc::clone(&self.cache)).map_err(|error| NotAllowed(error.to_string()).into())
    }

    /// What `--ca-cert` names.
    fn ca_cert(&self) -> anyhow::Result<Option<Vec<u8>>> {
        let read = |path: &PathBuf| {
            fs::read(path).map_err(|error| NotAllowed(format!("{} cannot be read: {error}", path.display())))
        };
        Ok(self.settings.ca_cert.as_ref().map(read).transpose()?)
    }

    /// What ages count to: the embedded data is as old as its seed says, whenever it is looked at.
    fn now(&self) -> jiff::Timestamp {
        match self.settings.source {
            Source::Embedded => embedded::reference_date(),
            Source::Github => jiff::Timestamp::now(),
        }
    }
}

/// The next value that Tokio allows with the other settings.
fn next_allowed<T: Strategy>(value: T, with: impl Fn(T) -> Settings) -> T {
    let after = std::iter::successors(Some(value.next()), |value| Some(value.next()));
    after.take(T::CHOICES.len()).find(|value| with(*value).check().is_ok()).unwrap_or(value)
}

fn start_server(settings: &Settings, scope: &Scope) -> anyhow::Result<Embedded> {
    let settings = EmbeddedSettings { seed: settings.seed, latency: settings.latency, port: 0 };
    let server = Embedded::start(settings).context("the embedded GitHub could not be started on loopback")?;
    scope.probes().register_other("embedded github", ThreadKind::Server, server.os_thread_id());
    Ok(server)
}

/// What was asked for; without a word, everything that the embedded source has.
fn all_or(repos: Vec<RepoName>, settings: &Settings) -> Result<Vec<RepoName>, NotAllowed> {
    match settings.source {
        Source::Github if repos.is_empty() => Err(NotAllowed(
            "say which repositories: pollscope --source github tokio-rs/tokio rayon-rs/rayon".to_owned(),
        )),
        Source::Github => Ok(repos),
        Source::Embedded => {
            let all = embedded::repositories(settings.seed);
            if repos.is_empty() {
                return Ok(all);
            }
            match repos.iter().find(|repo| !embedded::has(repo)) {
                Some(unknown) => Err(NotAllowed(format!(
                    "the embedded data has no {unknown} (it has {}, …); for GitHub's own add --source github",
                    all[0]
                ))),
                None => Ok(repos),
            }
        }
    }
}
