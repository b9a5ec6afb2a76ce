//! The configuration files of a subject, in the shape that the dialect of its policy asks for.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::effects::GateError;
use crate::evidence::{Collected, SubjectFile};
use crate::facts::ConfigurationFile;
use crate::policy::{Bundle, Dialect};
use crate::reason::ErrorCode;
use crate::request::Request;
use crate::structured::conftest::Parser;
use crate::{Digest, canonical, limits, structured};

/// Reads the files that the rules of another tool judge; none for Gate's own rules, which have
/// `object`. A file that the caller named and no parser reads is an error: nobody could be asked.
pub(super) fn read(
    request: &Request,
    collected: &Collected,
    bundle: &Bundle,
) -> Result<Vec<ConfigurationFile>, GateError> {
    let parser = bundle.parser();
    let configuration = |file: &SubjectFile| configuration(file, parser);
    let read: &dyn Fn(&SubjectFile) -> Result<Value, String> = match bundle.dialect() {
        Dialect::Gate => return Ok(vec![]),
        Dialect::Conftest | Dialect::Conforma => &configuration,
        Dialect::Gatekeeper => &objects,
    };
    let files = match (&collected.unverified_file, &collected.unverified_files) {
        (_, Some(several)) => {
            let digest = Digest::of(several.listing.as_bytes());
            if digest != request.subject.digest {
                return Err(other("the files are not those that were asked about"));
            }
            let listed: BTreeMap<&str, &str> = several
                .listing
                .lines()
                .filter_map(|line| line.split_once("  ").map(|(hex, path)| (path, hex)))
                .collect();
            for file in &several.files {
                if listed.get(file.name.as_str())
                    != Some(&Digest::of(&file.bytes).to_hex().as_str())
                {
                    return Err(other(format!("{} changed while it was read", file.name)));
                }
            }
            several.files.as_slice()
        }
        (Some(file), None) => {
            if Digest::of(&file.bytes) != request.subject.digest {
                return Err(other(format!("{} is not the file that was asked about", file.name)));
            }
            std::slice::from_ref(file)
        }
        (None, None) => return Ok(collected.recorded_files.clone()),
    };
    files.iter().map(|file| one(file, read)).collect()
}

fn one(
    file: &SubjectFile,
    read: &dyn Fn(&SubjectFile) -> Result<Value, String>,
) -> Result<ConfigurationFile, GateError> {
    let invalid =
        |why: String| GateError::new(ErrorCode::SubjectInvalid, format!("{}: {why}", file.name));
    let contents = read(file).map_err(invalid)?;
    // What a record gives back must be what was judged.
    let contents = if canonical::is_plain(&contents) {
        contents
    } else {
        let bytes = canonical::to_vec(&contents).map_err(|error| invalid(error.to_string()))?;
        serde_json::from_slice(&bytes).map_err(|error| invalid(error.to_string()))?
    };
    Ok(ConfigurationFile { path: file.name.clone(), contents })
}

fn text(file: &SubjectFile) -> Result<&str, String> {
    if file.bytes.len() > limits::DOCUMENT_BYTES {
        return Err(format!("it has more than {} bytes", limits::DOCUMENT_BYTES));
    }
    std::str::from_utf8(&file.bytes)
        .map_err(|error| format!("it is not UTF-8 from byte {}", error.valid_up_to()))
}

fn configuration(file: &SubjectFile, parser: Option<Parser>) -> Result<Value, String> {
    let parser = parser.map_or_else(|| Parser::of_path(&file.name), Ok)?;
    parser.read(text(file)?)
}

fn objects(file: &SubjectFile) -> Result<Value, String> {
    structured::documents(text(file)?).map(Value::Array)
}

fn other(message: impl Into<String>) -> GateError {
    GateError::new(ErrorCode::SubjectMismatch, message)
}
