//! The trace as tables for a spreadsheet: `polls.csv`, `tasks.csv`, `threads.csv`.
//!
//! A row of `polls.csv` is a record, so a poll that `block_in_place` interrupted has a row for each part. An outermost one
//! has its class and, from a millisecond on, how it was spent, as the fold says. Tasks
//! and threads are written when they end, the rest at the end. Quoting is RFC 4180's; a name that a
//! spreadsheet would take for a formula begins with an apostrophe.

use std::{
    error::Error,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::Path,
};

use super::{
    ExportError,
    cast::{Cast, Gone},
    life::{InFlight, TaskLife, ThreadLife, Wake, outcome_name},
};
use crate::{
    model::walk::{PollClass, Reading, Split, Verdict, Walk},
    trace::{
        clock::{MICRO, Nanos},
        event::{TaskKind, ThreadKind},
        log::{Batch, Item},
        record::{ActivityId, Doing, Fact, NOBODY, Record, ThreadId},
    },
};

const POLLS: &str = "start_ns,duration_ns,thread_id,thread,task_id,task,outcome,nested,ready_ns,woken_by,cpu_us,waited_us,\
     class,blocked_ns,on_cpu_ns,runnable_ns,unknown_ns";
const TASKS: &str = "id,name,kind,parent,created_ns,ended_ns,outcome,polls,polled_ns,longest_poll_ns,wakes";
const THREADS: &str = "id,name,kind,began_ns,ended_ns,polls,polling_ns,jobs,job_ns";

/// Writes the three tables into the folder, which is made where it is missing, in one pass. Besides the fold, those who are
/// alive take at most half of `memory` bytes: of more, the first that began have their row early, and another at their end.
///
/// # Errors
///
/// The first that `batches` gives, and those of the files.
pub fn csv<E: Error + 'static>(
    batches: impl IntoIterator<Item = Result<Batch, E>>,
    folder: &Path,
    memory: usize,
) -> Result<(), ExportError<E>> {
    fs::create_dir_all(folder)?;
    let mut tables = Tables::begin(folder, memory)?;
    for batch in batches {
        tables.batch(&batch.map_err(ExportError::Read)?)?;
    }
    Ok(tables.end()?)
}

struct Tables {
    polls: BufWriter<File>,
    tasks: BufWriter<File>,
    threads: BufWriter<File>,
    cast: Cast,
    /// The fold: what polls were.
    walk: Walk,
    last: Nanos,
}

/// A row of `polls.csv`.
struct PollRow {
    thread: ThreadId,
    start: Nanos,
    took: Nanos,
    task: ActivityId,
    outcome: &'static str,
    nested: bool,
    wake: Option<Wake>,
    ready: Option<Nanos>,
    reading: Option<Reading>,
    /// What it was and how it was spent, of an outermost one.
    class: Option<(PollClass, Split)>,
}

impl Tables {
    fn begin(folder: &Path, memory: usize) -> io::Result<Self> {
        let table = |name: &str, header: &str| {
            let mut file = BufWriter::new(File::create(folder.join(name))?);
            write!(file, "{header}\r\n")?;
            Ok::<_, io::Error>(file)
        };
        Ok(Self {
            polls: table("polls.csv", POLLS)?,
            tasks: table("tasks.csv", TASKS)?,
            threads: table("threads.csv", THREADS)?,
            cast: Cast::within(memory / 2),
            walk: Walk::default(),
            last: 0,
        })
    }

    fn batch(&mut self, batch: &Batch) -> io::Result<()> {
        self.write_gone()?;
        for item in batch.replay() {
            let verdict = self.walk.take(item);
            match item {
                Item::Event(event) => self.cast.event(event),
                Item::Record(thread, record) => self.record(thread, record, &verdict)?,
            }
        }
        self.walk.advance(batch.upto());
        self.last = self.last.max(batch.upto());
        Ok(())
    }

    fn end(mut self) -> io::Result<()> {
        self.unfinished()?;
        self.write_gone()?;
        for (id, it) in &self.cast.tasks {
            write_row(&mut self.tasks, &task_row(*id, it))?;
        }
        for (id, it) in &self.cast.threads {
            write_row(&mut self.threads, &thread_row(*id, it))?;
        }
        [self.polls, self.tasks, self.threads].iter_mut().try_for_each(Write::flush)
    }

