//! Verifies every command of the book: its form is checked, it is run, or it is listed with the reason why it cannot be.

use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::fs::PermissionsExt as _,
    process::Command,
};

use support_bot::config::VARIABLES;

use super::{
    super::compose::{root, text},
    compose,
    pages::{code, pages},
    played::PLAYED,
    shell::{Words, commands},
};

/// Beginnings of commands that are not run here, each with the reason.
const NOT_HERE: &[(&str, &str)] = &[
    ("git clone", "asks GitHub"),
    ("git fetch", "asks GitHub"),
    ("git push", "publishes"),
    ("git tag", "publishes"),
    ("gh", "asks GitHub"),
    ("git grep", "changes the checkout"),
    ("xargs", "changes the checkout"),
    ("sha256sum --check SHA256SUMS", "needs a release"),
    ("sudo apt-get install", "installs a package; `release.rs` looks into it"),
    ("curl -fsSLO", "asks GitHub; `release.rs` compares the tag"),
    ("git checkout", "changes the checkout; `release.rs` compares the tag"),
    ("cd", "the next command is not in this folder"),
    ("docker", "needs an engine: `just compose` runs the blocks with these commands"),
    ("age", "is not among the programs that the tests may ask for"),
    ("tar -cz copies", "is read by age"),
    ("date", "only names a file"),
    ("ssh", "needs a server"),
    ("ssh-keygen", "needs OpenSSH"),
    ("ssh-keyscan", "needs a server"),
    ("ss", "shows the ports of this machine"),
    ("grep", "reads what `ss` prints"),
    ("curl -sS", "asks a desk, or Telegram"),
    ("cat", "shows a file of this machine"),
    ("df", "shows the state of this machine"),
    ("dmesg", "shows the state of this machine"),
    ("du", "shows the state of this machine"),
    ("kubectl", "needs a cluster"),
    ("head", "reads what another program prints"),
    ("ls", "shows files of this machine"),
    ("sort", "reads what another program prints"),
    ("sudo journalctl", "shows the state of this machine"),
    ("systemctl list-units", "shows the state of this machine"),
    ("tail", "reads what another program prints"),
    ("top", "shows the state of this machine"),
    ("uptime", "shows the state of this machine"),
    ("echo", "is read by `sudo tee`"),
    ("sudo ufw", "changes this machine's firewall"),
    ("sudo fallocate", "makes swap"),
    ("sudo chmod", "makes swap"),
    ("sudo mkswap", "makes swap"),
    ("sudo swapon", "makes swap"),
    ("sudo tee", "makes swap"),
    ("sudo useradd", "makes a user"),
    ("sudo chown", "needs the user made before"),
    ("sudo install -d -m 700 -o deploy", "needs the user made before"),
    ("sudo install -d -o $USER", "makes a folder in /srv"),
    ("mkdir support-bot", "makes a folder"),
    ("sudo mv /var/lib/support-bot", "needs a desk under systemd"),
];

/// Programs whose commands are verified by their form, so also where a sentence names them.
const BY_FORM: &[&str] =
    &["support-bot", "support-bot-once", "just", "cargo", "docker compose", "sudo systemctl"];

/// Words in prose that look like a command but are not one today.
const NOT_COMMANDS: &[(&str, &str)] = &[
    ("docker compose logs -f bot", "the old bot's service"),
    ("support-bot support-bot-2", "two services"),
];

/// The scripts of the project that pages tell people to run.
const SCRIPTS: &[&str] = &[
    "bin/test",
    "bin/quiet",
    "bin/book",
    "bin/pin-images",
    "bin/valkey",
    ".ci/run",
    "deploy/update",
    "deploy/back",
    "monitoring/smoke",
    "prometheus/check",
    "alertmanager/check",
    "grafana/write",
    "deploy/kubernetes/write",
];

/// Verifies a command by its form; none if this is no program of those above.
fn form(words: &[String]) -> Option<Result<(), String>> {
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| *word != "…").collect();
    let rest = |from: usize| words[from..].iter().map(|word| (*word).to_owned()).collect::<Words>();
    Some(match &words[..] {
        ["sudo", "systemctl", ..] => units(&words[2..]),
        ["sudo", ..] if words.get(1) == Some(&"support-bot-once") => form(&rest(1))?,
        ["support-bot" | "support-bot-once", ..] => program(&rest(1)),
        ["docker", "compose", ..] => compose::check(&rest(2)).and_then(|inner| {
            if inner.is_empty() { Ok(()) } else { form(&inner).unwrap_or(Ok(())) }
        }),
        ["just", ..] => recipe(words.get(1).copied()),
        ["cargo", ..] => cargo(&words[1..]),
        [script, ..] if SCRIPTS.contains(script) => own_script(script, &words[1..]),
        _ => return None,
    })
}

