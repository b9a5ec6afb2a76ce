//! The input of Conforma's rules: the image with its verified signatures and statements, or what a
//! file says, of which each document is an input.

use serde_json::{Map, Value, json};

use super::criteria::Target;
use crate::Digest;
use crate::facts::{ConfigurationFile, FactsDocument};

/// What is judged.
pub(in crate::policy) enum Subject<'a> {
    /// Files that hold inputs, as `ec validate image --output policy-input` writes them, or anything
    /// else that rules are written for.
    Files(&'a [ConfigurationFile]),
    /// An image.
    Image(&'a FactsDocument),
}

impl Subject<'_> {
    /// Each input with what criteria call it.
    pub(super) fn documents(
        &self,
        data: &Map<String, Value>,
    ) -> Result<Vec<(Target, Value)>, String> {
        match self {
            Self::Files(files) => {
                let contents = files.iter().flat_map(|file| documents(&file.contents));
                let inputs: Vec<_> = contents.map(|input| (target(input), input.clone())).collect();
                if inputs.is_empty() {
                    return Err("the subject holds nothing that the rules could judge".to_owned());
                }
                Ok(inputs)
            }
            Self::Image(facts) => {
                let input = image(facts, data);
                Ok(vec![(target(&input), input)])
            }
        }
    }
}

fn documents(contents: &Value) -> &[Value] {
    match contents {
        Value::Array(documents) => documents,
        one => std::slice::from_ref(one),
    }
}

/// The image as rules know it. Only what a trusted signer signed is among the statements.
fn image(facts: &FactsDocument, data: &Map<String, Value>) -> Value {
    let digest = facts.subject.digest;
    let reference = match &facts.subject.repository {
        Some(repository) => format!("{repository}@{digest}"),
        None => digest.to_string(),
    };
    let mut image = json!({"ref": reference});
    let signatures: Vec<_> = facts
        .signatures
        .iter()
        .map(|fact| {
            let identity = fact.source.identity.as_ref();
            json!({
                "keyid": "",
                "sig": "",
                "metadata": identity.map_or_else(|| json!({}), |identity| {
                    json!({"Issuer": identity.issuer, "Subject": identity.subject})
                }),
            })
        })
        .collect();
    if !signatures.is_empty() {
        image["signatures"] = json!(signatures);
    }
    if let Some(config) = &facts.subject.config {
        // In the names of OCI's image configuration, which Conforma hands on as it is.
        image["config"] = json!({
            "User": config.user,
            "Labels": config.labels,
            "Entrypoint": config.entrypoint,
            "Cmd": config.cmd,
            "ExposedPorts": config.exposed_ports.iter()
                .map(|port| (port.clone(), json!({}))).collect::<Map<_, _>>(),
        });
    }
    let attestations: Vec<_> = facts
        .statements
        .iter()
        .map(|fact| {
            json!({
                "statement": fact.value.statement,
                "signatures": [{"keyid": "", "sig": ""}],
            })
        })
        .collect();
    let mut input = json!({"image": image, "attestations": attestations});
    if data.contains_key("sources") || data.contains_key("configuration") {
        let named = ["sources", "configuration", "publicKey", "identity", "rekorUrl"];
        let spec: Map<_, _> = named
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), data.get(name)?.clone())))
            .collect();
        input["policy_spec"] = Value::Object(spec);
    }
    input
}

/// What an input says that it is about.
fn target(input: &Value) -> Target {
    let reference = input["image"]["ref"].as_str().unwrap_or_default();
    let (name, digest) = match reference.split_once('@') {
        Some((name, digest)) => (name, digest.parse::<Digest>().ok()),
        None => (reference, None),
    };
    let repository = match name.rsplit_once(':') {
        // A colon before a slash is a port's.
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => name,
    };
    Target {
        repository: (!repository.is_empty()).then(|| repository.to_owned()),
        digest,
        component: input["component_name"].as_str().map(str::to_owned),
    }
}
