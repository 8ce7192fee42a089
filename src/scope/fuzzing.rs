//! What holds of a program that serves its trace and of who looks at it, whatever the other side sends: for the fuzzer and
//! for tests.

#![expect(clippy::unwrap_used, reason = "a property that does not hold panics")]

use super::{
    attach::fuzzing::merged,
    serve::{Token, handshake},
};
use crate::trace::recording;

/// The token of the program that is asked.
const TOKEN: &str = "t0ken-of-the-fuzzer";

/// As a viewer's line: only who knows the token may look, and whoever may not is told why in one line without it. As a
/// program's answer: it is understood within bounds. As a program's stream: several of it, with one that starts anew, come
/// out on one clock.
pub fn attach(bytes: &[u8]) {
    let token: Token = TOKEN.parse().unwrap();
    let line = handshake::read_hello(&mut &bytes[..]).unwrap();
    if let Err(why) = handshake::check(&line, Some(&token)) {
        let refusal = String::from_utf8(handshake::refusal(&why)).unwrap();
        assert!(refusal.lines().count() == 1 && !refusal.contains(TOKEN), "{refusal}");
    } else {
        assert!(String::from_utf8_lossy(&line).contains("t0ken"));
    }
    if let handshake::Answer::Refused(why) = handshake::answer(&mut &bytes[..]).unwrap() {
        assert!(why.chars().count() < 500 && !why.contains(char::is_control), "{why:?}");
    }
    let batches = match bytes {
        [0x1f, ..] => recording::fuzzing::read(bytes),
        _ => recording::fuzzing::written(bytes),
    };
    merged(&batches);
}
