//! From an SPDX 3.0 document in JSON-LD to components.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use foldhash::fast::FixedState;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::super::{Read, Reading};
use super::super::draft::{Draft, Of};
use super::super::rules::{Nobody, Path, Rules, Run, check_json, check_value, read_value};
use crate::Digest;
use crate::facts::Component;
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::marks::Marks;

pub(super) const TABLE: &str = include_str!("v3.rules");

/// Whether the marks are those of SPDX 3: its context, alone or among others.
pub(super) fn is_context(marks: &Marks<'_>) -> bool {
    match marks.text("@context") {
        Some(context) => context.contains("spdx.org/rdf/3"),
        None => marks.has("@context") && marks.has("@graph"),
    }
}

pub(super) fn read(bytes: &[u8]) -> Result<Read, Failure> {
    static RULES: OnceLock<Option<Rules>> = OnceLock::new();
    let rules = RULES.get_or_init(|| Rules::parse(&[TABLE], 0, "document", &[]).ok()).as_ref();
    let rules = rules.ok_or_else(|| Failure::malformed("its version has no rules"))?;
    let mut nobody = Nobody;
    let mut run = Run::new(&mut nobody);
    if Marks::of(bytes)?.has("@graph") {
        check_json(bytes, rules, &mut run)?;
        if !run.places.is_empty() {
            return Err(Failure::invalid(run.places));
        }
        return gather(&json::parse::<Document<'_>>(bytes)?.graph);
    }
    // One element stands for itself, with the context among its members.
    let mut element = read_value(bytes)?;
    let context = element.as_object_mut().and_then(|members| members.remove("@context"));
    let document = json!({"@context": context, "@graph": [element]});
    check_value(&document, "document", &Path::Root, rules, &mut run)?;
    if !run.places.is_empty() {
        for place in &mut run.places {
            place.place = place.place.trim_start_matches("/@graph/0").to_owned();
        }
        return Err(Failure::invalid(run.places));
    }
    gather(&[json::parse::<Element<'_>>(bytes)?])
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(rename = "@graph", borrow)]
    graph: Vec<Element<'a>>,
}

/// An element as far as it is read; its shape has been checked.
#[derive(Deserialize)]
struct Element<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(rename = "spdxId")]
    id: Option<String>,
    name: Option<String>,
    #[serde(rename = "creationInfo")]
    creation: Option<Value>,
    #[serde(rename = "software_packageVersion")]
    version: Option<String>,
    #[serde(rename = "software_packageUrl")]
    purl: Option<String>,
    #[serde(rename = "software_primaryPurpose")]
    purpose: Option<String>,
    #[serde(rename = "suppliedBy")]
    supplier: Option<Value>,
    #[serde(rename = "verifiedUsing", default)]
    hashes: Value,
    #[serde(rename = "externalIdentifier", default)]
    identifiers: Value,
    from: Option<Value>,
    #[serde(default)]
    to: Value,
    #[serde(rename = "relationshipType")]
    relationship: Option<String>,
    #[serde(rename = "simplelicensing_licenseExpression")]
    expression: Option<String>,
    #[serde(rename = "rootElement", default)]
    roots: Value,
    #[serde(rename = "specVersion")]
    spec_version: Option<String>,
    created: Option<String>,
}

/// One or several.
fn each(value: &Value) -> &[Value] {
    match value {
        Value::Array(list) => list,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

/// What a reference names: an IRI, or the element that stands in its place.
fn id_of(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("spdxId")?.as_str())
}

/// The elements by what they are asked for.
#[derive(Default)]
struct Index<'e> {
    names: HashMap<&'e str, &'e str, FixedState>,
    expressions: HashMap<&'e str, &'e str, FixedState>,
    /// Licences by package, in document order.
    licences: HashMap<&'e str, Vec<&'e str>, FixedState>,
    /// Roots, those of an SBOM before those of the document.
    roots: Vec<&'e str>,
}

impl<'e> Index<'e> {
    fn of(elements: &'e [Element<'_>]) -> Self {
        let mut index = Self::default();
        for element in elements {
            let Some(id) = element.id.as_deref() else { continue };
            index.names.extend(element.name.as_deref().map(|name| (id, name)));
            index.expressions.extend(element.expression.as_deref().map(|text| (id, text)));
            let roots = each(&element.roots).iter().filter_map(id_of);
            match &*element.r#type {
                "software_Sbom" | "Bom" => _ = index.roots.splice(0..0, roots),
                _ => index.roots.extend(roots),
            }
            let licence = matches!(
                element.relationship.as_deref(),
                Some("hasDeclaredLicense" | "hasConcludedLicense")
            );
            if let (true, Some(from)) = (licence, element.from.as_ref().and_then(id_of)) {
                let to = each(&element.to).iter().filter_map(id_of);
                index.licences.entry(from).or_default().extend(to);
            }
        }
        index
    }

    /// A licence's expression, or its id where it is one of the list.
    fn licence(&self, id: &'e str) -> Option<&'e str> {
        if let Some(expression) = self.expressions.get(id) {
            return Some(expression);
        }
        let listed = id.strip_prefix("https://spdx.org/licenses/")?;
        (!listed.is_empty()).then_some(listed)
    }
}

