//! XML as a row of tokens. Nothing outside of the text is ever read: own entities are refused, and a
//! document type is refused or taken for the bare declaration that it is.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::limits;

/// What is done with a document type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doctype {
    /// It is an error.
    Refused,
    /// It may name a document type that nobody looks at. With declarations of its own, which is how
    /// XML grows without end and reads files, it is an error.
    Ignored,
}

/// A piece of a document.
#[derive(Debug)]
pub(crate) enum Token<'a> {
    /// An element begins.
    Open(Element),
    /// The element that began last ends.
    Close,
    /// Text within an element, with its references resolved.
    Text(&'a str),
}

/// The beginning of an element.
#[derive(Debug)]
pub(crate) struct Element {
    /// Its name without prefix.
    pub(crate) name: String,
    /// Attributes by name, in document order.
    pub(crate) attributes: Vec<(String, String)>,
}

impl Element {
    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Where a document is no XML that is read, or not what its reader expects.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub(crate) struct MarkupError {
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong.
    pub(crate) message: String,
}

/// Reads a whole document and hands each token to `each`, whose refusal ends the reading.
pub(crate) fn tokens(
    text: &str,
    doctype: Doctype,
    mut each: impl FnMut(Token<'_>) -> Result<(), String>,
) -> Result<(), MarkupError> {
    let mut reader = Reader::from_str(text);
    let mut state = State { depth: 0, rooted: false, doctype };
    loop {
        let event = reader.read_event();
        let position = reader.buffer_position();
        let step = match event {
            Err(error) => Err(format!("is no XML: {error}")),
            Ok(Event::Eof) if state.rooted && state.depth == 0 => return Ok(()),
            Ok(Event::Eof) => Err("ends before its root element does".to_owned()),
            Ok(event) => state.take(event, &mut each),
        };
        step.map_err(|message| {
            let end = usize::try_from(position).unwrap_or(usize::MAX).min(text.len());
            let before = text.as_bytes()[..end].split(|byte| *byte == b'\n');
            MarkupError { line: before.count(), message }
        })?;
    }
}

struct State {
    depth: usize,
    rooted: bool,
    doctype: Doctype,
}

impl State {
    fn take(
        &mut self,
        event: Event<'_>,
        each: &mut impl FnMut(Token<'_>) -> Result<(), String>,
    ) -> Result<(), String> {
        match event {
            Event::Start(start) => self.open(&start, each),
            Event::Empty(start) => {
                self.open(&start, each)?;
                self.depth -= 1;
                each(Token::Close)
            }
            Event::End(_) => {
                self.depth = self.depth.checked_sub(1).ok_or("closes what is not open")?;
                each(Token::Close)
            }
            Event::Text(text) if self.depth == 0 && text.trim().is_empty() => Ok(()),
            Event::Text(_) if self.depth == 0 => {
                Err("has text outside its root element".to_owned())
            }
            Event::Text(text) => each(Token::Text(&text)),
            Event::CData(text) if self.depth > 0 => each(Token::Text(&text)),
            Event::CData(_) => Err("has text outside its root element".to_owned()),
            Event::GeneralRef(reference) => {
                each(Token::Text(&resolved(&reference).ok_or("uses an entity of its own")?))
            }
            Event::DocType(declared) => self.declared(&declared),
            _ => Ok(()),
        }
    }

    fn open(
        &mut self,
        start: &BytesStart<'_>,
        each: &mut impl FnMut(Token<'_>) -> Result<(), String>,
    ) -> Result<(), String> {
        if self.depth == 0 && self.rooted {
            return Err("has more than one root element".to_owned());
        }
        if self.depth == limits::NESTING {
            return Err(format!("nested more than {} deep", limits::NESTING));
        }
        self.rooted = true;
        self.depth += 1;
        let unread =
            |error: &dyn std::fmt::Display| format!("an attribute cannot be read: {error}");
        let mut attributes = vec![];
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| unread(&error))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| unread(&error))?;
            let key: &str = attribute.key.as_ref();
            attributes.push((key.to_owned(), value.into_owned()));
        }
        let name = start.local_name();
        let name: &str = name.as_ref();
        each(Token::Open(Element { name: name.to_owned(), attributes }))
    }

    fn declared(&self, declared: &str) -> Result<(), String> {
        match self.doctype {
            Doctype::Refused => Err("has a document type, which is not read".to_owned()),
            Doctype::Ignored if declared.contains(['[', '<', '%', '&']) => {
                Err("has a document type with declarations of its own, which is not read"
                    .to_owned())
            }
            Doctype::Ignored if self.rooted => {
                Err("has a document type after its root element".to_owned())
            }
            Doctype::Ignored => Ok(()),
        }
    }
}

/// A character reference or one of the five entities that XML has by itself.
fn resolved(reference: &str) -> Option<String> {
    let text = match reference {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        other => {
            let number = other.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            return char::from_u32(code).map(String::from);
        }
    };
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, doctype: Doctype) -> Result<String, MarkupError> {
        let mut told = String::new();
        tokens(text, doctype, |token| {
            match token {
                Token::Open(element) => {
                    let begun = format!("<{}{:?}", element.name, element.attributes);
                    told.push_str(&begun);
                }
                Token::Close => told.push('>'),
                Token::Text(text) => told.push_str(text),
            }
            Ok(())
        })?;
        Ok(told)
    }

    #[test]
    fn references_are_resolved_and_prefixes_left_out() {
        let text = "<?xml version='1.0'?><x:a b='1&amp;2'>&lt;&#65;&#x42;<![CDATA[<c>]]></x:a>";
        assert_eq!(told(text, Doctype::Refused).unwrap(), r#"<a[("b", "1&2")]<AB<c>>"#);
    }

    #[test]
    fn xml_that_reads_files_or_grows_without_end_is_refused_under_either_rule() {
        for text in [
            "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
            "<!DOCTYPE a [<!ENTITY b 'ha'><!ENTITY c '&b;&b;'>]><a>&c;</a>",
            "<!DOCTYPE a SYSTEM 'a.dtd' [<!ENTITY % p SYSTEM 'http://h/x'> %p;]><a/>",
            "<!DOCTYPE a SYSTEM 'a.dtd'><a>&x;</a>",
            "<!DOCTYPE a SYSTEM 'a.dtd'><a b='&x;'/>",
            "<a>&x;</a>",
            "<a/><!DOCTYPE a SYSTEM 'a.dtd'>",
        ] {
            for doctype in [Doctype::Refused, Doctype::Ignored] {
                assert!(told(text, doctype).is_err(), "{text}");
            }
        }
        let declared = "<!DOCTYPE a PUBLIC '-//x//EN' 'http://h/a.dtd'><a/>";
        assert!(told(declared, Doctype::Ignored).is_ok());
        assert!(told(declared, Doctype::Refused).is_err());
    }

    #[test]
    fn what_is_not_one_whole_element_is_refused_with_its_line() {
        let deep = "<a>".repeat(10_000);
        for text in
            ["", "<a>", "<a></b>", "</a>", "<a/><b/>", "<a/>x", "x<a/>", "<a b='1' b='2'/>", &deep]
        {
            assert!(told(text, Doctype::Refused).is_err(), "{text}");
        }
        assert_eq!(told("<a>\n\n<b></c></a>", Doctype::Refused).unwrap_err().line, 3);
    }
}
