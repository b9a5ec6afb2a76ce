//! Renders a template.

use super::data::Data;
use super::functions;
use super::tree::{Branch, Node, Operand, Pipe, Source, Templates};
use super::{DEPTH, failed, unsupported};
use crate::engine::builtins::{BuiltinError, Context};
use crate::engine::value::Value;

type Evaluated = Result<Data, BuiltinError>;

/// The text of the templates' main one.
pub(super) fn render(
    context: &mut Context,
    templates: &Templates,
    variables: Value,
) -> Result<String, BuiltinError> {
    let mut renderer =
        Renderer { context, templates, variables: Vec::new(), text: String::new(), depth: 0 };
    renderer.template("", &Data::Value(variables))?;
    Ok(renderer.text)
}

/// How a list of nodes ended.
#[derive(PartialEq)]
enum Flow {
    On,
    Break,
    Continue,
}

struct Renderer<'a> {
    context: &'a mut Context,
    templates: &'a Templates,
    variables: Vec<(String, Data)>,
    text: String,
    depth: u32,
}

impl Renderer<'_> {
    fn push(&mut self, text: &str) -> Result<(), BuiltinError> {
        self.context.allocate(text.len())?;
        self.context.work(text.len())?;
        self.text.push_str(text);
        Ok(())
    }

    fn template(&mut self, name: &str, data: &Data) -> Result<(), BuiltinError> {
        let nodes = self.templates.get(name);
        let nodes = nodes.ok_or_else(|| failed(format_args!("template \"{name}\" not defined")))?;
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(unsupported("very deep nesting"));
        }
        let variables = std::mem::take(&mut self.variables);
        // `$` is what the template was given.
        self.variables.push((String::new(), data.clone()));
        self.list(nodes, data)?;
        self.variables = variables;
        self.depth -= 1;
        Ok(())
    }

    fn list(&mut self, nodes: &[Node], dot: &Data) -> Result<Flow, BuiltinError> {
        let known = self.variables.len();
        let mut flow = Flow::On;
        for node in nodes {
            self.context.step()?;
            flow = self.node(node, dot)?;
            if flow != Flow::On {
                break;
            }
        }
        self.variables.truncate(known);
        Ok(flow)
    }

    fn node(&mut self, node: &Node, dot: &Data) -> Result<Flow, BuiltinError> {
        match node {
            Node::Text(text) => self.push(text)?,
            Node::Action(pipe) => {
                let data = self.pipe(pipe, dot)?;
                if pipe.variables.is_empty() {
                    self.context.work(1_000)?;
                    self.push(&data.written())?;
                } else {
                    self.set(pipe, 0, data)?;
                }
            }
            Node::If(branch) => return self.condition(branch, dot, false),
            Node::With(branch) => return self.condition(branch, dot, true),
            Node::Range(branch) => return self.range(branch, dot),
            Node::Template { name, data } => {
                let data = match data {
                    Some(pipe) => self.pipe(pipe, dot)?,
                    None => Data::Missing,
                };
                self.template(name, &data)?;
            }
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::On)
    }

    /// Sets one of a pipe's variables.
    fn set(&mut self, pipe: &Pipe, at: usize, data: Data) -> Result<(), BuiltinError> {
        let Some(name) = pipe.variables.get(at) else { return Ok(()) };
        if pipe.declares {
            self.variables.push((name.clone(), data));
            return Ok(());
        }
        let known = self.variables.iter_mut().rev().find(|(known, _)| known == name);
        known.ok_or_else(|| undefined(name))?.1 = data;
        Ok(())
    }

    fn condition(
        &mut self,
        branch: &Branch,
        dot: &Data,
        narrows: bool,
    ) -> Result<Flow, BuiltinError> {
        let known = self.variables.len();
        let data = self.pipe(&branch.pipe, dot)?;
        self.set(&branch.pipe, 0, data.clone())?;
        let flow = if data.is_true() {
            self.list(&branch.body, if narrows { &data } else { dot })
        } else {
            self.list(&branch.otherwise, dot)
        };
        self.variables.truncate(known);
        flow
    }

    fn range(&mut self, branch: &Branch, dot: &Data) -> Result<Flow, BuiltinError> {
        let known = self.variables.len();
        let items: Vec<(Data, Data)> = match self.pipe(&branch.pipe, dot)? {
            data if data.is_nil() => Vec::new(),
            Data::Value(Value::Array(items)) => {
                self.context.allocate_values(items.len().saturating_mul(4))?;
                let numbered = (0_i64..).zip(items.iter());
                numbered.map(|(at, item)| (Data::Integer(at), Data::Value(item.clone()))).collect()
            }
            Data::Value(Value::Object(object)) => {
                self.context.allocate_values(object.len().saturating_mul(4))?;
                let data = |value: &Value| Data::Value(value.clone());
                object.iter().map(|(key, value)| (data(key), data(value))).collect()
            }
            Data::Integer(_) => return Err(unsupported("a range over a number")),
            _ => return Err(failed("range can't iterate over this value")),
        };
        let mut flow = Flow::On;
        if items.is_empty() {
            flow = self.list(&branch.otherwise, dot)?;
        }
        for (key, item) in items {
            self.context.step()?;
            if branch.pipe.variables.len() > 1 {
                self.set(&branch.pipe, 0, key)?;
                self.set(&branch.pipe, 1, item.clone())?;
            } else {
                self.set(&branch.pipe, 0, item.clone())?;
            }
            let ended = self.list(&branch.body, &item)?;
            self.variables.truncate(known);
            if ended == Flow::Break {
                break;
            }
        }
        Ok(flow)
    }

    fn pipe(&mut self, pipe: &Pipe, dot: &Data) -> Evaluated {
        let mut given = None;
        for command in &pipe.commands {
            given = Some(self.command(command, dot, given)?);
        }
        Ok(given.unwrap_or(Data::Missing))
    }

    fn command(&mut self, command: &[Operand], dot: &Data, given: Option<Data>) -> Evaluated {
        self.context.step()?;
        let Some((first, rest)) = command.split_first() else { return Ok(Data::Missing) };
        let Source::Function(name) = &first.source else {
            if !rest.is_empty() || given.is_some() {
                return Err(failed("can't give argument to non-function"));
            }
            if matches!(first.source, Source::Nil) {
                return Err(failed("nil is not a command"));
            }
            return self.operand(first, dot);
        };
        if !first.fields.is_empty() {
            return Err(unsupported("a field of a function"));
        }
        let count = rest.len() + usize::from(given.is_some());
        if matches!(name.as_str(), "and" | "or") && count > 0 {
            // What follows the operand that decides is not evaluated.
            for operand in rest {
                let data = self.operand(operand, dot)?;
                if data.is_true() == (name == "or") {
                    return Ok(data);
                }
                if given.is_none() && std::ptr::eq(operand, &raw const rest[rest.len() - 1]) {
                    return Ok(data);
                }
            }
            return Ok(given.unwrap_or(Data::Missing));
        }
        let mut operands = Vec::with_capacity(count);
        for operand in rest {
            operands.push(self.operand(operand, dot)?);
        }
        operands.extend(given);
        functions::call(self.context, name, &operands)
    }

    fn operand(&mut self, operand: &Operand, dot: &Data) -> Evaluated {
        let mut data = match &operand.source {
            Source::Dot => dot.clone(),
            Source::Variable(name) => {
                let known = self.variables.iter().rev().find(|(known, _)| known == name);
                known.ok_or_else(|| undefined(name))?.1.clone()
            }
            Source::Literal(data) => data.clone(),
            Source::Nil => Data::Missing,
            Source::Pipe(pipe) => self.pipe(pipe, dot)?,
            // A function among the operands of another one is called without any.
            Source::Function(name) => functions::call(self.context, name, &[])?,
        };
        for field in &operand.fields {
            data = data.field(field)?;
        }
        Ok(data)
    }
}

fn undefined(name: &str) -> BuiltinError {
    failed(format_args!("undefined variable \"${name}\""))
}
