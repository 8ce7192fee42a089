//! The file of settings: a text becomes settings that are checked against the command line's own table.
//!
//! It reads no file and knows no option by itself, beside those that it refuses.

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command};
use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::{
    command,
    mistakes::{nearest, one_line},
};

/// The largest file that is read, in bytes: one that says all is a hundredth of it.
pub const MOST_BYTES: u64 = 1 << 20;

/// Options that are no settings: of one call, or of the way to the settings themselves.
const NO_SETTINGS: &[&str] = &["help", "version", "config", "print-default"];

/// Options that the file must not have, and why.
const REFUSED: &[(&str, &str)] = &[
    ("help", "it is no setting"),
    ("version", "it is no setting"),
    ("print-default", "it is no setting"),
    ("config", "the file cannot name another one"),
    ("record", "every run would write over the same file"),
    ("serve", "a second run would find its address taken"),
    ("attach", "it is of one call"),
    ("for", "it is of one call"),
    ("out", "every export would write over the same file"),
];

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The command that it is for; none where it is for every one that has the option.
    pub command: Option<String>,
    /// The option's long name.
    pub option: String,
    /// What it is set to.
    pub said: Said,
    /// Where, from 1.
    pub line: usize,
}

/// What an option is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// An option without a value: given, or not.
    Flag(bool),
    /// An option's value, as on the command line.
    Value(OsString),
}

/// What is wrong with a file.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Wrong {
    /// Where, from 1.
    line: usize,
    what: String,
}

/// The settings of a file, in no particular order.
///
/// # Errors
///
/// The first that is no TOML, no option, or no value that the option takes.
pub fn parse(text: &str) -> Result<Vec<Setting>, Wrong> {
    let line = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
    let document = DeTable::parse(text).map_err(|error| Wrong {
        line: line(error.span().map_or(0, |span| span.start)),
        what: format!("this is no TOML: {}", error.message().replace('\n', ", ")),
    })?;
    let mut checker = Checker::default();
    let mut settings = Vec::new();
    for (key, value) in document.get_ref() {
        let name = key.get_ref().as_ref();
        match value.get_ref() {
            DeValue::Table(table) if checker.pairs(None, name).is_empty() => {
                checker.table(name).map_err(|what| Wrong { line: line(key.span().start), what })?;
                for (key, value) in table {
                    settings.push(setting(&mut checker, Some(name), (key, value.get_ref()), line)?);
                }
            }
            value => settings.push(setting(&mut checker, None, (key, value), line)?),
        }
    }
    // A table of pairs without one; every other value has been checked, and none of them may be empty.
    settings.retain(|setting| setting.said != Said::Value(OsString::new()));
    Ok(settings)
}

/// A name with its place in the text.
type Key<'a> = Spanned<DeString<'a>>;

fn setting(
    checker: &mut Checker,
    command: Option<&str>,
    (key, value): (&Key<'_>, &DeValue<'_>),
    line: impl Fn(usize) -> usize,
) -> Result<Setting, Wrong> {
    let wrong = |key: &Key<'_>, what| Wrong { line: line(key.span().start), what };
    let option = key.get_ref().as_ref();
    let takers = checker.pairs(command, option);
    let said = match value {
        DeValue::Table(pairs) if !takers.is_empty() => {
            let mut words = Vec::new();
            for (name, value) in pairs {
                let pair = pair(name.get_ref(), value.get_ref());
                let taken = pair.and_then(|pair| {
                    takers.iter().try_for_each(|command| checker.value(command, option, &OsString::from(&pair)))?;
                    Ok(pair)
                });
                words.push(taken.map_err(|what| wrong(name, what))?);
            }
            Said::Value(words.join(",").into())
        }
        value => checker.setting(command, option, value).map_err(|what| wrong(key, what))?,
    };
    let line = line(key.span().start);
    Ok(Setting { command: command.map(str::to_owned), option: option.to_owned(), said, line })
}

/// One of several names with what each is, as the command line has it: `name=words`, without a comma in it.
fn pair(name: &str, value: &DeValue<'_>) -> Result<String, String> {
    let words = match value {
        DeValue::Array(several) => {
            let words: Option<Vec<_>> = several.iter().map(|value| word(value.get_ref())).collect();
            words.map(|words| words.join(" "))
        }
        value => word(value),
    };
    let words = words.ok_or_else(|| format!("'{name}' takes a word or a list of words"))?;
    Ok(format!("{name}={}", words.replace(',', "comma")))
}

/// The options of a command that are settings.
pub(super) fn options(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| arg.get_long().is_some_and(|long| !NO_SETTINGS.contains(&long)))
}

/// Those of them that the file may have.
pub(super) fn in_file(command: &Command) -> impl Iterator<Item = &Arg> {
    options(command).filter(|arg| refusal(name_of(arg)).is_none())
}

