//! YAML as Kubernetes, Helm and Ansible read it: 1.1's booleans and octal numbers, tags left out.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::value::{Document, TypedDocument};
use crate::limits;

/// Reads one document as it is, and several as a list. Empty documents, which Helm writes for
/// templates that give nothing, are left out.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut documents = documents(text)?;
    documents.retain(|it| !it.is_null());
    Ok(match documents.len() {
        0 => Value::Null,
        1 => documents.remove(0),
        _ => Value::Array(documents),
    })
}

/// Every document by itself.
pub(super) fn documents(text: &str) -> Result<Vec<Value>, String> {
    let documents: Vec<Document> = all(text)?;
    Ok(documents.into_iter().map(|it| it.0).collect())
}

/// The same with keys as the values that they are: `on:` is `true`.
pub(super) fn typed_documents(text: &str) -> Result<Vec<Value>, String> {
    let documents: Vec<TypedDocument> = all(text)?;
    Ok(documents.into_iter().map(|it| it.0).collect())
}

fn all<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, String> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: limits::NESTING,
            max_nodes: limits::DOCUMENT_VALUES,
            max_events: limits::DOCUMENT_VALUES * 2,
            max_documents: DOCUMENTS,
            max_total_scalar_bytes: limits::DOCUMENT_BYTES,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: REPLAYED,
            max_replay_stack_depth: 16,
        },
        legacy_octal_numbers: true,
        with_snippet: false,
    };
    serde_saphyr::from_multiple_with_options(text, options)
        .map_err(|error| error.to_string().lines().next().unwrap_or_default().to_owned())
}

/// Documents of one stream.
const DOCUMENTS: usize = 10_000;
/// Events that aliases may add: real files name a few blocks again, bombs name each other.
const REPLAYED: usize = 100_000;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_those_that_kubernetes_sees() {
        let text = "a: yes\nb: off\nc: 0644\nd: '0644'\ne: ~\nf: 1.5\ng: 2026-01-01\nh: |\n  x\n  y\n80: port\non: t\ni: \"on\"\n";
        let expected = json!({
            "a": true, "b": false, "c": 420, "d": "0644", "e": null, "f": 1.5, "g": "2026-01-01",
            "h": "x\ny\n", "80": "port", "on": "t", "i": "on",
        });
        assert_eq!(read(text).unwrap(), expected);
    }

    #[test]
    fn anchors_and_merges_are_expanded_and_tags_left_out() {
        let text = "base: &b {a: 1}\nuse:\n  <<: *b\n  c: !Ref Thing\nget: !GetAtt [A, B]\nsub: !Sub \"${X}-y\"\n";
        let expected = json!({
            "base": {"a": 1}, "use": {"a": 1, "c": "Thing"}, "get": ["A", "B"], "sub": "${X}-y",
        });
        assert_eq!(read(text).unwrap(), expected);
    }

    #[test]
    fn several_documents_are_a_list_and_empty_ones_are_left_out() {
        assert_eq!(
            read("---\na: 1\n---\n# nothing\n---\nb: 2\n...\n").unwrap(),
            json!([{"a": 1}, {"b": 2}])
        );
        assert_eq!(read("---\na: 1\n---\n").unwrap(), json!({"a": 1}));
        assert_eq!(read("").unwrap(), Value::Null);
    }
}
