//! Finds out what a body demands of documents and arguments, as far as OPA's rule index sees it.
//! Where that index lets more through than the body says, so does this: which errors are reported
//! depends on it.

use std::collections::HashMap;
use std::sync::Arc;

use super::intermediate::{Call, Literal, LiteralKind, Reference, Root, Term, Variable};
use super::tree::Skeleton;
use crate::engine::program::{Callee, Guard, Place, Want};
use crate::engine::value::Value;

mod entry;
mod text;

use entry::{End, Entry};

/// The demands of a body that is in order.
pub(super) fn guards(body: &[Literal], arguments: &[Term], skeleton: &Skeleton) -> Box<[Guard]> {
    if prints(body) {
        return Box::new([]);
    }
    let mut collector = Collector {
        skeleton,
        arguments,
        constants: HashMap::new(),
        entries: Vec::new(),
        keys: Vec::new(),
    };
    for literal in body {
        if literal.with.is_empty() {
            collector.literal(&literal.kind);
        }
    }
    collector.finish()
}

fn prints(body: &[Literal]) -> bool {
    body.iter().any(|literal| match &literal.kind {
        LiteralKind::Print(..) => true,
        LiteralKind::Every { body, .. } => prints(body),
        _ => false,
    })
}

struct Collector<'a> {
    skeleton: &'a Skeleton,
    arguments: &'a [Term],
    /// Variables that are constant.
    constants: HashMap<Variable, Term>,
    entries: Vec<(Place, Entry)>,
    keys: Vec<(Place, Place)>,
}