/// The commands that have settings.
pub(super) fn commands(program: &Command) -> impl Iterator<Item = &Command> {
    program.get_subcommands().filter(|command| options(command).next().is_some())
}

/// An option's long name.
pub(super) fn name_of(option: &Arg) -> &str {
    option.get_long().unwrap_or_default()
}

/// Whether an option's values are names with what each is.
pub(super) fn is_of_pairs(option: &Arg) -> bool {
    option.get_value_names().is_some_and(|names| names.iter().any(|name| name.contains('=')))
}

/// Whether an option stands alone, without a value.
pub(super) fn is_flag(option: &Arg) -> bool {
    matches!(option.get_action(), ArgAction::SetTrue)
}

fn refusal(option: &str) -> Option<String> {
    if option.to_ascii_lowercase().contains("token") {
        return Some("a token is never in the file: it comes from the environment's GITHUB_TOKEN".to_owned());
    }
    let (_, why) = REFUSED.iter().find(|(name, _)| *name == option)?;
    Some(format!("'{option}' cannot be set here: {why}"))
}

/// Checks settings by asking the program's own command line.
pub(super) struct Checker {
    program: Command,
}

impl Default for Checker {
    fn default() -> Self {
        Self { program: lenient() }
    }
}

/// The program without the arguments that must be there: with one option alone it is understood.
pub(super) fn lenient() -> Command {
    let mut program = command().mut_subcommands(|command| command.mut_args(|arg| arg.required(false)));
    program.build();
    program
}

impl Checker {
    /// The value of an option of one command, as the command line takes it; else what the command line says.
    pub(super) fn value(&mut self, command: &str, option: &str, value: &OsString) -> Result<(), String> {
        let mut word = OsString::from(format!("--{option}="));
        word.push(value);
        let args = [OsString::from("pollscope"), command.into(), word];
        self.program.try_get_matches_from_mut(args).map(|_| ()).map_err(|error| one_line(&error))
    }

    /// The commands whose option of that name is a table of names with what each is.
    fn pairs(&self, table: Option<&str>, name: &str) -> Vec<String> {
        let takers = self.takers(table, name).into_iter();
        takers.filter(|(_, option)| is_of_pairs(option)).map(|(command, _)| command).collect()
    }

    fn table(&self, name: &str) -> Result<(), String> {
        if commands(&self.program).any(|command| command.get_name() == name) {
            return Ok(());
        }
        let nearest = nearest(name, commands(&self.program).map(Command::get_name)).unwrap_or_default();
        Err(format!("there is no table '{}'; did you mean '[{nearest}]'?", name.escape_default()))
    }

    fn setting(&mut self, table: Option<&str>, name: &str, value: &DeValue<'_>) -> Result<Said, String> {
        if let Some(refusal) = refusal(name) {
            return Err(refusal);
        }
        let takers = self.takers(table, name);
        let Some((_, option)) = takers.first() else { return Err(self.unknown(table, name)) };
        let said = said(option, value)?;
        if let Said::Value(value) = &said {
            for (command, _) in &takers {
                self.value(command, name, value)?;
            }
        }
        Ok(said)
    }

    /// The commands that have the option, each with its own of that name.
    fn takers(&self, table: Option<&str>, name: &str) -> Vec<(String, Arg)> {
        let commands = of_table(&self.program, table);
        let own = |command: &Command| Some((command.get_name().to_owned(), named(command, name)?.clone()));
        commands.filter_map(own).collect()
    }

    fn unknown(&self, table: Option<&str>, name: &str) -> String {
        let options = of_table(&self.program, table).flat_map(in_file).map(name_of);
        let nearest = nearest(name, options).unwrap_or_default();
        let of = table.map_or_else(String::new, |table| format!(" in [{table}]"));
        format!("there is no setting '{}'{of}; did you mean '{nearest}'?", name.escape_default())
    }
}

fn of_table<'a>(program: &'a Command, table: Option<&str>) -> impl Iterator<Item = &'a Command> {
    commands(program).filter(move |command| table.is_none_or(|table| command.get_name() == table))
}

fn named<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    options(command).find(|option| name_of(option) == name)
}

/// A value of the file as a word of the command line.
fn said(option: &Arg, value: &DeValue<'_>) -> Result<Said, String> {
    let name = name_of(option);
    match (is_flag(option), value) {
        (true, DeValue::Boolean(given)) => Ok(Said::Flag(*given)),
        (true, _) => Err(format!("'{name}' is true or false")),
        (false, DeValue::Array(several)) => {
            let words: Option<Vec<_>> = several.iter().map(|value| word(value.get_ref())).collect();
            let words = words.ok_or_else(|| format!("'{name}' takes no list of lists"))?;
            Ok(Said::Value(words.join(",").into()))
        }
        (false, value) => {
            let word = word(value).ok_or_else(|| format!("'{name}' takes a value, no table"))?;
            Ok(Said::Value(word.into()))
        }
    }
}

