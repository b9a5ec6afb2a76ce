//! Which of Conforma's results count: `include`, `exclude` and collections, with their volatile
//! additions, scored as Conforma scores them. The more specific word wins.

use serde::Deserialize;
use serde_json::Value;

use crate::{Digest, Timestamp};

/// The greatest number of criteria of one policy.
const CRITERIA: usize = 10_000;

/// The parts of a policy's specification that say what counts.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(in crate::policy) struct Specification {
    sources: Vec<Source>,
    configuration: Option<Configuration>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Source {
    config: Option<Configuration>,
    volatile_config: Option<Volatile>,
    rule_data: Option<serde_json::Map<String, Value>>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Configuration {
    include: Vec<String>,
    exclude: Vec<String>,
    collections: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Volatile {
    include: Vec<Criterion>,
    exclude: Vec<Criterion>,
}

/// A criterion for some time and some images. What it is for is written in one of four ways, of which
/// the first that is there counts.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Criterion {
    value: String,
    effective_on: Option<String>,
    effective_until: Option<String>,
    image_ref: Option<String>,
    image_url: Option<String>,
    image_digest: Option<String>,
    component_names: Vec<String>,
}

/// What is judged, as criteria name it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Target {
    /// Registry and repository.
    pub(super) repository: Option<String>,
    /// The digest.
    pub(super) digest: Option<Digest>,
    /// The name of the component.
    pub(super) component: Option<String>,
}

/// What counts for one target at one time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Criteria {
    include: Vec<String>,
    exclude: Vec<String>,
    intentions: Vec<String>,
}

/// Whether a result counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// It counts.
    Included,
    /// Something says that it does not.
    Excluded,
    /// Nothing asks for it.
    Unasked,
}

impl Specification {
    /// Reads the specification out of rule data, where a policy file lies at its root.
    pub(in crate::policy) fn of(data: &serde_json::Map<String, Value>) -> Result<Self, String> {
        let named: serde_json::Map<_, _> = ["sources", "configuration"]
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), data.get(name)?.clone())))
            .collect();
        let found: Self = serde_json::from_value(Value::Object(named))
            .map_err(|error| format!("the policy's specification: {error}"))?;
        let count = |source: &Source| {
            let config = source.config.as_ref().map_or(0, |it| it.include.len() + it.exclude.len());
            let volatile = source.volatile_config.as_ref();
            config + volatile.map_or(0, |it| it.include.len() + it.exclude.len())
        };
        if found.sources.iter().map(count).sum::<usize>() > CRITERIA {
            return Err(format!("the policy has more than {CRITERIA} criteria"));
        }
        Ok(found)
    }

    /// The rule data of all sources, later ones over earlier ones.
    pub(super) fn rule_data(&self) -> serde_json::Map<String, Value> {
        let all = self.sources.iter().filter_map(|source| source.rule_data.clone());
        all.flatten().collect()
    }

    /// What counts for a target at a time.
    pub(super) fn criteria(&self, target: &Target, now: Timestamp) -> Criteria {
        let mut found = Criteria { intentions: self.intentions(), ..Criteria::default() };
        for source in &self.sources {
            if let Some(config) = &source.config {
                found.include.extend(config.include.iter().cloned());
                found.exclude.extend(config.exclude.iter().cloned());
            }
            if let Some(volatile) = &source.volatile_config {
                let counts = |one: &&Criterion| one.holds(now) && one.is_about(target);
                let value = |one: &Criterion| one.value.clone();
                found.include.extend(volatile.include.iter().filter(counts).map(value));
                found.exclude.extend(volatile.exclude.iter().filter(counts).map(value));
            }
        }
        if found.include.is_empty()
            && found.exclude.is_empty()
            && let Some(whole) = &self.configuration
        {
            found.include.extend(whole.include.iter().cloned());
            found.exclude.extend(whole.exclude.iter().cloned());
            found.include.extend(whole.collections.iter().map(|name| format!("@{name}")));
        }
        if found.include.is_empty() {
            found.include.push("*".to_owned());
        }
        found
    }

    fn intentions(&self) -> Vec<String> {
        match self.rule_data().get("pipeline_intention") {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(many)) => {
                many.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            _ => vec![],
        }
    }
}

impl Criterion {
    /// Whether it holds at a time. One whose dates nobody can read excuses nothing.
    fn holds(&self, now: Timestamp) -> bool {
        let moment = |text: &Option<String>| match text.as_deref() {
            None | Some("") => Some(now),
            Some(text) => instant(text),
        };
        let (from, until) = (moment(&self.effective_on), moment(&self.effective_until));
        from.is_some_and(|from| from <= now) && until.is_some_and(|until| until >= now)
    }

