//! Changes of base data at a path, with the outcomes of OPA's store.

use crate::value::Value;

/// A part of a path: a name, or a place in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathPart {
    /// A name.
    Name(String),
    /// A number, as paths of questions may have them.
    Number(i64),
}

impl PathPart {
    pub(super) fn value(&self) -> Value {
        match self {
            Self::Name(name) => Value::from(name.as_str()),
            Self::Number(number) => Value::from(*number),
        }
    }
}

/// A change of base data. Parts of its path are text; in a list they are positions, `-` the end.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Puts a value in, over what is there.
    Add(Vec<String>, Value),
    /// The same, and objects on the way come into being.
    Put(Vec<String>, Value),
    /// Puts a value where one is.
    Replace(Vec<String>, Value),
    /// Takes a value out.
    Remove(Vec<String>),
}

/// A change that cannot be made. `Display` is what OPA says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is nothing at the path, or nothing that could hold the value.
    #[error("storage_not_found_error: {0}")]
    NotFound(String),
    /// Something that is no object stands in the way.
    #[error("storage_write_conflict_error: {0}")]
    InTheWay(String),
    /// The root cannot be this.
    #[error("storage_invalid_patch_error: {0}")]
    Invalid(&'static str),
    /// Rules stand where the data would: OPA's words.
    #[error("{0}")]
    Conflict(String),
}

impl Change {
    /// The data after the change.
    pub(super) fn apply(&self, data: &Value) -> Result<Value, EditError> {
        match self {
            Self::Add(path, value) | Self::Put(path, value) | Self::Replace(path, value)
                if path.is_empty() =>
            {
                let object = value.as_object().is_some();
                if object {
                    Ok(value.clone())
                } else {
                    Err(EditError::Invalid("root must be object"))
                }
            }
            Self::Remove(path) if path.is_empty() => {
                Err(EditError::Invalid("root cannot be removed"))
            }
            Self::Add(path, value) => edited(data, path, 0, &Last::Add(value)),
            Self::Replace(path, value) => edited(data, path, 0, &Last::Replace(value)),
            Self::Remove(path) => edited(data, path, 0, &Last::Remove),
            Self::Put(path, value) => {
                let made = made(data, path, 0)?;
                edited(&made, path, 0, &Last::Add(value))
            }
        }
    }
}

/// What is done at the end of the path.
enum Last<'a> {
    Add(&'a Value),
    Replace(&'a Value),
    Remove,
}

fn written(path: &[String]) -> String {
    path.iter().fold(String::new(), |text, part| text + "/" + &part.replace('/', "%2F"))
}

fn absent() -> EditError {
    EditError::NotFound("document does not exist".to_owned())
}

/// The data with objects on the way to the last part of a path.
fn made(at: &Value, path: &[String], depth: usize) -> Result<Value, EditError> {
    if depth + 1 >= path.len() {
        return match at {
            Value::Object(_) => Ok(at.clone()),
            // The element is there already, or the place is none that could be made.
            Value::Array(array) if position(&path[depth], array.len(), path).is_ok() => {
                Ok(at.clone())
            }
            _ => Err(EditError::InTheWay(written(&path[..depth]))),
        };
    }
    let part = &path[depth];
    match at {
        Value::Object(object) => {
            let empty = Value::object(Vec::new());
            let below = made(object.field(part).unwrap_or(&empty), path, depth + 1)?;
            Ok(with(at, part, below))
        }
        Value::Array(array) => {
            let at = position(part, array.len(), path)
                .map_err(|_| EditError::InTheWay(written(&path[..depth])))?;
            let mut items = array.as_slice().to_vec();
            items[at] = made(&items[at], path, depth + 1)?;
            Ok(Value::array(items))
        }
        _ => Err(EditError::InTheWay(written(&path[..depth]))),
    }
}

fn edited(at: &Value, path: &[String], depth: usize, last: &Last<'_>) -> Result<Value, EditError> {
    let Some(part) = path.get(depth) else { return Err(absent()) };
    let ends = depth + 1 == path.len();
    match at {
        Value::Object(object) => {
            let below = object.field(part);
            match (last, below) {
                (Last::Add(value), _) | (Last::Replace(value), Some(_)) if ends => {
                    Ok(with(at, part, (*value).clone()))
                }
                (Last::Remove, Some(_)) if ends => Ok(without(at, part)),
                (_, Some(below)) if !ends => {
                    Ok(with(at, part, edited(below, path, depth + 1, last)?))
                }
                _ => Err(absent()),
            }
        }
        Value::Array(array) => {
            let mut items = array.as_slice().to_vec();
            match last {
                Last::Add(value) if ends && part == "-" => items.push((*value).clone()),
                Last::Add(value) if ends => {
                    items.insert(position(part, array.len(), path)?, (*value).clone());
                }
                Last::Replace(value) if ends => {
                    items[position(part, array.len(), path)?] = (*value).clone();
                }
                Last::Remove if ends => {
                    items.remove(position(part, array.len(), path)?);
                }
                _ => {
                    let at = position(part, array.len(), path)?;
                    items[at] = edited(&items[at], path, depth + 1, last)?;
                }
            }
            Ok(Value::array(items))
        }
        _ => Err(absent()),
    }
}

/// The position in a list that a part of a path names.
fn position(part: &str, length: usize, path: &[String]) -> Result<usize, EditError> {
    let Ok(at) = part.parse::<i64>() else {
        let what = format!("{}: array index must be integer", written(path));
        return Err(EditError::NotFound(what));
    };
    usize::try_from(at)
        .ok()
        .filter(|at| *at < length)
        .ok_or_else(|| EditError::NotFound(format!("{}: array index out of range", written(path))))
}

fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut entries = object.as_object().map_or_else(Vec::new, |it| it.as_slice().to_vec());
    entries.push((Value::from(name), value));
    Value::object(entries)
}

fn without(object: &Value, name: &str) -> Value {
    let entries = object.as_object().into_iter().flat_map(|it| it.iter());
    let kept = entries.filter(|(key, _)| key.as_str() != Some(name)).cloned();
    Value::object(kept.collect())
}
