//! The review that is measured: a Pod as an API server sends it, some 5 KB, each with a name of its
//! own, so that no answer can come from the one before.

use anyhow::Result;
use gate_core::Digest;
use gate_fixtures::objects;
use serde_json::{Value, json};

/// Stands for the request's number in the documents below; as long as what it is replaced with.
const NUMBER: &str = "NUMBER--";

/// JSON text with a place for the number of the request.
pub(crate) struct Template(Vec<String>);

impl Template {
    pub(crate) fn new(document: &Value) -> Self {
        Self(document.to_string().split(NUMBER).map(str::to_owned).collect())
    }

    /// The document of one request.
    pub(crate) fn fill(&self, number: u64) -> Vec<u8> {
        self.0.join(&format!("{number:08x}")).into_bytes()
    }

    /// Bytes of a document.
    pub(crate) fn len(&self) -> usize {
        self.fill(0).len()
    }
}

/// A review that the Kubernetes package allows; or, with a privileged container, denies.
pub(crate) fn review(privileged: bool) -> Result<Value> {
    let image = objects::pinned(Digest::of(b"the image of the benchmark"));
    let mut container = objects::container("storefront", &image);
    container["env"] = (0..24)
        .map(|at| json!({"name": format!("SETTING_{at}"), "value": format!("a value of some length {at}")}))
        .collect();
    container["readinessProbe"] = probe("/ready");
    container["livenessProbe"] = probe("/live");
    container["volumeMounts"] = (0..4)
        .map(|at| json!({"name": format!("volume-{at}"), "mountPath": format!("/var/run/storefront/{at}"), "readOnly": true}))
        .collect();
    container["securityContext"]["privileged"] = json!(privileged);
    let mut init = objects::container("migrate", &image);
    init["args"] = json!(["migrate", "--wait", "--schema=storefront"]);
    let mut spec = objects::spec(&image);
    spec["containers"] = json!([container]);
    spec["initContainers"] = json!([init]);
    spec["volumes"] = (0..4)
        .map(|at| json!({"name": format!("volume-{at}"), "configMap": {"name": format!("storefront-{at}"), "defaultMode": 420}}))
        .collect();
    spec["tolerations"] = ["not-ready", "unreachable"]
        .map(|taint| json!({"key": format!("node.kubernetes.io/{taint}"), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}))
        .into_iter()
        .collect();
    let mut pod = objects::pod(&spec);
    pod["metadata"]["name"] = json!(format!("storefront-{NUMBER}"));
    pod["metadata"]["uid"] = json!(format!("{NUMBER}-73eb-4cc4-abb0-addf414a14c8"));
    pod["metadata"]["creationTimestamp"] = json!("2026-11-18T09:00:00Z");
    pod["metadata"]["labels"] = json!({
        "app": "storefront",
        "app.kubernetes.io/name": "storefront",
        "app.kubernetes.io/version": "4.2.0",
        "app.kubernetes.io/managed-by": "delivery",
        "pod-template-hash": NUMBER,
    });
    pod["metadata"]["annotations"] = json!({
        "kubectl.kubernetes.io/restartedAt": "2026-11-18T09:00:00Z",
        "prometheus.io/port": "8080",
        "prometheus.io/scrape": "true",
    });
    pod["metadata"]["ownerReferences"] = json!([{
        "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "storefront-7d9f",
        "uid": "5f0a9a53-6c1f-4d0e-9b59-0f6e8d2c7b11", "controller": true, "blockOwnerDeletion": true,
    }]);
    objects::created(&pod)
}

fn probe(path: &str) -> Value {
    json!({
        "httpGet": {"path": path, "port": 8080, "scheme": "HTTP"},
        "initialDelaySeconds": 5, "periodSeconds": 10, "timeoutSeconds": 1,
        "successThreshold": 1, "failureThreshold": 3,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_review_is_some_5_kb_and_another_one() {
        let template = Template::new(&review(false).unwrap());
        assert!((4_500..5_500).contains(&template.len()), "{} bytes", template.len());
        let [a, b] = [1, 2].map(|number| template.fill(number));
        assert_eq!(a.len(), b.len());
        assert_ne!(a, b);
        assert!(!String::from_utf8(a).unwrap().contains(NUMBER));
    }
}
