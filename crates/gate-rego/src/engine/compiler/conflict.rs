//! Rules that cannot stand side by side.

use super::tree::{Outline, Site, Skeleton};
use super::{Code, Error};
use crate::engine::ast::{Key, Module};

pub(super) fn check(skeleton: &Skeleton, modules: &[Module]) -> Vec<Error> {
    let mut errors: Vec<Error> =
        skeleton.groups.iter().filter_map(|group| check_group(group, modules)).collect();
    errors.extend(modules.iter().filter_map(|module| check_package(skeleton, modules, module)));
    errors
}

fn name(group: &Outline) -> String {
    std::iter::once("data")
        .chain(group.path.iter().map(|part| &**part))
        .collect::<Vec<_>>()
        .join(".")
}

fn check_group(group: &Outline, modules: &[Module]) -> Option<Error> {
    let name = name(group);
    let first = group.sites[0].ast(modules);
    let error = |message: String| Some(Error::new(Code::Type, first.span, message));
    let function = |site: &&Site| site.ast(modules).head.arguments.is_some();
    let below = group.covers.as_ref().or_else(|| group.adopted.iter().find(function));
    if let Some(below) = below {
        let rest: Vec<_> = below.prefix.iter().map(|part| &**part).collect();
        return error(format!("rule {name} conflicts with [{name}.{}]", rest.join(".")));
    }
    let arity = |site: &Site| site.ast(modules).head.arguments.as_ref().map(Vec::len);
    let element = |site: &Site| matches!(site.ast(modules).head.key, Key::Contains(_));
    let ends = |site: &Site| site.ast(modules).head.path.len() == site.taken;
    let differ = |one: &dyn Fn(&Site) -> usize| {
        group.sites.iter().any(|site| one(site) != one(&group.sites[0]))
    };
    // Values at the place itself and below it differ in kind, and so do sets at it and below it.
    if differ(&|site| arity(site).map_or(0, |count| count + 1))
        || differ(&|site| usize::from(element(site)))
        || differ(&|site| usize::from(ends(site)))
    {
        return error(format!("conflicting rules {name} found"));
    }
    let defaults: Vec<_> =
        group.sites.iter().map(|site| site.ast(modules)).filter(|rule| rule.default).collect();
    if let [first, .., last] = defaults.as_slice() {
        let places = [first, last].map(|rule| format!("{}:{}", rule.span.line, rule.span.column));
        return Some(Error::new(
            Code::Type,
            last.span,
            format!("multiple default rules {name} found at {}", places.join(", ")),
        ));
    }
    None
}

/// A rule may not define the whole of what is also a package.
fn check_package(skeleton: &Skeleton, modules: &[Module], module: &Module) -> Option<Error> {
    let path: Vec<&str> = module.package.path.iter().map(|name| &*name.text).collect();
    let (id, taken) = skeleton.descend(path.iter().copied());
    let group = skeleton.group(skeleton.node(id).group?);
    let rule = group.sites[0].ast(modules);
    if taken < path.len() && group.sites.iter().any(|site| rule.head.path.len() > site.taken) {
        return None;
    }
    let package = path.join(".");
    let message = format!(
        "package {package} conflicts with rule {} defined at line {}",
        name(group),
        rule.span.line
    );
    Some(Error::new(Code::Type, module.package.span, message))
}
