//! Reads METADATA comments: YAML in `#` lines above a package or rule, as OPA defines them.

use std::collections::BTreeMap;

use regorus::Value;
use regorus::unstable::Module as Tree;

use crate::module::Module;
use crate::syntax::{self, RuleForm};
use crate::{CompileError, value};

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

/// The annotations of one module.
pub(crate) fn read(module: &Module, tree: &Tree) -> Result<Vec<Annotation>, CompileError> {
    let rules = syntax::rules(tree);
    let package = syntax::package(tree);
    let mut annotations = Vec::new();
    for block in blocks(&module.source) {
        // The text of a raw string may look like a comment.
        if rules.iter().any(|(rule, _)| rule.line < block.line && block.line <= rule.last_line) {
            continue;
        }
        let error = |message: String| CompileError::at(&module.path, block.line, 0, message);
        let fields = Fields::read(&block.yaml).map_err(error)?;
        let package_follows = tree.package.span.line > block.line;
        let next = rules.iter().map(|(rule, _)| rule).find(|rule| rule.line > block.line);
        let scope = fields.scope(package_follows).map_err(error)?;
        let rule = match scope {
            Scope::Package | Scope::Subpackages => Vec::new(),
            Scope::Rule | Scope::Document => {
                let rule = next
                    .filter(|_| !package_follows)
                    .ok_or_else(|| error("no rule follows this METADATA".to_owned()))?;
                if rule.form == RuleForm::Default && scope == Scope::Rule {
                    // OPA keeps it with the default rule alone; no finding ever comes from there.
                }
                rule.name.clone()
            }
        };
        annotations.push(Annotation {
            file: module.path.clone(),
            line: block.line,
            scope,
            package: package.clone(),
            rule,
            title: fields.text("title").map_err(error)?,
            description: fields.text("description").map_err(error)?,
            custom: fields.custom().map_err(error)?,
        });
    }
    Ok(annotations)
}

/// A comment that begins with `# METADATA`, without its marks.
struct Block {
    line: u32,
    yaml: String,
}

fn blocks(source: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (line, text) in (1u32..).zip(source.lines()) {
        let Some(comment) = text.trim_start().strip_prefix('#') else {
            open = false;
            continue;
        };
        if comment.trim() == "METADATA" {
            blocks.push(Block { line, yaml: String::new() });
            open = true;
        } else if let (true, Some(block)) = (open, blocks.last_mut()) {
            block.yaml.push_str(comment.strip_prefix(' ').unwrap_or(comment));
            block.yaml.push('\n');
        }
    }
    blocks
}

struct Fields(Value);

impl Fields {
    fn read(yaml: &str) -> Result<Self, String> {
        let value =
            Value::from_yaml_str(yaml).map_err(|error| format!("METADATA is not YAML: {error}"))?;
        match value {
            Value::Object(_) => Ok(Self(value)),
            _ => Err("METADATA is not a YAML mapping".to_owned()),
        }
    }

    fn field(&self, name: &str) -> Option<&Value> {
        self.0.as_object().ok()?.get(&Value::from(name))
    }

    fn text(&self, name: &str) -> Result<Option<String>, String> {
        match self.field(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim().to_owned())),
            Some(_) => Err(format!("METADATA `{name}` is not text")),
        }
    }

    fn scope(&self, package_follows: bool) -> Result<Scope, String> {
        Ok(match self.text("scope")?.as_deref() {
            None if package_follows => Scope::Package,
            None | Some("rule") => Scope::Rule,
            Some("document") => Scope::Document,
            Some("package") => Scope::Package,
            Some("subpackages") => Scope::Subpackages,
            Some(other) => return Err(format!("METADATA has the unknown scope `{other}`")),
        })
    }

    fn custom(&self) -> Result<BTreeMap<String, serde_json::Value>, String> {
        let Some(custom) = self.field("custom") else { return Ok(BTreeMap::new()) };
        let Some(serde_json::Value::Object(fields)) = value::to_json(custom) else {
            return Err("METADATA `custom` is not a mapping".to_owned());
        };
        Ok(fields.into_iter().collect())
    }
}
