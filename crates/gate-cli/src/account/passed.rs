//! The rules that were asked and found nothing, by package, with the evidence that satisfied them.

use std::collections::{BTreeMap, BTreeSet};

use gate_core::decision::AskedRule;
use gate_core::evidence::Kind;

use super::evidence::lines;
use super::{Account, count, line};
use crate::terminal::{Paint, plain};

/// Why the subject was let in, as far as it was.
pub(super) fn write(out: &mut String, account: &Account<'_>, paint: Paint) {
    let mut packages: BTreeMap<&str, Vec<&AskedRule>> = BTreeMap::new();
    let judged = account.decision.subject.kind;
    let asked: Vec<_> = account
        .asked
        .iter()
        .filter(|rule| rule.subject.is_none_or(|kind| kind == judged))
        .collect();
    for rule in asked.iter().filter(|rule| !has_spoken(account, rule)) {
        packages.entry(&rule.package).or_default().push(rule);
    }
    let passed: usize = packages.values().map(Vec::len).sum();
    if !asked.is_empty() {
        let asked = count(asked.len(), "rule", "rules");
        line(
            out,
            &format!("\n{}", paint.strong(format!("{passed} of {asked} found nothing against it"))),
        );
    }
    let mut shown = BTreeSet::new();
    for (package, rules) in &packages {
        line(out, &format!("  {}", paint.strong(plain(package))));
        for rule in rules {
            let code = plain(&rule.code);
            let told = match &rule.title {
                Some(title) => format!("{}  {}", plain(title), paint.faint(format!("[{code}]"))),
                None => code,
            };
            line(out, &format!("    {}  {told}", paint.good("ok")));
        }
        let kinds = rules.iter().flat_map(|rule| rule.evidence.iter().copied());
        for kind in kinds.collect::<BTreeSet<_>>() {
            if shown.insert(kind) {
                write_kind(out, account, kind, paint);
            }
        }
    }
    write_rest(out, account, &shown, paint);
}

fn has_spoken(account: &Account<'_>, rule: &AskedRule) -> bool {
    account.decision.findings.iter().any(|finding| {
        finding.code == rule.code
            && finding.package.as_ref().is_none_or(|package| *package == rule.package)
    })
}

fn write_kind(out: &mut String, account: &Account<'_>, kind: Kind, paint: Paint) {
    for text in account.facts.map(|facts| lines(facts, kind)).unwrap_or_default() {
        line(out, &format!("        {} {text}", paint.faint(format!("{}:", kind.name()))));
    }
}

/// Evidence that no passed rule is about: what the rules that spoke have seen, for example.
fn write_rest(out: &mut String, account: &Account<'_>, shown: &BTreeSet<Kind>, paint: Paint) {
    let mut rest = String::new();
    for kind in Kind::ALL.into_iter().filter(|kind| !shown.contains(kind)) {
        write_kind(&mut rest, account, kind, paint);
    }
    if !rest.is_empty() {
        line(out, &format!("  {}", paint.strong("other evidence that counts")));
        out.push_str(&rest);
    }
}
