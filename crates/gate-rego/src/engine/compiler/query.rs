//! Queries.

use std::collections::HashSet;
use std::sync::Arc;

use super::body::is_relation;
use super::intermediate::{Literal, LiteralKind, Term};
use super::lower::Lowering;
use super::names::Names;
use super::reference::Builder;
use super::scope::World;
use super::tree::{Outline, Skeleton};
use super::variables::Variables;
use super::{Error, Options, Query, dynamics, types, unused};
use crate::engine::ast::Body;
use crate::engine::program::{Node, Program};
use crate::engine::value::Value;

/// Compiles a query over a program.
pub(crate) fn compile_query(
    program: &Program,
    body: &Body,
    options: Options,
) -> Result<Query, Vec<Error>> {
    let skeleton = outline(program);
    let names = Names::none();
    let world = World { skeleton: &skeleton, modules: &[], options, names: &names };
    let mut builder = Builder::new(&world, None);
    let one = |error| vec![error];
    builder.scopes.enter(unused::declared_names(body));
    let mut literals = Vec::new();
    let mut expressions = Vec::new();
    for literal in &body.literals {
        let first = literals.len();
        builder.literal(literal, &mut literals).map_err(one)?;
        if first < literals.len() {
            let check = body.literals.len() > 1 || iterates(&literals[first..]);
            expressions.push((literal.span, builder.captured_value(&mut literals, check)));
        }
    }
    builder.scopes.leave().map_err(one)?;
    let literals = builder.ordered(literals, &Variables::new(), body.span)?;
    let literals = dynamics::body(literals, &mut builder.scopes, false);
    let errors = types::check_query(&literals, &builder.scopes, &skeleton, &program.typing);
    if !errors.is_empty() {
        return Err(errors);
    }
    let variables =
        builder.scopes.named().map(|(slot, name)| (Arc::clone(name), slot)).collect::<Vec<_>>();
    let labels = builder.scopes.labels();
    let mut lowering = Lowering::new(&skeleton, &builder.scopes);
    let mut bound = HashSet::new();
    let body = lowering.block(literals, &mut bound);
    let variables = variables.into_iter().filter(|(_, slot)| bound.contains(slot)).collect();
    let expressions =
        expressions.into_iter().map(|(span, value)| (span, lowering.term(value))).collect();
    let slots = lowering.slots();
    Ok(Query { body, slots, variables, expressions, labels })
}

impl Builder<'_> {
    /// Keeps the value of a query's last literal in a variable, so that the result can show it.
    /// In a query of several literals, or one that iterates, it must also not be `false`.
    fn captured_value(&mut self, literals: &mut Vec<Literal>, check: bool) -> Term {
        let shown = Term::Constant(Value::Bool(true));
        let Some(last) = literals.last_mut() else { return shown };
        let value = self.scopes.fresh();
        match &mut last.kind {
            LiteralKind::Term(term) => {
                let left = Term::Variable(value);
                let right = std::mem::replace(term, shown);
                last.kind = LiteralKind::Unify { left, right, assigned: false };
            }
            LiteralKind::Call(call) if call.arguments.len() == call.arity => {
                call.arguments.push(Term::Variable(value));
            }
            _ => return shown,
        }
        if check {
            let span = last.span;
            literals.push(Literal::new(span, LiteralKind::Term(Term::Variable(value))));
        }
        Term::Variable(value)
    }
}

/// Whether a query may hold in several ways.
fn iterates(literals: &[Literal]) -> bool {
    let iterating = |term: &Term| match term {
        Term::Reference(reference) => {
            reference.path.iter().any(|part| !matches!(part, Term::Constant(_)))
        }
        _ => false,
    };
    literals.iter().any(|literal| match &literal.kind {
        LiteralKind::Term(term) => iterating(term),
        LiteralKind::Unify { left, right, .. } => iterating(left) || iterating(right),
        LiteralKind::Call(call) => is_relation(call.callee) || call.arguments.iter().any(iterating),
        _ => false,
    })
}

/// The tree of a program as far as names are concerned.
fn outline(program: &Program) -> Skeleton {
    let node = |node: &Node| Node {
        children: node.children.clone(),
        group: node.group,
        path: node.path.clone(),
    };
    let nodes: Vec<Node> = program.nodes.iter().map(node).collect();
    let groups = program.groups.iter().map(|group| {
        let (node, _) = program.descend(group.path.iter().map(|part| &**part));
        let (sites, adopted) = (Vec::new(), Vec::new());
        Outline { path: group.path.clone(), node, kind: group.kind, sites, adopted, covers: None }
    });
    Skeleton { nodes, groups: groups.collect() }
}
