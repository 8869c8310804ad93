//! Installs the package for Debian in a container, with the program of the image in it.

use std::process::Command;

use super::desk::{IMAGE, docker, image, printed};
use crate::deployment::{
    compose::root,
    release::{VERSION, pack_program},
};

/// A Debian with dpkg and useradd that these tests need anyway.
const DEBIAN: &str = "redis:7.4.6-bookworm";

/// What an administrator does with the package, and what must be true after each step.
const STEPS: &str = r#"
umask 077
fail() { echo "$*" >&2; exit 1; }
package=/packed/support-bot_*_amd64.deb
# As on the smallest systems, which leave out what no program may need.
echo 'path-exclude=/usr/share/doc/*' >/etc/dpkg/dpkg.cfg.d/without-documentation
dpkg --install $package
/usr/bin/support-bot --version | grep -F "support-bot $VERSION (commit tried" || fail "the version"
support-bot demo --once </dev/null >/tmp/demo || fail "the demo"
[ "$(stat -c '%a %U' /etc/support-bot/env /etc/support-bot/bot_token)" = "600 root
600 root" ] || fail "the secrets are root's alone"
[ "$(stat -c '%a %U' /var/backups/support-bot)" = "700 support-bot" ] || fail "the folder of backups"
[ -s /usr/share/bash-completion/completions/support-bot ] || fail "completions"
getent passwd support-bot | grep -q nologin || fail "the user"

echo BOT_GROUP_ID=-1001 >/etc/support-bot/env
echo token >/etc/support-bot/bot_token
echo backup >/var/backups/support-bot/one
dpkg --install $package
grep -q 1001 /etc/support-bot/env && grep -q token /etc/support-bot/bot_token || fail "an update keeps what is set"

dpkg --remove support-bot
[ ! -e /usr/bin/support-bot ] && grep -q 1001 /etc/support-bot/env || fail "without purge, settings stay"
dpkg --purge support-bot
[ ! -e /etc/support-bot ] && [ -s /var/backups/support-bot/one ] || fail "a purge leaves the backups, and nothing else"
dpkg --install $package
[ ! -s /etc/support-bot/bot_token ] && [ -s /etc/support-bot/env ] || fail "installed anew"
"#;

#[test]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
fn the_package_is_installed_updated_purged_and_installed_again() {
    image();
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    let container = docker(&["create", IMAGE]);
    let from = format!("{container}:/usr/local/bin/support-bot");
    docker(&["cp", &from, program.to_str().unwrap()]);
    docker(&["rm", &container]);
    pack_program(folder.path(), &program);
    let packed = format!("{}:/packed:ro", folder.path().display());
    let version = format!("VERSION={VERSION}");
    let run = ["run", "--rm", "--network", "none", "--user", "0", "--entrypoint", "bash"];
    let what = ["--volume", &packed, "--env", &version, DEBIAN, "-ec", STEPS];
    let output = Command::new("docker").args(run).args(what).current_dir(root()).output().unwrap();
    println!("{}", printed(&output, "the package"));
}
