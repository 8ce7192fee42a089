//! What an event owns beside itself: a log has bounds in bytes, and so has what is folded from it.

use super::{Event, NearDuplicate, RepoResult, RowChange, SchedulerSample};
use crate::trace::{
    lesson::{Curve, LessonEvent},
    settings::Settings,
};

/// What a shared or owned text takes besides its letters.
const TEXT: usize = 16;

impl Event {
    /// What it owns beside itself, in bytes, to within what an allocator adds. What is shared counts for each.
    pub fn owned(&self) -> usize {
        match self {
            Self::LabBuilt { settings, .. } | Self::SettingsChanged(settings) => {
                size_of::<Settings>() + settings.api_url.as_deref().map_or(0, text)
            }
            Self::Thread(began) => text(&began.name),
            Self::Task(began) => text(&began.name),
            Self::Job(queued) => text(&queued.name),
            Self::Queue { name, .. } | Self::Row { change: RowChange::Queued { name }, .. } => text(name),
            Self::Row { change: RowChange::Done(result), .. } => result.owned(),
            Self::Lesson(told) => size_of::<LessonEvent>() + told.owned(),
            Self::Scheduler(sample) => size_of::<SchedulerSample>() + size_of_val(&sample.local_queues[..]),
            // Numbers alone.
            _ => 0,
        }
    }
}

fn text(text: &str) -> usize {
    TEXT + text.len()
}

impl RepoResult {
    /// What it takes, with all that it owns, in bytes.
    pub fn owned(&self) -> usize {
        let texts = [&self.renamed_from, &self.reason].into_iter().flatten().map(|it| text(it)).sum::<usize>();
        let labels = self.labels.iter().map(|(label, _)| size_of::<(String, u64)>() + text(label)).sum::<usize>();
        let words = self.words.iter().map(|(word, _)| size_of::<(String, f64)>() + text(word)).sum::<usize>();
        let near = self.near_duplicates.len() * size_of::<NearDuplicate>();
        size_of::<Self>() + text(&self.repo) + texts + labels + words + near
    }
}

impl LessonEvent {
    fn owned(&self) -> usize {
        match self {
            Self::Began { name: it, .. }
            | Self::Part { label: it }
            | Self::Printed { line: it }
            | Self::Waits { before: it }
            | Self::Over { halted: Some(it) } => text(it),
            Self::Told { of, now } => text(of) + text(now),
            Self::Measured(expectation) => text(&expectation.text) + text(&expectation.measured),
            Self::Curve(Curve { name, over, points }) => text(name) + text(over) + size_of_val(&points[..]),
            Self::Stole { .. } | Self::GoesOn | Self::Over { halted: None } | Self::Left => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::trace::event::samples;

    const MORE: usize = 1000;

    /// What `change` makes of each text and each list inside, one at a time.
    fn with_each_longer(value: &Value, whole: &dyn Fn(Value) -> Value, found: &mut Vec<Value>) {
        match value {
            Value::String(text) => found.push(whole(format!("{text}{}", "x".repeat(MORE)).into())),
            Value::Array(items) => {
                if let Some(last) = items.last() {
                    let longer = items.iter().chain(std::iter::repeat_n(last, MORE));
                    found.push(whole(longer.cloned().collect()));
                }
                for (at, item) in items.iter().enumerate() {
                    let with = |it: Value| {
                        let mut items = items.clone();
                        items[at] = it;
                        whole(items.into())
                    };
                    with_each_longer(item, &with, found);
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    let with = |it: Value| {
                        let mut fields = fields.clone();
                        fields.insert(name.clone(), it);
                        whole(fields.into())
                    };
                    with_each_longer(field, &with, found);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    #[test]
    fn whatever_makes_an_event_longer_is_counted() {
        let mut counted = 0;
        for event in samples::every() {
            let mut longer = Vec::new();
            with_each_longer(&serde_json::to_value(&event).unwrap(), &|it| it, &mut longer);
            for json in longer {
                // The name of a choice cannot be any longer.
                let Ok(it) = serde_json::from_value::<Event>(json.clone()) else { continue };
                if serde_json::to_value(&it).unwrap() == json {
                    counted += 1;
                    assert!(it.owned() >= event.owned() + MORE, "{event:?}");
                }
            }
        }
        assert!(counted > 25, "{counted}");
    }
}
