//! The command line as a table: what holds for every command and flag.

use std::fmt::Write;

use super::*;

fn walk(command: &clap::Command, name: &str, visit: &mut dyn FnMut(&clap::Command, &str)) {
    visit(command, name);
    for sub in command.get_subcommands() {
        walk(sub, &format!("{name} {}", sub.get_name()), visit);
    }
}

fn built() -> clap::Command {
    let mut command = command();
    command.build();
    command
}

#[test]
fn every_flag_has_a_variable() {
    walk(&built(), "gate", &mut |command, name| {
        for flag in command.get_arguments().filter_map(|argument| {
            let is_builtin = matches!(argument.get_id().as_str(), "help" | "version");
            argument.get_long().filter(|_| !is_builtin).map(|long| (long, argument))
        }) {
            let (long, argument) = flag;
            let variable = argument.get_env().map(|name| name.to_string_lossy().into_owned());
            let variable = variable.unwrap_or_else(|| panic!("{name} --{long} has no variable"));
            assert!(variable.starts_with("GATE_"), "{name} --{long}: {variable}");
            let expected = format!("GATE_{}", long.replace('-', "_").to_uppercase());
            // An approver's private key must not be taken from the name of a trusted public one.
            let expected = if name == "gate approve" && long == "key" {
                "GATE_APPROVER_KEY".to_owned()
            } else {
                expected
            };
            assert_eq!(variable, expected, "{name} --{long}");
        }
    });
}

#[test]
fn every_help_page_has_an_example() {
    walk(&built(), "gate", &mut |command, name| {
        if name.split(' ').any(|part| part == "help") {
            return;
        }
        let help = command.clone().render_long_help().to_string();
        assert!(help.contains("\nExamples:\n"), "{name}");
        assert!(help.contains(&format!("  {name} ")), "{name} is not in its own examples");
    });
}

#[test]
fn help_pages_are_as_they_were() {
    let mut pages = String::new();
    walk(&built(), "gate", &mut |command, name| {
        if !name.split(' ').any(|part| part == "help") {
            let page = command.clone().term_width(100).render_long_help();
            let _ = writeln!(pages, "$ {name} --help\n{page}");
        }
    });
    insta::assert_snapshot!(pages);
}

#[test]
fn clap_finds_nothing_wrong() {
    command().debug_assert();
}

/// The words of an example line, as a shell would hand them over; `...` stands for a whole digest.
fn shell_words(line: &str) -> Vec<String> {
    let line = line.split(" > ").next().unwrap();
    let start = line.find("gate ").unwrap();
    let mut words = vec![];
    for (at, part) in line[start..].split('\'').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(|word| {
                let digest = word.strip_prefix("sha256:").filter(|rest| rest.ends_with("..."));
                digest.map_or(word.to_owned(), |_| format!("sha256:{}", "0".repeat(64)))
            }));
        }
    }
    words
}

#[test]
fn every_example_is_a_command_that_is_understood() {
    let mut examples = vec![];
    walk(&built(), "gate", &mut |command, _| {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let help = help.replace("\\\n", " ");
        examples.extend(help.lines().skip(1).map(str::to_owned));
    });
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/CLI.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let documented = docs.lines().filter(|line| line.starts_with("    gate "));
    examples.extend(documented.map(str::to_owned));
    assert!(examples.len() > 30, "{examples:#?}");
    for example in examples {
        let parsed = command().try_get_matches_from(shell_words(&example));
        assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
    }
}

#[test]
fn the_documentation_names_every_command() {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/CLI.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    walk(&built(), "gate", &mut |command, name| {
        let is_leaf = command.get_subcommands().next().is_none();
        if is_leaf && !name.split(' ').any(|part| part == "help") {
            assert!(
                docs.contains(&format!("    {name} ")) || docs.contains(&format!("`{name}`")),
                "{name}"
            );
        }
    });
}