impl Collector<'_> {
    fn literal(&mut self, kind: &LiteralKind) {
        match kind {
            LiteralKind::Term(Term::Reference(reference)) => {
                let reference = self.plugged(reference);
                if !self.key_of_collection(&reference) {
                    self.reference_is(&reference, Entry::Variable(None));
                }
            }
            LiteralKind::Unify { left, right, .. } => {
                let (left, right) = (self.plugged_term(left), self.plugged_term(right));
                if !self.holds(&left, &right) && !self.holds(&right, &left) {
                    let _ = self.equal(&left, &right) || self.equal(&right, &left);
                }
            }
            LiteralKind::Call(call) => self.call(call),
            _ => {}
        }
    }

    fn call(&mut self, call: &Call) {
        let Callee::Builtin(declared) = call.callee else { return };
        if call.arguments.len() != call.arity {
            return;
        }
        match (declared.declaration.name, call.arguments.as_slice()) {
            ("glob.match", [pattern, delimiters, value]) => self.glob(pattern, delimiters, value),
            ("internal.member_2", [value, collection]) => self.member(value, collection),
            ("startswith", [value, base]) => self.affix(value, base, End::Start),
            ("endswith", [value, base]) => self.affix(value, base, End::End),
            ("strings.any_prefix_match", [value, bases]) => {
                self.any_affix(value, bases, End::Start);
            }
            ("strings.any_suffix_match", [value, bases]) => self.any_affix(value, bases, End::End),
            _ => {}
        }
    }

    /// The reference with variables in it that are constant.
    fn plugged(&self, reference: &Reference) -> Reference {
        let part = |part: &Term| match part {
            Term::Variable(variable) => match self.constants.get(variable) {
                Some(constant) if entry::is_scalar(constant) => constant.clone(),
                _ => part.clone(),
            },
            _ => part.clone(),
        };
        let path = reference.path.iter().map(part).collect();
        Reference { span: reference.span, root: reference.root, path }
    }

    fn plugged_term(&self, term: &Term) -> Term {
        match term {
            Term::Reference(reference) => Term::Reference(Box::new(self.plugged(reference))),
            other => other.clone(),
        }
    }

    /// `left = right`, seen from the left.
    fn equal(&mut self, left: &Term, right: &Term) -> bool {
        match left {
            Term::Variable(variable) => {
                if right.constant().is_some() {
                    self.constants.insert(*variable, right.clone());
                } else if let Term::Variable(other) = right
                    && let Some(constant) = self.constants.get(other).cloned()
                {
                    self.constants.insert(*variable, constant);
                }
                let Some(entry) = Entry::plain(right) else { return false };
                let Some(place) = self.place_of(*variable) else { return false };
                self.insert(place, entry);
                true
            }
            Term::Reference(reference) => {
                let entry = match right {
                    Term::Variable(variable) => match self.constants.get(variable) {
                        Some(constant) => Some(Entry::of(constant)),
                        None => Entry::plain(right),
                    },
                    other => Entry::plain(other),
                };
                entry.is_some_and(|entry| self.reference_is(reference, entry))
            }
            _ => false,
        }
    }

    /// Notes what is demanded of a reference, if that leads to a place.
    fn reference_is(&mut self, reference: &Reference, entry: Entry) -> bool {
        let Some((place, rest)) = self.resolved(reference) else { return false };
        if !rest.is_empty() || !self.is_base(&place) {
            return false;
        }
        self.insert(place, entry);
        true
    }

    /// `input.x[_] = value`: the collection at the place holds the value.
    fn holds(&mut self, left: &Term, right: &Term) -> bool {
        let Term::Reference(reference) = left else { return false };
        let Some((place, rest)) = self.resolved(reference) else { return false };
        if rest.len() != 1 || !self.is_base(&place) {
            return false;
        }
        let value = match right {
            Term::Variable(variable) => self.constants.get(variable).cloned(),
            other => Some(other.clone()),
        };
        match value.filter(entry::is_scalar).and_then(|value| value.constant()) {
            Some(value) => {
                self.insert(place, Entry::Want(Want::Holds(value)));
                true
            }
            None => false,
        }
    }

    /// The place at which a reference's constant parts end, and the parts behind them.
    fn resolved<'t>(&self, reference: &'t Reference) -> Option<(Place, &'t [Term])> {
        let constant = reference.path.iter().map_while(Term::constant);
        let mut path: Vec<Value> = constant.collect();
        let rest = &reference.path[path.len()..];
        let place = match reference.root {
            Root::Input => Place::Input(path),
            Root::Data => Place::Data(path),
            Root::Variable(variable) => match self.place_of(variable)? {
                Place::Input(mut start) => {
                    start.append(&mut path);
                    Place::Input(start)
                }
                Place::Data(mut start) => {
                    start.append(&mut path);
                    Place::Data(start)
                }
                Place::Argument(_) => return None,
            },
        };
        Some((place, rest))
    }

    /// The place whose value a variable holds.
    fn place_of(&self, variable: Variable) -> Option<Place> {
        let holds = |entry: &Entry| matches!(entry, Entry::Variable(Some(it)) if *it == variable);
        if let Some((place, _)) = self.entries.iter().find(|(_, entry)| holds(entry)) {
            return Some(place.clone());
        }
        let argument = |term: &Term| matches!(term, Term::Variable(it) if *it == variable);
        self.arguments.iter().position(argument).map(Place::Argument)
    }

    /// Whether no rule makes what is at a place, nor anything in it.
    fn is_base(&self, place: &Place) -> bool {
        match place {
            Place::Input(_) => true,
            Place::Argument(_) => false,
            Place::Data(path) => {
                let names = path.iter().map_while(Value::as_str);
                let (node, taken) = self.skeleton.descend(names);
                self.skeleton.node(node).group.is_none() && taken < path.len()
            }
        }
    }

    /// The place of a term, if it is one of base data or input.
    fn base_place(&self, term: &Term) -> Option<Place> {
        let place = match term {
            Term::Reference(reference) => {
                let (place, rest) = match reference.root {
                    Root::Variable(_) => return None,
                    _ => self.resolved(reference)?,
                };
                rest.is_empty().then_some(place)?
            }
            Term::Variable(variable) => self.place_of(*variable)?,
            _ => return None,
        };
        self.is_base(&place).then_some(place)
    }

    /// `data.groups.a[input.x]` alone: the one is a key of the other.
    fn key_of_collection(&mut self, reference: &Reference) -> bool {
        let (Root::Data, Some((last, start))) = (reference.root, reference.path.split_last())
        else {
            return false;
        };
        let Some(path) = start.iter().map(Term::constant).collect::<Option<Vec<_>>>() else {
            return false;
        };
        let collection = Place::Data(path);
        let Term::Variable(variable) = last else { return false };
        let Some(key) = self.place_of(*variable) else { return false };
        if !self.is_base(&collection) || matches!(&key, Place::Data(_) if !self.is_base(&key)) {
            return false;
        }
        self.keys.push((key, collection));
        true
    }

    fn glob(&mut self, pattern: &Term, delimiters: &Term, value: &Term) {
        let (Some(Value::String(pattern)), Some(Value::Array(delimiters))) =
            (pattern.constant(), delimiters.constant())
        else {
            return;
        };
        let Term::Variable(variable) = value else { return };
        if let Some(want) = text::parts(&pattern, &delimiters)
            && let Some(place) = self.place_of(*variable)
        {
            self.insert(place, Entry::Want(want));
        }
    }

    fn member(&mut self, value: &Term, collection: &Term) {
        if let Term::Variable(variable) = value
            && let Some(place) = self.place_of(*variable)
        {
            self.one_of(&place, collection);
            return;
        }
        let value = match value {
            Term::Variable(variable) => self.constants.get(variable).unwrap_or(value).clone(),
            other => other.clone(),
        };
        let entry = match &value {
            Term::Variable(variable) => Entry::Variable(Some(*variable)),
            scalar if entry::is_scalar(scalar) => match scalar.constant() {
                Some(value) => Entry::Want(Want::Holds(value)),
                None => return,
            },
            _ => return,
        };
        if let Some(place) = self.base_place(collection) {
            self.insert(place, entry);
        }
    }

    /// The value at a place is among the members of a collection that is written out.
    fn one_of(&mut self, place: &Place, collection: &Term) {
        let collection = match collection {
            Term::Variable(variable) => match self.constants.get(variable) {
                Some(constant) => constant.clone(),
                None => return,
            },
            other => other.clone(),
        };
        let Some(members) = entry::members(&collection) else { return };
        if members.iter().any(|member| matches!(member, Term::Variable(_))) {
            return;
        }
        for (at, member) in members.iter().enumerate() {
            let entry = Entry::of(member);
            if at == 0 {
                self.insert(place.clone(), entry);
            } else if !self.entries.contains(&(place.clone(), entry.clone())) {
                self.entries.push((place.clone(), entry));
            }
        }
    }

    fn constant_of(&self, term: &Term) -> Option<Value> {
        match term {
            Term::Variable(variable) => self.constants.get(variable)?.constant(),
            other => other.constant(),
        }
    }

    fn affix(&mut self, value: &Term, base: &Term, end: End) {
        if let Some(place) = self.base_place(value)
            && let Some(Value::String(base)) = self.constant_of(base)
        {
            self.insert(place, Entry::affix(end, base));
        }
    }

    fn any_affix(&mut self, value: &Term, bases: &Term, end: End) {
        let Some(place) = self.base_place(value) else { return };
        let items: Vec<Value> = match self.constant_of(bases) {
            Some(Value::String(base)) => vec![Value::String(base)],
            Some(Value::Array(items)) => items.iter().cloned().collect(),
            Some(Value::Set(items)) => items.iter().cloned().collect(),
            _ => return,
        };
        let texts: Option<Vec<Arc<str>>> = items
            .into_iter()
            .map(|item| if let Value::String(text) = item { Some(text) } else { None })
            .collect();
        for base in texts.into_iter().flatten() {
            self.insert(place.clone(), Entry::affix(end, base));
        }
    }

    /// Adds a demand. A concrete one takes the place of one for anything at all.
    fn insert(&mut self, place: Place, entry: Entry) {
        let replaces =
            matches!(&entry, Entry::Want(want) if !matches!(want, Want::Starts(_) | Want::Ends(_)));
        for (at, other) in &mut self.entries {
            if *at != place {
                continue;
            }
            if *other == entry {
                return;
            }
            if replaces && matches!(other, Entry::Variable(_)) {
                *other = entry;
                return;
            }
        }
        self.entries.push((place, entry));
    }

    fn finish(self) -> Box<[Guard]> {
        let mut places: Vec<(Place, Vec<Entry>)> = Vec::new();
        for (place, entry) in self.entries {
            match places.iter_mut().find(|(other, _)| *other == place) {
                Some((_, entries)) => entries.push(entry),
                None => places.push((place, vec![entry])),
            }
        }
        let wanted = |(place, entries)| Guard::Place(place, entry::wants(entries));
        let keys = self.keys.into_iter().map(|(key, collection)| Guard::Key(key, collection));
        places.into_iter().map(wanted).chain(keys).collect()
    }
}
