//! Each kind of rule of CycloneDX, broken once, in JSON and in XML; and what is read of a BOM.

use serde_json::{Value, json};

use super::Format;
use crate::Digest;
use crate::facts::{Dependency, Sbom};
use crate::reason::Problem;
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

fn bom(members: &Value) -> String {
    let mut bom = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1});
    bom.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    bom.to_string()
}

fn places(text: &str) -> Vec<String> {
    read(text).unwrap_err().places.into_iter().map(|it| it.place).collect()
}

#[test]
fn each_kind_of_rule_is_told_at_its_place() {
    let component = |extra: Value| {
        let mut component = json!({"type": "library", "name": "a"});
        component.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({"components": [component]})
    };
    for (members, place) in [
        // A member that must be there, one that is unknown, a type, an enumeration.
        (json!({"components": [{"type": "library"}]}), "/components/0"),
        (component(json!({"licence": 1})), "/components/0/licence"),
        (component(json!({"name": null})), "/components/0/name"),
        (component(json!({"scope": "maybe"})), "/components/0/scope"),
        (
            component(json!({"licenses": [{"license": {"id": "Apache 2.0"}}]})),
            "/components/0/licenses/0/license/id",
        ),
        // Formats and patterns.
        (json!({"metadata": {"timestamp": "yesterday"}}), "/metadata/timestamp"),
        (json!({"serialNumber": "urn:uuid:1"}), "/serialNumber"),
        (
            component(json!({"hashes": [{"alg": "MD5", "content": "00"}]})),
            "/components/0/hashes/0/content",
        ),
        (
            component(json!({"externalReferences": [{"type": "vcs", "url": "a b"}]})),
            "/components/0/externalReferences/0/url",
        ),
        (json!({"metadata": {"authors": [{"email": "nobody"}]}}), "/metadata/authors/0/email"),
        // Numbers and their bounds.
        (json!({"version": 0}), "/version"),
        (json!({"version": 1.5}), "/version"),
        // One of several, one alone, one of two shapes.
        (
            component(json!({"licenses": [{"license": {"id": "MIT", "name": "MIT"}}]})),
            "/components/0/licenses/0/license",
        ),
        (
            component(json!({"licenses": [{"expression": "MIT"}, {"license": {"id": "MIT"}}]})),
            "/components/0/licenses",
        ),
        (json!({"metadata": {"tools": 1}}), "/metadata/tools"),
        (
            json!({"metadata": {"lifecycles": [{"phase": "build", "name": "b"}]}}),
            "/metadata/lifecycles/0/name",
        ),
        // What must differ.
        (
            json!({"components": [{"type": "file", "name": "a"}, {"name": "a", "type": "file"}]}),
            "/components/1",
        ),
        (
            json!({"dependencies": [{"ref": "a", "dependsOn": ["b", "b"]}]}),
            "/dependencies/0/dependsOn/1",
        ),
        (
            json!({"components": [{"type": "file", "name": "a", "bom-ref": "r"}, {"type": "file", "name": "b", "bom-ref": "r"}]}),
            "/components/1/bom-ref",
        ),
    ] {
        assert_eq!(places(&bom(&members)), [place], "{members}");
    }
}

#[test]
fn rules_hold_for_the_versions_that_have_them() {
    let of = |version: &str, kind: &str| {
        let component = json!({"type": kind, "name": "a", "version": "1"});
        json!({"bomFormat": "CycloneDX", "specVersion": version, "version": 1, "components": [component]})
            .to_string()
    };
    assert!(read(&of("1.6", "cryptographic-asset")).is_ok());
    assert_eq!(places(&of("1.5", "cryptographic-asset")), ["/components/0/type"]);
    let external = |extra: Value| {
        let mut component = json!({"type": "library", "name": "a", "versionRange": "vers:npm/>=1"});
        component.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({"bomFormat": "CycloneDX", "specVersion": "1.7", "components": [component]})
            .to_string()
    };
    assert!(read(&external(json!({"isExternal": true}))).is_ok());
    assert_eq!(places(&external(json!({}))), ["/components/0"]);
    assert_eq!(places(&external(json!({"isExternal": true, "version": "1"}))), ["/components/0"]);
    assert_eq!(read(&of("2.0", "library")).unwrap_err().code, Problem::EvidenceUnknown);
}

#[test]
fn json_that_two_readers_read_differently_is_refused_by_this_reader_too() {
    let twice =
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.2", "version": 1, "x": {"a": 1, "a": 2}}"#;
    assert!(read(twice).unwrap_err().detail.contains("twice"));
    let known = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "version": 2}"#;
    assert!(read(known).unwrap_err().detail.contains("twice"));
    let head = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "properties": "#;
    assert!(read(&format!("{head}{}", "[".repeat(200))).is_err());
    assert!(read(&format!("{head}[]}} x")).is_err());
}

