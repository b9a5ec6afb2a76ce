//! Mistakes in `gate.yaml` are refused at their line and column.

use super::*;

fn refused(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gate.yaml");
    std::fs::write(&path, text).unwrap();
    match load(&path) {
        Err(ConfigError::Form { message, .. }) => message,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("this was accepted: {text}"),
    }
}

#[test]
fn an_unknown_key_is_an_error_with_line_and_column() {
    let message =
        refused("version: 1\nenvironments:\n  production:\n    policy: []\n    polcy: []\n");
    assert!(message.contains("polcy"), "{message}");
    assert!(message.contains("line 5"), "{message}");
    assert!(message.contains("column 5"), "{message}");
}

#[test]
fn a_key_written_twice_is_an_error_since_readers_differ_on_which_counts() {
    let message = refused("version: 1\nversion: 1\nenvironments: {}\n");
    assert!(message.contains("line 2"), "{message}");
}

#[test]
fn what_the_form_does_not_know_is_refused() {
    for (text, word) in [
        ("", "end of input"),
        ("version: 1\n", "environments"),
        ("version: 2\nenvironments: {}\n", "version"),
        ("version: 1\nenvironments: {p: {policy: [], mode: lenient}}\n", "lenient"),
        ("version: 1\nenvironments: {p: {policy: [], trust: {hearsay: []}}}\n", "hearsay"),
        (
            "version: 1\nenvironments: {p: {policy: [], exceptions: [{cve: x, subject: any}]}}\n",
            "author",
        ),
        ("version: 1\nenvironments: [\n", ""),
    ] {
        let message = refused(text);
        assert!(message.contains(word), "{text}: {message}");
    }
}

#[test]
fn a_token_for_an_environment_that_is_not_there_is_refused() {
    let message = refused(&format!(
        "version: 1\nenvironments: {{}}\nserver: {{tokens: [{{name: ci, sha256: '{}', \
         environments: [production], rights: [read], until: 2027-01-01T00:00:00Z}}]}}\n",
        "0".repeat(64)
    ));
    assert!(message.contains("production"), "{message}");
}

#[test]
fn registries_are_read_with_their_limits_and_paths() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("ca.pem", "a certificate");
    write(
        "gate.yaml",
        "version: 1\nenvironments: {}\nregistries:\n  places:\n    a.example:5000: { ca: ca.pem, \
         credentials: secret, plain_http: true, mirrors: ['https://m.example/x'] }\n    \
         a.example/team: { signatures: b.example/signatures }\n  limits: { platforms: 3, \
         decision_seconds: 7 }\n  cache: { folder: cache }\n  remember_seconds: 5\n",
    );
    let registries = load(&folder.path().join("gate.yaml")).unwrap().registries;
    let place = &registries.places["a.example:5000"];
    assert_eq!(place.credentials, Some(folder.path().join("secret")));
    assert!(place.plain_http && !place.mirrors_only);
    assert_eq!(registries.limits.platforms, 3);
    assert_eq!(registries.limits.decision.as_secs(), 7);
    assert_eq!(registries.limits.referrers, 1_000);
    let cache = registries.cache.unwrap();
    assert_eq!((cache.folder, cache.bytes), (folder.path().join("cache"), 1 << 30));
    assert_eq!(registries.remember.as_secs(), 5);
}

#[test]
fn registries_that_cannot_be_meant_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gate.yaml");
    for (registries, told) in [
        ("{ places: { 'https://a.example': {} } }", "HOST[:PORT]"),
        ("{ places: { team: {} } }", "HOST[:PORT]"),
        ("{ places: { a.example: { plain-http: true } } }", "plain-http"),
        ("{ places: { a.example/x: { plain_http: true } } }", "whole host"),
        ("{ places: { a.example: { signatures: 'b.example/x:v1' } } }", "no tag"),
        ("{ places: { a.example: { mirrors: [m.example] } } }", "mirrors"),
        ("{ places: { a.example: { mirrors_only: true } } }", "nobody to ask"),
        ("{ places: { a.example: { ca: absent.pem } } }", "absent.pem"),
        ("{ limits: { referrers: 0 } }", "referrers"),
        ("{ cache: { bytes: 1 } }", "folder"),
    ] {
        let text = format!("version: 1\nenvironments: {{}}\nregistries: {registries}\n");
        std::fs::write(&file, text).unwrap();
        let error = load(&file).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(told), "{registries}: {error}");
    }
}

