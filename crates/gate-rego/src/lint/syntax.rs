//! What newer versions of Rego do not have or need.

use super::walk::terms;
use super::{Check, Look};
use crate::engine::ast::{Key, Module, TermKind, Version};

/// Builtins that OPA calls deprecated, and what stands for them.
const DEPRECATED: &[(&str, &str)] = &[
    ("all", "`every`"),
    ("any", "`some ... in`"),
    ("re_match", "`regex.match`"),
    ("set_diff", "`-`"),
    ("net.cidr_overlap", "`net.cidr_contains`"),
    ("cast_array", "`is_array`"),
    ("cast_set", "`is_set`"),
    ("cast_string", "`is_string`"),
    ("cast_boolean", "`is_boolean`"),
    ("cast_null", "`is_null`"),
    ("cast_object", "`is_object`"),
];

pub(super) fn check(look: &mut Look<'_>) {
    for module in look.trees {
        let mut found = Vec::new();
        imports(module, &mut found);
        for rule in &module.rules {
            let valued = matches!(&rule.head.key, Key::Value(Some(_)));
            if valued && !rule.head.assigned && rule.head.arguments.is_none() {
                let message = "write `:=` where a rule is given a value".to_owned();
                found.push((rule.head.span, message));
            }
            terms(rule, &mut |term| {
                let TermKind::Call(call) = &term.kind else { return };
                let name: Vec<&str> = call.operator.iter().map(|part| &*part.text).collect();
                let name = name.join(".");
                if let Some((_, instead)) = DEPRECATED.iter().find(|(known, _)| *known == name) {
                    found.push((term.span, format!("`{name}` is deprecated: use {instead}")));
                }
            });
        }
        for (span, message) in found {
            look.add(Check::DeprecatedSyntax, span, message);
        }
    }
}

fn imports(module: &Module, found: &mut Vec<(crate::engine::ast::Span, String)>) {
    if module.version == Version::V0 {
        let message = "the module is Rego v0: rewrite it with `if` and `contains`".to_owned();
        found.push((module.package.span, message));
        return;
    }
    for import in &module.imports {
        let path: Vec<&str> = import.path.iter().map(|part| &*part.text).collect();
        if matches!(path.as_slice(), ["future", ..] | ["rego", "v1"]) {
            let message = format!("`import {}` is not needed any more", path.join("."));
            found.push((import.span, message));
        }
    }
}
