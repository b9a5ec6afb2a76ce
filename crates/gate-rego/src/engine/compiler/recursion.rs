//! Rules that depend on themselves, and chains of rules that are too long to evaluate.

use std::collections::HashMap;

use super::tree::{Site, Skeleton};
use super::{Code, Error};
use crate::engine::ast::Span;
use crate::engine::program::{
    Access, Base, Block, Call, Callee, Collection, GroupId, NodeId, Pattern, Rule, StepKind, Term,
    WithTarget, WithValue,
};
use crate::engine::value::Value;

/// What depends on what.
pub(super) struct Dependencies {
    /// Rules, each after those that it depends on.
    pub(super) order: Vec<usize>,
    /// For each rule, then for each node: the rules and nodes that depend on it.
    pub(super) dependents: Vec<Vec<usize>>,
}

pub(super) fn check(
    skeleton: &Skeleton,
    rules: &[(Site, Rule)],
    chain: usize,
) -> Result<Dependencies, Error> {
    let mut graph = Graph::new(skeleton, rules);
    for (at, (_, rule)) in rules.iter().enumerate() {
        let mut edges = Edges { graph: &graph, targets: Vec::new() };
        edges.rule(rule);
        let mut targets = edges.targets;
        targets.sort_unstable();
        targets.dedup();
        graph.edges[at] = targets;
    }
    let order = graph.search(rules, chain)?;
    let mut dependents = vec![Vec::new(); graph.edges.len()];
    for (at, targets) in graph.edges.iter().enumerate() {
        for target in targets {
            dependents[*target].push(at);
        }
    }
    Ok(Dependencies { order, dependents })
}

/// Rules, then nodes: a node stands for all rules at and below it.
struct Graph<'a> {
    skeleton: &'a Skeleton,
    rules: &'a [(Site, Rule)],
    by_group: HashMap<GroupId, Vec<usize>>,
    edges: Vec<Vec<usize>>,
}

impl<'a> Graph<'a> {
    fn new(skeleton: &'a Skeleton, rules: &'a [(Site, Rule)]) -> Self {
        let mut by_group: HashMap<GroupId, Vec<usize>> = HashMap::new();
        for (at, (site, _)) in rules.iter().enumerate() {
            by_group.entry(site.group).or_default().push(at);
        }
        let mut edges = vec![Vec::new(); rules.len() + skeleton.nodes.len()];
        for (at, node) in skeleton.nodes.iter().enumerate() {
            let below = node.children.iter().map(|(_, child)| rules.len() + child.0 as usize);
            edges[rules.len() + at] = below.collect();
            let own = node.group.and_then(|group| by_group.get(&group));
            edges[rules.len() + at].extend(own.into_iter().flatten());
        }
        Self { skeleton, rules, by_group, edges }
    }

    fn node(&self, id: NodeId) -> usize {
        self.rules.len() + id.0 as usize
    }

    /// Depth first, without recursion: the rules in the order of their dependencies. A cycle is an
    /// error, and a chain that is too long.
    fn search(&self, rules: &[(Site, Rule)], chain: usize) -> Result<Vec<usize>, Error> {
        let mut order = Vec::with_capacity(rules.len());
        let mut height: Vec<Option<usize>> = vec![None; self.edges.len()];
        for start in 0..rules.len() {
            let mut path: Vec<(usize, usize)> = vec![(start, 0)];
            let mut open: HashMap<usize, usize> = HashMap::from([(start, 0)]);
            if height[start].is_some() {
                continue;
            }
            while let Some((at, next)) = path.last_mut() {
                let at = *at;
                if let Some(target) = self.edges[at].get(*next).copied() {
                    *next += 1;
                    if let Some(first) = open.get(&target) {
                        let cycle = path[*first..].iter().map(|(at, _)| *at);
                        return Err(self.cycle(cycle.chain([target])));
                    }
                    if height[target].is_none() {
                        open.insert(target, path.len());
                        path.push((target, 0));
                    }
                } else {
                    let deepest = self.edges[at].iter().filter_map(|below| height[*below]).max();
                    let own = deepest.unwrap_or(0) + usize::from(at < rules.len());
                    if own > chain {
                        let message =
                            format!("a chain of more than {chain} rules refer to each other");
                        return Err(Error::new(Code::Compile, rules[at].1.head, message));
                    }
                    height[at] = Some(own);
                    if at < rules.len() {
                        order.push(at);
                    }
                    open.remove(&at);
                    path.pop();
                }
            }
        }
        Ok(order)
    }

    fn cycle(&self, members: impl Iterator<Item = usize>) -> Error {
        let rules: Vec<usize> = members.filter(|at| *at < self.rules.len()).collect();
        let name = |at: usize| {
            let (site, rule) = &self.rules[at];
            let path = &self.skeleton.group(site.group).path;
            let constant = rule.path.iter().map_while(|part| part.constant()?.as_str());
            let parts = path.iter().map(|part| &**part).chain(constant);
            std::iter::once("data").chain(parts).collect::<Vec<_>>().join(".")
        };
        let first = rules.first().copied().unwrap_or(0);
        let mut names: Vec<String> = rules.iter().map(|at| name(*at)).collect();
        if rules.len() == 1 || rules.first() != rules.last() {
            names.push(name(first));
        }
        let span: Span = self.rules[first].1.head;
        let message = format!("rule {} is recursive: {}", names[0], names.join(" -> "));
        Error::new(Code::Recursion, span, message)
    }
}

