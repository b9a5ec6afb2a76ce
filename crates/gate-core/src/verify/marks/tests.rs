//! Marks are told of every form of document, and of broken ones none.

use super::*;

#[test]
fn an_objects_keys_and_short_texts_are_marks() {
    let marks = Marks::of(br#" {"a": "x", "b": {"c": 1}, "d": [1, {}], "e": null}"#).unwrap();
    assert_eq!((marks.text("a"), marks.text("b")), (Some("x"), None));
    assert!(marks.has("b") && marks.has("d") && marks.has("e") && !marks.has("c"));
}

#[test]
fn cyclonedx_is_known_by_its_first_keys_and_checked_by_its_reader() {
    fn head(text: &str) -> Result<Marks<'_>, Failure> {
        Marks::of(text.as_bytes())
    }
    let marks = head(r#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "a": 1, "a": 2"#).unwrap();
    assert_eq!(marks.text("specVersion"), Some("1.5"));
    assert!(!marks.has("a"));
    assert!(head(r#"{"bomFormat": "Other", "specVersion": "1.5", "a": 1, "a": 2}"#).is_err());
    let late = format!(r#"{{"a": "{}", "bomFormat": "CycloneDX"}}"#, "x".repeat(5_000));
    assert!(head(&late).unwrap().has("bomFormat"));
}

#[test]
fn values_show_their_first_keys() {
    let marks = Marks::of(br#"{"o": {"x": {}}, "l": [{"y": 1}, {"z": 1}], "n": [[{"w": 1}]]}"#);
    let marks = marks.unwrap();
    let fields = marks.object().unwrap();
    assert!(fields.has_in("o", "x") && fields.is_object("o") && !fields.is_list("o"));
    assert!(fields.has_in("l", "y") && !fields.has_in("l", "z") && !fields.is_bare_list("l"));
    assert!(fields.is_bare_list("n") && !fields.has_in("n", "w"));
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["l", "n", "o"]);
}

#[test]
fn an_array_shows_its_first_element() {
    let Marks::Array(fields) = Marks::of(br#"[{"a": 1}, {"b": 1}]"#).unwrap() else {
        panic!("an array");
    };
    assert!(fields.has("a") && !fields.has("b"));
    for other in ["[]", "[1]", "[[{\"a\": 1}]]", "[null]"] {
        assert_eq!(Marks::of(other.as_bytes()).unwrap(), Marks::Array(Fields::default()));
    }
}

#[test]
fn an_element_is_known_by_its_namespace_whatever_its_prefix() {
    for text in
        ["<?xml version=\"1.0\"?>\n<!-- c --><x:bom xmlns:x=\"urn:n\"/>", "<bom xmlns=\"urn:n\">"]
    {
        let root = Root { name: "bom".to_owned(), namespace: "urn:n".to_owned() };
        assert_eq!(Marks::of(text.as_bytes()).unwrap(), Marks::Xml(root));
    }
}

#[test]
fn a_section_is_text_and_broken_json_is_not() {
    assert!(matches!(Marks::of(b"[section]\na = 1\n"), Ok(Marks::Text(_))));
    for broken in ["[1, 2", "{\"a\": ", "", " \n", "<!-- c -->", "{\"a\": 1, \"a\": 2}"] {
        assert!(Marks::of(broken.as_bytes()).is_err(), "{broken}");
    }
    let deep = [vec![b'['; 10_000], vec![b']'; 10_000]].concat();
    assert!(Marks::of(&deep).is_err() && Marks::of(b"[[table]]\na = 1\n").is_ok());
    assert!(Marks::of(b"\xff\xfe").is_err());
}
