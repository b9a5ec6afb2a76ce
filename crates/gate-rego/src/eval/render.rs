//! Turns an [`Output`] into what `opa eval` prints in each of its formats.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Output, told};
use crate::value::Value;

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
    profile: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<serde_json::Value>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    bindings: Option<&'a Value>,
}

#[derive(Serialize)]
struct Expression<'a> {
    value: &'a Value,
    text: Option<&'a Value>,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Error<'a> {
    message: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
}

#[derive(Serialize)]
struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a Value>,
    row: Option<&'a Value>,
    col: Option<&'a Value>,
}

impl<'a> From<&'a Value> for Location<'a> {
    fn from(at: &'a Value) -> Self {
        Self { file: at.field("file"), row: at.field("row"), col: at.field("col") }
    }
}

impl<'a> From<&'a Value> for Document<'a> {
    fn from(document: &'a Value) -> Self {
        if document.field("errors").is_some() {
            let errors = list(document, "errors").iter().map(|error| Error {
                message: error.field("message"),
                code: error.field("code"),
                location: error.field("location").map(Location::from),
            });
            return Self::Errors { errors: errors.collect() };
        }
        let results = list(document, "result");
        if results.is_empty() {
            return Self::Undefined {};
        }
        let answers = results.iter().map(|result| Answer {
            expressions: expressions(result)
                .iter()
                .map(|expression| Expression {
                    value: value_of(expression),
                    text: expression.field("text"),
                    location: Location::from(expression.field("location").unwrap_or(&Value::Null)),
                })
                .collect(),
            bindings: result.field("bindings"),
        });
        Self::Result { result: answers.collect() }
    }
}

/// The items of a list in a document.
fn list<'a>(document: &'a Value, name: &str) -> &'a [Value] {
    document.field(name).and_then(Value::as_array).map_or(&[], |array| array.as_slice())
}

fn expressions(result: &Value) -> &[Value] {
    list(result, "expressions")
}

fn value_of(expression: &Value) -> &Value {
    expression.field("value").unwrap_or(&Value::Null)
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
    for result in list(document, "result") {
        let values: Vec<_> = expressions(result)
            .iter()
            .map(|expression| match value_of(expression) {
                Value::String(text) => text.to_string(),
                other => escaped(&other.to_json()),
            })
            .collect();
        out.push_str(&values.join(" "));
        out.push('\n');
    }
    out
}

fn pretty(document: &Value) -> String {
    match list(document, "result") {
        [] => "undefined\n".to_owned(),
        [only] if only.field("bindings").is_none() && expressions(only).len() == 1 => {
            expressions(only).first().map(|one| indented(value_of(one))).unwrap_or_default()
        }
        many => table(many),
    }
}

/// The values of expressions that are no mere truth, then bindings: one row a result.
fn table(results: &[Value]) -> String {
    let Some(first) = results.first() else { return String::new() };
    let mut columns: Vec<(String, Column<'_>)> = Vec::new();
    for (at, expression) in expressions(first).iter().enumerate() {
        if !matches!(value_of(expression), Value::Bool(_)) {
            let text = expression.field("text").and_then(Value::as_str).unwrap_or_default();
            columns.push((text.to_owned(), Column::Expression(at)));
        }
    }
    let bindings = first.field("bindings").and_then(Value::as_object);
    for name in bindings.into_iter().flat_map(crate::value::Object::keys).filter_map(Value::as_str)
    {
        columns.push((name.to_owned(), Column::Binding(name)));
    }
    let mut rows: Vec<Vec<String>> = vec![columns.iter().map(|(head, _)| head.clone()).collect()];
    for result in results {
        let cell = |(_, column): &(String, Column<'_>)| column.of(result).to_json();
        rows.push(columns.iter().map(cell).collect());
    }
    drawn(&rows)
}

enum Column<'a> {
    Binding(&'a str),
    Expression(usize),
}

impl Column<'_> {
    fn of<'b>(&self, result: &'b Value) -> &'b Value {
        let found = match self {
            Self::Binding(name) => result.field("bindings").and_then(|all| all.field(name)),
            Self::Expression(at) => expressions(result).get(*at).map(value_of),
        };
        found.unwrap_or(&Value::Null)
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
    let errors = list(document, "errors");
    let mut out = match errors.len() {
        1 => "1 error occurred: ".to_owned(),
        count => format!("{count} errors occurred:\n"),
    };
    for error in errors {
        let at = error.field("location");
        let number = |name: &str| at.and_then(|at| at.field(name)).map(Value::to_json);
        if let Some(row) = number("row") {
            match at.and_then(|at| at.field("file")).and_then(Value::as_str) {
                Some(file) if !file.is_empty() => {
                    let _ = write!(out, "{file}:{row}: ");
                }
                _ => {
                    let _ = write!(out, "{row}:{}: ", number("col").unwrap_or_default());
                }
            }
        }
        let text = |name: &str| error.field(name).and_then(Value::as_str);
        if let Some(code) = text("code") {
            let _ = write!(out, "{code}: ");
        }
        let _ = writeln!(out, "{}", text("message").unwrap_or_default());
        for line in text("lines").unwrap_or_default().lines() {
            let _ = writeln!(out, "{line}");
        }
    }
    out
}
