//! Types as values of their own.

use super::*;

fn text(value: &str) -> Value {
    Value::from(value)
}

#[test]
fn what_is_written_is_the_type() {
    let object = Value::object(vec![(text("a"), Value::array(vec![Value::Null, text("x")]))]);
    assert_eq!(Type::of(&object).to_string(), "object<a: array<null, string>>");
    let set = Value::set(vec![text("x"), Value::Bool(true)]);
    assert_eq!(Type::of(&set).to_string(), "set[any<boolean, string>]");
    assert_eq!(shown(&None), "???");
}

#[test]
fn alternatives_are_sorted_and_none_twice() {
    let several = or(Some(Type::String), Some(Type::Number));
    assert_eq!(or(several.clone(), Some(Type::Number)), several);
    assert_eq!(shown(&several), "any<number, string>");
    assert_eq!(or(several, Some(Type::Anything)), Some(Type::Anything));
    let function = Some(Type::function(Vec::new(), None));
    assert_eq!(or(Some(Type::String), function), None);
}

#[test]
fn a_key_that_cannot_be_there_selects_nothing() {
    let object = Type::of(&Value::object(vec![(text("a"), Value::Null)]));
    assert_eq!(object.select(&text("a")), Some(Type::Null));
    assert_eq!(object.select(&text("b")), None);
    assert_eq!(Type::String.keys(), None);
    assert_eq!(Type::Anything.select(&text("b")), Some(Type::Anything));
}

#[test]
fn types_unify_where_a_value_may_be_of_both() {
    let number = Some(Type::Number);
    let numbers = Some(Type::array(Vec::new(), number.clone()));
    let pair = Some(Type::array(vec![number.clone(), number.clone()], None));
    let texts = Some(Type::array(vec![Some(Type::String)], None));
    assert!(unifies(&numbers, &pair));
    assert!(!unifies(&numbers, &texts));
    assert!(!unifies(&pair, &texts));
    assert!(!unifies(&number, &None));
    assert!(unifies(&number, &or(Some(Type::String), number.clone())));
}

#[test]
fn a_type_that_grows_too_large_is_forgotten() {
    let mut of = Type::Number;
    for _ in 0..40 {
        of = Type::array(vec![Some(of.clone()), Some(of)], None);
    }
    assert!(size_of(&Some(of)) <= SIZE);
}