    fn write_gone(&mut self) -> io::Result<()> {
        for gone in self.cast.gone() {
            match gone {
                Gone::Task(id) => {
                    let Some(it) = self.cast.tasks.remove(&id) else { continue };
                    write_row(&mut self.tasks, &task_row(id, &it))?;
                }
                Gone::Thread(id) => {
                    let Some(it) = self.cast.threads.remove(&id) else { continue };
                    write_row(&mut self.threads, &thread_row(id, &it))?;
                }
            }
        }
        Ok(())
    }

    fn record(&mut self, thread: ThreadId, record: Record, verdict: &Verdict) -> io::Result<()> {
        let at = record.at();
        self.cast.record(thread, record);
        verdict.began.iter().for_each(|began| self.cast.poll_began(began));
        self.last = self.last.max(at);
        match record.fact() {
            Some(Fact::Poll { task, took, outcome, nested }) => {
                let (wake, ready) = self.cast.polled(task, at, took, outcome);
                let (start, outcome) = (at.saturating_sub(took), outcome_name(outcome));
                let reading = verdict.ended.and_then(|poll| poll.read);
                let class = verdict.ended.map(|poll| (poll.class, poll.split));
                self.write_poll(&PollRow { thread, start, took, task, outcome, nested, wake, ready, reading, class })
            }
            Some(Fact::Job { job, .. }) => {
                self.cast.job_ended(job);
                Ok(())
            }
            Some(Fact::Wake { task, by, by_ref: _ }) => {
                self.cast.woken(task, Wake { at, thread, by, drawn: at });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Polls that were seen in flight and never ended: up to the end.
    fn unfinished(&mut self) -> io::Result<()> {
        let open = |(thread, it): (&ThreadId, &ThreadLife)| (*thread, it.in_flight.clone());
        let threads: Vec<_> = self.cast.threads.iter().map(open).collect();
        for (thread, spans) in threads {
            for (depth, InFlight { start, what: task, .. }) in
                spans.into_iter().enumerate().filter(|(_, it)| it.doing == Doing::Poll)
            {
                let it = self.cast.task(task);
                let (wake, ready) = (it.poll_began(start), it.ready.take());
                let (took, outcome) = (self.last.saturating_sub(start), "unfinished");
                let nested = depth > 0;
                let (reading, class) = (None, self.walk.in_flight(thread).filter(|_| !nested));
                self.write_poll(&PollRow { thread, start, took, task, outcome, nested, wake, ready, reading, class })?;
            }
        }
        Ok(())
    }

    fn write_poll(&mut self, poll: &PollRow) -> io::Result<()> {
        // Those of a poll that is too short to be split are empty.
        let is_split = |(_, split): &(PollClass, Split)| split.short == 0;
        let split = |class| number(poll.class.filter(is_split).map(|(_, split)| split.time(class)));
        let row = [
            poll.start.to_string(),
            poll.took.to_string(),
            poll.thread.to_string(),
            text(&self.cast.thread_label(poll.thread)),
            poll.task.to_string(),
            text(&self.cast.task_name(poll.task)),
            poll.outcome.to_owned(),
            poll.nested.to_string(),
            number(poll.ready),
            poll.wake.map_or_else(String::new, |wake| text(&self.waker(wake))),
            number(poll.reading.map(|(cpu, _)| cpu / MICRO)),
            number(poll.reading.and_then(|(_, waited)| waited).map(|waited| waited / MICRO)),
            poll.class.map_or("", |(class, _)| class.name()).to_owned(),
            split(PollClass::Blocked),
            split(PollClass::CpuBound),
            split(PollClass::Runnable),
            split(PollClass::Unknown),
        ];
        write_row(&mut self.polls, &row)
    }

    /// Who woke it: a task or job by its name, or else the thread.
    fn waker(&self, wake: Wake) -> String {
        let by = (wake.by != NOBODY).then(|| self.cast.name(wake.by)).flatten();
        by.map_or_else(|| self.cast.thread_label(wake.thread), |name| name.to_string())
    }
}

fn task_row(id: ActivityId, it: &TaskLife) -> [String; 11] {
    let kind = match it.kind {
        Some(TaskKind::Task) => "task",
        Some(TaskKind::Sub) => "sub",
        Some(TaskKind::Pulse) => "pulse",
        None => "",
    };
    [
        id.to_string(),
        text(&it.name),
        kind.to_owned(),
        number(it.parent),
        number(it.created),
        number(it.ended.map(|(at, _)| at)),
        it.ended.map_or("", |(_, outcome)| outcome).to_owned(),
        it.polls.to_string(),
        it.polled.to_string(),
        it.longest_poll.to_string(),
        it.wakes.to_string(),
    ]
}

fn thread_row(id: ThreadId, it: &ThreadLife) -> [String; 9] {
    let kind = match it.kind() {
        Some(ThreadKind::Worker) => "worker",
        Some(ThreadKind::Blocking) => "blocking",
        Some(ThreadKind::Rayon) => "rayon",
        Some(ThreadKind::Scenario) => "scenario",
        Some(ThreadKind::Server) => "server",
        Some(ThreadKind::Observer) => "observer",
        None => "",
    };
    [
        id.to_string(),
        text(&it.label(id)),
        kind.to_owned(),
        number(it.began_at),
        number(it.ended),
        it.polls.to_string(),
        it.polling.to_string(),
        it.jobs.to_string(),
        it.job.to_string(),
    ]
}

fn write_row(out: &mut impl Write, fields: &[String]) -> io::Result<()> {
    write!(out, "{}\r\n", fields.join(","))
}

fn number(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// A field from outside: no formula, and quoted where it must be.
fn text(field: &str) -> String {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let field = if formula { format!("'{field}") } else { field.to_owned() };
    if field.contains([',', '"', '\r', '\n']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};
    use crate::trace::record::Outcome;

    #[test]
    fn names_from_outside_stay_names() {
        assert_eq!(text("plain name"), "plain name");
        assert_eq!(text("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(text("two\nlines"), "\"two\nlines\"");
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"] {
            assert_eq!(text(formula), format!("'{formula}"));
        }
        assert_eq!(text("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\"");
    }

    fn tables(batches: Vec<Batch>) -> [String; 3] {
        let folder = std::env::temp_dir().join(format!("pollscope-csv-{}-{}", std::process::id(), batches.len()));
        csv(sample::read(batches), &folder, sample::MEMORY).unwrap();
        let read = |name| fs::read_to_string(folder.join(name)).unwrap();
        let tables = ["polls.csv", "tasks.csv", "threads.csv"].map(read);
        fs::remove_dir_all(folder).unwrap();
        tables
    }

    fn rows(table: &str) -> Vec<&str> {
        table.split_terminator("\r\n").skip(1).collect()
    }

    #[test]
    fn a_scripted_trace_is_three_tables() {
        let events = [
            (0, sample::thread(0, ThreadKind::Worker, "tokio")),
            (5, sample::thread(1, ThreadKind::Scenario, "=producer")),
            (10, sample::task(10, "ends", TaskKind::Task, None)),
            (10, sample::task(11, "stays", TaskKind::Sub, Some(10))),
        ];
        let records = [
            (0, 40, sample::poll(10, 20, Outcome::Pending, false)),
            (1, 60, sample::wake(10, NOBODY)),
            (0, 90, sample::wake(11, 10)),
            (0, 100, sample::poll(11, 5, Outcome::Pending, true)),
            (0, 110, Fact::Spent { cpu_us: 7, waited_us: Some(1) }),
            (0, 110, sample::poll(10, 30, Outcome::Ready, false)),
            (1, 150, Fact::Job { job: 5, took: 20, panicked: false, nested: false }),
        ];
        let records: Vec<_> = records.into_iter().map(|(thread, at, fact)| (thread, Record::new(at, fact))).collect();
        let [polls, tasks, threads] = tables(sample::batches(&events, &records, 1_000));
        let expected = [
            "20,20,0,worker 0,10,ends,pending,false,10,,,,short,,,,",
            "95,5,0,worker 0,11,stays,pending,true,5,ends,,,,,,,",
            "80,30,0,worker 0,10,ends,ready,false,20,'=producer,7,1,short,,,,",
        ];
        assert_eq!(rows(&polls), expected);
        assert_eq!(rows(&tasks), ["10,ends,task,,10,110,ready,2,50,30,1", "11,stays,sub,10,10,,,1,5,5,1"]);
        assert_eq!(rows(&threads), ["0,worker 0,worker,0,,2,50,0,0", "1,'=producer,scenario,5,,0,0,1,20"]);
    }

    #[test]
    fn every_row_has_every_column_and_every_poll_a_row() {
        for seed in 0..20 {
            let batches = sample::random(seed);
            let is_poll =
                |item: &Item<'_>| matches!(item, Item::Record(_, it) if matches!(it.fact(), Some(Fact::Poll { .. })));
            let polls = batches.iter().flat_map(Batch::replay).filter(is_poll).count();
            let tables = tables(batches);
            assert_eq!(rows(&tables[0]).len(), polls);
            for table in tables {
                let columns = |row: &str| row.matches(',').count();
                let header = columns(table.lines().next().unwrap());
                assert!(table.lines().all(|row| columns(row) == header));
            }
        }
    }
}
