//! Version ranges in VERS notation (`vers:npm/>=1.0|<2.0`): parsed, sorted, and asked whether they
//! hold a version. The order of versions is that of the ecosystem that the range names.

mod native;
mod order;
mod parse;
mod scheme;

use std::cmp::Ordering;
use std::fmt;

pub use native::from_native;
pub use scheme::Scheme;

/// Constraints of one range: advisories have tens.
const CONSTRAINTS: usize = 1_000;
/// Bytes of one range.
const BYTES: usize = 64 << 10;

/// A range of versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The type as it is written, in lower case.
    name: String,
    scheme: Option<Scheme>,
    constraints: Vec<Constraint>,
}

/// One bound of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    /// How versions compare to the bound.
    pub comparator: Comparator,
    /// The bound; empty with [`Comparator::Any`].
    pub version: String,
}

/// How a version is held against a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    /// `*`: every version.
    Any,
    /// Exactly this version; written without a sign.
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A text that is no range, or a range that cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RangeError(String);

impl RangeError {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl Comparator {
    /// Its sign; empty for equality.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Any => "*",
            Self::Equal => "",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    const fn is_below(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual)
    }

    const fn is_above(self) -> bool {
        matches!(self, Self::Greater | Self::GreaterOrEqual)
    }
}

impl Range {
    /// Reads a range as people write it: constraints in any order, blanks between them.
    pub fn parse(text: &str) -> Result<Self, RangeError> {
        let (name, constraints) = parse::lenient(text)?;
        Self::new(name, constraints)
    }

    /// Reads a range in its one canonical form; anything else is refused.
    pub fn parse_canonical(text: &str) -> Result<Self, RangeError> {
        let (name, constraints) = parse::canonical(text)?;
        let range = Self::new(name, constraints.clone())?;
        if range.constraints != constraints {
            return Err(RangeError::new("the constraints are not sorted by version"));
        }
        let twice = |pair: &[Constraint]| match range.scheme {
            Some(scheme) => {
                scheme.compare(&pair[0].version, &pair[1].version) == Some(Ordering::Equal)
            }
            None => pair[0].version == pair[1].version,
        };
        if range.constraints.windows(2).any(twice) {
            return Err(RangeError::new("a version stands in two constraints"));
        }
        Ok(range)
    }

    fn new(name: String, mut constraints: Vec<Constraint>) -> Result<Self, RangeError> {
        if name == "invalid" {
            return Err(RangeError::new("the type `invalid` names no range"));
        }
        if constraints.len() > CONSTRAINTS {
            return Err(RangeError::new(format!("has more than {CONSTRAINTS} constraints")));
        }
        let any = constraints.iter().any(|it| it.comparator == Comparator::Any);
        if any && constraints.len() > 1 {
            return Err(RangeError::new("`*` stands beside other constraints"));
        }
        if matches!(name.as_str(), "all" | "none") && !any {
            return Err(RangeError::new(format!("the type `{name}` has `*` as its constraint")));
        }
        let scheme = Scheme::named(&name);
        if let Some(scheme) = scheme {
            for constraint in constraints.iter().filter(|it| it.comparator != Comparator::Any) {
                if scheme.compare(&constraint.version, &constraint.version).is_none() {
                    let version = &constraint.version;
                    return Err(RangeError::new(format!("`{version}` is no version of {name}")));
                }
            }
            // Of two bounds at one version the one that ends an interval stands before the one
            // that begins the next.
            let order = |a: &Constraint, b: &Constraint| {
                let ends = |it: &Constraint| it.comparator != Comparator::Less;
                let versions = scheme.compare(&a.version, &b.version).unwrap_or(Ordering::Equal);
                versions.then_with(|| ends(a).cmp(&ends(b)))
            };
            constraints.sort_by(order);
        }
        Ok(Self { name, scheme, constraints })
    }

    /// The type: which ecosystem's versions these are.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The constraints, sorted by version.
    pub fn constraints(&self) -> &[Constraint] {
        &self.constraints
    }

    /// Whether the range holds this version. An error where nobody knows: the type defines no order
    /// or the version is none of its kind.
    pub fn contains(&self, version: &str) -> Result<bool, RangeError> {
        if self.constraints.iter().any(|it| it.comparator == Comparator::Any) {
            return Ok(self.name != "none");
        }
        let Some(scheme) = self.scheme else {
            return Err(RangeError::new(format!("the type `{}` defines no order", self.name)));
        };
        let mut bounds = vec![];
        let mut excluded = false;
        for constraint in &self.constraints {
            let order = scheme.compare(version, &constraint.version).ok_or_else(|| {
                RangeError::new(format!("`{version}` is no version of {}", self.name))
            })?;
            match (constraint.comparator, order) {
                (Comparator::NotEqual, Ordering::Equal) => return Ok(false),
                (Comparator::NotEqual, _) => excluded = true,
                (Comparator::Equal, Ordering::Equal) => return Ok(true),
                (Comparator::Equal | Comparator::Any, _) => {}
                (comparator, order) => bounds.push((comparator, order)),
            }
        }
        let equal = self.constraints.iter().any(|it| it.comparator == Comparator::Equal);
        if bounds.is_empty() {
            return Ok(excluded && !equal);
        }
        Ok(within(&widest(bounds)))
    }
}

