//! Refuses sources that would crash or stall the engine, before it parses them.
//!
//! The engine's parser takes time exponential in the nesting of brackets and recurses on the
//! program's stack, and nothing limits its time. Stack overflow ends the process and cannot be
//! caught. So nesting, the work that it costs, and runs of operators are bounded on the text.

use crate::CompileError;
use crate::module::Module;

/// The greatest size of one module.
pub const MODULE_BYTES: usize = 1 << 20;
/// The greatest number of lines of one module.
pub const MODULE_LINES: usize = 20_000;
/// The greatest length of one line.
pub const LINE_BYTES: usize = 1_024;
/// The deepest nesting of brackets.
pub const NESTING: usize = 12;
/// The greatest work that brackets may cost the parser: the sum of 2^depth over all of them.
const WORK: u64 = 1 << 17;
/// The longest run of infix operators in one expression: each one deepens the syntax tree.
const OPERATORS: usize = 256;
/// Rules of all modules together.
pub const RULES: usize = 10_000;
/// The longest chain of functions that call each other.
pub const CALL_DEPTH: usize = 200;
/// The stack that evaluation needs within these bounds: call it on a thread with this much.
pub const STACK_BYTES: usize = 64 << 20;

/// Checks one module's text.
pub(crate) fn check(module: &Module) -> Result<(), CompileError> {
    let source = module.source.as_str();
    let whole = |message: String| CompileError::at(&module.path, 0, 0, message);
    if source.len() > MODULE_BYTES {
        return Err(whole(format!("the module has more than {MODULE_BYTES} bytes")));
    }
    let mut lines = 0;
    for (at, line) in source.lines().enumerate() {
        lines = at + 1;
        if line.len() > LINE_BYTES {
            return Err(CompileError::at(
                &module.path,
                number(lines),
                0,
                format!("the line has more than {LINE_BYTES} bytes"),
            ));
        }
    }
    if lines > MODULE_LINES {
        return Err(whole(format!("the module has more than {MODULE_LINES} lines")));
    }
    Scan::new(source)
        .run()
        .map_err(|(line, message)| CompileError::at(&module.path, number(line), 0, message))
}

/// Checks the text of a query as [`check`] does a module.
pub(crate) fn check_query(query: &str) -> Result<(), CompileError> {
    check(&Module::new("query", query))
}

fn number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

struct Scan<'a> {
    bytes: std::iter::Peekable<std::slice::Iter<'a, u8>>,
    line: usize,
    depth: usize,
    work: u64,
    operators: usize,
    after_operator: bool,
}

impl<'a> Scan<'a> {
    fn new(source: &'a str) -> Self {
        let bytes = source.as_bytes().iter().peekable();
        Self { bytes, line: 1, depth: 0, work: 0, operators: 0, after_operator: false }
    }

    fn run(mut self) -> Result<(), (usize, String)> {
        while let Some(&byte) = self.bytes.next() {
            match byte {
                b'"' => self.skip_string(),
                b'`' => self.skip_raw_string(),
                b'#' => self.skip_comment(),
                b'(' | b'[' | b'{' => self.open()?,
                b')' | b']' | b'}' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.operand();
                }
                b',' | b';' => self.operators = 0,
                b'\n' => self.new_line(),
                b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'=' | b'<' | b'>' | b'!' => {
                    self.operator()?;
                }
                b' ' | b'\t' | b'\r' => {}
                _ => self.operand(),
            }
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), (usize, String)> {
        self.depth += 1;
        self.work += 1 << self.depth.min(40);
        self.operators = 0;
        self.after_operator = false;
        if self.depth > NESTING {
            return Err((self.line, format!("brackets are nested deeper than {NESTING}")));
        }
        if self.work > WORK {
            return Err((self.line, "too many deeply nested brackets in one module".to_owned()));
        }
        Ok(())
    }

    fn operator(&mut self) -> Result<(), (usize, String)> {
        self.operators += 1;
        self.after_operator = true;
        if self.operators > OPERATORS {
            return Err((self.line, format!("an expression has more than {OPERATORS} operators")));
        }
        Ok(())
    }

    fn operand(&mut self) {
        self.after_operator = false;
    }

    /// A line's end also ends the expression, unless an operator asks for more: whether the next
    /// line begins with one is seen by looking ahead.
    fn new_line(&mut self) {
        self.line += 1;
        while self.bytes.next_if(|byte| matches!(byte, b' ' | b'\t' | b'\r')).is_some() {}
        let continued = self.bytes.peek().is_some_and(|byte| {
            matches!(byte, b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'=' | b'<' | b'>')
        });
        let blank = self.bytes.peek().is_some_and(|byte| matches!(byte, b'\n' | b'#'));
        if !self.after_operator && !continued && !blank {
            self.operators = 0;
        }
    }

    fn skip_string(&mut self) {
        self.operand();
        while let Some(&byte) = self.bytes.next() {
            match byte {
                b'\\' => drop(self.bytes.next()),
                b'"' => return,
                b'\n' => self.line += 1,
                _ => {}
            }
        }
    }

    fn skip_raw_string(&mut self) {
        self.operand();
        for &byte in self.bytes.by_ref() {
            match byte {
                b'`' => return,
                b'\n' => self.line += 1,
                _ => {}
            }
        }
    }

    fn skip_comment(&mut self) {
        while self.bytes.next_if(|byte| **byte != b'\n').is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(source: &str) -> Option<String> {
        check(&Module::new("p.rego", source)).err().map(|error| error.to_string())
    }

    #[test]
    fn ordinary_modules_pass() {
        let source = "package p\n# [[[[[[[[[[[[[[[[[[[[[\nx := [{\"a\": [1, f(2)]}] if {\n\ty == \"[[[[[[[[[[[[[[[[[[[[\"\n\tz == `{{{{{{{{{{{{{{{{{{{{{{`\n}\n";
        assert_eq!(refusal(source), None);
    }

    #[test]
    fn nesting_that_would_stall_the_parser_is_refused() {
        for open in ["[", "{", "("] {
            let source = format!("package p\nx := {}", open.repeat(NESTING + 1));
            let message = refusal(&source).expect("refused");
            assert!(message.starts_with("p.rego:2: brackets are nested"), "{message}");
        }
    }

    #[test]
    fn many_nests_just_below_the_limit_are_refused() {
        let nest = format!("x contains {}1{}\n", "[".repeat(NESTING), "]".repeat(NESTING));
        assert!(refusal(&format!("package p\n{}", nest.repeat(100))).is_some());
    }

    #[test]
    fn an_endless_expression_over_many_lines_is_refused() {
        for form in ["1 +\n", "1\n+ ", "1 +# c\n\n", "1 ==\n"] {
            let source = format!("package p\nx := {}1\n", form.repeat(OPERATORS + 1));
            assert!(refusal(&source).is_some(), "{form:?}");
        }
        let many_rules = "x := 1 + 1\n".repeat(2_000);
        assert_eq!(refusal(&format!("package p\n{many_rules}")), None);
    }

    #[test]
    fn size_lines_and_columns_are_bounded() {
        assert!(refusal(&"#\n".repeat(MODULE_BYTES)).is_some());
        assert!(refusal(&"\n".repeat(MODULE_LINES + 1)).is_some());
        assert!(refusal(&" ".repeat(LINE_BYTES + 1)).is_some());
    }
}
