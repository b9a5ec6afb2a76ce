//! Reads the first document of a YAML text as a value.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, StrInput, Tag};

use super::resolve::{Scalar, json_number, resolve};
use crate::engine::builtins::encoding::base64;
use crate::engine::builtins::{BuiltinError, Context};
use crate::engine::number::Number;
use crate::engine::value::{NESTING, Value};

/// A value of a byte of text may take this much memory.
const MEMORY_PER_BYTE: usize = 12;

/// The value of the first document; the others must be well formed too.
pub(super) fn read(context: &mut Context, text: &str) -> Result<Value, BuiltinError> {
    context.work(text.len().saturating_mul(8))?;
    context.allocate(text.len().saturating_mul(MEMORY_PER_BYTE))?;
    let mut reader = Reader { parser: Parser::new_from_str(text), anchors: HashMap::new() };
    let mut first = None;
    loop {
        match reader.next()? {
            Event::StreamEnd => return Ok(first.unwrap_or(Value::Null)),
            Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
            event => {
                let node = reader.node(context, event, 0)?;
                if first.is_none() {
                    first = Some(node.value()?);
                }
            }
        }
    }
}

fn failed(message: impl std::fmt::Display) -> BuiltinError {
    BuiltinError::evaluation(message.to_string())
}

fn malformed(error: &ScanError) -> BuiltinError {
    let line = error.marker().line();
    failed(format_args!("yaml: line {line}: {}", error.info()))
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Node>,
}

/// A node: keys need to know what a scalar was written as.
#[derive(Clone)]
enum Node {
    Scalar(Scalar, String),
    Value(Value),
}

impl Node {
    fn value(self) -> Result<Value, BuiltinError> {
        let (scalar, text) = match self {
            Self::Value(value) => return Ok(value),
            Self::Scalar(scalar, text) => (scalar, text),
        };
        Ok(match scalar {
            Scalar::Null => Value::Null,
            Scalar::Bool(value) => Value::Bool(value),
            Scalar::Signed(integer) => Value::from(integer),
            Scalar::Unsigned(integer) => Value::from(integer),
            Scalar::Float(float) => {
                let text = json_number(float).ok_or_else(|| {
                    let name = if float.is_nan() {
                        "NaN"
                    } else if float > 0.0 {
                        "+Inf"
                    } else {
                        "-Inf"
                    };
                    failed(format_args!("json: unsupported value: {name}"))
                })?;
                Value::Number(Number::parse(&text).map_err(failed)?)
            }
            Scalar::Merge | Scalar::Text => Value::from(text),
        })
    }

    /// The text that the node is as a key of an object.
    fn key(self) -> Result<String, BuiltinError> {
        match self {
            Self::Scalar(Scalar::Null, _) => Err(failed("unsupported map key of type: %!s(<nil>)")),
            Self::Scalar(Scalar::Float(float), _) => Ok(float_key(float)),
            scalar @ Self::Scalar(..) => match scalar.value()? {
                Value::String(text) => Ok(text.to_string()),
                other => Ok(other.to_string()),
            },
            Self::Value(value) => Err(failed(format_args!("yaml: invalid map key: {value}"))),
        }
    }
}

