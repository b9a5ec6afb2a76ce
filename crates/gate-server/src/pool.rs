//! Policy work off the async threads: as many jobs compute at once as there are processors, on
//! threads with stacks that hostile policies and inputs do not exhaust.
//!
//! A job that waits for the disk gives up its turn ([`Turn::give_up`]): so a hundred promotions can
//! wait for one commit while others compute.

use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

// Interpreting deep rules recurses: the standard 2 MiB overflow, which aborts the process.
use gate_rego::bounds::STACK_BYTES;
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce(&Turn) + Send>;

/// The worker threads. Dropping it lets them end once the queue is empty.
pub struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    work: Condvar,
    back: Condvar,
    quiet: Condvar,
    turns: usize,
    most_threads: usize,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    /// Jobs that hold a turn.
    computing: usize,
    /// Jobs begun and not ended, with or without a turn.
    begun: usize,
    idle: usize,
    /// Jobs that waited for something and want their turn back.
    returning: usize,
    threads: usize,
    closed: bool,
}

/// A job's right to compute; it ends with the job at the latest.
pub struct Turn {
    shared: Arc<Shared>,
    held: Cell<bool>,
}

/// The job gave no result: it panicked.
#[derive(Debug, thiserror::Error)]
#[error("a worker gave up its job")]
pub struct Lost;

impl Pool {
    /// Starts `turns` threads; up to `most_threads` come when jobs wait without a turn.
    pub fn start(turns: usize, most_threads: usize) -> std::io::Result<Self> {
        let turns = turns.max(1);
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            work: Condvar::new(),
            back: Condvar::new(),
            quiet: Condvar::new(),
            turns,
            most_threads: most_threads.max(turns),
        });
        let pool = Self { shared };
        for _ in 0..turns {
            pool.shared.state().threads += 1;
            spawn(&pool.shared)?;
        }
        Ok(pool)
    }

    /// Runs a job. If the returned future is dropped before the job has begun, it never begins.
    pub fn run<T, J>(&self, job: J) -> impl Future<Output = Result<T, Lost>> + Send + use<T, J>
    where
        T: Send + 'static,
        J: FnOnce(&Turn) -> T + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.shared.push(Box::new(move |turn| {
            if !answer.is_closed() {
                // Whoever asked may have left since; the work is done all the same.
                let _ = answer.send(job(turn));
            }
        }));
        async { answered.await.map_err(|_| Lost) }
    }

    /// Jobs that wait for a turn.
    pub fn queued(&self) -> usize {
        self.shared.state().queue.len()
    }

    /// Waits until no job is queued or begun, at most this long; says whether that came.
    pub fn drain(&self, at_most: std::time::Duration) -> bool {
        let state = self.shared.state();
        let busy = |state: &mut State| state.begun > 0 || !state.queue.is_empty();
        let waited = self.shared.quiet.wait_timeout_while(state, at_most, busy);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.work.notify_all();
    }
}

impl Turn {
    /// Lets another job compute while this one waits. It may go on afterwards with what little is left.
    pub fn give_up(&self) {
        if self.held.replace(false) {
            let mut state = self.shared.state();
            state.computing -= 1;
            self.shared.wake(&mut state);
        }
    }

    /// Waits for something outside while others compute, then for the turn to go on.
    pub fn pause<T>(&self, wait: impl FnOnce() -> T) -> T {
        let held = self.held.get();
        self.give_up();
        let answer = wait();
        if held {
            self.take_back();
        }
        answer
    }

    fn take_back(&self) {
        let mut state = self.shared.state();
        state.returning += 1;
        let full = |state: &mut State| state.computing >= self.shared.turns;
        let waited = self.shared.back.wait_while(state, full);
        state = waited.unwrap_or_else(PoisonError::into_inner);
        state.returning -= 1;
        state.computing += 1;
        self.held.set(true);
        self.shared.wake(&mut state);
    }
}

