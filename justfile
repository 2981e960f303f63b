# Names for what is done often: `just`, `just test`, `just test -p uphill-graph`. Each calls a script of `.ci`, as CI does.

# What there is.
default:
    @just --list --unsorted

# Everything that must pass before a change lands.
ci:
    .ci/run

# The tests: all, or as cargo is told.
test *arguments:
    .ci/test {{arguments}}

# Style, lints, documentation, features, workspaces: all, or these.
check *parts:
    .ci/check {{parts}}

# Formats everything.
format:
    .ci/format

# The README's main command, and the examples.
examples:
    .ci/examples

# What reads and writes Parquet and Arrow, which the other tests leave out for the time that its crates take to build.
formats:
    .ci/formats

# The Python package; `just python release` builds the one that is shipped.
python *profile:
    .ci/python {{profile}}

# Changed snapshots, one by one.
review:
    cargo insta review

# Unsafe code by valgrind and miri.
unsafe:
    .ci/unsafe

# Hostile bytes and random programs, so many seconds a target: all, or these.
fuzz seconds="60" *targets:
    .ci/fuzz {{seconds}} {{targets}}

# The same for an hour each.
fuzz-long *targets:
    .ci/fuzz 3600 {{targets}}

# The same by libFuzzer.
libfuzzer seconds="60" *targets:
    .ci/fuzz libfuzzer {{seconds}} {{targets}}

# Kills at random moments, so many for each command that writes files.
kills times="50":
    .ci/kills {{times}}

# Other people's crates: licences and sources; `just deny advisories` asks what is known against them.
deny *checks:
    .ci/deny {{checks}}

# Whether the version says enough of what changed since the last release.
semver *baseline:
    .ci/semver {{baseline}}

# Figures beside other libraries: all, or those whose names have this in them.
bench *arguments:
    cd bench && cargo bench -- {{arguments}}
