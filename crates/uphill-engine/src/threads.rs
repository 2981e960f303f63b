//! The threads of a workspace, and work that they do together: samples in leaves, iterations of a loop in stretches.
//!
//! The caller is one of them: it starts at once, while the others wake up ([ADR 12](../../../docs/adr/0012-threads.md)).

#[cfg(feature = "threads")]
use std::sync::atomic::{AtomicUsize, Ordering};

/// How often the caller looks whether the others are done before it sleeps: waking up again takes long.
#[cfg(feature = "threads")]
const LOOKS: u32 = 10_000;

#[derive(Debug)]
pub(crate) enum Threads {
    One,
    #[cfg(feature = "threads")]
    Global,
    /// These, and the caller.
    #[cfg(feature = "threads")]
    Own(rayon::ThreadPool),
}

impl Threads {
    pub(crate) fn count(&self) -> usize {
        match self {
            Threads::One => 1,
            #[cfg(feature = "threads")]
            Threads::Global => rayon::current_num_threads(),
            #[cfg(feature = "threads")]
            Threads::Own(pool) => pool.current_num_threads() + 1,
        }
    }
}

/// Work on these threads: the caller's, number 0, and so many others. When this ends, whatever they wrote is seen.
#[cfg(feature = "threads")]
pub(crate) fn together(threads: &Threads, others: usize, work: &(impl Fn(usize) + Sync)) {
    // How many of the others are done.
    let done = &AtomicUsize::new(0);
    match threads {
        Threads::One => work(0),
        Threads::Global => rayon::in_place_scope(|scope| share(scope, others, work, done)),
        Threads::Own(pool) => pool.in_place_scope(|scope| share(scope, others, work, done)),
    }
}

#[cfg(feature = "threads")]
fn share<'t>(
    scope: &rayon::Scope<'t>,
    others: usize,
    work: &'t (impl Fn(usize) + Sync),
    done: &'t AtomicUsize,
) {
    for thread in 1..=others {
        scope.spawn(move |_| {
            work(thread);
            done.fetch_add(1, Ordering::Release);
        });
    }
    work(0);
    for _ in 0..LOOKS {
        if done.load(Ordering::Acquire) == others {
            break;
        }
        std::hint::spin_loop();
    }
}
