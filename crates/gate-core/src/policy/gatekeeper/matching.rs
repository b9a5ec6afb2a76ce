//! `spec.match`: which objects a constraint is about.

use serde::Deserialize;
use serde_json::Value;

use super::documents::{group, is_namespace, text_at};
use super::labels::Selector;

/// The criteria; one that is absent matches everything.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Match {
    #[serde(default)]
    kinds: Option<Vec<Kinds>>,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    namespaces: Option<Vec<String>>,
    #[serde(default)]
    excluded_namespaces: Option<Vec<String>>,
    #[serde(default)]
    label_selector: Option<Selector>,
    #[serde(default)]
    namespace_selector: Option<Selector>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    source: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kinds {
    #[serde(default)]
    api_groups: Option<Vec<String>>,
    #[serde(default)]
    kinds: Option<Vec<String>>,
}

/// Whether an object was asked about itself or made from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Original,
    Generated,
}

/// An object with what is known around it.
#[derive(Clone, Copy)]
pub(super) struct Matchable<'a> {
    pub(super) object: &'a Value,
    /// The object's namespace, where it is known.
    pub(super) namespace: Option<&'a Value>,
    pub(super) source: Source,
}

impl Match {
    /// Refuses what could not be meant.
    pub(super) fn check(&self) -> Result<(), String> {
        for selector in [&self.label_selector, &self.namespace_selector].into_iter().flatten() {
            selector.check()?;
        }
        match self.source.as_deref() {
            None | Some("" | "All" | "Original" | "Generated") => Ok(()),
            Some(other) => Err(format!("`{other}` is no source: All, Original or Generated")),
        }
    }

    /// Whether the object matches. An error where that depends on a namespace that is not known.
    pub(super) fn matches(&self, it: Matchable<'_>) -> Result<bool, String> {
        Ok(self.matches_kind(it.object)
            && self.matches_scope(it)
            && self.matches_namespaces(it)
            && self.label_selector.as_ref().is_none_or(|selector| selector.selects(it.object))
            && self.matches_namespace_selector(it)?
            && self.matches_name(it.object)
            && self.matches_source(it.source))
    }

    fn matches_kind(&self, object: &Value) -> bool {
        let has = |list: &Option<Vec<String>>, name: &str| {
            list.as_ref().is_none_or(|list| {
                list.is_empty() || list.iter().any(|entry| entry == "*" || entry == name)
            })
        };
        let (group, kind) = (group(object), text_at(object, "/kind"));
        match self.kinds.as_deref() {
            None | Some([]) => true,
            Some(all) => all.iter().any(|it| has(&it.kinds, kind) && has(&it.api_groups, group)),
        }
    }

    fn matches_scope(&self, it: Matchable<'_>) -> bool {
        let has_namespace =
            !text_at(it.object, "/metadata/namespace").is_empty() || it.namespace.is_some();
        let is_namespace = is_namespace(it.object);
        match self.scope.as_deref() {
            Some("Cluster") => is_namespace || !has_namespace,
            Some("Namespaced") => !is_namespace && has_namespace,
            _ => true,
        }
    }

    fn matches_namespaces(&self, it: Matchable<'_>) -> bool {
        let Some(name) = namespace_name(it) else { return true };
        let wanted = self.namespaces.as_deref().unwrap_or_default();
        let excluded = self.excluded_namespaces.as_deref().unwrap_or_default();
        (wanted.is_empty() || wanted.iter().any(|pattern| matches(pattern, name)))
            && !excluded.iter().any(|pattern| matches(pattern, name))
    }

    fn matches_namespace_selector(&self, it: Matchable<'_>) -> Result<bool, String> {
        let Some(selector) = &self.namespace_selector else { return Ok(true) };
        if is_namespace(it.object) {
            return Ok(selector.selects(it.object));
        }
        match (it.namespace, text_at(it.object, "/metadata/namespace")) {
            (Some(namespace), _) => Ok(selector.selects(namespace)),
            (None, "") => Ok(true),
            (None, name) => Err(format!(
                "a constraint selects namespaces by their labels, and the namespace `{name}` is not \
                 known: give it with the data"
            )),
        }
    }

    fn matches_name(&self, object: &Value) -> bool {
        let Some(pattern) = self.name.as_deref().filter(|name| !name.is_empty()) else {
            return true;
        };
        let generated = text_at(object, "/metadata/generateName");
        // What the server will append is not known, so only a star at the end can match it.
        matches(pattern, text_at(object, "/metadata/name"))
            || (pattern.ends_with('*') && matches(pattern, generated))
    }

    fn matches_source(&self, source: Source) -> bool {
        match self.source.as_deref() {
            Some("Original") => source == Source::Original,
            Some("Generated") => source == Source::Generated,
            _ => true,
        }
    }
}

/// The namespace by which an object is told: its own, or itself where it is one.
fn namespace_name(it: Matchable<'_>) -> Option<&str> {
    if is_namespace(it.object) {
        return Some(text_at(it.object, "/metadata/name"));
    }
    match it.namespace {
        Some(namespace) => Some(text_at(namespace, "/metadata/name")),
        None => Some(text_at(it.object, "/metadata/namespace")).filter(|name| !name.is_empty()),
    }
}

/// A name with a star before it, behind it, or both.
fn matches(pattern: &str, name: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(rest), Some(_)) => name.contains(rest.strip_suffix('*').unwrap_or(rest)),
        (Some(end), None) => name.ends_with(end),
        (None, Some(beginning)) => name.starts_with(beginning),
        (None, None) => name == pattern,
    }
}
