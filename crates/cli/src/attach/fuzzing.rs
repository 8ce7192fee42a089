//! What must hold between a program that serves its trace and a viewer, whatever the other side sends: for the fuzzer and
//! for tests.

#![expect(clippy::unwrap_used, reason = "a property that does not hold panics")]

use pollscope_core::{
    trace::{
        log::Batch,
        recording::{self, Origin},
    },
    wire::{Token, handshake},
};

use super::merge::Merge;

/// The token of the program that is asked.
const TOKEN: &str = "t0ken-of-the-fuzzer";

/// As a viewer's line: only who knows the token may look, and whoever may not is told why in one line without it. As a
/// program's answer: it is understood within bounds. As a program's stream: several of it, with one that starts anew, come
/// out on one clock.
pub(crate) fn attach(bytes: &[u8]) {
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

/// Two programs that tell the same, of which the second starts anew: nothing is lost, and no watermark goes back.
fn merged(batches: &[Batch]) {
    let origin = |pid, zero| Origin { program: String::new(), pid: Some(pid), unix_zero: Some(zero), now: None };
    let origins = [origin(1, 5_000), origin(2, 9_000)];
    let mut merge = Merge::new(2, &origins);
    merge.begins(0, &origins[0]);
    merge.begins(1, &origins[1]);
    let (mut items, mut watermark) = (0, 0);
    let mut take = |merge: &mut Merge, late: bool| {
        let (upto, ready) = merge.ready(|_| late);
        assert!(upto >= watermark, "the watermark goes back");
        watermark = upto;
        assert!(ready.iter().all(|(_, batch)| batch.upto() <= upto));
        items += ready.iter().map(|(_, batch)| batch.len()).sum::<usize>();
    };
    for batch in batches {
        merge.take(0, vec![batch.clone()]);
        merge.take(1, vec![batch.clone()]);
        take(&mut merge, false);
    }
    merge.begins(1, &origin(3, 7_000));
    merge.take(1, batches.to_vec());
    (0..3).for_each(|_| take(&mut merge, true));
    let all: usize = batches.iter().map(Batch::len).sum();
    // One more says that all is told anew.
    let anew = usize::from(!batches.is_empty());
    assert_eq!(items, 3 * all + anew, "something is lost");
}
