//! The rules of modules as their text says them, for those who ask what a policy has.

use crate::engine::ast;

/// What a rule's head says that it makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleForm {
    /// `name := value`, also `name[key] := value`.
    Value,
    /// `name contains element`.
    Set,
    /// `name(arguments) := value`.
    Function,
    /// `default name := value`.
    Default,
}

/// One rule of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleText {
    /// Path of the module.
    pub file: String,
    /// The package, without `data`.
    pub package: Vec<String>,
    /// The constant part of the rule's name.
    pub name: Vec<String>,
    /// What its head says.
    pub form: RuleForm,
    /// Whether the head is one name, with nothing behind it: not `name.part` or `name[key]`.
    pub whole: bool,
    /// Whether its value is `true`, written or not.
    pub says_true: bool,
    /// First line, from 1.
    pub line: u32,
    /// Last line.
    pub last_line: u32,
    /// Its place, for the program's rules.
    pub(crate) span: ast::Span,
    /// Whether the rule's name goes on behind its constant part.
    pub(crate) open: bool,
}

/// The rules of a module, in order.
pub(crate) fn of(module: &ast::Module) -> Vec<RuleText> {
    module.rules.iter().map(|rule| text(module, rule)).collect()
}

/// The package of a module, without `data`.
pub(crate) fn package(module: &ast::Module) -> Vec<String> {
    module.package.path.iter().map(|name| name.text.to_string()).collect()
}

/// The leading parts of a rule's name that are constant: `a.b["c"]` whole, `a[x].b` only `a`.
pub(crate) fn name(rule: &ast::Rule) -> Vec<String> {
    let mut parts = vec![rule.head.name.text.to_string()];
    for part in &rule.head.path {
        let ast::TermKind::String(text) = &part.kind else { break };
        parts.push(text.to_string());
    }
    parts
}

fn text(module: &ast::Module, rule: &ast::Rule) -> RuleText {
    let form = match (&rule.head.key, &rule.head.arguments) {
        _ if rule.default => RuleForm::Default,
        (_, Some(_)) => RuleForm::Function,
        (ast::Key::Contains(_), None) => RuleForm::Set,
        (ast::Key::Value(_), None) => RuleForm::Value,
    };
    let breaks = rule.span.text(&module.source).trim_end().matches('\n').count();
    RuleText {
        file: module.path.to_string(),
        package: package(module),
        name: name(rule),
        form,
        whole: rule.head.path.is_empty(),
        says_true: says_true(&rule.head.key),
        line: rule.span.line,
        span: rule.span,
        open: rule.head.path.len() + 1 > name(rule).len(),
        last_line: rule.span.line.saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX)),
    }
}

fn says_true(key: &ast::Key) -> bool {
    match key {
        ast::Key::Value(None) => true,
        ast::Key::Value(Some(value)) => matches!(value.kind, ast::TermKind::Bool(true)),
        ast::Key::Contains(_) => false,
    }
}
