//! Titles and bodies. Those of a copy are a paraphrase of its original's.
//!
//! Knows nothing of JSON, labels or people.

use fastrand::Rng;

use super::{
    catalogue::Row,
    dice::{self, Purpose},
    grammar::Writer,
    history::{Entry, Role},
    paraphrase,
    typed::Text,
};

/// The text of `entry` in the repository at `index` of the catalogue.
pub(super) fn text(seed: u64, index: u64, row: &Row, entry: &Entry) -> Text {
    if let Role::CopyOf(original) = entry.role {
        let original =
            written_by_itself(&mut dice::rng(seed, Purpose::Text, &[index, original]), row, false, Role::Original);
        let mut rng = dice::rng(seed, Purpose::Repeat, &[index, entry.number]);
        return paraphrase::paraphrase(&mut rng, &row.crate_name(), original);
    }
    written_by_itself(&mut dice::rng(seed, Purpose::Text, &[index, entry.number]), row, entry.is_pull(), entry.role)
}

fn written_by_itself(rng: &mut Rng, row: &Row, pull: bool, role: Role) -> Text {
    let mut writer = Writer::new(rng, &row.crate_name());
    if role == Role::Original {
        // Long enough that a few other words leave it recognisable, and with nothing odd about it.
        return Text { title: writer.write("issue_title"), body: Some(at_least(&mut writer, "issue_body", 400)) };
    }
    let title = match role {
        Role::Hostile => writer.write("hostile_title"),
        _ if pull => writer.write("pull_title"),
        _ if one_in(&mut writer, 40) => writer.write("unicode_title"),
        _ => writer.write("issue_title"),
    };
    let body = if pull { pull_body(&mut writer) } else { issue_body(&mut writer) };
    match body {
        None if !pull => Text { title: all_in_the_title(&mut writer, &title), body },
        _ => Text { title, body },
    }
}

/// Whoever leaves the form empty says more above it. It also keeps two such issues apart.
fn all_in_the_title(writer: &mut Writer, title: &str) -> String {
    format!("{title}{}", writer.write("title_only"))
}

fn issue_body(writer: &mut Writer) -> Option<String> {
    if one_in(writer, 50) {
        return None;
    }
    let mut body = at_least(writer, "issue_body", 200);
    if one_in(writer, 60) {
        lengthen(writer, &mut body);
    }
    Some(with_habits(writer, body))
}

fn pull_body(writer: &mut Writer) -> Option<String> {
    if one_in(writer, 14) {
        return None;
    }
    let body = at_least(writer, "pull_body", 200);
    Some(with_habits(writer, body))
}

/// Adds details until the text has `bytes` bytes.
fn at_least(writer: &mut Writer, section: &str, bytes: usize) -> String {
    let mut body = writer.write(section);
    while body.len() < bytes {
        body.push_str("\n\n");
        body.push_str(&writer.write("detail"));
    }
    body
}

/// Some people write everything down, and paste the whole log: 4 to 20 KB.
fn lengthen(writer: &mut Writer, body: &mut String) {
    let bytes = writer.rng().usize(4_000..19_500);
    while body.len() < bytes / 2 {
        body.push_str("\n\n");
        body.push_str(&writer.write("long_section"));
    }
    body.push_str("\n\n");
    body.push_str(&writer.write("log_heading"));
    body.push_str("\n\n```text\n");
    while body.len() < bytes {
        body.push_str(&writer.write("log_line"));
        body.push('\n');
    }
    body.push_str("```\n");
}

/// Other languages, emoji, and the line ends of the web form.
fn with_habits(writer: &mut Writer, mut body: String) -> String {
    if one_in(writer, 12) {
        body.push_str("\n\n");
        body.push_str(&writer.write("aside"));
    }
    if one_in(writer, 8) {
        body = body.replace('\n', "\r\n");
    }
    body
}

fn one_in(writer: &mut Writer, n: u32) -> bool {
    writer.rng().u32(..n) == 0
}
