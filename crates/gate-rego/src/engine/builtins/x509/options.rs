//! The options of verifying.

use super::failed;
use super::verify::Options;
use crate::engine::builtins::BuiltinError;
use crate::engine::value::{Object, Value};

/// The names of usages in the order of Go's numbers.
const USAGES: [&str; 14] = [
    "KeyUsageAny",
    "KeyUsageServerAuth",
    "KeyUsageClientAuth",
    "KeyUsageCodeSigning",
    "KeyUsageEmailProtection",
    "KeyUsageIPSECEndSystem",
    "KeyUsageIPSECTunnel",
    "KeyUsageIPSECUser",
    "KeyUsageTimeStamping",
    "KeyUsageOCSPSigning",
    "KeyUsageMicrosoftServerGatedCrypto",
    "KeyUsageNetscapeServerGatedCrypto",
    "KeyUsageMicrosoftCommercialCodeSigning",
    "KeyUsageMicrosoftKernelCodeSigning",
];

pub(super) fn read(given: &Object, now_ns: i64) -> Result<Options, BuiltinError> {
    let mut options = Options { host: String::new(), now_ns, usages: Vec::new() };
    for (key, value) in given {
        let Some(key) = key.as_str() else { continue };
        match key {
            "DNSName" => {
                let host = value.as_str().ok_or_else(|| failed("'DNSName' should be a string"))?;
                host.trim_matches('"').clone_into(&mut options.host);
            }
            "CurrentTime" => {
                let number = value.as_number();
                let number = number.ok_or_else(|| failed("'CurrentTime' should be a number"))?;
                options.now_ns = number
                    .as_i64()
                    .ok_or_else(|| failed("'CurrentTime' should be a valid int64 number"))?;
            }
            // The bound of comparisons is this engine's own: names are few.
            "MaxConstraintComparisons" => {
                let number = value
                    .as_number()
                    .ok_or_else(|| failed("'MaxConstraintComparisons' should be a number"))?;
                number
                    .as_i64()
                    .ok_or_else(|| failed("'MaxConstraintComparisons' should be a valid number"))?;
            }
            "KeyUsages" => options.usages = usages(value)?,
            _ => return Err(failed("invalid key option")),
        }
    }
    Ok(options)
}

fn usages(value: &Value) -> Result<Vec<usize>, BuiltinError> {
    let names = match value {
        Value::Array(names) => names.as_slice(),
        Value::Set(names) => names.as_slice(),
        _ => return Err(failed("'KeyUsages' should be an Array or Set")),
    };
    let (mut usages, mut invalid) = (Vec::new(), Vec::new());
    for name in names.iter().filter_map(Value::as_str) {
        let name = name.trim_matches('"');
        match USAGES.iter().position(|known| *known == name) {
            Some(usage) => usages.push(usage),
            None => invalid.push(name),
        }
    }
    if invalid.is_empty() {
        return Ok(usages);
    }
    let invalid = invalid.join(" ");
    Err(failed(format!("invalid entries for 'KeyUsages' found: [{invalid}]")))
}
