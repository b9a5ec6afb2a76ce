//! From a CycloneDX BOM (JSON, 1.2 to 1.7) to components, flattened.

use std::collections::BTreeMap;
use std::str::FromStr;

use packageurl::PackageUrl;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::facts::{Component, Sbom};
use crate::reason::Problem;
use crate::verify::failure::Failure;
use crate::{Digest, limits};

/// The versions that are read.
const VERSIONS: [&str; 6] = ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];

/// A BOM as far as it is read; the rest is skipped.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::verify) struct Bom {
    #[serde(rename = "bomFormat")]
    format: String,
    spec_version: String,
    serial_number: Option<String>,
    metadata: Option<Metadata>,
    components: Option<Vec<WireComponent>>,
    dependencies: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
struct Metadata {
    timestamp: Option<String>,
    tools: Option<Tools>,
    component: Option<WireComponent>,
}

/// A list of tools up to 1.4, components and services since 1.5.
#[derive(Deserialize)]
#[serde(untagged)]
enum Tools {
    List(Vec<Tool>),
    Inventory { components: Option<Vec<Tool>>, services: Option<Vec<Tool>> },
}

#[derive(Deserialize)]
struct Tool {
    name: Option<String>,
    version: Option<String>,
}

#[derive(Deserialize)]
struct WireComponent {
    r#type: String,
    name: String,
    group: Option<String>,
    version: Option<String>,
    purl: Option<String>,
    licenses: Option<Vec<LicenceChoice>>,
    supplier: Option<Named>,
    hashes: Option<Vec<Hash>>,
    scope: Option<String>,
    properties: Option<Vec<Property>>,
    components: Option<Vec<WireComponent>>,
}

#[derive(Deserialize)]
struct LicenceChoice {
    license: Option<Licence>,
    expression: Option<String>,
}

