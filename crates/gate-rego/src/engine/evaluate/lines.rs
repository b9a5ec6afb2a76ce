//! The lines of a program that evaluation can reach.

use std::collections::BTreeSet;

use crate::engine::ast::Span;
use crate::engine::program::{
    Access, Base, Block, Call, Collection, Comprehension, Pattern, Program, Rule, Step, StepKind,
    Term, WithValue,
};

/// Lines by file and number: those of rule heads, of `else` and of the literals in bodies.
pub(crate) fn lines(program: &Program) -> BTreeSet<(u32, u32)> {
    let mut lines = Lines(BTreeSet::new());
    for group in &program.groups {
        group.rules.iter().chain(&group.default).for_each(|rule| lines.rule(rule));
    }
    lines.0
}

struct Lines(BTreeSet<(u32, u32)>);

impl Lines {
    fn add(&mut self, span: Span) {
        self.0.insert((span.file, span.line));
    }

    fn rule(&mut self, rule: &Rule) {
        self.add(rule.head);
        rule.arguments.iter().for_each(|pattern| self.pattern(pattern));
        rule.path.iter().for_each(|term| self.term(term));
        for (number, branch) in rule.branches.iter().enumerate() {
            if number > 0 {
                self.add(branch.span);
            }
            self.block(&branch.body);
            self.term(&branch.value);
        }
    }

    fn block(&mut self, block: &Block) {
        block.steps.iter().for_each(|step| self.step(step));
    }

    fn step(&mut self, step: &Step) {
        self.add(step.span);
        for with in &step.with {
            if let WithValue::Term(term) = &with.value {
                self.term(term);
            }
        }
        match &step.kind {
            StepKind::Test(term) => self.term(term),
            StepKind::Match(term, pattern) => {
                self.term(term);
                self.pattern(pattern);
            }
            StepKind::Scan(scan) => {
                self.base(&scan.base);
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
                print.arguments.iter().for_each(|argument| self.comprehension(argument));
            }
        }
    }

    fn base(&mut self, base: &Base) {
        if let Base::Term(term) = base {
            self.term(term);
        }
    }

    fn call(&mut self, call: &Call) {
        call.arguments.iter().for_each(|argument| self.term(argument));
    }

    fn term(&mut self, term: &Term) {
        match term {
            Term::Constant(_) | Term::Slot(_) => {}
            Term::Array(terms) | Term::Set(terms) => terms.iter().for_each(|term| self.term(term)),
            Term::Object(entries) => {
                for (key, value) in entries {
                    self.term(key);
                    self.term(value);
                }
            }
            Term::Reference(reference) => {
                self.base(&reference.base);
                reference.path.iter().for_each(|term| self.term(term));
            }
            Term::Call(call) => self.call(call),
            Term::Comprehension(comprehension) => self.comprehension(comprehension),
        }
    }

    fn comprehension(&mut self, comprehension: &Comprehension) {
        self.block(&comprehension.body);
        match &comprehension.collection {
            Collection::Array(term) | Collection::Set(term) => self.term(term),
            Collection::Object(key, value) => {
                self.term(key);
                self.term(value);
            }
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        match pattern {
            Pattern::Any | Pattern::Bind(_) => {}
            Pattern::Equal(term) => self.term(term),
            Pattern::Array(parts) => parts.iter().for_each(|part| self.pattern(part)),
            Pattern::Object(parts) => {
                for (key, part) in parts {
                    self.term(key);
                    self.pattern(part);
                }
            }
        }
    }
}
