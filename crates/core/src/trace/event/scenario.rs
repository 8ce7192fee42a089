//! What a scenario reports: core keeps it in order with everything else, and does not look inside.

use std::{borrow::Cow, fmt, sync::Arc};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::trace::record::{ActivityId, ThreadId};

/// An event of a scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScenarioEvent {
    /// The name of the payload's type, as `shop/order`: the scenario that knows it decodes the payload. A slash keeps it
    /// apart from the names of core's own events.
    pub schema: Cow<'static, str>,
    /// The tasks that the payload is about. They stand outside of it because ids change where several programs are
    /// looked at together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<ActivityId>,
    /// The threads that the payload is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threads: Vec<ThreadId>,
    /// The rest of it.
    pub payload: Payload,
}

impl ScenarioEvent {
    /// Returns an event with a payload, about no task and no thread.
    pub fn new(schema: &'static str, payload: &impl Serialize) -> Self {
        Self { schema: Cow::Borrowed(schema), tasks: Vec::new(), threads: Vec::new(), payload: Payload::of(payload) }
    }

    /// Returns the same event, about these tasks.
    #[must_use]
    pub fn about_tasks(self, tasks: impl Into<Vec<ActivityId>>) -> Self {
        Self { tasks: tasks.into(), ..self }
    }

    /// Returns the same event, about these threads.
    #[must_use]
    pub fn about_threads(self, threads: impl Into<Vec<ThreadId>>) -> Self {
        Self { threads: threads.into(), ..self }
    }
}

/// A value as JSON, which core carries and does not read. Copies share the text.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Payload(Arc<RawValue>);

impl Payload {
    /// Returns the value as JSON; `null` where JSON cannot hold it, as a map whose keys are no texts.
    pub fn of(value: &impl Serialize) -> Self {
        serde_json::value::to_raw_value(value).map_or_else(|_| Self::default(), |raw| Self(raw.into()))
    }

    /// Decodes the value; none where it is of another shape.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.0.get()).ok()
    }

    /// Returns the text.
    pub fn json(&self) -> &str {
        self.0.get()
    }

    /// Whether there is nothing in it.
    pub fn is_null(&self) -> bool {
        self.json() == "null"
    }
}

impl Default for Payload {
    fn default() -> Self {
        Self(RawValue::NULL.to_owned().into())
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.json())
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(from).map(|raw| Self(raw.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_read_as_what_it_was_made_of() {
        let payload = Payload::of(&(1, "two", [3.5]));
        assert_eq!(payload.json(), r#"[1,"two",[3.5]]"#);
        assert_eq!(payload.read::<(u8, String, [f64; 1])>(), Some((1, "two".to_owned(), [3.5])));
        assert_eq!(payload.read::<String>(), None);
        assert!(Payload::default().is_null());
    }
}
