//! `providers.aws.sign_req`: signs a request with AWS Signature Version 4.

use std::collections::BTreeMap;

use aws_lc_rs::{digest, hmac};
use jiff::tz::TimeZone;

use super::json::write;
use super::operands::{number, object, wrong_type};
use super::{BuiltinError, Context, Declared, Outcome, Type, uri};
use crate::engine::value::{Object, Set, Value};

const ANY_BY_TEXT: Type = Type::Object(&[], Some(&(Type::String, Type::Any)));

pub(super) const TABLE: &[Declared] = &[Declared::new(
    "providers.aws.sign_req",
    &[ANY_BY_TEXT, ANY_BY_TEXT, Type::Number],
    Type::OBJECT,
    sign_req,
)];

const CREDENTIALS: [&str; 4] =
    ["aws_service", "aws_access_key", "aws_secret_access_key", "aws_region"];

/// What a request may say, of which only some is looked at.
const REQUEST: [&str; 25] = [
    "method",
    "url",
    "body",
    "enable_redirect",
    "force_json_decode",
    "force_yaml_decode",
    "headers",
    "raw_body",
    "tls_use_system_certs",
    "tls_ca_cert",
    "tls_ca_cert_file",
    "tls_ca_cert_env_variable",
    "tls_client_cert",
    "tls_client_cert_file",
    "tls_client_cert_env_variable",
    "tls_client_key",
    "tls_client_key_file",
    "tls_client_key_env_variable",
    "tls_insecure_skip_verify",
    "tls_server_name",
    "timeout",
    "cache",
    "force_cache",
    "force_cache_duration_seconds",
    "raise_error",
];
const MORE: [&str; 3] = ["caching_mode", "max_retry_attempts", "cache_ignored_headers"];

/// Fails where some of the names are left, which the complaint lists.
fn none_left<'a>(
    position: usize,
    what: &str,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), BuiltinError> {
    let names = Set::new(names.map(Value::from).collect());
    if names.is_empty() {
        return Ok(());
    }
    let names = Value::Set(names.into());
    Err(BuiltinError::operand(position, format_args!("{what}: {names}")))
}

fn text<'a>(object: &'a Object, name: &str) -> &'a str {
    object.field(name).and_then(Value::as_str).unwrap_or_default()
}

fn check_credentials(config: &Object) -> Result<(), BuiltinError> {
    let missing = CREDENTIALS.into_iter().filter(|name| config.field(name).is_none());
    none_left(2, "missing required AWS config parameters(s)", missing)?;
    let invalid =
        CREDENTIALS.into_iter().filter(|name| config.field(name).and_then(Value::as_str).is_none());
    none_left(2, "invalid values for required AWS config parameters(s)", invalid)
}

fn check_request(request: &Object) -> Result<(), BuiltinError> {
    let unknown = request
        .keys()
        .filter_map(Value::as_str)
        .filter(|name| !REQUEST.contains(name) && !MORE.contains(name));
    none_left(1, "invalid request parameters(s)", unknown)?;
    let missing = ["method", "url"].into_iter().filter(|name| request.field(name).is_none());
    none_left(1, "missing required request parameters(s)", missing)
}

fn sign_req(context: &mut Context, operands: &[Value]) -> Outcome {
    let request = object(&operands[0], 1)?;
    let config = object(&operands[1], 1)?;
    check_credentials(config)?;
    let time = number(&operands[2], 1)?.as_i64().ok_or_else(|| {
        BuiltinError::operand(3, "could not convert time_ns value into a unix timestamp")
    })?;
    check_request(request)?;
    let empty = Object::default();
    let headers = match request.field("headers") {
        None => &empty,
        Some(Value::Object(headers)) => headers,
        Some(other) => return Err(wrong_type(0, other, &["object"])),
    };
    let invalid = ["url", "method"]
        .into_iter()
        .filter(|name| request.field(name).and_then(Value::as_str).is_none());
    none_left(1, "invalid values for required request parameters(s)", invalid)?;
    let url = uri::read(text(request, "url"))?;
    let body = match (request.field("raw_body"), request.field("body")) {
        (Some(raw), _) => raw.as_str().unwrap_or_default().to_owned(),
        (None, Some(body)) => write::write(context, body, &write::Style::Compact)?,
        (None, None) => String::new(),
    };
    let unsigned = match config.field("disable_payload_signing") {
        None => false,
        Some(Value::Bool(unsigned)) => *unsigned,
        Some(_) => {
            let what = "invalid value for 'disable_payload_signing' in AWS config";
            return Err(BuiltinError::operand(2, what));
        }
    };
    let sizes = headers
        .iter()
        .map(|(key, value)| key.as_str().map_or(0, str::len) + value.as_str().map_or(0, str::len));
    let size = sizes.sum::<usize>().saturating_add(body.len());
    context.allocate(size.saturating_mul(4))?;
    context.work(size.saturating_mul(4))?;
    let hash = if unsigned {
        "UNSIGNED-PAYLOAD".to_owned()
    } else {
        hex::encode(digest::digest(&digest::SHA256, body.as_bytes()))
    };
    let day = time_text(time)?;
    let signing =
        Signing { config, url: &url, method: text(request, "method"), content: hash, day };
    let signed = signing.headers(headers);
    let mut entries = request.as_slice().to_vec();
    entries.push((Value::from("headers"), signed));
    Ok(Some(Value::object(entries)))
}

