//! temporary
use std::path::Path;
fn walk(p: &Path, root: &Path, modules: &mut Vec<gate_rego::Module>, data: &mut serde_json::Map<String, serde_json::Value>) {
    if p.is_dir() {
        let mut all: Vec<_> = std::fs::read_dir(p).unwrap().map(|e| e.unwrap().path()).collect();
        all.sort();
        for q in all { if q.file_name().unwrap().to_string_lossy().starts_with('.') { continue; } walk(&q, root, modules, data); }
        return;
    }
    let ext = p.extension().unwrap_or_default().to_string_lossy().to_string();
    let name = p.display().to_string();
    if ext == "rego" { modules.push(gate_rego::Module::new(name, std::fs::read_to_string(p).unwrap())); }
    else if matches!(ext.as_str(), "json"|"yaml"|"yml") {
        let t = std::fs::read_to_string(p).unwrap();
        let v: serde_json::Value = serde_saphyr::from_str(&t).unwrap();
        let below: Vec<String> = p.parent().unwrap().strip_prefix(root).map(|r| r.iter().map(|s| s.to_string_lossy().to_string()).collect()).unwrap_or_default();
        let v = below.into_iter().rev().fold(v, |v, n| serde_json::json!({n: v}));
        merge(data, v.as_object().unwrap().clone());
    }
}
fn merge(into: &mut serde_json::Map<String, serde_json::Value>, from: serde_json::Map<String, serde_json::Value>) {
    for (k, v) in from { match (into.get_mut(&k), v) {
        (Some(serde_json::Value::Object(o)), serde_json::Value::Object(n)) => merge(o, n),
        (_, v) => { into.insert(k, v); } } }
}
fn main() {
    std::thread::Builder::new().stack_size(64<<20).spawn(|| {
        let begin = std::time::Instant::now();
        let (mut modules, mut data) = (vec![], serde_json::Map::new());
        for a in std::env::args().skip(1) { let p = Path::new(&a).to_owned(); let root = if p.is_dir() { p.clone() } else { p.parent().unwrap().to_owned() }; walk(&p, &root, &mut modules, &mut data); }
        let data = gate_rego::value::from(&data).unwrap();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as i64;
        let report = gate_rego::testing::run(gate_rego::testing::Tests { modules, data, dialect: gate_rego::Dialect::default(), now_ns: now, limit: std::time::Duration::from_secs(60), only: None });
        match report { Err(e) => println!("{e}"), Ok(r) => print!("{}", r.text(false)) }
        eprintln!("{:?}", begin.elapsed());
    }).unwrap().join().unwrap();
}
