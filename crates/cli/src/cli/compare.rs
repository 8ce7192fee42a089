//! The command line of `compare`: lists of strategies, and the runs that their product amounts to.
//!
//! It knows which runs there are, and nothing of how they are made.

use clap::Args;
use pollscope_lab::settings::{Compute, Flavor, Settings, Wait};

use super::{Format, KeepArgs, LookArgs, WorkArgs, values::named, workers_of};
use crate::report::compare::Refusal;

/// The most runs of one comparison: more do not fit side by side.
pub(super) const MOST_RUNS: usize = 12;

/// The comparison's arguments.
#[derive(Clone, Debug, Args)]
pub struct CompareArgs {
    /// `pipeline` (the only scenario so far), then repositories as owner/name
    #[arg(value_name = "pipeline [REPO]")]
    pub target: Vec<String>,
    /// Instead of runs: which of crossbeam, Tokio and Rayon for what, and what shows it
    #[arg(long)]
    pub table: bool,
    /// Without a screen: for people or for programs
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// How tasks wait: one or several, as a,b
    #[arg(long, value_delimiter = ',', default_value = "async", value_parser = named::<Wait>())]
    wait: Vec<Wait>,
    /// Where CPU work runs: one or several, as a,b
    #[arg(long, value_delimiter = ',', default_value = "rayon", value_parser = named::<Compute>())]
    compute: Vec<Compute>,
    /// The kind of Tokio runtime: one or both, as a,b
    #[arg(long, value_delimiter = ',', default_value = "multi-thread", value_parser = named::<Flavor>())]
    flavor: Vec<Flavor>,
    /// Tokio workers, 1 to 512: one or several, as 1,2,4 [default: the cores, at least 2]
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = clap::value_parser!(u16).range(1..=512))]
    workers: Vec<u16>,
    /// The rest.
    #[command(flatten)]
    work: WorkArgs,
    /// What is kept: of several runs each has a file of its own, with its number in the name.
    #[command(flatten)]
    pub keep: KeepArgs,
    /// How it looks.
    #[command(flatten)]
    pub look: LookArgs,
}

/// The runs of a comparison.
#[derive(Debug)]
pub struct Product {
    /// To be made, in this order.
    pub runs: Vec<Settings>,
    /// What Tokio does not allow.
    pub refused: Vec<Refusal>,
}

impl CompareArgs {
    /// Every combination of the lists.
    ///
    /// # Errors
    ///
    /// More runs than fit side by side, none that is allowed, or options that exclude each other; in one line.
    pub fn product(&self) -> Result<Product, String> {
        let base = Settings { once: true, ..self.work.settings()? };
        let mut product = Product { runs: Vec::new(), refused: Vec::new() };
        for settings in self.combinations(&base) {
            match settings.check() {
                Ok(()) => product.runs.push(settings),
                Err(reason) => product.refused.push(Refusal::new(&settings, reason.to_string())),
            }
        }
        match (product.runs.len(), product.refused.first()) {
            (0, Some(first)) => Err(format!("no combination is left to run: {}", first.reason)),
            (runs, _) if runs > MOST_RUNS => Err(self.too_many(runs)),
            _ => Ok(product),
        }
    }

    fn combinations(&self, base: &Settings) -> Vec<Settings> {
        let mut all = Vec::new();
        for flavor in once_each(&self.flavor) {
            let workers = if self.workers.is_empty() { vec![workers_of(flavor)] } else { once_each(&self.workers) };
            for workers in workers {
                for compute in once_each(&self.compute) {
                    let with = |wait| Settings { wait, compute, flavor, workers, ..base.clone() };
                    all.extend(once_each(&self.wait).into_iter().map(with));
                }
            }
        }
        all
    }

    fn too_many(&self, runs: usize) -> String {
        let lists = [
            ("--wait", once_each(&self.wait).len()),
            ("--compute", once_each(&self.compute).len()),
            ("--workers", once_each(&self.workers).len()),
            ("--flavor", once_each(&self.flavor).len()),
        ];
        let (longest, values) = lists.into_iter().max_by_key(|(_, values)| *values).unwrap_or(("--wait", 0));
        format!(
            "that makes {runs} runs, and compare makes at most {MOST_RUNS}: leave out some of the {values} values of {longest}"
        )
    }
}

/// The values in their order, without those that were said before.
fn once_each<T: Copy + PartialEq>(values: &[T]) -> Vec<T> {
    let mut kept = Vec::new();
    for value in values {
        if !kept.contains(value) {
            kept.push(*value);
        }
    }
    kept
}
