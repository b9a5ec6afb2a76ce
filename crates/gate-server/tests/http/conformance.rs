//! Admission reviews and objects of other projects, from the shared data.

use std::path::PathBuf;

use gate_core::object::images;
use serde_json::{Value, json};

use crate::testgate::{ALL, TestGate, review};

fn data() -> Option<PathBuf> {
    let data = std::env::var_os("GATE_CONFORMANCE_DATA").map(PathBuf::from);
    if data.is_none() {
        println!("not run: GATE_CONFORMANCE_DATA is not set");
    }
    data.map(|data| data.join("k8s"))
}

fn read(path: &std::path::Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn objects_with_every_field_set_show_every_image() {
    let Some(data) = data() else { return };
    let gate = TestGate::new();
    for name in [
        "core.v1.Pod",
        "core.v1.ReplicationController",
        "apps.v1.Deployment",
        "batch.v1.Job",
        "batch.v1.CronJob",
    ] {
        let object = read(&data.join(format!("api/testdata/HEAD/{name}.json")));
        let response = gate.review("production", &review("CREATE", &object));
        assert_eq!(response["allowed"], false, "{name}");
        let message = response["status"]["message"].as_str().unwrap();
        for place in [
            "/containers/0/image",
            "/initContainers/0/image",
            "/ephemeralContainers/0/image",
            "/volumes/0/image/reference",
        ] {
            assert!(message.contains(place), "{name} {place}: {message}");
        }
    }
    let unread = read(&data.join("api/testdata/HEAD/admission.k8s.io.v1.AdmissionReview.json"));
    gate.review("production", &unread);
}

#[test]
fn reviews_of_another_webhook_get_their_answers() {
    let Some(data) = data() else { return };
    let gate = TestGate::new();
    let mut seen = 0;
    for entry in std::fs::read_dir(data.join("connaisseur/admission_requests")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut review = read(&path);
        review["apiVersion"] = json!("admission.k8s.io/v1");
        seen += 1;
        if name.starts_with("21_") {
            let answer = gate.post("/admission/validate/production", ALL, &review);
            assert_eq!(answer.code(), "request-malformed", "{name}");
            continue;
        }
        let response = gate.review("production", &review);
        // Roles run nothing, and what is being deleted starts nothing; the others name tags.
        let passes = ["11_", "28_", "29_"].iter().any(|number| name.starts_with(number));
        let images = images(&review["request"]["object"]).unwrap();
        let pinned = images.iter().all(|image| image.digest.is_some());
        assert_eq!(response["allowed"], passes || pinned, "{name}: {response}");
    }
    assert!(seen >= 15, "{seen} reviews");
}
