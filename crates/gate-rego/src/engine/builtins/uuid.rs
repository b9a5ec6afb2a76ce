//! `uuid.*`: identifiers of RFC 4122.

use std::collections::HashMap;

use super::operands::string;
use super::registry::Impurity;
use super::{Context, Declared, Outcome, Type, random};
use crate::engine::value::Value;

const PARSED: Type = Type::Object(&[], Some(&(Type::String, Type::Any)));

pub(super) const TABLE: &[Declared] = &[
    Declared::new("uuid.parse", &[Type::String], PARSED, parse),
    Declared::new("uuid.rfc4122", &[Type::String], Type::String, rfc4122).impure(Impurity::Random),
];

/// From the start of the Gregorian calendar to 1970, in hundreds of nanoseconds.
const GREGORIAN: i64 = 0x01b2_1dd2_1381_4000;

/// The bytes of an identifier, plain, without hyphens, in braces or as a URN.
fn bytes(text: &str) -> Option<[u8; 16]> {
    let plain = match text.len() {
        32 => return digits(text),
        36 => text,
        38 => text.get(1..37)?,
        45 if text.get(..9)?.eq_ignore_ascii_case("urn:uuid:") => text.get(9..)?,
        _ => return None,
    };
    let hyphens = [8, 13, 18, 23].iter().all(|at| plain.as_bytes().get(*at) == Some(&b'-'));
    if !hyphens || !plain.is_ascii() {
        return None;
    }
    let parts = [&plain[..8], &plain[9..13], &plain[14..18], &plain[19..23], &plain[24..]];
    digits(&parts.concat())
}

fn digits(text: &str) -> Option<[u8; 16]> {
    hex::decode(text).ok()?.try_into().ok()
}

/// What an identifier says; nothing where the text is none.
fn parse(_: &mut Context, operands: &[Value]) -> Outcome {
    let Some(bytes) = bytes(string(&operands[0], 1)?) else { return Ok(None) };
    let version = bytes[6] >> 4;
    let variant = match bytes[8] {
        byte if byte & 0xc0 == 0x80 => "RFC4122",
        byte if byte & 0xe0 == 0xc0 => "Microsoft",
        byte if byte & 0xe0 == 0xe0 => "Future",
        _ => "Reserved",
    };
    let mut fields = vec![
        (Value::from("version"), Value::from(i64::from(version))),
        (Value::from("variant"), Value::from(variant)),
    ];
    if matches!(version, 1 | 2) {
        fields.extend(time_and_node(bytes));
    }
    if version == 2 {
        let id = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        let domain = match bytes[9] {
            0 => "Person".to_owned(),
            1 => "Group".to_owned(),
            2 => "Org".to_owned(),
            other => format!("Domain{other}"),
        };
        fields.push((Value::from("id"), Value::from(i64::from(id))));
        fields.push((Value::from("domain"), Value::from(domain)));
    }
    Ok(Some(Value::object(fields)))
}

fn time_and_node(bytes: [u8; 16]) -> [(Value, Value); 4] {
    // The time's parts stand the least one first.
    let order = [6, 7, 4, 5, 0, 1, 2, 3].map(|at: usize| bytes[at]);
    let time = i64::from_be_bytes(order) & 0x0fff_ffff_ffff_ffff;
    let sequence = [bytes[8], bytes[9]];
    let nanoseconds = time.wrapping_sub(GREGORIAN).wrapping_mul(100);
    let sequence = u16::from_be_bytes(sequence) & 0x3fff;
    let node: Vec<String> = bytes[10..].iter().map(|byte| format!("{byte:02x}")).collect();
    let kind = match bytes[10] & 3 {
        3 => "local:multicast",
        1 => "global:multicast",
        2 => "local:unicast",
        _ => "global:unicast",
    };
    [
        (Value::from("time"), Value::from(nanoseconds)),
        (Value::from("nodeid"), Value::from(node.join("-"))),
        (Value::from("macvariables"), Value::from(kind)),
        (Value::from("clocksequence"), Value::from(i64::from(sequence))),
    ]
}

#[derive(Default)]
struct Drawn(HashMap<Value, Value>);

/// A random identifier, the same for the same name in a query.
fn rfc4122(context: &mut Context, operands: &[Value]) -> Outcome {
    if let Some(known) = context.memory::<Drawn>().0.get(&operands[0]) {
        return Ok(Some(known.clone()));
    }
    let (high, low) = (random::draw(context)?, random::draw(context)?);
    let bits = u128::from(high) << 64 | u128::from(low);
    // Version 4 of the variant of RFC 4122.
    let bits = bits & !(0xf << 76) & !(3 << 62) | 4 << 76 | 2 << 62;
    let text = format!("{bits:032x}");
    let parts = [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]];
    let value = Value::from(parts.join("-"));
    context.allocate(256)?;
    context.memory::<Drawn>().0.insert(operands[0].clone(), value.clone());
    Ok(Some(value))
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::check;

    #[test]
    fn identifiers_are_taken_apart() {
        check(&[
            (
                "uuid.parse",
                &["\"urn:uuid:c2fc67c2-47f2-11ee-b67a-9f3619c7493f\""],
                "{\"clocksequence\": 13946, \"macvariables\": \"local:multicast\", \"nodeid\": \"9f-36-19-c7-49-3f\", \"time\": 1693481847404333000, \"variant\": \"RFC4122\", \"version\": 1}",
            ),
            (
                "uuid.parse",
                &["\"{000003e8-48b9-21ee-b200-325096b39f47}\""],
                "{\"clocksequence\": 12800, \"domain\": \"Person\", \"id\": 1000, \"macvariables\": \"local:unicast\", \"nodeid\": \"32-50-96-b3-9f-47\", \"time\": 1693566990121469600, \"variant\": \"RFC4122\", \"version\": 2}",
            ),
            (
                "uuid.parse",
                &["\"00000000000040008000000000000000\""],
                "{\"variant\": \"RFC4122\", \"version\": 4}",
            ),
            ("uuid.parse", &["\"x\""], "undefined"),
        ]);
    }
}
