//! Policy files: folders and files of Rego and rule data, read into what a bundle is compiled from.

mod load;
mod manifests;
mod suites;

use std::io;
use std::path::{Path, PathBuf};

use gate_core::limits;
use serde_json::{Map, Value};

use crate::bundle::BundleFiles;
use crate::files::read_bounded;

pub use load::{Demands, load_bundle, load_demanding};
pub use suites::{SuiteFile, read_suites};

/// Folders within folders that are followed, which also bounds loops of links.
const DEPTH: usize = 32;

/// Policy or data files that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PolicyFilesError {
    /// A file or folder cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// The path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Policies elsewhere cannot be had.
    #[error("{place} cannot be fetched")]
    Elsewhere {
        /// Where.
        place: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file is not what its name says; the message names the place.
    #[error("{path}: {message}")]
    Form {
        /// The path.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
}

/// Which data files of a folder count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataFiles {
    /// `data.json`, `data.yaml` and `data.yml`, as in an OPA bundle.
    Bundle,
    /// Every JSON and YAML file, as `opa eval --data` reads folders.
    All,
}

/// What a set of paths holds.
#[derive(Debug, Default)]
pub struct PolicyFiles {
    /// Rego modules: path and source. Paths are relative to the folder given, with `/`.
    pub modules: Vec<(String, String)>,
    /// Data, merged; a folder's files stand under the path of their folder.
    pub data: Map<String, Value>,
    /// Whether two files may not say one thing differently, as OPA has it.
    strict: bool,
}

impl PolicyFiles {
    /// Reads files and folders. Tests (`_test.rego`) are left out unless asked for.
    pub fn read(
        paths: &[PathBuf],
        which: DataFiles,
        tests: bool,
    ) -> Result<Self, PolicyFilesError> {
        Self::read_as(paths, which, tests, false)
    }

    fn read_as(
        paths: &[PathBuf],
        which: DataFiles,
        tests: bool,
        strict: bool,
    ) -> Result<Self, PolicyFilesError> {
        let mut files = Self { strict, ..Self::default() };
        let mut modules: Vec<(String, String)> = vec![];
        for path in paths {
            let metadata = std::fs::metadata(path).map_err(|source| unreadable(path, source))?;
            if metadata.is_dir() {
                files.folder(path, &mut vec![], which, tests)?;
            } else {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                files.file(path, &name, &[], true)?;
            }
            for (name, source) in std::mem::take(&mut files.modules) {
                modules.push((apart(&modules, name, path), source));
            }
        }
        files.modules = modules;
        files.sorted()?;
        Ok(files)
    }

    /// Reads files and folders as `opa eval` and `opa test` do: tests and every data file count, and
    /// modules keep the path that the caller can open. Packed files are bundles.
    pub fn read_all(paths: &[PathBuf]) -> Result<Self, PolicyFilesError> {
        Self::read_all_and(paths, &[])
    }

    /// The same with bundles, packed or folders.
    pub fn read_all_and(paths: &[PathBuf], bundles: &[PathBuf]) -> Result<Self, PolicyFilesError> {
        let mut all = Self::default();
        let bundles = bundles.iter().map(|path| (path, true));
        let paths = paths.iter().map(|path| (path, BundleFiles::is_packed(path)));
        for (path, is_bundle) in paths.chain(bundles) {
            let found = if is_bundle {
                Self::of_contents(&BundleFiles::read(path)?, true)?
            } else {
                Self::read_as(std::slice::from_ref(path), DataFiles::All, true, true)?
            };
            let folder = is_bundle || path.is_dir();
            all.modules.extend(found.modules.into_iter().map(|(relative, source)| {
                let place = if folder { path.join(relative) } else { path.clone() };
                (place.strip_prefix(".").unwrap_or(&place).display().to_string(), source)
            }));
            if let Some(place) = clash(&all.data, &found.data) {
                let message = format!("another file says something else at data.{place}");
                return Err(malformed(path, message));
            }
            merge(&mut all.data, found.data);
        }
        // A file named twice, by itself and by its folder, is one module.
        all.modules.sort();
        all.modules.dedup();
        Ok(all)
    }

    /// Lays data over what is there; objects merge.
    pub fn lay_over(&mut self, data: Map<String, Value>) {
        merge(&mut self.data, data);
    }

    /// The same without data, for folders whose YAML is something else.
    pub fn read_modules(paths: &[PathBuf]) -> Result<Self, PolicyFilesError> {
        let mut all = Self::default();
        for path in paths {
            for file in manifests::with_extension(path, &["rego"], 0)? {
                let source = manifests::text(&file)?;
                let place = file.strip_prefix(".").unwrap_or(&file).display().to_string();
                all.modules.push((place, source));
            }
        }
        all.modules.sort();
        all.modules.dedup();
        Ok(all)
    }

