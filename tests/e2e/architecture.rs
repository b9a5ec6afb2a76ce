//! Imports run one way, and gate-core's tree holds no network, disk or async runtime.

use std::collections::BTreeSet;
use std::process::Command;

/// Each room and the rooms that it may import.
const ROOMS: &[(&str, &[&str])] = &[
    ("gate-rego", &[]),
    ("gate-core", &["gate-rego"]),
    ("gate-io", &["gate-rego", "gate-core"]),
    ("gate-server", &["gate-rego", "gate-core", "gate-io"]),
    ("gate-cli", &["gate-rego", "gate-core", "gate-io"]),
];

/// Crates that open sockets, run futures, or read a disk for their living.
const EFFECTS: &[&str] = &[
    "tokio",
    "async-std",
    "smol",
    "mio",
    "socket2",
    "hyper",
    "reqwest",
    "ureq",
    "curl",
    "rustls",
    "h2",
    "sqlx",
    "rusqlite",
    "libsqlite3-sys",
    "tempfile",
    "notify",
    "walkdir",
    "directories",
    "memmap2",
    "rustix",
];

/// A second provider of TLS or signatures.
const PROVIDERS: &[&str] = &["ring", "openssl", "openssl-sys", "native-tls", "boring", "mbedtls"];

/// Names of everything that a package is built from, on every platform; development dependencies
/// left out. Asked of `cargo tree`, since `cargo metadata` lists optional crates that no feature uses.
fn tree(root: &str) -> BTreeSet<String> {
    let run = Command::new(env!("CARGO"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .args(["tree", "--locked", "--offline", "--package", root])
        .args(["--edges", "normal", "--target", "all", "--prefix", "none", "--format", "{p}"])
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let lines = String::from_utf8(run.stdout).unwrap();
    lines.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn imports_run_one_way() {
    let rooms: BTreeSet<_> = ROOMS.iter().map(|(room, _)| *room).collect();
    for (room, allowed) in ROOMS {
        let tree = tree(room);
        assert!(tree.contains(*room), "{room} is no package of the workspace");
        let imported: Vec<_> = tree
            .iter()
            .map(String::as_str)
            .filter(|name| rooms.contains(name) && name != room && !allowed.contains(name))
            .collect();
        assert!(imported.is_empty(), "{room} imports {imported:?}");
    }
}

/// All that judges a signature is in the core. So a check by key or by root file makes no request.
#[test]
fn the_core_is_built_from_nothing_that_reaches_outside() {
    let tree = tree("gate-core");
    let found: Vec<_> = EFFECTS.iter().filter(|name| tree.contains(**name)).collect();
    assert!(found.is_empty(), "gate-core's tree holds {found:?}");
    assert!(tree.contains("sigstore-verify"), "the tree was not read");
}

#[test]
fn there_is_one_provider_of_tls_and_signatures() {
    for program in ["gate-server", "gate-cli"] {
        let tree = tree(program);
        let found: Vec<_> = PROVIDERS.iter().filter(|name| tree.contains(**name)).collect();
        assert!(found.is_empty(), "{program} is built from {found:?}");
        assert!(tree.contains("aws-lc-rs"), "the tree was not read");
        assert!(!tree.contains("p256"), "the fixtures' signer is in {program}");
    }
}
