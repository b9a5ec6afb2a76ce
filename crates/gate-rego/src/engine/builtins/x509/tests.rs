//! Certificates and keys that are made for each run.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType,
};

use crate::engine::builtins::testing::call_with;
use crate::engine::value::Value;

/// The middle of the time in which the certificates hold, and a time after it.
const WITHIN_NS: i64 = 1_700_000_000_000_000_000;
const AFTER_NS: i64 = 2_000_000_000_000_000_000;

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.distinguished_name.push(DnType::CountryName, "DE");
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2030, 1, 1);
    params
}

struct Made {
    root: String,
    middle: String,
    leaf: String,
    leaf_key: KeyPair,
}

/// A root that allows names below `example`, an authority below it, and a leaf.
fn made(hosts: &[&str]) -> Made {
    let mut root = params("root");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("example".to_owned())],
        excluded_subtrees: Vec::new(),
    });
    let root_key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let root_text = root.self_signed(&root_key).unwrap().pem();
    let root = Issuer::new(root, root_key);
    let mut middle = params("middle");
    middle.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    middle.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let middle_key = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let middle_text = middle.signed_by(&middle_key, &root).unwrap().pem();
    let middle = Issuer::new(middle, middle_key);
    let mut leaf = params("leaf");
    for host in hosts {
        leaf.subject_alt_names.push(SanType::DnsName((*host).try_into().unwrap()));
    }
    leaf.subject_alt_names.push(SanType::URI("spiffe://a.example/b?c".try_into().unwrap()));
    leaf.subject_alt_names.push(SanType::IpAddress("1.2.3.4".parse().unwrap()));
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let leaf_key = KeyPair::generate().unwrap();
    let leaf_text = leaf.signed_by(&leaf_key, &middle).unwrap().pem();
    Made { root: root_text, middle: middle_text, leaf: leaf_text, leaf_key }
}

fn called(name: &str, operands: &[Value]) -> Value {
    call_with(name, operands).unwrap().unwrap()
}

fn field<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(value, |value, name| value.field(name).unwrap())
}

/// Whether the chain holds, and the names in it.
fn verified(chain: &[&str], options: &str) -> (bool, Vec<String>) {
    let options = Value::from_json(options).unwrap();
    let operands = [Value::from(chain.concat()), options];
    let name = "crypto.x509.parse_and_verify_certificates_with_options";
    let result = called(name, &operands);
    let [Value::Bool(valid), Value::Array(chain)] = result.as_array().unwrap().as_slice() else {
        panic!("{result}")
    };
    let name =
        |value: &Value| field(value, &["Subject", "CommonName"]).as_str().unwrap().to_owned();
    (*valid, chain.iter().map(name).collect())
}

#[test]
fn certificates_have_gos_shape() {
    let made = made(&["a.example"]);
    let text = Value::from([made.leaf.as_str(), &made.root].concat());
    let certificates = called("crypto.x509.parse_certificates", &[text]);
    let [leaf, root] = certificates.as_array().unwrap().as_slice() else { panic!() };
    for (path, expected) in [
        (&["Subject", "CommonName"][..], "\"leaf\""),
        (&["Issuer", "Country"], "[\"DE\"]"),
        (&["Issuer", "ExtraNames"], "null"),
        (&["DNSNames"], "[\"a.example\"]"),
        (&["IPAddresses"], "[\"1.2.3.4\"]"),
        (&["URIStrings"], "[\"spiffe://a.example/b?c\"]"),
        (&["NotBefore"], "\"2020-01-01T00:00:00Z\""),
        (&["KeyUsage"], "1"),
        (&["ExtKeyUsage"], "[2]"),
        (&["PublicKeyAlgorithm"], "3"),
        (&["SignatureAlgorithm"], "16"),
        (&["PublicKey", "Curve"], "{}"),
        (&["BasicConstraintsValid"], "false"),
        (&["Version"], "3"),
    ] {
        assert_eq!(field(leaf, path).to_string(), expected, "{path:?}");
    }
    let uri = field(leaf, &["URIs"]).as_array().unwrap().as_slice()[0].to_string();
    assert_eq!(
        uri,
        r#"{"ForceQuery": false, "Fragment": "", "Host": "a.example", "OmitHost": false, "Opaque": "", "Path": "/b", "RawFragment": "", "RawPath": "", "RawQuery": "c", "Scheme": "spiffe", "User": null}"#
    );
    assert_eq!(field(root, &["IsCA"]), &Value::Bool(true));
    assert_eq!(field(root, &["MaxPathLen"]), &Value::from(-1i64));
    assert_eq!(field(root, &["PermittedDNSDomains"]).to_string(), "[\"example\"]");
    assert_eq!(field(root, &["URIStrings"]), &Value::Null);
}

