//! The program: its address, its signals, and the starts that it refuses.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use crate::testgate::{ALL, IMAGE, asked, callers, write};

/// A running server; killed when it is dropped.
struct Program {
    child: Child,
    address: String,
    rest: BufReader<std::process::ChildStdout>,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(folder: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gate-server"));
    command.env_clear().arg("--config").arg(folder.path().join("gate.yaml"));
    command
}

fn start(folder: &TempDir) -> Program {
    let mut child = command(folder)
        .env("GATE_LISTEN", "127.0.0.1:0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut rest = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    rest.read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();
    Program { child, address, rest }
}

impl Program {
    /// The status and body of a request on a connection of its own.
    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             authorization: Bearer {ALL}\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status, body.to_owned())
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    fn promoted(&self, environment: &str) -> u16 {
        self.ask("POST", "/v1/promotions", &asked(IMAGE, environment).to_string()).0
    }
}

fn folder(server: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, server);
    folder
}

fn refused(output: &Output, code: &str) {
    let talk = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{talk}");
    assert!(talk.starts_with(&format!("gate-server: {code}: ")), "{talk}");
    assert!(talk.contains("how to fix: "), "{talk}");
    assert!(output.stdout.is_empty());
}

#[test]
fn it_tells_its_address_serves_and_stops_when_asked() {
    let folder = folder(&callers());
    let mut program = start(&folder);
    assert_eq!(program.ask("GET", "/livez", "").0, 200);
    assert_eq!(program.promoted("production"), 200);
    // The store is this process's alone.
    refused(&command(&folder).args(["--listen", "127.0.0.1:0"]).output().unwrap(), "store-in-use");
    program.signal("TERM");
    assert!(program.child.wait().unwrap().success());
    let mut more = String::new();
    program.rest.read_to_string(&mut more).unwrap();
    assert_eq!(more, "", "the address is all that is printed");
}

#[test]
fn it_loads_the_configuration_again_when_told_and_when_it_changed() {
    let folder = folder(&callers());
    let program = start(&folder);
    let yaml = std::fs::read_to_string(folder.path().join("gate.yaml")).unwrap();
    assert_eq!(program.promoted("new"), 403);
    for (name, signal) in [("new", Some("HUP")), ("newer", None)] {
        let changed = yaml
            .replace("  empty:", &format!("  {name}: {{ policy: [policies] }}\n  empty:"))
            .replace("slow, empty]", &format!("slow, empty, {name}]"));
        std::fs::write(folder.path().join("gate.yaml"), changed).unwrap();
        if let Some(signal) = signal {
            program.signal(signal);
        }
        let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
        while program.promoted(name) != 200 {
            assert!(std::time::Instant::now() < until, "`{name}` was never loaded");
        }
    }
}

#[test]
fn a_server_that_everybody_reaches_does_not_start_without_callers() {
    let open = folder("");
    for address in ["0.0.0.0:0", "[::]:0"] {
        refused(&command(&open).args(["--listen", address]).output().unwrap(), "config-invalid");
    }
}

#[test]
fn what_the_server_needs_and_cannot_use_stops_its_start() {
    for (break_it, code) in [
        ("gate.yaml", "config-invalid"),
        ("gate.pem", "key-invalid"),
        ("ledger.pem", "key-invalid"),
        ("gate.db", "store-invalid"),
    ] {
        let folder = folder(&callers());
        std::fs::write(folder.path().join(break_it), "this is something else").unwrap();
        refused(&command(&folder).args(["--listen", "127.0.0.1:0"]).output().unwrap(), code);
    }
    let folder = folder(&callers());
    let key = folder.path().join("gate.pem");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    refused(&command(&folder).args(["--listen", "127.0.0.1:0"]).output().unwrap(), "key-invalid");
    std::fs::remove_file(&key).unwrap();
    refused(&command(&folder).args(["--listen", "127.0.0.1:0"]).output().unwrap(), "key-invalid");
}
