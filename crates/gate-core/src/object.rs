//! Kubernetes objects: which images a workload runs, found in every place that a pod spec hides them.

use serde_json::Value;

use crate::Digest;

/// An image that an object would run or mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageReference {
    /// Where it stands, as a JSON pointer into the object.
    pub place: String,
    /// The reference as written; empty where the field is absent.
    pub reference: String,
    /// The digest that pins it; `None` for a tag, a digest of another algorithm or a malformed one.
    pub digest: Option<Digest>,
}

/// A workload that is not shaped as its kind demands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct ObjectError {
    /// JSON pointer of the field.
    pub place: String,
    /// What is wrong with it.
    pub message: &'static str,
}

/// The pod spec in an object and its JSON pointer; `None` for kinds that run no pods, and for a
/// controller without a template.
pub fn pod_spec(object: &Value) -> Result<Option<(&Value, &'static str)>, ObjectError> {
    let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
    let group = text("apiVersion").split_once('/').map_or("", |(group, _)| group);
    let (pointer, template) = match (group, text("kind")) {
        ("", "Pod") => ("/spec", None),
        ("", "PodTemplate") => ("/template/spec", Some("/template")),
        ("", "ReplicationController") => ("/spec/template/spec", Some("/spec/template")),
        ("apps" | "extensions", "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet")
        | ("batch", "Job") => ("/spec/template/spec", None),
        ("batch" | "extensions", "CronJob") => ("/spec/jobTemplate/spec/template/spec", None),
        _ => return Ok(None),
    };
    // Both may run without a template of their own: such an object starts no pod.
    if let Some(template) = template
        && object.pointer(template).is_none_or(Value::is_null)
    {
        return Ok(None);
    }
    match object.pointer(pointer) {
        Some(spec) if spec.is_object() => Ok(Some((spec, pointer))),
        _ => Err(ObjectError { place: pointer.to_owned(), message: "there is no pod spec here" }),
    }
}

/// Every image of an object: containers, init and ephemeral containers, and image volumes.
pub fn images(object: &Value) -> Result<Vec<ImageReference>, ObjectError> {
    let Some((spec, root)) = pod_spec(object)? else { return Ok(vec![]) };
    let mut found = vec![];
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        for (at, container) in entries(spec, root, list)? {
            let place = format!("{root}/{list}/{at}/image");
            found.push(reference(container.get("image"), place)?);
        }
    }
    for (at, volume) in entries(spec, root, "volumes")? {
        if let Some(image) = volume.get("image").filter(|image| !image.is_null()) {
            let place = format!("{root}/volumes/{at}/image/reference");
            found.push(reference(image.get("reference"), place)?);
        }
    }
    Ok(found)
}

fn entries<'a>(
    spec: &'a Value,
    root: &str,
    list: &str,
) -> Result<impl Iterator<Item = (usize, &'a Value)>, ObjectError> {
    let unreadable = |message| ObjectError { place: format!("{root}/{list}"), message };
    let items = match spec.get(list) {
        None | Some(Value::Null) => &[][..],
        Some(Value::Array(items)) => items,
        Some(_) => return Err(unreadable("this is no list")),
    };
    if items.iter().any(|item| !item.is_object()) {
        return Err(unreadable("an entry of this list is no object"));
    }
    Ok(items.iter().enumerate())
}

fn reference(field: Option<&Value>, place: String) -> Result<ImageReference, ObjectError> {
    let reference = match field {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(_) => return Err(ObjectError { place, message: "an image reference is a string" }),
    };
    let digest = pinned(&reference);
    Ok(ImageReference { place, reference, digest })
}

/// The digest of `NAME[:TAG]@sha256:HEX`. One `@` alone: with two, tools disagree on which part counts.
fn pinned(reference: &str) -> Option<Digest> {
    let (name, digest) = reference.split_once('@')?;
    (!name.is_empty()).then(|| digest.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const HEX: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn places(object: &Value) -> Vec<String> {
        images(object).unwrap().into_iter().map(|image| image.place).collect()
    }

    #[test]
    fn an_image_hides_in_no_field_of_a_pod() {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "spec": {
            "containers": [{"image": format!("shop@{HEX}")}],
            "initContainers": [{"image": "init:1"}],
            "ephemeralContainers": [{"image": "debug"}],
            "volumes": [{"name": "x"}, {"image": {"reference": "data:1"}}],
        }});
        assert_eq!(
            places(&pod),
            [
                "/spec/containers/0/image",
                "/spec/initContainers/0/image",
                "/spec/ephemeralContainers/0/image",
                "/spec/volumes/1/image/reference"
            ]
        );
        assert_eq!(images(&pod).unwrap()[0].digest, Some(HEX.parse().unwrap()));
        assert_eq!(images(&pod).unwrap()[1].digest, None);
    }

    #[test]
    fn every_workload_kind_shows_its_images() {
        let spec = json!({"containers": [{"image": "a"}]});
        let template = json!({"template": {"spec": spec}});
        for (version, kind, body) in [
            ("v1", "Pod", json!({"spec": spec})),
            ("v1", "PodTemplate", template.clone()),
            ("v1", "ReplicationController", json!({"spec": template})),
            ("apps/v1", "Deployment", json!({"spec": template})),
            ("apps/v1", "ReplicaSet", json!({"spec": template})),
            ("apps/v1", "DaemonSet", json!({"spec": template})),
            ("apps/v1", "StatefulSet", json!({"spec": template})),
            ("batch/v1", "Job", json!({"spec": template})),
            ("batch/v1", "CronJob", json!({"spec": {"jobTemplate": {"spec": template}}})),
        ] {
            let mut object = body;
            object["apiVersion"] = json!(version);
            object["kind"] = json!(kind);
            assert_eq!(places(&object).len(), 1, "{kind}");
        }
    }

    #[test]
    fn a_workload_of_another_shape_is_an_error_and_never_without_images() {
        for spec in [
            json!(null),
            json!({"containers": "a"}),
            json!({"containers": ["a"]}),
            json!({"containers": [{"image": 1}]}),
            json!({"volumes": [{"image": {"reference": {}}}]}),
        ] {
            let pod = json!({"apiVersion": "v1", "kind": "Pod", "spec": spec});
            assert!(images(&pod).is_err(), "{pod}");
        }
    }

    #[test]
    fn a_forged_digest_does_not_pin() {
        for reference in [
            "shop",
            "shop:1",
            "shop@sha256:00",
            &format!("@{HEX}"),
            &format!("shop@{HEX}@{HEX}"),
            &format!("shop@{}", HEX.to_uppercase()),
            &format!("shop@{HEX} "),
            &format!("shop@sha512:{}", "0".repeat(128)),
        ] {
            assert_eq!(pinned(reference), None, "{reference}");
        }
        assert_eq!(pinned(&format!("registry:5000/shop:1@{HEX}")), Some(HEX.parse().unwrap()));
    }
}
