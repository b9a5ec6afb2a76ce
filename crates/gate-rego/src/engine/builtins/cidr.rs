//! `net.cidr_*`: networks and addresses as Go reads them.

use super::operands::string;
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::value::Value;

mod merge;
mod network;

use network::{Address, Network};

const TWO: &[Type] = &[Type::String, Type::String];
const ENTRY: Type = Type::OneOf(&[Type::String, Type::ARRAY]);
const ENTRIES: Type = Type::OneOf(&[
    Type::String,
    Type::Array(&[], Some(&ENTRY)),
    Type::Object(&[], Some(&(Type::String, ENTRY))),
    Type::Set(&ENTRY),
]);
const PAIRS: Type = Type::Set(&Type::Array(&[Type::Any, Type::Any], None));

pub(super) const TABLE: &[Declared] = &[
    Declared::new("net.cidr_contains", TWO, Type::Boolean, contains),
    Declared::new("net.cidr_contains_matches", &[ENTRIES, ENTRIES], PAIRS, contains_matches),
    Declared::new("net.cidr_expand", &[Type::String], Type::STRING_SET, expand),
    Declared::new("net.cidr_intersects", TWO, Type::Boolean, intersects),
    Declared::new("net.cidr_is_valid", &[Type::String], Type::Boolean, is_valid),
    Declared::new("net.cidr_merge", &[Type::STRING_LIST], Type::STRING_SET, merge::merge),
    Declared::new("net.cidr_overlap", TWO, Type::Boolean, contains),
];

fn network(value: &Value) -> Result<Network, BuiltinError> {
    let text = string(value, 1)?;
    Network::parse(text)
        .ok_or_else(|| BuiltinError::evaluation(format!("invalid CIDR address: {text}")))
}

fn contained(network_value: &Value, value: &Value) -> Result<bool, BuiltinError> {
    let outer = network(network_value)?;
    let text = string(value, 1)?;
    if let Some(address) = Address::parse(text) {
        return Ok(outer.contains(address));
    }
    let inner = Network::parse(text).ok_or_else(|| {
        BuiltinError::evaluation(format!(
            "not a valid textual representation of an IP address or CIDR: {text}"
        ))
    })?;
    Ok(outer.contains_network(&inner))
}

fn contains(_: &mut Context, operands: &[Value]) -> Outcome {
    contained(&operands[0], &operands[1]).map(|contained| Some(Value::Bool(contained)))
}

fn intersects(_: &mut Context, operands: &[Value]) -> Outcome {
    let (left, right) = (network(&operands[0])?, network(&operands[1])?);
    let overlap = left.contains(right.first()) || right.contains(left.first());
    Ok(Some(Value::Bool(overlap)))
}

fn is_valid(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = operands[0].as_str();
    context.work(text.map_or(0, str::len))?;
    Ok(Some(Value::Bool(text.is_some_and(|text| Network::parse(text).is_some()))))
}

fn expand(context: &mut Context, operands: &[Value]) -> Outcome {
    let network = network(&operands[0])?;
    // An address takes its value, its text and that text's own allocation.
    let size = usize::try_from(network.size()).unwrap_or(usize::MAX);
    context.allocate(size.saturating_mul(size_of::<Value>() + 64))?;
    let mut addresses = Vec::with_capacity(size);
    for address in network.addresses() {
        context.step()?;
        addresses.push(Value::from(address.to_string()));
    }
    Ok(Some(Value::set(addresses)))
}

/// The networks or addresses of an operand, each with what names it in the answer.
fn entries(position: usize, operand: &Value) -> Result<Vec<(Value, Value)>, BuiltinError> {
    let entry = |value: &Value| match value {
        Value::String(_) => Ok(value.clone()),
        Value::Array(items) if !items.is_empty() => Ok(items.as_slice()[0].clone()),
        _ => Err(BuiltinError::evaluation(format!(
            "operand {position}: element must be string or non-empty array"
        ))),
    };
    match operand {
        Value::String(_) => Ok(vec![(operand.clone(), operand.clone())]),
        Value::Array(items) => {
            let indexed = items.iter().enumerate();
            indexed.map(|(at, item)| Ok((entry(item)?, Value::from(at)))).collect()
        }
        Value::Set(items) => items.iter().map(|item| Ok((entry(item)?, item.clone()))).collect(),
        Value::Object(entries) => {
            entries.iter().map(|(key, value)| Ok((entry(value)?, key.clone()))).collect()
        }
        _ => Ok(Vec::new()),
    }
}

