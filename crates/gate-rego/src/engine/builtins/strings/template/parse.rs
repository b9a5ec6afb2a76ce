//! Reads a template.

use super::data::Data;
use super::scan::{Piece, Word, pieces};
use super::tree::{Branch, Node, Operand, Pipe, Source, Templates};
use super::{DEPTH, failed};
use crate::engine::builtins::BuiltinError;
use crate::engine::value::Value;

mod pipe;

use pipe::Words;

/// The templates of a text.
pub(super) fn parse(source: &str) -> Result<Templates, BuiltinError> {
    let pieces = pieces(source)?;
    let mut parser =
        Parser { pieces: pieces.into_iter(), templates: Templates::new(), loops: 0, depth: 0 };
    let (nodes, end) = parser.list()?;
    if end != Stop::Text {
        return Err(failed("unexpected end or else"));
    }
    let mut templates = parser.templates;
    templates.insert(String::new(), nodes);
    Ok(templates)
}

/// What ends a list of nodes.
#[derive(PartialEq)]
enum Stop {
    Text,
    Keyword,
    Else(Vec<Word>),
}

struct Parser<'a> {
    pieces: std::vec::IntoIter<Piece<'a>>,
    templates: Templates,
    /// How many loops there are around.
    loops: u32,
    depth: u32,
}

impl Parser<'_> {
    fn list(&mut self) -> Result<(Vec<Node>, Stop), BuiltinError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(super::unsupported("very deep nesting"));
        }
        let mut nodes = Vec::new();
        let end = loop {
            let words = match self.pieces.next() {
                None => break Stop::Text,
                Some(Piece::Text(text)) => {
                    nodes.push(Node::Text(text.to_owned()));
                    continue;
                }
                Some(Piece::Action(words)) => words,
            };
            let (keyword, rest) = match words.split_first() {
                Some((Word::Name(name), rest)) => (name.as_str(), rest),
                _ => ("", words.as_slice()),
            };
            match keyword {
                "end" if rest.is_empty() => break Stop::Keyword,
                "else" => break Stop::Else(rest.to_vec()),
                "if" => nodes.push(Node::If(self.branch(rest)?)),
                "with" => nodes.push(Node::With(self.branch(rest)?)),
                "range" => {
                    self.loops += 1;
                    let branch = self.branch(rest);
                    self.loops -= 1;
                    nodes.push(Node::Range(branch?));
                }
                "break" | "continue" if self.loops == 0 => {
                    return Err(failed(format_args!("{{{{{keyword}}}}} outside {{{{range}}}}")));
                }
                "break" => nodes.push(Node::Break),
                "continue" => nodes.push(Node::Continue),
                "define" => self.define(rest)?,
                "template" => nodes.push(template(rest)?),
                "block" => {
                    self.define(rest.get(..1).unwrap_or_default())?;
                    nodes.push(template(rest)?);
                }
                _ => nodes.push(Node::Action(Words::new(&words).whole_pipe(1)?)),
            }
        };
        self.depth -= 1;
        Ok((nodes, end))
    }

    fn branch(&mut self, words: &[Word]) -> Result<Branch, BuiltinError> {
        let pipe = Words::new(words).whole_pipe(2)?;
        let (body, end) = self.list()?;
        let otherwise = match end {
            Stop::Text => return Err(failed("unexpected EOF")),
            Stop::Keyword => Vec::new(),
            Stop::Else(words) => match words.split_first() {
                None => match self.list()? {
                    (nodes, Stop::Keyword) => nodes,
                    _ => return Err(failed("expected end; found else or EOF")),
                },
                // `else if` stands for an `else` with an `if` in it and one `end` for both.
                Some((Word::Name(name), rest)) if name == "if" => {
                    vec![Node::If(self.nested(rest)?)]
                }
                Some((Word::Name(name), rest)) if name == "with" => {
                    vec![Node::With(self.nested(rest)?)]
                }
                Some(_) => return Err(failed("unexpected words in else")),
            },
        };
        Ok(Branch { pipe, body, otherwise })
    }

    fn nested(&mut self, words: &[Word]) -> Result<Branch, BuiltinError> {
        self.depth += 1;
        let branch = self.branch(words);
        self.depth -= 1;
        branch
    }

    fn define(&mut self, words: &[Word]) -> Result<(), BuiltinError> {
        let [Word::Text(name)] = words else {
            return Err(failed("unexpected words in define clause"));
        };
        let loops = std::mem::take(&mut self.loops);
        let (nodes, end) = self.list()?;
        self.loops = loops;
        if end != Stop::Keyword {
            return Err(failed("unexpected EOF or else in define clause"));
        }
        self.templates.insert(name.clone(), nodes);
        Ok(())
    }
}

fn template(words: &[Word]) -> Result<Node, BuiltinError> {
    let Some((Word::Text(name), rest)) = words.split_first() else {
        return Err(failed("unexpected words in template clause"));
    };
    let data = if rest.is_empty() { None } else { Some(Words::new(rest).whole_pipe(1)?) };
    Ok(Node::Template { name: name.clone(), data })
}

/// An operand of a constant or a name.
fn constant(word: &Word) -> Option<Source> {
    Some(match word {
        Word::Text(text) => Source::Literal(Data::text(text.as_str())),
        Word::Integer(number) => Source::Literal(Data::Integer(*number)),
        Word::Float(number) => Source::Literal(Data::Float(*number)),
        Word::Name(name) => match name.as_str() {
            "true" => Source::Literal(Data::Value(Value::Bool(true))),
            "false" => Source::Literal(Data::Value(Value::Bool(false))),
            "nil" => Source::Nil,
            name => Source::Function(name.to_owned()),
        },
        Word::Variable(name) => Source::Variable(name.clone()),
        _ => return None,
    })
}
