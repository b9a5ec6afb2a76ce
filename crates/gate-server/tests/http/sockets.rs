//! The accept loop on real sockets of loopback: TLS, client certificates, reload and the stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use gate_core::Digest;
use gate_server::listen::Door;
use gate_server::reload::{ReloadableTls, reload_tls};
use gate_server::tls::TlsFiles;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reqwest::{Certificate, Client, Identity};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::testgate::{ALL, IMAGE, TestGate, asked, callers};

/// An authority of the tests.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(vec!["Test authority".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for this machine: its chain, its key and the digest of its DER.
    fn issue(&self) -> (String, String, Digest) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (certificate.pem(), key.serialize_pem(), Digest::of(certificate.der()))
    }
}

struct Served {
    gate: TestGate,
    tls: ReloadableTls,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    ended: tokio::task::JoinHandle<bool>,
    _files: TempDir,
}

/// Serves over TLS, with this authority for clients.
fn serve(gate: TestGate, authority: &Authority) -> Served {
    let files = tempfile::tempdir().unwrap();
    let at = |name: &str| files.path().join(name);
    let (chain, key, _) = authority.issue();
    std::fs::write(at("tls.pem"), chain).unwrap();
    std::fs::write(at("tls.key"), key).unwrap();
    std::fs::write(at("ca.pem"), authority.pem()).unwrap();
    let paths =
        TlsFiles { certificate: at("tls.pem"), key: at("tls.key"), client_ca: Some(at("ca.pem")) };
    let current = Arc::new(ArcSwap::new(paths.load().unwrap()));
    let tls = ReloadableTls { files: paths, current: current.clone() };
    let (stop, stopped) = oneshot::channel::<()>();
    let listener = gate.runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let door = Door {
        router: gate.router.clone(),
        tls: Some(current),
        connections: 16,
        farewell: Duration::from_secs(30),
    };
    let ended = gate.runtime.spawn(door.serve(listener, async move {
        let _ = stopped.await;
    }));
    Served { gate, tls, address, stop: Some(stop), ended, _files: files }
}

/// A client that trusts this authority and knows `localhost` as the served address.
fn client(served: &Served, authority: &Authority, identity: Option<&str>) -> Client {
    let mut builder = Client::builder()
        .tls_certs_only([Certificate::from_pem(authority.pem().as_bytes()).unwrap()])
        .resolve("localhost", served.address)
        .no_proxy();
    if let Some(identity) = identity {
        builder = builder.identity(Identity::from_pem(identity.as_bytes()).unwrap());
    }
    builder.build().unwrap()
}

impl Served {
    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    /// The status of a promotion, asked with a token or without.
    fn promote(&self, client: &Client, token: Option<&str>) -> u16 {
        let mut request =
            client.post(self.url("/v1/promotions")).body(asked(IMAGE, "production").to_string());
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        self.gate.runtime.block_on(request.send()).unwrap().status().as_u16()
    }
}

#[test]
fn a_configured_client_certificate_serves_as_a_token_and_another_does_not() {
    let authority = Authority::new();
    let (chain, key, digest) = authority.issue();
    let (other_chain, other_key, _) = authority.issue();
    let clients = format!(
        "  tls: {{ certificate: tls.pem, key: tls.key, client_ca: ca.pem }}\n{}  clients:\n    \
         - {{ name: api-server, sha256: \"{}\", environments: [production], rights: [promote], \
         until: 2027-01-01T00:00:00Z }}\n",
        callers(),
        digest.to_hex()
    );
    let served = serve(TestGate::with(&clients), &authority);
    let known = client(&served, &authority, Some(&format!("{chain}{key}")));
    let other = client(&served, &authority, Some(&format!("{other_chain}{other_key}")));
    let none = client(&served, &authority, None);
    assert_eq!(served.promote(&known, None), 200);
    assert_eq!(served.promote(&other, None), 401);
    assert_eq!(served.promote(&none, None), 401);
    assert_eq!(served.promote(&none, Some(ALL)), 200);
    // A wrong token is not mended by a certificate: who sends one means to be judged by it.
    assert_eq!(served.promote(&known, Some("guessed")), 401);
    // A certificate of another authority does not get as far as HTTP.
    let strangers = Authority::new();
    let (chain, key, _) = strangers.issue();
    let stranger = client(&served, &authority, Some(&format!("{chain}{key}")));
    let sent = stranger.get(served.url("/livez")).send();
    assert!(served.gate.runtime.block_on(sent).is_err());
}

#[test]
fn new_connections_use_the_new_certificate_and_a_broken_one_is_not_taken() {
    let authority = Authority::new();
    let served = serve(TestGate::new(), &authority);
    let live = |authority: &Authority| {
        let client = client(&served, authority, None);
        served.gate.runtime.block_on(client.get(served.url("/livez")).send()).is_ok()
    };
    assert!(live(&authority));
    let next = Authority::new();
    let (chain, key, _) = next.issue();
    std::fs::write(&served.tls.files.certificate, chain).unwrap();
    // Certificate and key do not fit until both are written.
    reload_tls(&served.tls);
    assert!(live(&authority));
    std::fs::write(&served.tls.files.key, key).unwrap();
    reload_tls(&served.tls);
    assert!(live(&next));
    assert!(!live(&authority));
}

#[test]
fn a_stop_finishes_what_was_accepted() {
    let authority = Authority::new();
    let mut served = serve(TestGate::new(), &authority);
    let (begun, begins) = std::sync::mpsc::channel();
    let (proceed, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    // Both workers are busy, so that the promotion is accepted and not answered.
    let wait = Arc::new(wait);
    for _ in 0..2 {
        let (begun, wait) = (begun.clone(), wait.clone());
        let job = served.gate.gate.pool.run(move |_| {
            begun.send(()).unwrap();
            wait.lock().unwrap().recv().is_err()
        });
        served.gate.runtime.spawn(job);
    }
    for _ in 0..2 {
        begins.recv().unwrap();
    }
    let asking = client(&served, &authority, None)
        .post(served.url("/v1/promotions"))
        .bearer_auth(ALL)
        .body(asked(IMAGE, "production").to_string())
        .send();
    let asking = served.gate.runtime.spawn(asking);
    while served.gate.gate.pool.queued() == 0 {
        std::thread::yield_now();
    }
    served.gate.gate.stop();
    served.stop.take().unwrap().send(()).unwrap();
    drop(proceed);
    let runtime = &served.gate.runtime;
    let answer = runtime.block_on(asking).unwrap().unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert!(runtime.block_on(served.ended).unwrap());
    assert!(runtime.block_on(tokio::net::TcpStream::connect(served.address)).is_err());
}
