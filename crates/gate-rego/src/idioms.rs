//! Refuses idioms that OPA understands and the engine silently answers otherwise: a rule that falls
//! silent without an error lets in what it should stop.

use std::collections::BTreeMap;

use regorus::unstable::{Expr, Module as Tree, Ref, Rule, RuleHead, Span};

use crate::error::{CompileError, CompileKind};
use crate::syntax::{self, Call};

/// `walk(x)` whose pairs are assigned or indexed yields nothing in this engine.
pub(crate) fn check_call(file: &str, call: &Call) -> Result<(), CompileError> {
    if call.name == ["walk"] && call.arguments == 1 {
        let message = "the engine yields nothing for `walk` with one argument: \
                       write `walk(document, [path, value])`";
        return Err(CompileError::at(file, call.line, call.column, message).of(CompileKind::Other));
    }
    Ok(())
}

/// Heads of one rule that mix constants and variables (`p.a contains 1`, `p[x] contains 2`): asked
/// for one of them, the engine forgets the other.
pub(crate) fn check_heads(trees: &[Ref<Tree>]) -> Result<(), CompileError> {
    let mut open: BTreeMap<Vec<String>, Span> = BTreeMap::new();
    for tree in trees {
        for (rule, node) in syntax::rules(tree) {
            if let Some(span) = variable_head(node) {
                let name = rule.package.iter().chain(&rule.name).cloned().collect();
                open.entry(name).or_insert_with(|| span.clone());
            }
        }
    }
    for tree in trees {
        for (rule, _) in syntax::rules(tree) {
            let name: Vec<_> = rule.package.iter().chain(&rule.name).cloned().collect();
            for length in rule.package.len() + 1..name.len() {
                if let Some(span) = open.get(&name[..length]) {
                    let message = format!(
                        "the engine answers wrongly where heads of one rule mix constants and \
                         variables: see {}:{}",
                        span.source.get_path(),
                        span.line
                    );
                    return Err(CompileError::at(&rule.file, rule.line, 0, message));
                }
            }
        }
    }
    Ok(())
}

/// The head of a rule that has a variable within its name and goes on behind it.
fn variable_head(rule: &Rule) -> Option<&Span> {
    let Rule::Spec { head, .. } = rule else { return None };
    let (span, refr, set) = match head {
        RuleHead::Compr { span, refr, .. } => (span, refr, false),
        RuleHead::Set { span, refr, .. } => (span, refr, true),
        RuleHead::Func { .. } => return None,
    };
    let constant = syntax::constant_path(refr).len();
    let parts = parts(refr);
    (parts > constant && (set || parts > constant + 1)).then_some(span)
}

fn parts(refr: &Expr) -> usize {
    match refr {
        Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } => parts(refr) + 1,
        _ => 1,
    }
}
