//! The schemas that a schema is put together of.

use super::{Judge, Verdict};
use crate::engine::builtins::BuiltinError;
use crate::engine::builtins::json::schema::Draft;
use crate::engine::value::Value;

type Done = Result<(), BuiltinError>;

fn list<'a>(schema: &'a Value, key: &str) -> &'a [Value] {
    schema.field(key).and_then(Value::as_array).map_or(&[], |values| values.as_slice())
}

impl Judge<'_> {
    pub(super) fn parts(
        &mut self,
        verdict: &mut Verdict,
        schema: &Value,
        value: &Value,
        path: &str,
    ) -> Done {
        self.any_of(verdict, schema, value, path)?;
        self.one_of(verdict, schema, value, path)?;
        self.all_of(verdict, schema, value, path)?;
        if let Some(not) = schema.field("not")
            && self.value(not, value, path)?.valid()
        {
            let description = "Must not validate the schema (not)".to_owned();
            self.complain(verdict, "number_not", path, description)?;
        }
        self.dependencies(verdict, schema, value, path)?;
        if self.since(Draft::Seven) {
            self.conditions(verdict, schema, value, path)?;
        }
        verdict.score += 1;
        Ok(())
    }

    fn any_of(&mut self, verdict: &mut Verdict, schema: &Value, value: &Value, path: &str) -> Done {
        let several = list(schema, "anyOf");
        let mut best = None;
        for part in several {
            let part = self.value(part, value, path)?;
            if part.valid() {
                return Ok(());
            }
            best = Some(Verdict::nearer(best, part));
        }
        if let Some(best) = best {
            let description = "Must validate at least one schema (anyOf)".to_owned();
            self.complain(verdict, "number_any_of", path, description)?;
            verdict.merge(best);
        }
        Ok(())
    }

    fn one_of(&mut self, verdict: &mut Verdict, schema: &Value, value: &Value, path: &str) -> Done {
        let several = list(schema, "oneOf");
        let (mut valid, mut best) = (0, None);
        for part in several {
            let part = self.value(part, value, path)?;
            if part.valid() {
                valid += 1;
            } else if valid == 0 {
                best = Some(Verdict::nearer(best, part));
            }
        }
        if several.is_empty() || valid == 1 {
            return Ok(());
        }
        let description = "Must validate one and only one schema (oneOf)".to_owned();
        self.complain(verdict, "number_one_of", path, description)?;
        if let Some(best) = best.filter(|_| valid == 0) {
            verdict.merge(best);
        }
        Ok(())
    }

    fn all_of(&mut self, verdict: &mut Verdict, schema: &Value, value: &Value, path: &str) -> Done {
        let mut valid = true;
        for part in list(schema, "allOf") {
            let part = self.value(part, value, path)?;
            valid &= part.valid();
            verdict.merge(part);
        }
        if !valid {
            let description = "Must validate all the schemas (allOf)".to_owned();
            self.complain(verdict, "number_all_of", path, description)?;
        }
        Ok(())
    }

    fn dependencies(
        &mut self,
        verdict: &mut Verdict,
        schema: &Value,
        value: &Value,
        path: &str,
    ) -> Done {
        let (Some(all), Value::Object(fields)) =
            (schema.field("dependencies").and_then(Value::as_object), value)
        else {
            return Ok(());
        };
        for (_, dependency) in all.iter().filter(|(key, _)| fields.get(key).is_some()) {
            self.context.step()?;
            match dependency {
                Value::Array(names) => {
                    for name in names.iter().filter(|name| fields.get(name).is_none()) {
                        let name = name.as_str().unwrap_or_default();
                        let description = format!("Has a dependency on {name}");
                        self.complain(verdict, "missing_dependency", path, description)?;
                    }
                }
                part => {
                    let part = self.value(part, value, path)?;
                    verdict.merge(part);
                }
            }
        }
        Ok(())
    }

    fn conditions(
        &mut self,
        verdict: &mut Verdict,
        schema: &Value,
        value: &Value,
        path: &str,
    ) -> Done {
        let Some(condition) = schema.field("if") else { return Ok(()) };
        let (key, kind, description) = if self.value(condition, value, path)?.valid() {
            ("then", "condition_then", "Must validate \"then\" as \"if\" was valid")
        } else {
            ("else", "condition_else", "Must validate \"else\" as \"if\" was not valid")
        };
        let Some(consequence) = schema.field(key) else { return Ok(()) };
        let part = self.value(consequence, value, path)?;
        if !part.valid() {
            self.complain(verdict, kind, path, description.to_owned())?;
            verdict.merge(part);
        }
        Ok(())
    }
}
