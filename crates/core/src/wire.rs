//! How a trace comes from one process to another: addresses, tokens, sockets and the first lines that both sides say.
//!
//! The program that is looked at serves (the library's `scope::serve`); whoever looks attaches (the program `pollscope`).

mod address;
pub mod handshake;
pub mod socket;

pub use self::address::{Address, AddressError, Token, TokenError};
