//! Whether the children of an element stand as its type wants them.
//!
//! XML schema demands that the next child alone tells which part of the type it belongs to, so one
//! look ahead is enough and nothing is ever tried twice.

use super::{Child, Particle, What};

/// A child, and the line where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Met<'r> {
    /// `None`: of another namespace.
    pub(super) name: Option<&'r str>,
    pub(super) line: usize,
}

/// Where the children leave the type, and what would have been right there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stray {
    /// Index of the child; their count where one is missing at the end.
    pub(super) at: usize,
    /// The child that is missing there.
    pub(super) missing: Option<String>,
}

/// The child of this name, wherever in the type it may stand.
pub(super) fn child<'r>(particles: &'r [Particle], name: &str) -> Option<&'r Child> {
    particles.iter().find_map(|particle| match &particle.what {
        What::Child(child) => (child.name == name).then_some(child),
        What::Sequence(parts) | What::Choice(parts) => self::child(parts, name),
        What::Other => None,
    })
}

/// Compares children with the particles of their parent.
pub(super) fn compare(particles: &[Particle], children: &[Met<'_>]) -> Result<(), Stray> {
    match sequence(particles, children, 0)? {
        at if at == children.len() => Ok(()),
        at => Err(Stray { at, missing: None }),
    }
}

fn sequence(parts: &[Particle], children: &[Met<'_>], from: usize) -> Result<usize, Stray> {
    parts.iter().try_fold(from, |at, part| repeated(part, children, at))
}

fn repeated(particle: &Particle, children: &[Met<'_>], from: usize) -> Result<usize, Stray> {
    let mut at = from;
    let mut first = true;
    while children.get(at).is_some_and(|child| starts(particle, *child)) {
        if !first && !particle.repeated {
            break;
        }
        first = false;
        let next = once(particle, children, at)?;
        if next == at {
            break;
        }
        at = next;
    }
    if first && !particle.optional && !can_be_empty(particle) {
        return Err(Stray { at, missing: first_name(particle) });
    }
    Ok(at)
}

fn once(particle: &Particle, children: &[Met<'_>], at: usize) -> Result<usize, Stray> {
    match &particle.what {
        What::Child(_) | What::Other => Ok(at + 1),
        What::Sequence(parts) => sequence(parts, children, at),
        What::Choice(parts) => {
            let part = parts.iter().find(|part| starts(part, children[at]));
            part.map_or(Ok(at), |part| repeated(part, children, at))
        }
    }
}

/// Whether the particle can begin with this child.
fn starts(particle: &Particle, child: Met<'_>) -> bool {
    match &particle.what {
        What::Child(own) => child.name == Some(own.name.as_str()),
        What::Other => child.name.is_none(),
        What::Choice(parts) => parts.iter().any(|part| starts(part, child)),
        What::Sequence(parts) => {
            for part in parts {
                if starts(part, child) {
                    return true;
                }
                if !part.optional && !can_be_empty(part) {
                    return false;
                }
            }
            false
        }
    }
}

fn can_be_empty(particle: &Particle) -> bool {
    let empty = |part: &Particle| part.optional || can_be_empty(part);
    match &particle.what {
        What::Child(_) | What::Other => false,
        What::Sequence(parts) => parts.iter().all(empty),
        What::Choice(parts) => parts.iter().any(empty),
    }
}

fn first_name(particle: &Particle) -> Option<String> {
    match &particle.what {
        What::Child(child) => Some(format!("`{}`", child.name)),
        What::Other => None,
        What::Sequence(parts) => {
            parts.iter().find(|part| !part.optional && !can_be_empty(part)).and_then(first_name)
        }
        What::Choice(parts) => {
            let names: Vec<_> = parts.iter().filter_map(first_name).collect();
            (!names.is_empty()).then(|| names.join(" or "))
        }
    }
}
