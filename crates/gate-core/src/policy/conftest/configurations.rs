//! What Conftest's builtins `parse_config`, `parse_config_file` and `parse_combined_config_files` read.

use std::sync::Arc;

use gate_rego::Value;
use gate_rego::outside::{Need, Outside};
use serde_json::json;

use crate::structured::conftest::Parser;

/// What reads a file by its path: from the path of a module and a path beside it.
pub type ReadBeside = Box<dyn Fn(&str, &str) -> Result<String, String> + Send + Sync>;

/// Names of the builtins that read files.
pub(in crate::policy) const READING: [&str; 2] =
    ["parse_config_file", "parse_combined_config_files"];

/// Texts are read as configurations; files where somebody reads them.
pub fn configurations(files: Option<ReadBeside>) -> Arc<Outside> {
    Arc::new(Outside::reading(Arc::new(move |need| read(need, files.as_ref()))))
}

fn read(need: &Need, files: Option<&ReadBeside>) -> Result<Value, String> {
    let texts: Vec<&str> = need.operands.iter().filter_map(Value::as_str).collect();
    let file = |path: &str, module: &str| {
        let files = files.ok_or("no file is read here")?;
        Parser::of_path(path)?.read(&files(module, path)?)
    };
    let value = match (need.function, texts.as_slice(), need.operands.as_slice()) {
        ("parse_config", [parser, text], _) => Parser::named(parser)?.read(text)?,
        ("parse_config_file", [path, module], _) => file(path, module)?,
        ("parse_combined_config_files", [module], [Value::Array(paths), _]) => {
            let mut read = vec![];
            for path in paths.iter().filter_map(Value::as_str) {
                read.push((path, file(path, module)?));
            }
            read.sort_by_key(|(path, _)| *path);
            let documents = read.into_iter().flat_map(|(path, contents)| match contents {
                serde_json::Value::Array(several) => {
                    several.into_iter().map(|it| json!({"path": path, "contents": it})).collect()
                }
                one => vec![json!({"path": path, "contents": one})],
            });
            documents.collect()
        }
        _ => return Err("the operands are not text".to_owned()),
    };
    gate_rego::value::from(&value).map_err(|error| error.to_string())
}
