//! Figures with the floor or peer beside each, as a table to read.

use std::fmt;

/// The table.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
    notes: Vec<String>,
}

/// One figure of Gate's.
pub(crate) struct Row {
    /// What is measured, with its unit.
    pub(crate) what: String,
    /// Gate's figure.
    pub(crate) gate: f64,
    /// What stands beside it, and its figure.
    pub(crate) beside: Option<(&'static str, f64)>,
    /// What the figure should be.
    pub(crate) wish: Wish,
}

/// What a figure should be.
#[derive(Clone, Copy)]
pub(crate) enum Wish {
    /// At least so many times what stands beside it.
    Times(f64),
    /// At most so many times what stands beside it.
    AtMost(f64),
    /// Lower than what stands beside it.
    Lower,
    /// Under this value.
    Under(f64),
    /// Nothing was promised: the figure is there to be seen.
    None,
}

impl Row {
    fn ratio(&self) -> Option<f64> {
        self.beside.map(|(_, beside)| self.gate / beside)
    }

    fn wanted(&self) -> String {
        match self.wish {
            Wish::Times(times) => format!("at least {times:.2} x"),
            Wish::AtMost(times) => format!("at most {times:.2} x"),
            Wish::Lower => "lower".to_owned(),
            Wish::Under(value) => format!("under {value}"),
            Wish::None => String::new(),
        }
    }

    fn met(&self) -> &'static str {
        let met = match self.wish {
            Wish::Times(times) => self.ratio().map(|ratio| ratio >= times),
            Wish::AtMost(times) => self.ratio().map(|ratio| ratio <= times),
            Wish::Lower => self.ratio().map(|ratio| ratio < 1.0),
            Wish::Under(value) => Some(self.gate < value),
            Wish::None => None,
        };
        match met {
            Some(true) => "met",
            Some(false) => "NOT MET",
            None => "",
        }
    }

    fn cells(&self) -> [String; 6] {
        [
            self.what.clone(),
            figure(self.gate),
            self.beside.map_or_else(String::new, |(who, value)| format!("{who} {}", figure(value))),
            self.ratio().map_or_else(String::new, |ratio| format!("{ratio:.2} x")),
            self.wanted(),
            self.met().to_owned(),
        ]
    }
}

impl Table {
    pub(crate) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// A line below the table.
    pub(crate) fn note(&mut self, line: impl Into<String>) {
        self.notes.push(line.into());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["measurement", "Gate", "floor or peer", "ratio", "wanted", ""];
        let mut lines = vec![head.map(str::to_owned)];
        lines.extend(self.rows.iter().map(Row::cells));
        let width =
            |at: usize| lines.iter().map(|line| line[at].chars().count()).max().unwrap_or_default();
        let widths = [0, 1, 2, 3, 4, 5].map(width);
        for line in &lines {
            let mut text = String::new();
            for (at, (cell, width)) in line.iter().zip(widths).enumerate() {
                // Words to the left, figures to the right.
                let cell = if at == 0 || at > 3 {
                    format!("{cell:width$}  ")
                } else {
                    format!("{cell:>width$}  ")
                };
                text.push_str(&cell);
            }
            writeln!(f, "{}", text.trim_end())?;
        }
        for note in &self.notes {
            writeln!(f, "{note}")?;
        }
        Ok(())
    }
}

/// Three digits that count.
fn figure(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(gate: f64, beside: Option<f64>, wish: Wish) -> &'static str {
        let beside = beside.map(|value| ("floor", value));
        Row { what: String::new(), gate, beside, wish }.met()
    }

    #[test]
    fn a_wish_is_met_by_the_ratio_or_the_value() {
        assert_eq!(met(200.0, Some(100.0), Wish::Times(2.0)), "met");
        assert_eq!(met(199.0, Some(100.0), Wish::Times(2.0)), "NOT MET");
        assert_eq!(met(1.0, Some(1.0), Wish::Lower), "NOT MET");
        assert_eq!(met(0.9, Some(1.0), Wish::Lower), "met");
        assert_eq!(met(49.0, None, Wish::Under(50.0)), "met");
        assert_eq!(met(50.0, None, Wish::Under(50.0)), "NOT MET");
        assert_eq!(met(1.0, None, Wish::Lower), "", "nothing is met without a peer");
    }
}
