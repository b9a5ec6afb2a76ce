//! Each format has the shape that Conftest gives it.

use serde_json::json;

use super::Parser;

#[test]
fn every_format_has_its_shape() {
    for (path, text, expected) in [
        ("a.json", "{\"a\": 1}", json!({"a": 1})),
        ("a.jsonc", "{\"a\": \"//\", // c\n /* d */ \"b\": [1]}", json!({"a": "//", "b": [1]})),
        ("a.yml", "a: 1\n", json!({"a": 1})),
        ("a.yaml", "---\na: 1\n---\nb: 2\n", json!([{"a": 1}, {"b": 2}])),
        ("a.yaml", "a: 1\n---\n\n---\nb: 2\n", json!([{"a": 1}, null, {"b": 2}])),
        (
            "Dockerfile.dev",
            "FROM a\n",
            json!([[{"Cmd": "from", "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": ["a"]}]]),
        ),
        (
            "a.ini",
            "x = 1\n[s]\nn = 1.5 ; c\nb = t\nq = \"a;b\"\no = 0644\nu = http://h#f\n",
            json!({"s": {"n": 1.5, "b": true, "q": "\"a", "o": 644, "u": "http://h"}}),
        ),
        (
            "a.properties",
            "# c\na.b = x \\\n  y\nc:${a.b}!\n\\u0041=\\=\n",
            json!({"a.b": "x y", "c": "${a.b}!", "A": "="}),
        ),
        (
            "dir/.env.prod",
            "A=1 # c\nexport B='$A'\nC=\"$A ${B}\"\n",
            json!({"A": "1", "B": "$A", "C": "1 $A"}),
        ),
        ("a.edn", "{:a [1 \"x\"] ; c\n \"k\" nil}", json!({":a": ["1", "x"], "k": "<nil>"})),
        (
            ".gitignore",
            "# c\n!keep\nid_rsa\n",
            json!([[
                {"Kind": "Comment", "Value": "c", "Original": "# c"},
                {"Kind": "NegatedPath", "Value": "keep", "Original": "!keep"},
                {"Kind": "Path", "Value": "id_rsa", "Original": "id_rsa"},
                {"Kind": "Empty", "Value": "", "Original": ""},
            ]]),
        ),
        (
            "nginx.conf",
            "# c\nhttp { server { listen 80 default; } }\n",
            json!({"directives": [
                {"name": "http", "block": {"directives": [{"name": "server", "block": {"directives": [{"name": "listen", "parameters": ["80", "default"]}]}}]}},
            ]}),
        ),
    ] {
        let read = Parser::of_path(path).and_then(|parser| parser.read(text));
        assert_eq!(read, Ok(expected), "{path}: {text}");
    }
}

#[test]
fn what_no_parser_reads_is_refused_by_name() {
    for (path, word) in [("a.cue", "`cue`"), ("Jenkinsfile", "`groovy`"), ("a.txt", "`txt`")] {
        assert!(Parser::of_path(path).unwrap_err().contains(word), "{path}");
    }
}

#[test]
fn what_does_not_end_is_refused() {
    let deep = |open: &str| open.repeat(10_000);
    for (path, text) in [
        ("a.edn", deep("[")),
        ("nginx.conf", deep("a {")),
        ("a.ini", "[open".to_owned()),
        (".env", "just words here".to_owned()),
        ("nginx.conf", "listen 80".to_owned()),
    ] {
        assert!(Parser::of_path(path).and_then(|parser| parser.read(&text)).is_err(), "{path}");
    }
}
