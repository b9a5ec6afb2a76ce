//! The parameters of OPA's REST API in a request's query.

use super::fault::Fault;

/// What a request asks for beside its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Switches {
    pub(super) pretty: bool,
    pub(super) metrics: bool,
    pub(super) provenance: bool,
    pub(super) strict: bool,
    /// The last `input`.
    pub(super) input: Option<String>,
    /// The last `q`.
    pub(super) query: Option<String>,
}

impl Switches {
    /// Reads a query. Explanations are refused, since they would not be OPA's: an answer without the
    /// explanation that was asked for would read as one that has none.
    pub(super) fn read(query: Option<&str>) -> Result<Self, Fault> {
        let mut switches = Self::default();
        for pair in query.unwrap_or_default().split('&') {
            // A semicolon makes the whole pair void, as in Go.
            if pair.is_empty() || pair.contains(';') {
                continue;
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(name), Some(value)) = (decoded(name), decoded(value)) else { continue };
            let on = value.is_empty() || value.eq_ignore_ascii_case("true");
            match name.as_str() {
                "pretty" => switches.pretty |= on,
                "metrics" | "instrument" => switches.metrics |= on,
                "provenance" => switches.provenance |= on,
                "strict-builtin-errors" => switches.strict |= on,
                "input" => switches.input = Some(value),
                "q" => switches.query = Some(value),
                "explain" if matches!(value.as_str(), "notes" | "fails" | "full" | "debug") => {
                    return Err(Fault::invalid(
                        "explain: this server does not explain; use `gate policy eval --explain`",
                    ));
                }
                _ => {}
            }
        }
        Ok(switches)
    }
}

/// Undoes `%20` and `+`; `None` where an escape is none.
fn decoded(text: &str) -> Option<String> {
    unescaped(&text.replace('+', " "))
}

/// Undoes `%20`; `None` where an escape is none or the bytes are no text.
pub(super) fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_are_read_as_go_reads_a_query() {
        let read = |query| Switches::read(Some(query)).unwrap();
        assert!(read("pretty").pretty && read("pretty=").pretty && read("pretty=TRUE").pretty);
        assert!(!read("pretty=1").pretty && !read("pretty=false").pretty && !read("").pretty);
        assert!(read("instrument").metrics && read("a&metrics=true").metrics);
        assert_eq!(read("q=a&q=x+%3D%201").query.unwrap(), "x = 1");
        assert_eq!(read("q=x;y&pretty").query, None);
        assert_eq!(read("input=%zz").input, None);
    }

    #[test]
    fn an_explanation_that_cannot_be_given_is_no_silent_answer() {
        assert!(Switches::read(Some("explain=full")).is_err());
        assert!(Switches::read(Some("explain=off")).is_ok());
    }
}
