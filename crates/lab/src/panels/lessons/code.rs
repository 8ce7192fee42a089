//! Rust code in colours, as the compiler's own lexer takes it apart.

use pollscope_tui::{
    looks::Skin,
    pen::{Pen, line},
    text,
};
use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

/// Words that the language has for itself, as far as lessons use them.
const KEYWORDS: [&str; 29] = [
    "as", "async", "await", "break", "const", "continue", "dyn", "else", "enum", "fn", "for", "if", "impl", "in",
    "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "static", "struct", "use", "where",
    "while",
];

/// Draws code from its first line.
pub(super) fn render(buffer: &mut Buffer, area: Rect, code: &str, skin: Skin) {
    let rows: Vec<_> = coloured(code, skin).into_iter().flat_map(|row| wrapped(row, area.width.into())).collect();
    let cut = rows.len() > usize::from(area.height);
    for (row, spans) in (0..area.height).zip(&rows) {
        let mut pen = Pen::new(buffer, line(area, row));
        if cut && row + 1 == area.height {
            pen.put("…", skin.theme.text.dim);
            break;
        }
        for (words, style) in spans {
            pen.put(words, *style);
        }
    }
}

/// A line in as many rows as it needs: where it goes on, it is indented further. It breaks at spaces.
fn wrapped(line: Vec<(&str, Style)>, width: usize) -> Vec<Vec<(&str, Style)>> {
    let columns = |spans: &[(&str, Style)]| spans.iter().map(|(words, _)| text::width(words)).sum::<usize>();
    if columns(&line) <= width {
        return vec![line];
    }
    let margin = line.first().map_or(0, |(words, _)| words.len() - words.trim_start().len());
    let indent = INDENT.get(..margin + 4).unwrap_or(INDENT);
    let pieces: Vec<_> =
        line.iter().flat_map(|(words, style)| words.split_inclusive(' ').map(|it| (it, *style))).collect();
    let mut rows = vec![Vec::new()];
    for word in pieces.split_inclusive(|(piece, _)| piece.ends_with(' ')) {
        let used = rows.last().map_or(0, |row: &Vec<_>| columns(row));
        if used + columns(word) > width && used > indent.len() {
            rows.push(vec![(indent, Style::new())]);
        }
        rows.last_mut().into_iter().for_each(|row| row.extend_from_slice(word));
    }
    rows
}

/// Spaces, as many as a line that goes on is indented by at most.
const INDENT: &str = "                        ";

/// The columns and lines of code.
pub(super) fn size(code: &str) -> (u16, u16) {
    let width = code.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    (width as u16, code.lines().count() as u16)
}

/// The pieces of each line, with their colours.
fn coloured<'c>(code: &'c str, skin: Skin) -> Vec<Vec<(&'c str, Style)>> {
    let mut rows = vec![Vec::new()];
    let mut at = 0;
    let tokens: Vec<_> = tokenize(code, FrontmatterAllowed::No).collect();
    for (place, token) in tokens.iter().enumerate() {
        let words = &code[at..at + token.len as usize];
        let next = code[at + token.len as usize..].chars().next();
        let before = place.checked_sub(1).and_then(|place| tokens.get(place)).map(|token| token.kind);
        let style = style(token.kind, words, before, next, skin);
        for (part, text) in words.split('\n').enumerate() {
            if part > 0 {
                rows.push(Vec::new());
            }
            if let Some(row) = rows.last_mut().filter(|_| !text.is_empty()) {
                row.push((text, style));
            }
        }
        at += token.len as usize;
    }
    rows
}

fn style(kind: TokenKind, words: &str, before: Option<TokenKind>, next: Option<char>, skin: Skin) -> Style {
    let (text, tint) = (&skin.theme.text, &skin.theme.tint);
    match kind {
        TokenKind::LineComment { .. } | TokenKind::BlockComment { .. } => text.dim,
        TokenKind::Lifetime { .. }
        | TokenKind::Literal { kind: LiteralKind::Int { .. } | LiteralKind::Float { .. }, .. } => tint.hogged.bar,
        TokenKind::Literal { .. } => text.good,
        TokenKind::Ident if words == "await" && before == Some(TokenKind::Dot) => text.warning,
        TokenKind::Ident if KEYWORDS.contains(&words) => tint.job.bar,
        TokenKind::Ident if words.starts_with(|first: char| first.is_uppercase()) => tint.polling.bar,
        TokenKind::Ident if matches!(next, Some('(' | '!')) => text.accent,
        _ => text.normal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pollscope_tui::{Keymap, ThemeName, glyphs, theme::Theme};

    #[test]
    fn nothing_is_lost_between_the_colours() {
        let keys = Keymap::default();
        let skin = Skin { theme: Theme::of(ThemeName::Dark), glyphs: &glyphs::UNICODE, keys: &keys };
        let code = "// one\nasync fn a<'x>(b: &'x str) -> Poll<()> {\n    b.c(\"d\\n\", 1.5).await;\n}\n";
        let rows = coloured(code, skin);
        let lines: Vec<String> = rows.iter().map(|row| row.iter().map(|(words, _)| *words).collect()).collect();
        assert_eq!(lines.join("\n"), code);
        let styles = |words: &str| rows.iter().flatten().find(|(it, _)| *it == words).map(|(_, style)| *style);
        assert_eq!(styles("await"), Some(skin.theme.text.warning));
        assert_ne!(styles("async"), styles("b"));
        assert_eq!(size(code), (40, 4));
    }

    #[test]
    fn a_long_line_goes_on_further_in() {
        let style = Style::new();
        let line = vec![("    ", style), ("let ", style), ("number = one + two + three;", style)];
        let rows: Vec<String> =
            wrapped(line, 20).iter().map(|row| row.iter().map(|(words, _)| *words).collect()).collect();
        assert_eq!(rows, ["    let number = ", "        one + two + ", "        three;"]);
    }
}
