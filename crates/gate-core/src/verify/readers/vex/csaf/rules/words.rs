//! Words that tests know: languages of ISO 639 and weaknesses of CWE.

/// Whether a text is a language tag: its first part an ISO 639-1 code, or three letters, or private.
pub(super) fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default().to_ascii_lowercase();
    let known = match first.len() {
        2 => LANGUAGES.split(' ').any(|code| code == first),
        3 => first.bytes().all(|byte| byte.is_ascii_lowercase()),
        1 => matches!(first.as_str(), "i" | "x"),
        _ => false,
    };
    let fits = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    known && parts.all(fits)
}

/// The two-letter codes of ISO 639-1.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch \
    co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he \
    hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv \
    kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny \
    oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st \
    su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// The name of a weakness, of those that advisories name most; of the others the name is not compared.
pub(super) fn cwe_name(number: u32) -> Option<&'static str> {
    WEAKNESSES.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}

const WEAKNESSES: [(u32, &str); 30] = [
    (20, "Improper Input Validation"),
    (22, "Improper Limitation of a Pathname to a Restricted Directory ('Path Traversal')"),
    (77, "Improper Neutralization of Special Elements used in a Command ('Command Injection')"),
    (
        78,
        "Improper Neutralization of Special Elements used in an OS Command ('OS Command Injection')",
    ),
    (79, "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')"),
    (89, "Improper Neutralization of Special Elements used in an SQL Command ('SQL Injection')"),
    (94, "Improper Control of Generation of Code ('Code Injection')"),
    (119, "Improper Restriction of Operations within the Bounds of a Memory Buffer"),
    (121, "Stack-based Buffer Overflow"),
    (122, "Heap-based Buffer Overflow"),
    (125, "Out-of-bounds Read"),
    (190, "Integer Overflow or Wraparound"),
    (200, "Exposure of Sensitive Information to an Unauthorized Actor"),
    (269, "Improper Privilege Management"),
    (276, "Incorrect Default Permissions"),
    (287, "Improper Authentication"),
    (295, "Improper Certificate Validation"),
    (306, "Missing Authentication for Critical Function"),
    (352, "Cross-Site Request Forgery (CSRF)"),
    (
        362,
        "Concurrent Execution using Shared Resource with Improper Synchronization ('Race Condition')",
    ),
    (400, "Uncontrolled Resource Consumption"),
    (416, "Use After Free"),
    (434, "Unrestricted Upload of File with Dangerous Type"),
    (476, "NULL Pointer Dereference"),
    (502, "Deserialization of Untrusted Data"),
    (611, "Improper Restriction of XML External Entity Reference"),
    (787, "Out-of-bounds Write"),
    (798, "Use of Hard-coded Credentials"),
    (862, "Missing Authorization"),
    (918, "Server-Side Request Forgery (SSRF)"),
];
