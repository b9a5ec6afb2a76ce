//! The one thread on which registries are asked, so that plain functions can wait for answers.
//!
//! The spine is synchronous and runs on threads that may wait; the sockets live here. One thread
//! also means that a connection which has become free is found before the next request is sent.

use std::sync::{Mutex, PoisonError, mpsc};

use gate_core::effects::GateError;
use gate_core::reason::ErrorCode;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// The thread; it starts when it is first needed and ends when this is dropped.
#[derive(Debug, Default)]
pub(super) struct Thread(Mutex<Option<Running>>);

#[derive(Debug)]
struct Running {
    handle: Handle,
    /// Dropping it ends the thread.
    _stop: oneshot::Sender<()>,
}

impl Thread {
    /// Runs a future on the thread and waits for its end. Never call it from a future.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, GateError> {
        let failed = || GateError::new(ErrorCode::Internal, "the registries' thread ended");
        let (answer, answered) = mpsc::sync_channel(1);
        self.handle()?.spawn(async move {
            // Whoever asked may have been ended by a panic; then nobody misses the answer.
            let _ = answer.send(future.await);
        });
        answered.recv().map_err(|_| failed())
    }

    fn handle(&self) -> Result<Handle, GateError> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = &*running {
            return Ok(running.handle.clone());
        }
        let failed = |error: std::io::Error| {
            let message = "the registries' thread could not be started";
            GateError::new(ErrorCode::Internal, message).caused_by(error)
        };
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        std::thread::Builder::new()
            .name("gate-registry".to_owned())
            .spawn(move || {
                // It ends with the sender, whether that says so or is dropped.
                let _ = runtime.block_on(stopped);
            })
            .map_err(failed)?;
        *running = Some(Running { handle: handle.clone(), _stop: stop });
        Ok(handle)
    }
}
