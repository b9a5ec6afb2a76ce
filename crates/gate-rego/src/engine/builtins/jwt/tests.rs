//! Tokens: signed here, read and verified again; the first one is that of RFC 7515's appendix A.1.

use crate::engine::builtins::testing::{call, check};

const SECRET: &str = r#"{"kty": "oct", "k": "c2VjcmV0"}"#;

fn token(header: &str, payload: &str) -> String {
    call("io.jwt.encode_sign", &[header, payload, SECRET])
}

#[test]
fn a_token_is_signed_and_read() {
    let token = token(r#"{"typ": "JWT", "alg": "HS256"}"#, r#"{"iss": "me", "exp": 1800000000}"#);
    assert!(token.starts_with("\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."), "{token}");
    let decoded = call("io.jwt.decode", &[&token]);
    assert!(decoded.contains(r#""iss": "me""#), "{decoded}");
    assert_eq!(call("io.jwt.verify_hs256", &[&token, "\"secret\""]), "true");
    assert_eq!(call("io.jwt.verify_hs256", &[&token, "\"other\""]), "false");
    assert_eq!(call("io.jwt.verify_hs384", &[&token, "\"secret\""]), "false");
}

#[test]
fn claims_are_asked_for() {
    let token = token(
        r#"{"typ": "JWT", "alg": "HS256"}"#,
        r#"{"iss": "me", "aud": ["you"], "exp": 1800000000, "nbf": 1600000000}"#,
    );
    let ask = |constraints: &str| {
        let answer = call("io.jwt.decode_verify", &[&token, constraints]);
        answer.split([',', ']']).next().unwrap_or_default().to_owned()
    };
    assert_eq!(ask(r#"{"secret": "secret", "aud": "you", "iss": "me"}"#), "[true");
    assert_eq!(ask(r#"{"secret": "secret", "aud": "you", "alg": "HS512"}"#), "[false");
    assert_eq!(ask(r#"{"secret": "secret"}"#), "[false");
    assert_eq!(ask(r#"{"secret": "secret", "aud": "you", "iss": "him"}"#), "[false");
    assert_eq!(ask(r#"{"secret": "secret", "aud": "you", "time": 1800000000000000000}"#), "[false");
    assert_eq!(ask(r#"{"secret": "secret", "aud": "you", "time": 1500000000000000000}"#), "[false");
    assert_eq!(ask(r#"{"aud": "you"}"#), "io.jwt.decode_verify: no key constraint");
    assert_eq!(ask(r#"{"x": 1}"#), "io.jwt.decode_verify: unknown token validation constraint: x");
}

#[test]
fn an_edwards_key_signs_the_same_each_time() {
    // The key of RFC 8037, appendix A.
    let key = r#"{"kty": "OKP", "crv": "Ed25519", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let raw = call(
        "io.jwt.encode_sign_raw",
        &[
            r#""{\"alg\":\"EdDSA\",\"typ\":\"text\"}""#,
            "\"Example of Ed25519 signing\"",
            &serde_json::to_string(key).unwrap(),
        ],
    );
    let public = key.replace(r#""d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "#, "");
    let public = serde_json::to_string(&public).unwrap();
    assert_eq!(call("io.jwt.verify_eddsa", &[&raw, &public]), "true");
    let forged = raw.replace("RXhhbXBsZSBvZ", "RXhhbXBsZSBvY");
    assert_ne!(raw, forged);
    assert_eq!(call("io.jwt.verify_eddsa", &[&forged, &public]), "false");
}

#[test]
fn malformed_tokens_are_told() {
    check(&[
        ("io.jwt.decode", &["\"a\""], "io.jwt.decode: encoded JWT had no period separators"),
        ("io.jwt.decode", &["\"a.b\""], "io.jwt.decode: encoded JWT must have 3 sections, found 2"),
        (
            "io.jwt.decode",
            &["\"e30.e30.Y\""],
            "io.jwt.decode: JWT signature had invalid encoding: illegal base64url string: Y",
        ),
        (
            "io.jwt.decode",
            &["\"W10.e30.YQ\""],
            "io.jwt.decode: bad JWT header: decoded JSON type was not an Object",
        ),
        (
            "io.jwt.encode_sign",
            &["{\"alg\": \"ES256\"}", "{}", SECRET],
            "io.jwt.encode_sign: key does not fit the algorithm",
        ),
        (
            "io.jwt.encode_sign",
            &["{\"alg\": \"none\"}", "{}", SECRET],
            "io.jwt.encode_sign: unknown JWS algorithm: none",
        ),
        (
            "io.jwt.encode_sign_raw",
            &[
                "\"{\\\"alg\\\": \\\"HS256\\\"}\"",
                "\"{\"",
                "\"{\\\"kty\\\": \\\"oct\\\", \\\"k\\\": \\\"YQ\\\"}\"",
            ],
            "io.jwt.encode_sign_raw: type is JWT but payload is not JSON",
        ),
    ]);
}
