//! What an event owns beside itself: a log has bounds in bytes, and so has what is folded from it.

use super::{Event, ScenarioEvent, SchedulerSample};

/// What a shared or owned text takes besides its letters.
const TEXT: usize = 16;

impl Event {
    /// What it owns beside itself, in bytes, to within what an allocator adds. What is shared counts for each.
    pub fn owned(&self) -> usize {
        match self {
            Self::LabBuilt { setup, .. } | Self::SetupChanged(setup) => text(setup.json()),
            Self::Thread(began) => text(&began.name),
            Self::Task(began) => text(&began.name),
            Self::Job(queued) => text(&queued.name),
            Self::Queue { name, .. } => text(name),
            Self::Scenario(event) => size_of::<ScenarioEvent>() + event.owned(),
            Self::Scheduler(sample) => size_of::<SchedulerSample>() + size_of_val(&sample.local_queues[..]),
            // Numbers alone.
            _ => 0,
        }
    }
}

fn text(text: &str) -> usize {
    TEXT + text.len()
}

impl ScenarioEvent {
    fn owned(&self) -> usize {
        text(&self.schema) + size_of_val(&self.tasks[..]) + size_of_val(&self.threads[..]) + text(self.payload.json())
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
