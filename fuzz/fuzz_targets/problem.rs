#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| uphill_fuzz::run("problem", bytes));
