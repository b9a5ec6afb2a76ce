//! `input.review`: an admission request, or an object in the form of one.

use serde_json::{Map, Value, json};

use super::documents::{group, text_at, version};
use crate::request::Admission;

/// What is judged at once.
pub(super) struct Review {
    /// The request as rules see it, without what is known of the namespace.
    pub(super) request: Value,
    /// The namespace that the request names; empty where it names none.
    pub(super) namespace: String,
}

impl Review {
    /// The review of a document: the request of an `AdmissionReview`, or any other object.
    pub(super) fn of(document: &Value) -> Result<Self, String> {
        let is_review = group(document) == "admission.k8s.io"
            && text_at(document, "/kind") == "AdmissionReview";
        if !is_review {
            return Self::of_object(document, None);
        }
        let Some(Value::Object(request)) = document.get("request") else {
            return Err("the AdmissionReview has no request".to_owned());
        };
        let mut request = filled(request.clone());
        let is_absent = |request: &Value, key: &str| request[key].is_null();
        if is_absent(&request, "object") && is_absent(&request, "oldObject") {
            return Err("the AdmissionReview has neither object nor oldObject".to_owned());
        }
        for key in ["object", "oldObject"] {
            if !request[key].is_null() && text_at(&request[key], "/kind").is_empty() {
                return Err(format!("the AdmissionReview's {key} has no kind"));
            }
        }
        if text_at(&request, "/operation") == "DELETE" {
            if is_absent(&request, "oldObject") {
                return Err("an AdmissionReview of a DELETE has an oldObject".to_owned());
            }
            request["object"] = request["oldObject"].clone();
        }
        let namespace = text_at(&request, "/namespace").to_owned();
        Ok(Self { request, namespace })
    }

    /// The review of an object, with what an API server says about its request where one asks.
    pub(super) fn of_object(object: &Value, asked: Option<&Admission>) -> Result<Self, String> {
        let kind = text_at(object, "/kind");
        if kind.is_empty() {
            return Err("this is no Kubernetes object: it has no kind".to_owned());
        }
        let mut request = Map::new();
        request.insert(
            "kind".to_owned(),
            json!({"group": group(object), "version": version(object), "kind": kind}),
        );
        request.insert("object".to_owned(), object.clone());
        for key in ["name", "namespace"] {
            let text = text_at(object, &format!("/metadata/{key}"));
            if !text.is_empty() {
                request.insert(key.to_owned(), text.into());
            }
        }
        if let Some(asked) = asked {
            request.insert("operation".to_owned(), asked.operation.as_str().into());
            request.insert(
                "userInfo".to_owned(),
                json!({"username": asked.user, "groups": asked.groups}),
            );
            for (key, text) in [("name", &asked.name), ("namespace", &asked.namespace)] {
                if !text.is_empty() {
                    request.insert(key.to_owned(), text.as_str().into());
                }
            }
        }
        let request = filled(request);
        let namespace = text_at(&request, "/namespace").to_owned();
        Ok(Self { request, namespace })
    }

    /// The objects that decide whether a constraint matches.
    pub(super) fn objects(&self) -> impl Iterator<Item = &Value> {
        ["object", "oldObject"].into_iter().map(|key| &self.request[key]).filter(|it| !it.is_null())
    }

    /// What is judged, in words.
    pub(super) fn name(&self) -> String {
        let object = self.objects().next().unwrap_or(&Value::Null);
        let name = text_at(object, "/metadata/name");
        let namespace = text_at(object, "/metadata/namespace");
        let kind = text_at(object, "/kind");
        if namespace.is_empty() {
            format!("{kind} {name}")
        } else {
            format!("{kind} {namespace}/{name}")
        }
    }

    /// The review with the namespace, as far as it is known.
    pub(super) fn input(&self, namespace: Option<&Value>) -> Value {
        let mut request = self.request.clone();
        request["namespaceObject"] = namespace.cloned().unwrap_or(Value::Null);
        request
    }
}

/// A request with the keys that every one has.
fn filled(request: Map<String, Value>) -> Value {
    let mut filled = json!({
        "uid": "",
        "resource": {"group": "", "version": "", "resource": ""},
        "operation": "",
        "userInfo": {},
        "object": null,
        "oldObject": null,
        "options": null,
    });
    for (key, value) in request {
        filled[key] = value;
    }
    filled
}