#[test]
fn components_are_flattened_and_related() {
    let sbom = sbom(&bom(&json!({
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "metadata": {
            "timestamp": "2026-01-01T00:00:00Z",
            "tools": {"components": [{"type": "application", "name": "syft", "version": "1"}]},
            "component": {"type": "container", "name": "shop", "bom-ref": "main"},
        },
        "components": [{
            "type": "library", "bom-ref": "outer", "name": "Django_Foo", "group": "",
            "purl": "pkg:PyPI/Django_Foo@1.0", "supplier": {"name": "S"}, "scope": "optional",
            "licenses": [{"license": {"id": "MIT"}}, {"license": {"name": "Own"}}],
            "hashes": [{"alg": "SHA-256", "content": "AB".repeat(32)}],
            "pedigree": {"ancestors": [{"type": "library", "name": "no component of the BOM"}]},
            "components": [{
                "type": "library", "bom-ref": "inner", "name": "inner", "purl": "no purl",
                "licenses": [{"expression": "MIT AND"}],
            }],
        }],
        "dependencies": [
            {"dependsOn": ["outer"], "ref": "main"},
            {"ref": "outer", "dependsOn": ["inner", "nothing"]},
        ],
    })));
    let [outer, inner] = &sbom.components[..] else { panic!("{:?}", sbom.components) };
    assert_eq!(outer.purl.as_deref(), Some("pkg:pypi/django-foo@1.0"));
    assert_eq!((outer.id.as_deref(), outer.group.as_deref()), (Some("outer"), None));
    assert_eq!((outer.supplier.as_deref(), outer.scope.as_deref()), (Some("S"), Some("optional")));
    assert_eq!(
        (&outer.licences[..], &inner.licences[..]),
        (&["MIT".to_owned(), "Own".to_owned()][..], &["MIT AND".to_owned()][..])
    );
    assert_eq!(outer.hashes.get("sha-256"), Some(&*"ab".repeat(32)));
    assert_eq!(inner.purl.as_deref(), Some("no purl"));
    assert_eq!(sbom.tools, ["syft 1"]);
    assert!(sbom.created_at.is_some() && sbom.main.is_some());
    let relations = [Dependency { of: None, on: vec![0] }, Dependency { of: Some(0), on: vec![1] }];
    assert_eq!(sbom.dependencies, relations);
    let problems: Vec<_> = sbom.problems.iter().map(|it| it.place.as_str()).collect();
    let inner = "/components/0/components/0";
    let expected =
        [format!("{inner}/licenses/0/expression"), format!("{inner}/purl"), String::new()];
    assert_eq!(problems, expected);
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
        assert_eq!(read(&bom(&json!({"metadata": {"component": main}}))).unwrap().names, [digest]);
    }
}

const XML: &str = r#"<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1">
<metadata><tools><tool><name>t</name></tool></tools></metadata>
<components>
<component type="library" bom-ref="a"><name>a</name><version>1 &amp; 2</version>
<hashes><hash alg="MD5">00000000000000000000000000000000</hash></hashes>
<licenses><license><id>MIT</id></license></licenses>
<purl>pkg:npm/a@1</purl></component>
<component type="library" bom-ref="b"><name>b</name></component>
</components>
<dependencies><dependency ref="a"><dependency ref="b"/></dependency></dependencies>
</bom>"#;

#[test]
fn xml_is_read_as_json_is() {
    let sbom = sbom(XML);
    let [a, b] = &sbom.components[..] else { panic!("{:?}", sbom.components) };
    assert_eq!((a.name.as_str(), a.version.as_deref(), b.name.as_str()), ("a", Some("1 & 2"), "b"));
    assert_eq!((a.licences[0].as_str(), a.purl.as_deref()), ("MIT", Some("pkg:npm/a@1")));
    assert_eq!((a.hashes.get("md5"), sbom.tools[0].as_str()), (Some(&*"0".repeat(32)), "t"));
    assert_eq!(sbom.dependencies, [Dependency { of: Some(0), on: vec![1] }]);
}

#[test]
fn each_kind_of_rule_of_xml_is_told_at_its_line() {
    for (from, to, place) in [
        ("<id>MIT</id>", "<id>Apache 2.0</id>", "line 7"),
        ("<id>MIT</id>", "<id>MIT</id><name>MIT</name>", "line 7"),
        ("<name>b</name>", "", "line 9"),
        ("<name>b</name>", "<other/><name>b</name>", "line 9"),
        ("<name>b</name>", "text<name>b</name>", "line 9"),
        ("<name>b</name>", "<name>b</name><group>g</group>", "line 9"),
        ("bom-ref=\"b\"", "bom-ref=\"a\"", "line 9"),
        ("type=\"library\" bom-ref=\"b\"", "bom-ref=\"b\"", "line 9"),
        ("alg=\"MD5\"", "alg=\"MD55\"", "line 6"),
        ("00</hash>", "</hash>", "line 6"),
    ] {
        assert!(XML.contains(from), "{from}");
        assert_eq!(places(&XML.replace(from, to)), [place], "{to}");
    }
    let other = XML.replace("http://cyclonedx.org", "http://else.example");
    assert!(read(&other).unwrap_err().detail.contains("namespace"));
}

#[test]
fn xml_reads_no_files_and_knows_no_entities_of_its_own() {
    let typed =
        XML.replace("<bom ", "<!DOCTYPE bom [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><bom ");
    assert!(read(&typed).unwrap_err().detail.contains("document type"));
    let entity = XML.replace("1 &amp; 2", "&e;");
    assert!(read(&entity).unwrap_err().detail.contains("entity"));
    let deep = XML.replace("<purl>", &format!("{}<purl>", "<x xmlns='u'>".repeat(200)));
    assert!(read(&deep).is_err());
}
