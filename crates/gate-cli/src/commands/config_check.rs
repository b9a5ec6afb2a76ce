//! `gate config check`: a configuration explained, with what is wrong or about to be.

mod concerns;
mod words;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use gate_core::Digest;
use gate_core::decision::AskedRule;
use gate_core::effects::Clock;
use gate_core::environment::EnvironmentDocument;
use gate_io::config::{self, ConfigError, Configuration};
use serde::Serialize;

use crate::failure::{Failure, chain};
use crate::output::{OutputArguments, json};
use crate::terminal::{ExitStatus, Terminal};

/// Explain a configuration: who may sign what, which rules ask, what is wrong or ends soon
///
/// Exit status: 0 it loads, 1 it does not or cannot work, 2 it cannot be opened.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate config check gate.yaml
  gate config check --schema > gate.schema.json")]
pub(crate) struct Arguments {
    /// The configuration
    #[arg(default_value = "gate.yaml")]
    file: PathBuf,
    /// The configuration, as other commands name it
    #[arg(long, env = "GATE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the JSON schema of configurations, for editors
    #[arg(long, env = "GATE_SCHEMA", value_parser = clap::builder::FalseyValueParser::new())]
    schema: bool,
    #[command(flatten)]
    output: OutputArguments,
}

/// What there is to say about a configuration.
#[derive(Debug, Default, Serialize)]
struct Explanation {
    valid: bool,
    environments: BTreeMap<String, Explained>,
    registries: BTreeMap<String, Vec<String>>,
    problems: Vec<String>,
    warnings: Vec<String>,
}

/// An environment with its rules.
#[derive(Debug, Serialize)]
struct Explained {
    digest: Digest,
    document: EnvironmentDocument,
    rules: Vec<AskedRule>,
}

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
    clock: &dyn Clock,
) -> Result<ExitStatus, Failure> {
    if arguments.schema {
        terminal.data(&json(&config::schema())?)?;
        return Ok(ExitStatus::Ok);
    }
    arguments.output.ready()?;
    let path = arguments.config.as_ref().unwrap_or(&arguments.file);
    let explanation = match config::load(path) {
        Ok(configuration) => Explanation::new(&configuration, clock),
        Err(ConfigError::Read { path: unread, source }) if unread == *path => {
            return Err(Failure::read(path, source));
        }
        Err(error) => Explanation { problems: vec![chain(&error)], ..Explanation::default() },
    };
    arguments.output.write(terminal, &explanation, |paint| {
        words::text(&explanation, &path.display().to_string(), paint)
    })?;
    Ok(ExitStatus::accepted(explanation.valid))
}

impl Explanation {
    fn new(configuration: &Configuration, clock: &dyn Clock) -> Self {
        let environments = configuration.environments.iter().map(|(name, environment)| {
            let explained = Explained {
                digest: environment.digest(),
                document: environment.document().clone(),
                rules: environment.policy().asked().to_vec(),
            };
            (name.clone(), explained)
        });
        let mut explanation = Self {
            environments: environments.collect(),
            registries: words::registries(&configuration.registries),
            ..Self::default()
        };
        concerns::find(&mut explanation, configuration, clock.now());
        explanation.valid = explanation.problems.is_empty();
        explanation
    }
}
