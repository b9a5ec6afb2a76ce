//! What a document is found to be.

use crate::engine::value::Value;

/// Where a document begins, in complaints.
pub(super) const ROOT: &str = "(Root)";

/// A rule that a document breaks.
pub(super) struct Complaint {
    kind: &'static str,
    /// The place in the document.
    path: String,
    description: String,
}

impl Complaint {
    pub(super) fn into_value(self) -> Value {
        let field = field(&self.path);
        let entries = vec![
            (Value::from("error"), Value::from(format!("{field}: {}", self.description))),
            (Value::from("type"), Value::from(self.kind)),
            (Value::from("field"), Value::from(field)),
            (Value::from("desc"), Value::from(self.description.as_str())),
        ];
        Value::object(entries)
    }
}

/// The place without the document's own name, unless it is the document.
pub(super) fn field(path: &str) -> &str {
    path.strip_prefix(ROOT).and_then(|path| path.strip_prefix('.')).unwrap_or(path)
}

/// The complaints of a judgement, and how near it came to none: of several schemas that a document
/// may follow, the nearest one's complaints are told.
#[derive(Default)]
pub(super) struct Verdict {
    pub(super) complaints: Vec<Complaint>,
    pub(super) score: i64,
}

impl Verdict {
    pub(super) fn valid(&self) -> bool {
        self.complaints.is_empty()
    }

    pub(super) fn complain(&mut self, kind: &'static str, path: &str, description: String) {
        self.complaints.push(Complaint { kind, path: path.to_owned(), description });
        self.score -= 2;
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.complaints.extend(other.complaints);
        self.score += other.score;
    }

    /// The nearer of two.
    pub(super) fn nearer(best: Option<Self>, other: Self) -> Self {
        match best {
            Some(best) if best.score >= other.score => best,
            _ => other,
        }
    }
}