    fn is_about(&self, target: &Target) -> bool {
        let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let named = text(&self.image_ref)
            .or_else(|| text(&self.image_url))
            .or_else(|| text(&self.image_digest));
        if let Some(named) = named {
            let digest = target.digest.map(|digest| digest.to_string());
            return digest.as_ref() == Some(&named) || target.repository.as_ref() == Some(&named);
        }
        if self.component_names.is_empty() {
            return true;
        }
        target.component.as_deref().is_some_and(|name| {
            let whole = original(name);
            self.component_names.iter().any(|it| it == name || it == whole)
        })
    }
}

/// A time, or a day, which begins at midnight UTC.
fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| format!("{text}T00:00:00Z").parse().ok())
}

/// A component's name before its index was taken apart: `app` of `app-sha256:...-arm64`.
fn original(name: &str) -> &str {
    let Some((before, rest)) = name.rsplit_once("-sha256:") else { return name };
    let (hex, architecture) = rest.split_at_checked(64).unwrap_or_default();
    let is_hex = !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex && architecture.len() > 1 && architecture.starts_with('-') { before } else { name }
}

impl Criteria {
    /// Whether a result of a rule counts.
    pub(super) fn judge(&self, code: &str, terms: &[String], collections: &[String]) -> Word {
        let names = matchers(code, terms, collections);
        let score = |list: &[String]| -> u32 {
            list.iter().filter(|word| names.contains(word)).map(|word| weight(word)).sum()
        };
        let (for_it, against) = (score(&self.include), score(&self.exclude));
        match (for_it > against, against > 0) {
            (true, _) => Word::Included,
            (false, true) => Word::Excluded,
            (false, false) => Word::Unasked,
        }
    }

    /// Whether a rule is meant for this kind of pipeline.
    pub(super) fn intends(&self, intentions: &[String]) -> bool {
        if self.intentions.is_empty() {
            return intentions.is_empty();
        }
        intentions.iter().any(|it| self.intentions.contains(it))
    }

    /// The inclusions that no rule of these answers to.
    pub(super) fn unmatched<'a>(
        &'a self,
        rules: impl Iterator<Item = (&'a str, &'a [String])> + Clone,
    ) -> Vec<&'a str> {
        let is_matched = |word: &str| {
            // A term belongs to results, of which a rule may have any.
            let plain = word.split_once(':').map_or(word, |(plain, _)| plain);
            rules.clone().any(|(code, collections)| {
                matchers(code, &[], collections).iter().any(|name| name == plain)
            })
        };
        let mut words: Vec<_> = self.include.iter().map(String::as_str).collect();
        words.retain(|word| !is_matched(word));
        words.dedup();
        words
    }
}

/// The words that name a result.
fn matchers(code: &str, terms: &[String], collections: &[String]) -> Vec<String> {
    let mut parts = code.rsplit('.');
    let rule = parts.next().unwrap_or_default();
    let package = parts.next().unwrap_or_default();
    let mut names = vec![];
    if !package.is_empty() {
        names.extend([package.to_owned(), format!("{package}.*"), format!("{package}.{rule}")]);
    }
    let with_term =
        |term: &String| names.iter().map(move |name| format!("{name}:{term}")).collect::<Vec<_>>();
    let termed: Vec<_> = terms.iter().filter(|term| !term.is_empty()).flat_map(with_term).collect();
    names.extend(termed);
    names.push("*".to_owned());
    names.extend(collections.iter().map(|name| format!("@{name}")));
    names
}

