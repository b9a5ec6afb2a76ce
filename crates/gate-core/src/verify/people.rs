//! From signers and commit names to persons: who is behind a signature, and behind a change.

use std::collections::{BTreeMap, BTreeSet};

use crate::environment::{EnvironmentDocument, EnvironmentError};

/// The persons of an environment, by their signers and by their names.
pub(super) struct People {
    by_signer: BTreeMap<String, String>,
    by_name: BTreeMap<String, String>,
}

impl People {
    /// Indexes the people of a document. A signer or name of two persons is refused: it could not
    /// be told whose approval or change it is.
    pub(super) fn compile(document: &EnvironmentDocument) -> Result<Self, EnvironmentError> {
        let mut people = Self { by_signer: BTreeMap::new(), by_name: BTreeMap::new() };
        for (person, entry) in &document.people {
            let wrong = |field: &str, message: String| {
                EnvironmentError::new(format!("people.{person}.{field}"), message)
            };
            for signer in &entry.signers {
                if !document.signers.contains_key(signer) {
                    return Err(wrong("signers", format!("there is no signer `{signer}`")));
                }
                let other = people.by_signer.insert(signer.clone(), person.clone());
                if let Some(other) = other.filter(|other| other != person) {
                    return Err(wrong("signers", format!("`{signer}` is a signer of `{other}`")));
                }
            }
            for name in &entry.names {
                let key = fold(name);
                if key.is_empty() {
                    return Err(wrong("names", "a name is empty".to_owned()));
                }
                let other = people.by_name.insert(key, person.clone());
                if let Some(other) = other.filter(|other| other != person) {
                    return Err(wrong("names", format!("`{name}` is a name of `{other}`")));
                }
            }
        }
        Ok(people)
    }

    /// The person that a signer belongs to.
    pub(super) fn of_signer(&self, signer: &str) -> Option<&str> {
        self.by_signer.get(signer).map(String::as_str)
    }

    /// The persons that a commit's author or committer is, without regard to case: found by the
    /// whole text, or by the address in `Name <address>`. Both are returned where they differ, so
    /// that a name chosen to look like somebody else's hides nobody.
    pub(super) fn of_name(&self, name: &str) -> BTreeSet<String> {
        let whole = fold(name);
        let address = whole
            .strip_suffix('>')
            .and_then(|rest| rest.rsplit_once('<'))
            .map(|(_, address)| address.trim());
        [Some(whole.as_str()), address]
            .into_iter()
            .flatten()
            .filter_map(|key| self.by_name.get(key))
            .cloned()
            .collect()
    }
}

fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}
