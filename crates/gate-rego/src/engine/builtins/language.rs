//! What the language itself calls: membership, interpolation, printing, walking, metadata.

use super::{Declared, Type};

const PATH_AND_VALUE: Type = Type::Array(&[Type::ARRAY, Type::Any], None);

pub(super) const TABLE: &[Declared] = &[Declared::evaluator("walk", &[Type::Any], PATH_AND_VALUE)];
