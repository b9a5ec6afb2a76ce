//! `data.inventory`: the objects that referential rules look into.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::documents::{is_namespace, text_at};

/// Objects of the cluster.
#[derive(Default)]
pub(super) struct Inventory {
    tree: Value,
    namespaces: BTreeMap<String, Value>,
}

impl Inventory {
    /// An inventory of objects.
    pub(super) fn of<'a>(objects: impl IntoIterator<Item = &'a Value>) -> Result<Self, String> {
        let mut inventory = Self::default();
        for object in objects {
            inventory.add(object)?;
        }
        Ok(inventory)
    }

    fn add(&mut self, object: &Value) -> Result<(), String> {
        let at = |pointer: &str| text_at(object, pointer).to_owned();
        let (version, kind) = (at("/apiVersion"), at("/kind"));
        let (name, namespace) = (at("/metadata/name"), at("/metadata/namespace"));
        if version.is_empty() || kind.is_empty() || name.is_empty() {
            return Err(
                "an object of the inventory has an apiVersion, a kind and a name".to_owned()
            );
        }
        if is_namespace(object) {
            self.namespaces.insert(name.clone(), object.clone());
        }
        let path = if namespace.is_empty() {
            vec!["cluster".to_owned(), version, kind, name]
        } else {
            vec!["namespace".to_owned(), namespace, version, kind, name]
        };
        let mut place = &mut self.tree;
        for part in path {
            if !place.is_object() {
                *place = json!({});
            }
            place = &mut place[part];
        }
        place.clone_from(object);
        Ok(())
    }

    /// A namespace by its name.
    pub(super) fn namespace(&self, name: &str) -> Option<&Value> {
        self.namespaces.get(name)
    }

    /// The document `data`.
    pub(super) fn data(&self) -> Value {
        if self.tree.is_null() { json!({}) } else { json!({"inventory": self.tree}) }
    }
}
