//! What the compiler accepts, and what it refuses and how.

use super::*;
use crate::engine::ast::Version;
use crate::engine::parser;

fn compiled(sources: &[&str]) -> Result<Program, Vec<Error>> {
    let modules = sources.iter().enumerate().map(|(number, source)| {
        let number = u32::try_from(number).unwrap();
        parser::module(number, "p.rego", source, Version::V1)
            .unwrap_or_else(|error| panic!("{source}: {error:?}"))
    });
    compile(modules.collect(), Options::default())
}

fn accept(source: &str) -> Program {
    compiled(&[source]).unwrap_or_else(|errors| panic!("{source}: {errors:?}"))
}

/// The first error: code, line and message.
fn refuse(sources: &[&str]) -> String {
    let errors = compiled(sources).err().unwrap_or_else(|| panic!("accepted: {sources:?}"));
    format!("{} {} {}", errors[0].code.as_str(), errors[0].span.line, errors[0].message)
}

fn refuse_rules(rules: &str) -> String {
    refuse(&[&format!("package p\n{rules}")])
}

#[test]
fn every_module_of_the_conformance_cases_compiles() {
    let Some(root) = crate::engine::testing::folder("rego/opa-conformance/v1") else { return };
    let mut failures = Vec::new();
    let mut count = 0;
    for (topic, case) in crate::engine::testing::cases(&root) {
        let sources: Vec<_> = case.modules.iter().flatten().map(String::as_str).collect();
        let modules: Result<Vec<_>, _> = sources
            .iter()
            .enumerate()
            .map(|(at, source)| {
                parser::module(u32::try_from(at).unwrap(), "m.rego", source, Version::V1)
            })
            .collect();
        let Ok(modules) = modules else { continue };
        count += 1;
        let options = Options { impure: true, ..Options::default() };
        if let Err(errors) = compile(modules, options)
            && !errors[0].message.starts_with("undefined function")
        {
            failures.push(format!(
                "{topic}: {}: {:?} {:?}",
                case.note, case.want_error_code, errors[0]
            ));
        }
    }
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
}
