//! Looking at other programs: their traces come over sockets, and are shown as a run of our own is.

mod connect;

pub use self::connect::{AttachError, Trace, connect};