/// The program refuses arguments that it does not know with the exit code 2, in the words of clap; what else is missing is another
/// matter.
fn program(arguments: &[String]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_support-bot"));
    // A page's word for the number of a dead letter.
    let number = |word: &'_ String| if word == "NUMBER" { "1".to_owned() } else { word.clone() };
    program.args(arguments.iter().map(number)).env_clear().current_dir(folder.path());
    // The only one that needs no settings and does not end.
    if arguments.first().is_some_and(|first| first == "demo") {
        program.arg("--help");
    }
    let output = program.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(2) && said.starts_with("error:") {
        Err(said.lines().take(2).collect())
    } else {
        Ok(())
    }
}

/// Verifies a command within a sentence, which may name a subcommand of the program without its arguments.
fn form_in_a_sentence(words: &[String]) -> Option<Result<(), String>> {
    let plain = |word: &String| word.chars().all(|sign| sign.is_ascii_lowercase());
    if words[0] == "support-bot" && words[1..].iter().all(plain) {
        return form(&[words, &["--help".to_owned()]].concat());
    }
    form(words)
}

fn recipe(name: Option<&str>) -> Result<(), String> {
    let justfile = text("justfile");
    let Some(name) = name else { return Ok(()) };
    let heads = justfile.lines().filter(|line| !line.starts_with([' ', '#']));
    let known = heads.filter_map(|line| line.split([' ', ':']).next()).any(|head| head == name);
    if known { Ok(()) } else { Err(format!("no recipe {name}")) }
}

/// The subcommands that this project needs; what follows `--` is for the program.
fn cargo(words: &[&str]) -> Result<(), String> {
    let manifest = text("Cargo.toml");
    let known = [
        "add", "bench", "build", "check", "clippy", "doc", "fmt", "install", "llvm-cov", "nextest",
        "run", "test", "update",
    ];
    let subcommand = words.first().copied().unwrap_or_default();
    if !known.contains(&subcommand) {
        return Err(format!("no subcommand {subcommand} of cargo"));
    }
    let own: Vec<&str> = words.iter().copied().take_while(|word| *word != "--").collect();
    for pair in own.windows(2) {
        let exists = match pair[0] {
            "--profile" => manifest.contains(&format!("[profile.{}]", pair[1])),
            "--bench" | "--test" => manifest.contains(&format!("name = \"{}\"", pair[1])),
            "-p" => root().join("crates").join(pair[1]).is_dir(),
            _ => true,
        };
        if !exists {
            return Err(format!("no {} {}", pair[0], pair[1]));
        }
    }
    if subcommand == "run" && !own.contains(&"-p") && own.len() < words.len() {
        return program(
            &words[own.len() + 1..].iter().map(|word| (*word).to_owned()).collect::<Words>(),
        );
    }
    Ok(())
}

/// A script is there, may be run, and knows the options and, if it is `bin/test`, the steps.
fn own_script(path: &str, arguments: &[&str]) -> Result<(), String> {
    let mode =
        root().join(path).metadata().map_err(|error| error.to_string())?.permissions().mode();
    if mode & 0o111 == 0 {
        return Err("it cannot be run".to_owned());
    }
    let script = text(path);
    let code = || script.lines().filter(|line| !line.starts_with('#'));
    let of_word = |sign: char| sign.is_ascii_alphanumeric() || sign == '-';
    for word in arguments.iter().filter(|word| path == "bin/test" || word.starts_with("--")) {
        let knows = if word.starts_with("--") {
            code().any(|line| line.split(|sign| !of_word(sign)).any(|part| part == *word))
        } else {
            code().any(|line| line.trim_start().starts_with(&format!("{word})")))
        };
        if !knows {
            return Err(format!("it knows no {word}"));
        }
    }
    Ok(())
}

/// Units of this project exist; others are Docker's and the firewall's.
fn units(words: &[&str]) -> Result<(), String> {
    let Some((verb, units)) = words.split_first() else { return Err("nothing to do".to_owned()) };
    if !["daemon-reload", "edit", "enable", "restart", "start", "stop"].contains(verb) {
        return Err(format!("no {verb}"));
    }
    for unit in units.iter().filter(|word| !word.starts_with("--")) {
        let file = if unit.contains('.') { (*unit).to_owned() } else { format!("{unit}.service") };
        let known = root().join("deploy/systemd").join(file).exists();
        if !known && !["docker", "nftables"].contains(unit) {
            return Err(format!("no unit {unit}"));
        }
    }
    Ok(())
}

/// The listed beginning of a command that is not run.
fn excuse(words: &[String]) -> Option<&'static str> {
    let line = words.join(" ") + " ";
    let begins = |(start, _): &&(&str, &str)| line.starts_with(&format!("{start} "));
    // The longest says the most.
    NOT_HERE.iter().filter(begins).max_by_key(|(start, _)| start.len()).map(|(start, _)| *start)
}

/// How a command of a block is verified, as an error if it is not.
fn verified(words: &Words, played: &BTreeSet<Words>) -> Result<(), String> {
    let parts = words.iter().filter(|word| words[0] == "docker" && !compose::is_part(word));
    if let Some(part) = parts.into_iter().next() {
        return Err(format!("no volume or network {part}"));
    }
    if let Some(form) = form(words) {
        return form;
    }
    if played.contains(words) || excuse(words).is_some() {
        return Ok(());
    }
    Err("check.rs does not know how to verify it".to_owned())
}

