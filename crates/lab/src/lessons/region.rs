//! Regions of a source file: what a lesson shows is what is compiled.
//!
//! A region lies between `// ANCHOR: name` and `// ANCHOR_END: name`, as in mdBook. A name may occur more than
//! once: its pieces are shown one after the other.

use std::borrow::Cow;

/// The region of that name, without the indentation that all its lines share; none where there is none.
pub(super) fn of(source: &str, name: &str) -> Option<Cow<'static, str>> {
    let (begin, end) = (format!("// ANCHOR: {name}"), format!("// ANCHOR_END: {name}"));
    let (mut pieces, mut lines) = (Vec::new(), source.lines());
    while lines.by_ref().any(|line| line.trim() == begin) {
        let piece = lines.by_ref().take_while(|line| line.trim() != end);
        pieces.push(flush_left(&piece.filter(|line| !is_anchor(line)).collect::<Vec<_>>()));
    }
    (!pieces.is_empty()).then(|| pieces.join("\n\n").into())
}

fn is_anchor(line: &str) -> bool {
    line.trim_start().starts_with("// ANCHOR")
}

fn flush_left(lines: &[&str]) -> String {
    let indented = lines.iter().filter(|line| !line.trim().is_empty());
    let margin = indented.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let lines: Vec<_> = lines.iter().map(|line| line.get(margin..).unwrap_or_default()).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_joined_and_flush_left() {
        let source =
            "x\n  // ANCHOR: a\n  fn a() {\n    1\n  }\n  // ANCHOR_END: a\n// ANCHOR: a\nb\n// ANCHOR_END: a\ny";
        assert_eq!(of(source, "a").as_deref(), Some("fn a() {\n  1\n}\n\nb"));
        assert_eq!(of(source, "b"), None);
    }
}
