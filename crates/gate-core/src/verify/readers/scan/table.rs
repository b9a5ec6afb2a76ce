//! From a table of comma-separated values to its rows, by the names of their columns.

use crate::limits;
use crate::reason::Problem;
use crate::verify::failure::Failure;

/// A table whose first row names the columns.
pub(super) struct Table<'a> {
    columns: csv::StringRecord,
    rows: csv::Reader<&'a [u8]>,
}

impl<'a> Table<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self, Failure> {
        let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let columns = rows.headers().map_err(|error| malformed(&error))?.clone();
        Ok(Self { columns, rows })
    }

    /// Reads each row that has a value at all.
    pub(super) fn each(
        mut self,
        mut read: impl FnMut(&Row<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut record = csv::StringRecord::new();
        let mut count = 0;
        while self.rows.read_record(&mut record).map_err(|error| malformed(&error))? {
            if record.iter().all(str::is_empty) {
                continue;
            }
            count += 1;
            if count > limits::SCAN_FINDINGS {
                return Err(Failure::new(
                    Problem::EvidenceTooLarge,
                    format!("the table has more than {} rows", limits::SCAN_FINDINGS),
                ));
            }
            if record.len() != self.columns.len() {
                let line = record.position().map_or(0, csv::Position::line);
                return Err(Failure::invalid(vec![crate::facts::Located {
                    place: format!("line {line}"),
                    message: format!(
                        "has {} values where {} columns are named",
                        record.len(),
                        self.columns.len()
                    ),
                }]));
            }
            read(&Row { columns: &self.columns, record: &record })?;
        }
        Ok(())
    }
}

fn malformed(error: &csv::Error) -> Failure {
    Failure::malformed(format!("is no table: {error}"))
}

/// One row.
pub(super) struct Row<'a> {
    columns: &'a csv::StringRecord,
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    /// The value of the column of this name; empty where there is none. Of two columns the last
    /// counts.
    pub(super) fn value(&self, column: &str) -> &str {
        let named = self.columns.iter().zip(self.record).filter(|(name, _)| name.trim() == column);
        named.last().map(|(_, value)| value.trim()).unwrap_or_default()
    }

    /// The same as text.
    pub(super) fn text(&self, column: &str) -> String {
        self.value(column).to_owned()
    }

    /// The same as a number.
    pub(super) fn number(&self, column: &str) -> Option<f64> {
        self.value(column).parse().ok().filter(|number: &f64| number.is_finite())
    }
}
