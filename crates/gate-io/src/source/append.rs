//! Evidence added to an OCI layout as a referrer of its subject (image-spec 1.1).

use std::fs::{self, File};
use std::io;
use std::path::Path;

use gate_core::effects::GateError;
use gate_core::reason::ErrorCode;
use gate_core::{Digest, limits};
use rustix::fs::{FlockOperation, flock};
use serde_json::{Value, json};

use super::Layout;
use crate::files::{read_bounded, write_atomically};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

impl Layout {
    /// Adds a sigstore bundle about a subject of this layout and returns its manifest's digest.
    ///
    /// Errors are `subject-invalid` where the layout does not hold the subject, `record-failed` where
    /// it cannot be written.
    pub fn append(
        &self,
        subject: Digest,
        predicate_type: &str,
        bundle: &[u8],
    ) -> Result<Digest, GateError> {
        let failed = |error: io::Error| {
            let message = format!("{} cannot be written", self.folder().display());
            GateError::new(ErrorCode::RecordFailed, message).caused_by(error)
        };
        // Two writers would each keep the other's entry out of the index.
        let folder = File::open(self.folder()).map_err(failed)?;
        flock(&folder, FlockOperation::LockExclusive).map_err(|error| failed(error.into()))?;
        let index_path = self.folder().join("index.json");
        let mut index = document(&index_path).map_err(failed)?;
        let about = self.describe(subject)?;
        let annotations = json!({
            "dev.sigstore.bundle.content": "dsse-envelope",
            "dev.sigstore.bundle.predicateType": predicate_type,
        });
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": BUNDLE,
            "config": descriptor(EMPTY, b"{}"),
            "layers": [descriptor(BUNDLE, bundle)],
            "subject": about,
            "annotations": annotations,
        });
        let bytes = manifest.to_string().into_bytes();
        let mut listed = descriptor(MANIFEST, &bytes);
        listed["artifactType"] = json!(BUNDLE);
        listed["annotations"] = annotations;
        let Some(manifests) = index.get_mut("manifests").and_then(Value::as_array_mut) else {
            return Err(failed(io::Error::other("index.json has no list `manifests`")));
        };
        let digest = Digest::of(&bytes);
        if !manifests.iter().any(|entry| entry["digest"] == listed["digest"]) {
            manifests.push(listed);
        }
        // Blobs come first: an index that names what is not there would be a damaged layout, a blob
        // that nothing names is only waste.
        for blob in [b"{}", bundle, &bytes] {
            self.keep(blob).map_err(failed)?;
        }
        write_atomically(&index_path, index.to_string().as_bytes()).map_err(failed)?;
        Ok(digest)
    }

    /// The descriptor of a manifest that lies in this layout.
    fn describe(&self, subject: Digest) -> Result<Value, GateError> {
        let absent = |message: String| GateError::new(ErrorCode::SubjectInvalid, message);
        let bytes = read_bounded(&self.path(subject), limits::MANIFEST_BYTES).map_err(|error| {
            let message = format!("{} does not hold {subject}", self.folder().display());
            absent(message).caused_by(error)
        })?;
        let manifest: Value = serde_json::from_slice(&bytes)
            .map_err(|error| absent(format!("{subject} is no manifest")).caused_by(error))?;
        let media_type = manifest["mediaType"].as_str().unwrap_or(MANIFEST);
        Ok(descriptor(media_type, &bytes))
    }

    fn keep(&self, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(Digest::of(bytes));
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        write_atomically(&path, bytes)
    }

    fn path(&self, digest: Digest) -> std::path::PathBuf {
        self.folder().join("blobs/sha256").join(digest.to_hex())
    }
}

fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": Digest::of(bytes), "size": bytes.len()})
}

fn document(path: &Path) -> io::Result<Value> {
    let bytes = read_bounded(path, limits::MANIFEST_BYTES)?;
    serde_json::from_slice(&bytes).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use gate_core::effects::EvidenceSource as _;
    use gate_core::request::{Asker, Request, Subject, SubjectKind};

    use super::*;
    use crate::source::Layouts;

    fn request(digest: Digest) -> Request {
        Request {
            subject: Subject { digest, kind: SubjectKind::Artifact },
            asker: Asker { requester: "test".to_owned(), admission: None },
            now: "2026-11-23T08:00:00Z".parse().unwrap(),
            object: None,
        }
    }

    fn layout(folder: &Path) -> (Layout, Digest) {
        let layout = Layout::new(folder);
        let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "layers": []}).to_string();
        layout.keep(manifest.as_bytes()).unwrap();
        let entry = descriptor(MANIFEST, manifest.as_bytes());
        let index = json!({"schemaVersion": 2, "manifests": [entry], "kept": true});
        fs::write(folder.join("index.json"), index.to_string()).unwrap();
        (layout, Digest::of(manifest.as_bytes()))
    }

    #[test]
    fn what_is_added_is_found_beside_the_subject() {
        let folder = tempfile::tempdir().unwrap();
        let (layout, subject) = layout(folder.path());
        let referrer = layout.append(subject, "https://p", b"{\"a\":1}").unwrap();
        assert_eq!(layout.append(subject, "https://p", b"{\"a\":1}").unwrap(), referrer);
        let found = Layouts(vec![layout.clone()]).collect(&request(subject)).unwrap();
        assert_eq!(found.evidence.len(), 1);
        assert_eq!(found.evidence[0].unverified_bytes, b"{\"a\":1}");
        assert_eq!(layout.image(None).unwrap(), subject, "a referrer is no image");
        let index = document(&folder.path().join("index.json")).unwrap();
        assert_eq!(index["kept"], true, "what is unknown is kept");
    }

    #[test]
    fn evidence_about_a_subject_that_is_elsewhere_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (layout, _) = layout(folder.path());
        let refused = layout.append(Digest::of(b"other"), "https://p", b"{}").unwrap_err();
        assert_eq!(refused.code, ErrorCode::SubjectInvalid);
    }
}
