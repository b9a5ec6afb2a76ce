//! What is in a bundle, for people and programs.

use std::fmt::Write as _;

use gate_core::policy::Bundle;
use gate_io::bundle::{BundleFiles, SIGNATURES, Signed};
use gate_io::policy::PolicyFilesError;
use serde_json::{Value, json};

use crate::terminal::{Paint, plain};

pub(super) fn of(
    read: &BundleFiles,
    compiled: &Bundle,
    signed: &[Signed],
) -> Result<Value, PolicyFilesError> {
    let (manifest, contents) = (read.manifest()?, read.contents()?);
    let modules: Vec<&str> = contents.modules.iter().map(|(path, _)| path.as_str()).collect();
    let data: Vec<&str> = contents.data.iter().map(|(_, _, path)| path.as_str()).collect();
    let rule = |rule: &gate_core::decision::AskedRule| json!({"code": rule.code, "package": rule.package, "title": rule.title});
    let told = |one: &Signed| json!({"key": one.name, "algorithm": one.algorithm});
    Ok(json!({
        "digest": compiled.digest().to_string(),
        "revision": manifest.revision,
        "roots": manifest.roots,
        "modules": modules,
        "data": data,
        "rules": compiled.asked().iter().map(rule).collect::<Value>(),
        "has_signatures": read.files.contains_key(SIGNATURES),
        "signed_by": signed.iter().map(told).collect::<Value>(),
    }))
}

pub(super) fn text(summary: &Value, paint: Paint) -> String {
    let words = |name: &str| {
        let list = summary[name].as_array().into_iter().flatten().filter_map(Value::as_str);
        list.map(plain).collect::<Vec<_>>().join(", ")
    };
    let mut out = String::new();
    let line = |out: &mut String, name: &str, text: &str| {
        if !text.is_empty() {
            let _ = writeln!(out, "{} {text}", paint.strong(format!("{name:<9}")));
        }
    };
    line(&mut out, "digest", summary["digest"].as_str().unwrap_or_default());
    line(&mut out, "revision", &plain(summary["revision"].as_str().unwrap_or_default()));
    line(&mut out, "roots", &words("roots"));
    line(&mut out, "modules", &words("modules"));
    line(&mut out, "data", &words("data"));
    for rule in summary["rules"].as_array().into_iter().flatten() {
        let title = rule["title"].as_str().unwrap_or_default();
        let code = rule["code"].as_str().unwrap_or_default();
        line(&mut out, "rule", &format!("{} {}", plain(code), plain(title)));
    }
    let signers: Vec<String> = summary["signed_by"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["key"].as_str().map(plain))
        .collect();
    let signed = match (summary["has_signatures"] == true, signers.as_slice()) {
        (false, _) => "by nobody".to_owned(),
        (true, []) => "yes; by whom, a key would tell (`--key`)".to_owned(),
        (true, names) => format!("by {}", names.join(", ")),
    };
    line(&mut out, "signed", &signed);
    out
}
