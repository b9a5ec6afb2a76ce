//! METADATA comments: YAML in `#` lines above a package or rule, as OPA defines them.

use std::collections::BTreeMap;

use crate::engine::ast::{self, AnnotationScope};
use crate::engine::value::Value;
use crate::{CompileError, rules, value};

/// What an annotation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// One rule.
    Rule,
    /// Every rule of that name in the package.
    Document,
    /// The package.
    Package,
    /// The package and those below it.
    Subpackages,
}

/// One METADATA comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotation {
    /// Path of the module.
    pub file: String,
    /// Line of `# METADATA`.
    pub line: u32,
    /// What it is about.
    pub scope: Scope,
    /// The package it stands in, without `data`.
    pub package: Vec<String>,
    /// The constant part of the rule's name; empty for packages.
    pub rule: Vec<String>,
    /// Title.
    pub title: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// `custom`, as it stands there.
    pub custom: BTreeMap<String, serde_json::Value>,
}

/// The annotations of one module, in order.
pub(crate) fn read(module: &ast::Module) -> Result<Vec<Annotation>, CompileError> {
    let package = rules::package(module);
    let mut found = Vec::with_capacity(module.annotations.len());
    for (number, annotation) in (0u32..).zip(&module.annotations) {
        let line = annotation.span.line;
        let wrong = |message: &str| CompileError::at(&module.path, line, 0, message);
        let text = |name: &str| match annotation.content.field(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim().to_owned())),
            Some(_) => Err(wrong(&format!("METADATA `{name}` is not text"))),
        };
        let custom = match annotation.content.field("custom").map(value::to_json) {
            None | Some(serde_json::Value::Null) => BTreeMap::new(),
            Some(serde_json::Value::Object(fields)) => fields.into_iter().collect(),
            Some(_) => return Err(wrong("METADATA `custom` is not a mapping")),
        };
        let owner = module.rules.iter().find(|rule| rule.annotations.contains(&number));
        found.push(Annotation {
            file: module.path.to_string(),
            line,
            scope: scope(annotation.scope),
            package: package.clone(),
            rule: owner.map(rules::name).unwrap_or_default(),
            title: text("title")?,
            description: text("description")?,
            custom,
        });
    }
    Ok(found)
}

const fn scope(scope: AnnotationScope) -> Scope {
    match scope {
        AnnotationScope::Rule => Scope::Rule,
        AnnotationScope::Document => Scope::Document,
        AnnotationScope::Package => Scope::Package,
        AnnotationScope::Subpackages => Scope::Subpackages,
    }
}
