//! Reads the pipe of an action.

use super::{DEPTH, Operand, Pipe, Source, Word, constant, failed};
use crate::engine::builtins::BuiltinError;
use crate::engine::builtins::strings::template::functions::is_function;

/// The words of an action that are left.
pub(super) struct Words<'a> {
    rest: &'a [Word],
    depth: u32,
}

impl<'a> Words<'a> {
    pub(super) fn new(rest: &'a [Word]) -> Self {
        Self { rest, depth: 0 }
    }

    /// The pipe that all words make, which may set so many variables.
    pub(super) fn whole_pipe(mut self, variables: usize) -> Result<Pipe, BuiltinError> {
        let pipe = self.pipe(variables)?;
        if self.rest.is_empty() { Ok(pipe) } else { Err(failed("unexpected words in action")) }
    }

    fn pipe(&mut self, variables: usize) -> Result<Pipe, BuiltinError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(super::super::unsupported("very deep nesting"));
        }
        let mut pipe = Pipe::default();
        self.variables(&mut pipe, variables);
        loop {
            pipe.commands.push(self.command()?);
            match self.rest.split_first() {
                Some((Word::Sign("|"), rest)) => self.rest = rest,
                _ => break,
            }
        }
        self.depth -= 1;
        let piped = pipe.commands.iter().skip(1);
        if piped.filter_map(|command| command.first()).any(is_constant) {
            return Err(failed("non executable command in pipeline"));
        }
        Ok(pipe)
    }

    fn variables(&mut self, pipe: &mut Pipe, most: usize) {
        let set = |word: &Word| match word {
            Word::Sign(":=") => Some(true),
            Word::Sign("=") => Some(false),
            _ => None,
        };
        let (names, sign, rest) = match self.rest {
            [Word::Variable(name), sign, rest @ ..] if set(sign).is_some() => {
                (vec![name.clone()], sign, rest)
            }
            [Word::Variable(one), Word::Sign(","), Word::Variable(two), sign, rest @ ..]
                if most > 1 && set(sign).is_some() =>
            {
                (vec![one.clone(), two.clone()], sign, rest)
            }
            _ => return,
        };
        pipe.variables = names;
        pipe.declares = set(sign) == Some(true);
        self.rest = rest;
    }

    fn command(&mut self) -> Result<Vec<Operand>, BuiltinError> {
        let mut operands: Vec<Operand> = Vec::new();
        while let Some((word, rest)) = self.rest.split_first() {
            match word {
                Word::Sign("|" | ")") => break,
                Word::Sign("(") => {
                    self.rest = rest;
                    let pipe = self.pipe(0)?;
                    let Some((Word::Sign(")"), rest)) = self.rest.split_first() else {
                        return Err(failed("unclosed left paren"));
                    };
                    self.rest = rest;
                    let source = Source::Pipe(Box::new(pipe));
                    operands.push(Operand { source, fields: Vec::new() });
                }
                Word::Field(name, spaced) => {
                    self.rest = rest;
                    match operands.last_mut() {
                        Some(last) if !spaced && !name.is_empty() => last.fields.push(name.clone()),
                        Some(_) if !spaced => return Err(failed("unexpected <.> in operand")),
                        _ => operands.push(Operand {
                            source: Source::Dot,
                            fields: Some(name.clone())
                                .filter(|name| !name.is_empty())
                                .into_iter()
                                .collect(),
                        }),
                    }
                }
                word => {
                    self.rest = rest;
                    let source =
                        constant(word).ok_or_else(|| failed("unexpected sign in operand"))?;
                    if let Source::Function(name) = &source
                        && !is_function(name)
                    {
                        return Err(failed(format_args!("function \"{name}\" not defined")));
                    }
                    operands.push(Operand { source, fields: Vec::new() });
                }
            }
        }
        if operands.is_empty() { Err(failed("missing value for command")) } else { Ok(operands) }
    }
}

/// Whether a command cannot be given the result of another one.
fn is_constant(first: &Operand) -> bool {
    match first.source {
        Source::Literal(_) | Source::Nil => true,
        Source::Dot => first.fields.is_empty(),
        _ => false,
    }
}
