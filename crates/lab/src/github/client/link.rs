//! The `Link` header (RFC 8288): which address is the next page, which the last.
//!
//! Knows only text. Whether an address may be followed is decided in `address`.

/// The target of the first link whose relations include `rel`, as it stands between the angle brackets.
/// What is malformed is skipped up to the next link.
pub(super) fn find(header: &str, rel: &str) -> Option<String> {
    let mut rest = header;
    while let Some((target, after)) = target(rest) {
        let (rels, after) = relations(after);
        if rels.split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case(rel)) {
            return Some(target.trim().to_owned());
        }
        rest = after;
    }
    None
}

/// What stands in the next `<…>`, commas and semicolons included, and the text after it.
fn target(text: &str) -> Option<(&str, &str)> {
    let (_, after) = text.split_once('<')?;
    after.split_once('>')
}

/// The value of the first `rel` of this link's parameters (the RFC says that further ones are ignored), and
/// the text from the comma on that ends the link.
fn relations(mut text: &str) -> (String, &str) {
    let mut found: Option<String> = None;
    loop {
        text = text.trim_start();
        let Some(after) = text.strip_prefix(';') else { break };
        let (name, value, after) = parameter(after);
        if name.eq_ignore_ascii_case("rel") && found.is_none() {
            found = Some(value);
        }
        text = after;
    }
    (found.unwrap_or_default(), text)
}

/// One `name`, `name=token` or `name="quoted"`, and the text after it.
fn parameter(text: &str) -> (&str, String, &str) {
    let end = text.find(['=', ';', ',']).unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    let Some(value) = after.strip_prefix('=') else { return (name.trim(), String::new(), after) };
    let value = value.trim_start();
    if let Some(quoted) = value.strip_prefix('"') {
        let (content, after) = quoted_string(quoted);
        return (name.trim(), content, after);
    }
    let end = value.find([';', ',']).unwrap_or(value.len());
    let (token, after) = value.split_at(end);
    (name.trim(), token.trim().to_owned(), after)
}

/// The content of a quoted string whose first quote is already taken, with its backslashes undone.
fn quoted_string(text: &str) -> (String, &str) {
    let mut content = String::new();
    let mut escaped = false;
    for (at, char) in text.char_indices() {
        match char {
            _ if escaped => {
                content.push(char);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return (content, &text[at + 1..]),
            _ => content.push(char),
        }
    }
    (content, "")
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn githubs_own_form() {
        let header = r#"<https://api.github.com/repositories/1/issues?page=2>; rel="next", <https://api.github.com/repositories/1/issues?page=7>; rel="last""#;
        assert_eq!(find(header, "next").unwrap(), "https://api.github.com/repositories/1/issues?page=2");
        assert_eq!(find(header, "last").unwrap(), "https://api.github.com/repositories/1/issues?page=7");
        assert_eq!(find(header, "prev"), None);
    }

    #[test]
    fn a_target_may_hold_commas_and_semicolons() {
        let header = r#"</a,b;rel="next">; rel="prev", </c>; rel="next""#;
        assert_eq!(find(header, "next").unwrap(), "/c");
        assert_eq!(find(header, "prev").unwrap(), r#"/a,b;rel="next""#);
    }

    #[test]
    fn a_link_may_have_several_relations_in_any_case() {
        assert_eq!(find(r#"</a>; rel="last NEXT""#, "next").unwrap(), "/a");
        assert_eq!(find("</a>;REL=next", "next").unwrap(), "/a");
        assert_eq!(find(r#"</a>; rel="nextish""#, "next"), None);
    }

    #[test]
    fn other_parameters_are_passed_over() {
        let header = r#"</a>; title="the \"next\", rel=next; page"; rel="prev", </b> ; x ; y=z ; rel = "next""#;
        assert_eq!(find(header, "next").unwrap(), "/b");
        assert_eq!(find(header, "prev").unwrap(), "/a");
    }

    #[test]
    fn the_first_rel_of_a_link_counts() {
        assert_eq!(find(r#"</a>; rel="prev"; rel="next""#, "next"), None);
    }

    #[test]
    fn malformed_headers_stop_nothing() {
        for header in ["", "<", "<>", "next", ">;rel=next<", r#"</a; rel="next""#, "</a> rel=next"] {
            assert_eq!(find(header, "next"), None, "{header}");
        }
        assert_eq!(find(r#"</a> junk, </b>; rel="next""#, "next").unwrap(), "/b");
        assert_eq!(find(r#"</a>; rel="next"#, "next").unwrap(), "/a", "a quote that nobody closed");
    }
}
