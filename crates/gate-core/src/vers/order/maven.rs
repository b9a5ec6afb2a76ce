//! Maven: lists within lists of numbers and qualifiers, of which trailing nulls are dropped.

use std::cmp::Ordering;

use super::{digits, is_number};

/// Qualifiers in their order; the empty one is the release.
const QUALIFIERS: [&str; 7] = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];
/// A new list begins at every change between letters and digits: a version of a thousand is none.
const DEPTH: usize = 100;

/// Compares versions as Maven does.
pub(in crate::vers) fn compare(left: &str, right: &str) -> Ordering {
    if left.len() > DEPTH || right.len() > DEPTH {
        return left.cmp(right);
    }
    lists(&parse(left), &parse(right))
}

enum Item {
    Number(String),
    Word(String),
    List(Vec<Item>),
}

impl Item {
    fn of(text: &str, before_digit: bool) -> Self {
        if is_number(text) {
            return Self::Number(text.to_owned());
        }
        Self::Word(match (text, before_digit) {
            ("a", true) => "alpha".to_owned(),
            ("b", true) => "beta".to_owned(),
            ("m", true) => "milestone".to_owned(),
            ("ga" | "final" | "release", _) => String::new(),
            ("cr", _) => "rc".to_owned(),
            (other, _) => other.to_owned(),
        })
    }

    fn is_null(&self) -> bool {
        match self {
            Self::Number(number) => digits(number, "").is_eq(),
            Self::Word(word) => word.is_empty(),
            Self::List(list) => list.is_empty(),
        }
    }

    fn against_nothing(&self) -> Ordering {
        match self {
            Self::Number(number) => digits(number, ""),
            Self::Word(word) => qualifier(word).cmp(&qualifier("")),
            Self::List(list) => list
                .iter()
                .map(Self::against_nothing)
                .find(|it| it.is_ne())
                .unwrap_or(Ordering::Equal),
        }
    }
}

fn parse(text: &str) -> Vec<Item> {
    let text = text.to_lowercase();
    let mut open: Vec<Vec<Item>> = vec![vec![]];
    let mut token = String::new();
    let add = |open: &mut Vec<Vec<Item>>, item: Item, nest: bool| {
        if let Some(list) = open.last_mut() {
            list.push(item);
        }
        if nest {
            open.push(vec![]);
        }
    };
    for character in text.chars() {
        match character {
            '.' | '-' => {
                let item = match token.as_str() {
                    "" => Item::Number("0".to_owned()),
                    token => Item::of(token, false),
                };
                add(&mut open, item, character == '-');
                token.clear();
            }
            _ => {
                let digit = character.is_ascii_digit();
                let changes =
                    token.chars().last().is_some_and(|last| last.is_ascii_digit() != digit);
                if changes {
                    add(&mut open, Item::of(&token, digit), true);
                    token.clear();
                }
                token.push(character);
            }
        }
    }
    if !token.is_empty() {
        add(&mut open, Item::of(&token, false), false);
    }
    let mut inner = open.pop().unwrap_or_default();
    trim(&mut inner);
    while let Some(mut outer) = open.pop() {
        outer.push(Item::List(inner));
        trim(&mut outer);
        inner = outer;
    }
    inner
}

/// Drops nulls at the end, and before a list at the end.
fn trim(list: &mut Vec<Item>) {
    let mut at = list.len();
    while at > 0 {
        at -= 1;
        if list[at].is_null() {
            list.remove(at);
        } else if !matches!(list[at], Item::List(_)) {
            break;
        }
    }
}

fn qualifier(word: &str) -> (usize, &str) {
    match QUALIFIERS.iter().position(|known| *known == word) {
        Some(at) => (at, ""),
        None => (QUALIFIERS.len(), word),
    }
}

fn lists(left: &[Item], right: &[Item]) -> Ordering {
    for at in 0..left.len().max(right.len()) {
        let order = match (left.get(at), right.get(at)) {
            (Some(one), Some(other)) => items(one, other),
            (Some(one), None) => one.against_nothing(),
            (None, Some(other)) => other.against_nothing().reverse(),
            (None, None) => Ordering::Equal,
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// Numbers are newer than lists, lists newer than words.
fn items(left: &Item, right: &Item) -> Ordering {
    match (left, right) {
        (Item::Number(one), Item::Number(other)) => digits(one, other),
        (Item::Word(one), Item::Word(other)) => qualifier(one).cmp(&qualifier(other)),
        (Item::List(one), Item::List(other)) => lists(one, other),
        (Item::Number(_), _) | (Item::List(_), Item::Word(_)) => Ordering::Greater,
        (_, Item::Number(_)) | (Item::Word(_), Item::List(_)) => Ordering::Less,
    }
}
