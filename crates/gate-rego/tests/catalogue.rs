//! The page of builtins says what the engine does.

#[test]
fn the_page_of_builtins_is_the_engines() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/BUILTINS.md");
    let page = gate_rego::catalogue::page();
    if std::env::var_os("GATE_UPDATE").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(kept, page, "write it again with GATE_UPDATE=1");
}
