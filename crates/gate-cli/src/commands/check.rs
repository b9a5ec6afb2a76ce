//! `gate check`: judges a subject and records nothing.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use gate_core::Timestamp;
use gate_core::decision::Verdict;
use gate_core::effects::{Clock, EvidenceSource};
use gate_core::environment::Environment;
use gate_core::evidence::Kind;
use gate_core::request::{Asker, Request};
use gate_core::spine::{self, Decided};
use gate_io::bundle::Places;
use gate_io::config::Configuration;
use gate_io::keys::KeyFile;
use gate_io::needs::Answering;
use gate_io::registry::RegistrySource;
use gate_io::source::{self, Files, Layout, Layouts, Named, Sources, SubjectBytes, SubjectTree};
use gate_io::user::requester;

use super::policy::bundle::places;
use crate::account::{Account, summary};
use crate::attestation::AttestationArguments;
use crate::dialect::DialectArguments;
use crate::failure::Failure;
use crate::output::OutputArguments;
use crate::registry::RegistryArguments;
use crate::settings::{self, DEFAULT_ENVIRONMENT, Described};
use crate::terminal::{ExitStatus, Terminal};
use crate::trust::TrustArguments;

/// Judge a subject for an environment, without recording anything
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate check oci:image --config gate.yaml --environment production
  gate check registry.example/shop/app:1.4.2 --config gate.yaml
  gate check deployment.yaml --policy conftest-rules --namespace main
  gate check pod.yaml --policy template.yaml --policy constraint.yaml
  gate check app.tar.gz --policy policies --key build.pub --evidence sbom.sigstore.json
  gate check oci:image --config gate.yaml --output text --output json=decision.json")]
pub(crate) struct Arguments {
    /// What is to be let in: an image of a registry, a file or folder, oci:DIR, oci:DIR:TAG,
    /// oci-archive:FILE, docker-archive:FILE or sha256:HEX; several files are judged together
    #[arg(required = true, value_name = "SUBJECT")]
    subject: Vec<String>,
    /// Environment of the configuration; the only one if left out
    #[arg(long, env = "GATE_ENVIRONMENT", value_name = "NAME")]
    environment: Option<String>,
    /// Configuration; without one, flags make the environment `default`
    #[arg(long, env = "GATE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder or file of Rego; repeatable
    #[arg(long, env = "GATE_POLICY", value_name = "DIR|FILE", value_delimiter = '\n')]
    policy: Vec<PathBuf>,
    /// Folder or file of rule data; repeatable
    #[arg(long, env = "GATE_DATA", value_name = "FILE|DIR", value_delimiter = '\n')]
    data: Vec<PathBuf>,
    /// File of evidence; kind and version are told from its content; repeatable
    #[arg(long, env = "GATE_EVIDENCE", value_name = "FILE", value_delimiter = '\n')]
    evidence: Vec<PathBuf>,
    /// Kind whose unsigned evidence counts; repeatable
    #[arg(long, env = "GATE_ALLOW_UNSIGNED", value_name = "KIND", value_delimiter = '\n')]
    allow_unsigned: Vec<Kind>,
    /// Decide as of this time, as 2026-11-23T08:00:00Z
    #[arg(long, env = "GATE_EFFECTIVE_TIME", value_name = "TIME")]
    effective_time: Option<Timestamp>,
    /// Private key (PKCS#8 PEM) that signs the attestation
    #[arg(long, env = "GATE_SIGNING_KEY", value_name = "FILE")]
    signing_key: Option<PathBuf>,
    /// `verifier.id` of the attestation
    #[arg(long, env = "GATE_VERIFIER_ID", value_name = "URI")]
    verifier_id: Option<String>,
    /// `resourceUri` of the attestation [default: the subject's digest]
    #[arg(long, env = "GATE_RESOURCE_URI", value_name = "URI")]
    resource_uri: Option<String>,
    #[command(flatten)]
    dialect: DialectArguments,
    #[command(flatten)]
    attestation: AttestationArguments,
    #[command(flatten)]
    trust: TrustArguments,
    #[command(flatten)]
    registry: RegistryArguments,
    #[command(flatten)]
    output: OutputArguments,
}

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
    clock: &dyn Clock,
) -> Result<ExitStatus, Failure> {
    arguments.refuse()?;
    let (environment, configuration) = arguments.environment()?;
    let signer = arguments.signer(configuration.as_ref())?;
    let registry = arguments.registry.client(&arguments.subject[0], configuration.as_ref())?;
    let named = match arguments.subject.as_slice() {
        [one] => source::resolve(one, &registry)?,
        several => source::resolve_files(several)?,
    };
    let request = Request {
        subject: named.subject.clone(),
        asker: Asker { requester: requester(), admission: None },
        now: arguments.effective_time.map_or_else(|| clock.now(), Timestamp::to_second),
        object: None,
    };
    let layouts = configuration.map(|configuration| configuration.layouts).unwrap_or_default();
    let (layouts, files) = evidence(&named, layouts, &arguments.evidence);
    let subject = SubjectBytes(named.file.clone());
    let image = named.image.as_ref().map(|image| RegistrySource::new(&registry, image, None));
    let mut sources: Vec<&dyn EvidenceSource> = vec![&layouts, &files, &subject];
    let dialect = environment.policy().dialect();
    let any_name = environment.policy().parser().is_some();
    let tree = named.tree.as_ref().map(|tree| SubjectTree { tree, dialect, any_name });
    sources.extend(tree.as_ref().map(|tree| tree as &dyn EvidenceSource));
    sources.extend(image.as_ref().map(|image| image as &dyn EvidenceSource));
    let answering = Answering(&registry);
    sources.push(&answering);
    let source = Sources(sources);
    let decided = spine::check(&request, &environment, &source, clock)?;
    let mut places = vec![];
    if let Some((signer, path)) = signer.zip(arguments.attestation.attestation_output.as_ref()) {
        arguments.attestation.write(&decided.attest(&environment, &signer)?)?;
        places.push(("attestation", path.display().to_string()));
    }
    write(arguments, terminal, &decided, &environment, &places)?;
    Ok(ExitStatus::accepted(decided.decision.verdict == Verdict::Allow))
}

