//! What these tests share: a registry's client without waits or chance, an environment, a served shelf.

use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gate_core::Timestamp;
use gate_core::decision::Verdict;
use gate_core::effects::{Clock, GateError};
use gate_core::environment::Environment;
use gate_core::reason::ErrorCode;
use gate_core::request::{Asker, Request, Subject, SubjectKind};
use gate_core::spine;
use gate_io::config;
use gate_io::registry::{
    Credentials, Image, Limits, Pace, Pinned, Place, Registry, RegistrySource, Settings,
};
use gate_tests::registry::{Asked, Reply, Server, Shelf};

/// An SBOM that nobody signed, which the environment takes.
pub(crate) const SBOM: &str =
    r#"{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[]}"#;
pub(crate) const SBOM_TYPE: &str = "application/vnd.cyclonedx+json";

/// A pace without waits that notes how long they would have been.
#[derive(Default)]
pub(crate) struct Noted(pub(crate) Mutex<Vec<Duration>>);

impl Pace for Noted {
    fn wait(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.lock().unwrap().push(pause);
        Box::pin(std::future::ready(()))
    }

    fn chance(&self) -> f64 {
        0.0
    }
}

/// The clock of these tests stands still.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        "2026-11-23T08:00:00Z".parse().unwrap()
    }

    fn steady(&self) -> Duration {
        Duration::ZERO
    }
}

/// A served shelf; `lie` answers first, the shelf where it has nothing to say.
pub(crate) fn serve(
    shelf: Shelf,
    lie: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static,
) -> Server {
    let shelf = Mutex::new(shelf);
    Server::start(move |asked| lie(asked).unwrap_or_else(|| shelf.lock().unwrap().answer(asked)))
        .unwrap()
}

/// Settings under which these hosts may be spoken to in clear.
pub(crate) fn settings(hosts: &[&str]) -> Settings {
    let plain = Place { plain_http: true, ..Place::default() };
    Settings {
        places: hosts.iter().map(|host| ((*host).to_owned(), plain.clone())).collect(),
        limits: Limits { attempts: 2, silence: Duration::from_mins(1), ..Limits::default() },
        ..Settings::default()
    }
}

pub(crate) fn password(name: &str, password: &str) -> Credentials {
    Credentials::Password { name: name.to_owned(), password: password.to_owned() }
}

pub(crate) fn client(settings: Settings) -> Registry {
    Registry::with_pace(settings, Arc::new(Noted::default()))
}

pub(crate) fn image(host: &str, rest: &str) -> Image {
    format!("{host}/shop/app{rest}").parse().unwrap()
}

/// An environment that lets in what has an SBOM, signed or not.
pub(crate) fn environment() -> Arc<Environment> {
    let folder = tempfile::tempdir().unwrap();
    let policy = "package sbom\n\ndeny contains \"absent\" if count(input.sbom) == 0\n";
    std::fs::write(folder.path().join("sbom.rego"), policy).unwrap();
    let file = folder.path().join("gate.yaml");
    std::fs::write(
        &file,
        "version: 1\nenvironments:\n  test: { policy: [sbom.rego], allow_unsigned: [sbom] }\n",
    )
    .unwrap();
    load(&file)
}

fn load(file: &Path) -> Arc<Environment> {
    config::load(file).unwrap().environments["test"].clone()
}

/// Judges an image as `gate check` does.
pub(crate) fn judge(
    registry: &Registry,
    environment: &Environment,
    image: &Image,
) -> Result<Verdict, GateError> {
    let pinned: Pinned = registry.pin(image, None)?;
    let request = Request {
        subject: Subject { digest: pinned.digest, kind: SubjectKind::Artifact },
        asker: Asker { requester: "test".to_owned(), admission: None },
        now: Still.now(),
        object: None,
    };
    let source = RegistrySource::new(registry, &pinned, None);
    let decided = spine::check(&request, environment, &source, &Still)?;
    Ok(decided.decision.verdict)
}

/// The code with which an image gets no verdict, or the verdict.
pub(crate) fn outcome(
    registry: &Registry,
    environment: &Environment,
    image: &Image,
) -> Result<Verdict, ErrorCode> {
    judge(registry, environment, image).map_err(|error| error.code)
}
