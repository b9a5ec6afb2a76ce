//! Expansion templates: the objects that a controller would make of another.

use serde::Deserialize;
use serde_json::{Value, json};

use super::documents::{group, text_at, version};

/// What an object would become.
pub(super) struct Generated {
    pub(super) object: Value,
    /// The template that says so.
    pub(super) template: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    #[serde(default)]
    apply_to: Vec<Applied>,
    #[serde(default)]
    template_source: String,
    #[serde(rename = "generatedGVK")]
    generated: Named,
}

#[derive(Debug, Deserialize)]
struct Applied {
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    versions: Vec<String>,
    #[serde(default)]
    kinds: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Named {
    #[serde(default)]
    group: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    kind: String,
}

/// How often what was made is made into more.
const DEPTH: usize = 16;

/// What the templates among these objects make of an object, and of what they make.
pub(super) fn expand(templates: &[Value], object: &Value) -> Result<Vec<Generated>, String> {
    let mut found = vec![];
    let mut open = vec![(object.clone(), 0)];
    while let Some((parent, depth)) = open.pop() {
        if depth == DEPTH {
            return Err("expansion templates expand what they make without end".to_owned());
        }
        for template in templates {
            let name = text_at(template, "/metadata/name");
            let spec = template.get("spec").cloned().unwrap_or_default();
            let spec: Spec = serde_json::from_value(spec)
                .map_err(|error| format!("the expansion template `{name}`: {error}"))?;
            if !spec.apply_to.iter().any(|applied| applied.applies(&parent)) {
                continue;
            }
            let object = made(&spec, &parent)
                .map_err(|why| format!("the expansion template `{name}` {why}"))?;
            open.push((object.clone(), depth + 1));
            found.push(Generated { object, template: name.to_owned() });
        }
    }
    Ok(found)
}

impl Applied {
    fn applies(&self, object: &Value) -> bool {
        let has = |list: &[String], name: &str| list.iter().any(|entry| entry == name);
        has(&self.groups, group(object))
            && has(&self.versions, version(object))
            && has(&self.kinds, text_at(object, "/kind"))
    }
}

fn made(spec: &Spec, parent: &Value) -> Result<Value, String> {
    let Named { group, version, kind } = &spec.generated;
    if kind.is_empty() || version.is_empty() || spec.template_source.is_empty() {
        return Err("names no generatedGVK or no templateSource".to_owned());
    }
    let mut parts = spec.template_source.split('.');
    let source = parts.try_fold(parent, |at, part| at.get(part)).filter(|it| it.is_object());
    let Some(source) = source else {
        return Err(format!("finds nothing at `{}`", spec.template_source));
    };
    let mut object = source.clone();
    object["apiVersion"] =
        if group.is_empty() { json!(version) } else { json!(format!("{group}/{version}")) };
    object["kind"] = json!(kind);
    if !object["metadata"].is_object() {
        object["metadata"] = json!({});
    }
    let name = text_at(parent, "/metadata/name");
    let name = if name.is_empty() { text_at(parent, "/metadata/generateName") } else { name };
    let dash = if name.is_empty() { "" } else { "-" };
    object["metadata"]["name"] = json!(format!("{name}{dash}{}", kind.to_lowercase()));
    let namespace = text_at(parent, "/metadata/namespace");
    if !namespace.is_empty() {
        object["metadata"]["namespace"] = json!(namespace);
    }
    Ok(object)
}
