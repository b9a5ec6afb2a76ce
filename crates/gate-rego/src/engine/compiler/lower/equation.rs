//! `left = right` as matching: one side is known, the other is a pattern. Sides of which parts are
//! known are taken apart.

use super::{Bound, Lowering, all_bound};
use crate::engine::compiler::intermediate::{Reference, Root, Term};
use crate::engine::compiler::unify::same_constant;
use crate::engine::program::{self, Pattern, StepKind};
use crate::engine::value::Value;

impl Lowering<'_> {
    pub(super) fn equation(
        &mut self,
        left: Term,
        right: Term,
        bound: &mut Bound,
        steps: &mut Vec<StepKind>,
    ) {
        let mut waiting = vec![(left, right)];
        while !waiting.is_empty() {
            let before = waiting.len();
            let mut left_over = Vec::new();
            let mut split = false;
            for (left, right) in waiting {
                match self.pair(left, right, bound, steps) {
                    Paired::Done => {}
                    Paired::Split(mut parts) => {
                        split = true;
                        left_over.append(&mut parts);
                    }
                    Paired::Later(pair) => left_over.push(*pair),
                }
            }
            if !split && left_over.len() == before {
                // Safety has an order for everything; what is left would compare unbound
                // variables, so the literal does not hold.
                steps.push(never());
                return;
            }
            waiting = left_over;
        }
    }

    fn pair(
        &mut self,
        left: Term,
        right: Term,
        bound: &mut Bound,
        steps: &mut Vec<StepKind>,
    ) -> Paired {
        match (left, right) {
            (Term::Reference(one), Term::Reference(other)) => {
                self.two_references(*one, *other, bound, steps);
                Paired::Done
            }
            (Term::Reference(reference), other) | (other, Term::Reference(reference)) => {
                if !root_is_bound(&reference, bound) {
                    return Paired::Later(Box::new((Term::Reference(reference), other)));
                }
                let step = self.look(*reference, Some(other), bound, false);
                steps.push(step);
                Paired::Done
            }
            (known, other) if all_bound(&known, bound) => {
                steps.push(self.matching(known, other, bound));
                Paired::Done
            }
            (other, known) if all_bound(&known, bound) => {
                steps.push(self.matching(known, other, bound));
                Paired::Done
            }
            (Term::Array(left), Term::Array(right)) => {
                if left.len() != right.len() {
                    steps.push(never());
                    return Paired::Done;
                }
                Paired::Split(left.into_iter().zip(right).collect())
            }
            (Term::Object(left), Term::Object(right)) => objects(left, right, steps),
            (Term::Variable(left), right) => Paired::Later(Box::new((Term::Variable(left), right))),
            (left, Term::Variable(right)) => Paired::Later(Box::new((left, Term::Variable(right)))),
            _ => {
                steps.push(never());
                Paired::Done
            }
        }
    }

    fn matching(&mut self, known: Term, other: Term, bound: &mut Bound) -> StepKind {
        let term = self.term_in(known, bound);
        StepKind::Match(term, self.pattern(other, bound))
    }

    /// The first is looked up and kept; what the second finds must equal it.
    fn two_references(
        &mut self,
        one: Reference,
        other: Reference,
        bound: &mut Bound,
        steps: &mut Vec<StepKind>,
    ) {
        let known = |reference: &Reference, bound: &Bound| {
            root_is_bound(reference, bound)
                && reference.path.iter().all(|part| all_bound(part, bound))
        };
        // One that has a single value can be compared with directly.
        let (scanned, compared) = if known(&other, bound) || !root_is_bound(&other, bound) {
            (one, other)
        } else {
            (other, one)
        };
        if known(&compared, bound) {
            let compared = Term::Reference(Box::new(compared));
            let step = self.look(scanned, Some(compared), bound, false);
            steps.push(step);
            return;
        }
        let kept = self.spare();
        steps.push(self.look(scanned, Some(Term::Variable(kept)), bound, false));
        steps.push(self.look(compared, Some(Term::Variable(kept)), bound, false));
    }
}

/// What became of two sides.
enum Paired {
    Done,
    /// Their parts are to be equal.
    Split(Vec<(Term, Term)>),
    /// Other equations have to bind something first.
    Later(Box<(Term, Term)>),
}

fn objects(
    left: Vec<(Term, Term)>,
    mut right: Vec<(Term, Term)>,
    steps: &mut Vec<StepKind>,
) -> Paired {
    let mut parts = Vec::with_capacity(left.len());
    for (key, value) in left {
        let Some(at) = right.iter().position(|(other, _)| same_constant(&key, other)) else {
            steps.push(never());
            return Paired::Done;
        };
        parts.push((value, right.swap_remove(at).1));
    }
    if !right.is_empty() {
        steps.push(never());
        return Paired::Done;
    }
    Paired::Split(parts)
}

fn root_is_bound(reference: &Reference, bound: &Bound) -> bool {
    match reference.root {
        Root::Input | Root::Data => true,
        Root::Variable(variable) => bound.contains(&variable),
    }
}

/// A step that does not hold.
fn never() -> StepKind {
    StepKind::Match(
        program::Term::Constant(Value::Bool(false)),
        Pattern::Equal(program::Term::Constant(Value::Bool(true))),
    )
}
