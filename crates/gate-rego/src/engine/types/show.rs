//! Types as OPA's messages write them.

use std::fmt;

use super::{Maybe, Type};
use crate::engine::value::Value;

/// A type that may not be known, for messages.
pub(crate) fn shown(of: &Maybe) -> String {
    of.as_ref().map_or_else(|| "???".to_owned(), Type::to_string)
}

/// Several, for lists of arguments.
pub(crate) fn listed(types: &[Maybe]) -> String {
    types.iter().map(shown).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean => f.write_str("boolean"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::Anything => f.write_str("any"),
            Self::Array(array) => {
                f.write_str("array")?;
                if !array.items.is_empty() {
                    write!(f, "<{}>", listed(&array.items))?;
                }
                match &array.rest {
                    Some(rest) => write!(f, "[{rest}]"),
                    None => Ok(()),
                }
            }
            Self::Object(object) => {
                f.write_str("object")?;
                if !object.fields.is_empty() {
                    let field = |(key, value): &(Value, Maybe)| {
                        let name = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                        format!("{name}: {}", shown(value))
                    };
                    let fields: Vec<_> = object.fields.iter().map(field).collect();
                    write!(f, "<{}>", fields.join(", "))?;
                }
                match &object.rest {
                    Some((key, value)) => write!(f, "[{}: {}]", shown(key), shown(value)),
                    None => Ok(()),
                }
            }
            Self::Set(set) => match &set.of {
                Some(of) => write!(f, "set[{of}]"),
                None => f.write_str("set"),
            },
            Self::OneOf(several) => {
                let names: Vec<_> = several.iter().map(Self::to_string).collect();
                write!(f, "any<{}>", names.join(", "))
            }
            Self::Function(function) => {
                write!(f, "({}) => {}", listed(&function.arguments), shown(&function.result))
            }
        }
    }
}
