//! `gate verify image` on the images of the fixtures.

use super::in_process::{gate, words};

#[test]
fn each_signature_of_an_image_is_told_by_itself() {
    let fixtures = gate_fixtures::stored::root();
    let verify = |case: &str, more: &str| {
        let line = format!("verify image oci:{{}}/{case}/image:1.4.2 {more}");
        gate(&words(&line, &fixtures))
    };
    let root = "--trusted-root {}/trusted_root.json";
    let workflow = "--certificate-identity-regexp https://git.shop.example/.* \
                    --certificate-oidc-issuer https://id.shop.example";
    let keyless = verify("keyless-cosign-signature_allow", &format!("{root} {workflow}"));
    assert_eq!(keyless.status, 0, "{keyless:?}");
    for told in [
        "1 of 8 signatures accepted",
        "signed at    2026-11-16T12:31:00Z",
        "log entry    https://rekor.shop.example index 0 (promised by the log)",
        "checked      form, subject, signature, certificate, certificate-timestamp, log, \
         signing-time, identity",
    ] {
        assert!(keyless.out.contains(told), "{told}: {}", keyless.out);
    }
    let strict = format!("{root} {workflow} --require-inclusion-proof");
    let refused = verify("keyless-cosign-signature_allow", &strict);
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.out.contains("log-proof-invalid: a log entry has the log's promise alone"));
    assert!(refused.out.contains("failed       log"), "{}", refused.out);
    let keyed = "--key {}/keys/build.pub --output json";
    let keyed = verify("cosign-signature-with-a-key_allow", keyed);
    let answer: serde_json::Value = serde_json::from_str(&keyed.out).unwrap();
    assert_eq!((keyed.status, &answer["accepted"]), (0, &serde_json::json!(true)));
    let forms: Vec<_> = answer["signatures"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|found| found["accepted"] == true)
        .map(|found| found["form"].as_str().unwrap())
        .collect();
    assert!(forms.contains(&"cosign-layer") && forms.contains(&"sigstore-bundle"), "{forms:?}");
    for (line, told) in [
        ("verify image oci:{}/good-release_allow/image:1.4.2", "say who signs"),
        ("verify image sha256:12 --key {}/keys/build.pub", ""),
        ("verify image {}/gate.yaml --key {}/keys/build.pub", "oci:DIR"),
        (
            "verify image oci:{}/good-release_allow/image:1.4.2 --key {}/keys/build.pub \
             --insecure-ignore-tlog",
            "about what a trusted root proves",
        ),
    ] {
        let refused = gate(&words(line, &fixtures));
        assert_eq!(refused.status, 2, "{refused:?}");
        assert!(refused.err.contains(told), "{refused:?}");
    }
}
