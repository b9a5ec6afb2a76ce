//! Lines and branches by file: a line that a report lists more than once counts once.

use std::collections::BTreeMap;

use crate::facts::{Counted, Coverage};

/// A line's branches: how many were reached of how many.
type Branches = (u64, u64);

#[derive(Debug, Default)]
pub(super) struct Sheet {
    files: BTreeMap<String, BTreeMap<u64, (bool, Branches)>>,
    has_branches: bool,
}

impl Sheet {
    /// Adds a line. Where it was reached once, it was reached.
    pub(super) fn line(&mut self, file: &str, line: u64, reached: bool) {
        self.entry(file, line).0 |= reached;
    }

    /// Adds the branches of a line, of which the best count is kept.
    pub(super) fn branches(&mut self, file: &str, line: u64, reached: u64, total: u64) {
        self.has_branches = true;
        let (_, known) = self.entry(file, line);
        *known = (known.0.max(reached.min(total)), known.1.max(total));
    }

    /// Notes a file, even where no line of it can be covered.
    pub(super) fn file(&mut self, file: &str) {
        if !self.files.contains_key(file) {
            self.files.insert(file.to_owned(), BTreeMap::new());
        }
    }

    fn entry(&mut self, file: &str, line: u64) -> &mut (bool, Branches) {
        self.file(file);
        self.files.entry(file.to_owned()).or_default().entry(line).or_default()
    }

    pub(super) fn finish(self, format: &str, name: Option<String>) -> Coverage {
        let mut lines = Counted::default();
        let mut branches = Counted::default();
        for (reached, (taken, total)) in self.files.values().flat_map(BTreeMap::values) {
            lines.total += 1;
            lines.covered += u64::from(*reached);
            branches.covered = branches.covered.saturating_add(*taken);
            branches.total = branches.total.saturating_add(*total);
        }
        Coverage {
            format: format.to_owned(),
            name: name.filter(|name| !name.is_empty()),
            files: self.files.len() as u64,
            lines,
            branches: self.has_branches.then_some(branches),
        }
    }
}
