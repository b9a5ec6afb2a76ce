//! What an evaluation may spend: time until a deadline, and memory.

use std::time::Instant;

use super::BuiltinError;

/// The clock is looked at once in so many steps: looking costs more than a step.
const STEPS_PER_LOOK: u32 = 256;
/// How many bytes that are looked at count as a step.
const BYTES_PER_STEP: usize = 128;

/// The rest of an evaluation's time and memory. Long loops call [`Budget::step`]; what builds
/// values of a size that the policy or its input chooses calls [`Budget::allocate`] before it does.
#[derive(Debug)]
pub(crate) struct Budget {
    deadline: Option<Instant>,
    steps: u32,
    bytes: u64,
}

impl Budget {
    /// A budget until a deadline and of so many bytes.
    pub(crate) fn new(deadline: Option<Instant>, bytes: u64) -> Self {
        Self { deadline, steps: 0, bytes }
    }

    /// The same budget until another deadline.
    pub(crate) fn until(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
        self.steps = 0;
    }

    /// One step of work: some dozen instructions, or a hundred bytes looked at.
    #[inline]
    pub(crate) fn step(&mut self) -> Result<(), BuiltinError> {
        self.steps = self.steps.saturating_add(1);
        if self.steps < STEPS_PER_LOOK {
            return Ok(());
        }
        self.steps = 0;
        self.check()
    }

    /// Work over so many bytes, some hundred of them a step.
    pub(crate) fn work(&mut self, bytes: usize) -> Result<(), BuiltinError> {
        let steps = u32::try_from(bytes / BYTES_PER_STEP).unwrap_or(u32::MAX);
        self.steps = self.steps.saturating_add(steps);
        self.step()
    }

    /// Looks at the clock.
    pub(crate) fn check(&self) -> Result<(), BuiltinError> {
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(BuiltinError::time()),
            _ => Ok(()),
        }
    }

    /// Takes memory from the budget. Values are not given back: a decision that makes and drops
    /// much has done as much work.
    pub(crate) fn allocate(&mut self, bytes: usize) -> Result<(), BuiltinError> {
        self.bytes = self
            .bytes
            .checked_sub(bytes as u64)
            .ok_or_else(|| BuiltinError::limit("evaluation ran out of memory"))?;
        Ok(())
    }
}
