//! The server asks configured registries for subjects by reference and for images under admission.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gate_core::Digest;
use gate_tests::http::{Answer, Connection};
use gate_tests::registry::{Reply, Server, Shelf};
use gate_tests::shop::Shop;
use serde_json::{Value, json};

use crate::desk::{SBOM, SBOM_TYPE, serve};

/// A gate with one registry, which refuses everything when it is told to.
struct Scene {
    registry: Server,
    subject: Digest,
    refusing: Arc<AtomicBool>,
    _server: gate_tests::process::Server,
    /// The server watches its configuration: it must stay.
    _shop: Shop,
    connection: Connection,
}

fn scene() -> Scene {
    let mut shelf = Shelf::new();
    let subject = shelf.image("app", Some("v1"));
    shelf.evidence(Some(subject), SBOM_TYPE, SBOM.as_bytes(), None);
    let refusing = Arc::new(AtomicBool::new(false));
    let told = refusing.clone();
    let registry = serve(shelf, move |_| told.load(Ordering::SeqCst).then(|| Reply::refused(403)));
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("sbom.rego");
    let rule = "package sbom\n\ndeny contains \"absent\" if {\n\tinput.object == null\n\tcount(input.sbom) == 0\n}\n";
    std::fs::write(&policy, rule).unwrap();
    let shop = Shop::new(&policy, "    allow_unsigned: [sbom]\n").unwrap();
    let mut config = std::fs::File::options().append(true).open(shop.config()).unwrap();
    let places =
        format!("registries: {{ places: {{ '{}': {{ plain_http: true }} }} }}\n", registry.host());
    config.write_all(places.as_bytes()).unwrap();
    drop(config);
    let server = shop.serve().unwrap();
    let connection = server.connect().unwrap();
    Scene { registry, subject, refusing, _server: server, _shop: shop, connection }
}

impl Scene {
    fn ask(&mut self, path: &str, subject: &str) -> Answer {
        let body = json!({"subject": subject, "environment": "production"}).to_string();
        self.connection.post(path, "", body.as_bytes()).unwrap()
    }

    fn review(&mut self, image: &str) -> Value {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"},
            "spec": {"containers": [{"name": "c", "image": image}]}});
        let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": {"uid": "u", "operation": "CREATE", "object": pod,
                "kind": {"group": "", "version": "v1", "kind": "Pod"}}});
        let path = "/admission/validate/production";
        let answer = self.connection.post(path, "", review.to_string().as_bytes()).unwrap();
        answer.json().unwrap()["response"].clone()
    }
}

#[test]
fn the_server_finds_evidence_of_subjects_by_reference() {
    let mut scene = scene();
    let (host, subject) = (scene.registry.host(), scene.subject);
    for (name, expected) in [
        (format!("{host}/shop/app:v1"), "allow"),
        (format!("{host}/shop/app@{subject}"), "allow"),
        // Of an unknown registry only what is here counts, and nobody is asked.
        (format!("unknown.example/shop/app@{subject}"), "deny"),
        (subject.to_string(), "deny"),
    ] {
        let answer = scene.ask("/v1/decisions", &name).json().unwrap();
        assert_eq!(answer["decision"]["verdict"], expected, "{name}: {answer}");
        assert_eq!(answer["decision"]["subject"]["digest"], subject.to_string());
        let receipt = scene.ask("/v1/promotions", &name).json().unwrap();
        assert_eq!(receipt["decision"]["verdict"], expected, "{name}: {receipt}");
    }
}

#[test]
fn a_registry_that_fails_gets_no_verdict_from_the_server() {
    let mut scene = scene();
    let host = scene.registry.host();
    let absent = format!("{host}/shop/app:absent");
    for (refusing, name, status, code) in [
        (true, format!("{host}/shop/app:v1"), 503, "registry-forbidden"),
        (true, format!("{host}/shop/app@{}", scene.subject), 503, "registry-forbidden"),
        (false, absent, 404, "registry-not-found"),
        (false, "unknown.example/shop/app:v1".to_owned(), 400, "subject-invalid"),
        (false, "Shop/App:v1".to_owned(), 400, "request-malformed"),
        (false, "nginx:1".to_owned(), 400, "request-malformed"),
    ] {
        scene.refusing.store(refusing, Ordering::SeqCst);
        for path in ["/v1/decisions", "/v1/promotions"] {
            let answer = scene.ask(path, &name);
            let problem = answer.json().unwrap();
            assert_eq!((answer.status, problem["code"].as_str()), (status, Some(code)), "{name}");
            assert!(problem.get("decision").is_none(), "{problem}");
        }
    }
}

#[test]
fn an_image_under_admission_is_judged_by_its_registrys_evidence() {
    let mut scene = scene();
    let (host, subject) = (scene.registry.host(), scene.subject);
    let image = format!("{host}/shop/app:v1@{subject}");
    assert_eq!(scene.review(&image)["allowed"], true);
    assert_eq!(scene.review(&format!("unknown.example/shop/app@{subject}"))["allowed"], false);
    scene.refusing.store(true, Ordering::SeqCst);
    let refused = scene.review(&image);
    assert_eq!(refused["allowed"], false);
    assert!(refused.to_string().contains("registry-forbidden"), "{refused}");
}
