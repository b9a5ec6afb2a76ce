//! METADATA: that rules which find something have it, and that their codes are their own.

use std::collections::BTreeMap;

use super::{Check, Look};
use crate::metadata::Scope;
use crate::policy::package_name;

pub(super) fn check(look: &mut Look<'_>) {
    missing(look);
    duplicate(look);
}

fn missing(look: &mut Look<'_>) {
    let mut found = Vec::new();
    for module in look.trees {
        for rule in module.rules.iter().filter(|rule| look.is_entry(module, rule)) {
            let own = rule.annotations.iter().filter_map(|at| module.annotations.get(*at as usize));
            let lines: Vec<u32> = own.map(|annotation| annotation.span.line).collect();
            let described = look.policy.annotations().iter().filter(|annotation| {
                *annotation.file == *module.path
                    && lines.contains(&annotation.line)
                    && matches!(annotation.scope, Scope::Rule | Scope::Document)
            });
            let (mut title, mut code, mut any) = (false, false, false);
            for annotation in described {
                any = true;
                title |= annotation.title.as_ref().is_some_and(|text| !text.is_empty());
                code |= annotation.custom.contains_key("short_name");
            }
            let name = &rule.head.name.text;
            let message = match (any, title, code) {
                (false, ..) => format!(
                    "`{name}` has no METADATA: write a `# METADATA` comment with title and custom.short_name above it"
                ),
                (_, false, _) => format!("the METADATA of `{name}` has no title"),
                (_, _, false) => format!(
                    "the METADATA of `{name}` has no custom.short_name, by which exceptions and reports name it"
                ),
                _ => continue,
            };
            found.push((rule.head.span, message));
        }
    }
    for (span, message) in found {
        look.add(Check::MetadataMissing, span, message);
    }
}

fn duplicate(look: &mut Look<'_>) {
    let mut first: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut found = Vec::new();
    for annotation in look.policy.annotations() {
        let Some(code) = annotation.custom.get("short_name").and_then(|code| code.as_str()) else {
            continue;
        };
        let key = (package_name(&annotation.package), code.trim().to_owned());
        let here = format!("{}:{}", annotation.file, annotation.line);
        if let Some(other) = first.get(&key) {
            let message = format!("the short_name `{}` is also that of the rule at {other}", key.1);
            let file = look.trees.iter().position(|tree| *tree.path == *annotation.file);
            let span = file.and_then(|file| {
                look.trees[file].annotations.iter().find(|one| one.span.line == annotation.line)
            });
            found.extend(span.map(|one| (one.span, message)));
        } else {
            first.insert(key, here);
        }
    }
    for (span, message) in found {
        look.add(Check::DuplicateCode, span, message);
    }
}
