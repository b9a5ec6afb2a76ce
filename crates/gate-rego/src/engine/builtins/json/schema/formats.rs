//! `format`: texts of a known form. Forms that are not known are not judged.

use std::net::IpAddr;

use crate::engine::builtins::regular::expression;
use crate::engine::builtins::uri::Uri;
use crate::engine::builtins::{BuiltinError, Context, ErrorKind, time};

const DATE: &str = "2006-01-02";
const TIME: &str = "15:04:05";
const TIME_ZONE: &str = "15:04:05Z07:00";
const INSTANT: &str = "2006-01-02T15:04:05Z07:00";
const HOST: &str = "^([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]{0,61}[a-zA-Z0-9])(\\.([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]{0,61}[a-zA-Z0-9]))*$";
const UUID: &str = "^(?i)[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$";
const TEMPLATE: &str = "^([^{]*({[^}]*})?)*$";
const POINTER: &str = "^(?:/(?:[^~/]|~0|~1)*)*$";
const RELATIVE_POINTER: &str = "^(?:0|[1-9][0-9]*)(?:#|(?:/(?:[^~/]|~0|~1)*)*)$";

/// Whether a text has a form.
pub(super) fn has(context: &mut Context, format: &str, text: &str) -> Result<bool, BuiltinError> {
    context.work(text.len())?;
    let dated = |layouts: &[&str]| layouts.iter().any(|layout| time::parse(layout, text).is_ok());
    Ok(match format {
        "date" => dated(&[DATE]),
        "time" => dated(&[TIME_ZONE, TIME]),
        "date-time" => dated(&[TIME, TIME_ZONE, DATE, INSTANT]),
        "hostname" => text.len() < 256 && matches(context, HOST, text)?,
        "email" | "idn-email" => is_address(text),
        "ipv4" => text.contains('.') && text.parse::<IpAddr>().is_ok(),
        "ipv6" => text.contains(':') && text.parse::<IpAddr>().is_ok(),
        "uri" | "iri" => locator(text).is_some_and(|uri| !uri.scheme.is_empty()),
        "uri-reference" | "iri-reference" => locator(text).is_some(),
        "uri-template" => match locator(text) {
            Some(uri) => matches(context, TEMPLATE, &uri.path)?,
            None => false,
        },
        "uuid" => matches(context, UUID, text)?,
        "regex" => compiles(context, text)?,
        "json-pointer" => matches(context, POINTER, text)?,
        "relative-json-pointer" => matches(context, RELATIVE_POINTER, text)?,
        _ => true,
    })
}

/// Whether a text is an expression in Go's syntax.
pub(super) fn compiles(context: &mut Context, pattern: &str) -> Result<bool, BuiltinError> {
    match expression(context, pattern) {
        Ok(_) => Ok(true),
        Err(error) if error.kind == ErrorKind::Evaluation => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether an expression matches somewhere.
pub(super) fn matches(
    context: &mut Context,
    pattern: &str,
    text: &str,
) -> Result<bool, BuiltinError> {
    context.work(text.len())?;
    Ok(expression(context, pattern)?.is_match(text))
}

fn locator(text: &str) -> Option<Uri> {
    Uri::parse(text).ok().filter(|_| !text.contains('\\'))
}

/// Whether a text is one address, with or without a name before it.
fn is_address(text: &str) -> bool {
    let text = text.trim_matches([' ', '\t']);
    let (name, address) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => (name.trim(), address),
        None => ("", text),
    };
    let quoted = name.len() > 1 && name.starts_with('"') && name.ends_with('"');
    if !quoted && !name.chars().all(|letter| is_atom(letter) || letter == ' ') {
        return false;
    }
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let literal = domain.strip_prefix('[').and_then(|domain| domain.strip_suffix(']'));
    let literal = literal.is_some_and(|domain| domain.parse::<IpAddr>().is_ok());
    (quoted || is_dotted(local)) && (literal || is_dotted(domain))
}

fn is_dotted(text: &str) -> bool {
    text.split('.').all(|part| !part.is_empty() && part.chars().all(is_atom))
}

fn is_atom(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~".contains(letter)
        || (!letter.is_ascii() && !letter.is_control())
}
