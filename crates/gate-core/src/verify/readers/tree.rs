//! From XML to a tree of elements, bounded in depth and count. Document types and entities of its own
//! are refused: they are how XML reads files and grows without end.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::limits;
use crate::reason::Problem;
use crate::verify::failure::Failure;

/// Elements of one document.
const ELEMENTS: usize = 2_000_000;

/// An element by its local name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    pub(super) text: String,
    children: Vec<Element>,
}

impl Element {
    /// Reads a document without what lies in elements of the `skipped` names.
    pub(super) fn of(bytes: &[u8], skipped: &[&str]) -> Result<Self, Failure> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            Failure::malformed(format!("is not UTF-8 from byte {}", error.valid_up_to()))
        })?;
        let mut reader = Reader::from_str(text);
        let mut builder = Builder { open: vec![], root: None, count: 0, skip: None };
        loop {
            let event = reader.read_event().map_err(|error| {
                Failure::malformed(format!(
                    "is no XML at byte {}: {error}",
                    reader.error_position()
                ))
            })?;
            match event {
                Event::Start(start) => builder.open(&start, skipped)?,
                Event::Empty(start) => {
                    builder.open(&start, skipped)?;
                    builder.close()?;
                }
                Event::End(_) => builder.close()?,
                Event::Text(text) => builder.text(&text),
                Event::CData(text) => builder.text(&text),
                Event::GeneralRef(reference) => builder.reference(&reference)?,
                Event::DocType(_) => {
                    return Err(Failure::malformed("has a document type, which is not read"));
                }
                Event::Eof => return builder.finish(),
                _ => {}
            }
        }
    }

    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children(name).next()
    }

    /// The children of this name.
    pub(super) fn children(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The version at the end of a namespace like `name.2.5.xsd`.
    pub(super) fn namespace_version(&self) -> Option<&str> {
        let namespace = self.attribute("xmlns")?.trim_end_matches(".xsd");
        let at = namespace.rfind(|other: char| !(other.is_ascii_digit() || other == '.'))?;
        Some(namespace[at + 1..].trim_matches('.')).filter(|version| !version.is_empty())
    }
}

struct Builder {
    open: Vec<Element>,
    root: Option<Element>,
    count: usize,
    /// The depth of the element that is skipped.
    skip: Option<usize>,
}

impl Builder {
    fn open(&mut self, start: &BytesStart<'_>, skipped: &[&str]) -> Result<(), Failure> {
        if self.open.len() == limits::NESTING {
            return Err(Failure::malformed(format!("nested more than {} deep", limits::NESTING)));
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(Failure::malformed("has more than one root element"));
        }
        self.count += 1;
        if self.count > ELEMENTS {
            return Err(Failure::new(
                Problem::EvidenceTooLarge,
                format!("has more than {ELEMENTS} elements"),
            ));
        }
        let local = start.local_name();
        let name: &str = local.as_ref();
        if self.skip.is_none() && skipped.contains(&name) {
            self.skip = Some(self.open.len());
        }
        let mut element = Element { name: name.to_owned(), ..Element::default() };
        if self.skip.is_none() {
            for attribute in start.attributes() {
                let attribute = attribute.map_err(|error| {
                    Failure::malformed(format!("has an attribute that cannot be read: {error}"))
                })?;
                let key: &str = attribute.key.as_ref();
                let value =
                    attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|error| {
                        Failure::malformed(format!("has an attribute that cannot be read: {error}"))
                    })?;
                element.attributes.push((key.to_owned(), value.into_owned()));
            }
        }
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Failure> {
        let Some(element) = self.open.pop() else {
            return Err(Failure::malformed("ends an element that was not begun"));
        };
        if let Some(depth) = self.skip {
            if depth == self.open.len() {
                self.skip = None;
            }
            return Ok(());
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if self.skip.is_none()
            && let Some(element) = self.open.last_mut()
        {
            element.text.push_str(text);
        }
    }

    fn reference(&mut self, reference: &str) -> Result<(), Failure> {
        let resolved = match reference {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => reference
                .strip_prefix('#')
                .and_then(|number| match number.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).ok(),
                    None => number.parse().ok(),
                })
                .and_then(char::from_u32)
                .ok_or_else(|| Failure::malformed("uses an entity of its own"))?,
        };
        self.text(resolved.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn finish(self) -> Result<Element, Failure> {
        if !self.open.is_empty() {
            return Err(Failure::malformed("ends within an element"));
        }
        self.root.ok_or_else(|| Failure::malformed("is XML without an element"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_becomes_a_tree_without_what_is_skipped() {
        let text = "<x:a xmlns:x='u'><b c='1 &lt; 2'>one &amp; <![CDATA[<two>]]></b><s><b>no</b></s>\
            <b/></x:a>";
        let root = Element::of(text.as_bytes(), &["s"]).unwrap();
        let texts: Vec<_> = root.children("b").map(|it| it.text.as_str()).collect();
        assert_eq!(texts, ["one & <two>", ""]);
        assert_eq!(root.child("b").unwrap().attribute("c"), Some("1 < 2"));
        assert!(root.child("s").is_none());
    }

    #[test]
    fn what_reads_files_or_grows_is_refused() {
        for text in [
            "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>",
            "<a>&e;</a>",
            "<a/><b/>",
            "<a>",
            "",
            "<a></b>",
        ] {
            assert!(Element::of(text.as_bytes(), &[]).is_err(), "{text}");
        }
        let deep = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert!(Element::of(deep(limits::NESTING).as_bytes(), &[]).is_ok());
        assert!(Element::of(deep(limits::NESTING + 1).as_bytes(), &[]).is_err());
    }

    #[test]
    fn the_version_is_that_of_the_namespace() {
        let root = Element::of(b"<a xmlns='https://x.example/check.2.5.xsd'/>", &[]).unwrap();
        assert_eq!(root.namespace_version(), Some("2.5"));
    }
}
