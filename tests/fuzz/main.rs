//! Hostile bytes for every reader, and random programs for every executor: the targets of the folder `fuzz`, on any
//! toolchain.
//!
//! The files of `fuzz/corpus` are changed at random. So many changes are tried, the same ones in each run; with
//! `FUZZ_SECONDS` as many as that time allows, others in each run, or those of `FUZZ_SEED`. What is found is shortened and
//! kept in a file, whose name the message has; a run that ends without a word (no stack, no memory) leaves the bytes
//! that it ended with beside it, by the name `last`.

mod mutation;
mod search;
#[allow(dead_code, unreachable_pub, reason = "it is a crate of its own for libFuzzer")]
#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use peak_alloc::PeakAlloc;
use search::{Budget, search};

/// Counts all memory of the process, so one target runs at a time.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn look(name: &str) {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = number("FUZZ_SECONDS").map(Duration::from_secs);
    let now = || UNIX_EPOCH.elapsed().map_or(1, |time| time.subsec_nanos().into());
    let seed = number("FUZZ_SEED").unwrap_or_else(|| if seconds.is_some() { now() } else { 1 });
    let budget = Budget { seconds, seed };
    let target = targets::TARGETS.iter().find(|target| target.name == name).expect("a target");
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz").join(name);
    if let Err(found) = search(target.run, &corpus, &place, &budget) {
        panic!("{found}");
    }
}

macro_rules! looks {
    ($($name:ident),+ $(,)?) => {
        $(#[test] fn $name() { look(stringify!($name)); })+

        #[test]
        fn every_target_has_its_search() {
            let names: Vec<&str> = targets::TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(names, [$(stringify!($name)),+]);
        }
    };
}

looks!(
    formula,
    problem,
    performance,
    function_file,
    trace,
    report,
    model,
    weights,
    table_model,
    table,
    history,
    programs,
);

mod finds {
    //! What a search finds, of targets that are wrong on purpose.

    use super::*;

    fn found(name: &str, target: fn(&[u8])) -> String {
        let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/formula");
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz").join(name);
        search(target, &corpus, &place, &Budget { seconds: None, seed: 1 })
            .expect_err("it is found")
    }

    #[test]
    fn a_panic_and_shortens_what_leads_to_it() {
        let told = found("finds-a-panic", |bytes| {
            assert!(!bytes.windows(3).any(|part| part == b"7*o"), "seven");
        });
        let (_, place) = told.rsplit_once("the bytes are in ").expect("a place");
        assert_eq!(std::fs::read(place.trim()).expect("the file"), b"7*o", "{told}");
        assert!(told.starts_with("seven"), "{told}");
    }

    /// Nothing in the corpus is so long.
    #[test]
    fn what_only_changes_bring_about() {
        let told = found("finds-changes", |bytes| assert!(bytes.len() < 5000, "a long text"));
        assert!(told.starts_with("a long text\nof seed 1; "), "{told}");
    }

    #[test]
    fn memory_that_is_out_of_proportion() {
        let told = found("finds-memory", |bytes| {
            if bytes.len() > 100 {
                std::hint::black_box(Vec::<u8>::with_capacity(1 << 30));
            }
        });
        assert!(told.starts_with("107") && told.contains(" MB of memory for "), "{told}");
    }
}
