//! Ctrl-C: the first one asks the work to stop at a good place, the second one ends the program at once.
//!
//! Work that doesn't [`watch`] ends with the first one. Either way no half-written file is left behind: whatever is
//! being written beside its place is taken away first.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};

use uphill_nn::WholeFile;

static ASKED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);
static WATCHED: AtomicBool = AtomicBool::new(false);
static HANDLED: OnceLock<()> = OnceLock::new();
/// The files that nobody should find after the program has ended.
static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The exit code that shells give to what Ctrl-C ended.
const ENDED: i32 = 130;

/// From here on Ctrl-C, or a request to terminate, is noted; without this it ends the program.
pub fn watch() {
    WATCHED.store(true, Ordering::SeqCst);
    handle();
}

/// The flag that somebody who asks to stop raises, for work that looks at it by itself.
#[must_use]
pub fn flag() -> Arc<AtomicBool> {
    Arc::clone(&ASKED)
}

/// Whether somebody asked to stop.
#[must_use]
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}

fn handle() {
    HANDLED.get_or_init(|| {
        // Where no handler can be set, Ctrl-C stays what it was.
        let _ = ctrlc::set_handler(|| {
            let again = ASKED.swap(true, Ordering::SeqCst);
            if again || !WATCHED.load(Ordering::SeqCst) {
                // Held to the end, so that no other file is begun.
                let files = temporary_files();
                for file in files.iter() {
                    // It may be in its place already.
                    let _ = std::fs::remove_file(file);
                }
                #[allow(clippy::exit)]
                // the user asked, and nothing that could stop at a good place is at work
                std::process::exit(ENDED);
            }
        });
    });
}

fn temporary_files() -> MutexGuard<'static, Vec<PathBuf>> {
    TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As long as it lives, Ctrl-C takes a temporary file away before it ends the program.
#[derive(Debug)]
pub(crate) struct Listed(PathBuf);

impl Listed {
    /// Makes a temporary file and lists it, with no moment between at which it could be left behind.
    ///
    /// # Errors
    ///
    /// Those of making it.
    pub(crate) fn new(
        make: impl FnOnce() -> io::Result<WholeFile>,
    ) -> io::Result<(Listed, WholeFile)> {
        handle();
        let mut files = temporary_files();
        let file = make()?;
        files.push(file.temporary().to_owned());
        Ok((Listed(file.temporary().to_owned()), file))
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        temporary_files().retain(|file| *file != self.0);
    }
}
