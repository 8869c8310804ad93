# Frequent commands. `just` alone lists the recipes. Each check is a step of bin/test, so that what runs by hand
# is what CI runs.

set shell := ["bash", "-euo", "pipefail", "-c"]

# Lists the recipes.
default:
    @just --list

# Everything that CI checks, as CI does it: a skipped step is a failure.
ci:
    CI=true .ci/run

# All steps; what cannot be installed is skipped.
test:
    bin/test

# Format, lints and tests.
quick:
    bin/test quick

# After a change of a rule, in seconds: format, lints and tests of the pure crates, and whether the rest compiles.
check:
    bin/test core

# Tests whose names contain WORDS, or all.
tests *WORDS:
    cargo nextest run --locked --workspace {{ WORDS }}

# The stories and faults with every store in a Redis.
redis-stories:
    bin/test redis-stories

# The Redis tests on Valkey 8: the one in PATH, or Debian's, unpacked into target/valkey.
valkey:
    server=$(bin/valkey) && REDIS_SERVER=$server cargo nextest run --locked redis

# Formats the code.
format:
    cargo fmt --all

# Clippy on everything, warnings are errors.
clippy:
    bin/test clippy

# Builds the documentation of the code, private items included, and the book of docs/, into target/book; checks every link.
docs:
    bin/test docs

# Licences, banned and doubled crates, sources.
deny:
    bin/test deny

# Dependencies with known vulnerabilities; asks the RustSec database over the network.
advisories:
    bin/test advisories

# The workflows of GitHub, by zizmor.
workflows:
    bin/test workflows

# Writes digests of images and commits of actions beside their versions; asks the registries and GitHub.
pins *OPTIONS:
    bin/pin-images {{ OPTIONS }}

# Test coverage, as a number.
coverage:
    bin/test coverage

# Dependencies that nothing uses.
machete:
    bin/test machete

# The scripts, by shellcheck.
scripts:
    bin/test scripts

# A desk in one process with a simulated Telegram: no token, no network.
demo:
    cargo run --profile demo --locked -- demo

# Tests the simulator with bots in aiogram, python-telegram-bot, grammY and teloxide; needs Node 20 and, the first time, the network.
clients *NAMES:
    crates/telegram-simulator/clients/run {{ NAMES }}

# A Bot API server on a port, for bots in any language: crates/telegram-simulator/README.md.
simulator *OPTIONS:
    cargo run --locked -p telegram-simulator -- {{ OPTIONS }}

# The figures: throughput, latency, CPU and memory against a bare loop.
bench:
    cargo bench --locked

# Checks everything that the desk depends on, and says how to fix what fails.
doctor:
    cargo run --release --locked -- doctor

# Runs the desk with the settings of the environment and .env.
run:
    cargo run --release --locked -- run

# 100,000 mutated and random updates through a whole desk, and as many inputs for each reader; `FUZZ_SEED=… just fuzz` repeats the updates.
fuzz count="100000":
    FUZZ_UPDATES={{ count }} FUZZ_ROUNDS={{ count }} cargo test --release --locked --test it fuzz:: -- --nocapture

# Measures the time from `kill -9` to the next delivery, on either store and with two replicas; five minutes.
restart:
    cargo bench --locked --bench desk -- restart

# Measures what the desk makes of Telegram's limit for the group, under Telegram's real limits; 15 minutes. `just limits redis` keeps
# the stores in Redis, `just limits alone` plays one scenario, and LIMITS_PROGRAM=… plays another build beside this one.
limits *WORDS:
    cargo bench --locked --bench desk -- limits {{ WORDS }}

# Builds the image and runs the compose file for real, against a simulated Telegram; needs a Docker engine.
compose:
    cargo test --locked --test it deployment:: -- --ignored --nocapture --test-threads 1

# Measures the memory that users and links take in Redis; a minute.
memory:
    cargo test --locked --test it redis::persistence::memory -- --ignored --nocapture

# A planned failover by Sentinel under load; half a minute.
failover:
    cargo test --locked --test it a_planned_failover -- --ignored --nocapture

# The log during a long outage of Redis; two minutes.
outage:
    cargo test --locked --test it a_long_outage -- --ignored --nocapture

# Makes the stores of a release that tests/it/stores opens: `just stores path/to/its/program 1a2b3c4`. docs/develop/stores.md says more.
stores program commit:
    STORES_PROGRAM={{ absolute_path(program) }} STORES_RELEASE={{ commit }} cargo test --locked --test it make_the_stores -- --ignored --nocapture

# Kills, freezes, cuts, an emptied Redis and failovers on both stores; the histories are checked and saved.
histories seconds="600":
    HISTORY_SECONDS={{ seconds }} cargo test --locked --test it histories:: -- --ignored --nocapture

# Measures memory in a rush of this number of users: while messages wait, at a start, during delivery, and afterwards; on both stores.
# 1,000,000 take an hour, and 6 GB for the simulated Telegram.
rush *USERS="10000 100000":
    #!/usr/bin/env bash
    set -euo pipefail
    for users in {{ USERS }}; do
        for redis in 0 1; do
            RUSH_USERS=$users DESKS_IN_REDIS=$redis cargo test --locked --release --test it memory_of_a_rush -- --ignored --nocapture
        done
    done

# What a cached conversation and a cached link take.
cache:
    cargo test --locked --lib bytes_of_what_is_cached -- --ignored --nocapture

# 200 messages at once at Telegram's own pace: 15 minutes.
pace:
    cargo test --locked --test it a_rush_at_telegrams_own_pace -- --ignored --nocapture

# A newsletter to 10,000, killed 20 times; a minute.
newsletter:
    cargo test --locked --test it a_newsletter_to_ten_thousand -- --ignored --nocapture

# A newsletter without limits, its throughput and memory, on both stores. To 1,000,000: some minutes each, and 6 GB for the simulated Telegram.
million users="1000000":
    NEWSLETTER_USERS={{ users }} cargo test --locked --release --test it a_newsletter_to_a_million -- --ignored --nocapture
    NEWSLETTER_USERS={{ users }} DESKS_IN_REDIS=1 cargo test --locked --release --test it a_newsletter_to_a_million -- --ignored --nocapture

# Monitoring fails and recovers; three minutes.
watchdog:
    cargo test --locked --test it owner::watchdog -- --ignored --nocapture

# Incidents that last for minutes before the owner gets a notice: a frozen Redis, a second program, a full disk (two minutes), TGTrack (half an hour).
incidents:
    cargo test --locked --test it owner::lasting_incidents -- --ignored --nocapture

# Measures how long it takes until on-call is notified of a killed desk: five kills, two minutes.
alarm:
    cargo test --locked --test it monitoring::alarm::how_long -- --ignored --nocapture

# Changes the rules in some 240 ways, one at a time, and shows which change no test notices: five minutes. `just mutants FILES…` tries others.
mutants *FILES="crates/domain/src/rules/**":
    #!/usr/bin/env bash
    set -euo pipefail
    set -f # The patterns are for cargo-mutants, not for the shell.
    tools=$PWD/target/tools
    PATH=$tools/bin:$PATH
    command -v cargo-mutants >/dev/null || cargo install --locked --root "$tools" --target-dir "$tools/build" cargo-mutants@27.1.0
    patterns=()
    for file in {{ FILES }}; do patterns+=(-f "$file"); done
    cargo mutants --workspace --jobs 2 --output target "${patterns[@]}"
