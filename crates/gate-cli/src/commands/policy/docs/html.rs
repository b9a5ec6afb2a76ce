//! The page in HTML: one file, without scripts and without anything from elsewhere.

use std::fmt::Write as _;

use super::book::{Package, Rule};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;\
padding:0 1rem}code{background:#eee;padding:0 .2em}th{text-align:left;vertical-align:top;\
padding-right:1rem;font-weight:600}section{border-top:1px solid #ccc;margin-top:1.5rem}";

pub(super) fn page(title: &str, packages: &[Package]) -> String {
    let title = escaped(title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    out.push_str("<nav>\n<ul>\n");
    for package in packages {
        let name = escaped(&package.name);
        let _ = writeln!(out, "<li><a href=\"#{name}\">{name}</a></li>");
    }
    out.push_str("</ul>\n</nav>\n");
    for package in packages {
        let name = escaped(&package.name);
        let heading = package.title.as_deref().map_or_else(|| name.clone(), escaped);
        let _ = writeln!(out, "<h2 id=\"{name}\">{heading} <code>{name}</code></h2>");
        if let Some(text) = &package.description {
            let _ = writeln!(out, "<p>{}</p>", escaped(text));
        }
        package.rules.iter().for_each(|one| rule(&mut out, one));
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn rule(out: &mut String, rule: &Rule) {
    let code = escaped(&rule.code);
    let _ = writeln!(out, "<section id=\"rule-{code}\">");
    let _ = writeln!(out, "<h3>{} <code>{code}</code></h3>", escaped(&rule.title));
    if let Some(text) = &rule.description {
        let _ = writeln!(out, "<p>{}</p>", escaped(text));
    }
    out.push_str("<table>\n");
    let facts = rule.facts.iter().map(|(name, text)| ((*name).to_owned(), text));
    let controls = rule.controls.iter().map(|(name, text)| (name.clone(), text));
    for (name, text) in facts.chain(controls) {
        let _ = writeln!(out, "<tr><th>{}</th><td>{}</td></tr>", escaped(&name), escaped(text));
    }
    out.push_str("</table>\n</section>\n");
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_cannot_put_a_script_into_the_page() {
        let evil = "\"><script>x</script>";
        let rule = Rule { code: evil.to_owned(), title: evil.to_owned(), ..Rule::default() };
        let package = Package { name: evil.to_owned(), rules: vec![rule], ..Package::default() };
        assert!(!page(evil, &[package]).contains("<script"));
    }
}
