//! The declared types of builtins.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::engine::builtins::{self, Declaration, Type as Declared};
use crate::engine::types::{Maybe, Type, or};
use crate::engine::value::Value;

static DECLARED: LazyLock<HashMap<&'static str, Type>> = LazyLock::new(|| {
    let all = builtins::all().map(|one| &one.declaration);
    all.map(|declaration| (declaration.name, converted(declaration))).collect()
});

/// The type of a builtin.
pub(super) fn declared(declaration: &Declaration) -> Type {
    DECLARED.get(declaration.name).cloned().unwrap_or_else(|| converted(declaration))
}

fn converted(declaration: &Declaration) -> Type {
    let arguments = declaration.arguments.iter().map(of).collect();
    Type::function(arguments, of(&declaration.result))
}

fn of(declared: &Declared) -> Maybe {
    Some(match declared {
        Declared::Any => Type::Anything,
        Declared::Null => Type::Null,
        Declared::Boolean => Type::Boolean,
        Declared::Number => Type::Number,
        Declared::String => Type::String,
        Declared::Array(items, rest) => {
            Type::array(items.iter().map(of).collect(), rest.and_then(of))
        }
        Declared::Object(fields, rest) => {
            let fields = fields.iter().map(|(name, value)| (Value::from(*name), of(value)));
            Type::object(fields.collect(), rest.map(|(key, value)| (of(key), of(value))))
        }
        Declared::Set(item) => Type::set(of(item)),
        Declared::OneOf(several) => {
            return several.iter().map(of).fold(None, or);
        }
    })
}
