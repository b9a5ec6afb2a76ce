//! HCL in the shape of hcl2json, which Conftest gives rules: blocks nest by their labels, each a list,
//! and what is computed stands as `${…}`.

use ::hcl::structure::{Block, Structure};
use ::hcl::template::Template;
use ::hcl::{Body, Expression, TemplateExpr};
use serde_json::{Map, Value};

use super::value::bounded;

/// Reads a file.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let parsed = ::hcl::parse(text).map_err(|error| {
        let words = error.to_string();
        words.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
    })?;
    let value = Value::Object(body(parsed)?);
    bounded(value).map_err(|error| error.to_string())
}

fn body(body: Body) -> Result<Map<String, Value>, String> {
    let mut map = Map::new();
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                let key = attribute.key.to_string();
                if map.insert(key.clone(), expression(attribute.expr)?).is_some() {
                    return Err(format!("`{key}` stands twice in one block"));
                }
            }
            Structure::Block(block) => add(&mut map, block)?,
        }
    }
    Ok(map)
}

/// Adds a block under its type and labels; blocks of the same are a list, and so is one alone.
fn add(map: &mut Map<String, Value>, block: Block) -> Result<(), String> {
    let clash = |key: &str| format!("`{key}` is a block and something else");
    let mut place = map;
    let mut key = block.identifier.to_string();
    for label in block.labels {
        let inner = place.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
        place = inner.as_object_mut().ok_or_else(|| clash(&key))?;
        label.as_str().clone_into(&mut key);
    }
    let value = Value::Object(body(block.body)?);
    let list = place.entry(key.clone()).or_insert_with(|| Value::Array(vec![]));
    list.as_array_mut().ok_or_else(|| clash(&key))?.push(value);
    Ok(())
}

pub(super) fn expression(it: Expression) -> Result<Value, String> {
    let computed = |it: &Expression| {
        ::hcl::format::to_string(it)
            .map(|text| Value::String(format!("${{{}}}", text.trim())))
            .map_err(|error| error.to_string())
    };
    match it {
        Expression::Null => Ok(Value::Null),
        Expression::Bool(flag) => Ok(flag.into()),
        Expression::Number(number) => {
            serde_json::to_value(number).map_err(|error| error.to_string())
        }
        Expression::String(text) => Ok(text.into()),
        Expression::Array(items) => {
            items.into_iter().map(expression).collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        Expression::Object(members) => {
            let members = members.into_iter().map(|(key, value)| {
                let key = match key {
                    ::hcl::ObjectKey::Identifier(name) => name.to_string(),
                    ::hcl::ObjectKey::Expression(Expression::String(text)) => text,
                    other => format!("${{{}}}", other.to_string().trim()),
                };
                Ok((key, expression(value)?))
            });
            members.collect::<Result<Map<_, _>, String>>().map(Value::Object)
        }
        Expression::Parenthesis(inner) => expression(*inner),
        Expression::TemplateExpr(template) => text(&template),
        other => computed(&other),
    }
}

/// A template as it is written; a heredoc without the indentation that it strips.
fn text(template: &TemplateExpr) -> Result<Value, String> {
    if let TemplateExpr::QuotedString(text) = template {
        return Ok(Value::String(text.clone()));
    }
    let template = Template::from_expr(template).map_err(|error| error.to_string())?;
    Ok(Value::String(template.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn blocks_nest_by_their_labels_and_are_lists() {
        let text = r#"
            terraform { required_version = ">= 1.0" }
            resource "aws_s3_bucket" "a" {
              bucket = "a-${var.stage}"
              tags   = { env = "prod", (var.key) = 1 }
              rule { on = true }
              rule { on = false }
              role = aws_iam_role.this.arn
              n    = var.big ? 2 : 1.5
              list = [1, null, max(1, 2)]
            }
            resource "aws_s3_bucket" "b" {}
            locals { x = 1 }
            locals { y = 2 }
        "#;
        let value = read(text).unwrap();
        let bucket = &value["resource"]["aws_s3_bucket"]["a"][0];
        assert_eq!(bucket["bucket"], json!("a-${var.stage}"));
        assert_eq!(bucket["tags"]["env"], json!("prod"));
        assert_eq!(bucket["rule"], json!([{"on": true}, {"on": false}]));
        assert_eq!(bucket["role"], json!("${aws_iam_role.this.arn}"));
        assert_eq!(bucket["n"], json!("${var.big ? 2 : 1.5}"));
        assert_eq!(bucket["list"], json!([1, null, "${max(1, 2)}"]));
        assert_eq!(value["resource"]["aws_s3_bucket"]["b"], json!([{}]));
        assert_eq!(value["locals"], json!([{"x": 1}, {"y": 2}]));
        assert_eq!(value["terraform"], json!([{"required_version": ">= 1.0"}]));
    }

    #[test]
    fn heredocs_are_text() {
        let value = read("a = <<-EOT\n  one ${x}\n  two\nEOT\n").unwrap();
        assert_eq!(value["a"], json!("one ${x}\ntwo\n"));
    }

    #[test]
    fn what_clashes_is_refused() {
        for text in
            ["a = 1\na = 2\n", "a = 1\na {}\n", "a \"b\" {}\na {}\n", "resource {", "a = \n"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
