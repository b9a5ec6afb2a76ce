//! What is suspicious in policies that load: rules that cannot fire, that fire or stay silent by
//! accident, that nobody could explain, or that take longer than they need.

mod assertions;
mod described;
mod logic;
mod loops;
mod references;
mod syntax;
mod walk;

use std::collections::BTreeSet;

use crate::bounds;
use crate::engine::ast::{self, Span};
use crate::engine::parser;
use crate::error::{CompileError, CompileKind, Place};
use crate::module::Module;
use crate::policy::{Dialect, Policy};
use crate::value::Value;

macro_rules! checks {
    ($($variant:ident = $code:literal, $text:literal;)+) => {
        /// What is looked for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Check {
            $(#[doc = $text] $variant,)+
        }

        impl Check {
            /// Every check.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What it finds, in one sentence.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

checks! {
    UnknownInputField = "unknown-input-field", "A rule reads a field that the input document cannot have, so it never fires.";
    MetadataMissing = "metadata-missing", "A rule that finds something has no METADATA with title and short_name, so nobody can tell, except or look up its findings.";
    DuplicateCode = "duplicate-code", "Two rules have one short_name, so an exception for one excuses both.";
    NeverFires = "never-fires", "An expression cannot hold, so the rule never gives anything.";
    NegatesUndefined = "negates-undefined", "A negated call has an operand that may be undefined; then the whole rule is undefined, and not the call.";
    AssertsNothing = "asserts-nothing", "A test holds whatever the policy does.";
    SlowLoop = "slow-loop", "A loop looks for what a lookup would find.";
    DeprecatedSyntax = "deprecated-syntax", "The module is written in a way that newer versions of Rego do not have or need.";
    UndefinedData = "undefined-data", "Nothing defines the document under `data` that a rule refers to.";
}

/// Something suspicious.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub check: Check,
    /// Where.
    pub place: Place,
    /// What is wrong here and how to mend it.
    pub message: String,
}

/// Modules and what is known about their surroundings.
pub struct Lint<'a> {
    /// Modules, tests among them.
    pub modules: &'a [Module],
    /// The document `data`.
    pub data: Value,
    /// Syntax.
    pub dialect: Dialect,
    /// Names of the rules that find something.
    pub entries: &'a [&'a str],
    /// Whether a path of the input document always has a value.
    pub always: &'a dyn Fn(&[&str]) -> bool,
}

/// What all checks look at.
struct Look<'a> {
    lint: &'a Lint<'a>,
    policy: &'a Policy,
    trees: &'a [ast::Module],
    found: Vec<Finding>,
}

/// Looks for everything in modules that compile. What a comment `# gate:ignore CODE` on the line or
/// the one before names is left out.
pub fn lint(lint: &Lint<'_>) -> Result<(Policy, Vec<Finding>), CompileError> {
    let policy = Policy::compile_as(lint.modules, lint.data.clone(), lint.dialect)?;
    let mut trees = Vec::with_capacity(lint.modules.len());
    for (file, module) in (0u32..).zip(lint.modules) {
        bounds::check(module)?;
        let tree = parser::module(file, &module.path, &module.source, lint.dialect.version());
        trees.push(tree.map_err(|error| {
            CompileError::at(&module.path, error.span.line, error.span.column, error.message)
                .of(CompileKind::Parse)
        })?);
    }
    let mut look = Look { lint, policy: &policy, trees: &trees, found: Vec::new() };
    described::check(&mut look);
    logic::check(&mut look);
    assertions::check(&mut look);
    loops::check(&mut look);
    syntax::check(&mut look);
    references::check(&mut look);
    let mut found = look.found;
    retain_unignored(&mut found, lint.modules);
    found.sort_by(|a, b| (&a.place, a.check).cmp(&(&b.place, b.check)));
    found.dedup();
    drop(trees);
    Ok((policy, found))
}

/// Leaves out what comments ask to ignore.
pub fn retain_unignored(found: &mut Vec<Finding>, modules: &[Module]) {
    let mut ignored = BTreeSet::new();
    for module in modules {
        for (line, text) in (1u32..).zip(module.source.lines()) {
            let Some((_, codes)) = text.split_once("# gate:ignore ") else { continue };
            for code in codes.split([' ', ',']).filter(|code| !code.is_empty()) {
                ignored.insert((module.path.as_str(), line, code));
                ignored.insert((module.path.as_str(), line + 1, code));
            }
        }
    }
    found.retain(|finding| {
        let key = (finding.place.path.as_str(), finding.place.line, finding.check.code());
        !ignored.contains(&key)
    });
}

impl Look<'_> {
    fn add(&mut self, check: Check, span: Span, message: impl Into<String>) {
        let path = self.trees.get(span.file as usize).map_or("", |tree| &*tree.path);
        let place = Place { path: path.to_owned(), line: span.line, column: span.column };
        self.found.push(Finding { check, place, message: message.into() });
    }

    /// Whether a rule is one that finds something.
    fn is_entry(&self, module: &ast::Module, rule: &ast::Rule) -> bool {
        !is_test_file(module)
            && rule.head.arguments.is_none()
            && !rule.default
            && self.lint.entries.contains(&&*rule.head.name.text)
    }
}

fn is_test_file(module: &ast::Module) -> bool {
    module.path.ends_with("_test.rego")
        || module.package.path.last().is_some_and(|part| part.text.ends_with("_test"))
}

#[cfg(test)]
mod tests;
