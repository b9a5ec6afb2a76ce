//! A Rego module as it is handed in: a path and its source.

/// One source file of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// The path that messages and coverage name.
    pub path: String,
    /// The source.
    pub source: String,
}

impl Module {
    /// A module from its path and source.
    pub fn new(path: impl Into<String>, source: impl Into<String>) -> Self {
        Self { path: path.into(), source: source.into() }
    }

    /// Whether the file holds tests, by its name.
    pub fn is_test(&self) -> bool {
        self.path.ends_with("_test.rego")
    }
}
