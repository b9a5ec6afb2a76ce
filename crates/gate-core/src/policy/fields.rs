//! Finds references to fields that the input document cannot have. Such a rule would never fire, and
//! so let everything pass.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use gate_rego::{InputKey, InputPart, InputRead};
use serde_json::Value;

use super::input::Input;

/// A reference to what no input has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownField {
    /// Path of the module.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// What is wrong, with the field that was probably meant.
    pub message: String,
}

/// The references of a policy to what the input document of Gate cannot have, sorted by place, each
/// place once.
pub fn unknown_fields(reads: &[InputRead]) -> Vec<UnknownField> {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| Input::schema().to_value());
    let mut found: BTreeMap<(String, u32, u32), String> = BTreeMap::new();
    for read in reads {
        if let Some((part, message)) = unknown(&SCHEMA, &read.parts) {
            found.entry((read.file.clone(), part.line, part.column)).or_insert(message);
        }
    }
    let unknown = |((file, line, column), message)| UnknownField { file, line, column, message };
    found.into_iter().map(unknown).collect()
}

/// The first part of a reference that leads nowhere, and why.
fn unknown<'a>(schema: &Value, parts: &'a [InputPart]) -> Option<(&'a InputPart, String)> {
    let mut at = vec![];
    alternatives(schema, schema, 0, &mut at);
    let mut path = "input".to_owned();
    for part in parts {
        let mut next = vec![];
        for node in &at {
            match step(node, &part.key) {
                Step::Anything => return None,
                Step::To(nodes) => {
                    for node in nodes {
                        alternatives(schema, node, 0, &mut next);
                    }
                }
            }
        }
        if next.is_empty() {
            return Some((part, message(&path, &part.key, &at)));
        }
        match &part.key {
            InputKey::Field(name) => {
                path.push('.');
                path.push_str(name);
            }
            InputKey::Index | InputKey::Any => path.push_str("[_]"),
        }
        at = next;
    }
    None
}

/// Where one part leads from one form of a value.
enum Step<'a> {
    /// Nothing is known of what stands there.
    Anything,
    /// These forms; none where there cannot be anything.
    To(Vec<&'a Value>),
}

fn step<'a>(node: &'a Value, key: &InputKey) -> Step<'a> {
    let kind = node.get("type").and_then(Value::as_str);
    let properties = node.get("properties").and_then(Value::as_object);
    let others = node.get("additionalProperties").filter(|it| **it != Value::Bool(false));
    match (kind, key) {
        (Some("object"), InputKey::Field(name)) => {
            match (properties.and_then(|all| all.get(name)), others) {
                (Some(value), _) | (None, Some(value)) => Step::To(vec![value]),
                (None, None) if properties.is_none() => Step::Anything,
                (None, None) => Step::To(vec![]),
            }
        }
        (Some("object"), InputKey::Any) if properties.is_some() || others.is_some() => {
            Step::To(properties.into_iter().flat_map(|all| all.values()).chain(others).collect())
        }
        (Some("object"), InputKey::Any) => Step::Anything,
        (Some("array"), InputKey::Index | InputKey::Any) => {
            node.get("items").map_or(Step::Anything, |items| Step::To(vec![items]))
        }
        (Some(_), _) => Step::To(vec![]),
        (None, _) => match node.get("const") {
            Some(_) => Step::To(vec![]),
            None => Step::Anything,
        },
    }
}

/// The forms that a schema gives a value, references resolved; `null` leads nowhere.
fn alternatives<'a>(root: &'a Value, node: &'a Value, depth: usize, into: &mut Vec<&'a Value>) {
    const DEPTH: usize = 32;
    if depth > DEPTH {
        return;
    }
    if let Some(name) = node.get("$ref").and_then(Value::as_str) {
        if let Some(target) = name.strip_prefix('#').and_then(|pointer| root.pointer(pointer)) {
            alternatives(root, target, depth + 1, into);
        }
        return;
    }
    for list in ["anyOf", "oneOf", "allOf"] {
        if let Some(several) = node.get(list).and_then(Value::as_array) {
            for one in several {
                alternatives(root, one, depth + 1, into);
            }
            return;
        }
    }
    into.push(node);
}

fn message(path: &str, key: &InputKey, at: &[&Value]) -> String {
    let InputKey::Field(name) = key else {
        return format!("`{path}` has no elements: the rule could never fire");
    };
    let names: Vec<&str> = at
        .iter()
        .filter_map(|node| node.get("properties").and_then(Value::as_object))
        .flat_map(|all| all.keys().map(String::as_str))
        .collect();
    let is_list = at.iter().any(|node| node.get("type") == Some(&Value::from("array")));
    let hint = if is_list {
        format!("; it is a list: write `{path}[_].{name}`")
    } else {
        nearest(name, &names).map_or_else(String::new, |it| format!(": did you mean `{it}`?"))
    };
    format!("`{path}` has no field `{name}`, so the rule could never fire{hint}")
}

/// The name that is most like another, if one is.
fn nearest<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    const LIKE: f64 = 0.7;
    let like = |other: &&'a str| (strsim::jaro_winkler(name, other), *other);
    let best = names.iter().map(like).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= LIKE).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(body: &str) -> Vec<String> {
        let source = format!("package a\ndeny contains \"x\" if {{ {body} }}\n");
        let data = gate_rego::Value::object(vec![]);
        let policy = gate_rego::Policy::compile(&[gate_rego::Module::new("a.rego", source)], data);
        unknown_fields(policy.unwrap().input_reads()).into_iter().map(|it| it.message).collect()
    }

    #[test]
    fn fields_that_cannot_exist_are_found_with_what_was_meant() {
        for (body, expected) in [
            (
                "input.sbmo == []",
                "`input` has no field `sbmo`, so the rule could never fire: did you mean `sbom`?",
            ),
            (
                "input.environment.nmae == 1",
                "`input.environment` has no field `nmae`, so the rule could never fire: did you mean `name`?",
            ),
            (
                "input.sbom.format",
                "`input.sbom` has no field `format`, so the rule could never fire; it is a list: write `input.sbom[_].format`",
            ),
            ("input.now.year", "`input.now` has no field `year`, so the rule could never fire"),
            (
                "some s in input.sbom; s.components[_].zzz",
                "`input.sbom[_].components[_]` has no field `zzz`, so the rule could never fire",
            ),
            ("input.now[_]", "`input.now` has no elements: the rule could never fire"),
        ] {
            assert_eq!(messages(body), [expected], "{body}");
        }
    }

    #[test]
    fn fields_that_may_exist_are_not() {
        for body in [
            "input.object.spec.anything[_].at.all",
            "input.sbom[_].components[_].purl",
            "input.subject.annotations[\"any.thing\"] == 1",
            "input.request.admission.namespace",
            "input.subject.config.user",
            "some key; input[key]",
            "input.vulnerabilities.findings[_].id",
        ] {
            assert_eq!(messages(body), Vec::<String>::new(), "{body}");
        }
    }
}
