//! CISA's catalogue of known exploited vulnerabilities, as JSON or as a table.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::cve::Cve;
use super::{Dated, date, many};
use crate::facts::Kev;

/// Entries by CVE.
#[derive(Debug)]
pub(super) struct Catalogue(BTreeMap<Cve, Kev>);

impl Catalogue {
    pub(super) fn get(&self, cve: Cve) -> Option<Kev> {
        self.0.get(&cve).cloned()
    }
}

/// Reads either form.
pub(super) fn read(bytes: &[u8]) -> Result<Dated<Catalogue>, String> {
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => document(bytes),
        _ => table(bytes),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    date_released: String,
    vulnerabilities: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "cveID")]
    cve: String,
    #[serde(rename = "dateAdded")]
    added: String,
    #[serde(rename = "dueDate")]
    due: Option<String>,
    #[serde(rename = "knownRansomwareCampaignUse")]
    ransomware: Option<String>,
}

fn document(bytes: &[u8]) -> Result<Dated<Catalogue>, String> {
    let document: Document = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let released = &document.date_released;
    let date = date(released).ok_or_else(|| format!("dateReleased: `{released}` is no date"))?;
    Ok(Dated { date, content: catalogue(document.vulnerabilities)? })
}

/// The table has no date of its own: it is at least as new as its newest entry, and nobody can say
/// that it is newer.
fn table(bytes: &[u8]) -> Result<Dated<Catalogue>, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut entries: Vec<Entry> = vec![];
    for entry in csv::Reader::from_reader(bytes).into_deserialize() {
        many(entries.len())?;
        entries.push(entry.map_err(|error| error.to_string())?);
    }
    let newest = entries.iter().filter_map(|entry| date(&entry.added)).max();
    let date = newest.ok_or("has no entry, and so no date")?;
    Ok(Dated { date, content: catalogue(entries)? })
}

fn catalogue(entries: Vec<Entry>) -> Result<Catalogue, String> {
    many(entries.len())?;
    let mut catalogue = BTreeMap::new();
    for entry in entries {
        let shown: String = entry.cve.chars().take(80).collect();
        let cve = Cve::parse(&entry.cve).ok_or_else(|| format!("`{shown}` is no CVE"))?;
        let due = entry.due.filter(|due| !due.trim().is_empty());
        for day in due.iter().chain([&entry.added]) {
            date(day).ok_or_else(|| format!("{shown}: `{day}` is no date"))?;
        }
        let used = entry.ransomware.as_deref().map(str::trim);
        let ransomware = used.is_some_and(|it| it.eq_ignore_ascii_case("known"));
        let kev = Kev { added: entry.added, due, ransomware };
        if catalogue.insert(cve, kev).is_some() {
            return Err(format!("{shown} is listed twice"));
        }
    }
    Ok(Catalogue(catalogue))
}