/// Of neighbours that look the same way the wider one: `>1|>2` is `>1`, `<1|<2` is `<2`.
fn widest(bounds: Vec<(Comparator, Ordering)>) -> Vec<(Comparator, Ordering)> {
    let mut kept: Vec<(Comparator, Ordering)> = vec![];
    for bound in bounds {
        match kept.last_mut() {
            Some(last) if last.0.is_above() && bound.0.is_above() => {}
            Some(last) if last.0.is_below() && bound.0.is_below() => *last = bound,
            _ => kept.push(bound),
        }
    }
    kept
}

/// Whether a version lies within one of the intervals that sorted bounds make.
fn within(bounds: &[(Comparator, Ordering)]) -> bool {
    let holds = |(comparator, order): &(Comparator, Ordering)| match comparator {
        Comparator::Less => order.is_lt(),
        Comparator::LessOrEqual => order.is_le(),
        Comparator::Greater => order.is_gt(),
        Comparator::GreaterOrEqual => order.is_ge(),
        Comparator::Any | Comparator::Equal | Comparator::NotEqual => false,
    };
    let open_below = bounds.first().is_some_and(|first| first.0.is_below() && holds(first));
    let open_above = bounds.last().is_some_and(|last| last.0.is_above() && holds(last));
    let between = |pair: &[(Comparator, Ordering)]| {
        pair[0].0.is_above() && pair[1].0.is_below() && holds(&pair[0]) && holds(&pair[1])
    };
    open_below || open_above || bounds.windows(2).any(between)
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "vers:{}/", self.name)?;
        for (at, constraint) in self.constraints.iter().enumerate() {
            let bar = if at == 0 { "" } else { "|" };
            let Constraint { comparator, version } = constraint;
            write!(f, "{bar}{}{}", comparator.sign(), parse::encode(version))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(range: &str, version: &str) -> bool {
        Range::parse(range).unwrap().contains(version).unwrap()
    }

    #[test]
    fn a_range_holds_what_lies_within_its_intervals() {
        for (range, inside, outside) in [
            ("vers:npm/>=1.0.0|<2.0.0", "1.9.9", "2.0.0"),
            ("vers:npm/<1.0.0|>=2.0.0|<3.0.0", "0.9.0", "1.0.0"),
            ("vers:npm/<2.0.0|>=1.0.0", "1.0.0", "0.9.0"),
            ("vers:pypi/>1|>2|<4|<3", "3.5", "1"),
            ("vers:deb/1.0-1|1.0-3", "1.0-3", "1.0-2"),
            ("vers:npm/!=1.2.0", "1.2.1", "1.2.0"),
            ("vers:npm/>=1.0.0|!=1.2.0", "1.3.0", "1.2.0"),
            ("vers:golang/<0.44.0", "v0.43.0", "v0.44.0"),
        ] {
            assert!(holds(range, inside), "{range} {inside}");
            assert!(!holds(range, outside), "{range} {outside}");
        }
        assert!(holds("vers:npm/*", "1.0.0") && !holds("vers:none/*", "1.0.0"));
    }

    #[test]
    fn what_nobody_can_order_is_an_error_and_no_answer() {
        assert!(Range::parse("vers:example/>=1").unwrap().contains("2").is_err());
        assert!(
            Range::parse("vers:datetime/>2024-01-01T00:00:00Z").unwrap().contains("x").is_err()
        );
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "",
            "vers:",
            "npm/1",
            "vers:npm",
            "vers:npm/",
            "vers:/1",
            "vers:npm/*|1",
            "vers:invalid/*",
            "vers:npm/1%2",
            "vers:npm/>=",
            "vers:all/1",
            "vers:datetime/tomorrow",
        ] {
            assert!(Range::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn one_range_has_one_canonical_form() {
        let range = Range::parse("vers:NPM/ <2.0.0 | >=1.0.0 ").unwrap();
        assert_eq!(range.to_string(), "vers:npm/>=1.0.0|<2.0.0");
        assert_eq!(Range::parse_canonical(&range.to_string()), Ok(range));
        for text in [
            "vers:npm/<2.0.0|>=1.0.0",
            "vers:npm/|1",
            "vers:npm/1|",
            "vers:npm/1||2",
            "vers:npm/1 ",
            "vers:npm/%31",
            "vers:npm/1%2f",
            "vers:npm/>=1|<1",
        ] {
            assert!(Range::parse_canonical(text).is_err(), "{text}");
        }
    }
}
