//! From the subject's own bytes to what rules may ask of it. Bytes of another digest are an error:
//! the source is damaged or lies.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::json;
use crate::effects::GateError;
use crate::evidence::{Collected, SubjectFile};
use crate::facts::{ImageConfig, Platform, SubjectFacts};
use crate::reason::ErrorCode;
use crate::request::{Object, Request, SubjectKind};
use crate::{Digest, limits, structured};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    media_type: Option<String>,
    annotations: Option<BTreeMap<String, String>>,
    config: Option<Descriptor>,
    layers: Option<Vec<serde::de::IgnoredAny>>,
    manifests: Option<Vec<Descriptor>>,
}

#[derive(Deserialize)]
struct Descriptor {
    digest: Digest,
    platform: Option<WirePlatform>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct WirePlatform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

#[derive(Deserialize)]
struct Image {
    architecture: Option<String>,
    os: Option<String>,
    created: Option<String>,
    config: Option<Execution>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Execution {
    user: Option<String>,
    exposed_ports: Option<BTreeMap<String, Value>>,
    env: Option<Vec<String>>,
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    labels: Option<BTreeMap<String, String>>,
}

/// Fills what the subject's bytes tell into its facts.
pub(super) fn describe(facts: &mut SubjectFacts, collected: &Collected) -> Result<(), GateError> {
    let Some(bytes) = &collected.unverified_manifest else {
        return match collected.unverified_config {
            Some(_) => Err(other("an image configuration came without the manifest that names it")),
            None => Ok(()),
        };
    };
    let found = Digest::of(bytes);
    if found != facts.digest {
        return Err(other(format!(
            "the subject's bytes have the digest {found}, not {}",
            facts.digest
        )));
    }
    if bytes.len() > limits::MANIFEST_BYTES {
        return Err(GateError::new(
            ErrorCode::SubjectInvalid,
            format!("the manifest is larger than {} bytes", limits::MANIFEST_BYTES),
        ));
    }
    // A manifest that is also an index is another image to another reader (CVE-2021-41190): nothing
    // is told of it, and rules that ask for a configuration or platforms deny.
    let manifest: Option<Manifest> = json::read(bytes).ok().filter(|manifest: &Manifest| {
        manifest.manifests.is_none() || (manifest.layers.is_none() && manifest.config.is_none())
    });
    let config = manifest.as_ref().and_then(|manifest| manifest.config.as_ref());
    if let Some(bytes) = &collected.unverified_config {
        let named = config.map(|config| config.digest);
        if named != Some(Digest::of(bytes)) {
            return Err(other("the image configuration is not the one that the manifest names"));
        }
        facts.config = json::read(bytes).ok().map(image_config);
    }
    if let Some(manifest) = manifest {
        facts.media_type = manifest.media_type;
        facts.annotations = manifest.annotations.unwrap_or_default();
        facts.platforms = manifest
            .manifests
            .unwrap_or_default()
            .into_iter()
            .filter(|descriptor| !is_attestation(descriptor))
            .map(platform)
            .collect();
    }
    Ok(())
}

/// The object under admission as the record will give it back; where it is the subject, it must have
/// the subject's digest. Of an artifact, what its file holds where that is a configuration file.
pub(super) fn object(
    request: &Request,
    file: Option<&SubjectFile>,
) -> Result<Option<Arc<Value>>, GateError> {
    let Some(object) = &request.object else {
        return match (request.subject.kind, file) {
            (SubjectKind::Object, _) => Err(other("the object under admission is not at hand")),
            (SubjectKind::Artifact, Some(file)) => document(file, request.subject.digest),
            (SubjectKind::Artifact, None) => Ok(None),
        };
    };
    if request.subject.kind == SubjectKind::Object && object.digest() != request.subject.digest {
        let (found, asked) = (object.digest(), request.subject.digest);
        return Err(other(format!("the object has the digest {found}, not {asked}")));
    }
    Ok(Some(object.value().clone()))
}

/// What a configuration file holds; `None` of a file that is none.
fn document(file: &SubjectFile, subject: Digest) -> Result<Option<Arc<Value>>, GateError> {
    let found = Digest::of(&file.bytes);
    if found != subject {
        return Err(other(format!("{} has the digest {found}, not {subject}", file.name)));
    }
    let invalid = |message: String| GateError::new(ErrorCode::SubjectInvalid, message);
    let read = structured::read(Some(&file.name), &file.bytes);
    let Some(value) = read.map_err(|error| invalid(format!("{} {error}", file.name)))? else {
        return Ok(None);
    };
    // A number that RFC 8785 writes otherwise must be the same in this evaluation and in its replay.
    let object = Object::new(value).map_err(|error| {
        invalid(format!("{} has no canonical form", file.name)).caused_by(error)
    })?;
    Ok(Some(object.value().clone()))
}

fn other(message: impl Into<String>) -> GateError {
    GateError::new(ErrorCode::SubjectMismatch, message)
}

/// BuildKit lists its attestations as manifests of an unknown platform.
fn is_attestation(descriptor: &Descriptor) -> bool {
    descriptor
        .annotations
        .as_ref()
        .and_then(|annotations| annotations.get("vnd.docker.reference.type"))
        .is_some_and(|kind| kind == "attestation-manifest")
}

fn platform(descriptor: Descriptor) -> Platform {
    let platform = descriptor.platform.map_or_else(String::new, |platform| {
        let variant = platform.variant.map_or_else(String::new, |variant| format!("/{variant}"));
        format!("{}/{}{variant}", platform.os, platform.architecture)
    });
    Platform { digest: descriptor.digest, platform }
}

fn image_config(wire: Image) -> ImageConfig {
    let Image { architecture, os, created, config } = wire;
    let mut out = ImageConfig {
        architecture: architecture.unwrap_or_default(),
        os: os.unwrap_or_default(),
        created: created.and_then(|text| text.parse().ok()),
        ..ImageConfig::default()
    };
    if let Some(run) = config {
        out.user = run.user.unwrap_or_default();
        out.exposed_ports = run.exposed_ports.unwrap_or_default().into_keys().collect();
        // Values may be secrets.
        let name = |entry: String| entry.split('=').next().unwrap_or_default().to_owned();
        out.env_names = run.env.unwrap_or_default().into_iter().map(name).collect();
        out.entrypoint = run.entrypoint.unwrap_or_default();
        out.cmd = run.cmd.unwrap_or_default();
        out.labels = run.labels.unwrap_or_default();
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::request::{Asker, Subject};

    fn described(manifest: &Value, config: Option<&Value>) -> Result<SubjectFacts, GateError> {
        let manifest = manifest.to_string().into_bytes();
        let mut facts = SubjectFacts {
            digest: Digest::of(&manifest),
            kind: SubjectKind::Artifact,
            media_type: None,
            annotations: BTreeMap::new(),
            config: None,
            platforms: vec![],
            repository: None,
        };
        let collected = Collected {
            unverified_manifest: Some(manifest),
            unverified_config: config.map(|config| config.to_string().into_bytes()),
            ..Collected::default()
        };
        describe(&mut facts, &collected).map(|()| facts)
    }

    #[test]
    fn an_image_is_described_by_its_configuration_without_secrets() {
        let config = json!({
            "architecture": "amd64", "os": "linux", "created": "2026-01-01T00:00:00Z",
            "config": {"User": "1000", "ExposedPorts": {"8080/tcp": {}}, "Env": ["TOKEN=secret", "PATH"], "Labels": {"a": "b"}},
        });
        let digest = Digest::of(config.to_string().as_bytes());
        let manifest = json!({"mediaType": "m", "config": {"digest": digest}, "layers": [], "annotations": {"k": "v"}});
        let facts = described(&manifest, Some(&config)).unwrap();
        let image = facts.config.unwrap();
        assert_eq!(
            (image.user.as_str(), image.env_names.as_slice()),
            ("1000", &["TOKEN".to_owned(), "PATH".to_owned()][..])
        );
        assert_eq!(
            (facts.media_type.as_deref(), facts.annotations["k"].as_str()),
            (Some("m"), "v")
        );
        let other = described(&manifest, Some(&json!({}))).unwrap_err();
        assert_eq!(other.code, ErrorCode::SubjectMismatch);
    }

    #[test]
    fn an_index_lists_its_platforms_and_not_its_attestations() {
        let facts = described(
            &json!({"manifests": [
                {"digest": Digest::of(b"1"), "platform": {"os": "linux", "architecture": "arm", "variant": "v7"}},
                {"digest": Digest::of(b"2"), "annotations": {"vnd.docker.reference.type": "attestation-manifest"}},
            ]}),
            None,
        )
        .unwrap();
        assert_eq!(facts.platforms.len(), 1);
        assert_eq!(facts.platforms[0].platform, "linux/arm/v7");
    }

    #[test]
    fn a_manifest_that_is_an_index_as_well_tells_nothing() {
        let digest = Digest::of(b"1");
        let facts = described(
            &json!({"mediaType": "m", "manifests": [{"digest": digest}], "config": {"digest": digest}, "layers": []}),
            None,
        )
        .unwrap();
        assert_eq!((facts.media_type, facts.platforms.len()), (None, 0));
    }

    #[test]
    fn an_object_of_another_digest_is_an_error() {
        let request = |object: Option<Value>, digest: Digest| Request {
            subject: Subject { digest, kind: SubjectKind::Object },
            asker: Asker { requester: "k8s".to_owned(), admission: None },
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
            object: object.map(|object| Object::new(object).unwrap()),
        };
        let pod = json!({"kind": "Pod", "spec": {"n": 1.0}});
        let digest = Object::new(pod.clone()).unwrap().digest();
        assert_eq!(
            object(&request(Some(pod.clone()), digest), None).unwrap().unwrap()["spec"]["n"],
            json!(1)
        );
        for wrong in [request(Some(json!({})), digest), request(None, digest)] {
            assert_eq!(object(&wrong, None).unwrap_err().code, ErrorCode::SubjectMismatch);
        }
    }

    #[test]
    fn a_configuration_file_is_the_object_and_stays_an_artifact() {
        let request = |digest| Request {
            subject: Subject { digest, kind: SubjectKind::Artifact },
            asker: Asker { requester: "ci".to_owned(), admission: None },
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
            object: None,
        };
        let of = |name: &str, bytes: &[u8]| {
            let file = SubjectFile { name: name.to_owned(), bytes: bytes.to_vec() };
            object(&request(Digest::of(bytes)), Some(&file)).map_err(|error| error.code)
        };
        assert_eq!(
            of("pod.yaml", b"kind: Pod\nn: 1.0\n"),
            Ok(Some(Arc::new(json!({"kind": "Pod", "n": 1}))))
        );
        assert_eq!(of("app.bin", b"\x7fELF\0"), Ok(None));
        assert_eq!(of("pod.yaml", b"kind: ["), Err(ErrorCode::SubjectInvalid));
        let file = SubjectFile { name: "pod.yaml".to_owned(), bytes: b"kind: Pod".to_vec() };
        let other = object(&request(Digest::of(b"other")), Some(&file)).unwrap_err();
        assert_eq!(other.code, ErrorCode::SubjectMismatch);
    }
}