    fn folder(
        &mut self,
        folder: &Path,
        below: &mut Vec<String>,
        which: DataFiles,
        tests: bool,
    ) -> Result<(), PolicyFilesError> {
        if below.len() > DEPTH {
            return Err(malformed(folder, "the folders are nested too deeply"));
        }
        let failed = |source| unreadable(folder, source);
        let mut entries = std::fs::read_dir(folder)
            .and_then(|entries| {
                entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()
            })
            .map_err(failed)?;
        entries.sort();
        for path in entries {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // Hidden folders are a mounted volume's older versions, or version control.
            if name.starts_with('.') {
                continue;
            }
            if path.is_dir() {
                below.push(name);
                self.folder(&path, below, which, tests)?;
                below.pop();
            } else if wanted(&name, which, tests) {
                let relative = below.iter().map(String::as_str).chain([name.as_str()]);
                let relative = relative.collect::<Vec<_>>().join("/");
                self.file(&path, &relative, below, false)?;
            }
        }
        Ok(())
    }

    fn file(
        &mut self,
        path: &Path,
        relative: &str,
        below: &[String],
        named: bool,
    ) -> Result<(), PolicyFilesError> {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let cap = if extension == "rego" { limits::MODULE_BYTES } else { limits::POLICY_BYTES };
        let bytes = read_bounded(path, cap).map_err(|source| unreadable(path, source))?;
        let text = String::from_utf8(bytes).map_err(|error| malformed(path, error.to_string()))?;
        match extension.as_str() {
            "rego" if self.modules.len() >= limits::MODULES => {
                return Err(malformed(path, format!("more than {} modules", limits::MODULES)));
            }
            "rego" => self.modules.push((relative.to_owned(), text)),
            "json" | "yaml" | "yml" => {
                let value: Value = if extension == "json" {
                    serde_json::from_str(&text)
                        .map_err(|error| malformed(path, error.to_string()))?
                } else {
                    serde_saphyr::from_str(&text)
                        .map_err(|error| malformed(path, error.to_string()))?
                };
                self.merge_at(below, value).map_err(|message| malformed(path, message))?;
            }
            _ if named => return Err(malformed(path, "this is neither Rego, JSON nor YAML")),
            _ => {}
        }
        Ok(())
    }

    fn merge_at(&mut self, below: &[String], value: Value) -> Result<(), String> {
        let value = below
            .iter()
            .rev()
            .fold(value, |value, name| Value::Object(Map::from_iter([(name.clone(), value)])));
        let Value::Object(value) = value else {
            return Err("data is an object at its top".to_owned());
        };
        if self.strict
            && let Some(place) = clash(&self.data, &value)
        {
            return Err(format!("another file says something else at data.{place}"));
        }
        merge(&mut self.data, value);
        Ok(())
    }
}

/// The first place at which two documents say different things.
fn clash(one: &Map<String, Value>, other: &Map<String, Value>) -> Option<String> {
    other.iter().find_map(|(key, value)| match (one.get(key)?, value) {
        (Value::Object(one), Value::Object(other)) => {
            clash(one, other).map(|rest| format!("{key}.{rest}"))
        }
        (one, other) if one == other => None,
        _ => Some(key.clone()),
    })
}

/// Later data lies over earlier data; objects merge.
pub(crate) fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

impl PolicyFiles {
    /// Modules and data of a bundle.
    pub fn of_bundle(bundle: &BundleFiles) -> Result<Self, PolicyFilesError> {
        Self::of_contents(bundle, false)
    }

    fn of_contents(bundle: &BundleFiles, tests: bool) -> Result<Self, PolicyFilesError> {
        let contents = bundle.contents_with(tests)?;
        let mut files = Self { modules: contents.modules, ..Self::default() };
        for (below, value, path) in contents.data {
            files
                .merge_at(&below, value)
                .map_err(|message| malformed(&bundle.from.join(path), message))?;
        }
        Ok(files)
    }

    /// Adds what another path holds.
    fn add(&mut self, other: Self, from: &Path) -> Result<(), PolicyFilesError> {
        if self.modules.len() + other.modules.len() > limits::MODULES {
            let message = format!("more than {} modules", limits::MODULES);
            return Err(malformed(Path::new("policy"), message));
        }
        for (name, source) in other.modules {
            self.modules.push((apart(&self.modules, name, from), source));
        }
        merge(&mut self.data, other.data);
        Ok(())
    }

    fn sorted(&mut self) -> Result<(), PolicyFilesError> {
        self.modules.sort();
        match self.modules.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(pair) => {
                let message = "two modules have this path; a digest could not tell them apart";
                Err(malformed(Path::new(&pair[0].0), message))
            }
            None => Ok(()),
        }
    }
}

/// Two folders may each have a `main.rego`: the later one's keeps its folder.
fn apart(modules: &[(String, String)], name: String, from: &Path) -> String {
    if modules.iter().all(|(other, _)| *other != name) {
        return name;
    }
    let path = if from.is_dir() { from.join(name) } else { from.to_owned() };
    path.display().to_string()
}

fn wanted(name: &str, which: DataFiles, tests: bool) -> bool {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    match extension {
        "rego" => tests || !stem.ends_with("_test"),
        "json" | "yaml" | "yml" => which == DataFiles::All || stem == "data",
        _ => false,
    }
}

fn unreadable(path: &Path, source: io::Error) -> PolicyFilesError {
    PolicyFilesError::Read { path: path.to_owned(), source }
}

fn malformed(path: &Path, message: impl Into<String>) -> PolicyFilesError {
    PolicyFilesError::Form { path: path.to_owned(), message: message.into() }
}
