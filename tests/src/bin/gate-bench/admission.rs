//! Admission of a 5 KB Pod with the policy library's Kubernetes package, over HTTP on loopback, beside
//! `opa run --server` with the same rules. OPA gets the input document that Gate builds of the review.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use gate_core::environment::Environment;
use gate_core::evidence::Collected;
use gate_core::policy::{Bundle, Input};
use gate_core::request::{Admission, Asker, Object, Request, Subject, SubjectKind};
use gate_core::verify::verify;
use gate_tests::http::{Answer, Connection};
use gate_tests::peers::peer;
use gate_tests::shop::Shop;
use gate_tests::tls::Tls;
use serde_json::{Value, json};

use crate::load::{Client, Load};
use crate::opa::Opa;
use crate::review::{Template, review};
use crate::table::{Row, Table, Wish};

const CONNECTIONS: usize = 8;
/// Rounds of each, in turns, so that what else the machine does falls on both.
const ROUNDS: u64 = 7;
/// Requests of each connection in a round.
const REQUESTS: u64 = 500;
const PATH: &str = "/admission/validate/production";

/// In clear, then by TLS, as API servers ask.
pub(crate) fn measure(table: &mut Table) -> Result<()> {
    compare(table, None)?;
    let folder = tempfile::tempdir()?;
    compare(table, Some(&Tls::new(folder.path())?))
}

fn compare(table: &mut Table, tls: Option<&Tls>) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let [library, data] = ["policies/data.yaml", "fixtures/data.yaml"].map(|path| root.join(path));
    let data = serde_json::to_string(&[library, data])?;
    let shop = Shop::new(&root.join("policies/kubernetes"), &format!("    data: {data}\n"))?;
    let configuration = gate_io::config::load(&shop.config())?;
    let environment = configuration.environments.get("production").context("no production")?;
    let server = shop.serve_by(tls)?;
    let template = Template::new(&review(false)?);
    same_answer(&mut server.connect_by(tls)?, PATH, &review(false)?, allowed)?;
    same_answer(&mut server.connect_by(tls)?, PATH, &review(true)?, denied)?;
    let gate = Client { path: PATH, body: &|number| template.fill(number), check: &allowed };
    let mut gate = Contestant::new(gate, (0..CONNECTIONS).map(|_| server.connect_by(tls)))?;

    let by = if tls.is_some() { " by TLS" } else { "" };
    let what = format!("admission{by} of a Pod review of {} bytes", template.len());
    let Some(opa) = peer("opa") else {
        table.note("OPA is neither in $GATE_PEERS or ~/.cache/gate/peers nor on PATH: left out");
        for _ in 0..ROUNDS {
            gate.round()?;
        }
        rows(table, &what, &gate.load, None, tls);
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let opa = Opa::start(&opa, environment.policy(), folder.path(), tls)?;
    let path = format!("/v1/data/{}/deny", package(environment.policy())?.replace('.', "/"));
    let good = json!({"input": input(&review(false)?, environment)?});
    let bad = json!({"input": input(&review(true)?, environment)?});
    same_answer(&mut opa.connect()?, &path, &good, silent)?;
    same_answer(&mut opa.connect()?, &path, &bad, found)?;
    let inputs = Template::new(&good);
    let peer = Client { path: &path, body: &|number| inputs.fill(number), check: &silent };
    let mut peer = Contestant::new(peer, (0..CONNECTIONS).map(|_| opa.connect()))?;
    for _ in 0..ROUNDS {
        gate.round()?;
        peer.round()?;
    }
    rows(table, &what, &gate.load, Some(&peer.load), tls);
    Ok(())
}

/// One of the two, warm, with its connections and what was measured so far.
struct Contestant<'a> {
    client: Client<'a>,
    connections: Vec<Connection>,
    next: u64,
    load: Load,
}

impl<'a> Contestant<'a> {
    fn new(
        client: Client<'a>,
        connections: impl Iterator<Item = Result<Connection>>,
    ) -> Result<Self> {
        let connections = connections.collect::<Result<_>>()?;
        let mut contestant = Self { client, connections, next: 0, load: Load::default() };
        contestant.round()?;
        contestant.load = Load::default();
        Ok(contestant)
    }

    fn round(&mut self) -> Result<()> {
        let load = self.client.run(&mut self.connections, self.next, REQUESTS)?;
        self.next += REQUESTS * CONNECTIONS as u64;
        self.load.add(load);
        Ok(())
    }
}

fn rows(table: &mut Table, what: &str, gate: &Load, opa: Option<&Load>, tls: Option<&Tls>) {
    let mut add = |figure: &str, of: &dyn Fn(&Load) -> f64, wish| {
        table.add(Row {
            what: format!("{what}, {CONNECTIONS} connections, {figure}"),
            gate: of(gate),
            beside: opa.map(|opa| ("opa", of(opa))),
            wish,
        });
    };
    let (rate, late) = match tls {
        None => (Wish::Times(2.0), Wish::Lower),
        Some(_) => (Wish::Times(3.0), Wish::AtMost(0.2)),
    };
    add("reviews/s", &Load::rate, rate);
    add("median, ms", &|load| load.latency(0.5), Wish::Lower);
    add("p99, ms", &|load| load.latency(0.99), late);
}

/// The input document that Gate makes of a review.
fn input(review: &Value, environment: &Environment) -> Result<Value> {
    let asked = &review["request"];
    let text = |at: &str| asked.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned();
    let groups = asked["userInfo"]["groups"].as_array().context("no groups")?;
    let object = Object::new(asked["object"].clone())?;
    let request = Request {
        subject: Subject { digest: object.digest(), kind: SubjectKind::Object },
        asker: Asker {
            requester: "tests".to_owned(),
            admission: Some(Admission {
                operation: text("/operation"),
                namespace: text("/namespace"),
                name: text("/name"),
                user: text("/userInfo/username"),
                groups: groups.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect(),
            }),
        },
        now: "2026-11-18T09:00:00Z".parse()?,
        object: Some(object),
    };
    let facts = verify(&request, &Collected::default(), environment)?;
    Ok(serde_json::to_value(Input::new(&request, facts.document(), environment))?)
}

/// The one package that is asked.
fn package(bundle: &Bundle) -> Result<&str> {
    let asked = bundle.asked();
    let package = &asked.first().context("the package asks nothing")?.package;
    ensure!(asked.iter().all(|rule| rule.package == *package), "there is more than one package");
    Ok(package)
}

fn same_answer(
    connection: &mut Connection,
    path: &str,
    body: &Value,
    check: impl Fn(&Answer) -> Result<()>,
) -> Result<()> {
    check(&connection.post(path, "", body.to_string().as_bytes())?)
}

fn allowed(answer: &Answer) -> Result<()> {
    expect(answer, "\"allowed\":true")
}

fn denied(answer: &Answer) -> Result<()> {
    expect(answer, "\"allowed\":false")?;
    expect(answer, "privileged")
}

fn silent(answer: &Answer) -> Result<()> {
    expect(answer, "\"result\":[]")
}

fn found(answer: &Answer) -> Result<()> {
    expect(answer, "privileged")
}

fn expect(answer: &Answer, part: &str) -> Result<()> {
    let body = String::from_utf8_lossy(&answer.body);
    ensure!(answer.status == 200 && body.contains(part), "status {}: {body}", answer.status);
    Ok(())
}
