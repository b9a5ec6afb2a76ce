//! From an environment's document to compiled trust: keys parsed, expressions anchored, roots loaded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use regex::Regex;

use super::people::People;
use super::sigstore::{Key, Root};
use crate::Digest;
use crate::environment::{EnvironmentDocument, EnvironmentError, SignerDocument};
use crate::evidence::Kind;
use crate::predicates;

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
}

/// A signer that is a certificate's identity under a root.
pub(super) struct IdentitySigner {
    pub(super) name: String,
    pub(super) identity: Pattern,
    pub(super) issuer: Pattern,
    pub(super) root: String,
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

    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == text,
            Self::Expression(expression) => expression.is_match(text),
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
            || signer.issuer_regexp.is_some();
        match &signer.key {
            Some(_) if by_identity => {
                wrong("a signer is a key or an identity with an issuer, not both")
            }
            Some(pem) => {
                let key = Key::from_pem(pem)
                    .map_err(|message| EnvironmentError::new(format!("{place}.key"), message))?;
                self.keys.push(KeySigner { name: name.to_owned(), key, root: signer.root.clone() });
                Ok(())
            }
            None if !by_identity => wrong("write a key, or an identity with its issuer and root"),
            None => {
                let Some(root) = signer.root.clone() else {
                    return wrong("an identity counts under a trusted root: write `root`");
                };
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

fn load_roots(
    document: &EnvironmentDocument,
    roots: &BTreeMap<Digest, Arc<[u8]>>,
) -> Result<BTreeMap<String, Root>, EnvironmentError> {
    let mut loaded = BTreeMap::new();
    for (name, digest) in &document.roots {
        let wrong = |message: String| EnvironmentError::new(format!("roots.{name}"), message);
        let bytes = roots
            .get(digest)
            .ok_or_else(|| wrong(format!("the trusted root {digest} is not at hand")))?;
        if Digest::of(bytes) != *digest {
            return Err(wrong(format!("the trusted root is not {digest}")));
        }
        loaded.insert(name.clone(), Root::from_json(bytes).map_err(wrong)?);
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