const KEV: &str = r#"{"dateReleased": "2026-11-20T00:00:00Z", "vulnerabilities": []}"#;

/// A configuration with a feed of this content.
fn with_feed(content: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("shop.rego", "package shop\n\ndeny contains {\"rule\": \"never\"} if false\n");
    write("kev.json", content);
    write(
        "gate.yaml",
        "version: 1\nfeeds: {kev: {path: kev.json, maximum_age_days: 7}}\n\
         environments: {production: {policy: [shop.rego]}}\n",
    );
    let path = folder.path().join("gate.yaml");
    (folder, path)
}

#[test]
fn a_feed_is_read_with_the_configuration_watched_and_recorded() {
    let (folder, path) = with_feed(KEV);
    let loaded = load(&path).unwrap();
    let environment = &loaded.environments["production"];
    let kev = environment.document().feeds.kev.clone().unwrap();
    assert_eq!((kev.digest, kev.maximum_age_days), (Digest::of(KEV.as_bytes()), 7));
    assert_eq!(&*environment.roots()[&kev.digest], KEV.as_bytes());
    let file = folder.path().join("kev.json");
    assert!(loaded.read.contains(&file));
    std::fs::write(&file, KEV.replace("11-20", "11-21")).unwrap();
    let again = load(&path).unwrap();
    assert_ne!(again.environments["production"].digest(), environment.digest());
}

#[test]
fn a_feed_that_cannot_be_read_refuses_the_configuration() {
    let (folder, path) = with_feed("{}");
    let Err(ConfigError::Environment { source, .. }) = load(&path) else { panic!("refused") };
    assert_eq!(source.place, "feeds.kev");
    std::fs::remove_file(folder.path().join("kev.json")).unwrap();
    assert!(matches!(load(&path), Err(ConfigError::Read { .. })));
}

/// The error of a configuration with this environment, its causes included; empty where it loads.
fn environment(lines: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("one.rego", "package p\n\ndeny contains \"one\" if false\n");
    write("two.rego", "package p\n\ndeny contains \"two\" if false\n");
    write("main.rego", "package main\n\ndeny contains \"three\" if false\n");
    write(
        "gate.yaml",
        &format!(
            "version: 1\nroots: {{ public: embedded }}\nsigners:\n  ci: {{ identity: a@b.example, \
         issuer: https://i.example, root: public }}\nenvironments:\n  p:\n    policy: [one.rego]\n{lines}"
        ),
    );
    let Err(error) = load(&folder.path().join("gate.yaml")) else { return String::new() };
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[test]
fn an_unsigned_policy_is_refused_where_signers_are_named() {
    assert!(environment("    policy_signers: [ci]\n").contains("must be signed"));
    assert!(environment("    policy_signers: [nobody]\n").contains("no signer `nobody`"));
}

#[test]
fn a_candidate_is_compiled_with_its_environment() {
    assert_eq!(environment("    candidate: { policy: [two.rego], share: 10 }\n"), "");
    assert!(environment("    candidate: { policy: [two.rego], share: 101 }\n").contains("101"));
    assert!(environment("    candidate: { policy: [absent.rego] }\n").contains("absent.rego"));
    assert!(environment("    candidate: { policy: [two.rego], polcy: 1 }\n").contains("polcy"));
}

#[test]
fn a_file_in_main_does_not_silence_the_rules_beside_it() {
    let beside = |more: &str| {
        environment(&format!("    candidate: {{ policy: [one.rego, main.rego] }}\n{more}"))
    };
    assert!(beside("").contains("say which `dialect`"), "{}", beside(""));
    assert_eq!(beside("    dialect: gate\n"), "");
    assert_eq!(environment("    candidate: { policy: [main.rego] }\n"), "");
}
