//! Each kind of rule of SPDX, broken once; and what is read of a document in each of its forms.

use serde_json::{Value, json};

use super::Format;
use crate::Digest;
use crate::facts::{Dependency, Sbom};
use crate::verify::failure::Failure;
use crate::verify::marks::Marks;
use crate::verify::readers::{Read, Reading};

fn read(text: &str) -> Result<Read, Failure> {
    let marks = Marks::of(text.as_bytes()).unwrap();
    Format::detect(&marks).unwrap().read(text.as_bytes())
}

fn sbom(text: &str) -> Sbom {
    match read(text).unwrap().reading {
        Reading::Sbom(sbom) => sbom,
        other => panic!("{other:?}"),
    }
}

fn document() -> Value {
    json!({
        "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "dataLicense": "CC0-1.0", "name": "d",
        "documentNamespace": "https://a.example/d",
        "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Tool: t-1"]},
        "packages": [
            {"SPDXID": "SPDXRef-a", "name": "a", "downloadLocation": "NONE", "versionInfo": "1",
             "supplier": "Organization: S (s@a.example)", "licenseDeclared": "MIT",
             "checksums": [{"algorithm": "SHA256", "checksumValue": "ab".repeat(32)}],
             "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                               "referenceLocator": "pkg:PyPI/a_b@1"}]},
            {"SPDXID": "SPDXRef-b", "name": "b", "downloadLocation": "NONE"},
        ],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-a"},
            {"spdxElementId": "SPDXRef-b", "relationshipType": "DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-a"},
        ],
    })
}

fn with(pointer: &str, value: Value) -> Result<Read, Failure> {
    let mut document = document();
    *document.pointer_mut(pointer).unwrap() = value;
    read(&document.to_string())
}

fn check_sbom(sbom: &Sbom) {
    let [a, b] = &sbom.components[..] else { panic!("{:?}", sbom.components) };
    assert_eq!((a.name.as_str(), a.version.as_deref(), b.name.as_str()), ("a", Some("1"), "b"));
    assert_eq!((a.purl.as_deref(), a.licences[0].as_str()), (Some("pkg:pypi/a-b@1"), "MIT"));
    assert_eq!(a.supplier.as_deref(), Some("S"));
    assert_eq!(a.hashes.get("sha-256"), Some(&*"ab".repeat(32)));
    assert_eq!(sbom.main.as_ref().map(|main| main.name.as_str()), Some("a"));
    assert_eq!(sbom.dependencies, [Dependency { of: Some(0), on: vec![1] }]);
    assert_eq!(sbom.problems, []);
    assert!(sbom.created_at.is_some());
}

#[test]
fn a_document_says_the_same_in_each_of_its_forms() {
    let json = document().to_string();
    check_sbom(&sbom(&json));
    assert_eq!(read(&json).unwrap().names, [Digest::from_hex(&"ab".repeat(32)).unwrap()]);
    let tags = format!(
        "# a comment\nSPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\n\
         DocumentName: d\nDocumentNamespace: https://a.example/d\nCreator: Tool: t-1\n\
         Created: 2026-01-01T00:00:00Z\n\nPackageName: a\nSPDXID: SPDXRef-a\nPackageVersion: 1\n\
         PackageDownloadLocation: NONE\nPackageSupplier: Organization: S (s@a.example)\n\
         PackageLicenseDeclared: MIT\nPackageChecksum: SHA256: {}\n\
         ExternalRef: PACKAGE-MANAGER purl pkg:PyPI/a_b@1\n\
         PackageComment: <text>two\nlines</text>\n\nPackageName: b\nSPDXID: SPDXRef-b\n\
         PackageDownloadLocation: NONE\n\nRelationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-a\n\
         Relationship: SPDXRef-b DEPENDENCY_OF SPDXRef-a\n",
        "ab".repeat(32)
    );
    check_sbom(&sbom(&tags));
    let wrong = tags.replace("PackageLicenseDeclared", "Licence");
    assert_eq!(read(&wrong).unwrap_err().places[0].place, "line 15");
    let missing = tags.replace("SPDXID: SPDXRef-b\n", "");
    assert_eq!(read(&missing).unwrap_err().places[0].place, "line 21");
    assert!(read(&tags.replace("</text>", "")).is_err());
}

#[test]
fn each_kind_of_rule_is_told_at_its_place() {
    for (pointer, value, place) in [
        ("/dataLicense", json!("MIT"), "/dataLicense"),
        ("/creationInfo", json!({"created": "2026-01-01T00:00:00Z"}), "/creationInfo"),
        ("/creationInfo/creators", json!([]), "/creationInfo/creators"),
        ("/packages/1/SPDXID", json!("b"), "/packages/1/SPDXID"),
        ("/packages/1/SPDXID", json!("SPDXRef-a"), "/packages/1/SPDXID"),
        ("/packages/1", json!({"SPDXID": "SPDXRef-b"}), "/packages/1"),
        ("/packages/1/name", json!(1), "/packages/1/name"),
        ("/packages/0/supplier", json!("S"), "/packages/0/supplier"),
        (
            "/packages/0/checksums/0/algorithm",
            json!("SHA-256"),
            "/packages/0/checksums/0/algorithm",
        ),
        ("/packages/0/checksums/0/checksumValue", json!("ab"), "/packages/0/checksums/0"),
        (
            "/packages/0/externalRefs/0/referenceLocator",
            json!("pkg:a"),
            "/packages/0/externalRefs/0",
        ),
        ("/relationships/1/relationshipType", json!("NEEDS"), "/relationships/1/relationshipType"),
    ] {
        let failure = with(pointer, value).unwrap_err();
        assert_eq!(failure.places[0].place, place, "{failure:?}");
    }
    assert!(with("/spdxVersion", json!("SPDX-2.2.1")).is_err());
}

