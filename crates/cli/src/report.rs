//! What commands print: runs side by side, lessons, and the table of use cases.
//!
//! The report of one run is in the core ([`pollscope_core::report`]), since a dashboard writes it too.

pub mod compare;
mod lesson;
mod table;

pub use self::{
    lesson::{LessonReport, lesson_text, lessons_json},
    table::{TableCell, TableRow, table_json, table_text},
};
