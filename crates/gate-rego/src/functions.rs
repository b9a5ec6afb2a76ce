//! Refuses, at load, calls that the engine would find out about only while it judges: functions that
//! do not exist, that are not pure, and functions that call themselves (the engine has no limit on
//! their depth: the stack overflows and the process ends).

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{BUILTINS, Module as Tree, Ref};

use crate::bounds::CALL_DEPTH;
use crate::error::{CompileError, CompileKind};
use crate::idioms;
use crate::syntax::{self, Call, RuleForm};

/// Functions that reach outside: an answer would depend on more than policy and input.
const IMPURE: [(&str, &str); 6] = [
    ("http.send", "policies have no network"),
    ("net.lookup_ip_addr", "policies have no network"),
    ("opa.runtime", "policies see nothing of the machine they run on"),
    ("rand.intn", "policies have no randomness"),
    ("uuid.rfc4122", "policies have no randomness"),
    ("time.clock_now", "policies have no clock: use `input.now` or `time.now_ns`"),
];

/// Checks every call of every module.
pub(crate) fn check(trees: &[Ref<Tree>]) -> Result<(), CompileError> {
    let defined = defined(trees);
    let mut calls_of: BTreeMap<Vec<String>, BTreeSet<Vec<String>>> = BTreeMap::new();
    let mut places = BTreeMap::new();
    for tree in trees {
        let imports = syntax::imports(tree);
        for (rule, node) in syntax::rules(tree) {
            let from = full(&rule.package, &rule.name);
            for site in syntax::calls(node, &imports) {
                idioms::check_call(&rule.file, &site)?;
                let target = resolve(&site, &rule.package, &defined).map_err(|message| {
                    CompileError::at(&rule.file, site.line, site.column, message)
                        .of(CompileKind::Type)
                })?;
                if let (RuleForm::Function, Some(target)) = (rule.form, target) {
                    calls_of.entry(from.clone()).or_default().insert(target);
                }
            }
            if rule.form == RuleForm::Function {
                places.entry(from).or_insert((rule.file.clone(), rule.line));
            }
        }
    }
    check_depth(calls_of, &places)
}

fn defined(trees: &[Ref<Tree>]) -> BTreeSet<Vec<String>> {
    let mut names = BTreeSet::new();
    for tree in trees {
        for (rule, _) in syntax::rules(tree) {
            if matches!(rule.form, RuleForm::Function | RuleForm::Default) {
                names.insert(full(&rule.package, &rule.name));
            }
        }
    }
    names
}

fn full(package: &[String], name: &[String]) -> Vec<String> {
    let data = std::iter::once("data".to_owned());
    data.chain(package.iter().cloned()).chain(name.iter().cloned()).collect()
}

/// The policy's own function that a call means; `None` for a builtin.
fn resolve(
    call: &Call,
    package: &[String],
    defined: &BTreeSet<Vec<String>>,
) -> Result<Option<Vec<String>>, String> {
    let local = full(package, &call.name);
    if defined.contains(&local) {
        return Ok(Some(local));
    }
    if defined.contains(&call.name) {
        return Ok(Some(call.name.clone()));
    }
    let name = call.name.join(".");
    if let Some((_, why)) = IMPURE.iter().find(|(impure, _)| *impure == name) {
        return Err(format!("{name} is not available: {why}"));
    }
    if name == "print" || BUILTINS.contains_key(name.as_str()) {
        return Ok(None);
    }
    Err(format!("undefined function {name}"))
}

/// Takes away functions whose calls are all known to end, layer by layer: what remains calls itself.
fn check_depth(
    mut calls_of: BTreeMap<Vec<String>, BTreeSet<Vec<String>>>,
    places: &BTreeMap<Vec<String>, (String, u32)>,
) -> Result<(), CompileError> {
    let mut layers = 0;
    loop {
        let callers: BTreeSet<_> = calls_of.keys().cloned().collect();
        let before = calls_of.len();
        calls_of.retain(|_, called| called.iter().any(|function| callers.contains(function)));
        if calls_of.is_empty() && layers < CALL_DEPTH {
            return Ok(());
        }
        layers += 1;
        if calls_of.len() == before || layers >= CALL_DEPTH {
            let first = calls_of.keys().next().cloned().unwrap_or_default();
            let (file, line) = places.get(&first).cloned().unwrap_or_default();
            let name = first.join(".");
            let message = if layers >= CALL_DEPTH {
                format!("{name} is a chain of more than {CALL_DEPTH} functions")
            } else {
                format!(
                    "{name} calls itself, or is one of functions that call each other in a ring"
                )
            };
            return Err(CompileError::at(&file, line, 0, message).of(CompileKind::Recursion));
        }
    }
}
