//! OPA as a process that answers lines of JSON.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use gate_rego::value::Value;
use serde_json::json;
use serde_json::value::RawValue;

use crate::program::Program;

/// OPA at work.
pub(crate) struct Oracle {
    process: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What OPA says of a program.
pub(crate) enum Answer {
    /// It does not load; OPA's code and words.
    Refused(String, String),
    /// Its evaluation ends with this code.
    Failed(String),
    /// Its results, sorted.
    Results(Vec<String>),
    /// OPA ended over it, as a process; it was started again.
    Died,
}

impl Oracle {
    /// Starts it, where it is at hand.
    pub(crate) fn start() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let peers = std::env::var_os("GATE_PEERS").unwrap_or_default();
        let program = std::env::split_paths(&path)
            .chain(std::env::split_paths(&peers))
            .map(|folder| folder.join("rego-oracle"))
            .find(|file| file.is_file())?;
        let mut process =
            Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let ask = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Some(Self { process, ask, answers })
    }

    pub(crate) fn ask(&mut self, program: &Program) -> Answer {
        let question = json!({
            "modules": {"p.rego": program.source}, "data": program.data, "input": program.input,
            "query": program.query, "strict": program.strict,
        });
        writeln!(self.ask, "{question}").unwrap();
        let mut line = String::new();
        if self.answers.read_line(&mut line).unwrap() == 0 {
            *self = Self::start().unwrap();
            return Answer::Died;
        }
        // Numbers are compared digit by digit.
        let answer: Box<RawValue> = serde_json::from_str(&line).unwrap();
        let answer = gate_rego::value::from(&answer).unwrap();
        let text = |name: &str| answer.field(name).and_then(Value::as_str);
        let message = text("message").unwrap_or_default();
        match text("code") {
            Some(code) if code.starts_with("rego_") => {
                Answer::Refused(code.to_owned(), message.to_owned())
            }
            Some("oracle" | "unknown") => panic!("the oracle failed: {message}\n{question}"),
            Some(code) => Answer::Failed(code.to_owned()),
            None => {
                let results = crate::items(&answer, "results").iter().map(|it| {
                    one(it.field("expressions").unwrap_or(&Value::Null), it.field("bindings"))
                });
                let mut results: Vec<_> = results.collect();
                results.sort();
                Answer::Results(results)
            }
        }
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // It ends by itself when its input does; whether it did is nobody's business any more.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One result as text.
pub(crate) fn one(expressions: &Value, bindings: Option<&Value>) -> String {
    let bound = |bindings: &&Value| bindings.as_object().is_some_and(|it| !it.is_empty());
    bindings.filter(bound).unwrap_or(expressions).to_json()
}
