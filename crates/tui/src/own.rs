//! Values of a scenario, which pass through the screen unread: what its keys ask for, what is sent to its runner.

use std::{any::Any, fmt::Debug, sync::Arc};

/// A value of a scenario. Every type that can be compared, printed and sent is one.
pub trait OwnValue: Any + Debug + Send + Sync {
    /// Whether the other value is of the same type and equal.
    fn equals(&self, other: &dyn Any) -> bool;
}

impl<T: Any + Debug + PartialEq + Send + Sync> OwnValue for T {
    fn equals(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<T>().is_some_and(|other| self == other)
    }
}

/// A value of a scenario, of whatever type: only the scenario reads it.
#[derive(Clone, Debug)]
pub struct Own(Held);

#[derive(Clone, Debug)]
enum Held {
    Static(&'static dyn OwnValue),
    Shared(Arc<dyn OwnValue>),
}

impl Own {
    /// A constant, as in a row of the table of keys.
    pub const fn of(value: &'static dyn OwnValue) -> Self {
        Self(Held::Static(value))
    }

    /// A value that is made while the screen runs.
    pub fn new(value: impl OwnValue) -> Self {
        Self(Held::Shared(Arc::new(value)))
    }

    /// The value, where it is of that type.
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.value().downcast_ref()
    }

    fn value(&self) -> &dyn Any {
        match &self.0 {
            Held::Static(value) => *value,
            Held::Shared(value) => &**value,
        }
    }
}

impl PartialEq for Own {
    fn eq(&self, other: &Self) -> bool {
        match &self.0 {
            Held::Static(value) => value.equals(other.value()),
            Held::Shared(value) => value.equals(other.value()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_equal_by_type_and_value_and_read_by_type_alone() {
        static SEVEN: u32 = 7;
        assert_eq!(Own::of(&SEVEN), Own::new(7_u32));
        assert_ne!(Own::of(&SEVEN), Own::new(7_i32));
        assert_ne!(Own::of(&SEVEN), Own::new(8_u32));
        assert_eq!((Own::of(&SEVEN).get::<u32>(), Own::of(&SEVEN).get::<u8>()), (Some(&7), None));
    }
}
