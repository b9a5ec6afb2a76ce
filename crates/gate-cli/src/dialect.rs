//! `--dialect` and what goes with it: whose rules a policy is written in, and how they are asked.

use clap::Args;
use clap::builder::FalseyValueParser;
use gate_core::policy::{Dialect, Reading};
use gate_core::structured::conftest::Parser;

/// The flags.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Policies of other tools")]
pub(crate) struct DialectArguments {
    /// Whose rules the policy is written in: gate, conftest, conforma or gatekeeper [default: what
    /// its files show]
    #[arg(long, env = "GATE_DIALECT", value_name = "DIALECT")]
    dialect: Option<Dialect>,
    /// Conftest's namespace that is asked; `*` matches many; repeatable [default: main]
    #[arg(short, long, env = "GATE_NAMESPACE", value_name = "NAME", value_delimiter = '\n')]
    namespace: Vec<String>,
    /// Ask Conftest's rules of every namespace
    #[arg(long, env = "GATE_ALL_NAMESPACES", value_parser = FalseyValueParser::new())]
    all_namespaces: bool,
    /// Ask Conftest's rules once about all files together
    #[arg(long, env = "GATE_COMBINE", value_parser = FalseyValueParser::new())]
    combine: bool,
    /// Conftest's parser for every file, whatever its name [default: what the name says]
    #[arg(long, env = "GATE_PARSER", value_name = "NAME")]
    parser: Option<Parser>,
    /// Read modules as Rego v0
    #[arg(long, env = "GATE_V0_COMPATIBLE", value_parser = FalseyValueParser::new())]
    v0_compatible: bool,
}

impl DialectArguments {
    /// The first flag that is given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let given = [
            ("--dialect", self.dialect.is_some()),
            ("--namespace", !self.namespace.is_empty()),
            ("--all-namespaces", self.all_namespaces),
            ("--combine", self.combine),
            ("--parser", self.parser.is_some()),
            ("--v0-compatible", self.v0_compatible),
        ];
        given.into_iter().find_map(|(flag, given)| given.then_some(flag))
    }

    /// How the policy is read and asked. What only Conftest has asks for its dialect.
    pub(crate) fn reading(&self) -> Reading {
        let of_conftest = !self.namespace.is_empty() || self.all_namespaces || self.combine;
        let of_conftest = of_conftest || self.parser.is_some();
        Reading {
            dialect: self.dialect.or(of_conftest.then_some(Dialect::Conftest)),
            v0: self.v0_compatible,
            namespaces: self.namespace.clone(),
            all_namespaces: self.all_namespaces,
            combine: self.combine,
            parser: self.parser,
        }
    }
}
