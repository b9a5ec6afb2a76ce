//! Where a command writes: stdout for data, stderr for talk, and the exit status for scripts.

use std::fmt;
use std::io::Write;
use std::process::ExitCode;

use clap::builder::styling::{AnsiColor, Style};

use crate::failure::Failure;

/// What a command ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Allowed, accepted, read, passed: 0.
    Ok,
    /// Denied, not accepted, failed: 1.
    Denied,
    /// Nothing could be decided: 2.
    Undecided,
}

impl ExitStatus {
    /// 0 or 1.
    pub(crate) fn accepted(accepted: bool) -> Self {
        if accepted { Self::Ok } else { Self::Denied }
    }

    /// The number that the process exits with.
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Denied => 1,
            Self::Undecided => 2,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}

/// The two streams of a command, and whether each shows colour.
pub struct Terminal<'a> {
    /// Data.
    pub out: &'a mut dyn Write,
    /// Talk.
    pub err: &'a mut dyn Write,
    /// Whether `out` shows colour.
    pub colour_out: bool,
    /// Whether `err` shows colour.
    pub colour_err: bool,
}

impl Terminal<'_> {
    /// Writes data.
    pub(crate) fn data(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.out.write_all(bytes).map_err(Failure::stdout)
    }

    /// Writes a line of talk.
    pub(crate) fn talk(&mut self, line: fmt::Arguments<'_>) -> Result<(), Failure> {
        writeln!(self.err, "{line}").map_err(Failure::stderr)
    }

    /// What is buffered is written, or the command has not done its work: a full disk behind stdout
    /// must not look like a verdict.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.out.flush().map_err(Failure::stdout)?;
        self.err.flush().map_err(Failure::stderr)
    }
}

/// Colours, or none; they repeat what the words say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paint(pub(crate) bool);

impl Paint {
    pub(crate) fn good(self, text: impl fmt::Display) -> String {
        self.with(AnsiColor::Green.on_default().bold(), text)
    }

    pub(crate) fn bad(self, text: impl fmt::Display) -> String {
        self.with(AnsiColor::Red.on_default().bold(), text)
    }

    pub(crate) fn attention(self, text: impl fmt::Display) -> String {
        self.with(AnsiColor::Yellow.on_default().bold(), text)
    }

    pub(crate) fn strong(self, text: impl fmt::Display) -> String {
        self.with(Style::new().bold(), text)
    }

    pub(crate) fn faint(self, text: impl fmt::Display) -> String {
        self.with(Style::new().dimmed(), text)
    }

    fn with(self, style: Style, text: impl fmt::Display) -> String {
        if self.0 { format!("{style}{text}{style:#}") } else { text.to_string() }
    }
}

/// Text from outside as a terminal may show it: control characters and those that turn the writing
/// direction are written out, so that a report cannot move the cursor, hide a line or forge one.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let turns = matches!(c, '\u{061c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || turns {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_cannot_move_the_cursor_or_forge_a_line() {
        assert_eq!(plain("a\u{1b}[2Jb\nALLOW\u{202e}"), "a\\u{1b}[2Jb\\nALLOW\\u{202e}");
        assert_eq!(plain("Änderung — ok"), "Änderung — ok");
    }

    #[test]
    fn without_colour_only_words_are_left() {
        assert_eq!(Paint(false).bad("DENY"), "DENY");
        assert!(Paint(true).bad("DENY").contains("DENY"));
    }
}
