//! What people type: the text that issues and pull requests have, before it is part of an answer.

/// What a person typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) title: String,
    /// Many pull requests, and some issues, have none.
    pub(super) body: Option<String>,
}
