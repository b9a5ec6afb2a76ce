//! What a server answers, true or not.

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Body,
}

/// The ways to send a body.
#[derive(Debug, Clone)]
pub enum Body {
    /// Whole, with its length.
    Whole(Vec<u8>),
    /// A part of what the length announces.
    Cut(Vec<u8>),
    /// A length without a byte of it.
    Announced(u64),
    /// Chunk after chunk without an end.
    Endless,
    /// Headers, then nothing.
    Silent,
    /// Not even headers.
    Mute,
    /// The connection ends before a status.
    Hangup,
}

impl Reply {
    /// A status with a body.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![], body: Body::Whole(body.into()) }
    }

    /// Status 200 with this way of a body.
    pub fn sent(body: Body) -> Self {
        Self { status: 200, headers: vec![], body }
    }

    /// A refusal as registries write it.
    pub fn refused(status: u16) -> Self {
        Self::new(status, r#"{"errors":[{"code":"TEST","message":"no"}]}"#)
    }

    /// The same with a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}
