//! Every builtin and how it behaves here, for the page that lists them.

use std::fmt::Write as _;

use crate::engine::builtins::{Declared, Implementation, Type, all};

/// How a builtin behaves here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Behaviour {
    /// As in OPA.
    Same,
    /// As in OPA; time is what the caller says: the decision's, or the clock's for `gate policy`.
    Clock,
    /// Calls are refused at load; why, or what to use instead.
    Refused(String),
}

/// A builtin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Builtin {
    /// Its name.
    pub name: &'static str,
    /// The operator that calls it.
    pub infix: Option<&'static str>,
    /// Types of the operands.
    pub arguments: Vec<String>,
    /// Type of the result.
    pub result: String,
    /// How it behaves.
    pub behaviour: Behaviour,
}

/// Every builtin, by name.
pub fn builtins() -> Vec<Builtin> {
    let mut found: Vec<_> = all().map(one).collect();
    found.sort_by_key(|builtin| builtin.name);
    found
}

fn one(declared: &'static Declared) -> Builtin {
    let declaration = &declared.declaration;
    let behaviour = match (declared.implementation, declaration.impure) {
        (_, Some(impurity)) => Behaviour::Refused(impurity.instead().to_owned()),
        (Implementation::Absent(reason), None) => Behaviour::Refused(reason.to_owned()),
        _ if declaration.name == "time.now_ns" => Behaviour::Clock,
        _ => Behaviour::Same,
    };
    Builtin {
        name: declaration.name,
        infix: declaration.infix,
        arguments: declaration.arguments.iter().map(written).collect(),
        result: written(&declaration.result),
        behaviour,
    }
}

/// A type in few words.
fn written(kind: &Type) -> String {
    match kind {
        Type::Any => "any".to_owned(),
        Type::Null => "null".to_owned(),
        Type::Boolean => "boolean".to_owned(),
        Type::Number => "number".to_owned(),
        Type::String => "string".to_owned(),
        Type::Array([], None) => "array".to_owned(),
        Type::Array([], Some(item)) => format!("array[{}]", written(item)),
        Type::Array(items, _) => {
            format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", "))
        }
        Type::Object(..) => "object".to_owned(),
        Type::Set(item) => format!("set[{}]", written(item)),
        Type::OneOf(kinds) => kinds.iter().map(written).collect::<Vec<_>>().join(" or "),
    }
}

/// The page, in Markdown.
pub fn page() -> String {
    let all = builtins();
    let refused = all.iter().filter(|one| matches!(one.behaviour, Behaviour::Refused(_))).count();
    let mut out = format!(
        "# Builtin functions\n\n\
         Made from the engine by a test (`GATE_UPDATE=1 cargo test -p gate-rego --test catalogue`). \
         Gate knows the {} builtins of OPA; {} of them are refused when a policy loads, with the line \
         and what to use instead. What is not refused gives OPA's result.\n\n\
         In decisions a builtin that fails (a wrong operand, a division by zero) ends its rule with \
         `policy-error`, which denies; `gate policy eval` and `gate policy test` have OPA's default, \
         where the call is undefined, unless `--strict-builtin-errors` is given.\n\n\
         | Builtin | Operands | Result | Here |\n|---|---|---|---|\n",
        all.len(),
        refused
    );
    for builtin in &all {
        let infix = builtin.infix.map(|text| format!(" (`{}`)", cell(text))).unwrap_or_default();
        let here = match &builtin.behaviour {
            Behaviour::Same => "as in OPA".to_owned(),
            Behaviour::Clock => "the decision's time; in `gate policy` the clock's".to_owned(),
            Behaviour::Refused(why) => format!("**refused**: {}", cell(why)),
        };
        let arguments = cell(&builtin.arguments.join(", "));
        let result = cell(&builtin.result);
        let _ = writeln!(out, "| `{}`{infix} | {arguments} | {result} | {here} |", builtin.name);
    }
    out
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