/// `20060102T150405Z`.
fn time_text(ns: i64) -> Result<String, BuiltinError> {
    let moment = super::time::Moment::of(ns, &TimeZone::UTC)?;
    Ok(super::time::format(&moment, "20060102T150405Z"))
}

struct Signing<'a> {
    config: &'a Object,
    url: &'a uri::Uri,
    method: &'a str,
    /// The hash of the body.
    content: String,
    day: String,
}

impl Signing<'_> {
    /// The request's headers with those of the signature.
    fn headers(&self, given: &Object) -> Value {
        let service = text(self.config, "aws_service");
        let mut own =
            BTreeMap::from([("host", self.url.host.clone()), ("x-amz-date", self.day.clone())]);
        if matches!(service, "s3" | "glacier") {
            own.insert("x-amz-content-sha256", self.content.clone());
        }
        let token = text(self.config, "aws_session_token");
        if !token.is_empty() {
            own.insert("x-amz-security-token", token.to_owned());
        }
        let mut signed: BTreeMap<String, String> =
            own.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        for (name, value) in given {
            let name = name.as_str().unwrap_or_default().to_lowercase();
            if !matches!(name.as_str(), "authorization" | "user-agent" | "x-amzn-trace-id") {
                signed.insert(name, value.as_str().unwrap_or_default().to_owned());
            }
        }
        let authorization = self.authorization(service, &signed);
        let mut entries: Vec<(Value, Value)> = given
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(value.as_str().unwrap_or_default())))
            .collect();
        entries.push((Value::from("Authorization"), Value::from(authorization)));
        let own = own.into_iter().map(|(name, value)| (Value::from(name), Value::from(value)));
        entries.extend(own);
        Value::object(entries)
    }

    fn authorization(&self, service: &str, signed: &BTreeMap<String, String>) -> String {
        let names = signed.keys().map(String::as_str).collect::<Vec<_>>().join(";");
        let lines: String =
            signed.iter().flat_map(|(name, value)| [name, ":", value, "\n"]).collect();
        let canonical = format!(
            "{}\n{}\n{}\n{lines}\n{names}\n{}",
            self.method,
            self.url.escaped_path(),
            self.url.query,
            self.content
        );
        let (day, region) = (&self.day[..8], text(self.config, "aws_region"));
        let scope = format!("{day}/{region}/{service}/aws4_request");
        let hash = hex::encode(digest::digest(&digest::SHA256, canonical.as_bytes()));
        let message = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{hash}", self.day);
        let secret = format!("AWS4{}", text(self.config, "aws_secret_access_key"));
        let mut key = secret.into_bytes();
        for part in [day, region, service, "aws4_request", &message] {
            let part_key = hmac::Key::new(hmac::HMAC_SHA256, &key);
            key = hmac::sign(&part_key, part.as_bytes()).as_ref().to_vec();
        }
        let access = text(self.config, "aws_access_key");
        format!(
            "AWS4-HMAC-SHA256 Credential={access}/{scope},SignedHeaders={names},Signature={}",
            hex::encode(key)
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::{call, check};

    const CONFIG: &str = r#"{"aws_service": "s3", "aws_access_key": "A", "aws_secret_access_key": "S", "aws_region": "us-east-1"}"#;

    #[test]
    fn a_request_is_signed() {
        let request =
            r#"{"method": "get", "url": "https://b.example/a%2Fb?x=1", "headers": {"X": "y"}}"#;
        let signed = call("providers.aws.sign_req", &[request, CONFIG, "1700000000000000000"]);
        assert_eq!(signed, SIGNED);
    }

    const SIGNED: &str = r#"{"headers": {"Authorization": "AWS4-HMAC-SHA256 Credential=A/20231114/us-east-1/s3/aws4_request,SignedHeaders=host;x;x-amz-content-sha256;x-amz-date,Signature=6b9fdfbb86a0328703b2fecb84ede320ee25efd943546e86b8987daf0dba2329", "X": "y", "host": "b.example", "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "x-amz-date": "20231114T221320Z"}, "method": "get", "url": "https://b.example/a%2Fb?x=1"}"#;

    #[test]
    fn what_is_missing_is_listed() {
        check(&[
            (
                "providers.aws.sign_req",
                &["{}", "{\"aws_service\": 1, \"aws_region\": \"x\"}", "1"],
                "providers.aws.sign_req: operand 2 missing required AWS config parameters(s): {\"aws_access_key\", \"aws_secret_access_key\"}",
            ),
            (
                "providers.aws.sign_req",
                &["{\"url\": \"x\"}", CONFIG, "1"],
                "providers.aws.sign_req: operand 1 missing required request parameters(s): {\"method\"}",
            ),
            (
                "providers.aws.sign_req",
                &["{\"x\": \"x\"}", CONFIG, "1"],
                "providers.aws.sign_req: operand 1 invalid request parameters(s): {\"x\"}",
            ),
        ]);
    }
}