/// How specific a word is.
fn weight(word: &str) -> u32 {
    if word.starts_with('@') {
        return 10;
    }
    let (name, term) = word.split_once(':').unwrap_or((word, ""));
    let term = if term.is_empty() { 0 } else { 100 };
    let depth = u32::try_from(name.matches('.').count()).unwrap_or(u32::MAX);
    match name.rsplit_once('.') {
        None if name == "*" => term + 1,
        None => term + 10,
        Some((package, rule)) => {
            let package = if package == "*" { 1 } else { depth.saturating_mul(10) };
            let rule = if rule == "*" || rule.is_empty() { 0 } else { 100 };
            term + package.saturating_add(rule)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn specification(json: &Value) -> Specification {
        Specification::of(json.as_object().unwrap()).unwrap()
    }

    fn now() -> Timestamp {
        "2026-06-01T00:00:00Z".parse().unwrap()
    }

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn the_more_specific_word_wins() {
        let judged = |include: &[&str], exclude: &[&str], code: &str, terms: &[&str]| {
            let spec = specification(&json!({
                "sources": [{"config": {"include": include, "exclude": exclude}}],
            }));
            let collections = texts(&["minimal"]);
            spec.criteria(&Target::default(), now()).judge(code, &texts(terms), &collections)
        };
        assert_eq!(judged(&[], &[], "cve.found", &[]), Word::Included);
        assert_eq!(judged(&["*"], &["cve"], "cve.found", &[]), Word::Excluded);
        assert_eq!(judged(&["cve.found"], &["cve"], "cve.found", &[]), Word::Included);
        assert_eq!(judged(&["@minimal"], &[], "cve.found", &[]), Word::Included);
        assert_eq!(judged(&["@other"], &[], "cve.found", &[]), Word::Unasked);
        assert_eq!(judged(&["@minimal"], &["cve.*"], "cve.found", &[]), Word::Excluded);
        assert_eq!(judged(&["*"], &["cve.found:CVE-1"], "cve.found", &["CVE-1"]), Word::Excluded);
        assert_eq!(judged(&["*"], &["cve.found:CVE-1"], "cve.found", &["CVE-2"]), Word::Included);
        assert_eq!(judged(&["*"], &["cve:CVE-1"], "cve.found", &["CVE-1"]), Word::Excluded);
    }

    #[test]
    fn weights_are_those_of_conforma() {
        for (word, expected) in [
            ("*", 1),
            ("@a", 10),
            ("pkg", 10),
            ("pkg.*", 10),
            ("a.pkg.*", 20),
            ("pkg.rule", 110),
            ("a.pkg.rule", 120),
            ("pkg:term", 110),
            ("*:term", 101),
            ("pkg.rule:term", 210),
            ("*.rule", 101),
        ] {
            assert_eq!(weight(word), expected, "{word}");
        }
    }

    #[test]
    fn a_volatile_criterion_holds_for_its_time_and_images() {
        let digest = Digest::of(b"image");
        let target = Target {
            repository: Some("r.example/app".to_owned()),
            digest: Some(digest),
            component: Some(format!("app-sha256:{}-arm64", digest.to_hex())),
        };
        let excluded = |criterion: Value| {
            let mut criterion = criterion;
            criterion["value"] = json!("cve");
            let spec =
                specification(&json!({"sources": [{"volatileConfig": {"exclude": [criterion]}}]}));
            spec.criteria(&target, now()).judge("cve.found", &[], &[]) == Word::Excluded
        };
        assert!(excluded(json!({})));
        assert!(excluded(json!({"effectiveUntil": "2026-06-01T00:00:00Z"})));
        assert!(!excluded(json!({"effectiveUntil": "2026-05-31T23:59:59Z"})));
        assert!(!excluded(json!({"effectiveOn": "2026-06-02"})));
        assert!(excluded(json!({"effectiveOn": "2026-06-01"})));
        assert!(!excluded(json!({"effectiveUntil": "whenever"})));
        assert!(excluded(json!({"imageUrl": "r.example/app"})));
        assert!(!excluded(json!({"imageUrl": "r.example/other"})));
        assert!(excluded(json!({"imageDigest": digest.to_string()})));
        assert!(!excluded(json!({"imageRef": Digest::of(b"other").to_string()})));
        assert!(excluded(json!({"componentNames": ["app"]})));
        assert!(!excluded(json!({"componentNames": ["web"]})));
    }

    #[test]
    fn old_policies_name_collections_apart() {
        let spec = specification(&json!({"configuration": {"collections": ["slsa"]}}));
        let criteria = spec.criteria(&Target::default(), now());
        assert_eq!(criteria.judge("a.b", &[], &texts(&["slsa"])), Word::Included);
        assert_eq!(criteria.judge("a.b", &[], &[]), Word::Unasked);
        let none = texts(&[]);
        let rules = [("a.b", none.as_slice())];
        assert_eq!(criteria.unmatched(rules.into_iter()), ["@slsa"]);
    }

    #[test]
    fn rules_for_another_pipeline_are_not_asked() {
        let with = |data: Value| {
            let spec = specification(&json!({"sources": [{"ruleData": data}]}));
            spec.criteria(&Target::default(), now())
        };
        let release = texts(&["release"]);
        assert!(with(json!({})).intends(&[]) && !with(json!({})).intends(&release));
        let releasing = with(json!({"pipeline_intention": ["release"]}));
        assert!(releasing.intends(&release) && !releasing.intends(&[]));
    }
}
