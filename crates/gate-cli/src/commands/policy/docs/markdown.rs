//! The page in Markdown.

use std::fmt::Write as _;

use super::book::{Package, Rule};

pub(super) fn page(title: &str, packages: &[Package]) -> String {
    let mut out = format!("# {}\n", escaped(title));
    for package in packages {
        let name = &package.name;
        let heading = package.title.as_deref().unwrap_or(name);
        let _ = writeln!(out, "\n## {} (`{name}`)", escaped(heading));
        if let Some(text) = &package.description {
            let _ = writeln!(out, "\n{}", escaped(text));
        }
        package.rules.iter().for_each(|one| rule(&mut out, one));
    }
    out
}

fn rule(out: &mut String, rule: &Rule) {
    let _ = writeln!(out, "\n### `{}`: {}", rule.code, escaped(&rule.title));
    if let Some(text) = &rule.description {
        let _ = writeln!(out, "\n{}", escaped(text));
    }
    out.push_str("\n| | |\n|---|---|\n");
    for (name, text) in &rule.facts {
        let _ = writeln!(out, "| {name} | {} |", escaped(text).replace('|', "\\|"));
    }
    for (framework, ids) in &rule.controls {
        let _ = writeln!(out, "| {} | {} |", escaped(framework), escaped(ids).replace('|', "\\|"));
    }
}

/// Text that is no markup: METADATA is written by whoever writes policies.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_policies_is_no_markup() {
        let rule = Rule {
            code: "x".to_owned(),
            title: "<b>*t*".to_owned(),
            facts: vec![("Solution", "a | b\nc".to_owned())],
            ..Rule::default()
        };
        let package = Package { name: "p".to_owned(), rules: vec![rule], ..Package::default() };
        let page = page("T", &[package]);
        assert!(page.contains("### `x`: &lt;b>\\*t\\*\n"), "{page}");
        assert!(page.contains("| Solution | a \\| b c |\n"), "{page}");
    }
}
