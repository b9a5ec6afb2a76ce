//! Turns syntax trees into a [`Program`], or says what is wrong with them.
//!
//! The stages are OPA's, since its results depend on them: names are resolved, nested calls and
//! dynamic terms become literals of their own, and literals are put in an order in which each
//! variable is bound before it is used. What is hoisted out of `not` there is hoisted here.

use super::ast::{Module, Span};
use super::program::{File, Program, Query};
use super::types::{Tree, Typing};

mod body;
mod conflict;
mod deprecated;
mod dynamics;
mod guard;
mod head;
mod intermediate;
mod lower;
mod metadata;
mod names;
mod query;
mod recursion;
mod reference;
mod safety;
mod scope;
mod tree;
mod types;
mod unify;
mod unused;
mod variables;
mod with;

pub(crate) use query::compile_query;

/// The kinds of errors, by OPA's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Code {
    Parse,
    Compile,
    Type,
    Recursion,
    Unsafe,
}

impl Code {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Parse => "rego_parse_error",
            Self::Compile => "rego_compile_error",
            Self::Type => "rego_type_error",
            Self::Recursion => "rego_recursion_error",
            Self::Unsafe => "rego_unsafe_var_error",
        }
    }
}

/// What is wrong with modules, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Error {
    pub(crate) code: Code,
    pub(crate) span: Span,
    pub(crate) message: String,
}

impl Error {
    fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { code, span, message: message.into() }
    }
}

/// What the caller allows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Whether builtins may be called that take something from outside: network, environment, lots.
    pub(crate) impure: bool,
    /// The longest chain of rules and functions that refer to each other.
    pub(crate) chain: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { impure: false, chain: 1_000 }
    }
}

/// After so many errors the rest is not looked for.
const ERRORS: usize = 10;

/// Compiles modules, whose files are numbered in their order.
pub(crate) fn compile(modules: Vec<Module>, options: Options) -> Result<Program, Vec<Error>> {
    let mut errors = names::check_imports(&modules);
    errors.append(&mut names::check_rules(&modules));
    let skeleton = tree::build(&modules);
    errors.append(&mut conflict::check(&skeleton, &modules));
    if !errors.is_empty() {
        return Err(limited(errors));
    }
    let exports = names::exports(&modules);
    let names: Vec<_> = modules.iter().map(|one| names::Names::new(one, &exports)).collect();
    let (mut lowered, mut drafts) = (Vec::new(), Vec::new());
    for site in skeleton.sites() {
        let names = &names[site.module];
        let world = scope::World { skeleton: &skeleton, modules: &modules, options, names };
        match head::rule(&world, &site) {
            Ok((rule, draft)) => {
                lowered.push((site, rule));
                drafts.push(draft);
            }
            Err(found) => errors.extend(found),
        }
        if errors.len() >= ERRORS {
            break;
        }
    }
    if !errors.is_empty() {
        return Err(limited(errors));
    }
    let graph = recursion::check(&skeleton, &lowered, options.chain).map_err(|one| vec![one])?;
    let places = drafts.iter().map(|draft| draft.place(&skeleton)).collect();
    let mut typing = Typing { tree: Tree::default(), dependents: graph.dependents, places };
    let errors = types::check_rules(&drafts, &graph.order, &skeleton, &mut typing);
    if !errors.is_empty() {
        return Err(limited(errors));
    }
    let errors = deprecated::check(&drafts, &modules);
    if !errors.is_empty() {
        return Err(limited(errors));
    }
    let files = modules.into_iter().map(file).collect();
    let (nodes, groups) = skeleton.finish(lowered);
    Ok(Program { files, nodes, groups, typing })
}

fn limited(mut errors: Vec<Error>) -> Vec<Error> {
    errors.sort_by_key(|error| (error.span.file, error.span.start));
    errors.truncate(ERRORS);
    errors
}

fn file(module: Module) -> File {
    File { path: module.path, source: module.source }
}

#[cfg(test)]
mod tests;
