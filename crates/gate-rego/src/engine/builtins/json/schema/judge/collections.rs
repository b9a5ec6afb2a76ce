//! Arrays and objects.

use std::collections::BTreeMap;

use super::plain::count;
use super::{Judge, Verdict, below};
use crate::engine::builtins::BuiltinError;
use crate::engine::builtins::json::schema::{Draft, formats};
use crate::engine::value::{Object, Value};

type Done = Result<(), BuiltinError>;

impl Judge<'_> {
    pub(super) fn array(
        &mut self,
        verdict: &mut Verdict,
        schema: &Value,
        items: &[Value],
        path: &str,
    ) -> Done {
        self.items(verdict, schema, items, path)?;
        if let Some(least) = count(schema, "minItems").filter(|least| items.len() < *least) {
            let description = format!("Array must have at least {least} items");
            self.complain(verdict, "array_min_items", path, description)?;
        }
        if let Some(most) = count(schema, "maxItems").filter(|most| items.len() > *most) {
            let description = format!("Array must have at most {most} items");
            self.complain(verdict, "array_max_items", path, description)?;
        }
        if matches!(schema.field("uniqueItems"), Some(Value::Bool(true))) {
            self.unique(verdict, items, path)?;
        }
        if let Some(part) = schema.field("contains").filter(|_| self.since(Draft::Six)) {
            self.contains(verdict, part, items, path)?;
        }
        verdict.score += 1;
        Ok(())
    }

    fn items(
        &mut self,
        verdict: &mut Verdict,
        schema: &Value,
        items: &[Value],
        path: &str,
    ) -> Done {
        let by_place = match schema.field("items") {
            None => return Ok(()),
            Some(Value::Array(by_place)) => by_place.as_slice(),
            Some(single) => return self.each(verdict, single, items, 0, path),
        };
        for (at, (part, item)) in by_place.iter().zip(items).enumerate() {
            let judged = self.value(part, item, &below(path, at))?;
            verdict.merge(judged);
        }
        let Some(further) = items.get(by_place.len()..).filter(|further| !further.is_empty())
        else {
            return Ok(());
        };
        match schema.field("additionalItems") {
            Some(Value::Bool(false)) if !by_place.is_empty() => {
                let description = "No additional items allowed on array".to_owned();
                self.complain(verdict, "array_no_additional_items", path, description)
            }
            Some(part @ Value::Object(_)) if !by_place.is_empty() => {
                self.each(verdict, part, further, by_place.len(), path)
            }
            _ => Ok(()),
        }
    }

    fn each(
        &mut self,
        verdict: &mut Verdict,
        schema: &Value,
        items: &[Value],
        first: usize,
        path: &str,
    ) -> Done {
        for (at, item) in items.iter().enumerate() {
            let judged = self.value(schema, item, &below(path, first + at))?;
            verdict.merge(judged);
        }
        Ok(())
    }

    fn unique(&mut self, verdict: &mut Verdict, items: &[Value], path: &str) -> Done {
        self.context.allocate_values(items.len().saturating_mul(2))?;
        let mut seen: BTreeMap<&Value, usize> = BTreeMap::new();
        for (at, item) in items.iter().enumerate() {
            self.context.work(1_000)?;
            if let Some(before) = seen.insert(item, at) {
                let description = format!("array items[{before},{at}] must be unique");
                self.complain(verdict, "unique", path, description)?;
            }
        }
        Ok(())
    }

    fn contains(
        &mut self,
        verdict: &mut Verdict,
        schema: &Value,
        items: &[Value],
        path: &str,
    ) -> Done {
        let mut best = None;
        for (at, item) in items.iter().enumerate() {
            let judged = self.value(schema, item, &below(path, at))?;
            if judged.valid() {
                return Ok(());
            }
            best = Some(Verdict::nearer(best, judged));
        }
        let description = "At least one of the items must match".to_owned();
        self.complain(verdict, "contains", path, description)?;
        if let Some(best) = best {
            verdict.merge(best);
        }
        Ok(())
    }

    pub(super) fn object(
        &mut self,
        verdict: &mut Verdict,
        schema: &Value,
        object: &Object,
        path: &str,
    ) -> Done {
        let length = object.len();
        if let Some(least) = count(schema, "minProperties").filter(|least| length < *least) {
            let description = format!("Must have at least {least} properties");
            self.complain(verdict, "array_min_properties", path, description)?;
        }
        if let Some(most) = count(schema, "maxProperties").filter(|most| length > *most) {
            let description = format!("Must have at most {most} properties");
            self.complain(verdict, "array_max_properties", path, description)?;
        }
        let required = schema.field("required").and_then(Value::as_array);
        for name in required.into_iter().flat_map(|names| names.iter()) {
            self.context.step()?;
            if object.get(name).is_some() {
                verdict.score += 1;
            } else {
                let description = format!("{} is required", name.as_str().unwrap_or_default());
                self.complain(verdict, "required", path, description)?;
            }
        }
        self.additional(verdict, schema, object, path)?;
        if let Some(part) = schema.field("propertyNames").filter(|_| self.since(Draft::Six)) {
            for name in object.keys() {
                let judged = self.value(part, name, path)?;
                if !judged.valid() {
                    let name = name.as_str().unwrap_or_default();
                    let description = format!("Property name of \"{name}\" does not match");
                    self.complain(verdict, "invalid_property_name", path, description)?;
                    verdict.merge(judged);
                }
            }
        }
        verdict.score += 1;
        Ok(())
    }

    /// The properties that no name tells of.
    fn additional(
        &mut self,
        verdict: &mut Verdict,
        schema: &Value,
        object: &Object,
        path: &str,
    ) -> Done {
        let named = schema.field("properties").and_then(Value::as_object);
        let patterns = schema.field("patternProperties").and_then(Value::as_object);
        let otherwise = schema.field("additionalProperties");
        if patterns.is_none() && otherwise.is_none() {
            return Ok(());
        }
        for (key, value) in object {
            let name = key.as_str().unwrap_or_default();
            let mut found = false;
            for (pattern, part) in patterns.into_iter().flat_map(|patterns| patterns.iter()) {
                let pattern = pattern.as_str().unwrap_or_default();
                if formats::matches(self.context, pattern, name)? {
                    found = true;
                    let judged = self.value(part, value, &below(path, name))?;
                    verdict.merge(judged);
                }
            }
            verdict.score += i64::from(found);
            if found || named.is_some_and(|named| named.get(key).is_some()) {
                continue;
            }
            match otherwise {
                Some(Value::Bool(false)) => {
                    let description = format!("Additional property {name} is not allowed");
                    let kind = "additional_property_not_allowed";
                    self.complain(verdict, kind, path, description)?;
                }
                Some(part @ Value::Object(_)) => {
                    let judged = self.value(part, value, &below(path, name))?;
                    verdict.merge(judged);
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn properties(
        &mut self,
        verdict: &mut Verdict,
        schema: &Value,
        object: &Object,
        path: &str,
    ) -> Done {
        let named = schema.field("properties").and_then(Value::as_object);
        for (name, part) in named.into_iter().flat_map(|named| named.iter()) {
            self.context.step()?;
            if let Some(value) = object.get(name) {
                let place = below(path, name.as_str().unwrap_or_default());
                let judged = self.value(part, value, &place)?;
                verdict.merge(judged);
            }
        }
        Ok(())
    }
}
