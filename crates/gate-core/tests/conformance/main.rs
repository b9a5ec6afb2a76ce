//! Documents and suites that others wrote, read from `GATE_CONFORMANCE_DATA`: each is told for what it
//! is and loses nothing. Without the data each test says that it did not run.

mod bundles;
mod data;
mod dialects;
mod documents;
mod manifest;
mod provenance;
mod sbom;
mod scans;
mod structured;
mod test_reports;
mod vers;
mod vex;
