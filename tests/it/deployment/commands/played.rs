//! Runs blocks of the book as they stand there, in a folder of their own: what needs no Docker, no network and no root.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Stdio},
};

use super::{
    super::{compose::root, release::pack},
    pages,
};
use crate::harness::{Desk, free_port};

/// A block of a page that is run.
pub(super) struct Played {
    page: &'static str,
    begins: &'static str,
    /// Runs the block in an empty folder, and checks what came of it.
    play: fn(&str, &Path),
}

impl Played {
    /// The block as it stands on the page.
    pub(super) fn block(&self) -> String {
        pages::block(self.page, self.begins)
    }
}

const MONITORING: &str = "docs/operate/monitoring.md";

/// The folders of the checkout that containers read.
const MOUNTED: [&str; 6] =
    ["alertmanager", "caddy", "grafana", "monitoring", "prometheus", "welcome"];

pub(super) const PLAYED: &[Played] = &[
    Played { page: "docs/setup/first-desk.md", begins: "install -m 600", play: copy_the_example },
    Played { page: "docs/setup/docker.md", begins: "[ -e .env ]", play: make_settings_and_secrets },
    Played { page: "docs/setup/docker.md", begins: "read -rsp 'Token: '", play: paste_the_token },
    Played {
        page: "docs/setup/docker.md",
        begins: "install -d -m 700 secrets\nread",
        play: paste_for_one_container,
    },
    Played {
        page: "docs/setup/docker.md",
        begins: "read -rsp 'Token of the",
        play: paste_for_alerts,
    },
    Played {
        page: MONITORING,
        begins: "install -d -m 755 secrets/alerts_second\nprintf",
        play: mail,
    },
    Played {
        page: MONITORING,
        begins: "install -d -m 755 secrets/alerts_second\nread -rsp 'Address of the topic",
        play: |block, folder| paste_for_second(block, folder, "ntfy_url"),
    },
    Played {
        page: MONITORING,
        begins: "install -d -m 755 secrets/alerts_second\nread -rsp 'Integration key",
        play: |block, folder| paste_for_second(block, folder, "pagerduty_key"),
    },
    Played {
        page: MONITORING,
        begins: "install -d -m 755 secrets/alerts_second\nread -rsp 'Address: '",
        play: |block, folder| paste_for_second(block, folder, "webhook_url"),
    },
    Played {
        page: MONITORING,
        begins: "install -d -m 755 secrets/alerts_second\nread -rsp 'Address of the service outside",
        play: |block, folder| paste_for_second(block, folder, "outside_ping_url"),
    },
    Played { page: "docs/setup/webhook.md", begins: "openssl req", play: make_a_certificate },
    Played {
        page: "docs/setup/systemd.md",
        begins: "sha256sum --check --ignore-missing SHA256SUMS\ntar",
        play: install_an_archive,
    },
    Played {
        page: "docs/setup/systemd.md",
        begins: "sudo systemctl start support-bot-backup",
        play: update,
    },
    Played { page: "docs/setup/systemd.md", begins: "sudo install -m 755 /usr", play: go_back },
];

#[test]
fn the_blocks_that_can_run_here_do_what_their_pages_say() {
    for played in PLAYED {
        let folder = tempfile::tempdir().unwrap();
        (played.play)(&played.block(), folder.path());
    }
}

