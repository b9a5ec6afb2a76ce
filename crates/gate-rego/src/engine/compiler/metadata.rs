//! `rego.metadata.rule()` and `rego.metadata.chain()`: what annotations say is known when a rule
//! is compiled.

use std::sync::Arc;

use super::names::package;
use super::reference::{Builder, Made, dotted};
use super::{Code, Error};
use crate::engine::ast::{self, AnnotationScope, Annotations, Module, Span};
use crate::engine::value::Value;

impl Builder<'_> {
    /// The value of a call that asks for annotations; nothing for other calls.
    pub(super) fn metadata_call(&self, call: &ast::Call, span: Span) -> Made<Option<Value>> {
        let name = dotted(&call.operator);
        if name != "rego.metadata.rule" && name != "rego.metadata.chain" {
            return Ok(None);
        }
        if !call.arguments.is_empty() {
            let message = format!("function {name} has arity 0");
            return Err(Error::new(Code::Type, span, message));
        }
        let Some(site) = self.site else {
            let message = format!("{name} can be called in rules alone");
            return Err(Error::new(Code::Compile, span, message));
        };
        let rule = site.ast(self.world.modules);
        let module = &self.world.modules[site.module];
        if name == "rego.metadata.rule" {
            let own = of_rule(module, rule, AnnotationScope::Rule)
                .or_else(|| of_document(self.world.modules, module, rule));
            return Ok(Some(own.map_or_else(|| Value::object(Vec::new()), |a| a.content.clone())));
        }
        Ok(Some(chain(self.world.modules, module, rule)))
    }
}

fn of_rule<'a>(
    module: &'a Module,
    rule: &ast::Rule,
    scope: AnnotationScope,
) -> Option<&'a Annotations> {
    let own = rule.annotations.iter().rev();
    own.filter_map(|number| module.annotations.get(*number as usize)).find(|a| a.scope == scope)
}

/// The annotations of scope `document` of any rule of the same name.
fn of_document<'a>(
    modules: &'a [Module],
    module: &Module,
    rule: &ast::Rule,
) -> Option<&'a Annotations> {
    let home = package(module);
    let same = modules.iter().filter(|other| package(other) == home);
    let key = |rule: &ast::Rule| {
        let parts = rule.head.path.iter().filter_map(|part| part.as_string().cloned());
        (Arc::clone(&rule.head.name.text), parts.collect::<Vec<_>>())
    };
    let wanted = key(rule);
    same.flat_map(|other| other.rules.iter().map(move |rule| (other, rule)))
        .filter(|(_, other)| key(other) == wanted)
        .find_map(|(other, rule)| of_rule(other, rule, AnnotationScope::Document))
}

/// The rule's own annotations first, then those around it, up to the outermost package.
fn chain(modules: &[Module], module: &Module, rule: &ast::Rule) -> Value {
    let home = package(module);
    let mut path = home.clone();
    path.push(Arc::clone(&rule.head.name.text));
    let strings = rule.head.path.iter().map_while(|part| part.as_string().cloned());
    path.extend(strings);
    let mut links = vec![link(&path, of_rule(module, rule, AnnotationScope::Rule))];
    links.extend(of_document(modules, module, rule).map(|found| link(&path, Some(found))));
    let of_package = |path: &[Arc<str>], scope: AnnotationScope| {
        let same = modules.iter().filter(|other| package(other) == path);
        same.flat_map(|other| &other.annotations).find(|found| found.scope == scope)
    };
    links.extend(of_package(&home, AnnotationScope::Package).map(|found| link(&home, Some(found))));
    for length in (1..=home.len()).rev() {
        let path = &home[..length];
        let found = of_package(path, AnnotationScope::Subpackages);
        links.extend(found.map(|found| link(path, Some(found))));
    }
    Value::array(links)
}

fn link(path: &[Arc<str>], annotations: Option<&Annotations>) -> Value {
    let parts = path.iter().map(|part| Value::String(Arc::clone(part)));
    let path = std::iter::once(Value::from("data")).chain(parts).collect();
    let mut fields = vec![(Value::from("path"), Value::array(path))];
    fields.extend(annotations.map(|found| (Value::from("annotations"), found.content.clone())));
    Value::object(fields)
}
