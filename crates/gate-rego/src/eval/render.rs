//! Turns an [`Output`] into what `opa eval` prints in each of its formats.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use super::{Output, told};

/// The formats of `opa eval` that are supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// The whole answer.
    #[default]
    Json,
    /// Values alone, text without quotes.
    Raw,
    /// Values for people; several in a table.
    Pretty,
}

/// Text for the two channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Data.
    pub stdout: String,
    /// Talk: errors, where the format has no place for them.
    pub stderr: String,
}

/// What to print. Members of objects stand in OPA's order.
pub fn render(output: &Output, format: Format) -> Rendered {
    let failed = output.failed && format != Format::Json;
    let mut stderr = String::new();
    for line in &output.prints {
        let _ = writeln!(stderr, "{line}");
    }
    if failed {
        stderr.push_str(&errors(&output.document));
    }
    let (before, after) = (told::before(output), told::after(output));
    let mut stdout = match format {
        _ if failed => String::new(),
        Format::Json => indented(&Whole {
            document: Document::from(&output.document),
            profile: told::profile(output),
            explanation: told::explanation(output),
        }),
        Format::Raw => raw(&output.document),
        Format::Pretty => pretty(&output.document),
    };
    match format {
        Format::Json => {}
        Format::Raw => stderr.push_str(&(before + &after)),
        Format::Pretty => stdout = before + &stdout + &after,
    }
    Rendered { stdout, stderr }
}

/// The answer and what was asked of the evaluation beside it.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    document: Document<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Value>,
}

/// The answer with its members in OPA's order: JSON objects of ours are sorted.
#[derive(Serialize)]
#[serde(untagged)]
enum Document<'a> {
    Result { result: Vec<Answer<'a>> },
    Errors { errors: Vec<Error<'a>> },
    Undefined {},
}

#[derive(Serialize)]
struct Answer<'a> {
    expressions: Vec<Expression<'a>>,
    #[serde(skip_serializing_if = "Value::is_null")]
    bindings: &'a Value,
}

#[derive(Serialize)]
struct Expression<'a> {
    value: &'a Value,
    text: &'a Value,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Error<'a> {
    message: &'a Value,
    #[serde(skip_serializing_if = "Value::is_null")]
    code: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
}

#[derive(Serialize)]
struct Location<'a> {
    #[serde(skip_serializing_if = "Value::is_null")]
    file: &'a Value,
    row: &'a Value,
    col: &'a Value,
}

impl<'a> From<&'a Value> for Location<'a> {
    fn from(at: &'a Value) -> Self {
        Self { file: &at["file"], row: &at["row"], col: &at["col"] }
    }
}

impl<'a> From<&'a Value> for Document<'a> {
    fn from(document: &'a Value) -> Self {
        if let Some(errors) = document["errors"].as_array() {
            let errors = errors.iter().map(|error| Error {
                message: &error["message"],
                code: &error["code"],
                location: error.get("location").map(Location::from),
            });
            return Self::Errors { errors: errors.collect() };
        }
        let Some(results) = document["result"].as_array() else { return Self::Undefined {} };
        let answers = results.iter().map(|result| Answer {
            expressions: expressions(result)
                .map(|expression| Expression {
                    value: &expression["value"],
                    text: &expression["text"],
                    location: Location::from(&expression["location"]),
                })
                .collect(),
            bindings: &result["bindings"],
        });
        Self::Result { result: answers.collect() }
    }
}

fn expressions(result: &Value) -> impl Iterator<Item = &Value> {
    result["expressions"].as_array().into_iter().flatten()
}

fn results(document: &Value) -> &[Value] {
    document["result"].as_array().map_or(&[], Vec::as_slice)
}

fn indented<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    format!("{}\n", escaped(&text))
}

/// Go's encoder writes these as escapes; outside strings they do not occur in JSON.
fn escaped(text: &str) -> String {
    text.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

fn raw(document: &Value) -> String {
    let mut out = String::new();
    for result in results(document) {
        let values: Vec<_> = expressions(result)
            .map(|expression| match &expression["value"] {
                Value::String(text) => text.clone(),
                other => escaped(&other.to_string()),
            })
            .collect();
        out.push_str(&values.join(" "));
        out.push('\n');
    }
    out
}

fn pretty(document: &Value) -> String {
    match results(document) {
        [] => "undefined\n".to_owned(),
        [only] if only["bindings"].is_null() && expressions(only).count() == 1 => {
            expressions(only).next().map(|one| indented(&one["value"])).unwrap_or_default()
        }
        many => table(many),
    }
}

/// The values of expressions that are no mere truth, then bindings: one row a result.
fn table(results: &[Value]) -> String {
    let Some(first) = results.first() else { return String::new() };
    let mut columns: Vec<(String, Column<'_>)> = Vec::new();
    for (at, expression) in expressions(first).enumerate() {
        if !expression["value"].is_boolean() {
            let text = expression["text"].as_str().unwrap_or_default();
            columns.push((text.to_owned(), Column::Expression(at)));
        }
    }
    for name in first["bindings"].as_object().into_iter().flat_map(serde_json::Map::keys) {
        columns.push((name.clone(), Column::Binding(name)));
    }
    let mut rows: Vec<Vec<String>> = vec![columns.iter().map(|(head, _)| head.clone()).collect()];
    for result in results {
        rows.push(columns.iter().map(|(_, column)| column.of(result).to_string()).collect());
    }
    drawn(&rows)
}

enum Column<'a> {
    Binding(&'a str),
    Expression(usize),
}

impl Column<'_> {
    fn of<'b>(&self, result: &'b Value) -> &'b Value {
        match self {
            Self::Binding(name) => &result["bindings"][*name],
            Self::Expression(at) => &result["expressions"][*at]["value"],
        }
    }
}

fn drawn(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    if columns == 0 {
        return String::new();
    }
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let rule = |left: &str, middle: &str, right: &str| {
        let parts: Vec<_> = widths.iter().map(|width| "─".repeat(width + 2)).collect();
        format!("{left}{}{right}\n", parts.join(middle))
    };
    let mut out = rule("┌", "┬", "┐");
    for (at, row) in rows.iter().enumerate() {
        for (cell, width) in row.iter().zip(&widths) {
            // Heads are centred, values stand left.
            let space = width - cell.chars().count();
            let left = if at == 0 { space / 2 } else { 0 };
            let _ = write!(out, "│ {}{cell}{} ", " ".repeat(left), " ".repeat(space - left));
        }
        out.push_str("│\n");
        if at == 0 {
            out.push_str(&rule("├", "┼", "┤"));
        }
    }
    out.push_str(&rule("└", "┴", "┘"));
    out
}

/// Errors for people.
fn errors(document: &Value) -> String {
    let none = json!([]);
    let errors = document["errors"].as_array().or(none.as_array()).map_or(&[][..], Vec::as_slice);
    let mut out = match errors.len() {
        1 => "1 error occurred: ".to_owned(),
        count => format!("{count} errors occurred:\n"),
    };
    for error in errors {
        let at = &error["location"];
        if let Some(row) = at["row"].as_u64() {
            match at["file"].as_str() {
                Some(file) if !file.is_empty() => {
                    let _ = write!(out, "{file}:{row}: ");
                }
                _ => {
                    let _ = write!(out, "{row}:{}: ", at["col"]);
                }
            }
        }
        if let Some(code) = error["code"].as_str() {
            let _ = write!(out, "{code}: ");
        }
        let _ = writeln!(out, "{}", error["message"].as_str().unwrap_or_default());
    }
    out
}
