//! What a walk keeps of the object or list that it is in: members so far, prints of items so far.

use std::borrow::Cow;
use std::collections::HashSet;

use foldhash::fast::FixedState;
use serde::de::Error;

use super::node::Print;
use super::{Field, Object, Path, Run, Sink, Together, value};

/// The prints of a list's items. Most lists are short: a set pays off from some length on.
#[derive(Default)]
pub(super) struct Prints {
    few: [Print; 4],
    count: usize,
    many: HashSet<Print, FixedState>,
}

impl Prints {
    pub(super) fn insert(&mut self, print: Print) -> bool {
        let few = &self.few[..self.count];
        if few.contains(&print) {
            return false;
        }
        if self.count < self.few.len() {
            self.few[self.count] = print;
            self.count += 1;
            return true;
        }
        self.many.insert(print)
    }
}

/// The members of one object so far.
#[derive(Default)]
pub(super) struct Met<'de> {
    pub(super) seen: u64,
    /// Those that are `true`.
    pub(super) truths: u64,
    pub(super) at: usize,
    next: usize,
    pub(super) others: Vec<Cow<'de, str>>,
}

#[derive(Clone, Copy)]
pub(super) struct Twice;

impl Met<'_> {
    pub(super) fn field<'o>(
        &mut self,
        object: &'o Object,
        key: &str,
    ) -> Option<Result<&'o Field, Twice>> {
        let at = object.find(key, self.next)?;
        let bit = 1 << at;
        if self.seen & bit != 0 {
            return Some(Err(Twice));
        }
        self.seen |= bit;
        self.at = at;
        self.next = at + 1;
        Some(Ok(&object.fields[at]))
    }

    pub(super) fn no_other_twice<E: Error>(&mut self) -> Result<(), E> {
        self.others.sort_unstable();
        match self.others.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(E::custom(value::twice(&pair[0]))),
            None => Ok(()),
        }
    }

    pub(super) fn complain<S: Sink>(&self, object: &Object, at: &Path<'_>, run: &mut Run<'_, S>) {
        let missing = object.required & !self.seen;
        if missing != 0 {
            run.wrong(at, format!("{} is missing", object.names_of(missing)));
        }
        for rule in &object.together {
            if let Some(fault) = self.fault(object, rule) {
                run.wrong(at, fault);
            }
        }
    }

    fn fault(&self, object: &Object, rule: &Together) -> Option<String> {
        let whole = |bits: u64| self.seen & bits == bits;
        let words = |alternatives: &[u64]| {
            let words: Vec<_> = alternatives.iter().map(|bits| object.names_of(*bits)).collect();
            words.join(" or ")
        };
        match rule {
            Together::One(alternatives) => {
                match alternatives.iter().filter(|bits| whole(**bits)).count() {
                    1 => None,
                    0 => Some(format!("{} is missing", words(alternatives))),
                    _ => Some(format!("only one may stand: {}", words(alternatives))),
                }
            }
            Together::Some(alternatives) => (!alternatives.iter().any(|bits| whole(*bits)))
                .then(|| format!("{} is missing", words(alternatives))),
            Together::Not(bits) => {
                whole(*bits).then(|| format!("{} exclude one another", object.names_of(*bits)))
            }
            Together::OnlyIf(one, truth) => (whole(*one) && self.truths & truth == 0).then(|| {
                let (one, truth) = (object.names_of(*one), object.names_of(*truth));
                format!("{one} needs {truth} to be true")
            }),
        }
    }
}