/// Collects what a rule depends on.
struct Edges<'a, 'b> {
    graph: &'a Graph<'b>,
    targets: Vec<usize>,
}

impl Edges<'_, '_> {
    fn rule(&mut self, rule: &Rule) {
        for pattern in &rule.arguments {
            self.pattern(pattern);
        }
        for term in &rule.path {
            self.term(term);
        }
        for branch in &rule.branches {
            self.block(&branch.body);
            self.term(&branch.value);
        }
    }

    fn block(&mut self, block: &Block) {
        for step in &block.steps {
            match &step.kind {
                StepKind::Test(term) => self.term(term),
                StepKind::Match(term, pattern) => {
                    self.term(term);
                    self.pattern(pattern);
                }
                StepKind::Scan(scan) => {
                    let keys: Vec<Option<&Value>> = scan
                        .path
                        .iter()
                        .map(|access| match access {
                            Access::Key(term) => term.constant(),
                            Access::Each(_) => None,
                        })
                        .collect();
                    self.base(&scan.base, &keys);
                    for access in &scan.path {
                        match access {
                            Access::Key(term) => self.term(term),
                            Access::Each(pattern) => self.pattern(pattern),
                        }
                    }
                    self.pattern(&scan.value);
                }
                StepKind::Relation(call, pattern) => {
                    self.call(call);
                    self.pattern(pattern);
                }
                StepKind::Not(block) | StepKind::Block(block) => self.block(block),
                StepKind::Every { domain, body, .. } => {
                    self.term(domain);
                    self.block(body);
                }
                StepKind::Print(print) => {
                    for one in &print.arguments {
                        self.block(&one.body);
                    }
                }
            }
            for with in &step.with {
                match &with.value {
                    WithValue::Term(term) => self.term(term),
                    WithValue::Function(group) => self.group(*group),
                    WithValue::Builtin(_) => {}
                }
                if let WithTarget::Function(group) = with.target {
                    self.group(group);
                }
            }
        }
    }

    fn term(&mut self, term: &Term) {
        match term {
            Term::Constant(_) | Term::Slot(_) => {}
            Term::Array(items) | Term::Set(items) => items.iter().for_each(|item| self.term(item)),
            Term::Object(entries) => entries.iter().for_each(|(key, value)| {
                self.term(key);
                self.term(value);
            }),
            Term::Reference(reference) => {
                let keys: Vec<_> = reference.path.iter().map(Term::constant).collect();
                self.base(&reference.base, &keys);
                for part in &reference.path {
                    self.term(part);
                }
            }
            Term::Call(call) => self.call(call),
            Term::Comprehension(one) => {
                self.block(&one.body);
                match &one.collection {
                    Collection::Array(term) | Collection::Set(term) => self.term(term),
                    Collection::Object(key, value) => {
                        self.term(key);
                        self.term(value);
                    }
                }
            }
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        match pattern {
            Pattern::Any | Pattern::Bind(_) => {}
            Pattern::Equal(term) => self.term(term),
            Pattern::Array(items) => items.iter().for_each(|item| self.pattern(item)),
            Pattern::Object(entries) => entries.iter().for_each(|(key, value)| {
                self.term(key);
                self.pattern(value);
            }),
        }
    }

    fn call(&mut self, call: &Call) {
        for argument in &call.arguments {
            self.term(argument);
        }
        if let Callee::Function(group) = call.callee {
            self.group(group);
        }
    }

    fn group(&mut self, group: GroupId) {
        self.targets.push(self.graph.node(self.graph.skeleton.group(group).node));
    }

    /// The rules that a look into a document may need.
    fn base(&mut self, base: &Base, keys: &[Option<&Value>]) {
        match base {
            Base::Input | Base::Data(_) => {}
            Base::Term(term) => self.term(term),
            Base::Node(node) => self.below(*node, keys),
            Base::Group(group) => self.members(*group, keys),
        }
    }

    fn below(&mut self, node: NodeId, keys: &[Option<&Value>]) {
        let Some((first, rest)) = keys.split_first() else {
            self.targets.push(self.graph.node(node));
            return;
        };
        let found = self.graph.skeleton.node(node);
        if let Some(group) = found.group {
            self.members(group, keys);
        }
        for (name, child) in &found.children {
            if first.is_none_or(|key| key.as_str() == Some(name)) {
                self.below(*child, rest);
            }
        }
    }

    fn members(&mut self, group: GroupId, keys: &[Option<&Value>]) {
        if keys.iter().all(Option::is_none) {
            self.group(group);
            return;
        }
        for at in self.graph.by_group.get(&group).into_iter().flatten() {
            let path = &self.graph.rules[*at].1.path;
            let agree = path.iter().zip(keys).all(|(part, key)| match (part.constant(), key) {
                (Some(part), Some(key)) => part == *key,
                _ => true,
            });
            if agree {
                self.targets.push(*at);
            }
        }
    }
}
