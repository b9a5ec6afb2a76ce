//! Feeds in each form, and what they say once they are old.

use std::io::Write;

use super::*;
use crate::facts::{Epss, Fraction, Kev};

const TABLE: &str = "#model_version:v2026.03.14,score_date:2026-11-20T00:00:00+0000\n\
    cve,epss,percentile\nCVE-2026-0001,0.97224,0.99987\nCVE-2026-0002,0.00043,0.1\n";
const ANSWER: &str = r#"{"status":"OK","status-code":200,"version":"1.0","total":1,"offset":0,
    "limit":100,"data":[{"cve":"CVE-2026-0001","epss":"0.97224","percentile":"0.99987","date":"2026-11-20"}]}"#;
const KEV: &str = r#"{"title":"t","catalogVersion":"2026.11.20","dateReleased":"2026-11-20T15:00:00.1234Z",
    "count":1,"vulnerabilities":[{"cveID":"CVE-2026-0001","vendorProject":"v","product":"p",
    "dateAdded":"2026-11-18","dueDate":"2026-12-09","knownRansomwareCampaignUse":"Known"}]}"#;
const KEV_TABLE: &str = "cveID,vendorProject,product,vulnerabilityName,dateAdded,shortDescription,\
    requiredAction,dueDate,knownRansomwareCampaignUse,notes,cwes\n\
    CVE-2026-0003,v,p,n,2026-11-01,\"a, \"\"b\"\"\nc\",act,,Unknown,,\n\
    CVE-2026-0001,v,p,n,2026-11-18,d,act,2026-12-09,Known,,CWE-79\n";

fn feeds(epss: Option<&[u8]>, kev: Option<&[u8]>) -> Result<Feeds, EnvironmentError> {
    let mut files = BTreeMap::new();
    let mut named = |bytes: Option<&[u8]>| {
        let bytes: Arc<[u8]> = bytes?.into();
        let digest = Digest::of(&bytes);
        files.insert(digest, bytes);
        Some(FeedDocument { digest, maximum_age_days: 7 })
    };
    let document = FeedsDocument { epss: named(epss), kev: named(kev) };
    Feeds::load(&document, &files)
}

fn joined(feeds: &Feeds, id: &str, now: &str) -> (Option<Epss>, Option<Kev>, State) {
    let mut findings = [Vulnerability { id: id.to_owned(), ..Vulnerability::default() }];
    let state = feeds.join(&mut findings, now.parse().unwrap());
    let [finding] = findings;
    (finding.epss, finding.kev, state)
}

#[test]
fn each_form_says_the_same() {
    let mut packed = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    packed.write_all(TABLE.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    for (epss, kev) in [(TABLE.as_bytes(), KEV), (ANSWER.as_bytes(), KEV_TABLE), (&packed[..], KEV)]
    {
        let feeds = feeds(Some(epss), Some(kev.as_bytes())).unwrap();
        let (score, listed, state) = joined(&feeds, "CVE-2026-0001", "2026-11-23T08:00:00Z");
        let fraction = |text| Fraction::parse(text).unwrap();
        let expected = Epss { score: fraction("0.97224"), percentile: fraction("0.99987") };
        assert_eq!(score, Some(expected));
        let due = Some("2026-12-09".to_owned());
        let expected = Kev { added: "2026-11-18".to_owned(), due, ransomware: true };
        assert_eq!(listed, Some(expected));
        assert!(!state.epss.unwrap().stale && !state.kev.unwrap().stale);
        let (score, listed, _) = joined(&feeds, "GHSA-2026", "2026-11-23T08:00:00Z");
        assert_eq!((score, listed), (None, None));
    }
}

#[test]
fn an_old_feed_makes_no_claim_and_says_so() {
    let feeds = feeds(Some(TABLE.as_bytes()), Some(KEV_TABLE.as_bytes())).unwrap();
    for (now, stale) in [
        ("2026-11-27T00:00:00Z", (false, true)),
        ("2026-11-27T00:00:01Z", (true, true)),
        ("2026-11-25T00:00:00Z", (false, false)),
        // A feed of the day after tomorrow was dated by somebody whose clock is wrong.
        ("2026-11-18T12:00:00Z", (true, false)),
    ] {
        let (score, listed, state) = joined(&feeds, "CVE-2026-0001", now);
        assert_eq!((state.epss.unwrap().stale, state.kev.unwrap().stale), stale, "{now}");
        assert_eq!((score.is_none(), listed.is_none()), stale, "{now}");
    }
    let (score, listed, state) = joined(&Feeds::default(), "CVE-2026-0001", "2026-11-25T00:00:00Z");
    assert_eq!((score, listed, state), (None, None, State::default()));
}

#[test]
fn what_is_no_whole_feed_is_refused() {
    let page = ANSWER.replace("\"total\":1", "\"total\":2");
    let twice = TABLE.replace("0002", "0001");
    for epss in [
        "",
        "{}",
        "cve,epss,percentile\nCVE-2026-0001,0.1,0.1\n",
        &page,
        &twice,
        "#score_date:today\ncve,epss,percentile\n",
        "#score_date:2026-11-20\ncve,epss,percentile\nCVE-2026-0001,1.5,0.1\n",
        "#score_date:2026-11-20\ncve,epss,percentile\nCVE-2026-0001,0.5\n",
    ] {
        assert!(feeds(Some(epss.as_bytes()), None).is_err(), "{epss}");
    }
    let twice = KEV_TABLE.replace("0003", "0001");
    let undated = KEV.replace("2026-12-09", "soon");
    for kev in ["", "{}", "a,b\n1,2\n", &twice, &undated] {
        assert!(feeds(None, Some(kev.as_bytes())).is_err(), "{kev}");
    }
    assert!(feeds(Some(&[0x1f, 0x8b, 0, 0]), None).is_err());
}
