//! From the files of public feeds to what they say of a vulnerability: EPSS, the chance that it is
//! exploited, and KEV, whether it is known to be. A feed that is older than its greatest age says
//! nothing: rules see that it is stale, and no claim.

mod cve;
mod epss;
mod kev;

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use crate::environment::{EnvironmentError, FeedDocument, FeedsDocument};
use crate::facts::{FeedState, Feeds as State, Vulnerability};
use crate::{Digest, Timestamp, limits};

const DAY: Duration = Duration::from_hours(24);

/// The feeds of an environment, read.
#[derive(Debug, Default)]
pub struct Feeds {
    epss: Option<Feed<epss::Scores>>,
    kev: Option<Feed<kev::Catalogue>>,
}

#[derive(Debug)]
struct Feed<T> {
    digest: Digest,
    maximum_age: Duration,
    /// When the feed says that it was made.
    date: Timestamp,
    content: T,
}

/// What a file of a feed says: when it was made, and its entries.
struct Dated<T> {
    date: Timestamp,
    content: T,
}

impl Feeds {
    /// Reads the feeds that an environment names; `files` holds their bytes by digest.
    pub fn load(
        document: &FeedsDocument,
        files: &BTreeMap<Digest, Arc<[u8]>>,
    ) -> Result<Self, EnvironmentError> {
        Ok(Self {
            epss: load("epss", document.epss.as_ref(), files, epss::read)?,
            kev: load("kev", document.kev.as_ref(), files, kev::read)?,
        })
    }

    /// Puts what the feeds say beside each finding. Returns how the feeds stand.
    pub fn join(&self, findings: &mut [Vulnerability], now: Timestamp) -> State {
        let state = State {
            epss: self.epss.as_ref().map(|feed| feed.state(now)),
            kev: self.kev.as_ref().map(|feed| feed.state(now)),
        };
        let epss = self.epss.as_ref().filter(|_| current(state.epss.as_ref()));
        let kev = self.kev.as_ref().filter(|_| current(state.kev.as_ref()));
        for finding in findings {
            let cves: Vec<_> = cves(finding).collect();
            let mut known = cves.iter();
            finding.epss = epss.and_then(|feed| known.find_map(|cve| feed.content.get(*cve)));
            let mut known = cves.iter();
            finding.kev = kev.and_then(|feed| known.find_map(|cve| feed.content.get(*cve)));
        }
        state
    }
}

fn current(state: Option<&FeedState>) -> bool {
    state.is_some_and(|state| !state.stale)
}

/// The CVE numbers by which a finding is known.
fn cves(finding: &Vulnerability) -> impl Iterator<Item = cve::Cve> {
    std::iter::once(&finding.id).chain(&finding.aliases).filter_map(|id| cve::Cve::parse(id))
}

impl<T> Feed<T> {
    fn state(&self, now: Timestamp) -> FeedState {
        // Feeds are dated by the day, and their day may have begun where it has not here.
        let stale =
            self.date.saturating_add(self.maximum_age) < now || self.date > now.saturating_add(DAY);
        FeedState { date: self.date, digest: self.digest, stale }
    }
}

fn load<T>(
    name: &str,
    document: Option<&FeedDocument>,
    files: &BTreeMap<Digest, Arc<[u8]>>,
    read: fn(&[u8]) -> Result<Dated<T>, String>,
) -> Result<Option<Feed<T>>, EnvironmentError> {
    let Some(document) = document else { return Ok(None) };
    let wrong = |message: String| EnvironmentError::new(format!("feeds.{name}"), message);
    let digest = document.digest;
    let bytes =
        files.get(&digest).ok_or_else(|| wrong(format!("the feed {digest} is not at hand")))?;
    if Digest::of(bytes) != digest {
        return Err(wrong(format!("the feed is not {digest}")));
    }
    let unpacked = unpack(bytes).map_err(wrong)?;
    let Dated { date, content } = read(unpacked.as_deref().unwrap_or(bytes)).map_err(wrong)?;
    let maximum_age = DAY.saturating_mul(document.maximum_age_days);
    Ok(Some(Feed { digest, maximum_age, date, content }))
}

/// The bytes within a gzip file; `None` for a file that is none.
fn unpack(bytes: &[u8]) -> Result<Option<Vec<u8>>, String> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(None);
    }
    let mut unpacked = vec![];
    let bound = limits::FEED_BYTES as u64 + 1;
    flate2::read::MultiGzDecoder::new(bytes)
        .take(bound)
        .read_to_end(&mut unpacked)
        .map_err(|error| format!("cannot be unpacked: {error}"))?;
    if unpacked.len() > limits::FEED_BYTES {
        return Err(format!("holds more than {} bytes", limits::FEED_BYTES));
    }
    Ok(Some(unpacked))
}

/// A time of a feed: an instant, or a day, which begins at midnight UTC.
fn date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    // EPSS writes the zone without a colon.
    let zoned = text.strip_suffix("+0000").map(|time| format!("{time}Z"));
    zoned
        .as_deref()
        .unwrap_or(text)
        .parse()
        .ok()
        .or_else(|| format!("{text}T00:00:00Z").parse().ok())
}

fn many(count: usize) -> Result<(), String> {
    if count > limits::FEED_ENTRIES {
        return Err(format!("has more than {} entries", limits::FEED_ENTRIES));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
