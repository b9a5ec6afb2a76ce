//! `WWW-Authenticate` (RFC 9110): from header text to the schemes that a registry takes.

/// The longest header that is read.
const CHALLENGE_BYTES: usize = 8 << 10;

/// A way to say who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::registry) enum Challenge {
    /// Name and password with each request.
    Basic,
    /// A token from a token server.
    Bearer {
        /// The token server's address.
        realm: String,
        /// What the registry calls itself there.
        service: Option<String>,
        /// What the token must allow.
        scope: Option<String>,
    },
}

/// The challenge to answer: a token where one is taken, for it tells the registry no password.
pub(in crate::registry) fn choose<'a>(headers: impl Iterator<Item = &'a str>) -> Option<Challenge> {
    let mut found: Vec<Challenge> = headers.flat_map(read).collect();
    let bearer = found.iter().position(|it| matches!(it, Challenge::Bearer { .. }));
    (!found.is_empty()).then(|| found.swap_remove(bearer.unwrap_or(0)))
}

/// Every challenge of one header that is understood.
fn read(text: &str) -> Vec<Challenge> {
    let mut found = vec![];
    if text.len() > CHALLENGE_BYTES {
        return found;
    }
    let mut rest = text.trim_start_matches([' ', ',']);
    while !rest.is_empty() {
        let end = rest.find([' ', ',']).unwrap_or(rest.len());
        let (scheme, after) = rest.split_at(end);
        let (parameters, after) = parameters(after);
        let value = |name: &str| {
            let named = |(found, _): &&(String, String)| found.eq_ignore_ascii_case(name);
            parameters.iter().find(named).map(|(_, value)| value.clone())
        };
        if scheme.eq_ignore_ascii_case("basic") {
            found.push(Challenge::Basic);
        } else if scheme.eq_ignore_ascii_case("bearer")
            && let Some(realm) = value("realm")
        {
            found.push(Challenge::Bearer {
                realm,
                service: value("service"),
                scope: value("scope"),
            });
        }
        rest = after.trim_start_matches([' ', ',']);
    }
    found
}

/// `name=value` or `name="value"`, separated by commas, up to the next scheme; and what follows.
fn parameters(text: &str) -> (Vec<(String, String)>, &str) {
    let mut found = vec![];
    let mut rest = text;
    loop {
        let start = rest.trim_start_matches([' ', ',']);
        let Some(end) = start.find(['=', ' ', ',']) else { return (found, rest) };
        if !start[end..].starts_with('=') {
            return (found, rest);
        }
        let name = start[..end].to_owned();
        let value = &start[end + 1..];
        if let Some(quoted) = value.strip_prefix('"') {
            let (value, after) = unquote(quoted);
            found.push((name, value));
            rest = after;
        } else {
            let end = value.find([' ', ',']).unwrap_or(value.len());
            found.push((name, value[..end].to_owned()));
            rest = &value[end..];
        }
    }
}

/// The text up to the closing quote, backslashes resolved, and what follows it.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Challenge {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Challenge::Bearer { realm: realm.into(), service: owned(service), scope: owned(scope) }
    }

    #[test]
    fn challenges_are_read_as_registries_write_them() {
        let one = |text: &str| choose([text].into_iter());
        let scope = "repository:a/b:pull,push";
        assert_eq!(
            one(&format!(r#"Bearer realm="https://t/x",service="r",scope="{scope}""#)),
            Some(bearer("https://t/x", Some("r"), Some(scope)))
        );
        assert_eq!(one(r#"bearer service=r, realm="a\"b""#), Some(bearer("a\"b", Some("r"), None)));
        assert_eq!(one(r#"Basic realm="Registry, Realm""#), Some(Challenge::Basic));
        assert_eq!(one("Basic"), Some(Challenge::Basic));
        assert_eq!(
            one(r#"Basic realm="x", Bearer realm="https://t""#),
            Some(bearer("https://t", None, None))
        );
        assert_eq!(
            choose(["Negotiate", r#"Bearer realm="r""#].into_iter()),
            Some(bearer("r", None, None))
        );
        for nothing in
            ["", "Bearer", "Bearer service=x", "Negotiate abc==", "\"", "=,=", "Bearer realm"]
        {
            assert_eq!(one(nothing), None, "{nothing}");
        }
    }
}
