//! OPA's REST API beside the real OPA, byte for byte, and asked by OPA's own client library.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gate_tests::http::Connection;
use gate_tests::peers;
use gate_tests::process::Server;
use gate_tests::shop::{Shop, TOKEN};

/// How long OPA may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

const POLICY: &str = r#"package net.open

import input.request.flag

# METADATA
# title: Servers that anybody reaches
reachable contains server if {
	some server in data.servers
	some port in server.ports
	data.ports[port].public
}

allow_request if flag == true

default score := 0.5

score := 1 / input.by

greeting := sprintf("hello <%s> & all", [input.user])

names[server.id] := server.name if some server in data.servers

clash := input.left

clash := input.right

twice(x) := x * 2

mixed := {1, "a", [2, {"b"}], {3: null}}

now_is_told if time.now_ns() > 0

set_like contains x if some x in input.list
"#;

const SYSTEM: &str = r#"package system

main := msg if msg := sprintf("hello, %v", [input.user])

health.live := true

health.count := 3
"#;

const DATA: &str = r#"{
  "servers": [
    {"id": "s1", "name": "shop", "ports": ["p1", "p2"], "protocols": ["https"]},
    {"id": "s2", "name": "store", "ports": ["p3"], "protocols": ["mysql"]},
    {"id": "s3", "name": "dev <1>", "ports": ["p1"], "protocols": ["http", "ssh"]}
  ],
  "ports": {"p1": {"public": true}, "p2": {"public": false}, "p3": {"public": false}},
  "a/b": {"c d": 1},
  "levels": {"1": "one", "x": [[0, [1]]]},
  "empty": {}
}
"#;

