//! One value on the walk, compared with the type that it should have.

use std::borrow::Cow;
use std::fmt;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::choice::{Shape, accepts, in_words};
use super::met::{Met, Prints, Twice};
use super::run::Last;
use super::{Field, List, Path, Rules, Run, Sink, Text, Type, choice, value};
use crate::limits;

/// A value with the type that it should have.
pub(super) struct Node<'n, 's, S> {
    pub(super) rules: &'n Rules,
    pub(super) kind: &'n Type,
    pub(super) path: &'n Path<'n>,
    pub(super) run: &'n mut Run<'s, S>,
    pub(super) depth: usize,
    /// The name under which the sink learns of it.
    pub(super) capture: Option<&'static str>,
    /// Whether everything around it is captured: a component within a pedigree is none of the BOM.
    pub(super) live: bool,
    /// Whether it stands in a list whose items must differ.
    pub(super) hashed: bool,
}

/// A number by which equal values are known; 0 where nobody compares.
pub(super) type Print = u64;

impl<'n, 's, S: Sink> Node<'n, 's, S> {
    pub(super) fn root(rules: &'n Rules, kind: &'n Type, run: &'n mut Run<'s, S>) -> Self {
        let path = &Path::Root;
        Self { rules, kind, path, run, depth: 0, capture: None, live: true, hashed: false }
    }

    fn print(&self, value: impl std::hash::Hash) -> Print {
        if self.hashed { FixedState::with_seed(7).hash_one(value) } else { 0 }
    }

    /// The type that a value of this shape has here: among alternatives the only one of the shape.
    fn resolved(&self, shape: Shape) -> Option<&'n Type> {
        match self.kind {
            Type::Choice { of, .. } => {
                let mut fitting = of.iter().filter(|it| accepts(it, shape));
                fitting.next().filter(|_| fitting.next().is_none())
            }
            kind if accepts(kind, shape) => Some(kind),
            _ => None,
        }
    }

    /// Whether only a closer look tells which alternative a value of this shape is.
    fn is_ambiguous(&self, shape: Shape) -> bool {
        match self.kind {
            Type::Choice { of, .. } => of.iter().filter(|it| accepts(it, shape)).count() > 1,
            _ => false,
        }
    }

    fn mismatch(&mut self, shape: Shape) {
        let words = format!("is {}, not {}", shape.in_words(), in_words(self.kind, self.rules));
        self.run.wrong(self.path, words);
    }

    fn inside<E: Error>(&self) -> Result<usize, E> {
        if self.depth >= limits::NESTING {
            return Err(E::custom(format!("nested more than {} deep", limits::NESTING)));
        }
        Ok(self.depth + 1)
    }

    fn scalar(mut self, shape: Shape, print: Print) -> Print {
        if self.resolved(shape).is_none() {
            self.mismatch(shape);
        }
        print
    }

    fn number(mut self, number: f64, whole: bool) -> Print {
        let print = self.print(number.to_bits());
        match self.resolved(Shape::Number) {
            Some(Type::Number { whole: true, .. }) if !whole => {
                self.run.wrong(self.path, format!("{number} is no whole number"));
            }
            Some(Type::Number { least, most, .. }) => {
                if least.is_some_and(|least| number < least)
                    || most.is_some_and(|most| number > most)
                {
                    self.run.wrong(self.path, format!("{number} is out of bounds"));
                }
            }
            Some(_) => {}
            None => self.mismatch(Shape::Number),
        }
        print
    }

    fn text(mut self, text: &str) -> Print {
        let fault = match self.kind {
            Type::Text(rule) => rule.fault(text),
            Type::Any => None,
            Type::Choice { exactly_one, of } => choice::text(text, *exactly_one, of),
            _ => {
                self.mismatch(Shape::Text);
                None
            }
        };
        match (fault, self.kind) {
            (Some(fault), Type::Text(Text { lenient: true, .. })) => {
                self.run.note(self.path, fault);
            }
            (Some(fault), _) => self.run.wrong(self.path, fault),
            (None, _) => {}
        }
        if let (Some(capture), true) = (self.capture, self.live) {
            self.run.sink.text(capture, text, self.path);
        }
        self.print(text)
    }

    fn list<'de, A: SeqAccess<'de>>(
        self,
        list: Option<&'n List>,
        mut items: A,
    ) -> Result<Print, A::Error> {
        let depth = self.inside()?;
        let (kind, unique) = list.map_or((&Type::Any, false), |list| (&list.item, list.unique));
        let hashed = self.hashed || unique;
        let mut seen = Prints::default();
        let (mut index, mut alone, mut print) = (0_usize, false, 0);
        loop {
            let path = Path::Index(self.path, index);
            let Self { rules, capture, live, .. } = self;
            let run = &mut *self.run;
            run.last = Last::default();
            let item = Node { rules, kind, path: &path, run, depth, capture, live, hashed };
            let Some(item) = items.next_element_seed(item)? else { break };
            index += 1;
            if hashed {
                print = self.print_list(print, item);
            }
            if unique && !seen.insert(item) {
                self.run.wrong(&path, "stands twice in the list");
            }
            alone |= list.is_some_and(|list| self.must_be_alone(list));
        }
        if let Some(list) = list {
            if index < list.least || index > list.most {
                self.run.wrong(self.path, format!("has {index} items: too few or too many"));
            }
            if let (true, Some(name)) = (alone && index > 1, &list.alone) {
                self.run.wrong(self.path, format!("an item with `{name}` must be the only one"));
            }
        }
        Ok(print)
    }

    fn print_list(&self, list: Print, item: Print) -> Print {
        FixedState::with_seed(self.depth as u64).hash_one((list, item))
    }

    fn must_be_alone(&self, list: &List) -> bool {
        let Last { object: Some(object), seen } = self.run.last else { return false };
        let fields = &self.rules.objects[object].fields;
        list.alone.as_ref().is_some_and(|alone| {
            fields.iter().position(|it| it.name == *alone).is_some_and(|at| seen & (1 << at) != 0)
        })
    }

    fn object<'de, A: MapAccess<'de>>(
        self,
        index: Option<usize>,
        mut members: A,
    ) -> Result<Print, A::Error> {
        let object = index.map(|index| &self.rules.objects[index]);
        let depth = self.inside()?;
        let captured = self.capture.filter(|_| self.live && index.is_some());
        if let Some(capture) = captured
            && !self.run.sink.enter(capture, self.path)
        {
            return Err(A::Error::custom("too much"));
        }
        // Only the outermost object is live without a capture of its own.
        let live = captured.is_some() || self.depth == 0;
        let mut met = Met::default();
        let mut print: Print = 0;
        while let Some(Key(key)) = members.next_key()? {
            let path = Path::Key(self.path, &key);
            let field = object.and_then(|object| met.field(object, &key));
            match (object, field) {
                (_, Some(Err(Twice))) => return Err(A::Error::custom(value::twice(&key))),
                (Some(object), None) if object.forbids(&key) => {
                    self.run.wrong(&path, "is not a member that the format has here");
                }
                _ => {}
            }
            let field = field.and_then(Result::ok);
            let (kind, capture) = match field {
                Some(Field { kind, capture, .. }) => (kind, *capture),
                None => (&Type::Any, None),
            };
            let Self { rules, hashed, .. } = self;
            let run = &mut *self.run;
            let node = Node { rules, kind, path: &path, run, depth, capture, live, hashed };
            let child = members.next_value_seed(node)?;
            if std::mem::take(&mut self.run.truth) && field.is_some() {
                met.truths |= 1 << met.at;
            }
            if self.hashed {
                // The order of members says nothing.
                let member = FixedState::with_seed(3).hash_one((&*key, child));
                print = print.wrapping_add(member);
            }
            if field.is_none() {
                met.others.push(key);
            }
        }
        met.no_other_twice()?;
        if let (Some(object), Some(index)) = (object, index) {
            met.complain(object, self.path, self.run);
            self.run.last = Last { object: Some(index), seen: met.seen };
        }
        if let Some(capture) = captured {
            self.run.sink.leave(capture, self.path);
        }
        Ok(print)
    }
}