#[test]
fn chains_are_verified() {
    let made = made(&["a.example"]);
    let chain = [made.root.as_str(), &made.middle, &made.leaf];
    let names = vec!["leaf".to_owned(), "middle".to_owned(), "root".to_owned()];
    let at = |ns: i64, more: &str| format!("{{\"CurrentTime\": {ns}{more}}}");
    let client = ", \"KeyUsages\": [\"KeyUsageClientAuth\"]";
    let refused = (false, Vec::new());
    assert_eq!(verified(&chain, &at(WITHIN_NS, client)), (true, names.clone()));
    // Servers are asked for where nothing is.
    assert_eq!(verified(&chain, &at(WITHIN_NS, "")), refused);
    assert_eq!(verified(&chain, &at(AFTER_NS, client)), refused);
    let host = format!("{client}, \"DNSName\": \"a.example\"");
    assert_eq!(verified(&chain, &at(WITHIN_NS, &host)), (true, names));
    let host = format!("{client}, \"DNSName\": \"b.example\"");
    assert_eq!(verified(&chain, &at(WITHIN_NS, &host)), refused);
    // Without the one between, and with a root that did not sign.
    assert_eq!(verified(&[chain[0], chain[2]], &at(WITHIN_NS, client)), refused);
    let other = self::made(&["a.example"]);
    assert_eq!(verified(&[&other.root, chain[1], chain[2]], &at(WITHIN_NS, client)), refused);
    // A name that the root does not allow.
    let outside = self::made(&["a.elsewhere"]);
    let chain = [outside.root.as_str(), &outside.middle, &outside.leaf];
    assert_eq!(verified(&chain, &at(WITHIN_NS, client)), refused);
}

#[test]
fn a_changed_certificate_is_refused() {
    let made = made(&["a.example"]);
    let (_, bytes) = (0, super::blocks(&made.leaf).unwrap());
    let at = bytes.windows(9).position(|window| window == b"a.example").unwrap();
    let mut changed = bytes.clone();
    changed[at] = b'b';
    let text = |bytes: &[u8]| {
        let chain = [super::blocks(&made.root).unwrap(), super::blocks(&made.middle).unwrap()];
        crate::engine::builtins::encoding::base64::standard(&[&chain.concat(), bytes].concat())
    };
    let any = format!("{{\"CurrentTime\": {WITHIN_NS}, \"KeyUsages\": [\"KeyUsageAny\"]}}");
    assert!(verified(&[&text(&bytes)], &any).0);
    assert!(!verified(&[&text(&changed)], &any).0);
}

#[test]
fn keys_are_taken_apart() {
    let made = made(&["a.example"]);
    let key = Value::from(made.leaf_key.serialize_pem());
    let web_key = called("crypto.x509.parse_rsa_private_key", std::slice::from_ref(&key));
    assert_eq!(field(&web_key, &["crv"]).as_str(), Some("P-256"));
    let keys = called("crypto.parse_private_keys", std::slice::from_ref(&key));
    assert!(field(&keys.as_array().unwrap().as_slice()[0], &["X"]).as_number().is_some());
    let leaf = Value::from(made.leaf.as_str());
    let pair = called("crypto.x509.parse_keypair", &[leaf, key.clone()]);
    assert_eq!(field(&pair, &["Leaf", "Subject", "CommonName"]).as_str(), Some("leaf"));
    let other = call_with("crypto.x509.parse_keypair", &[Value::from(made.root), key]);
    assert_eq!(other.unwrap_err().message, "tls: private key does not match public key");
    assert_eq!(called("crypto.parse_private_keys", &[Value::from("")]), Value::Null);
}

#[test]
fn a_request_is_taken_apart() {
    let mut params = params("asks");
    params.subject_alt_names.push(SanType::DnsName("a.example".try_into().unwrap()));
    let key = KeyPair::generate().unwrap();
    let text = params.serialize_request(&key).unwrap().pem().unwrap();
    let request = called("crypto.x509.parse_certificate_request", &[Value::from(text)]);
    assert_eq!(field(&request, &["Subject", "CommonName"]).as_str(), Some("asks"));
    assert_eq!(field(&request, &["DNSNames"]).to_string(), "[\"a.example\"]");
    let error = call_with("crypto.x509.parse_certificate_request", &[Value::from("YmFk")]);
    assert!(error.unwrap_err().message.contains("asn1: structure error"));
}
