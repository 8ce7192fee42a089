//! Which spans are looked for: by what they are, how long they took, on which thread, and whose they are.

use crate::trace::clock::{MICRO, MILLI, Nanos, SECOND};

use super::SpanKind;

/// What a span or a task must be to match: everything that is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// As it was written.
    pub text: String,
    /// It took at least so long.
    longer: Option<Nanos>,
    /// It took at most so long.
    shorter: Option<Nanos>,
    /// It is one of these: a poll, a job or a wait.
    kind: Option<Kind>,
    /// Its thread's label has this in it.
    thread: Option<String>,
    /// Its task's name has all of these in it.
    names: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Poll,
    Job,
    Wait,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Poll, Self::Job, Self::Wait];

    fn word(self) -> &'static str {
        match self {
            Self::Poll => "poll",
            Self::Job => "job",
            Self::Wait => "wait",
        }
    }
}

/// The units of a duration, the longer names first.
const UNITS: [(&str, Nanos); 5] = [("ns", 1), ("us", MICRO), ("µs", MICRO), ("ms", MILLI), ("s", SECOND)];

impl Filter {
    /// Understands words: `>10ms` and `<1s` for how long, `poll`, `job` or `wait` for what, `@worker` for the
    /// thread, anything else for the task's name.
    ///
    /// # Errors
    ///
    /// A duration that is none, with what to write.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut filter = Self { text: text.trim().to_owned(), ..Self::default() };
        for word in text.split_whitespace() {
            match (word.split_at_checked(1), word) {
                (Some((">", rest)), _) => filter.longer = Some(duration(rest.trim_start_matches('='))?),
                (Some(("<", rest)), _) => filter.shorter = Some(duration(rest.trim_start_matches('='))?),
                (Some(("@", rest)), _) => filter.thread = Some(rest.to_lowercase()),
                (_, word) => match Kind::ALL.into_iter().find(|kind| kind.word() == word) {
                    Some(kind) => filter.kind = Some(kind),
                    None => filter.names.push(word.to_lowercase()),
                },
            }
        }
        Ok(filter)
    }

    /// Whether a span that took so long is one of those, as far as names do not matter.
    pub(in crate::model) fn is_like(&self, kind: SpanKind, took: Nanos) -> bool {
        let kind_fits = self.kind.is_none_or(|wanted| match kind {
            SpanKind::Poll(_) => wanted == Kind::Poll,
            SpanKind::Job => wanted == Kind::Job,
            SpanKind::Wait => wanted == Kind::Wait,
        });
        kind_fits && self.is_as_long(took)
    }

    /// Whether a task is one of those, by its name, the thread that it was on last, and its longest poll.
    pub(in crate::model) fn is_for(&self, name: &str, thread: Option<&str>, longest_poll: Nanos) -> bool {
        // A word that is a kind of span is a word of a name here.
        let has_word = |kind: Kind| name.to_lowercase().contains(kind.word());
        self.is_of(Some(name)) && self.kind.is_none_or(has_word) && self.is_on(thread) && self.is_as_long(longest_poll)
    }

    fn is_as_long(&self, took: Nanos) -> bool {
        self.longer.is_none_or(|least| took >= least) && self.shorter.is_none_or(|most| took <= most)
    }

    /// Whether a thread's label fits.
    pub(in crate::model) fn is_on(&self, label: Option<&str>) -> bool {
        let has = |wanted: &String| label.is_some_and(|label| squeezed(label).contains(&squeezed(wanted)));
        self.thread.as_ref().is_none_or(has)
    }

    /// Whether a task's name fits.
    pub(in crate::model) fn is_of(&self, name: Option<&str>) -> bool {
        if self.names.is_empty() {
            return true;
        }
        let name = name.map(str::to_lowercase).unwrap_or_default();
        self.names.iter().all(|wanted| name.contains(wanted))
    }
}

/// Without spaces: a label has some, a word has none.
fn squeezed(text: &str) -> String {
    text.to_lowercase().chars().filter(|character| *character != ' ').collect()
}

fn duration(text: &str) -> Result<Nanos, String> {
    let wrong = || format!("'{text}' is no duration: write a number with its unit, as in >10ms");
    let (number, unit) =
        UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit))).ok_or_else(wrong)?;
    let number: f64 = number.parse().ok().filter(|number| (0.0..1e9).contains(number)).ok_or_else(wrong)?;
    Ok((number * unit as f64) as Nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_what_is_looked_for() {
        let filter = Filter::parse("poll >10ms @worker0 Tokio").unwrap();
        assert!(filter.is_like(SpanKind::Poll(None), 10 * MILLI) && !filter.is_like(SpanKind::Poll(None), MILLI));
        assert!(!filter.is_like(SpanKind::Job, SECOND));
        assert!(filter.is_on(Some("worker 0")) && !filter.is_on(Some("rayon 0")) && !filter.is_on(None));
        assert!(filter.is_of(Some("fetch tokio-rs/tokio")) && !filter.is_of(Some("rayon")) && !filter.is_of(None));
        let short = Filter::parse("<1.5us").unwrap();
        assert!(short.is_like(SpanKind::Wait, 1_500) && !short.is_like(SpanKind::Wait, 1_501));
        assert!(Filter::parse(">soon").unwrap_err().contains(">10ms"));
        assert!(Filter::parse("").unwrap().is_of(None));
        let job = Filter::parse("job >10ms").unwrap();
        assert!(job.is_for("the job runner", None, SECOND) && !job.is_for("the runner", None, SECOND));
        assert!(!job.is_for("the job runner", None, MILLI));
    }
}
