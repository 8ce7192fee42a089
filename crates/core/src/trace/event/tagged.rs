//! Reads an event from JSON: `{"name": fields}`, or `"name"` alone.
//!
//! An event whose name this version does not know is kept as one of a scenario: a later version may know it, and older
//! recordings have events by names that belong to a scenario today.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{
        DeserializeSeed, EnumAccess, Error, IntoDeserializer, MapAccess, VariantAccess, Visitor, value::StrDeserializer,
    },
    forward_to_deserialize_any,
};

use super::{Event, Payload, ScenarioEvent};

/// The names of the events that core knows, as they stand in JSON.
pub(super) const KNOWN: &[&str] = &[
    "lab_built",
    "lab_left",
    "settings_changed",
    "thread",
    "thread_ended",
    "task",
    "nested",
    "job",
    "queue",
    "queue_ended",
    "pulse_started",
    "pulse_stopped",
    "os",
    "os_totals",
    "process",
    "alive_tasks",
    "coverage",
    "scheduler",
    "probe_cost",
    "events_lost",
    "told_anew",
    "held",
    "released",
    "scenario",
];

// `derive` has made these of the enum itself (`remote = "Self"`).
impl Serialize for Event {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, to)
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Named)
    }
}

/// Takes a name, or a name with fields.
struct Named;

impl<'de> Visitor<'de> for Named {
    type Value = Event;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event: a name, or an object of one name and its fields")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Event, E> {
        if KNOWN.contains(&name) {
            return Event::deserialize(StrDeserializer::new(name));
        }
        Ok(unknown(name, Payload::default()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Event, A::Error> {
        let name: Cow<'de, str> =
            map.next_key::<Text<'de>>()?.ok_or_else(|| A::Error::custom("an event has a name"))?.0;
        let event = if KNOWN.contains(&&*name) {
            Event::deserialize(Fields { name: &name, map: &mut map, life: PhantomData })?
        } else {
            unknown(&name, map.next_value()?)
        };
        match map.next_key::<Text<'de>>()? {
            Some(Text(second)) => Err(A::Error::custom(format!("an event has one name, and no second: {second:?}"))),
            None => Ok(event),
        }
    }
}

fn unknown(name: &str, payload: Payload) -> Event {
    let schema = Cow::Owned(name.to_owned());
    Event::Scenario(Box::new(ScenarioEvent { schema, tasks: Vec::new(), threads: Vec::new(), payload }))
}

/// A text that is borrowed where it can be.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A name whose fields are the next value of a map, as the choice that `derive` reads.
struct Fields<'a, 'de, A> {
    name: &'a str,
    map: &'a mut A,
    life: PhantomData<&'de ()>,
}

impl<'de, A: MapAccess<'de>> Deserializer<'de> for Fields<'_, 'de, A> {
    type Error = A::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, A: MapAccess<'de>> EnumAccess<'de> for Fields<'_, 'de, A> {
    type Error = A::Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), A::Error> {
        let name: StrDeserializer<'_, A::Error> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de, A: MapAccess<'de>> VariantAccess<'de> for Fields<'_, 'de, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.map.next_value()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        self.map.next_value_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(Tuple { len, visitor })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(Struct { fields, visitor })
    }
}

/// The fields of a choice that has names for them.
struct Struct<V> {
    fields: &'static [&'static str],
    visitor: V,
}

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Struct<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<V::Value, D::Error> {
        from.deserialize_struct("", self.fields, self.visitor)
    }
}

/// The fields of a choice that has none.
struct Tuple<V> {
    len: usize,
    visitor: V,
}

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Tuple<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<V::Value, D::Error> {
        from.deserialize_tuple(self.len, self.visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_of_another_version_is_kept_as_it_is() {
        let cases =
            [(r#"{"row":{"row":9,"change":{"started":{"task":3}}}}"#, "row"), (r#""round_done""#, "round_done")];
        for (json, name) in cases {
            let Ok(Event::Scenario(event)) = serde_json::from_str(json) else { panic!("{json}") };
            assert_eq!(event.schema, name);
            let kept = serde_json::to_string(&Event::Scenario(event.clone())).unwrap();
            let Ok(Event::Scenario(again)) = serde_json::from_str(&kept) else { panic!("{kept}") };
            assert_eq!((again.schema, again.payload), (event.schema, event.payload));
        }
    }

    #[test]
    fn an_event_has_one_name() {
        for json in [r#"{"held":{"task":1},"released":{"task":1}}"#, "{}", "7", "null", r#"["held"]"#, r#""held""#] {
            assert!(serde_json::from_str::<Event>(json).is_err(), "{json}");
        }
    }
}
