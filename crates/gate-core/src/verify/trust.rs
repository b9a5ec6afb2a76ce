//! From an environment's document to compiled trust: keys parsed, expressions anchored, roots loaded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use regex::Regex;

use super::failure::Failure;
use super::people::People;
use super::quorum::Requirements;
use super::sigstore::{CLAIMS, Key, Root};
use crate::environment::{EnvironmentDocument, EnvironmentError, SignerDocument};
use crate::evidence::Kind;
use crate::facts::Identity;
use crate::reason::Problem;
use crate::{Digest, Timestamp, limits, predicates};

/// Who may say what, compiled: keys parsed, expressions anchored, roots loaded.
pub struct Trust {
    /// Signers with a key, in the order of their names.
    pub(super) keys: Vec<KeySigner>,
    /// Signers with a certificate identity, in the order of their names.
    pub(super) identities: Vec<IdentitySigner>,
    /// Roots by name.
    pub(super) roots: BTreeMap<String, Root>,
    /// Persons behind signers and names.
    pub(super) people: People,
    /// Who must have signed beyond one trusted signer.
    pub(super) requirements: Requirements,
    trusted: BTreeMap<Kind, BTreeSet<String>>,
    unsigned: BTreeSet<Kind>,
    aliases: BTreeMap<String, String>,
}

/// A signer that is a public key.
pub(super) struct KeySigner {
    pub(super) name: String,
    pub(super) key: Key,
    /// The root under which log entries must verify; `None`: the signature alone counts.
    pub(super) root: Option<String>,
    window: Window,
}

/// The time in which a key is in use.
#[derive(Debug, Clone, Copy)]
struct Window {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl KeySigner {
    /// Refuses a signature from outside the key's window. Where nothing proves when it was made it
    /// is taken to be made now: so an old key that signs today is refused, and so is what it signed
    /// in its time unless a log or timestamp says so.
    pub(super) fn refuse_out_of_use(
        &self,
        signed_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let Window { from, until } = self.window;
        let time = signed_at.unwrap_or(now);
        let what = match signed_at {
            Some(time) => format!("it was signed at {time}"),
            None => "nothing proves when it was signed, so now counts".to_owned(),
        };
        let refused = match (from, until) {
            (Some(from), _) if time < from => {
                format!("the key is in use from {from} on, and {what}")
            }
            (_, Some(until)) if time >= until => {
                format!("the key was in use until {until}, and {what}")
            }
            _ => return Ok(()),
        };
        Err(Failure::new(Problem::KeyNotValid, refused).by(&self.name))
    }
}

/// A signer that is a certificate's identity under a root.
pub(super) struct IdentitySigner {
    pub(super) name: String,
    pub(super) identity: Pattern,
    pub(super) issuer: Pattern,
    pub(super) root: String,
    claims: Vec<(String, Pattern)>,
}

impl IdentitySigner {
    /// Whether the certificate is of this identity and issuer; its claims are another question.
    pub(super) fn is_of(&self, identity: &Identity) -> bool {
        self.identity.matches(&identity.subject) && self.issuer.matches(&identity.issuer)
    }

    /// The first claim that the certificate does not make as it is asked for, in words.
    pub(super) fn other_claim(&self, identity: &Identity) -> Option<String> {
        self.claims.iter().find_map(|(name, pattern)| match identity.claims.get(name) {
            Some(value) if pattern.matches(value) => None,
            Some(value) => Some(format!("{name} is `{value}`, not {pattern}")),
            None => Some(format!("the certificate has no claim {name}, which is to be {pattern}")),
        })
    }
}

/// An exact text, or an expression that must match all of it.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    Exact(String),
    Expression(Regex),
}

impl Pattern {
    /// From the two ways of configuration to write it; exactly one must be there.
    pub(super) fn compile(
        exact: Option<&str>,
        expression: Option<&str>,
        place: &str,
        field: &str,
    ) -> Result<Self, EnvironmentError> {
        let wrong = |suffix: &str, message: String| {
            Err(EnvironmentError::new(format!("{place}.{field}{suffix}"), message))
        };
        match (exact, expression) {
            (Some(""), None) => wrong("", "is empty".to_owned()),
            (Some(text), None) => Ok(Self::Exact(text.to_owned())),
            (None, Some("")) => wrong("_regexp", "is empty".to_owned()),
            (None, Some(text)) => match anchored(text) {
                Ok(regex) => Ok(Self::Expression(regex)),
                Err(error) => wrong("_regexp", error.to_string()),
            },
            (Some(_), Some(_)) => wrong("", format!("write {field} or {field}_regexp, not both")),
            (None, None) => wrong("", format!("write {field} or {field}_regexp")),
        }
    }

