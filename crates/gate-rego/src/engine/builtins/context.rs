//! What a builtin sees beside its operands.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

use super::{Budget, BuiltinError};
use crate::engine::value::Value;
use crate::outside::Outside;

/// The surroundings of one query's builtins.
pub(crate) struct Context {
    /// The query's time in nanoseconds since 1970, the same for all its calls.
    pub(crate) now_ns: i64,
    /// Where `rand.intn` and `uuid.rfc4122` start; `None` where a policy must not draw lots.
    pub(crate) seed: Option<u64>,
    /// What is known of outside; `None` where nobody collects it.
    pub(crate) outside: Option<Arc<Outside>>,
    /// The module that the last call stands in, where there is an outside.
    pub(crate) module: Arc<str>,
    /// What may still be spent.
    pub(crate) budget: Budget,
    memory: HashMap<TypeId, Box<dyn Any + Send>>,
}

impl Context {
    /// A context at a time and with a budget, without randomness.
    pub(crate) fn new(now_ns: i64, budget: Budget) -> Self {
        Self {
            now_ns,
            seed: None,
            outside: None,
            module: Arc::from(""),
            budget,
            memory: HashMap::new(),
        }
    }

    /// One step of work: see [`Budget::step`].
    #[inline]
    pub(crate) fn step(&mut self) -> Result<(), BuiltinError> {
        self.budget.step()
    }

    /// Work over so many bytes: see [`Budget::work`].
    pub(crate) fn work(&mut self, bytes: usize) -> Result<(), BuiltinError> {
        self.budget.work(bytes)
    }

    /// Takes memory for so many values from the budget.
    pub(crate) fn allocate_values(&mut self, count: usize) -> Result<(), BuiltinError> {
        self.budget.allocate(count.saturating_mul(size_of::<Value>()))
    }

    /// Takes memory from the budget: see [`Budget::allocate`].
    pub(crate) fn allocate(&mut self, bytes: usize) -> Result<(), BuiltinError> {
        self.budget.allocate(bytes)
    }

    /// What a family of builtins remembers over one query: compiled expressions, drawn lots.
    pub(crate) fn memory<T: Any + Default + Send>(&mut self) -> &mut T {
        let remembered =
            self.memory.entry(TypeId::of::<T>()).or_insert_with(|| Box::new(T::default()));
        match remembered.downcast_mut() {
            Some(memory) => memory,
            None => unreachable!("the entry was made for this type"),
        }
    }
}
