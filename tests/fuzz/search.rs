//! A search for bytes that break a target: files of a corpus as they are, then changed, each on a small stack, with its
//! memory counted, and with somebody who watches the time.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::MEMORY;
use crate::mutation::Corpus;

/// Windows gives no more to a program's first thread.
const STACK: usize = 1 << 20;
/// More memory than this is more than any file of a few kilobytes needs.
const MOST_MEMORY: usize = 512 << 20;
/// Whatever takes longer doesn't end. Two processors may be busy with much else.
const LONGEST: Duration = Duration::from_secs(120);
/// How many changed files are tried if nobody says for how long.
const CHANGES: usize = 300;
/// How often a shorter file is tried.
const SHORTER: usize = 2000;

/// How much is tried.
pub(crate) struct Budget {
    pub(crate) seconds: Option<Duration>,
    pub(crate) seed: u64,
}

/// Tries files of a corpus, then changes of them.
///
/// # Errors
///
/// What was found, in words, with the place of a file of the bytes that show it.
pub(crate) fn search(
    target: fn(&[u8]),
    corpus: &Path,
    place: &Path,
    budget: &Budget,
) -> Result<(), String> {
    std::fs::create_dir_all(place).expect("a folder");
    let corpus = Corpus::read(corpus);
    let (begins, next) = channel::<()>();
    let (seconds, seed) = (budget.seconds, budget.seed);
    let last = place.join("last");
    let kept = last.clone();
    let thread = std::thread::Builder::new().stack_size(STACK);
    let worker = thread.spawn(move || tries(target, &corpus, seconds, seed, &kept, &begins));
    let worker = worker.expect("a thread");
    if !is_done_in_time(&next) {
        return Err(format!("it doesn't end; the bytes are in {}", last.display()));
    }
    let found = worker.join().expect("the search itself has no panic");
    found.map_err(|(told, bytes)| {
        let found = place.join("found");
        std::fs::write(&found, bytes).expect("a file");
        format!("{told}\nof seed {seed}; the bytes are in {}", found.display())
    })
}

/// Waits as long as one try begins after the other.
fn is_done_in_time(begins: &Receiver<()>) -> bool {
    loop {
        match begins.recv_timeout(LONGEST) {
            Ok(()) => {}
            Err(RecvTimeoutError::Disconnected) => return true,
            Err(RecvTimeoutError::Timeout) => return false,
        }
    }
}

type Found = (String, Vec<u8>);

fn tries(
    target: fn(&[u8]),
    corpus: &Corpus,
    seconds: Option<Duration>,
    seed: u64,
    last: &Path,
    begins: &Sender<()>,
) -> Result<(), Found> {
    let begun = Instant::now();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let count = corpus.files().len();
    for number in 0.. {
        let changed = number >= count;
        let enough = match seconds {
            Some(seconds) => begun.elapsed() >= seconds,
            None => number >= count + CHANGES,
        };
        if changed && enough {
            break;
        }
        let bytes = match corpus.files().get(number) {
            Some(file) => file.clone(),
            None => corpus.changed(&mut random),
        };
        // A stack that overflows ends the process at once.
        std::fs::write(last, &bytes).expect("a file");
        let _ = begins.send(());
        if let Err(told) = holds(target, &bytes) {
            let (bytes, told) = shortened(target, bytes, told, begins);
            return Err((told, bytes));
        }
    }
    Ok(())
}

/// Whether the target has nothing against these bytes.
fn holds(target: fn(&[u8]), bytes: &[u8]) -> Result<(), String> {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let done = catch_unwind(AssertUnwindSafe(|| target(bytes)));
    let taken = MEMORY.peak_usage().saturating_sub(before);
    done.map_err(|panic| message(panic.as_ref()))?;
    match taken > MOST_MEMORY {
        true => Err(format!("{} MB of memory for {} bytes", taken / 1_000_000, bytes.len())),
        false => Ok(()),
    }
}

fn message(panic: &dyn Any) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic").to_owned()
}

/// Fewer bytes that are still wrong in some way: parts are left out, large ones first.
fn shortened(
    target: fn(&[u8]),
    mut bytes: Vec<u8>,
    mut told: String,
    begins: &Sender<()>,
) -> (Vec<u8>, String) {
    let mut tried = 0;
    let mut part = bytes.len().div_ceil(2);
    while part > 0 {
        let (mut from, mut shorter) = (0, false);
        while from < bytes.len() && tried < SHORTER {
            let end = (from + part).min(bytes.len());
            let without = [&bytes[..from], &bytes[end..]].concat();
            tried += 1;
            let _ = begins.send(());
            match holds(target, &without) {
                Err(now) => (bytes, told, shorter) = (without, now, true),
                Ok(()) => from = end,
            }
        }
        if !shorter {
            part /= 2;
        }
    }
    (bytes, told)
}