/// Stands for root: leaves users and services alone, and has `$ROOT` for `/`.
const SUDO: &str = r#"
sudo() {
    local words=()
    case $1 in systemctl | useradd) return ;; esac
    while (($#)); do
        case $1 in
        -o | -g) shift ;;
        /dev/null) words+=("$1") ;;
        /*) words+=("$ROOT$1") ;;
        *) words+=("$1") ;;
        esac
        shift
    done
    "${words[@]}"
}
"#;

/// Runs a script with this on its standard input.
fn run(folder: &Path, script: &str, input: &str) -> String {
    let mut bash = Command::new("bash");
    bash.args(["-euc", script]).current_dir(folder).env("ROOT", folder.join("root"));
    bash.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut bash = bash.spawn().unwrap();
    bash.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = bash.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {err}");
    String::from_utf8(output.stdout).unwrap()
}

/// The same for an owner whose files are closed to everybody else, as some servers have it.
fn run_closed(folder: &Path, script: &str, input: &str) {
    run(folder, &format!("umask 077\n{script}"), input);
}

/// Checks that a container's user can read a secret, and that nobody else on the machine gets at it.
fn assert_only_containers_read(folder: &Path, secrets: &[&str]) {
    assert_eq!(mode(folder, "secrets"), 0o700);
    for secret in secrets {
        assert_eq!(mode(folder, secret), 0o644, "{secret}");
    }
}

fn make_secrets(folder: &Path) {
    fs::create_dir(folder.join("secrets")).unwrap();
    fs::set_permissions(folder.join("secrets"), fs::Permissions::from_mode(0o700)).unwrap();
}

fn text(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn mode(folder: &Path, path: &str) -> u32 {
    folder
        .join(path)
        .metadata()
        .unwrap_or_else(|error| panic!("{path}: {error}"))
        .permissions()
        .mode()
        & 0o777
}

fn put_the_example(folder: &Path) {
    fs::copy(root().join(".env.example"), folder.join(".env.example")).unwrap();
}

fn copy_the_example(block: &str, folder: &Path) {
    put_the_example(folder);
    run(folder, block, "");
    assert_eq!(mode(folder, ".env"), 0o600);
    assert_eq!(text(folder, ".env"), text(folder, ".env.example"));
}

fn make_settings_and_secrets(block: &str, folder: &Path) {
    const MADE: [&str; 4] =
        [".env", "secrets/redis_password", "secrets/watchdog_token", "secrets/grafana_password"];
    put_the_example(folder);
    for mounted in MOUNTED {
        run_closed(folder, &format!("mkdir -p {mounted}/more; touch {mounted}/more/file"), "");
    }
    run_closed(folder, block, "");
    assert_eq!(mode(folder, ".env"), 0o600);
    assert_only_containers_read(folder, &MADE[1..]);
    assert_eq!(mode(folder, "secrets/alerts_second"), 0o755);
    for mounted in MOUNTED {
        let found =
            ["", "/more", "/more/file"].map(|path| mode(folder, &format!("{mounted}{path}")));
        assert_eq!(found, [0o755, 0o755, 0o644], "{mounted}");
    }
    fs::write(folder.join(".env"), "BOT_GROUP_ID=-1001\n").unwrap();
    let made = MADE.map(|path| text(folder, path));
    assert!(made.iter().all(|content| content.len() > 15), "{made:?}");
    run_closed(folder, block, "");
    assert_eq!(MADE.map(|path| text(folder, path)), made, "a second time, it keeps what is there");
}

fn paste_the_token(block: &str, folder: &Path) {
    make_secrets(folder);
    run_closed(folder, block, "123456789:AAF\\b%s\n");
    assert_eq!(text(folder, "secrets/bot_token"), "123456789:AAF\\b%s\n");
    assert_only_containers_read(folder, &["secrets/bot_token"]);
}

fn paste_for_one_container(block: &str, folder: &Path) {
    run_closed(folder, block, "123456789:AAF\n-1001234567890\n4000000001\n");
    assert_eq!(text(folder, "secrets/bot_token"), "123456789:AAF\n");
    assert_only_containers_read(folder, &["secrets/bot_token"]);
    let settings = "COMPOSE_FILE=docker-compose.minimal.yml\nBOT_GROUP_ID=-1001234567890\nBOT_DEV_ID=4000000001\n";
    assert_eq!((text(folder, ".env").as_str(), mode(folder, ".env")), (settings, 0o600));
}

fn mail(block: &str, folder: &Path) {
    make_secrets(folder);
    run_closed(folder, block, "word $1\\n\n");
    assert_only_containers_read(
        folder,
        &["secrets/alerts_second/email", "secrets/alerts_second/email_password"],
    );
    let settings = text(folder, "secrets/alerts_second/email");
    assert!(settings.starts_with("smarthost=smtp.example.org:587\nfrom="), "{settings}");
    assert_eq!(text(folder, "secrets/alerts_second/email_password"), "word $1\\n\n");
}

fn paste_for_second(block: &str, folder: &Path, name: &str) {
    make_secrets(folder);
    run_closed(folder, block, "what-is-pasted\n");
    assert_only_containers_read(folder, &[&format!("secrets/alerts_second/{name}")]);
    assert_eq!(mode(folder, "secrets/alerts_second"), 0o755);
    assert_eq!(text(folder, &format!("secrets/alerts_second/{name}")), "what-is-pasted\n");
}

fn paste_for_alerts(block: &str, folder: &Path) {
    make_secrets(folder);
    run_closed(folder, block, "987654321:AAF\n-1001234567890\n");
    assert_only_containers_read(folder, &["secrets/alerts_bot_token", "secrets/alerts_chat_id"]);
    assert_eq!(text(folder, "secrets/alerts_bot_token"), "987654321:AAF\n");
    assert_eq!(text(folder, "secrets/alerts_chat_id"), "-1001234567890\n");
}

fn make_a_certificate(block: &str, folder: &Path) {
    run(folder, block, "");
    let shown =
        run(folder, "openssl x509 -in desk.pem -noout -ext subjectAltName,basicConstraints", "");
    assert!(shown.contains("DNS:desk.example.org") && shown.contains("CA:FALSE"), "{shown}");
    assert!(text(folder, "desk.key").contains("PRIVATE KEY"));
}

/// A system with the folders that each has.
fn make_root(folder: &Path) {
    for path in
        ["etc/systemd/system", "usr/local/bin", "usr/local/sbin", "usr/local/share", "var/backups"]
    {
        fs::create_dir_all(folder.join("root").join(path)).unwrap();
    }
}

fn install_an_archive(block: &str, folder: &Path) {
    make_root(folder);
    pack(folder);
    run(folder, &format!("{SUDO}{block}"), "");
    let root = folder.join("root");
    assert_eq!(mode(&root, "usr/local/bin/support-bot"), 0o755);
    assert_eq!(mode(&root, "usr/local/sbin/support-bot-once"), 0o755);
    for private in ["etc/support-bot/env", "etc/support-bot/bot_token"] {
        assert_eq!(mode(&root, private), 0o600, "{private}");
    }
    for unit in ["support-bot.service", "support-bot-backup.service", "support-bot-backup.timer"] {
        text(&root, &format!("etc/systemd/system/{unit}"));
    }
    for page in ["README.md", "docs/setup/systemd.md", "welcome/example.toml"] {
        text(&root, &format!("usr/local/share/support-bot/{page}"));
    }
}

/// The last line asks a desk that runs, on the port where it listens here.
fn update(block: &str, folder: &Path) {
    make_root(folder);
    fs::write(folder.join("root/usr/local/bin/support-bot"), "old").unwrap();
    fs::write(folder.join("support-bot"), "new").unwrap();
    let port = free_port().to_string();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut desk = runtime.block_on(Desk::closed());
    desk.set("OPS_PORT", &port);
    let _running = desk.spawn();
    assert!(block.contains(":9464/readyz"), "{block}");
    run(folder, &format!("{SUDO}{}", block.replace(":9464/", &format!(":{port}/"))), "");
    let programs = folder.join("root/usr/local/bin");
    assert_eq!(
        (text(&programs, "support-bot"), text(&programs, "support-bot.before")),
        ("new".into(), "old".into())
    );
}

fn go_back(block: &str, folder: &Path) {
    make_root(folder);
    let programs = folder.join("root/usr/local/bin");
    fs::write(programs.join("support-bot"), "new").unwrap();
    fs::write(programs.join("support-bot.before"), "old").unwrap();
    run(folder, &format!("{SUDO}{block}"), "");
    assert_eq!(text(&programs, "support-bot"), "old");
}
