//! Reads the engine's syntax trees: which rules there are, where they stand, which functions they
//! call.

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{Expr, Literal, Module as Tree, Query, Ref, Rule, RuleHead, Span};

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
    /// First line, from 1.
    pub line: u32,
    /// Last line.
    pub last_line: u32,
}

/// A call of a function by its name as written, imports resolved.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The name's parts.
    pub(crate) name: Vec<String>,
    /// How many arguments it has.
    pub(crate) arguments: usize,
    /// Line.
    pub(crate) line: u32,
    /// Column.
    pub(crate) column: u32,
}

/// The package of a module, without `data`.
pub(crate) fn package(tree: &Tree) -> Vec<String> {
    constant_path(&tree.package.refr)
}

/// The rules of a module, in order.
pub(crate) fn rules(tree: &Tree) -> Vec<(RuleText, &Ref<Rule>)> {
    let package = package(tree);
    tree.policy.iter().map(|rule| (text(rule, &package), rule)).collect()
}

fn text(rule: &Rule, package: &[String]) -> RuleText {
    let (refr, form) = match rule {
        Rule::Default { refr, .. } => (refr, RuleForm::Default),
        Rule::Spec { head, .. } => match head {
            RuleHead::Compr { refr, .. } => (refr, RuleForm::Value),
            RuleHead::Set { refr, .. } => (refr, RuleForm::Set),
            RuleHead::Func { refr, .. } => (refr, RuleForm::Function),
        },
    };
    let span = rule.span();
    let breaks = span.text().trim_end().matches('\n').count();
    RuleText {
        file: span.source.get_path().clone(),
        package: package.to_vec(),
        name: constant_path(refr),
        form,
        line: span.line,
        last_line: span.line.saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX)),
    }
}

/// The leading parts of a reference that are constant: `a.b["c"]` whole, `a[x].b` only `a`.
pub(crate) fn constant_path(refr: &Expr) -> Vec<String> {
    let mut parts = Vec::new();
    let mut at = refr;
    loop {
        match at {
            Expr::RefDot { refr, field, .. } => {
                parts.push(Some(text_of(&field.1).unwrap_or_else(|| field.0.text().to_owned())));
                at = refr;
            }
            Expr::RefBrack { refr, index, .. } => {
                parts.push(match index.as_ref() {
                    Expr::String { value, .. } | Expr::RawString { value, .. } => text_of(value),
                    _ => None,
                });
                at = refr;
            }
            Expr::Var { span, value, .. } => {
                parts.push(Some(text_of(value).unwrap_or_else(|| span.text().to_owned())));
                break;
            }
            Expr::String { value, .. } | Expr::RawString { value, .. } => {
                parts.push(text_of(value));
                break;
            }
            _ => break,
        }
    }
    parts.into_iter().rev().map_while(|part| part).collect()
}

fn text_of(value: &regorus::Value) -> Option<String> {
    value.as_string().ok().map(ToString::to_string)
}

/// What the imports of a module stand for: alias to path (`data.x` or `input.x`).
pub(crate) fn imports(tree: &Tree) -> BTreeMap<String, Vec<String>> {
    let mut names = BTreeMap::new();
    for import in &tree.imports {
        let path = constant_path(&import.refr);
        let alias = match &import.r#as {
            Some(span) => span.text().to_owned(),
            None => path.last().cloned().unwrap_or_default(),
        };
        names.insert(alias, path);
    }
    names
}

/// Every call in a rule.
pub(crate) fn calls(rule: &Rule, imports: &BTreeMap<String, Vec<String>>) -> Vec<Call> {
    let mut walk = Walk { imports, calls: Vec::new() };
    match rule {
        Rule::Default { args, value, .. } => {
            for arg in args {
                walk.expr(arg);
            }
            walk.expr(value);
        }
        Rule::Spec { head, bodies, .. } => {
            walk.head(head);
            for body in bodies {
                if let Some(assign) = &body.assign {
                    walk.expr(&assign.value);
                }
                walk.query(&body.query);
            }
        }
    }
    walk.calls
}

/// The variables that the statements of a rule's bodies may bind, those inside comprehensions left out.
pub(crate) fn variables(rule: &Rule) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let Rule::Spec { bodies, .. } = rule else { return names };
    for statement in bodies.iter().flat_map(|body| &body.query.stmts) {
        match &statement.literal {
            Literal::SomeVars { vars, .. } => {
                names.extend(vars.iter().map(|name| name.text().to_owned()));
            }
            Literal::SomeIn { key, value, collection, .. } => {
                if let Some(key) = key {
                    variables_of(key, &mut names);
                }
                variables_of(value, &mut names);
                variables_of(collection, &mut names);
            }
            Literal::Expr { expr, .. } => variables_of(expr, &mut names),
            Literal::NotExpr { .. } | Literal::Every { .. } => {}
        }
    }
    names.retain(|name| !name.starts_with('_') && name != "input" && name != "data");
    names
}

