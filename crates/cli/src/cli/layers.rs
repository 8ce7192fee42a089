//! What the command line leaves open is said by the environment, by the file, or by the defaults.
//!
//! What is said elsewhere is put among the arguments, unless the command line says it or its
//! contrary: so it is understood, refused and explained by the same parser.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgMatches, Command, FromArgMatches, parser::ValueSource};

use super::{
    Cli, command,
    config::{Checker, Said, Setting, is_flag, lenient, name_of, options},
    mistakes::renamed,
};

/// The command line as it was typed.
pub struct Typed {
    args: Vec<OsString>,
    /// The name of the command, where there is one.
    name: Option<String>,
    /// The command that was meant.
    command: Command,
    matches: ArgMatches,
}

/// Why there is nothing to be done.
#[derive(Debug)]
pub enum Refused {
    /// The arguments, or a help that was asked for.
    Arguments(Box<clap::Error>),
    /// The environment, in one line.
    Environment(String),
}

impl From<clap::Error> for Refused {
    fn from(error: clap::Error) -> Self {
        Self::Arguments(Box::new(error))
    }
}

/// An option that is decided, and whether it is given: one that is not excludes no other.
type Decided<'a> = (&'a Arg, bool);

impl Typed {
    /// The program's arguments, the first being its own name.
    ///
    /// # Errors
    ///
    /// Arguments that are wrong whatever is said elsewhere; help and version, which are asked for.
    pub fn new(args: Vec<OsString>) -> Result<Self, Refused> {
        renamed(&args)?;
        let mut program = lenient();
        let matches = program.try_get_matches_from_mut(&args).map_err(|error| {
            // The strict program has the help that is right about what must be there.
            command().try_get_matches_from(&args).err().unwrap_or(error)
        })?;
        let meant = matches.subcommand().and_then(|(name, own)| Some((program.find_subcommand(name)?, own)));
        Ok(match meant {
            Some((command, own)) => {
                let name = Some(command.get_name().to_owned());
                Self { args, name, command: command.clone(), matches: own.clone() }
            }
            None => Self { args, name: None, command: program, matches },
        })
    }

    /// The file that the command line names.
    pub fn config(&self) -> Option<&Path> {
        self.matches.get_one::<PathBuf>("config").map(PathBuf::as_path)
    }

    /// Whether there is anything that a file could say.
    pub fn takes_settings(&self) -> bool {
        options(&self.command).next().is_some()
    }

    /// With what the environment and the file say. `env` is asked for variables by their names.
    ///
    /// # Errors
    ///
    /// A variable that the option does not take, arguments that exclude each other or are missing.
    pub fn with(&self, file: &[Setting], env: impl Fn(&str) -> Option<OsString>) -> Result<Cli, Refused> {
        let environment = self.environment(env).map_err(Refused::Environment)?;
        let of = |command: Option<&str>| {
            let own = file.iter().filter(move |setting| setting.command.as_deref() == command);
            own.filter_map(|setting| Some((self.option(&setting.option)?, setting.said.clone()))).collect()
        };
        // No command is the pipeline.
        let own: Vec<_> = of(Some(self.command_name()));
        let mut decided = self.decided();
        let mut args = self.args.clone();
        let place = if self.name.is_some() { 2 } else { 1 };
        for layer in [environment, own, of(None)] {
            let open: Vec<_> =
                layer.into_iter().filter(|(option, said)| self.is_open(option, said, &decided)).collect();
            decided.extend(open.iter().map(|(option, said)| (*option, *said != Said::Flag(false))));
            let words = open.into_iter().filter_map(|(option, said)| word(option, said));
            args.splice(place.min(args.len())..place.min(args.len()), words);
        }
        Ok(Cli::from_arg_matches(&command().try_get_matches_from(args)?)?)
    }

    fn command_name(&self) -> &str {
        self.name.as_deref().unwrap_or("pipeline")
    }

    fn option(&self, name: &str) -> Option<&Arg> {
        options(&self.command).find(|option| name_of(option) == name)
    }

    /// What the command line says.
    fn decided(&self) -> Vec<Decided<'_>> {
        let typed = |arg: &&Arg| self.matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
        let arguments = self.command.get_arguments().filter(|arg| !matches!(arg.get_id().as_str(), "help" | "version"));
        arguments.filter(typed).map(|arg| (arg, true)).collect()
    }

    /// Whether nobody before has decided on the option, nor for what excludes it.
    fn is_open(&self, option: &Arg, said: &Said, decided: &[Decided<'_>]) -> bool {
        let excludes = |a: &Arg, b: &Arg| {
            self.command.get_arg_conflicts_with(a).into_iter().any(|other| other.get_id() == b.get_id())
        };
        decided.iter().all(|(before, given)| {
            let contrary =
                *given && *said != Said::Flag(false) && (excludes(before, option) || excludes(option, before));
            before.get_id() != option.get_id() && !contrary
        })
    }

    fn environment(&self, env: impl Fn(&str) -> Option<OsString>) -> Result<Vec<(&Arg, Said)>, String> {
        let mut checker = Checker::default();
        let mut found = Vec::new();
        for option in options(&self.command) {
            let name = variable(name_of(option));
            let Some(value) = env(&name).filter(|value| !value.is_empty()) else { continue };
            let said = match (is_flag(option), value.to_str()) {
                (true, Some("true")) => Said::Flag(true),
                (true, Some("false")) => Said::Flag(false),
                (true, _) => return Err(format!("{name} is true or false, not '{}'", value.to_string_lossy())),
                (false, _) => {
                    let taken = checker.value(self.command_name(), name_of(option), &value);
                    taken.map_err(|wrong| format!("{name}: {wrong}"))?;
                    Said::Value(value)
                }
            };
            found.push((option, said));
        }
        Ok(found)
    }
}

/// The environment variable of an option.
fn variable(option: &str) -> String {
    format!("POLLSCOPE_{}", option.to_ascii_uppercase().replace('-', "_"))
}

/// The variables of all options, in the order of their names.
pub fn variables() -> Vec<String> {
    let mut program = command();
    program.build();
    let mut names: Vec<_> =
        program.get_subcommands().flat_map(options).map(|option| variable(name_of(option))).collect();
    names.sort();
    names.dedup();
    names
}

/// An option as an argument; none for one that is not given.
fn word(option: &Arg, said: Said) -> Option<OsString> {
    let mut word = OsString::from(format!("--{}", name_of(option)));
    match said {
        Said::Flag(given) => given.then_some(word),
        Said::Value(value) => {
            word.push("=");
            word.push(value);
            Some(word)
        }
    }
}

#[cfg(test)]
mod tests;
