//! Scans: looks into documents by every key that matches.

use super::document::{Place, Places};
use super::{Flow, Frame, Next, Session, Taker};
use crate::engine::program::{Access, Base, Pattern, Scan};
use crate::engine::value::Value;

impl<'p> Session<'p> {
    pub(super) fn scan(&mut self, scan: &'p Scan, frame: &mut Frame, then: Taker<'_, 'p>) -> Flow {
        let start = match scan.base {
            Base::Group(group) if self.program.group(group).kind.has_keys() => {
                let mut keys = Vec::new();
                for access in &scan.path {
                    let Access::Key(key) = access else { break };
                    let Some(key) = self.term(key, frame)? else { return Ok(Next::More) };
                    keys.push(key);
                }
                self.group_at(group, &keys, scan.span)?.map(Place::Value)
            }
            _ => self.base(&scan.base, frame, scan.span)?,
        };
        match start {
            Some(place) => self.scan_from(scan, &scan.path, place, frame, then),
            None => Ok(Next::More),
        }
    }

    fn scan_from(
        &mut self,
        scan: &'p Scan,
        path: &'p [Access],
        mut place: Place,
        frame: &mut Frame,
        then: Taker<'_, 'p>,
    ) -> Flow {
        let mut path = path;
        loop {
            let Some((access, rest)) = path.split_first() else {
                return self.found(scan, place, frame, then);
            };
            path = rest;
            let pattern = match access {
                Access::Each(pattern) => pattern,
                Access::Key(key) => {
                    let Some(key) = self.term(key, frame)? else { return Ok(Next::More) };
                    match self.under(&place, &key, scan.span)? {
                        Some(below) => place = below,
                        None => return Ok(Next::More),
                    }
                    continue;
                }
            };
            return match self.places_under(place, scan.span)? {
                Places::Value(value) => self.each(scan, pattern, rest, &value, frame, then),
                Places::Node(id, base, keys) => {
                    let node = Place::Node(id, base);
                    self.each_place(scan, pattern, rest, (&node, &keys), frame, then)
                }
            };
        }
    }

    fn each_place(
        &mut self,
        scan: &'p Scan,
        pattern: &'p Pattern,
        rest: &'p [Access],
        (node, keys): (&Place, &[Value]),
        frame: &mut Frame,
        then: Taker<'_, 'p>,
    ) -> Flow {
        for key in keys {
            self.step(scan.span)?;
            if !self.matches(pattern, key, frame)? {
                continue;
            }
            if let Some(below) = self.under(node, key, scan.span)?
                && self.scan_from(scan, rest, below, frame, then)? == Next::Enough
            {
                return Ok(Next::Enough);
            }
        }
        Ok(Next::More)
    }

    fn each(
        &mut self,
        scan: &'p Scan,
        pattern: &'p Pattern,
        rest: &'p [Access],
        value: &Value,
        frame: &mut Frame,
        then: Taker<'_, 'p>,
    ) -> Flow {
        let mut one = |session: &mut Self, key: Option<&Value>, at: usize, item: &Value| {
            session.step(scan.span)?;
            let index;
            let key = if let Some(key) = key {
                key
            } else {
                index = Value::from(at);
                &index
            };
            if !session.matches(pattern, key, frame)? {
                return Ok(Next::More);
            }
            session.scan_from(scan, rest, Place::Value(item.clone()), frame, then)
        };
        match value {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    if one(self, None, at, item)? == Next::Enough {
                        return Ok(Next::Enough);
                    }
                }
            }
            Value::Object(object) => {
                for (key, item) in object.iter() {
                    if one(self, Some(key), 0, item)? == Next::Enough {
                        return Ok(Next::Enough);
                    }
                }
            }
            Value::Set(items) => {
                for item in items.iter() {
                    if one(self, Some(item), 0, item)? == Next::Enough {
                        return Ok(Next::Enough);
                    }
                }
            }
            _ => {}
        }
        Ok(Next::More)
    }

    fn found(
        &mut self,
        scan: &'p Scan,
        place: Place,
        frame: &mut Frame,
        then: Taker<'_, 'p>,
    ) -> Flow {
        let Some(value) = self.whole(place, scan.span)? else { return Ok(Next::More) };
        if scan.truthy && matches!(value, Value::Bool(false)) {
            return Ok(Next::More);
        }
        if !self.matches(&scan.value, &value, frame)? {
            return Ok(Next::More);
        }
        then(self, frame)
    }
}