#[test]
fn what_the_schema_leaves_open_is_noted() {
    for (pointer, value, place) in [
        ("/creationInfo/created", json!("yesterday"), "/creationInfo/created"),
        ("/documentNamespace", json!("d"), "/documentNamespace"),
        ("/relationships/1/spdxElementId", json!("SPDXRef-c"), "/relationships/1"),
        ("/packages/0/licenseDeclared", json!("MIT AND"), "/packages/0/licenseDeclared"),
    ] {
        let Reading::Sbom(sbom) = with(pointer, value).unwrap().reading else { panic!("no SBOM") };
        assert!(sbom.problems.iter().any(|it| it.place == place), "{:?}", sbom.problems);
    }
}

fn graph() -> Value {
    json!({
        "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
        "@graph": [
            {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2026-01-01T00:00:00Z",
             "createdBy": ["https://a.example/o"]},
            {"type": "Organization", "spdxId": "https://a.example/o", "creationInfo": "_:c", "name": "S"},
            {"type": "software_Package", "spdxId": "https://a.example/a", "creationInfo": "_:c", "name": "a",
             "software_packageVersion": "1", "software_packageUrl": "pkg:PyPI/a_b@1",
             "suppliedBy": "https://a.example/o",
             "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": "ab".repeat(32)}]},
            {"type": "software_Package", "spdxId": "https://a.example/b", "creationInfo": "_:c", "name": "b"},
            {"type": "simplelicensing_LicenseExpression", "spdxId": "https://a.example/l",
             "creationInfo": "_:c", "simplelicensing_licenseExpression": "MIT"},
            {"type": "Relationship", "spdxId": "https://a.example/r1", "creationInfo": "_:c",
             "from": "https://a.example/a", "to": ["https://a.example/b"], "relationshipType": "dependsOn"},
            {"type": "Relationship", "spdxId": "https://a.example/r2", "creationInfo": "_:c",
             "from": "https://a.example/a", "to": ["https://a.example/l"], "relationshipType": "hasDeclaredLicense"},
            {"type": "software_Sbom", "spdxId": "https://a.example/s", "creationInfo": "_:c",
             "rootElement": ["https://a.example/a"]},
        ],
    })
}

#[test]
fn a_graph_of_spdx_3_says_the_same() {
    let text = graph().to_string();
    check_sbom(&sbom(&text));
    let read = read(&text).unwrap();
    assert_eq!(read.names, [Digest::from_hex(&"ab".repeat(32)).unwrap()]);
    assert_eq!(read.version.as_deref(), Some("3.0.1"));
}

#[test]
fn each_class_of_spdx_3_has_its_rules() {
    for (pointer, value, place) in [
        ("/@graph/3/type", json!("software_Parcel"), "/@graph/3"),
        ("/@graph/3/type", json!("Artifact"), "/@graph/3"),
        ("/@graph/3/spdxId", json!("_:b"), "/@graph/3/spdxId"),
        (
            "/@graph/2/verifiedUsing/0/algorithm",
            json!("SHA-256"),
            "/@graph/2/verifiedUsing/0/algorithm",
        ),
        ("/@graph/5/to", json!([]), "/@graph/5/to"),
        ("/@graph/0/created", json!("2026-01-01"), "/@graph/0/created"),
        (
            "/@graph/1",
            json!({"type": "Organization", "spdxId": "https://a.example/o"}),
            "/@graph/1",
        ),
        ("/@graph/2/software_packageVersion", json!(1), "/@graph/2/software_packageVersion"),
    ] {
        let mut graph = graph();
        *graph.pointer_mut(pointer).unwrap() = value;
        let failure = read(&graph.to_string()).unwrap_err();
        assert_eq!(failure.places[0].place, place, "{failure:?}");
    }
}

#[test]
fn syft_is_read_with_the_digests_of_its_image() {
    let digest = Digest::of(b"x");
    let text = json!({
        "artifacts": [
            {"id": "1", "name": "a", "version": "1", "type": "python", "purl": "pkg:PyPI/a_b@1",
             "licenses": [{"value": "MIT", "spdxExpression": "MIT"}]},
            {"id": "2", "name": "b", "version": "", "type": "deb", "purl": "", "licenses": ["BSD"]},
        ],
        "artifactRelationships": [{"parent": "2", "child": "1", "type": "dependency-of"}],
        "source": {"id": "0", "name": "shop", "version": "1", "type": "image",
                   "metadata": {"manifestDigest": digest.to_string()}},
        "schema": {"version": "16.0.0"}, "descriptor": {"name": "syft", "version": "1"},
    })
    .to_string();
    let sbom = sbom(&text);
    assert_eq!(sbom.components[0].purl.as_deref(), Some("pkg:pypi/a-b@1"));
    assert_eq!(
        (sbom.components[1].version.as_deref(), sbom.components[1].licences[0].as_str()),
        (None, "BSD")
    );
    assert_eq!(sbom.dependencies, [Dependency { of: Some(0), on: vec![1] }]);
    assert_eq!(read(&text).unwrap().names, [digest]);
}
