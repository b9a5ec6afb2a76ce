//! `gate promote --server`: CI promotes through a server and holds no signing key.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Output;

use gate_tests::process;
use gate_tests::shop::{Shop, TOKEN};
use serde_json::Value;

const POLICY: &str = "package shop

deny contains \"no SBOM\" if count(input.sbom) == 0
";

/// Asks the server to promote the shop's file `app`.
fn promote(server: &str, shop: &Shop, more: &[&str]) -> Output {
    let mut line: Vec<OsString> = vec!["promote".into(), shop.path("app").into()];
    line.extend(["--server", server, "--environment", "production"].map(OsString::from));
    line.extend(more.iter().map(OsString::from));
    process::gate(line).unwrap()
}

fn receipt(output: &Output) -> Value {
    let talk = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}: {talk}"))
}

fn shop(policy: &Path) -> Shop {
    fs::write(policy.join("shop.rego"), POLICY).unwrap();
    let shop = Shop::new(policy, "    allow_unsigned: [sbom]\n").unwrap();
    fs::write(shop.path("app"), "an application\n").unwrap();
    let bom = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[]}"#;
    fs::write(shop.path("bom.json"), bom).unwrap();
    shop
}

#[test]
fn a_promotion_by_a_server_is_recorded_once_under_its_key() {
    let policy = tempfile::tempdir().unwrap();
    let shop = shop(policy.path());
    let server = shop.serve().unwrap();
    let url = format!("http://{}", server.address);
    let json = ["--token", TOKEN, "--output", "json"];
    let denied = promote(&url, &shop, &json);
    assert_eq!(denied.status.code(), Some(1), "{denied:?}");
    assert_eq!(receipt(&denied)["decision"]["verdict"], "deny");

    let bom = shop.path("bom.json");
    let bom = bom.to_str().unwrap();
    let keyed = [&json[..], &["--evidence", bom, "--idempotency-key", "one"]].concat();
    let allowed = promote(&url, &shop, &keyed);
    assert_eq!(allowed.status.code(), Some(0), "{allowed:?}");
    let again = promote(&url, &shop, &keyed);
    assert_eq!(receipt(&again), receipt(&allowed), "the same key gets the same receipt");
}

#[test]
fn a_server_that_refuses_or_is_gone_gives_no_verdict() {
    let policy = tempfile::tempdir().unwrap();
    let shop = shop(policy.path());
    let server = shop.serve().unwrap();
    let url = format!("http://{}", server.address);
    let refused = promote(&url, &shop, &["--token", "another"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    let talk = String::from_utf8(refused.stderr).unwrap();
    assert!(talk.contains("unauthorized") && talk.contains("fix: "), "{talk}");
    assert!(refused.stdout.is_empty());
    drop(server);
    let gone = promote(&url, &shop, &["--token", TOKEN]);
    assert_eq!(gone.status.code(), Some(2), "{gone:?}");
    assert!(gone.stdout.is_empty());
}