fn word(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => {
            let plain = i64::from_str_radix(number.as_str(), number.radix()).map(|number| number.to_string());
            Some(plain.unwrap_or_else(|_| number.as_str().to_owned()))
        }
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(given) => Some(given.to_string()),
        DeValue::Datetime(time) => Some(time.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn settings_are_for_all_commands_or_for_one() {
        let mut settings = parse("seed = 7\nonce = true\n[compare]\nwait = [\"async\", \"blocking\"]\n").unwrap();
        settings.sort_by_key(|setting| setting.line);
        let value = |text: &str| Said::Value(text.into());
        let compare = || Some("compare".to_owned());
        let expected = [
            (None, "seed", value("7"), 1),
            (None, "once", Said::Flag(true), 2),
            (compare(), "wait", value("async,blocking"), 4),
        ];
        let expected =
            expected.map(|(command, option, said, line)| Setting { command, option: option.to_owned(), said, line });
        assert_eq!(settings, expected);
    }

    #[test]
    fn an_unknown_key_names_the_nearest_right_one_and_its_line() {
        assert_eq!(wrong("\nconcurency = 3"), "line 2: there is no setting 'concurency'; did you mean 'concurrency'?");
        assert_eq!(wrong("[compar]"), "line 1: there is no table 'compar'; did you mean '[compare]'?");
        let line = "line 2: there is no setting 'prt' in [fake-github]; did you mean 'port'?";
        assert_eq!(wrong("[fake-github]\nprt = 3"), line);
        assert!(wrong("[fake-github]\nwait = \"async\"").contains("no setting 'wait' in [fake-github]"));
    }

    #[test]
    fn a_bad_value_is_told_what_the_option_tells() {
        let line = wrong("every = \"soon\"");
        assert!(line.starts_with("line 1: invalid value 'soon' for '--every <DURATION>': write a number"), "{line}");
        assert!(wrong("wait = \"blockin\"").ends_with("a similar value exists: 'blocking'"));
        assert!(wrong("workers = 0").contains("0 is not in 1..=512"));
        assert_eq!(wrong("once = \"yes\""), "line 1: 'once' is true or false");
        assert!(wrong("wait = [\"async\", \"blocking\"]").contains("invalid value"), "a list is for compare alone");
        assert!(wrong("wait = { a = 1 }").contains("no table 'wait'"));
        assert!(wrong("compare = 3").contains("no setting 'compare'"));
    }

    #[test]
    fn keys_are_a_table() {
        let text =
            "seed = 7\n[keys]\nblock = \"x f5\"\nnudge-back = [\",\", \"ctrl-b\"]\n[compare.keys]\nquit = \"Q\"\n";
        let mut settings = parse(text).unwrap();
        settings.sort_by_key(|setting| setting.line);
        let said: Vec<_> =
            settings.into_iter().map(|setting| (setting.command, setting.option, setting.said)).collect();
        let keys = |words: &str| ("keys".to_owned(), Said::Value(words.into()));
        assert_eq!(
            (&said[1].1, &said[1].2),
            (&keys("block=x f5,nudge-back=comma ctrl-b").0, &keys("block=x f5,nudge-back=comma ctrl-b").1)
        );
        assert_eq!((said[2].0.as_deref(), &said[2].2), (Some("compare"), &keys("quit=Q").1));
        assert!(wrong("[keys]\nblock = \"x\"\nblok = \"y\"").starts_with("line 3: invalid value 'blok=y'"));
        assert!(wrong("[keys]\nblok = \"y\"").ends_with("no key does 'blok'; did you mean 'block'?"));
        assert!(wrong("[keys]\nblock = \"ctl-y\"").contains("there is no key 'ctl-y'; write a letter"));
        assert_eq!(wrong("[keys]\nblock = [[1]]"), "line 2: 'block' takes a word or a list of words");
    }

    #[test]
    fn what_is_no_setting_is_refused_with_a_reason() {
        assert!(wrong("record = \"x\"").contains("would write over"));
        assert!(wrong("config = \"x\"").contains("cannot name another"));
        for text in ["token = \"ghp_s3cret\"", "[report]\nGITHUB_TOKEN = \"ghp_s3cret\"", "github-token = 1"] {
            let line = wrong(text);
            assert!(line.contains("GITHUB_TOKEN") && !line.contains("s3cret"), "{line}");
        }
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_line() {
        assert!(wrong("seed = 1\n= 3").starts_with("line 2: this is no TOML: "));
        assert!(wrong("seed = 1\nseed = 2").starts_with("line 2: this is no TOML: "));
        assert!(!wrong("token = ghp_s3cret").contains("s3cret"));
    }
}