#[derive(Deserialize)]
struct Licence {
    id: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Hash {
    alg: String,
    content: String,
}

#[derive(Deserialize)]
struct Property {
    name: Option<String>,
    value: Option<String>,
}

/// Normalises a BOM; also returns the digests that its main component names as its own.
pub(in crate::verify) fn read(bom: Bom) -> Result<(Sbom, Vec<Digest>), Failure> {
    if bom.format != "CycloneDX" {
        return Err(Failure::malformed("`bomFormat` is not CycloneDX"));
    }
    if !VERSIONS.contains(&bom.spec_version.as_str()) {
        return Err(Failure::new(
            Problem::EvidenceUnknown,
            format!("CycloneDX `{}` is not read: use 1.2 to 1.7", bom.spec_version),
        ));
    }
    let metadata = bom.metadata;
    let main = metadata.as_ref().and_then(|metadata| metadata.component.as_ref());
    let names = main.map(digests).unwrap_or_default();
    let mut components = vec![];
    for component in bom.components.unwrap_or_default() {
        flatten(component, &mut components)?;
    }
    let tools = metadata.as_ref().and_then(|metadata| metadata.tools.as_ref());
    let timestamp = metadata.as_ref().and_then(|metadata| metadata.timestamp.as_ref());
    let sbom = Sbom {
        format: "cyclonedx".to_owned(),
        version: bom.spec_version,
        serial: bom.serial_number,
        // A time without a zone (some tools) is no instant: rules see that there is none.
        created_at: timestamp.and_then(|text| text.parse().ok()),
        tools: tools.map(names_of).unwrap_or_default(),
        dependencies: bom.dependencies.map_or(0, |list| list.len() as u64),
        components,
        main: metadata.and_then(|metadata| metadata.component).map(|it| normalise(it).0),
    };
    Ok((sbom, names))
}

/// Adds a component and those nested in it, in document order. Nesting is bounded by the JSON reader.
fn flatten(component: WireComponent, out: &mut Vec<Component>) -> Result<(), Failure> {
    if out.len() == limits::COMPONENTS {
        return Err(Failure::new(
            Problem::EvidenceTooLarge,
            format!("the SBOM has more than {} components", limits::COMPONENTS),
        ));
    }
    let (component, nested) = normalise(component);
    out.push(component);
    nested.into_iter().try_for_each(|nested| flatten(nested, out))
}

fn normalise(wire: WireComponent) -> (Component, Vec<WireComponent>) {
    let licences = wire.licenses.unwrap_or_default().into_iter().filter_map(|choice| {
        choice.expression.or_else(|| choice.license.and_then(|it| it.id.or(it.name)))
    });
    let hashes: BTreeMap<_, _> = wire
        .hashes
        .unwrap_or_default()
        .into_iter()
        .map(|hash| (hash.alg.to_lowercase(), hash.content.to_lowercase()))
        .collect();
    let component = Component {
        r#type: wire.r#type,
        name: wire.name,
        group: wire.group.filter(|group| !group.is_empty()),
        version: wire.version.filter(|version| !version.is_empty()),
        purl: wire.purl.filter(|purl| !purl.is_empty()).map(|purl| normalise_purl(&purl)),
        licences: licences.collect(),
        supplier: wire.supplier.and_then(|supplier| supplier.name),
        hashes,
        scope: wire.scope,
    };
    (component, wire.components.unwrap_or_default())
}

/// One spelling for one package; what does not parse stays as it was given.
pub(in crate::verify) fn normalise_purl(purl: &str) -> String {
    PackageUrl::from_str(purl).map_or_else(|_| purl.to_owned(), |parsed| parsed.to_string())
}

fn names_of(tools: &Tools) -> Vec<String> {
    let words = |tool: &Tool| match (&tool.name, &tool.version) {
        (Some(name), Some(version)) => Some(format!("{name} {version}")),
        (Some(name), None) => Some(name.clone()),
        (None, _) => None,
    };
    match tools {
        Tools::List(list) => list.iter().filter_map(words).collect(),
        Tools::Inventory { components, services } => {
            components.iter().chain(services).flatten().filter_map(words).collect()
        }
    }
}

/// The digests by which the main component names an artifact: its hash, a version or package URL
/// that is a digest (Syft, Trivy), or Trivy's property.
fn digests(main: &WireComponent) -> Vec<Digest> {
    let hashes = main
        .hashes
        .iter()
        .flatten()
        .filter(|hash| hash.alg.eq_ignore_ascii_case("SHA-256"))
        .filter_map(|hash| Digest::from_hex(&hash.content.to_ascii_lowercase()).ok());
    let versions = main.version.iter().filter_map(|version| version.parse().ok());
    let purls = main
        .purl
        .iter()
        .filter_map(|purl| PackageUrl::from_str(purl).ok()?.version()?.parse().ok());
    let properties = main
        .properties
        .iter()
        .flatten()
        .filter(|property| property.name.as_deref() == Some("aquasecurity:trivy:RepoDigest"))
        .filter_map(|property| property.value.as_ref()?.rsplit_once('@')?.1.parse().ok());
    hashes.chain(versions).chain(purls).chain(properties).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read_json(value: Value) -> Result<(Sbom, Vec<Digest>), Failure> {
        read(serde_json::from_value(value).unwrap())
    }

    #[test]
    fn components_are_flattened_and_normalised() {
        let (sbom, _) = read_json(json!({
            "bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:1",
            "metadata": {
                "timestamp": "2026-01-01T00:00:00Z",
                "tools": {"components": [{"type": "application", "name": "syft", "version": "1"}]},
                "component": {"type": "container", "name": "shop"},
            },
            "components": [{
                "type": "library", "name": "Django_Foo", "purl": "pkg:PyPI/Django_Foo@1.0", "group": "",
                "licenses": [{"license": {"id": "MIT"}}, {"license": {"name": "Own"}}, {"expression": "A OR B"}],
                "hashes": [{"alg": "SHA-256", "content": "AB"}], "supplier": {"name": "S"}, "scope": "optional",
                "components": [{"type": "library", "name": "inner", "purl": "no purl"}],
            }],
            "dependencies": [{"ref": "a"}, {"ref": "b"}],
        }))
        .unwrap();
        let outer = &sbom.components[0];
        assert_eq!(outer.purl.as_deref(), Some("pkg:pypi/django-foo@1.0"));
        assert_eq!(outer.licences, ["MIT", "Own", "A OR B"]);
        assert_eq!((outer.group.as_deref(), outer.hashes["sha-256"].as_str()), (None, "ab"));
        assert_eq!(sbom.components[1].purl.as_deref(), Some("no purl"));
        assert_eq!((sbom.tools.as_slice(), sbom.dependencies), (&["syft 1".to_owned()][..], 2));
        assert!(sbom.created_at.is_some() && sbom.main.is_some());
    }

    #[test]
    fn a_main_component_names_its_artifact_in_each_way_that_tools_write_it() {
        let digest = Digest::of(b"x");
        for main in [
            json!({"hashes": [{"alg": "SHA-256", "content": digest.to_hex()}]}),
            json!({"version": digest.to_string()}),
            json!({"purl": format!("pkg:oci/shop@sha256%3A{}", digest.to_hex())}),
            json!({"properties": [{"name": "aquasecurity:trivy:RepoDigest", "value": format!("r/shop@{digest}")}]}),
        ] {
            let mut main = main;
            main["type"] = json!("container");
            main["name"] = json!("shop");
            let bom = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"component": main}});
            assert_eq!(read_json(bom).unwrap().1, [digest]);
        }
    }

    #[test]
    fn other_formats_and_versions_are_refused() {
        let code = |format: &str, version: &str| {
            read_json(json!({"bomFormat": format, "specVersion": version})).unwrap_err().code
        };
        assert_eq!(code("CycloneDX", "2.0"), Problem::EvidenceUnknown);
        assert_eq!(code("SPDX", "1.6"), Problem::EvidenceMalformed);
    }
}
