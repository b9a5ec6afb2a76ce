//! EPSS: the daily table, or an answer of the API.

use serde::Deserialize;

use super::cve::Cve;
use super::{Dated, date, many};
use crate::facts::{Epss, Fraction};

/// Scores by CVE, sorted.
#[derive(Debug)]
pub(super) struct Scores(Vec<(Cve, Fraction, Fraction)>);

impl Scores {
    pub(super) fn get(&self, cve: Cve) -> Option<Epss> {
        let at = self.0.binary_search_by_key(&cve, |entry| entry.0).ok()?;
        let (_, score, percentile) = *self.0.get(at)?;
        Some(Epss { score, percentile })
    }

    fn of(mut entries: Vec<(Cve, Fraction, Fraction)>) -> Result<Self, String> {
        entries.sort_unstable();
        if entries.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err("lists a CVE twice".to_owned());
        }
        Ok(Self(entries))
    }
}

/// Reads either form.
pub(super) fn read(bytes: &[u8]) -> Result<Dated<Scores>, String> {
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => answer(bytes),
        _ => table(bytes),
    }
}

/// An answer of the API, in which numbers are texts.
#[derive(Deserialize)]
struct Answer {
    total: usize,
    #[serde(default)]
    offset: usize,
    data: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    cve: String,
    epss: String,
    percentile: String,
    date: String,
}

fn answer(bytes: &[u8]) -> Result<Dated<Scores>, String> {
    let answer: Answer = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    many(answer.data.len())?;
    // One page of many would leave the rest without a claim, and nobody would know.
    if answer.offset > 0 || answer.data.len() < answer.total {
        return Err(format!(
            "is one page of {} of {} entries: take the whole",
            answer.data.len(),
            answer.total
        ));
    }
    let mut made = None;
    let mut entries = vec![];
    for entry in answer.data {
        let day = date(&entry.date).ok_or_else(|| format!("`{}` is no date", entry.date))?;
        // The feed is as old as its oldest entry.
        made = Some(made.map_or(day, |made| day.min(made)));
        entries.push(scored(&entry.cve, &entry.epss, &entry.percentile)?);
    }
    let date = made.ok_or("has no entry, and so no date")?;
    Ok(Dated { date, content: Scores::of(entries)? })
}

/// The daily table: a line that begins with `#` and names the day, then `cve,epss,percentile`.
fn table(bytes: &[u8]) -> Result<Dated<Scores>, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let (first, rest) = text.split_once('\n').ok_or("is no EPSS table")?;
    let comment = first.trim_end().strip_prefix('#').ok_or("does not begin with its `#` line")?;
    let day = comment.split(',').find_map(|part| part.trim().strip_prefix("score_date:"));
    let day = day.ok_or("its first line has no score_date")?;
    let date = date(day).ok_or_else(|| format!("`{day}` is no date"))?;
    let mut lines = rest.lines();
    if lines.next().map(str::trim_end) != Some("cve,epss,percentile") {
        return Err("its columns are not cve,epss,percentile".to_owned());
    }
    let mut entries = vec![];
    for line in lines.filter(|line| !line.trim().is_empty()) {
        many(entries.len())?;
        let mut cells = line.trim_end().split(',');
        let entry = (cells.next(), cells.next(), cells.next(), cells.next());
        let (Some(cve), Some(score), Some(percentile), None) = entry else {
            return Err(format!("`{}` is no line of the table", shown(line)));
        };
        entries.push(scored(cve, score, percentile)?);
    }
    Ok(Dated { date, content: Scores::of(entries)? })
}

fn scored(cve: &str, score: &str, percentile: &str) -> Result<(Cve, Fraction, Fraction), String> {
    let number = |text: &str| {
        Fraction::parse(text).ok_or_else(|| format!("`{}` is not between 0 and 1", shown(text)))
    };
    let id = Cve::parse(cve).ok_or_else(|| format!("`{}` is no CVE", shown(cve)))?;
    Ok((id, number(score)?, number(percentile)?))
}

fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
