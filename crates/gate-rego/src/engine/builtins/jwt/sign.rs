//! `io.jwt.encode_sign`: signs a payload with a JSON Web Key.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
    RsaEncoding, RsaKeyPair,
};
use aws_lc_rs::{hmac, rand::SystemRandom};

use super::der::{SEQUENCE, element, integer};
use super::keys::{self, Material};
use super::signature::Algorithm;
use crate::engine::builtins::encoding::base64;
use crate::engine::builtins::json::{read, write};
use crate::engine::builtins::operands::string;
use crate::engine::builtins::{BuiltinError, Context, Outcome};
use crate::engine::value::Value;

fn failed(message: impl std::fmt::Display) -> BuiltinError {
    BuiltinError::evaluation(message.to_string())
}

pub(super) fn encode(context: &mut Context, operands: &[Value]) -> Outcome {
    let compact = &write::Style::Compact;
    let header = write::write(context, &operands[0], compact)?;
    let payload = write::write(context, &operands[1], compact)?;
    let key = write::write(context, &operands[2], compact)?;
    signed(context, &header, &payload, &key)
}

pub(super) fn encode_raw(context: &mut Context, operands: &[Value]) -> Outcome {
    let key = string(&operands[2], 3)?;
    let header = string(&operands[0], 1)?;
    let payload = string(&operands[1], 2)?;
    signed(context, header, payload, key)
}

fn signed(context: &mut Context, header: &str, payload: &str, key: &str) -> Outcome {
    context.work(header.len().saturating_add(payload.len()).saturating_mul(8))?;
    let keys = keys::web_keys(context, key)?;
    let Some(key) = keys.first() else { return Err(failed("no keys found in JWK set")) };
    let fields = read::read(context, header)
        .map_err(|error| failed(format_args!("missing or invalid 'alg' header: {error}")))?;
    let Some(name) = fields.field("alg").and_then(Value::as_str) else {
        return Err(failed("missing or invalid 'alg' header: field not found"));
    };
    let algorithm = Algorithm::named(name)
        .ok_or_else(|| failed(format_args!("unknown JWS algorithm: {name}")))?;
    let kind = fields.field("typ").and_then(Value::as_str);
    if kind.is_none_or(|kind| kind == "JWT") && !read::is_valid(payload) {
        return Err(failed("type is JWT but payload is not JSON"));
    }
    context.allocate(header.len().saturating_add(payload.len()).saturating_mul(3))?;
    let encoded = |bytes: &[u8]| base64::url_without_padding(bytes);
    let message = format!("{}.{}", encoded(header.as_bytes()), encoded(payload.as_bytes()));
    let signature = signature(context, algorithm, &key.material, message.as_bytes())?;
    Ok(Some(Value::from(format!("{message}.{}", encoded(&signature)))))
}

/// Algorithms whose signatures are drawn by lot are for policies that may draw lots.
fn randomness(context: &Context) -> Result<SystemRandom, BuiltinError> {
    match context.seed {
        Some(_) => Ok(SystemRandom::new()),
        None => Err(BuiltinError::not_available("policies have no randomness")),
    }
}

fn signature(
    context: &Context,
    algorithm: Algorithm,
    key: &Material,
    message: &[u8],
) -> Result<Vec<u8>, BuiltinError> {
    let unfit = || failed("key does not fit the algorithm");
    match key {
        Material::Secret(secret) => {
            let code = algorithm.code().ok_or_else(unfit)?;
            Ok(hmac::sign(&hmac::Key::new(code, secret), message).as_ref().to_vec())
        }
        Material::Rsa { modulus, exponent, private: Some(private) } => {
            let (encoding, random): (&'static dyn RsaEncoding, _) = match algorithm {
                // The lots are not looked at in this padding.
                Algorithm::Rs256 => (&RSA_PKCS1_SHA256, SystemRandom::new()),
                Algorithm::Rs384 => (&RSA_PKCS1_SHA384, SystemRandom::new()),
                Algorithm::Rs512 => (&RSA_PKCS1_SHA512, SystemRandom::new()),
                Algorithm::Ps256 => (&RSA_PSS_SHA256, randomness(context)?),
                Algorithm::Ps384 => (&RSA_PSS_SHA384, randomness(context)?),
                Algorithm::Ps512 => (&RSA_PSS_SHA512, randomness(context)?),
                _ => return Err(unfit()),
            };
            let [d, p, q, dp, dq, qi] = private;
            let version: &[u8] = &[0];
            let numbers = [version, modulus, exponent, d, p, q, dp, dq, qi];
            let fields = numbers.map(integer).concat();
            let pair = RsaKeyPair::from_der(&element(SEQUENCE, &fields)).map_err(failed)?;
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(encoding, &random, message, &mut signature).map_err(failed)?;
            Ok(signature)
        }
        Material::Elliptic { curve, point, private: Some(private) } => {
            if algorithm.curve() != Some(*curve) {
                return Err(unfit());
            }
            let form = match algorithm {
                Algorithm::Es256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
                Algorithm::Es384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
                _ => &ECDSA_P521_SHA512_FIXED_SIGNING,
            };
            let random = randomness(context)?;
            let pair = EcdsaKeyPair::from_private_key_and_public_key(form, private, point)
                .map_err(failed)?;
            Ok(pair.sign(&random, message).map_err(failed)?.as_ref().to_vec())
        }
        Material::Ed25519 { public, private: Some(seed) } if algorithm == Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::from_seed_and_public_key(seed, public).map_err(failed)?;
            Ok(pair.sign(message).as_ref().to_vec())
        }
        _ => Err(unfit()),
    }
}
