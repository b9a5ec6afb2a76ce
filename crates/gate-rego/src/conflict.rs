//! Refuses data that lies where a rule stands: the engine would answer with the data and never ask
//! the rule, so rule data could silence a `deny`.

use regorus::Value;

use crate::syntax::{RuleForm, RuleText};
use crate::{CompileError, policy};

/// Checks that no rule's path is taken by data.
pub(crate) fn check(rules: &[RuleText], data: &Value) -> Result<(), CompileError> {
    for rule in rules.iter().filter(|rule| rule.form != RuleForm::Function) {
        let mut at = data;
        let path = rule.package.iter().chain(&rule.name);
        let taken = path.into_iter().try_for_each(|part| {
            let Ok(fields) = at.as_object() else { return Err(true) };
            at = fields.get(&Value::from(part.as_str())).ok_or(false)?;
            Ok(())
        });
        if matches!(taken, Ok(()) | Err(true)) {
            let name = rule.name.first().map_or("", String::as_str);
            let message =
                format!("data stands in the place of {}", policy::rule_path(&rule.package, name));
            return Err(CompileError::at(&rule.file, rule.line, 0, message));
        }
    }
    Ok(())
}
