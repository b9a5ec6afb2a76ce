//! Numbers are read, computed and written as OPA does.

use super::*;

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

fn check(expected: &str, result: Result<Number, ArithmeticError>) {
    assert_eq!(result.map(|number| number.to_string()), Ok(expected.to_owned()));
}

#[test]
fn text_is_kept() {
    for text in ["0", "-0", "1.10", "1e3", "1E-2", "123456789012345678901234567890", "-7"] {
        assert_eq!(number(text).to_string(), text);
    }
}

#[test]
fn what_is_no_json_number_is_refused() {
    for text in ["", "-", "01", "1.", ".5", "1e", "+1", "1e+", "0x1", "1_0", "NaN", " 1"] {
        assert_eq!(Number::parse(text).err(), Some(NumberError::Syntax), "{text:?}");
    }
    for text in ["1e99999", "1e-99999", "1e999999999999999999999"] {
        assert_eq!(Number::parse(text).err(), Some(NumberError::TooBig), "{text:?}");
    }
}

#[test]
fn comparison_is_exact() {
    assert_eq!(number("1"), number("1.0"));
    assert_eq!(number("100"), number("1e2"));
    assert_eq!(number("-0"), number("0"));
    assert!(number("9007199254740993") > number("9007199254740992.5"));
    assert!(number("0.1") < number("0.10000000000000000000000000001"));
    assert!(number("-1e3") < number("-999"));
    assert!(number("1e30") > number("999999999999999999999999999999"));
    assert!(number("20") > number("3"));
}

#[test]
fn equal_numbers_hash_alike() {
    let hash = |text: &str| {
        let mut hasher = std::hash::DefaultHasher::new();
        number(text).hash(&mut hasher);
        hasher.finish()
    };
    assert_eq!(hash("1"), hash("1.00"));
    assert_eq!(hash("0"), hash("-0.0"));
    assert_eq!(hash("123456789012345678901234567890"), hash("123456789012345678901234567890.0"));
}

#[test]
fn decimals_add_up_as_in_opa() {
    check("0.3", number("0.1").add(&number("0.2")));
    check("110", number("100").multiply(&number("1.1")));
    check("3", number("1.5").add(&number("1.5")));
    check("-0.5", number("1").subtract(&number("1.5")));
    check("0", number("1.5").subtract(&number("1.5")));
    check("2", number("1.0").add(&number("1.0")));
}

#[test]
fn integers_are_exact() {
    check("9223372036854775808", number("9223372036854775807").add(&number("1")));
    check("100000000000000000000000000001", number("1e29").add(&number("1")));
    check("340282366920938463463374607431768211456", {
        let square = number("18446744073709551616");
        square.multiply(&square)
    });
}

#[test]
fn division_is_integer_only_where_it_divides_in_32_bits() {
    check("2", number("6").divide(&number("3")));
    check("3.3333333333333333333", number("10").divide(&number("3")));
    check("0.5", number("1").divide(&number("2")));
    check("-0", number("0").divide(&number("-1")));
    check("5000000000", number("10000000000").divide(&number("2")));
    assert_eq!(number("1").divide(&number("0.0")), Err(ArithmeticError::DivideByZero));
}

#[test]
fn remainder_is_for_integers() {
    check("-1", number("-7").remainder(&number("3")));
    check("10", number("10").remainder(&number("18446744073709551616")));
    assert_eq!(number("1").remainder(&number("0")), Err(ArithmeticError::ModuloByZero));
    assert_eq!(number("1.5").remainder(&number("1")), Err(ArithmeticError::ModuloOnFloat));
}

#[test]
fn large_fractions_have_an_exponent_and_large_integers_none() {
    check("1.2345675e+06", number("1234567").add(&number("0.5")));
    check("123456.5", number("123456").add(&number("0.5")));
    check("1e-05", number("0.00001").multiply(&number("1")));
    check("10000000000000000000000", number("1e22").absolute());
}

#[test]
fn rounding_functions() {
    check("3", number("2.5").round());
    check("-3", number("-2.5").round());
    check("2", number("1.2").ceil());
    check("-2", number("-1.2").floor());
    check("1", number("1.9").floor());
    check("1.5", number("-1.5").absolute());
}

#[test]
fn repeated_squares_are_refused_before_they_fill_the_memory() {
    let mut square = number("1e4000");
    let last = loop {
        match square.multiply(&square) {
            Ok(next) => square = next,
            Err(error) => break error,
        }
    };
    assert_eq!(last, ArithmeticError::TooBig);
}

#[test]
fn floats_print_shortest() {
    let text = |float| Number::from_f64(float).map(|number| number.to_string());
    assert_eq!(text(0.1).as_deref(), Some("0.1"));
    assert_eq!(text(1e6).as_deref(), Some("1e+06"));
    assert_eq!(text(123_456.0).as_deref(), Some("123456"));
    assert_eq!(text(-0.000_01).as_deref(), Some("-1e-05"));
    assert_eq!(text(f64::NAN), None);
}

#[test]
fn integers_by_text_and_by_value() {
    assert_eq!(number("7.0").as_i64(), Some(7));
    assert_eq!(number("1e2").as_i64(), None);
    assert_eq!(number("1e2").as_integer(), Some(100.into()));
    assert_eq!(number("1.5").as_integer(), None);
}