    /// Whether it matches all of the text.
    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == text,
            Self::Expression(expression) => expression.is_match(text),
        }
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exact(exact) => write!(f, "`{exact}`"),
            Self::Expression(expression) => write!(f, "/{}/", expression.as_str()),
        }
    }
}

/// Compiles an expression that must match the whole text. It is compiled by itself first: `a)|(b`
/// is no expression, but would become one that is anchored on neither side.
fn anchored(expression: &str) -> Result<Regex, regex::Error> {
    Regex::new(expression)?;
    Regex::new(&format!("^(?:{expression})$"))
}

impl Trust {
    /// Compiles the signers, people and trust of an environment; `roots` holds the trusted roots'
    /// bytes by digest. Errors name the place in the document that cannot be meant.
    pub fn compile(
        document: &EnvironmentDocument,
        roots: &BTreeMap<Digest, Arc<[u8]>>,
    ) -> Result<Self, EnvironmentError> {
        let mut trust = Self {
            keys: vec![],
            identities: vec![],
            roots: load_roots(document, roots)?,
            people: People::compile(document)?,
            requirements: Requirements::compile(document)?,
            trusted: BTreeMap::new(),
            unsigned: document.allow_unsigned.clone(),
            aliases: aliases(document)?,
        };
        for (name, signer) in &document.signers {
            trust.add_signer(name, signer)?;
        }
        trust.refuse_twins()?;
        for (kind, names) in &document.trust {
            for name in names {
                trust.check_trusted(document, *kind, name)?;
            }
            trust.trusted.insert(*kind, names.iter().cloned().collect());
        }
        Ok(trust)
    }

    /// Whether this signer may sign evidence of this kind.
    pub fn trusts(&self, kind: Kind, signer: &str) -> bool {
        self.trusted.get(&kind).is_some_and(|names| names.contains(signer))
    }

    /// Whether this signer is named under any kind.
    pub(super) fn is_trusted_for_anything(&self, signer: &str) -> bool {
        Kind::ALL.into_iter().any(|kind| self.trusts(kind, signer))
    }

    /// Whether unsigned evidence of this kind counts. Signatures, approvals and changes are nothing
    /// but who signed them, so without a signature they never count.
    pub fn allows_unsigned(&self, kind: Kind) -> bool {
        !matches!(kind, Kind::Signature | Kind::Approval | Kind::Change)
            && self.unsigned.contains(&kind)
    }

    /// The kind that a predicate type stands for here, aliases included.
    pub fn kind(&self, predicate_type: &str) -> Option<Kind> {
        predicates::kind(self.predicate_type(predicate_type))
    }

    /// The predicate type that this one is an alias of, or itself.
    pub(super) fn predicate_type<'a>(&'a self, predicate_type: &'a str) -> &'a str {
        self.aliases.get(predicate_type).map_or(predicate_type, String::as_str)
    }

    fn add_signer(&mut self, name: &str, signer: &SignerDocument) -> Result<(), EnvironmentError> {
        let place = format!("signers.{name}");
        let wrong = |message: &str| Err(EnvironmentError::new(&place, message));
        if let Some(root) = &signer.root
            && !self.roots.contains_key(root)
        {
            return Err(EnvironmentError::new(
                format!("{place}.root"),
                format!("there is no root `{root}` under `roots`"),
            ));
        }
        let by_identity = signer.identity.is_some()
            || signer.identity_regexp.is_some()
            || signer.issuer.is_some()
            || signer.issuer_regexp.is_some()
            || !signer.claims.is_empty()
            || !signer.claims_regexp.is_empty();
        match &signer.key {
            Some(_) if by_identity => {
                wrong("a signer is a key or an identity with an issuer, not both")
            }
            Some(pem) => {
                let key = Key::from_pem(pem)
                    .map_err(|message| EnvironmentError::new(format!("{place}.key"), message))?;
                let window = window(signer, &place)?;
                let root = signer.root.clone();
                self.keys.push(KeySigner { name: name.to_owned(), key, root, window });
                Ok(())
            }
            None if !by_identity => wrong("write a key, or an identity with its issuer and root"),
            None => {
                let Some(root) = signer.root.clone() else {
                    return wrong("an identity counts under a trusted root: write `root`");
                };
                if signer.valid_from.is_some() || signer.valid_until.is_some() {
                    return wrong(
                        "`valid_from` and `valid_until` are of keys: certificates have their own",
                    );
                }
                let SignerDocument { identity, identity_regexp, issuer, issuer_regexp, .. } =
                    signer;
                self.identities.push(IdentitySigner {
                    name: name.to_owned(),
                    identity: Pattern::compile(
                        identity.as_deref(),
                        identity_regexp.as_deref(),
                        &place,
                        "identity",
                    )?,
                    issuer: Pattern::compile(
                        issuer.as_deref(),
                        issuer_regexp.as_deref(),
                        &place,
                        "issuer",
                    )?,
                    root,
                    claims: claims(signer, &place)?,
                });
                Ok(())
            }
        }
    }