impl<'de, S: Sink> DeserializeSeed<'de> for Node<'_, '_, S> {
    type Value = Print;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Print, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: Sink> Visitor<'de> for Node<'_, '_, S> {
    type Value = Print;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Print, E> {
        let print = self.print(1);
        Ok(self.scalar(Shape::Null, print))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Print, E> {
        let print = self.print(value);
        self.run.truth = value;
        Ok(self.scalar(Shape::Bool, print))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Print, E> {
        #[expect(clippy::cast_precision_loss, reason = "bounds of the formats are small")]
        Ok(self.number(value as f64, true))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Print, E> {
        #[expect(clippy::cast_precision_loss, reason = "bounds of the formats are small")]
        Ok(self.number(value as f64, true))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Print, E> {
        // JSON schema takes 1.0 for a whole number.
        Ok(self.number(value, value.fract() == 0.0))
    }

    fn visit_str<E>(self, value: &str) -> Result<Print, E> {
        Ok(Self::text(self, value))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, items: A) -> Result<Print, A::Error> {
        if self.is_ambiguous(Shape::List) {
            let value = value::Strict { depth: self.depth }.visit_seq(items)?;
            return self.closer(&value);
        }
        let list = match self.resolved(Shape::List) {
            Some(Type::List(list)) => Some(&**list),
            Some(_) => None,
            None => {
                self.mismatch(Shape::List);
                None
            }
        };
        self.list(list, items)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, members: A) -> Result<Print, A::Error> {
        if self.is_ambiguous(Shape::Object) {
            let value = value::Strict { depth: self.depth }.visit_map(members)?;
            return self.closer(&value);
        }
        let index = match self.resolved(Shape::Object) {
            Some(kind @ Type::Kind(_)) => {
                let value = value::Strict { depth: self.depth }.visit_map(members)?;
                return Node { kind, ..self }.closer(&value);
            }
            Some(Type::Object(index)) => Some(*index),
            Some(_) => None,
            None => {
                self.mismatch(Shape::Object);
                None
            }
        };
        self.object(index, members)
    }
}

/// A key, borrowed where it has no escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}
