//! The names that a module's rules can use: rules of its package, and imports.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Code, Error};
use crate::engine::ast::{Module, Name, Rule, Version};

/// For each package the names of its rules, over all its modules.
pub(super) type Exports = HashMap<Vec<Arc<str>>, HashSet<Arc<str>>>;

pub(super) fn exports(modules: &[Module]) -> Exports {
    let mut exports = Exports::new();
    for module in modules {
        let names = exports.entry(package(module)).or_default();
        names.extend(module.rules.iter().map(|rule| Arc::clone(&rule.head.name.text)));
    }
    exports
}

/// A module's package, without `data`.
pub(super) fn package(module: &Module) -> Vec<Arc<str>> {
    module.package.path.iter().map(|name| Arc::clone(&name.text)).collect()
}

/// What a name outside of all scopes means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Global {
    /// A path under `data`.
    Data(Vec<Arc<str>>),
    /// A path under `input`.
    Input(Vec<Arc<str>>),
}

/// The global names of one module.
pub(super) struct Names {
    globals: HashMap<Arc<str>, Global>,
}

impl Names {
    pub(super) fn new(module: &Module, exports: &Exports) -> Self {
        let package = package(module);
        let mut globals = HashMap::new();
        for name in exports.get(&package).into_iter().flatten() {
            let mut path = package.clone();
            path.push(Arc::clone(name));
            globals.insert(Arc::clone(name), Global::Data(path));
        }
        // An import goes before a rule of the same name.
        for import in &module.imports {
            let rest = || import.path[1..].iter().map(|name| Arc::clone(&name.text)).collect();
            let global = match &*import.path[0].text {
                "data" => Global::Data(rest()),
                "input" => Global::Input(rest()),
                _ => continue,
            };
            if let Some(Name { text, .. }) = import.name() {
                globals.insert(Arc::clone(text), global);
            }
        }
        Self { globals }
    }

    /// No names, for queries without a package.
    pub(super) fn none() -> Self {
        Self { globals: HashMap::new() }
    }

    pub(super) fn find(&self, name: &str) -> Option<&Global> {
        self.globals.get(name)
    }
}

/// Rego 1 refuses two imports under one name.
pub(super) fn check_imports(modules: &[Module]) -> Vec<Error> {
    let mut errors = Vec::new();
    for module in modules.iter().filter(|module| module.version == Version::V1) {
        let mut seen: HashMap<&str, String> = HashMap::new();
        for import in &module.imports {
            let Some(name) = import.name() else { continue };
            let path: Vec<_> = import.path.iter().map(|part| &*part.text).collect();
            if let Some(first) = seen.get(&*name.text) {
                let message = format!("import must not shadow import {first}");
                errors.push(Error::new(Code::Compile, import.span, message));
            } else {
                seen.insert(&name.text, path.join("."));
            }
        }
    }
    errors
}

/// No rule may have the name of a root document.
pub(super) fn check_rules(modules: &[Module]) -> Vec<Error> {
    let rules = modules.iter().flat_map(|module| &module.rules);
    let shadowing = rules.filter(|rule| matches!(&*rule.head.name.text, "input" | "data"));
    let error = |rule: &Rule| {
        let name = &rule.head.name.text;
        let message = format!("rules must not shadow {name} (use a different rule name)");
        Error::new(Code::Compile, rule.span, message)
    };
    shadowing.map(error).collect()
}
