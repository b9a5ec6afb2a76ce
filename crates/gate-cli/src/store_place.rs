//! `--store` and `--config`: which store a command reads.

use std::path::PathBuf;

use clap::Args;

use crate::failure::Failure;
use crate::settings;

/// Where the store is.
#[derive(Debug, Clone, Args)]
pub(crate) struct StoreArguments {
    /// The store
    #[arg(long, env = "GATE_STORE", value_name = "PATH")]
    store: Option<PathBuf>,
    /// Configuration that names the store
    #[arg(long, env = "GATE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

impl StoreArguments {
    /// The store's path. A configuration is read only where `--store` does not say it: at three in
    /// the morning it may be the thing that is broken.
    pub(crate) fn path(&self) -> Result<PathBuf, Failure> {
        if let Some(path) = &self.store {
            return Ok(path.clone());
        }
        let Some(config) = &self.config else {
            return Err(Failure::usage("name the store: `--store PATH`, or `--config FILE`"));
        };
        settings::load(config)?.store.ok_or_else(|| {
            Failure::usage(format!("{} names no store: give `--store`", config.display()))
        })
    }
}