fn gather(elements: &[Element<'_>]) -> Result<Read, Failure> {
    let mut draft = Draft::new("spdx");
    let index = Index::of(elements);
    let mut faults = vec![];
    for (at, element) in elements.iter().enumerate() {
        let graph = Path::Key(&Path::Root, "@graph");
        let path = Path::Index(&graph, at);
        let package = matches!(
            &*element.r#type,
            "software_Package" | "ai_AIPackage" | "dataset_DatasetPackage"
        );
        let of = if package { Of::Component(draft.next()) } else { Of::Other };
        if let Some(id) = &element.id
            && !draft.is_new(id, of)
        {
            let message = format!("the identifier `{id}` stands twice");
            faults.push(crate::facts::Located { place: path.to_string(), message });
        }
        created(element, &mut draft, &path);
        match (&*element.r#type, &element.name) {
            ("Tool", Some(name)) => draft.sbom.tools.push(name.clone()),
            _ if package => {
                let component = component(element, &index, &mut draft, &path);
                if !draft.add(component) {
                    break;
                }
            }
            ("SpdxDocument", _) => draft.sbom.serial.clone_from(&element.id),
            _ => {}
        }
    }
    if !faults.is_empty() {
        return Err(Failure::invalid(faults));
    }
    for element in elements {
        relate(element, &mut draft);
    }
    let main = index.roots.iter().find_map(|root| {
        draft.sbom.components.iter().find(|component| component.id.as_deref() == Some(*root))
    });
    draft.sbom.main = main.cloned();
    if draft.sbom.version.is_empty() {
        "3.0".clone_into(&mut draft.sbom.version);
    }
    let sbom = draft.finish()?;
    let names = sbom.main.as_ref().map(digests).unwrap_or_default();
    let version = Some(sbom.version.clone());
    Ok(Read { names, version, ..Reading::Sbom(sbom).into() })
}

/// When and by which version, from the creation's own element or one that stands within another.
fn created(element: &Element<'_>, draft: &mut Draft, path: &Path<'_>) {
    let within = |name: &str| element.creation.as_ref()?.get(name)?.as_str();
    let version = element.spec_version.as_deref().or_else(|| within("specVersion"));
    let time = element.created.as_deref().or_else(|| within("created"));
    if let Some(version) = version.filter(|_| draft.sbom.version.is_empty()) {
        version.clone_into(&mut draft.sbom.version);
    }
    if let Some(time) = time.filter(|_| draft.sbom.created_at.is_none()) {
        draft.created(time, path);
    }
}

fn component(
    element: &Element<'_>,
    index: &Index<'_>,
    draft: &mut Draft,
    path: &Path<'_>,
) -> Component {
    let identifier = || {
        let identifiers = each(&element.identifiers).iter();
        let is_purl = |it: &&Value| it["externalIdentifierType"] == "packageUrl";
        identifiers.filter(is_purl).find_map(|it| it["identifier"].as_str())
    };
    let mut component = Component {
        id: element.id.clone(),
        r#type: element.purpose.clone().unwrap_or_else(|| "package".to_owned()),
        name: element.name.clone().unwrap_or_default(),
        version: element.version.clone().filter(|version| !version.is_empty()),
        ..Component::default()
    };
    let purl = element.purl.as_deref().or_else(identifier);
    component.purl = purl.and_then(|purl| draft.purl(purl, path));
    let supplier = element.supplier.as_ref();
    let named = supplier.and_then(|it| it.get("name")).and_then(Value::as_str);
    let known = || supplier.and_then(id_of).and_then(|id| index.names.get(id).copied());
    component.supplier = named.or_else(known).map(str::to_owned);
    for hash in each(&element.hashes) {
        if let (Some(algorithm), Some(digest)) =
            (hash["algorithm"].as_str(), hash["hashValue"].as_str())
        {
            component.hashes.insert(algorithm, digest.to_ascii_lowercase());
        }
    }
    let licences = element.id.as_deref().and_then(|id| index.licences.get(id));
    for text in licences.into_iter().flatten().filter_map(|id| index.licence(id)) {
        if !matches!(text, "NOASSERTION" | "NONE")
            && !component.licences.iter().any(|it| it == text)
        {
            draft.expression(text, path);
            component.licences.push(text.to_owned());
        }
    }
    component
}

fn relate(element: &Element<'_>, draft: &mut Draft) {
    let depends = matches!(
        element.relationship.as_deref(),
        Some(
            "dependsOn"
                | "contains"
                | "hasPrerequisite"
                | "hasDynamicLink"
                | "hasStaticLink"
                | "hasOptionalDependency"
                | "hasProvidedDependency"
                | "hasOptionalComponent"
        )
    );
    if let (true, Some(from)) = (depends, element.from.as_ref().and_then(id_of)) {
        for to in each(&element.to).iter().filter_map(id_of) {
            // What other documents hold is told by their own.
            if draft.knows(to) {
                draft.on(to);
            }
        }
        draft.relate(from);
    }
}

/// The artifact digests that the main component names.
fn digests(main: &Component) -> Vec<Digest> {
    let hash = main.hashes.get("sha-256").and_then(|digest| Digest::from_hex(digest).ok());
    let version = main.version.as_ref().and_then(|version| version.parse().ok());
    hash.into_iter().chain(version).collect()
}
