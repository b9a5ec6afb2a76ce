//! `walk`: every value within a value, with the path to it.

use super::{Failure, Flow, Frame, Next, Session, Taker};
use crate::engine::ast::Span;
use crate::engine::program::{Call, Pattern};
use crate::engine::value::Value;

/// A walk under way.
struct Walk<'p> {
    span: Span,
    pattern: &'p Pattern,
    /// Whether anybody asks for the paths: making them costs more than the walk.
    paths: bool,
    path: Vec<Value>,
}

impl<'p> Session<'p> {
    /// Tries each result of a call that has many.
    pub(super) fn relation(
        &mut self,
        call: &'p Call,
        pattern: &'p Pattern,
        frame: &mut Frame,
        then: Taker<'_, 'p>,
    ) -> Flow {
        let Some(arguments) = self.terms(&call.arguments, frame)? else { return Ok(Next::More) };
        let Some(value) = arguments.first() else { return Ok(Next::More) };
        let paths = !matches!(pattern, Pattern::Array(parts)
            if matches!(**parts, [Pattern::Any, _]));
        let mut walk = Walk { span: call.span, pattern, paths, path: Vec::new() };
        self.walk(&mut walk, value, frame, then)
    }

    fn walk(
        &mut self,
        walk: &mut Walk<'p>,
        value: &Value,
        frame: &mut Frame,
        then: Taker<'_, 'p>,
    ) -> Flow {
        self.step(walk.span)?;
        if self.walked(walk, value, frame)? && then(self, frame)? == Next::Enough {
            return Ok(Next::Enough);
        }
        match value {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    if self.walk_under(walk, Value::from(at), item, frame, then)? == Next::Enough {
                        return Ok(Next::Enough);
                    }
                }
            }
            Value::Object(object) => {
                for (key, item) in object.iter() {
                    if self.walk_under(walk, key.clone(), item, frame, then)? == Next::Enough {
                        return Ok(Next::Enough);
                    }
                }
            }
            Value::Set(items) => {
                for item in items.iter() {
                    if self.walk_under(walk, item.clone(), item, frame, then)? == Next::Enough {
                        return Ok(Next::Enough);
                    }
                }
            }
            _ => {}
        }
        Ok(Next::More)
    }

    fn walk_under(
        &mut self,
        walk: &mut Walk<'p>,
        key: Value,
        value: &Value,
        frame: &mut Frame,
        then: Taker<'_, 'p>,
    ) -> Flow {
        walk.path.push(key);
        let flow = self.walk(walk, value, frame, then);
        walk.path.pop();
        flow
    }

    fn walked(
        &mut self,
        walk: &Walk<'p>,
        value: &Value,
        frame: &mut Frame,
    ) -> Result<bool, Failure> {
        if !walk.paths
            && let Pattern::Array(parts) = walk.pattern
        {
            return self.matches(&parts[1], value, frame);
        }
        let pair = Value::array(vec![Value::array(walk.path.clone()), value.clone()]);
        self.matches(walk.pattern, &pair, frame)
    }
}
