//! The command line: every subcommand, its flags, and the `GATE_*` variable of each flag.

use clap::{CommandFactory, Parser, Subcommand};
use gate_core::effects::Clock;

use crate::commands::{
    approve, check, completions, config_check, evidence_inspect, explain, keys, ledger_verify,
    policy, policy_eval, policy_test, promote, replay, verify_bundle, verify_image, verify_receipt,
};
use crate::failure::Failure;
use crate::terminal::{ExitStatus, Terminal};

/// Decide whether an artifact may be let into an environment, sign the decision and record it.
///
/// Exit status: 0 allowed (or accepted, read, passed), 1 denied (or not accepted), 2 could not
/// decide. Data goes to stdout, talk to stderr. Every flag can be given as a `GATE_*` variable;
/// a repeatable one takes a value a line.
#[derive(Debug, Parser)]
#[command(
    name = "gate",
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  gate check oci:image --config gate.yaml --environment production
  gate promote oci:image --config gate.yaml --environment production
  gate explain sha256:8d3f... --config gate.yaml"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(Box<check::Arguments>),
    Promote(Box<promote::Arguments>),
    Approve(approve::Arguments),
    Explain(explain::Arguments),
    Replay(replay::Arguments),
    /// Verify bundles, images and receipts without any gate
    #[command(subcommand, after_help = VERIFY_EXAMPLES)]
    Verify(Verify),
    /// Look at evidence
    #[command(subcommand, after_help = EVIDENCE_EXAMPLES)]
    Evidence(Evidence),
    /// Write, test, explain and roll out policies
    #[command(subcommand, after_help = POLICY_EXAMPLES)]
    Policy(Policy),
    /// Check the ledger
    #[command(subcommand, after_help = LEDGER_EXAMPLES)]
    Ledger(Ledger),
    /// Make and show keys
    #[command(subcommand, after_help = KEYS_EXAMPLES)]
    Keys(Keys),
    /// Look at the configuration
    #[command(subcommand, after_help = CONFIG_EXAMPLES)]
    Config(Config),
    Completions(completions::Arguments),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verify {
    Bundle(verify_bundle::Arguments),
    Image(verify_image::Arguments),
    Receipt(verify_receipt::Arguments),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Evidence {
    Inspect(evidence_inspect::Arguments),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    Eval(policy_eval::Arguments),
    Test(policy_test::Arguments),
    Lint(policy::lint::Arguments),
    New(policy::new::Arguments),
    Docs(policy::docs::Arguments),
    Build(policy::bundle::BuildArguments),
    Sign(policy::bundle::SignArguments),
    Inspect(policy::bundle::InspectArguments),
    Diff(policy::bundle::DiffArguments),
    Push(policy::bundle::PushArguments),
    Pull(policy::bundle::PullArguments),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Ledger {
    Verify(ledger_verify::Arguments),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    New(keys::NewArguments),
    Show(keys::ShowArguments),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    Check(config_check::Arguments),
}

impl Command {
    /// Runs the subcommand.
    pub(crate) fn run(
        self,
        terminal: &mut Terminal<'_>,
        clock: &dyn Clock,
    ) -> Result<ExitStatus, Failure> {
        match self {
            Self::Check(arguments) => check::run(&arguments, terminal, clock),
            Self::Promote(arguments) => promote::run(&arguments, terminal, clock),
            Self::Approve(arguments) => approve::run(&arguments, terminal, clock),
            Self::Explain(arguments) => explain::run(&arguments, terminal),
            Self::Replay(arguments) => replay::run(&arguments, terminal, clock),
            Self::Verify(Verify::Bundle(arguments)) => verify_bundle::run(&arguments, terminal),
            Self::Verify(Verify::Image(arguments)) => {
                verify_image::run(&arguments, terminal, clock)
            }
            Self::Verify(Verify::Receipt(arguments)) => verify_receipt::run(&arguments, terminal),
            Self::Evidence(Evidence::Inspect(arguments)) => {
                evidence_inspect::run(&arguments, terminal)
            }
            Self::Policy(Policy::Eval(arguments)) => policy_eval::run(&arguments, terminal, clock),
            Self::Policy(Policy::Test(arguments)) => policy_test::run(&arguments, terminal, clock),
            Self::Policy(Policy::Lint(arguments)) => policy::lint::run(&arguments, terminal),
            Self::Policy(Policy::New(arguments)) => policy::new::run(&arguments, terminal),
            Self::Policy(Policy::Docs(arguments)) => policy::docs::run(&arguments, terminal),
            Self::Policy(Policy::Build(arguments)) => policy::bundle::build(&arguments, terminal),
            Self::Policy(Policy::Sign(arguments)) => policy::bundle::sign(&arguments, terminal),
            Self::Policy(Policy::Inspect(arguments)) => {
                policy::bundle::inspect(&arguments, terminal)
            }
            Self::Policy(Policy::Diff(arguments)) => policy::bundle::diff(&arguments, terminal),
            Self::Policy(Policy::Push(arguments)) => policy::bundle::push(&arguments, terminal),
            Self::Policy(Policy::Pull(arguments)) => policy::bundle::pull(&arguments, terminal),
            Self::Ledger(Ledger::Verify(arguments)) => ledger_verify::run(&arguments, terminal),
            Self::Keys(Keys::New(arguments)) => keys::new(&arguments, terminal),
            Self::Keys(Keys::Show(arguments)) => keys::show(&arguments, terminal),
            Self::Config(Config::Check(arguments)) => {
                config_check::run(&arguments, terminal, clock)
            }
            Self::Completions(arguments) => completions::run(&arguments, terminal),
        }
    }
}

/// The whole command line. Help never shows what a variable holds: it may be a secret, and pages
/// are compared.
pub fn command() -> clap::Command {
    without_values(Cli::command())
}

fn without_values(command: clap::Command) -> clap::Command {
    command.mut_args(|argument| argument.hide_env_values(true)).mut_subcommands(without_values)
}

const VERIFY_EXAMPLES: &str = "\
Examples:
  gate verify bundle --bundle app.sigstore.json --key build.pub app.tar.gz
  gate verify image oci:image --key cosign.pub
  gate verify receipt --key gate.pub --ledger-key ledger.vkey receipt.json";
const EVIDENCE_EXAMPLES: &str = "\
Examples:
  gate evidence inspect scan.json";
const POLICY_EXAMPLES: &str = "\
Examples:
  gate policy new shop.base
  gate policy test policies
  gate policy lint policies
  gate policy eval -d policies -i input.json data.signature.deny";
const LEDGER_EXAMPLES: &str = "\
Examples:
  gate ledger verify --store gate.db --ledger-key ledger.vkey";
const KEYS_EXAMPLES: &str = "\
Examples:
  gate keys new keys/gate.pem
  gate keys show keys/gate.pem";
const CONFIG_EXAMPLES: &str = "\
Examples:
  gate config check gate.yaml";

#[cfg(test)]
mod tests;
