//! METADATA blocks: found among the comments, read as YAML, attached to what follows them.

use super::{ParseError, Parsed, metadata};
use crate::engine::ast::{AnnotationScope, Annotations, Comment, Module, Span};

/// Finds a module's annotations and gives each to its rule.
pub(super) fn attach(module: &mut Module) -> Parsed<()> {
    let blocks = blocks(&module.comments);
    for block in blocks {
        let Some(target) = target(module, block.end_line) else {
            let message = "annotation is not followed by a package or a rule".to_owned();
            return Err(ParseError { span: block.span, message });
        };
        let annotations = annotations(&block, target)?;
        let number = u32::try_from(module.annotations.len()).unwrap_or(u32::MAX);
        if let Target::Rule(first) = target
            && matches!(annotations.scope, AnnotationScope::Rule | AnnotationScope::Document)
        {
            module.rules[first].annotations.push(number);
        }
        module.annotations.push(annotations);
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Target {
    Package,
    Import,
    Rule(usize),
}

struct Block {
    span: Span,
    end_line: u32,
    yaml: String,
}

fn is_start(comment: &Comment) -> bool {
    comment.span.column == 1 && comment.text.trim().starts_with("METADATA")
}

fn blocks(comments: &[Comment]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for comment in comments {
        if is_start(comment) {
            let (span, end_line) = (comment.span, comment.span.line);
            blocks.push(Block { span, end_line, yaml: String::new() });
            open = true;
            continue;
        }
        let Some(block) = blocks.last_mut().filter(|_| open) else { continue };
        if comment.span.column != 1 || comment.span.line != block.end_line + 1 {
            open = false;
            continue;
        }
        block.yaml.push_str(comment.text.strip_prefix(' ').unwrap_or(&comment.text));
        block.yaml.push('\n');
        block.end_line = comment.span.line;
        block.span = block.span.to(comment.span);
    }
    blocks
}

/// The first statement behind a line.
fn target(module: &Module, line: u32) -> Option<Target> {
    if module.package.span.line > line {
        return Some(Target::Package);
    }
    let import = module.imports.iter().map(|import| import.span.line).find(|found| *found > line);
    let rule = module.rules.iter().position(|rule| rule.span.line > line);
    match (import, rule) {
        (Some(import), Some(rule)) if import < module.rules[rule].span.line => Some(Target::Import),
        (_, Some(rule)) => Some(Target::Rule(rule)),
        (Some(_), None) => Some(Target::Import),
        (None, None) => None,
    }
}

fn annotations(block: &Block, target: Target) -> Parsed<Annotations> {
    let refused = |message: String| ParseError { span: block.span, message };
    if block.yaml.trim().is_empty() {
        return Err(refused("expected METADATA block, found whitespace".to_owned()));
    }
    let read = metadata::read(&block.yaml).map_err(refused)?;
    let given = read.scope.as_deref().filter(|scope| !scope.is_empty());
    let scope = match given.unwrap_or_else(|| default_scope(target, read.entrypoint)) {
        "rule" => AnnotationScope::Rule,
        "document" => AnnotationScope::Document,
        "package" => AnnotationScope::Package,
        "subpackages" => AnnotationScope::Subpackages,
        other => return Err(refused(format!("invalid annotation scope '{other}'"))),
    };
    let (wanted, fits) = match scope {
        AnnotationScope::Rule | AnnotationScope::Document => {
            ("rule", matches!(target, Target::Rule(_)))
        }
        AnnotationScope::Package | AnnotationScope::Subpackages => {
            ("package", matches!(target, Target::Package))
        }
    };
    if !fits {
        let have = match target {
            Target::Package => "package",
            Target::Import => "import",
            Target::Rule(_) => "rule",
        };
        let scope = scope.name();
        return Err(refused(format!(
            "annotation scope '{scope}' must be applied to {wanted} (have {have})"
        )));
    }
    let content = read.content(scope);
    Ok(Annotations { span: block.span, scope, content })
}

fn default_scope(target: Target, entrypoint: bool) -> &'static str {
    match target {
        Target::Package => "package",
        Target::Import | Target::Rule(_) if entrypoint => "document",
        Target::Import | Target::Rule(_) => "rule",
    }
}
