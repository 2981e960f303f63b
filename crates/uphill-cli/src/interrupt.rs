//! Ctrl-C: the first one asks the work to stop at a good place, the second one ends the program at once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);
static WATCHING: OnceLock<()> = OnceLock::new();

/// The exit code that shells give to what Ctrl-C ended.
const ENDED: i32 = 130;

/// From here on Ctrl-C, or a request to terminate, is noted; without this it ends the program as usual.
pub fn watch() {
    WATCHING.get_or_init(|| {
        // Where no handler can be set, Ctrl-C stays what it was.
        let _ = ctrlc::set_handler(|| {
            if ASKED.swap(true, Ordering::SeqCst) {
                #[allow(clippy::exit)] // the user asked twice
                std::process::exit(ENDED);
            }
        });
    });
}

/// Whether somebody asked to stop.
#[must_use]
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