fn variables_of(expr: &Expr, names: &mut BTreeSet<String>) {
    match expr {
        Expr::Var { span, .. } => drop(names.insert(span.text().to_owned())),
        Expr::Array { items, .. } | Expr::Set { items, .. } => {
            for item in items {
                variables_of(item, names);
            }
        }
        Expr::Object { fields, .. } => {
            for (_, key, value) in fields {
                variables_of(key, names);
                variables_of(value, names);
            }
        }
        Expr::Call { params, .. } => {
            for param in params {
                variables_of(param, names);
            }
        }
        Expr::UnaryExpr { expr, .. } => variables_of(expr, names),
        Expr::RefDot { refr, .. } => variables_of(refr, names),
        Expr::RefBrack { refr, index, .. } => {
            variables_of(refr, names);
            variables_of(index, names);
        }
        Expr::BinExpr { lhs, rhs, .. }
        | Expr::BoolExpr { lhs, rhs, .. }
        | Expr::ArithExpr { lhs, rhs, .. }
        | Expr::AssignExpr { lhs, rhs, .. } => {
            variables_of(lhs, names);
            variables_of(rhs, names);
        }
        Expr::Membership { value, collection, .. } => {
            variables_of(value, names);
            variables_of(collection, names);
        }
        _ => {}
    }
}

struct Walk<'a> {
    imports: &'a BTreeMap<String, Vec<String>>,
    calls: Vec<Call>,
}

impl Walk<'_> {
    fn head(&mut self, head: &RuleHead) {
        match head {
            RuleHead::Compr { refr, assign, .. } => {
                self.expr(refr);
                if let Some(assign) = assign {
                    self.expr(&assign.value);
                }
            }
            RuleHead::Set { refr, key, .. } => {
                self.expr(refr);
                if let Some(key) = key {
                    self.expr(key);
                }
            }
            RuleHead::Func { args, assign, .. } => {
                for arg in args {
                    self.expr(arg);
                }
                if let Some(assign) = assign {
                    self.expr(&assign.value);
                }
            }
        }
    }

    fn query(&mut self, query: &Query) {
        for statement in &query.stmts {
            match &statement.literal {
                Literal::SomeVars { .. } => {}
                Literal::SomeIn { key, value, collection, .. } => {
                    if let Some(key) = key {
                        self.expr(key);
                    }
                    self.expr(value);
                    self.expr(collection);
                }
                Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => self.expr(expr),
                Literal::Every { domain, query, .. } => {
                    self.expr(domain);
                    self.query(query);
                }
            }
            for with in &statement.with_mods {
                self.expr(&with.r#as);
            }
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::String { .. }
            | Expr::RawString { .. }
            | Expr::Number { .. }
            | Expr::Bool { .. }
            | Expr::Null { .. }
            | Expr::Var { .. } => {}
            Expr::Array { items, .. } | Expr::Set { items, .. } => {
                for item in items {
                    self.expr(item);
                }
            }
            Expr::Object { fields, .. } => {
                for (_, key, value) in fields {
                    self.expr(key);
                    self.expr(value);
                }
            }
            Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
                self.expr(term);
                self.query(query);
            }
            Expr::ObjectCompr { key, value, query, .. } => {
                self.expr(key);
                self.expr(value);
                self.query(query);
            }
            Expr::Call { span, fcn, params, .. } => {
                self.call(span, fcn, params.len());
                for param in params {
                    self.expr(param);
                }
            }
            Expr::UnaryExpr { expr, .. } => self.expr(expr),
            Expr::RefDot { refr, .. } => self.expr(refr),
            Expr::RefBrack { refr, index, .. } => {
                self.expr(refr);
                self.expr(index);
            }
            Expr::BinExpr { lhs, rhs, .. }
            | Expr::BoolExpr { lhs, rhs, .. }
            | Expr::ArithExpr { lhs, rhs, .. }
            | Expr::AssignExpr { lhs, rhs, .. } => {
                self.expr(lhs);
                self.expr(rhs);
            }
            Expr::Membership { key, value, collection, .. } => {
                if let Some(key) = key {
                    self.expr(key);
                }
                self.expr(value);
                self.expr(collection);
            }
        }
    }

    fn call(&mut self, span: &Span, function: &Expr, arguments: usize) {
        let mut name = constant_path(function);
        if let Some(path) = name.first().and_then(|first| self.imports.get(first)) {
            name.splice(..1, path.iter().cloned());
        }
        self.calls.push(Call { name, arguments, line: span.line, column: span.col });
    }
}
