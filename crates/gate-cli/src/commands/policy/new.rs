//! `gate policy new`: a rule with its test, to begin with.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::failure::Failure;
use crate::output::write_file;
use crate::terminal::{ExitStatus, Terminal};

/// Write a package with one rule and its test, which passes
///
/// Exit status: 0 it is written, 2 the name is none or the files are there already.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate policy new shop.base
  gate policy new --directory policies licences")]
pub(crate) struct Arguments {
    /// The package, as `shop.base`
    #[arg(value_name = "PACKAGE")]
    package: String,
    /// Folder of policies; the package's own is made in it
    #[arg(long, env = "GATE_DIRECTORY", value_name = "DIR", default_value = ".")]
    directory: PathBuf,
}

/// Words that cannot be part of a package's name here.
const RESERVED: &[&str] = &[
    "as", "contains", "data", "default", "else", "every", "false", "if", "import", "in", "input",
    "not", "null", "package", "some", "true", "with",
];

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    let parts = parts(&arguments.package).map_err(Failure::usage)?;
    let Some(last) = parts.last() else { return Err(Failure::usage("name a package")) };
    let folder = arguments.directory.join(parts.iter().collect::<PathBuf>());
    let files = [
        (folder.join(format!("{last}.rego")), rule(&arguments.package, &parts)),
        (folder.join(format!("{last}_test.rego")), test(&arguments.package, &parts)),
    ];
    if let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(Failure::usage(format!("{} is there already", path.display())));
    }
    fs::create_dir_all(&folder).map_err(|error| Failure::write(&folder, error))?;
    for (path, text) in &files {
        write_file(path, text.as_bytes())?;
        terminal.data(format!("{}\n", path.display()).as_bytes())?;
    }
    terminal.talk(format_args!("run `gate policy test {}`", shown(&arguments.directory)))?;
    Ok(ExitStatus::Ok)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn parts(package: &str) -> Result<Vec<&str>, String> {
    let parts: Vec<&str> = package.split('.').collect();
    let word = |part: &&str| {
        let first = part.chars().next().is_some_and(|c| c.is_ascii_lowercase());
        first && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    if !parts.iter().all(word) {
        return Err(format!("`{package}` is no package: write lower-case words, as `shop.base`"));
    }
    match parts.iter().find(|part| RESERVED.contains(part) || part.ends_with("_test")) {
        Some(part) => Err(format!("`{part}` cannot be part of a package here")),
        None => Ok(parts),
    }
}

fn code(parts: &[&str]) -> String {
    format!("{}-sbom-missing", parts.join("-").replace('_', "-"))
}

fn rule(package: &str, parts: &[&str]) -> String {
    let code = code(parts);
    format!(
        r#"# METADATA
# title: {package}
# description: What every release must bring. Replace this by what your rules ask for.
package {package}

# METADATA
# title: The release has a bill of materials
# description: Asks for a trusted SBOM about the artifact's digest.
# custom:
#   short_name: {code}
#   failure_msg: "Nothing trusted tells what {{{{subject}}}} consists of."
#   solution: Have the build write an SBOM, sign it and attach it to the image.
#   controls:
#     ssdf: [PS.3.2]
deny contains finding if {{
	input.subject.kind == "artifact"
	count(input.sbom) == 0
	finding := {{"rule": "{code}", "detail": {{"subject": input.subject.digest}}}}
}}
"#
    )
}

fn test(package: &str, parts: &[&str]) -> String {
    let (code, last) = (code(parts), parts.last().unwrap_or(&""));
    format!(
        r#"package {package}_test

import data.{package}

test_a_release_without_a_bill_of_materials_is_denied if {{
	found := {last}.deny with input as _input("artifact", [])
	{{finding.rule | some finding in found}} == {{"{code}"}}
}}

test_a_release_with_one_is_not if {{
	count({last}.deny) == 0 with input as _input("artifact", [{{"components": []}}])
}}

test_what_is_no_artifact_needs_none if {{
	count({last}.deny) == 0 with input as _input("object", [])
}}

_input(kind, sbom) := {{"subject": {{"kind": kind, "digest": "sha256:1"}}, "sbom": sbom}}
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_packages_that_a_module_can_name_are_made() {
        assert_eq!(parts("shop.base_1"), Ok(vec!["shop", "base_1"]));
        for wrong in ["", "a..b", "../x", "A", "a-b", "1a", "data.x", "a.if", "a_test"] {
            assert!(parts(wrong).is_err(), "{wrong}");
        }
    }
}
