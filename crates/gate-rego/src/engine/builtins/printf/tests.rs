//! What Go writes for the same format and arguments.

use crate::engine::builtins::testing::call;

fn printed(format: &str, arguments: &str) -> String {
    let format = serde_json::to_string(format).unwrap();
    let text = call("sprintf", &[&format, arguments]);
    serde_json::from_str(&text).unwrap_or(text)
}

#[test]
fn verbs_write_as_go_does() {
    for (format, arguments, expected) in [
        ("%d items at %s", r#"[3, "x"]"#, "3 items at x"),
        (
            "%05s|%-5s|%05d|%+.2e|%x",
            r#"["ab", "c", -3, 1.5, "hi"]"#,
            "000ab|c    |-0003|+1.50e+00|6869",
        ),
        (
            "%q %v %s %d",
            r#"["a\"b", {"a": [1, "x"]}, true, 1.5]"#,
            r#""a\"b" {"a": [1, "x"]} true %!d(float64=1.5)"#,
        ),
        ("%010.3f|%x|%b", "[3.14159, 1.5, 2.0]", "000003.142|0x1.8p+00|4503599627370496p-51"),
        (
            "%6.2f|%-8.3e|%08.3f|%+d|% d|%x|%o|%O",
            "[3.14159, 1234.5, -3.14159, 5, 7, -255, 8, 8]",
            "  3.14|1.234e+03|-003.142|+5| 7|-ff|10|0o10",
        ),
        (
            "%v|%v|%v|%g|%g",
            "[21000000.5, 1e6, 100000.5, 1e20, 123456.7]",
            "2.10000005e+07|1e+06|100000.5|1e+20|123456.7",
        ),
        (
            "%.3g|%.10g|%.2g|%.1g|%.8g|%.5g",
            "[1234.5, 1000000.0, 100.0, 12.0, 100000.0, 0.00001234]",
            "1.23e+03|1000000|1e+02|1e+01|100000|1.234e-05",
        ),
        (
            "%#g|%#.3g|%#v|%#f|%#x|%#o|%#q|%# x|%U|%#U",
            r#"[1.5, 100.0, 1.5, 2.0, 255, 8, "a", "hi", 65, 65]"#,
            "1.50000|100.|1.5|2.000000|0xff|010|`a`|0x68 0x69|U+0041|U+0041 'A'",
        ),
        ("%c|%q|%+q|%T|%T", r#"[65, 66, "é", 1.5, {}]"#, r#"A|'B'|"\u00e9"|float64|string"#),
        (
            "%x|%X|%.2x|%.0x|%.20x|%x|%b",
            "[1.999, 0.1, 1.999, 1.999, 1.5, 0.0, 0.0]",
            "0x1.ffbe76c8b4396p+00|0X1.999999999999AP-04|0x1.00p+01|0x1p+01|0x1.80000000000000000000p+00|0x0p+00|0p-1074",
        ),
        (
            "%d %s %6d",
            "[123456789012345678901234567890, 123456789012345678901234567890, 123]",
            "123456789012345678901234567890 123456789012345678901234567890    123",
        ),
    ] {
        assert_eq!(printed(format, arguments), expected, "{format} {arguments}");
    }
}

#[test]
fn mistakes_are_written_out() {
    for (format, arguments, expected) in [
        ("%d %d", "[1]", "1 %!d(MISSING)"),
        ("%d", "[1, \"x\", 1.5]", "1%!(EXTRA string=x, float64=1.5)"),
        ("%z %!", "[1]", "%!z(int64=1) %!!(MISSING)"),
        ("%", "[]", "%!(NOVERB)"),
        ("%[2]d %[1]d %d", "[1, 2]", "2 1 2"),
        ("%[3]d|%[0]d|%[x]d|%[1", "[1, 2]", "%!d(BADINDEX)|%!d(BADINDEX)|%!d(BADINDEX)|%!(NOVERB)"),
        (
            "%5t|%t|%p|%w|%s|%d",
            r#"[true, "a", 1, 2, 3, "x"]"#,
            "%!t(string= true)|%!t(string=a)|%!p(int64=1)|%!w(int64=2)|%!s(int64=3)|%!d(string=x)",
        ),
        ("%*d|%*d", r#"[5, 1, "a", 2]"#, "    1|%!(BADWIDTH)2"),
        ("%500000000d", "[1]", "%!(NOVERB)%!(EXTRA int64=1)"),
        ("%.10g", "[1000000]", "%!g(int64=0001000000)"),
    ] {
        assert_eq!(printed(format, arguments), expected, "{format} {arguments}");
    }
}

#[test]
fn wide_text_is_refused_before_it_is_made() {
    let format = "%999999d".repeat(300);
    let arguments = format!("[{}]", vec!["1"; 300].join(","));
    let message = call("sprintf", &[&format!("\"{format}\""), &arguments]);
    assert_eq!(message, "sprintf: evaluation ran out of memory");
}