impl Arguments {
    /// Refuses what cannot be meant, and places that cannot be written, before any work.
    fn refuse(&self) -> Result<(), Failure> {
        let refuse = |message: String| Err(Failure::Usage(message));
        if self.config.is_some() {
            let given = [
                ("--policy", !self.policy.is_empty()),
                ("--data", !self.data.is_empty()),
                ("--allow-unsigned", !self.allow_unsigned.is_empty()),
                ("--verifier-id", self.verifier_id.is_some()),
                ("--resource-uri", self.resource_uri.is_some()),
            ];
            let flag = given.into_iter().find_map(|(flag, given)| given.then_some(flag));
            if let Some(flag) = flag.or_else(|| self.dialect.given()).or_else(|| self.trust.given())
            {
                return refuse(format!(
                    "`{flag}` is refused with `--config`: policy and trust of an environment come \
                     from the configuration, and a flag would judge by other rules under its name"
                ));
            }
        } else if let Some(name) = &self.environment
            && name != DEFAULT_ENVIRONMENT
        {
            return refuse(format!(
                "without `--config` the only environment is `{DEFAULT_ENVIRONMENT}`: `{name}` \
                 stands in no configuration"
            ));
        }
        if self.attestation.attestation_output.is_some() && self.effective_time.is_some() {
            return refuse(
                "`--effective-time` is refused with `--attestation-output`: an attestation must \
                 not say that something was decided at another time than it was"
                    .to_owned(),
            );
        }
        if self.signing_key.is_some() && self.attestation.attestation_output.is_none() {
            return refuse(
                "`--signing-key` signs nothing without `--attestation-output`".to_owned(),
            );
        }
        self.trust.check()?;
        self.attestation.ready()?;
        self.output.ready()
    }

    fn environment(&self) -> Result<(Arc<Environment>, Option<Configuration>), Failure> {
        if let Some(path) = &self.config {
            let configuration = settings::load(path)?;
            let environment = settings::environment(&configuration, self.environment.as_deref())?;
            return Ok((environment, Some(configuration)));
        }
        let described = Described {
            policy: &self.policy,
            data: &self.data,
            reading: self.dialect.reading(),
            places: self.places()?,
            allow_unsigned: &self.allow_unsigned,
            trust: &self.trust,
            verifier_id: self.verifier_id.as_deref(),
            resource_uri: self.resource_uri.as_deref(),
        };
        Ok((Arc::new(described.compile()?), None))
    }

    /// How policies elsewhere are read: with the credentials for the registry of the first of them.
    fn places(&self) -> Result<Places, Failure> {
        let texts: Vec<_> = self.policy.iter().map(|path| path.to_string_lossy()).collect();
        let elsewhere = texts.iter().find(|text| text.starts_with("oci://"));
        places(&self.registry, elsewhere.map_or("", |text| text))
    }

    /// The key, loaded before the decision: a verdict that cannot be signed as asked is none.
    fn signer(&self, configuration: Option<&Configuration>) -> Result<Option<KeyFile>, Failure> {
        if self.attestation.attestation_output.is_none() {
            return Ok(None);
        }
        let configured = configuration.and_then(|configuration| configuration.signing_key.as_ref());
        let path = self.signing_key.as_ref().or(configured).ok_or_else(|| {
            Failure::usage("`--attestation-output` needs a key: give `--signing-key`")
        })?;
        Ok(Some(KeyFile::load(path)?))
    }
}

/// Where the evidence of a subject is looked for: its own layout, or those of the configuration, and
/// the files that the caller names.
pub(crate) fn evidence(
    named: &Named,
    layouts: Vec<PathBuf>,
    files: &[PathBuf],
) -> (Layouts, Files) {
    let layouts = match &named.layout {
        Some(layout) => vec![layout.clone()],
        None => layouts.into_iter().map(Layout::new).collect(),
    };
    (Layouts(layouts), Files(files.to_vec()))
}

fn write(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
    decided: &Decided,
    environment: &Environment,
    places: &[(&'static str, String)],
) -> Result<(), Failure> {
    let answer = decided.answer(environment);
    let account = Account {
        id: decided.id,
        decision: &decided.decision,
        name: Some(&arguments.subject.join(" ")),
        asked: &answer.asked,
        facts: Some(decided.facts.document()),
        places,
    };
    arguments.output.write(terminal, &answer, |paint| account.text(paint))?;
    if arguments.output.is_elsewhere() {
        terminal.talk(format_args!("{}", summary(&decided.decision)))?;
    }
    Ok(())
}
