//! From Syft's own JSON to components. Syft publishes a schema for each of its many versions; what
//! is checked here is what Gate reads.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::super::{Read, Reading};
use super::draft::{Draft, Of};
use super::rules::Path;
use crate::Digest;
use crate::facts::{Component, Located};
use crate::verify::failure::Failure;
use crate::verify::json;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    artifacts: Vec<Artifact>,
    #[serde(default)]
    artifact_relationships: Vec<Relationship>,
    source: Source,
    schema: Option<Schema>,
    descriptor: Option<Descriptor>,
}

#[derive(Deserialize)]
struct Artifact {
    id: String,
    name: String,
    version: String,
    r#type: String,
    #[serde(default)]
    purl: String,
    #[serde(default)]
    licenses: Vec<Licence>,
}

/// Text up to schema 8; later with its expression and origin.
#[derive(Deserialize)]
#[serde(untagged)]
enum Licence {
    Text(String),
    Licence {
        #[serde(default)]
        value: String,
        #[serde(default, rename = "spdxExpression")]
        expression: String,
    },
}

#[derive(Deserialize)]
struct Relationship {
    parent: String,
    child: String,
    r#type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Source {
    #[serde(default)]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
    r#type: String,
    #[serde(default)]
    metadata: Value,
    /// The name of `metadata` up to schema 7.
    #[serde(default)]
    target: Value,
}

#[derive(Deserialize)]
struct Schema {
    version: String,
}

#[derive(Deserialize)]
struct Descriptor {
    name: String,
    #[serde(default)]
    version: String,
}

/// Reads a document that has passed [`json::check`].
pub(super) fn read(bytes: &[u8]) -> Result<Read, Failure> {
    let document: Document = json::parse(bytes)?;
    let mut draft = Draft::new("syft");
    let schema = document.schema.as_ref().map(|schema| schema.version.as_str());
    schema.unwrap_or("unknown").clone_into(&mut draft.sbom.version);
    if let Some(tool) = &document.descriptor {
        draft.sbom.tools.push(format!("{} {}", tool.name, tool.version).trim_end().to_owned());
    }
    let list = Path::Key(&Path::Root, "artifacts");
    let mut faults = vec![];
    for (at, artifact) in document.artifacts.into_iter().enumerate() {
        let path = Path::Index(&list, at);
        if !draft.is_new(&artifact.id, Of::Component(draft.next())) {
            let message = format!("the identifier `{}` stands twice", artifact.id);
            faults.push(Located { place: path.to_string(), message });
        }
        let component = component(artifact, &mut draft, &path);
        if !draft.add(component) {
            break;
        }
    }
    if !faults.is_empty() {
        return Err(Failure::invalid(faults));
    }
    let source = &document.source;
    draft.is_new(&source.id, Of::Main);
    relate(&document.artifact_relationships, &mut draft);
    let names = digests(source);
    draft.sbom.main = Some(main(source));
    let sbom = draft.finish()?;
    let version = Some(sbom.version.clone());
    Ok(Read { names, version, ..Reading::Sbom(sbom).into() })
}

fn component(artifact: Artifact, draft: &mut Draft, path: &Path<'_>) -> Component {
    let purl = draft.purl(&artifact.purl, path);
    let licences = artifact.licenses.into_iter().map(|licence| match licence {
        Licence::Text(text) => text,
        Licence::Licence { value, expression } if expression.is_empty() => value,
        Licence::Licence { expression, .. } => expression,
    });
    Component {
        id: Some(artifact.id),
        r#type: artifact.r#type,
        name: artifact.name,
        version: (!artifact.version.is_empty()).then_some(artifact.version),
        purl,
        licences: licences.filter(|text| !text.is_empty()).collect(),
        ..Component::default()
    }
}

/// Syft writes what depends as the child of what it depends on.
fn relate(relationships: &[Relationship], draft: &mut Draft) {
    let mut lists: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut order = vec![];
    for relationship in relationships {
        let (of, on) = match relationship.r#type.as_str() {
            "dependency-of" => (&relationship.child, &relationship.parent),
            "contains" => (&relationship.parent, &relationship.child),
            _ => continue,
        };
        // Files are no components.
        if draft.knows(of) && draft.knows(on) {
            let list = lists.entry(of).or_insert_with(|| {
                order.push(of.as_str());
                vec![]
            });
            list.push(on);
        }
    }
    for of in order {
        for on in lists.remove(of).unwrap_or_default() {
            draft.on(on);
        }
        draft.relate(of);
    }
}

fn main(source: &Source) -> Component {
    let metadata = if source.metadata.is_null() { &source.target } else { &source.metadata };
    let text = |name: &str| metadata.get(name).and_then(Value::as_str).map(str::to_owned);
    let name = Some(source.name.clone()).filter(|name| !name.is_empty());
    let name = name.or_else(|| text("userInput")).or_else(|| text("path"));
    let name = name.or_else(|| source.target.as_str().map(str::to_owned));
    Component {
        id: Some(source.id.clone()).filter(|id| !id.is_empty()),
        r#type: source.r#type.clone(),
        name: name.unwrap_or_default(),
        version: Some(source.version.clone()).filter(|version| !version.is_empty()),
        ..Component::default()
    }
}

/// The digests of an image: of its manifest, and as registries name it.
fn digests(source: &Source) -> Vec<Digest> {
    if source.r#type != "image" {
        return vec![];
    }
    let metadata = if source.metadata.is_null() { &source.target } else { &source.metadata };
    let manifest = metadata.get("manifestDigest").and_then(Value::as_str);
    let named = metadata.get("repoDigests").and_then(Value::as_array).into_iter().flatten();
    let named = named.filter_map(|it| Some(it.as_str()?.rsplit_once('@')?.1));
    manifest.into_iter().chain(named).filter_map(|digest| digest.parse().ok()).collect()
}