fn contains_matches(context: &mut Context, operands: &[Value]) -> Outcome {
    let mut matches = Vec::new();
    for (outer, outer_name) in entries(1, &operands[0])? {
        for (inner, inner_name) in entries(2, &operands[1])? {
            context.step()?;
            if contained(&outer, &inner)? {
                context.allocate_values(8)?;
                matches.push(Value::array(vec![outer_name.clone(), inner_name]));
            }
        }
    }
    Ok(Some(Value::set(matches)))
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::check;

    #[test]
    fn networks_contain_what_they_hold() {
        check(&[
            ("net.cidr_contains", &["\"10.0.0.0/8\"", "\"10.1.0.0/16\""], "true"),
            ("net.cidr_contains", &["\"10.0.0.0/16\"", "\"10.0.0.0/8\""], "false"),
            ("net.cidr_contains", &["\"::ffff:10.0.0.0/104\"", "\"10.1.0.0\""], "true"),
            ("net.cidr_contains", &["\"10.0.0.0/8\"", "\"::ffff:10.1.0.1\""], "true"),
            ("net.cidr_contains", &["\"::/80\"", "\"::/80\""], "true"),
            (
                "net.cidr_contains",
                &["\"10.0.0.0/8\"", "\"x\""],
                "net.cidr_contains: not a valid textual representation of an IP address or CIDR: x",
            ),
            (
                "net.cidr_contains",
                &["\"010.0.0.0/8\"", "\"10.0.0.1\""],
                "net.cidr_contains: invalid CIDR address: 010.0.0.0/8",
            ),
            ("net.cidr_intersects", &["\"10.0.0.0/8\"", "\"::/0\""], "false"),
            ("net.cidr_intersects", &["\"10.0.0.0/8\"", "\"10.1.1.0/24\""], "true"),
            ("net.cidr_is_valid", &["\"10.0.0.0/33\""], "false"),
            (
                "net.cidr_expand",
                &["\"10.0.0.1/30\""],
                "{\"10.0.0.0\", \"10.0.0.1\", \"10.0.0.2\", \"10.0.0.3\"}",
            ),
            ("net.cidr_expand", &["\"fe80::/127\""], "{\"fe80::\", \"fe80::1\"}"),
            ("net.cidr_expand", &["\"::/0\""], "net.cidr_expand: evaluation ran out of memory"),
            (
                "net.cidr_contains_matches",
                &["[\"1.1.1.0/24\", [\"1.0.0.0/8\", \"x\"]]", "{\"a\": \"1.1.1.1\"}"],
                "{[0, \"a\"], [1, \"a\"]}",
            ),
            (
                "net.cidr_contains_matches",
                &["[1]", "\"1.1.1.1\""],
                "net.cidr_contains_matches: operand 1: element must be string or non-empty array",
            ),
        ]);
    }

    #[test]
    fn networks_that_touch_are_merged() {
        check(&[
            (
                "net.cidr_merge",
                &["[\"10.0.0.0/25\", \"10.0.0.128/25\", \"192.168.0.1\"]"],
                "{\"10.0.0.0/24\", \"192.168.0.1/24\"}",
            ),
            (
                "net.cidr_merge",
                &["[\"10.0.0.0/25\", \"10.0.0.128/26\", \"10.0.0.64/27\"]"],
                "{\"10.0.0.0/25\", \"10.0.0.128/26\"}",
            ),
            ("net.cidr_merge", &["[\"::/1\", \"8000::/1\"]"], "{\"::/0\"}"),
            ("net.cidr_merge", &["[\"::1\"]"], "net.cidr_merge: IPv6 invalid: needs prefix length"),
            ("net.cidr_merge", &["[1]"], "net.cidr_merge: element must be string"),
        ]);
    }
}
