//! Recorded promotions a second over HTTP; the floor is SQLite, one commit for the rows of each.

use anyhow::{Result, ensure};
use gate_core::Digest;
use gate_tests::http::{Answer, Connection};
use gate_tests::shop::Shop;
use serde_json::json;

use crate::floor::Floor;
use crate::load::{Client, Load};
use crate::table::{Row, Table, Wish};

const CLIENTS: usize = 64;
const ROUNDS: u64 = 3;
/// Promotions of each client in a round.
const PROMOTIONS: u64 = 40;
const POLICY: &str = "package shop\n\ndeny contains \"no\" if input.subject.kind == \"other\"\n";

pub(crate) fn measure(table: &mut Table) -> Result<()> {
    // Beside the programs: a disk, where the folder for temporary files may be memory.
    let mut disk = std::env::current_exe()?;
    disk.pop();
    let folder = tempfile::tempdir_in(&disk)?;
    let policy = folder.path().join("policy");
    std::fs::create_dir(&policy)?;
    std::fs::write(policy.join("shop.rego"), POLICY)?;
    let shop = Shop::within(folder.path(), &policy, "")?;
    let load = promote(&shop)?;
    let floor = Floor::read(&shop.store())?;
    let commits = floor.commits_per_second(&folder.path().join("floor.db"))?;
    table.add(Row {
        what: "recorded promotions without evidence, 64 clients, promotions/s".to_owned(),
        gate: load.rate(),
        beside: Some(("SQLite", commits)),
        wish: Wish::Times(1.0 / 3.0),
    });
    table.add(Row {
        what: "recorded promotions without evidence, 64 clients, median, ms".to_owned(),
        gate: load.latency(0.5),
        beside: None,
        wish: Wish::None,
    });
    Ok(())
}

fn promote(shop: &Shop) -> Result<Load> {
    let server = shop.serve()?;
    let client = Client { path: "/v1/promotions", body: &body, check: &recorded };
    let mut connections =
        (0..CLIENTS).map(|_| server.connect()).collect::<Result<Vec<Connection>>>()?;
    let each = CLIENTS as u64 * PROMOTIONS;
    client.run(&mut connections, 0, PROMOTIONS)?;
    let mut load = Load::default();
    for round in 1..=ROUNDS {
        load.add(client.run(&mut connections, round * each, PROMOTIONS)?);
    }
    Ok(load)
}

fn body(number: u64) -> Vec<u8> {
    let subject = Digest::of(&number.to_le_bytes());
    json!({"subject": subject, "environment": "production"}).to_string().into_bytes()
}

fn recorded(answer: &Answer) -> Result<()> {
    let body = || String::from_utf8_lossy(&answer.body);
    ensure!(answer.status == 200, "status {}: {}", answer.status, body());
    ensure!(body().contains("\"verdict\":\"allow\""), "no allow: {}", body());
    Ok(())
}
