//! Tests of the version, the status and the revision history.

use std::cmp::Ordering;

use super::Faults;
use crate::Timestamp;
use crate::verify::readers::vex::csaf::wire::{Csaf, Tracking};

const PLACE: &str = "/document/tracking";

/// A document's version: an integer, or a semantic version.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Version {
    /// One number, or three.
    numbers: Vec<u64>,
    pre: Option<String>,
}

impl Version {
    fn of(text: &str) -> Option<Self> {
        let text = text.split_once('+').map_or(text, |(version, _)| version);
        let (numbers, pre) =
            text.split_once('-').map_or((text, None), |(it, pre)| (it, Some(pre.to_owned())));
        let numbers: Vec<u64> =
            numbers.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        matches!(numbers.len(), 1 | 3).then_some(Self { numbers, pre })
    }

    fn is_integer(&self) -> bool {
        self.numbers.len() == 1
    }

    fn major(&self) -> u64 {
        self.numbers.first().copied().unwrap_or_default()
    }
}

pub(super) fn check(csaf: &Csaf, faults: &mut Faults) {
    let tracking = &csaf.document.tracking;
    let Some(version) = Version::of(&tracking.version) else {
        let message = format!("`{}` is no version of a document", tracking.version);
        faults.add("6.1.16", format!("{PLACE}/version"), message);
        return;
    };
    let Some(history) = history(tracking, faults) else { return };
    let released = matches!(tracking.status.as_str(), "final" | "interim");
    let draft = tracking.status == "draft";
    if !draft && (version.major() == 0 || version.pre.is_some()) {
        let message = format!("version {} is that of a draft", tracking.version);
        faults.add("6.1.17", format!("{PLACE}/status"), message);
    }
    if released && version.pre.is_some() {
        faults.add("6.1.20", format!("{PLACE}/version"), "a released version is a pre-release");
    }
    for entry in &history {
        let place = format!("{PLACE}/revision_history/{}/number", entry.at);
        if released && entry.version.major() == 0 {
            faults.add("6.1.18", &place, "a released document lists a version before the first");
        }
        if entry.version.pre.is_some() {
            faults.add("6.1.19", &place, "a pre-release is listed");
        }
        if entry.version.is_integer() != version.is_integer() {
            faults.add("6.1.30", &place, "integers and semantic versions are mixed");
        }
    }
    let mut numbers: Vec<_> = history.iter().map(|entry| entry.number).collect();
    numbers.sort_unstable();
    let twice = numbers.windows(2).find(|pair| pair[0] == pair[1]);
    if let Some([number, _]) = twice {
        let message = format!("version {number} is listed twice");
        faults.add("6.1.22", format!("{PLACE}/revision_history"), message);
    }
    order(&history, faults);
    latest(&version, draft, &history, faults);
}

struct Entry<'a> {
    at: usize,
    date: Timestamp,
    number: &'a str,
    version: Version,
}

/// The history by its dates; entries of one moment by their versions.
fn history<'a>(tracking: &'a Tracking, faults: &mut Faults) -> Option<Vec<Entry<'a>>> {
    let mut history = vec![];
    for (at, revision) in tracking.revision_history.iter().enumerate() {
        let place = format!("{PLACE}/revision_history/{at}");
        let date = revision.date.parse();
        let (Ok(date), Some(version)) = (date, Version::of(&revision.number)) else {
            faults.add("6.1.14", place, "has no date or no version that can be read");
            return None;
        };
        history.push(Entry { at, date, number: revision.number.as_str(), version });
    }
    history.sort_by(|a, b| a.date.cmp(&b.date).then_with(|| compare(&a.version, &b.version)));
    Some(history)
}

fn compare(one: &Version, other: &Version) -> Ordering {
    one.numbers.cmp(&other.numbers).then_with(|| match (&one.pre, &other.pre) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(one), Some(other)) => one.cmp(other),
    })
}

fn order(history: &[Entry<'_>], faults: &mut Faults) {
    for pair in history.windows(2) {
        let place = format!("{PLACE}/revision_history/{}/number", pair[1].at);
        if compare(&pair[0].version, &pair[1].version).is_gt() {
            let message = format!("{} comes after {}", pair[1].number, pair[0].number);
            faults.add("6.1.14", &place, message);
        } else if pair[1].version.major() > pair[0].version.major().saturating_add(1) {
            let message = format!("versions before {} are missing", pair[1].number);
            faults.add("6.1.21", &place, message);
        }
    }
    if history.first().is_some_and(|first| first.version.major() > 1) {
        let place = format!("{PLACE}/revision_history");
        faults.add("6.1.21", place, "the first version is neither 0 nor 1");
    }
}

/// The version is the latest of the history; a draft may be a pre-release of it.
fn latest(version: &Version, draft: bool, history: &[Entry<'_>], faults: &mut Faults) {
    let same = |last: &Entry<'_>| {
        last.version.numbers == version.numbers && (draft || last.version.pre == version.pre)
    };
    if !history.last().is_some_and(same) {
        let message = "is not the latest version of the revision history";
        faults.add("6.1.16", format!("{PLACE}/version"), message);
    }
}