#[test]
fn every_command_of_the_book_is_verified() {
    let played: BTreeSet<Words> = PLAYED.iter().flat_map(|one| commands(&one.block())).collect();
    let (mut of_blocks, mut of_sentences) = (BTreeMap::new(), BTreeMap::new());
    let starts = || BY_FORM.iter().chain(SCRIPTS);
    for page in pages() {
        let (blocks, spans) = code(&page);
        for block in blocks.iter().filter(|block| block.language == "sh") {
            let at = format!("{}:{}", block.page, block.line);
            of_blocks.extend(commands(&block.text).into_iter().map(|words| (words, at.clone())));
        }
        // Names of tests begin with that of the program, too.
        let named = |span: &&String| {
            !span.contains("::") && starts().any(|start| span.starts_with(&format!("{start} ")))
        };
        for span in spans
            .iter()
            .filter(named)
            .filter(|span| NOT_COMMANDS.iter().all(|(other, _)| other != span))
        {
            of_sentences.extend(commands(span).into_iter().map(|words| (words, page.clone())));
        }
    }
    let in_blocks = of_blocks.iter().map(|(words, at)| (words, at, verified(words, &played)));
    let in_sentences = of_sentences
        .iter()
        .filter(|(words, _)| !of_blocks.contains_key(*words))
        .map(|(words, at)| (words, at, form_in_a_sentence(words).unwrap_or(Ok(()))));
    let wrong: Vec<String> = in_blocks
        .chain(in_sentences)
        .filter_map(|(words, at, outcome)| {
            Some(format!("{at}: {}: {}", words.join(" "), outcome.err()?))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        of_blocks.len() > 90 && of_sentences.len() > 40,
        "{} {}",
        of_blocks.len(),
        of_sentences.len()
    );

    let excused = |start: &str| of_blocks.keys().any(|words| excuse(words) == Some(start));
    for (start, why) in NOT_HERE {
        assert!(
            excused(start) && !why.is_empty(),
            "no page has a command that begins with {start}"
        );
    }
}

/// Blocks of another language hide no command, and those that are lines of `.env` name settings.
#[test]
fn blocks_say_what_is_in_them() {
    for page in pages() {
        let (blocks, _) = code(&page);
        for block in blocks.iter().filter(|block| block.language != "sh") {
            for line in block.text.lines() {
                let at = format!("{}:{}: {line}", block.page, block.line);
                let first = line.split(' ').next().unwrap_or_default();
                let programs = BY_FORM.iter().map(|start| start.split(' ').next().unwrap());
                let command =
                    programs.chain(SCRIPTS.iter().copied()).any(|program| program == first);
                assert!(!command, "{at}: a block of commands begins with ```sh");
                let Some((name, value)) =
                    line.split_once('=').filter(|_| block.language.is_empty())
                else {
                    continue;
                };
                if name.chars().all(|sign| sign.is_ascii_uppercase() || sign == '_') {
                    let known = VARIABLES.iter().any(|variable| variable.name == name);
                    assert!(known || compose::check_setting(name, value).is_ok(), "{at}");
                }
            }
        }
    }
}

#[test]
fn wrong_commands_are_found() {
    let verified = |line: &str| {
        commands(line).iter().all(|words| form(words).is_some_and(|form| form.is_ok()))
    };
    for right in [
        "support-bot backup /backups --keep 14",
        "docker compose --profile webhook stop support-caddy",
        "docker compose run --rm --no-deps -T support-bot-backup restore /backups/FILE --check",
        "docker compose exec support-bot support-bot doctor",
        "docker compose cp support-bot-backup:/backups/. ./copies",
        "just compose && bin/test docs core && cargo bench --bench desk -- restart",
        "sudo support-bot-once dead list",
        "deploy/update --no-backup; deploy/back --list",
    ] {
        assert!(verified(right), "{right}");
    }
    for wrong in [
        "support-bot backup",
        "support-bot restore FILE --checks",
        "docker compose --profile webhooks up -d",
        "docker compose -f docker-compose.no.yml up",
        "docker compose up -d support-both",
        "docker compose up --waits",
        "docker compose exec support-bot support-bot doctors",
        "docker compose run --rm support-bot-backup retore FILE",
        "just composed",
        "bin/test doc",
        "cargo bench --bench desks",
        "cargo run --profile demos -- demo",
        "cargo run -- dem",
        "sudo systemctl start support-bots",
        "deploy/back --lists",
        "ls",
    ] {
        assert!(!verified(wrong), "{wrong}");
    }
    assert!(compose::is_part("support-bot_redis") && !compose::is_part("support-bot_reddis"));
    assert!(
        compose::check_setting("COMPOSE_FILE", "docker-compose.yml:docker-compose.unwatched.yml")
            .is_ok()
    );
    assert!(compose::check_setting("COMPOSE_PROFILES", "web").is_err());
}