    /// One key under two names would let one holder count as two signers, an approver among them.
    fn refuse_twins(&self) -> Result<(), EnvironmentError> {
        for (at, signer) in self.keys.iter().enumerate() {
            if let Some(twin) = self.keys[..at].iter().find(|other| other.key == signer.key) {
                return Err(EnvironmentError::new(
                    format!("signers.{}.key", signer.name),
                    format!("is the key of signer `{}` already", twin.name),
                ));
            }
        }
        Ok(())
    }

    fn check_trusted(
        &self,
        document: &EnvironmentDocument,
        kind: Kind,
        name: &str,
    ) -> Result<(), EnvironmentError> {
        let place = || format!("trust.{}", kind.name());
        if !document.signers.contains_key(name) {
            return Err(EnvironmentError::new(place(), format!("there is no signer `{name}`")));
        }
        if kind == Kind::Approval && self.people.of_signer(name).is_none() {
            return Err(EnvironmentError::new(
                place(),
                format!(
                    "approvals are people's: map the signer `{name}` to a person under `people`"
                ),
            ));
        }
        Ok(())
    }
}

fn window(signer: &SignerDocument, place: &str) -> Result<Window, EnvironmentError> {
    let window = Window { from: signer.valid_from, until: signer.valid_until };
    match (window.from, window.until) {
        (Some(from), Some(until)) if from >= until => Err(EnvironmentError::new(
            format!("{place}.valid_until"),
            "the key goes out of use before it comes into use",
        )),
        _ => Ok(window),
    }
}

fn claims(
    signer: &SignerDocument,
    place: &str,
) -> Result<Vec<(String, Pattern)>, EnvironmentError> {
    let names: BTreeSet<_> = signer.claims.keys().chain(signer.claims_regexp.keys()).collect();
    let compile = |name: &String| {
        if !CLAIMS.contains(&name.as_str()) {
            let message = format!("is no claim of certificates: use one of {}", CLAIMS.join(", "));
            return Err(EnvironmentError::new(format!("{place}.claims.{name}"), message));
        }
        let [exact, expression] =
            [&signer.claims, &signer.claims_regexp].map(|map| map.get(name).map(String::as_str));
        let pattern = Pattern::compile(exact, expression, &format!("{place}.claims"), name)?;
        Ok((name.clone(), pattern))
    };
    names.into_iter().map(compile).collect()
}

fn load_roots(
    document: &EnvironmentDocument,
    roots: &BTreeMap<Digest, Arc<[u8]>>,
) -> Result<BTreeMap<String, Root>, EnvironmentError> {
    let mut loaded = BTreeMap::new();
    for (name, rules) in &document.root_rules {
        let wrong = |message: &str| Err(EnvironmentError::new(format!("roots.{name}"), message));
        if !document.roots.contains_key(name) {
            return wrong("there is no such root");
        }
        if rules.logs == 0 && !rules.timestamp {
            return wrong(
                "without a log nothing but a timestamp proves when it was signed: ask for `timestamp`",
            );
        }
        if rules.logs > limits::LOG_ENTRIES {
            return wrong("asks for more logs than a bundle may have entries");
        }
    }
    for (name, digest) in &document.roots {
        let wrong = |message: String| EnvironmentError::new(format!("roots.{name}"), message);
        let bytes = roots
            .get(digest)
            .ok_or_else(|| wrong(format!("the trusted root {digest} is not at hand")))?;
        if Digest::of(bytes) != *digest {
            return Err(wrong(format!("the trusted root is not {digest}")));
        }
        loaded.insert(
            name.clone(),
            Root::from_json(bytes, document.root_rules.get(name).copied()).map_err(wrong)?,
        );
    }
    Ok(loaded)
}

/// An alias must lead to a type that is read and must not be one itself: else a builder's
/// provenance could be declared to be an approval.
fn aliases(document: &EnvironmentDocument) -> Result<BTreeMap<String, String>, EnvironmentError> {
    for (alias, target) in &document.predicate_aliases {
        let wrong = |message: String| {
            Err(EnvironmentError::new(format!("predicate_aliases.{alias}"), message))
        };
        if predicates::kind(alias).is_some() {
            return wrong("is a predicate type that Gate reads already".to_owned());
        }
        if predicates::kind(target).is_none() {
            return wrong(format!("`{target}` is no predicate type that Gate reads"));
        }
    }
    Ok(document.predicate_aliases.clone())
}
