//! Templates of our own, rendered with one document.

use crate::engine::builtins::testing::call;

const DATA: &str = r#"{"a": "x<y", "n": 0, "l": ["p", 2, null], "m": {"k": {"z": true}, "b": 1}, "e": [], "t": true}"#;

fn rendered(template: &str) -> String {
    let operand = serde_json::to_string(template).unwrap();
    let text = call("strings.render_template", &[&operand, DATA]);
    serde_json::from_str(&text).unwrap_or(text)
}

#[test]
fn templates_are_rendered() {
    for (template, expected) in [
        ("{{.a}} {{ .n }} {{.none}} {{.none.deeper}}", "x<y 0 <undefined> <undefined>"),
        ("{{.l}} {{.m}} {{.e}}", "[p 2 <nil>] map[b:1 k:map[z:true]] []"),
        ("{{range $i, $e := .l}}{{if $i}},{{end}}{{$i}}={{$e}}{{end}}", "0=p,1=2,2=<undefined>"),
        ("{{range .e}}x{{else}}none{{end}}", "none"),
        ("{{range $k, $v := .m}}{{$k}};{{end}}", "b;k;"),
        ("{{if .e}}a{{else if .n}}b{{else}}c{{end}}", "b"),
        ("{{with .m}}{{.b}}{{$.a}}{{end}}", "1x<y"),
        ("a  {{- /* c */ -}}  b {{- .t -}} c", "abtruec"),
        ("{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2"),
        ("{{len .l}} {{len .a}} {{index .l 1}} {{index .m \"k\" \"z\"}}", "3 3 2 true"),
        ("{{eq .a \"x<y\" }} {{eq 1 2 1}} {{ne .n \"0\"}} {{lt 1 2}}", "true true false true"),
        ("{{and .t .a}} {{or .e .a}} {{not .e}}", "x<y x<y true"),
        ("{{.a | html | printf \"%s-%v\" \"q\"}}", "q-x&lt;y"),
        ("{{print 1 2 \"a\" 3}} {{(index .m \"k\").z}}", "1 2a3 true"),
        ("{{range .l}}{{if eq . \"p\"}}{{continue}}{{end}}{{.}}{{break}}{{end}}", "2"),
        (
            "{{define \"d\"}}[{{.}}]{{end}}{{template \"d\" .n}}{{block \"e\" .a}}{{.}}{{end}}",
            "[0]x<y",
        ),
        ("{{\"a\\u0062\"}}{{`r\\n`}}{{'a'}}{{1.5}}", "abr\\n971.5"),
    ] {
        assert_eq!(rendered(template), expected, "{template}");
    }
}

#[test]
fn what_cannot_be_rendered_is_told() {
    for (template, part) in [
        ("{{.a.b}}", "can't evaluate field b"),
        ("{{if .a}}", "unexpected EOF"),
        ("{{end}}", "unexpected end"),
        ("{{nope}}", "function \"nope\" not defined"),
        ("{{$y}}", "undefined variable \"$y\""),
        ("{{eq .n 0}}", "incompatible types"),
        ("{{template \"none\"}}", "not defined"),
        ("{{define \"r\"}}{{template \"r\"}}{{end}}{{template \"r\"}}", "not supported"),
        ("{{js .a}}", "not supported"),
        ("{{.a", "unclosed action"),
    ] {
        let text = rendered(template);
        assert!(
            text.starts_with("strings.render_template: ") && text.contains(part),
            "{template}: {text}"
        );
    }
}
