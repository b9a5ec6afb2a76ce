//! Why a piece of evidence proves nothing: a problem's code with what exactly was found.

use crate::evidence::Kind;
use crate::facts::Located;
use crate::reason::Problem;

/// A failed proof on its way to becoming a failed fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The stable code.
    pub(super) code: Problem,
    /// What was found, for people.
    pub(crate) detail: String,
    /// What the evidence would have been.
    pub(super) kind: Option<Kind>,
    /// The signer, where one is known.
    pub(super) signer: Option<String>,
    /// The places in the document that are wrong, where they are known; `detail` tells the first.
    pub(super) places: Vec<Located>,
}

impl Failure {
    pub(super) fn new(code: Problem, detail: impl Into<String>) -> Self {
        Self { code, detail: bounded(detail.into()), kind: None, signer: None, places: vec![] }
    }

    /// The evidence cannot be read as what it claims to be.
    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(Problem::EvidenceMalformed, detail)
    }

    /// A document that breaks the rules of its format at these places, of which the first are kept.
    pub(super) fn invalid(mut places: Vec<Located>) -> Self {
        const KEPT: usize = 50;
        let count = places.len();
        let mut words: Vec<_> = places.iter().take(3).map(Located::to_string).collect();
        if count > words.len() {
            words.push(format!("and {} more", count - words.len()));
        }
        places.truncate(KEPT);
        Self { places, ..Self::malformed(words.join("; ")) }
    }

    /// The same with the kind that the evidence would have been.
    pub(super) fn of(mut self, kind: Kind) -> Self {
        self.kind = self.kind.or(Some(kind));
        self
    }

    /// The same with the signer that it speaks of.
    pub(super) fn by(mut self, signer: &str) -> Self {
        self.signer = Some(signer.to_owned());
        self
    }

    /// Whether the evidence could not be read at all, so that nobody knows what it would have said.
    pub(super) fn is_unreadable(&self) -> bool {
        matches!(
            self.code,
            Problem::EvidenceMalformed | Problem::EvidenceUnknown | Problem::EvidenceTooLarge
        )
    }
}

/// Details quote what others wrote; a long one must not fill records and logs.
fn bounded(mut detail: String) -> String {
    const LIMIT: usize = 600;
    if detail.len() > LIMIT {
        let end = (0..=LIMIT).rev().find(|at| detail.is_char_boundary(*at)).unwrap_or(0);
        detail.truncate(end);
        detail.push_str("...");
    }
    detail
}
