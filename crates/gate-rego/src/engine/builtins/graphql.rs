//! `graphql.*`: known by name alone.

use super::{Declared, Type};

const DOCUMENT: Type = Type::OneOf(&[Type::String, Type::OBJECT]);
const TWO: Type = Type::Array(&[Type::OBJECT, Type::OBJECT], None);
const THREE: Type = Type::Array(&[Type::Boolean, Type::OBJECT, Type::OBJECT], None);
const REASON: &str = "policies cannot read GraphQL yet";

pub(super) const TABLE: &[Declared] = &[
    Declared::absent("graphql.is_valid", &[DOCUMENT, DOCUMENT], Type::Boolean, REASON),
    Declared::absent("graphql.parse", &[DOCUMENT, DOCUMENT], TWO, REASON),
    Declared::absent("graphql.parse_and_verify", &[DOCUMENT, DOCUMENT], THREE, REASON),
    Declared::absent("graphql.parse_query", &[Type::String], Type::OBJECT, REASON),
    Declared::absent("graphql.parse_schema", &[Type::String], Type::OBJECT, REASON),
    Declared::absent("graphql.schema_is_valid", &[DOCUMENT], Type::Boolean, REASON),
];
