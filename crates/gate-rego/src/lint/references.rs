//! References to documents under `data` that nothing defines.

use std::collections::HashMap;
use std::sync::Arc;

use super::walk::{constants, terms};
use super::{Check, Look};
use crate::engine::ast::{Module, Span, TermKind};
use crate::value::Value;

pub(super) fn check(look: &mut Look<'_>) {
    for module in look.trees {
        let mut found = Vec::new();
        for import in &module.imports {
            let path: Vec<&str> = import.path.iter().map(|part| &*part.text).collect();
            if let Some((&"data", path)) = path.split_first()
                && !is_defined(look, path)
            {
                found.push((import.span, path.join(".")));
            }
        }
        for rule in &module.rules {
            let aliases = aliases(module);
            terms(rule, &mut |term| {
                let TermKind::Reference(reference) = &term.kind else { return };
                let Some(name) = reference.head.as_variable() else { return };
                let Some(root) = aliases.get(&**name) else { return };
                // What `with` replaces need not be there.
                let path: Vec<&str> =
                    root.iter().copied().chain(constants(&reference.path).0).collect();
                if !is_defined(look, &path) && is_defined(look, root) {
                    found.push((term.span, path.join(".")));
                }
            });
        }
        report(look, found);
    }
}

fn report(look: &mut Look<'_>, found: Vec<(Span, String)>) {
    for (span, path) in found {
        let message =
            format!("nothing defines `data.{path}`: name its data file, or mend the path");
        look.add(Check::UndefinedData, span, message);
    }
}

/// What names at the start of a reference mean under `data`.
fn aliases(module: &Module) -> HashMap<&str, Vec<&str>> {
    let mut aliases = HashMap::from([("data", vec![])]);
    for import in &module.imports {
        let path: Vec<&str> = import.path.iter().map(|part| &*part.text).collect();
        if let (Some((&"data", rest)), Some(name)) = (path.split_first(), import.name()) {
            aliases.insert(&*name.text, rest.to_vec());
        }
    }
    aliases
}

/// Whether rules or data are at, above or below a path.
fn is_defined(look: &Look<'_>, path: &[&str]) -> bool {
    let program = &look.policy.program;
    let (id, taken) = program.descend(path.iter().copied());
    if taken == path.len() || program.node(id).group.is_some() {
        return true;
    }
    let mut at = Some(&look.policy.data);
    for part in path {
        at = match at {
            Some(Value::Object(object)) => object.get(&Value::String(Arc::from(*part))),
            // Deeper than data says: only the value itself could tell.
            Some(_) | None => return at.is_some(),
        };
    }
    at.is_some()
}