/// What is asked of both: method, path and body.
const QUESTIONS: &[(&str, &str, &str)] = &[
    ("GET", "/v1/data", ""),
    ("GET", "/v1/data/servers", ""),
    ("GET", "/v1/data/servers/0", ""),
    ("GET", "/v1/data/servers/0/ports/1?pretty=true", ""),
    ("GET", "/v1/data/servers/01/id", ""),
    ("GET", "/v1/data/servers/-1", ""),
    ("GET", "/v1/data/servers/9", ""),
    ("GET", "/v1/data/a%2Fb", ""),
    ("GET", "/v1/data/a%2Fb/c%20d", ""),
    ("GET", "/v1/data/levels/1", ""),
    ("GET", "/v1/data/levels/x/0/1/0", ""),
    ("GET", "/v1/data/empty?pretty", ""),
    ("GET", "/v1/data/none", ""),
    ("GET", "/v1/data/none?pretty", ""),
    ("GET", "/v1/data/net/open/reachable", ""),
    ("GET", "/v1/data/net/open/reachable?pretty=true", ""),
    ("GET", "/v1/data/net/open?input=%7B%22user%22%3A%22a%22%7D", ""),
    ("GET", "/v1/data/net/open/allow_request?input={\"request\":{\"flag\":true}}", ""),
    ("GET", "/v1/data/net/open/mixed", ""),
    ("GET", "/v1/data/net/open/names/s3", ""),
    ("GET", "/v1/data/net?input=%7B", ""),
    ("GET", "/v1/data/net?input=x", ""),
    ("GET", "/v1/data/x%22y", ""),
    ("POST", "/v1/data", r#"{"input": {}}"#),
    ("POST", "/v1/data/net/open/allow_request", r#"{"input": {"request": {"flag": true}}}"#),
    ("POST", "/v1/data/net/open/allow_request", r#"{"input": {"request": {"flag": false}}}"#),
    ("POST", "/v1/data/net/open/allow_request", r#"{"request": {"flag": true}}"#),
    ("POST", "/v1/data/net/open/allow_request", ""),
    ("POST", "/v1/data/net/open/allow_request", "null"),
    ("POST", "/v1/data/net/open/allow_request", r#"{"input": null}"#),
    ("POST", "/v1/data/net/open/allow_request", "{"),
    ("POST", "/v1/data/net/open/allow_request", "x"),
    ("POST", "/v1/data/net/open/allow_request", "[1]"),
    ("POST", "/v1/data/net/open/greeting", r#"{"input": {"user": "a\u2028b"}}"#),
    ("POST", "/v1/data/net/open/score", r#"{"input": {"by": 4}}"#),
    ("POST", "/v1/data/net/open/score", r#"{"input": {"by": 0}}"#),
    ("POST", "/v1/data/net/open/score", r#"{"input": {"by": 3}}"#),
    ("POST", "/v1/data/net/open/set_like", r#"{"input": {"list": [2, 1, 1.0, "b", null]}}"#),
    ("POST", "/v1/data/net/open/now_is_told", r#"{"input": {}}"#),
    ("POST", "/v1/data/net/open/clash", r#"{"input": {"left": 1, "right": 1}}"#),
    (
        "POST",
        "/v1/data/net/open/allow_request?provenance=false",
        r#"{"input": {}, "more": {"id": 1}}"#,
    ),
    ("POST", "/v0/data/net/open/allow_request", r#"{"request": {"flag": true}}"#),
    ("POST", "/v0/data/net/open/allow_request?pretty", r#"{"request": {"flag": true}}"#),
    ("POST", "/v0/data/net/open/allow_request", "{}"),
    ("POST", "/v0/data/net/open/nothing", "{}"),
    ("POST", "/v0/data/none/at%2Fall/1", "{}"),
    ("POST", "/v0/data/net/open/allow_request", "{"),
    ("POST", "/v0/data/servers", ""),
    ("POST", "/", r#"{"user": ["ann"]}"#),
    ("POST", "/?pretty", r#"{"user": {"a": 1}}"#),
    ("POST", "/", ""),
    (
        "GET",
        "/v1/query?q=data.servers%5Bi%5D.ports%5B_%5D%20%3D%20%22p1%22%3B%20data.servers%5Bi%5D.name%20%3D%20name",
        "",
    ),
    ("GET", "/v1/query?q=data.servers[i].id=x&pretty=true", ""),
    ("GET", "/v1/query?q=1==2", ""),
    ("GET", "/v1/query?q=true", ""),
    ("GET", "/v1/query?q=data.none", ""),
    ("GET", "/v1/query?q=1/0", ""),
    ("GET", "/v1/query?q=", ""),
    ("GET", "/v1/query", ""),
    ("GET", "/v1/query?q=nosuch(1)", ""),
    (
        "POST",
        "/v1/query",
        r#"{"query": "input.servers[i].ports[_] = \"p2\"; input.servers[i].name = name", "input": {"servers": [{"name": "a", "ports": ["p2"]}, {"name": "b", "ports": ["p1"]}]}}"#,
    ),
    ("POST", "/v1/query", r#"{"query": "x := {1, 2}; y := {\"k\": x}"}"#),
    ("POST", "/v1/query", r#"{"query": 1}"#),
    ("POST", "/v1/query", "{"),
    ("POST", "/v1/query", "[]"),
    ("POST", "/v1/query", ""),
    ("GET", "/health", ""),
    ("GET", "/health?bundles&plugins", ""),
    ("GET", "/health/live", ""),
    ("GET", "/health/count", ""),
    ("GET", "/health/none", ""),
    ("GET", "/v1/status", ""),
    ("GET", "/v1/policies/none", ""),
    ("PUT", "/v0/data/x", ""),
    ("DELETE", "/v1/query", ""),
    ("GET", "/v0/data/servers", ""),
];

/// Changes in their order, each followed by a look at what it left.
const CHANGES: &[(&str, &str, &str)] = &[
    ("PUT", "/v1/data/fresh/deep", r#"{"x": [1.50]}"#),
    ("GET", "/v1/data/fresh", ""),
    ("PUT", "/v1/data/fresh/deep/x/0", "12345678901234567890"),
    ("PUT", "/v1/data/fresh/deep/x/7", "9"),
    ("PUT", "/v1/data/fresh/deep/x/0/y", "9"),
    ("PUT", "/v1/data/fresh/deep", "{"),
    ("PUT", "/v1/data/net/open/allow_request", "true"),
    (
        "PATCH",
        "/v1/data/fresh",
        r#"[{"op": "add", "path": "/deep/x/-", "value": 1e3}, {"op": "remove", "path": "deep/x/1"}]"#,
    ),
    ("GET", "/v1/data/fresh", ""),
    ("PATCH", "/v1/data/fresh", r#"[{"op": "move", "path": "/deep"}]"#),
    ("PATCH", "/v1/data/fresh", r#"[{"op": "remove", "path": "/nope"}]"#),
    ("PATCH", "/v1/data/fresh", r#"[{"op": "add", "path": "/no/pe", "value": 1}]"#),
    ("PATCH", "/v1/data/fresh", "{}"),
    ("PUT", "/v1/policies/more.rego", "package more\n\ncount_it := count(data.fresh.deep.x)\n"),
    ("GET", "/v1/data/more", ""),
    ("PUT", "/v1/policies/bad.rego", "package bad\n\nx if nosuch(1)\n"),
    ("PUT", "/v1/policies/empty.rego", " "),
    ("DELETE", "/v1/policies/more.rego", ""),
    ("DELETE", "/v1/policies/more.rego", ""),
    ("DELETE", "/v1/data/fresh/deep", ""),
    ("DELETE", "/v1/data/fresh/deep", ""),
    ("DELETE", "/v1/data", ""),
    ("PUT", "/v1/data", "[]"),
    ("PUT", "/v1/data", r#"{"only": 1}"#),
    ("GET", "/v1/data/only", ""),
];

/// A folder with the policies and data, and a server over it.
fn server(shop: &Shop, policy: &Path) -> Server {
    fs::write(policy.join("net.rego"), POLICY).unwrap();
    fs::write(policy.join("system.rego"), SYSTEM).unwrap();
    fs::write(policy.join("data.json"), DATA).unwrap();
    let text = fs::read_to_string(shop.config()).unwrap();
    let text = text.replace("promote]", "promote, query, data]");
    let folder = serde_json::to_string(policy).unwrap();
    let section = format!("{text}opa:\n  policy: [{folder}]\n  write: true\n");
    fs::write(shop.config(), section).unwrap();
    shop.serve().unwrap()
}

/// A running OPA; killed when it is dropped.
struct Opa {
    child: Child,
    address: SocketAddr,
}

impl Opa {
    fn start(program: &Path, folder: &Path) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new(program)
            .args(["run", "--server", "--addr", &address.to_string()])
            .args(["--log-level", "error", "--skip-version-check"])
            // By their names alone, which is how Gate names them in messages.
            .args(["net.rego", "system.rego", "data.json"])
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let opa = Self { child, address };
        let begin = Instant::now();
        while opa.connect().and_then(|mut it| it.send("GET", "/health", "", b"")).is_err() {
            assert!(begin.elapsed() < PATIENCE, "OPA did not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        opa
    }

    fn connect(&self) -> anyhow::Result<Connection> {
        Connection::open(self.address, "", None)
    }
}

impl Drop for Opa {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn read_only_questions_and_changes_have_the_bytes_of_opa() {
    let Some(program) = peers::peer("opa") else {
        assert!(std::env::var_os("CI").is_none(), "CI must have opa: scripts/peers.sh opa");
        println!("not run: there is no opa");
        return;
    };
    let (own, policy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(own.path().join("own.rego"), "package own\n").unwrap();
    let shop = Shop::new(own.path(), "").unwrap();
    let ours = server(&shop, policy.path());
    let theirs = Opa::start(&program, policy.path());
    let mut differ = Vec::new();
    for (method, path, body) in QUESTIONS.iter().chain(CHANGES) {
        // Each on a connection of its own: what one server closes the other may keep.
        let path_sent = path.replace('{', "%7B").replace('}', "%7D").replace('"', "%22");
        let told = |mut connection: Connection| {
            let answer = connection.send(method, &path_sent, "", body.as_bytes()).unwrap();
            (answer.status, String::from_utf8(answer.body).unwrap())
        };
        let (gate, opa) = (told(ours.connect().unwrap()), told(theirs.connect().unwrap()));
        if gate != opa {
            differ.push(format!("{method} {path} {body}\n  gate: {gate:?}\n  opa:  {opa:?}"));
        }
    }
    let count = QUESTIONS.len() + CHANGES.len();
    println!("{} of {count} answers have the bytes of OPA", count - differ.len());
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// The program for OPA's own client, which is installed beside the peers.
const CLIENT: &str = include_str!("opa/client.mjs");

#[test]
fn opas_own_client_works_unchanged() {
    let Some(client) = peers::peer("opa-client/node_modules/@open-policy-agent/opa/package.json")
        .filter(|path| path.is_file())
    else {
        println!("not run: there is no client of OPA: scripts/peers.sh opa-client");
        return;
    };
    let modules = client.ancestors().nth(4).unwrap();
    let (own, policy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(own.path().join("own.rego"), "package own\n").unwrap();
    let shop = Shop::new(own.path(), "").unwrap();
    let server = server(&shop, policy.path());
    // Node looks for a program's modules beside it.
    let place = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(modules.join("node_modules"), place.path().join("node_modules"))
        .unwrap();
    fs::write(place.path().join("client.mjs"), CLIENT).unwrap();
    let output = Command::new("node")
        .arg("client.mjs")
        .current_dir(place.path())
        .env("GATE_URL", format!("http://{}", server.address))
        .env("GATE_TOKEN", TOKEN)
        .output()
        .unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    assert_eq!(out.trim_end(), "9 answers as from OPA");
}
