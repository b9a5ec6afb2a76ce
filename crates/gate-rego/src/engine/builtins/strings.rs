//! Functions over text.

use super::operands::{array, string, strings, wrong_type};
use super::{Context, Declared, Outcome, Type, printf};
use crate::engine::value::Value;

mod affix;
mod case;
mod number;
mod replace;
mod search;
mod split;
mod template;
mod trim;

const TEXT: &[Type] = &[Type::String];
const TEXTS: &[Type] = &[Type::String, Type::String];
const THREE: &[Type] = &[Type::String, Type::String, Type::String];
const TEXT_OR_TEXTS: Type = Type::OneOf(&[Type::String, Type::STRINGS, Type::STRING_SET]);
const NUMBERS: Type = Type::Array(&[], Some(&Type::Number));
const PATTERNS: Type = Type::Object(&[], Some(&(Type::String, Type::String)));

const VARIABLES: Type = Type::Object(&[], Some(&(Type::String, Type::Any)));

pub(super) const TABLE: &[Declared] = &[
    Declared::new("concat", &[Type::String, Type::STRING_LIST], Type::String, concat),
    Declared::new("contains", TEXTS, Type::Boolean, search::contains),
    Declared::new("endswith", TEXTS, Type::Boolean, affix::ends_with),
    Declared::new("format_int", &[Type::Number, Type::Number], Type::String, number::format_int),
    Declared::new("indexof", TEXTS, Type::Number, search::index_of),
    Declared::new("indexof_n", TEXTS, NUMBERS, search::index_of_n),
    Declared::new("lower", TEXT, Type::String, case::lower),
    Declared::new("replace", THREE, Type::String, replace::replace),
    Declared::new("split", TEXTS, Type::STRINGS, split::split),
    Declared::new("sprintf", &[Type::String, Type::ARRAY], Type::String, sprintf),
    Declared::new("startswith", TEXTS, Type::Boolean, affix::starts_with),
    Declared::new(
        "strings.any_prefix_match",
        &[TEXT_OR_TEXTS, TEXT_OR_TEXTS],
        Type::Boolean,
        affix::any_prefix_match,
    ),
    Declared::new(
        "strings.any_suffix_match",
        &[TEXT_OR_TEXTS, TEXT_OR_TEXTS],
        Type::Boolean,
        affix::any_suffix_match,
    ),
    Declared::new("strings.count", TEXTS, Type::Number, search::count),
    Declared::new(
        "strings.render_template",
        &[Type::String, VARIABLES],
        Type::String,
        template::render_template,
    ),
    Declared::new("strings.replace_n", &[PATTERNS, Type::String], Type::String, replace::replace_n),
    Declared::new("strings.reverse", TEXT, Type::String, case::reverse),
    Declared::new(
        "strings.split_n",
        &[Type::String, Type::String, Type::Number],
        Type::STRINGS,
        split::split_n,
    ),
    Declared::new(
        "substring",
        &[Type::String, Type::Number, Type::Number],
        Type::String,
        split::substring,
    ),
    Declared::new("trim", TEXTS, Type::String, trim::trim),
    Declared::new("trim_left", TEXTS, Type::String, trim::trim_left),
    Declared::new("trim_prefix", TEXTS, Type::String, trim::trim_prefix),
    Declared::new("trim_right", TEXTS, Type::String, trim::trim_right),
    Declared::new("trim_space", TEXT, Type::String, trim::trim_space),
    Declared::new("trim_suffix", TEXTS, Type::String, trim::trim_suffix),
    Declared::new("upper", TEXT, Type::String, case::upper),
];

fn concat(context: &mut Context, operands: &[Value]) -> Outcome {
    let separator = string(&operands[0], 1)?;
    if !matches!(operands[1], Value::Array(_) | Value::Set(_)) {
        return Err(wrong_type(2, &operands[1], &["set", "array"]));
    }
    let parts = strings(&operands[1], 2)?;
    let between = separator.len().saturating_mul(parts.len().saturating_sub(1));
    let length = parts.iter().map(|part| part.len()).sum::<usize>().saturating_add(between);
    context.allocate(length)?;
    context.work(length)?;
    Ok(Some(Value::from(parts.join(separator))))
}

fn sprintf(context: &mut Context, operands: &[Value]) -> Outcome {
    let format = string(&operands[0], 1)?;
    let values = array(&operands[1], 2)?;
    let text = printf::print(context, format, values.as_slice())?;
    Ok(Some(Value::from(text)))
}

#[cfg(test)]
mod tests;
