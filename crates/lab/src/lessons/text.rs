//! What a lesson says: a short Markdown file with a title, the idea, a question with choices, and what to
//! look for.
//!
//! ```text
//! # Title
//! The idea, in a few sentences.
//! ## Question
//! What will happen?
//! - [ ] a wrong choice
//! - [x] the right one
//! ## Look for
//! What to look for while it runs.
//! ```

use std::str::FromStr;

/// What a lesson says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Its title.
    pub title: String,
    /// The idea, in a few sentences; paragraphs are lines.
    pub idea: String,
    /// What is asked before it runs.
    pub question: String,
    /// The answers to choose from.
    pub choices: Vec<Choice>,
    /// What to look for while it runs.
    pub look_for: String,
}

/// An answer to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The answer.
    pub text: String,
    /// It is what happens.
    pub right: bool,
}

/// A part that a lesson's file lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lesson's text has no {0}")]
pub struct TextError(&'static str);

impl FromStr for Text {
    type Err = TextError;

    fn from_str(file: &str) -> Result<Self, TextError> {
        let rest = file.trim_start().strip_prefix("# ").ok_or(TextError("title"))?;
        let (title, rest) = rest.split_once('\n').ok_or(TextError("idea"))?;
        let (idea, rest) = rest.split_once("\n## Question\n").ok_or(TextError("question"))?;
        let (asked, look_for) = rest.split_once("\n## Look for\n").ok_or(TextError("part 'Look for'"))?;
        let choices: Vec<_> = asked.lines().filter_map(choice).collect();
        let question: Vec<_> = asked.lines().filter(|line| choice(line).is_none()).collect();
        let text = Self {
            title: title.trim().to_owned(),
            idea: paragraphs(idea),
            question: paragraphs(&question.join("\n")),
            choices,
            look_for: paragraphs(look_for),
        };
        let parts = [(&text.idea, "idea"), (&text.question, "question"), (&text.look_for, "part 'Look for'")];
        match parts.iter().find(|(part, _)| part.is_empty()) {
            Some((_, name)) => Err(TextError(name)),
            None => Ok(text),
        }
    }
}

fn choice(line: &str) -> Option<Choice> {
    let text = |text: &str| text.trim().to_owned();
    let right = line.strip_prefix("- [x] ").map(|line| Choice { text: text(line), right: true });
    right.or_else(|| line.strip_prefix("- [ ] ").map(|line| Choice { text: text(line), right: false }))
}

/// Lines that follow each other belong together; an empty one begins a new line.
fn paragraphs(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|lines| lines.split_whitespace().collect::<Vec<_>>().join(" "));
    paragraphs.filter(|paragraph| !paragraph.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_part_by_part() {
        let file = "# A title\nThe idea\nof it.\n\nMore.\n## Question\nWhat?\n- [ ] this\n- [x] that\n## Look for\nThe lanes.\n";
        let text: Text = file.parse().unwrap();
        assert_eq!((text.title.as_str(), text.idea.as_str()), ("A title", "The idea of it.\nMore."));
        assert_eq!((text.question.as_str(), text.look_for.as_str()), ("What?", "The lanes."));
        assert_eq!(text.choices.iter().map(|it| it.right).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!("no title".parse::<Text>(), Err(TextError("title")));
        assert_eq!("# T\nidea\n".parse::<Text>(), Err(TextError("question")));
        assert_eq!("# T\n\n## Question\nq\n\n## Look for\nl".parse::<Text>(), Err(TextError("idea")));
    }
}
