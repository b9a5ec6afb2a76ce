//! Refuses data that lies where a rule stands: rule data must not silence a `deny`.

use crate::rules::{RuleForm, RuleText};
use crate::{CompileError, RulePath, Value};

/// Checks that no rule's path is taken by data.
pub(crate) fn check(rules: &[RuleText], data: &Value) -> Result<(), CompileError> {
    for rule in rules.iter().filter(|rule| rule.form != RuleForm::Function) {
        let mut at = data;
        let path = rule.package.iter().chain(&rule.name);
        let taken = path.into_iter().try_for_each(|part| {
            let Some(fields) = at.as_object() else { return Err(true) };
            at = fields.field(part).ok_or(false)?;
            Ok(())
        });
        if matches!(taken, Ok(()) | Err(true)) {
            let name = rule.name.first().map_or("", String::as_str);
            let path = RulePath::new(&rule.package, name);
            let message = format!("data stands in the place of {path}");
            return Err(CompileError::at(&rule.file, rule.line, 0, message));
        }
    }
    Ok(())
}
