//! The content of a METADATA block, in the form that `rego.metadata.rule()` gives it.

use serde::Deserialize;

use crate::engine::ast::AnnotationScope;
use crate::engine::value::Value;

/// The fields of a block. What is not among them is ignored, as OPA does.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub(super) scope: Option<String>,
    title: Option<String>,
    #[serde(default)]
    pub(super) entrypoint: bool,
    description: Option<String>,
    #[serde(default)]
    organizations: Option<Vec<String>>,
    #[serde(default)]
    related_resources: Option<Vec<Value>>,
    #[serde(default)]
    authors: Option<Vec<Value>>,
    #[serde(default)]
    schemas: Option<Vec<Value>>,
    #[serde(default)]
    custom: Option<Value>,
}

/// Reads a block's YAML.
pub(super) fn read(yaml: &str) -> Result<Metadata, String> {
    let metadata: Metadata =
        serde_saphyr::from_str(yaml).map_err(|error| format!("yaml: {error}"))?;
    let check = |what: &str, items: &Option<Vec<Value>>, names: [&str; 2]| {
        for item in items.iter().flatten() {
            let named = |name: &str| item.field(name).and_then(Value::as_str).is_some();
            let text = item.as_str().is_some_and(|text| !text.trim().is_empty());
            if !text && !names.into_iter().any(named) {
                return Err(format!("invalid {what} definition {item}"));
            }
        }
        Ok(())
    };
    check("related-resource", &metadata.related_resources, ["ref", "ref"])?;
    check("author", &metadata.authors, ["name", "email"])?;
    match &metadata.custom {
        None | Some(Value::Null | Value::Object(_)) => Ok(metadata),
        Some(_) => Err("yaml: custom must be a map".to_owned()),
    }
}

impl Metadata {
    /// The annotation as a value; empty fields are left out.
    pub(super) fn content(self, scope: AnnotationScope) -> Value {
        let mut fields = vec![("scope", Value::from(scope.name()))];
        let text = |value: Option<String>| value.filter(|text| !text.is_empty()).map(Value::from);
        let list =
            |items: Option<Vec<Value>>| items.filter(|items| !items.is_empty()).map(Value::array);
        let organizations =
            self.organizations.map(|names| names.into_iter().map(Value::from).collect());
        let entrypoint = self.entrypoint.then_some(Value::Bool(true));
        let custom = self.custom.filter(|custom| custom.as_object().is_some_and(|o| !o.is_empty()));
        let resources = self.related_resources.map(|all| all.iter().map(resource).collect());
        let authors = self.authors.map(|all| all.iter().map(author).collect());
        let optional = [
            ("title", text(self.title)),
            ("description", text(self.description)),
            ("entrypoint", entrypoint),
            ("organizations", list(organizations)),
            ("related_resources", list(resources)),
            ("authors", list(authors)),
            ("schemas", list(self.schemas)),
            ("custom", custom),
        ];
        fields.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
        Value::object(fields.into_iter().map(|(name, value)| (Value::from(name), value)).collect())
    }
}

fn resource(given: &Value) -> Value {
    let description = given.field("description").and_then(Value::as_str).map(str::trim);
    let description = description.filter(|text| !text.is_empty());
    let reference = given.as_str().or_else(|| given.field("ref").and_then(Value::as_str));
    let reference = reference.unwrap_or_default().trim();
    named([("ref", Some(reference)), ("description", description)])
}

/// `Name <mail>` taken apart.
fn author(given: &Value) -> Value {
    let field = |name: &str| given.field(name).and_then(Value::as_str).map(str::trim);
    let Some(text) = given.as_str() else {
        let (name, email) = (field("name"), field("email"));
        return named([("name", Some(name.unwrap_or_default())), ("email", email)]);
    };
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let email = words.last().and_then(|word| word.strip_prefix('<')?.strip_suffix('>'));
    if email.is_some() {
        words.pop();
    }
    let name = words.join(" ");
    named([("name", Some(name.as_str())), ("email", email)])
}

fn named<const N: usize>(fields: [(&str, Option<&str>); N]) -> Value {
    let given = fields.into_iter().filter_map(|(name, value)| {
        let value = value.filter(|text| !text.is_empty() || name == "name")?;
        Some((Value::from(name), Value::from(value)))
    });
    Value::object(given.collect())
}
