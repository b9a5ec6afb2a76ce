//! A constraint template, compiled.

use gate_rego::{CompileError, Dialect as Syntax, Module, Policy, RulePath};
use serde_json::{Value, json};

use super::constraint::Constraint;
use super::documents::text_at;
use crate::policy::{BundleError, schema};

/// The one target that there are rules for.
const TARGET: &str = "admission.k8s.gatekeeper.sh";

/// A template: one policy for all constraints of its kind.
pub(super) struct Template {
    /// The kind of its constraints.
    pub(super) kind: String,
    /// Its title, where it has one.
    pub(super) title: Option<String>,
    pub(super) policy: Policy,
    pub(super) violation: RulePath,
    /// The JSON schema of parameters; `null` where it has none.
    schema: Value,
}

impl Template {
    /// Compiles a template. One without Rego is refused: nothing here runs CEL.
    pub(super) fn compile(path: &str, object: &Value) -> Result<Self, BundleError> {
        let wrong = |message: String| BundleError { path: path.to_owned(), message };
        let kind = text_at(object, "/spec/crd/spec/names/kind").to_owned();
        if kind.is_empty() {
            return Err(wrong("the template names no kind in spec.crd.spec.names".to_owned()));
        }
        let targets = object.pointer("/spec/targets").and_then(Value::as_array);
        let target = match targets.map(Vec::as_slice) {
            Some([target]) if text_at(target, "/target") == TARGET => target,
            _ => {
                return Err(wrong(format!(
                    "the template `{kind}` has not the one target `{TARGET}`"
                )));
            }
        };
        let code = Code::of(target).map_err(|why| wrong(format!("the template `{kind}` {why}")))?;
        let modules = code.modules(path, &kind);
        let syntax = Syntax { v0: code.v0, strict_builtin_errors: false };
        let empty = gate_rego::Value::object(vec![]);
        let policy = Policy::compile_as(&modules, empty, syntax)
            .map_err(|error: CompileError| wrong(format!("{}: {}", error.place, error.message)))?;
        let main = policy
            .rules()
            .iter()
            .find(|rule| rule.file == modules[0].path && rule.name == ["violation"]);
        let Some(main) = main else {
            return Err(wrong(format!("the template `{kind}` has no rule `violation`")));
        };
        let violation = RulePath::new(&main.package, "violation");
        let title = object.pointer("/metadata/annotations/metadata.gatekeeper.sh~1title");
        let title = title.and_then(Value::as_str).map(str::to_owned);
        let schema = object.pointer("/spec/crd/spec/validation/openAPIV3Schema");
        let schema = schema.cloned().unwrap_or(Value::Null);
        Ok(Self { kind, title, policy, violation, schema })
    }

    /// Refuses a constraint whose parameters are not of the template's schema.
    pub(super) fn check(&self, constraint: &Constraint) -> Result<(), String> {
        let Some(parameters) = constraint.given().filter(|_| !self.schema.is_null()) else {
            return Ok(());
        };
        let problems = schema::problems(&self.schema, parameters)?;
        match problems.first() {
            None => Ok(()),
            Some(problem) => Err(format!(
                "the parameters of `{}` are not of the schema of `{}`: {problem}",
                constraint.name, self.kind
            )),
        }
    }

    /// The input of a constraint: the review with its parameters.
    pub(super) fn input(review: &Value, parameters: &Value) -> Value {
        json!({"review": review, "parameters": parameters})
    }
}

/// The Rego of a template's target.
struct Code<'a> {
    v0: bool,
    rego: &'a str,
    libraries: Vec<&'a str>,
}

impl<'a> Code<'a> {
    fn of(target: &'a Value) -> Result<Self, String> {
        let libraries = |source: &'a Value| {
            let libraries = source.get("libs").and_then(Value::as_array);
            libraries.into_iter().flatten().filter_map(Value::as_str).collect()
        };
        let engines = target.get("code").and_then(Value::as_array);
        let engines = engines.map(Vec::as_slice).unwrap_or_default();
        if let Some(code) = engines.iter().find(|code| text_at(code, "/engine") == "Rego") {
            let source = code.get("source").unwrap_or(&Value::Null);
            let v0 = match text_at(source, "/version") {
                "" | "v0" => true,
                "v1" => false,
                other => return Err(format!("is written in Rego `{other}`: v0 and v1 are known")),
            };
            return Ok(Self { v0, rego: text_at(source, "/rego"), libraries: libraries(source) });
        }
        let rego = text_at(target, "/rego");
        if !rego.is_empty() {
            return Ok(Self { v0: true, rego, libraries: libraries(target) });
        }
        let names: Vec<_> = engines.iter().map(|code| text_at(code, "/engine")).collect();
        Err(if names.is_empty() {
            "has no code".to_owned()
        } else {
            format!(
                "has no Rego, only code for {}: CEL is not run here, so its constraints would never \
                 find anything; add a `Rego` engine beside it",
                names.join(", ")
            )
        })
    }

    fn modules(&self, path: &str, kind: &str) -> Vec<Module> {
        let library = |(at, source): (usize, &&str)| {
            Module::new(format!("{path}#{kind}/libs/{at}"), (*source).to_owned())
        };
        let main = Module::new(format!("{path}#{kind}"), self.rego);
        std::iter::once(main).chain(self.libraries.iter().enumerate().map(library)).collect()
    }
}
