//! From `Tag: value` lines to the shape that SPDX's JSON has, with the line of each part.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::facts::Located;
use crate::limits;
use crate::reason::Problem;
use crate::verify::failure::Failure;

/// A document in the shape of its JSON.
pub(super) struct Document {
    pub(super) value: Value,
    /// The line of each element, by its JSON pointer.
    lines: BTreeMap<String, usize>,
    /// Lines that are none of the format.
    pub(super) faults: Vec<Located>,
}

impl Document {
    /// The line of what a JSON pointer names, or of what it is in.
    pub(super) fn line_of(&self, pointer: &str) -> String {
        let mut end = pointer.len();
        loop {
            if let Some(line) = self.lines.get(&pointer[..end]) {
                return format!("line {line}");
            }
            match pointer[..end].rfind('/') {
                Some(shorter) => end = shorter,
                None => return String::new(),
            }
        }
    }
}

/// Reads lines. Text between `<text>` and `</text>` may have several.
pub(super) fn parse(text: &str) -> Result<Document, Failure> {
    let mut parser = Parser::default();
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    while let Some((number, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((tag, value)) = line.split_once(':') else {
            parser.wrong(number, "is no `Tag: value`");
            continue;
        };
        let mut value = value.trim().to_owned();
        if let Some(first) = value.strip_prefix("<text>") {
            let mut whole = first.to_owned();
            while !whole.contains("</text>") {
                let Some((_, line)) = lines.next() else {
                    return Err(Failure::malformed(format!("line {number}: the text never ends")));
                };
                whole.push('\n');
                whole.push_str(line);
            }
            whole.split("</text>").next().unwrap_or_default().clone_into(&mut value);
        }
        parser.line(number, tag.trim(), value)?;
    }
    Ok(parser.finish())
}

/// Where a tag's value goes.
enum To {
    /// A member of the element that is open.
    Member(&'static str),
    /// A list of the element that is open.
    List(&'static str),
    /// Something with its own form.
    Own,
}

#[derive(Default)]
struct Parser {
    document: Map<String, Value>,
    creation: Map<String, Value>,
    /// Lists of elements: packages, files, ...
    elements: BTreeMap<&'static str, Vec<Map<String, Value>>>,
    /// The list whose last element is open; `None` is the document.
    open: Option<&'static str>,
    lines: BTreeMap<String, usize>,
    faults: Vec<Located>,
    count: usize,
}

impl Parser {
    fn wrong(&mut self, line: usize, message: &str) {
        const KEPT: usize = 60;
        if self.faults.len() < KEPT {
            let place = format!("line {line}");
            self.faults.push(Located { place, message: message.to_owned() });
        }
    }

    fn begin(&mut self, list: &'static str, line: usize) -> Result<(), Failure> {
        self.count += 1;
        if self.count > limits::COMPONENTS {
            return Err(Failure::new(
                Problem::EvidenceTooLarge,
                format!("the SBOM has more than {} elements", limits::COMPONENTS),
            ));
        }
        let elements = self.elements.entry(list).or_default();
        self.lines.insert(format!("/{list}/{}", elements.len()), line);
        elements.push(Map::new());
        self.open = Some(list);
        Ok(())
    }

    fn element(&mut self) -> &mut Map<String, Value> {
        match self.open.and_then(|list| self.elements.get_mut(list)?.last_mut()) {
            Some(element) => element,
            None => &mut self.document,
        }
    }

    fn line(&mut self, line: usize, tag: &str, value: String) -> Result<(), Failure> {
        if let Some(list) = begins(tag) {
            self.begin(list, line)?;
        }
        match place(self.open, tag) {
            Some(To::Member(name)) => {
                if self.element().contains_key(name) {
                    self.wrong(line, &format!("`{tag}` stands twice"));
                }
                self.element().insert(name.to_owned(), Value::String(value));
            }
            Some(To::List(name)) => push(self.element(), name, Value::String(value)),
            Some(To::Own) => self.own(line, tag, &value),
            None => {
                let shown: String = tag.chars().take(60).collect();
                self.wrong(line, &format!("`{shown}` is no tag that the format has here"));
            }
        }
        Ok(())
    }

    /// Values of several parts.
    fn own(&mut self, line: usize, tag: &str, value: &str) {
        let parts: Vec<&str> = value.split_whitespace().collect();
        match (tag, parts.as_slice()) {
            ("Creator", _) => push(&mut self.creation, "creators", value.into()),
            ("Created", _) => _ = self.creation.insert("created".into(), value.into()),
            ("CreatorComment", _) => _ = self.creation.insert("comment".into(), value.into()),
            ("LicenseListVersion", _) => {
                self.creation.insert("licenseListVersion".into(), value.into());
            }
            ("FilesAnalyzed", [truth]) => match truth.to_ascii_lowercase().as_str() {
                "true" => _ = self.element().insert("filesAnalyzed".into(), true.into()),
                "false" => _ = self.element().insert("filesAnalyzed".into(), false.into()),
                _ => self.wrong(line, "is neither true nor false"),
            },
            ("ExternalDocumentRef", [id, address, rest @ ..]) => {
                let checksum = checksum(&rest.concat());
                let list = self.elements.entry("externalDocumentRefs").or_default();
                self.lines.insert(format!("/externalDocumentRefs/{}", list.len()), line);
                let value = json!({
                    "externalDocumentId": id, "spdxDocument": address, "checksum": checksum,
                });
                list.extend(value.as_object().cloned());
            }
            ("PackageChecksum" | "FileChecksum", _) => {
                push(self.element(), "checksums", checksum(value));
            }
            ("PackageVerificationCode", _) => {
                let code = value.split('(').next().unwrap_or_default().trim();
                let value = json!({"packageVerificationCodeValue": code});
                self.element().insert("packageVerificationCode".into(), value);
            }
            ("ExternalRef", [category, kind, locator @ ..]) => {
                let value = json!({
                    "referenceCategory": category,
                    "referenceType": kind,
                    "referenceLocator": locator.join(" "),
                });
                push(self.element(), "externalRefs", value);
            }
            ("SnippetByteRange" | "SnippetLineRange", _) => self.range(line, tag, value),
            ("Relationship", [from, kind, to]) => {
                let value = json!({
                    "spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to,
                });
                if let Some(members) = value.as_object() {
                    self.element().extend(members.clone());
                }
            }
            ("SPDXREF" | "ExternalRefComment", _) => {}
            _ => self.wrong(line, &format!("`{tag}` has not the parts that it needs")),
        }
    }

    fn range(&mut self, line: usize, tag: &str, value: &str) {
        let numbers = value.split_once(':');
        let numbers = numbers.and_then(|(start, end)| {
            Some((start.trim().parse::<u64>().ok()?, end.trim().parse::<u64>().ok()?))
        });
        let Some((start, end)) = numbers else {
            return self.wrong(line, "is no range");
        };
        let name = if tag == "SnippetByteRange" { "offset" } else { "lineNumber" };
        let pointer = |at: u64| json!({"reference": "NOASSERTION", name: at});
        let value = json!({"startPointer": pointer(start), "endPointer": pointer(end)});
        push(self.element(), "ranges", value);
    }

    fn finish(mut self) -> Document {
        self.document.insert("creationInfo".to_owned(), Value::Object(self.creation));
        for (list, elements) in self.elements {
            let elements = elements.into_iter().map(Value::Object).collect();
            self.document.insert(list.to_owned(), Value::Array(elements));
        }
        Document { value: Value::Object(self.document), lines: self.lines, faults: self.faults }
    }
}

fn push(element: &mut Map<String, Value>, name: &str, value: Value) {
    let list = element.entry(name).or_insert_with(|| Value::Array(vec![]));
    if let Value::Array(list) = list {
        list.push(value);
    }
}

/// `SHA1: d6a7...`
fn checksum(text: &str) -> Value {
    let (algorithm, digest) = text.split_once(':').unwrap_or((text, ""));
    json!({"algorithm": algorithm.trim(), "checksumValue": digest.trim()})
}

/// The list to which a tag adds an element.
fn begins(tag: &str) -> Option<&'static str> {
    Some(match tag {
        "PackageName" => "packages",
        "FileName" => "files",
        "SnippetSPDXID" => "snippets",
        "LicenseID" => "hasExtractedLicensingInfos",
        "Relationship" => "relationships",
        "Annotator" => "annotations",
        "Reviewer" => "revieweds",
        _ => return None,
    })
}

/// Where the value of a tag goes in the element that is open.
fn place(open: Option<&'static str>, tag: &str) -> Option<To> {
    let open = open.unwrap_or_default();
    let named = |list: &[(&str, &str, &'static str)]| {
        list.iter().find(|(within, name, _)| *within == open && *name == tag).map(|it| it.2)
    };
    if let Some(name) = named(MEMBERS) {
        return Some(To::Member(name));
    }
    if let Some(name) = named(LISTS) {
        return Some(To::List(name));
    }
    (ANYWHERE.contains(&tag) || OWN.contains(&(open, tag))).then_some(To::Own)
}

/// Tags whose value is a member: of which list's elements, the tag, the member.
const MEMBERS: &[(&str, &str, &str)] = &[
    ("packages", "PackageName", "name"),
    ("packages", "SPDXID", "SPDXID"),
    ("packages", "PackageVersion", "versionInfo"),
    ("packages", "PackageFileName", "packageFileName"),
    ("packages", "PackageSupplier", "supplier"),
    ("packages", "PackageOriginator", "originator"),
    ("packages", "PackageDownloadLocation", "downloadLocation"),
    ("packages", "PackageHomePage", "homepage"),
    ("packages", "PackageSourceInfo", "sourceInfo"),
    ("packages", "PackageLicenseConcluded", "licenseConcluded"),
    ("packages", "PackageLicenseDeclared", "licenseDeclared"),
    ("packages", "PackageLicenseComments", "licenseComments"),
    ("packages", "PackageCopyrightText", "copyrightText"),
    ("packages", "PackageSummary", "summary"),
    ("packages", "PackageDescription", "description"),
    ("packages", "PackageComment", "comment"),
    ("packages", "PrimaryPackagePurpose", "primaryPackagePurpose"),
    ("packages", "BuiltDate", "builtDate"),
    ("packages", "ReleaseDate", "releaseDate"),
    ("packages", "ValidUntilDate", "validUntilDate"),
    ("files", "FileName", "fileName"),
    ("files", "SPDXID", "SPDXID"),
    ("files", "LicenseConcluded", "licenseConcluded"),
    ("files", "LicenseComments", "licenseComments"),
    ("files", "FileCopyrightText", "copyrightText"),
    ("files", "FileComment", "comment"),
    ("files", "FileNotice", "noticeText"),
    ("snippets", "SnippetSPDXID", "SPDXID"),
    ("snippets", "SnippetFromFileSPDXID", "snippetFromFile"),
    ("snippets", "SnippetLicenseConcluded", "licenseConcluded"),
    ("snippets", "SnippetLicenseComments", "licenseComments"),
    ("snippets", "SnippetCopyrightText", "copyrightText"),
    ("snippets", "SnippetComment", "comment"),
    ("snippets", "SnippetName", "name"),
    ("hasExtractedLicensingInfos", "LicenseID", "licenseId"),
    ("hasExtractedLicensingInfos", "ExtractedText", "extractedText"),
    ("hasExtractedLicensingInfos", "LicenseName", "name"),
    ("hasExtractedLicensingInfos", "LicenseComment", "comment"),
    ("relationships", "RelationshipComment", "comment"),
    ("annotations", "Annotator", "annotator"),
    ("annotations", "AnnotationDate", "annotationDate"),
    ("annotations", "AnnotationType", "annotationType"),
    ("annotations", "AnnotationComment", "comment"),
    ("revieweds", "Reviewer", "reviewer"),
    ("revieweds", "ReviewDate", "reviewDate"),
    ("revieweds", "ReviewComment", "comment"),
    ("", "SPDXVersion", "spdxVersion"),
    ("", "DataLicense", "dataLicense"),
    ("", "SPDXID", "SPDXID"),
    ("", "DocumentName", "name"),
    ("", "DocumentNamespace", "documentNamespace"),
    ("", "DocumentComment", "comment"),
];

/// Tags whose values make a list.
const LISTS: &[(&str, &str, &str)] = &[
    ("packages", "PackageLicenseInfoFromFiles", "licenseInfoFromFiles"),
    ("packages", "PackageAttributionText", "attributionTexts"),
    ("files", "FileType", "fileTypes"),
    ("files", "LicenseInfoInFile", "licenseInfoInFiles"),
    ("files", "FileContributor", "fileContributors"),
    ("files", "FileDependency", "fileDependencies"),
    ("files", "FileAttributionText", "attributionTexts"),
    ("files", "ArtifactOfProjectName", "artifactOfs"),
    ("files", "ArtifactOfProjectHomePage", "artifactOfs"),
    ("files", "ArtifactOfProjectURI", "artifactOfs"),
    ("snippets", "LicenseInfoInSnippet", "licenseInfoInSnippets"),
    ("snippets", "SnippetAttributionText", "attributionTexts"),
    ("hasExtractedLicensingInfos", "LicenseCrossReference", "seeAlsos"),
];

/// Tags whose value has parts.
const OWN: &[(&str, &str)] = &[
    ("packages", "FilesAnalyzed"),
    ("packages", "PackageChecksum"),
    ("packages", "PackageVerificationCode"),
    ("packages", "ExternalRef"),
    ("packages", "ExternalRefComment"),
    ("files", "FileChecksum"),
    ("snippets", "SnippetByteRange"),
    ("snippets", "SnippetLineRange"),
    ("relationships", "Relationship"),
    ("annotations", "SPDXREF"),
];

/// Tags of the document that may stand behind those of its elements.
const ANYWHERE: [&str; 5] =
    ["Creator", "Created", "CreatorComment", "LicenseListVersion", "ExternalDocumentRef"];
