//! The sixteen colours as every terminal knows them. crossterm writes them as the first of 256, and a terminal that
//! has sixteen may read that as blinking.

/// How a sequence begins.
const BEGIN: &[u8] = b"\x1b[";

/// The page with the sixteen colours in their own words; all else is as it was.
pub(super) fn colours(page: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(page.len());
    let mut rest = page;
    while let Some(at) = rest.windows(BEGIN.len()).position(|bytes| bytes == BEGIN) {
        let (text, sequence) = rest.split_at(at + BEGIN.len());
        out.extend_from_slice(text);
        let length = sequence.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b';')).count();
        let (numbers, after) = sequence.split_at(length);
        match after.first() {
            Some(b'm') => out.extend_from_slice(style(numbers).join(&b';').as_slice()),
            _ => out.extend_from_slice(numbers),
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    out
}

/// The numbers of a style.
fn style(numbers: &[u8]) -> Vec<Vec<u8>> {
    let numbers: Vec<_> = numbers.split(|byte| *byte == b';').collect();
    let mut out = Vec::new();
    let mut rest = numbers.as_slice();
    while let [first, more @ ..] = rest {
        let taken = match (*first, more) {
            (b"38" | b"48", [b"5", index, ..]) => {
                match named(*first == b"48", index) {
                    Some(name) => out.push(name),
                    None => out.extend(rest[..3].iter().map(|number| number.to_vec())),
                }
                3
            }
            (b"38" | b"48", [b"2", _, _, _, ..]) => {
                out.extend(rest[..5].iter().map(|number| number.to_vec()));
                5
            }
            _ => {
                out.push(first.to_vec());
                1
            }
        };
        rest = &rest[taken..];
    }
    out
}

/// The name of one of the sixteen, as a colour of letters or of the ground.
fn named(ground: bool, index: &[u8]) -> Option<Vec<u8>> {
    let index: u8 = std::str::from_utf8(index).ok()?.parse().ok()?;
    let first = match index {
        0..8 => 30,
        8..16 => 90 - 8,
        _ => return None,
    };
    Some((first + index + if ground { 10 } else { 0 }).to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixteen_are_named_and_nothing_else_changes() {
        for (written, sent) in [
            ("\x1b[38;5;9;48;5;0mred\x1b[0m", "\x1b[91;40mred\x1b[0m"),
            ("\x1b[1m\x1b[48;5;15m", "\x1b[1m\x1b[107m"),
            ("\x1b[38;5;16;48;5;7m", "\x1b[38;5;16;47m"),
            ("\x1b[38;2;5;5;5;48;5;5m", "\x1b[38;2;5;5;5;45m"),
            ("\x1b[39;49m\x1b[5;3H\x1b[?2026h", "\x1b[39;49m\x1b[5;3H\x1b[?2026h"),
            ("▓ 38;5;9m \x1b[m\x1b[", "▓ 38;5;9m \x1b[m\x1b["),
        ] {
            assert_eq!(String::from_utf8(colours(written.as_bytes())).unwrap(), sent);
        }
    }
}
