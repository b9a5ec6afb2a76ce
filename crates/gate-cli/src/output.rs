//! `--output text|json[=PATH]`: where an answer goes and in which form.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use gate_io::files::write_atomically;
use serde::Serialize;

use crate::failure::Failure;
use crate::terminal::{Paint, Terminal};

/// The flag, for the commands that have an answer.
#[derive(Debug, Clone, Args)]
pub(crate) struct OutputArguments {
    /// Form of the answer, and a file for it; repeatable [default: text on stdout]
    #[arg(
        long,
        env = "GATE_OUTPUT",
        value_name = "text|json[=PATH]",
        value_delimiter = '\n',
        help_heading = "Output"
    )]
    output: Vec<Target>,
}

/// One form in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    form: Form,
    path: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Json,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (form, path) = match text.split_once('=') {
            Some((form, path)) => (form, Some(path)),
            None => (text, None),
        };
        let form = match form {
            "text" => Form::Text,
            "json" => Form::Json,
            _ => return Err("write text, json, text=PATH or json=PATH".to_owned()),
        };
        if path == Some("") {
            return Err("the path after `=` is empty".to_owned());
        }
        Ok(Self { form, path: path.map(PathBuf::from) })
    }
}

impl OutputArguments {
    /// Refuses what could not be written, before any work: two answers on one stream would be no
    /// document, and a promotion must not be recorded only to find that its receipt has no folder.
    pub(crate) fn ready(&self) -> Result<(), Failure> {
        for (at, target) in self.output.iter().enumerate() {
            if self.output[..at].iter().any(|earlier| earlier.path == target.path) {
                let place = target.path.as_deref().map_or("stdout".into(), Path::to_string_lossy);
                return Err(Failure::usage(format!(
                    "`--output` names {place} twice: give one of them a path of its own"
                )));
            }
            if let Some(path) = &target.path {
                folder_exists(path)?;
            }
        }
        Ok(())
    }

    /// Whether nothing of the answer goes to stdout.
    pub(crate) fn is_elsewhere(&self) -> bool {
        !self.output.is_empty() && self.output.iter().all(|target| target.path.is_some())
    }

    /// Writes the answer in every form that was asked for; files come before stdout.
    pub(crate) fn write<T: Serialize>(
        &self,
        terminal: &mut Terminal<'_>,
        value: &T,
        text: impl Fn(Paint) -> String,
    ) -> Result<(), Failure> {
        let default = [Target { form: Form::Text, path: None }];
        let targets = if self.output.is_empty() { &default[..] } else { &self.output };
        for target in targets
            .iter()
            .filter(|target| target.path.is_some())
            .chain(targets.iter().filter(|target| target.path.is_none()))
        {
            let colour = target.path.is_none() && terminal.colour_out;
            let bytes = match target.form {
                Form::Text => text(Paint(colour)).into_bytes(),
                Form::Json => json(value)?,
            };
            match &target.path {
                Some(path) => write_file(path, &bytes)?,
                None => terminal.data(&bytes)?,
            }
        }
        Ok(())
    }
}

/// Indented JSON with a line end.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, Failure> {
    let mut bytes = serde_json::to_vec_pretty(value)
        .map_err(|error| Failure::internal("the answer has no JSON form", error))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Writes a file whole or not at all.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_atomically(path, bytes).map_err(|source| Failure::write(path, source))
}

/// Refuses a path whose folder is not there.
pub(crate) fn folder_exists(path: &Path) -> Result<(), Failure> {
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return Err(Failure::usage(format!("{} names no file", path.display()))),
    };
    match fs::metadata(folder) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(Failure::usage(format!("{} is no folder", folder.display()))),
        Err(source) => Err(Failure::write(path, source)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(texts: &[&str]) -> OutputArguments {
        OutputArguments { output: texts.iter().map(|text| text.parse().unwrap()).collect() }
    }

    #[test]
    fn forms_and_paths_are_read() {
        assert_eq!("json".parse(), Ok(Target { form: Form::Json, path: None }));
        let path = Some(PathBuf::from("a=b"));
        assert_eq!("text=a=b".parse(), Ok(Target { form: Form::Text, path }));
        for text in ["", "yaml", "json=", "=a"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }

    #[test]
    fn two_answers_on_one_stream_are_refused() {
        assert!(outputs(&["text", "json"]).ready().is_err());
        assert!(outputs(&["text", "json=/dev/null"]).ready().is_ok());
        assert!(outputs(&["json=/absent/folder/x"]).ready().is_err());
    }

    #[test]
    fn a_failing_write_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (mut out, mut err) = (vec![], vec![]);
        let mut terminal =
            Terminal { out: &mut out, err: &mut err, colour_out: false, colour_err: false };
        let target = format!("json={}", folder.path().display());
        let written = outputs(&[&target]).write(&mut terminal, &1, |_| String::new());
        assert!(matches!(written, Err(Failure::Write { .. })), "a folder is no file");
    }
}