/// A key that is a float, printed with the digits of one of 32 bits.
fn float_key(float: f64) -> String {
    if !float.is_finite() {
        let name = if float > 0.0 { ".inf" } else { "-.inf" };
        return if float.is_nan() { ".nan" } else { name }.to_owned();
    }
    #[expect(clippy::cast_possible_truncation, reason = "as Go's package does")]
    let short: f64 = (float as f32).to_string().parse().unwrap_or(float);
    Number::from_f64(short).map_or_else(|| short.to_string(), |number| number.to_string())
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Event<'a>, BuiltinError> {
        match self.parser.next_event() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(error)) => Err(malformed(&error)),
            None => Ok(Event::StreamEnd),
        }
    }

    fn node(
        &mut self,
        context: &mut Context,
        event: Event<'a>,
        depth: u32,
    ) -> Result<Node, BuiltinError> {
        context.step()?;
        if depth > NESTING {
            return Err(BuiltinError::limit("YAML is nested too deeply"));
        }
        let (anchor, node) = match event {
            Event::Alias(id) => {
                let known = self.anchors.get(&id);
                return known.cloned().ok_or_else(|| failed("yaml: unknown anchor referenced"));
            }
            Event::Scalar(text, style, anchor, tag) => {
                (anchor, scalar(text.into_owned(), style, tag.as_deref())?)
            }
            Event::SequenceStart(_, anchor, _) => (anchor, self.sequence(context, depth)?),
            Event::MappingStart(_, anchor, _) => (anchor, self.mapping(context, depth)?),
            _ => return Err(failed("yaml: did not find expected node content")),
        };
        if let Node::Value(value) = &node
            && value.nesting() > NESTING
        {
            return Err(BuiltinError::limit("YAML is nested too deeply"));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn sequence(&mut self, context: &mut Context, depth: u32) -> Result<Node, BuiltinError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(Node::Value(Value::array(items))),
                event => items.push(self.node(context, event, depth + 1)?.value()?),
            }
        }
    }

    /// Of keys that are there twice, the last counts; what is merged in counts least.
    fn mapping(&mut self, context: &mut Context, depth: u32) -> Result<Node, BuiltinError> {
        let mut own = Vec::new();
        let mut merged: Vec<Value> = Vec::new();
        loop {
            let key = match self.next()? {
                Event::MappingEnd => break,
                event => self.node(context, event, depth + 1)?,
            };
            let event = self.next()?;
            let value = self.node(context, event, depth + 1)?.value()?;
            match (key, value) {
                (Node::Scalar(Scalar::Merge, _), Value::Array(several)) => {
                    merged.extend_from_slice(several.as_slice());
                }
                (Node::Scalar(Scalar::Merge, _), one) => merged.push(one),
                (key, value) => own.push((Value::from(key.key()?), value)),
            }
        }
        let mut entries = Vec::new();
        // Of what is merged in, the first counts most.
        for value in merged.iter().rev() {
            let Value::Object(object) = value else {
                return Err(failed(
                    "yaml: map merge requires map or sequence of maps as the value",
                ));
            };
            context.allocate_values(object.len().saturating_mul(2))?;
            entries.extend(object.iter().cloned());
        }
        entries.append(&mut own);
        Ok(Node::Value(Value::object(entries)))
    }
}

fn scalar(text: String, style: ScalarStyle, tag: Option<&Tag>) -> Result<Node, BuiltinError> {
    let plain = style == ScalarStyle::Plain;
    let Some(tag) = tag else {
        let scalar = if plain { resolve(&text) } else { Scalar::Text };
        return Ok(Node::Scalar(scalar, text));
    };
    let name = match tag.handle() {
        "tag:yaml.org,2002:" | "!!" => tag.suffix(),
        _ => return Ok(Node::Scalar(Scalar::Text, text)),
    };
    let meaning = resolve(&text);
    let scalar = match (name, meaning) {
        ("binary", _) => {
            let bytes = base64::decode(&text, base64::STANDARD)
                .map_err(|_| failed("yaml: !!binary value contains invalid base64 data"))?;
            let text = crate::engine::builtins::binary::text(bytes)?;
            return Ok(Node::Scalar(Scalar::Text, text));
        }
        ("float", Scalar::Signed(integer)) => {
            #[expect(clippy::cast_precision_loss, reason = "rounding is what the tag asks for")]
            let float = integer as f64;
            Scalar::Float(float)
        }
        ("int", scalar @ (Scalar::Signed(_) | Scalar::Unsigned(_)))
        | ("float", scalar @ Scalar::Float(_))
        | ("bool", scalar @ Scalar::Bool(_))
        | ("null", scalar @ Scalar::Null) => scalar,
        (wanted @ ("int" | "float" | "bool" | "null"), found) => {
            let found = match found {
                Scalar::Null => "null",
                Scalar::Bool(_) => "bool",
                Scalar::Signed(_) | Scalar::Unsigned(_) => "int",
                Scalar::Float(_) => "float",
                Scalar::Merge => "merge",
                Scalar::Text => "str",
            };
            let what = format!("yaml: cannot decode !!{found} `{text}` as a !!{wanted}");
            return Err(failed(what));
        }
        _ => Scalar::Text,
    };
    Ok(Node::Scalar(scalar, text))
}
