//! A recorded trace for other programs: a timeline viewer, a spreadsheet, a slide.
//!
//! Each export reads the batches once, in order, and keeps only what is alive at an instant: a recording of
//! hours takes no more memory than one of seconds. It knows neither files nor the command line.

mod cast;
mod csv;
mod life;
mod perfetto;
mod svg;
mod trace_event;
mod track;

use std::{error::Error, io};

pub use self::{csv::csv, perfetto::perfetto, svg::svg};

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError<E: Error + 'static> {
    /// The trace could not be read on.
    #[error("the trace could not be read: {0}")]
    Read(#[source] E),
    /// What was exported could not be written.
    #[error("the export could not be written: {0}")]
    Write(#[from] io::Error),
}

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
