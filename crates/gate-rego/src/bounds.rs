//! The bounds on what policies may be and cost.

use crate::CompileError;
use crate::module::Module;

/// The greatest size of one module.
pub const MODULE_BYTES: usize = 1 << 20;
/// The greatest number of lines of one module.
pub const MODULE_LINES: usize = 20_000;
/// Rules of all modules together.
pub const RULES: usize = 10_000;
/// Memory that one question may take for values, in bytes.
pub const MEMORY: u64 = 256 << 20;
/// The stack that evaluation needs within these bounds: call it on a thread with this much.
pub const STACK_BYTES: usize = 64 << 20;

/// Checks one module's text. Nesting and the work of reading are the parser's to bound.
pub(crate) fn check(module: &Module) -> Result<(), CompileError> {
    let whole = |message: String| CompileError::at(&module.path, 0, 0, message);
    if module.source.len() > MODULE_BYTES {
        return Err(whole(format!("the module has more than {MODULE_BYTES} bytes")));
    }
    if module.source.lines().count() > MODULE_LINES {
        return Err(whole(format!("the module has more than {MODULE_LINES} lines")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_and_lines_are_bounded() {
        let refused = |source: String| check(&Module::new("p.rego", source)).is_err();
        assert!(refused("#".repeat(MODULE_BYTES + 1)));
        assert!(refused("\n".repeat(MODULE_LINES + 1)));
        assert!(!refused("package p\n".to_owned()));
    }
}