impl Shared {
    /// The state. A job's panic never leaves it half-changed: jobs run without the lock.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(self: &Arc<Self>, job: Job) {
        let mut state = self.state();
        state.queue.push_back(job);
        self.wake(&mut state);
    }

    /// Sees to it that a thread takes the next job, if there is a turn for it.
    fn wake(self: &Arc<Self>, state: &mut State) {
        if state.computing >= self.turns {
            return;
        }
        // What has begun ends before something new begins.
        if state.returning > 0 {
            self.back.notify_one();
            return;
        }
        if state.queue.is_empty() {
            return;
        }
        if state.idle > 0 {
            self.work.notify_one();
        } else if state.threads < self.most_threads {
            state.threads += 1;
            if spawn(self).is_err() {
                // Busy threads look at the queue when their jobs end.
                state.threads -= 1;
            }
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.state();
        loop {
            if state.computing < self.turns
                && state.returning == 0
                && let Some(job) = state.queue.pop_front()
            {
                state.computing += 1;
                state.begun += 1;
                return Some(job);
            }
            if state.closed && state.queue.is_empty() {
                return None;
            }
            state.idle += 1;
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    fn ended(&self) {
        let mut state = self.state();
        state.begun -= 1;
        if state.begun == 0 && state.queue.is_empty() {
            self.quiet.notify_all();
        }
    }
}

fn spawn(shared: &Arc<Shared>) -> std::io::Result<()> {
    let shared = shared.clone();
    let thread = thread::Builder::new().name("gate-work".to_owned()).stack_size(STACK_BYTES);
    thread.spawn(move || work(&shared)).map(drop)
}

fn work(shared: &Arc<Shared>) {
    while let Some(job) = shared.next() {
        let turn = Turn { shared: shared.clone(), held: Cell::new(true) };
        // A panic ends the job alone; the caller sees `Lost`.
        if catch_unwind(AssertUnwindSafe(|| job(&turn))).is_err() {
            tracing::error!("a job panicked");
        }
        turn.give_up();
        shared.ended();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    fn block<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn a_job_that_waits_lets_the_next_one_compute() {
        let pool = Pool::start(1, 3).unwrap();
        let (proceed, wait) = mpsc::channel::<()>();
        let first = pool.run(move |turn| {
            turn.give_up();
            wait.recv().unwrap();
            1
        });
        // Ends only because the first job, which still waits, holds no turn.
        assert_eq!(block(pool.run(|_| 2)).unwrap(), 2);
        proceed.send(()).unwrap();
        assert_eq!(block(first).unwrap(), 1);
    }

    #[test]
    fn a_job_that_paused_goes_on_before_a_new_one_begins() {
        let pool = Pool::start(1, 4).unwrap();
        let order = Arc::new(Mutex::new(vec![]));
        let (proceed, wait) = mpsc::channel::<()>();
        let (paused, is_paused) = mpsc::channel::<()>();
        let noted = order.clone();
        let first = pool.run(move |turn| {
            turn.pause(|| {
                paused.send(()).unwrap();
                wait.recv().unwrap();
            });
            noted.lock().unwrap().push("first");
        });
        is_paused.recv().unwrap();
        let (shared, noted) = (pool.shared.clone(), order.clone());
        let second = pool.run(move |_| {
            proceed.send(()).unwrap();
            // The first one wants its turn back while this one holds it and another one waits.
            while shared.state().returning == 0 {
                thread::yield_now();
            }
            noted.lock().unwrap().push("second");
        });
        let noted = order.clone();
        let third = pool.run(move |_| noted.lock().unwrap().push("third"));
        block(async {
            first.await.unwrap();
            second.await.unwrap();
            third.await.unwrap();
        });
        assert_eq!(*order.lock().unwrap(), ["second", "first", "third"]);
    }

    #[test]
    fn a_panic_ends_one_job_and_no_thread() {
        let pool = Pool::start(1, 1).unwrap();
        let lost = block(pool.run(|_| -> u8 { panic!("a test") }));
        assert!(lost.is_err());
        assert_eq!(block(pool.run(|_| 2)).unwrap(), 2);
    }

    #[test]
    fn a_job_whose_caller_left_never_begins() {
        let pool = Pool::start(1, 1).unwrap();
        let (proceed, wait) = mpsc::channel::<()>();
        let (begun, begins) = mpsc::channel::<()>();
        let first = pool.run(move |_| wait.recv().unwrap());
        drop(pool.run(move |_| begun.send(()).unwrap()));
        proceed.send(()).unwrap();
        block(first).unwrap();
        assert!(pool.drain(Duration::from_mins(1)));
        assert!(begins.recv().is_err());
    }

    #[test]
    fn a_deep_recursion_has_its_stack() {
        fn deep(level: u32) -> u32 {
            let frame = std::hint::black_box([level; 256]);
            if level == 0 { frame[0] } else { deep(level - 1) + std::hint::black_box(1) }
        }
        let pool = Pool::start(1, 1).unwrap();
        assert_eq!(block(pool.run(|_| deep(20_000))).unwrap(), 20_000);
    }
}
