//! Tests deploy/update with a digest: the image under the tag in the registry must be the released one. A script
//! simulates Docker.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Command, Output},
};

use tempfile::TempDir;

use super::compose::{root, text};

const RELEASED: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const ANOTHER: &str = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/// A stand-in for Docker: it answers the scripts' commands and logs each of them. It refuses a backup, so that a script
/// that tries one has accepted the image.
const DOCKER: &str = r#"#!/bin/sh
echo "$*" >>"$PLAYED/asked"
case $* in
"compose config --services") echo support-bot ;;
"compose config") printf 'services:\n  support-bot:\n    image: %s\nnetworks:\n' "$NAMED" ;;
"compose ps"*) echo container ;;
"inspect --format {{.Image}}"*) echo sha256:before ;;
"inspect --format {{.Config.Image}}"*) echo "$NAMED" ;;
"image inspect --format {{.Id}}"*) echo sha256:after ;;
"image inspect --format {{range"*sha256:before) echo "ghcr.io/owner/support-bot@sha256:0" ;;
"image inspect --format {{range"*) echo "ghcr.io/owner/other@$RELEASED"; echo "ghcr.io/owner/support-bot@$HAS" ;;
"compose run"*) exit 1 ;;
esac
"#;

struct Played {
    folder: TempDir,
    named: &'static str,
}

impl Played {
    fn new(named: &'static str) -> Self {
        let played = Self { folder: tempfile::tempdir().unwrap(), named };
        fs::create_dir_all(played.path("deploy")).unwrap();
        fs::create_dir_all(played.path("played")).unwrap();
        for name in ["common", "update"] {
            let name = format!("deploy/{name}");
            fs::copy(root().join(&name), played.path(&name)).unwrap();
        }
        fs::write(played.path(".env"), format!("SUPPORT_BOT_IMAGE={named}\n")).unwrap();
        let docker = played.path("played/docker");
        fs::write(&docker, DOCKER).unwrap();
        fs::set_permissions(&docker, fs::Permissions::from_mode(0o755)).unwrap();
        played
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Updates to a version whose tag has an image of this digest in the registry.
    fn updates(&self, version: &str, has: &str) -> (Output, String) {
        let played = self.path("played");
        let path = format!("{}:{}", played.display(), std::env::var_os("PATH").unwrap().display());
        let mut script = Command::new("bash");
        script.arg(self.path("deploy/update")).arg(version).env("PATH", path);
        script
            .env("PLAYED", &played)
            .env("NAMED", self.named)
            .env("HAS", has)
            .env("RELEASED", RELEASED);
        let output = script.output().unwrap();
        let asked = fs::read_to_string(played.join("asked")).unwrap_or_default();
        (output, asked)
    }
}

#[test]
fn an_image_that_is_not_the_released_one_is_refused_before_anything_changes() {
    let played = Played::new("ghcr.io/owner/support-bot:0.1.0");
    let (output, asked) = played.updates(&format!("0.2.0@{RELEASED}"), ANOTHER);
    let printed = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    let why = format!(
        "0.2.0 is not what was released: that is {RELEASED}, and the registry has {ANOTHER}; nothing was changed"
    );
    assert!(printed.contains(&why), "{printed}");
    assert!(asked.contains("pull --quiet ghcr.io/owner/support-bot:0.2.0\n"), "{asked}");
    assert!(!asked.contains("compose run") && !asked.contains("compose up"), "{asked}");
    let settings = fs::read_to_string(played.path(".env")).unwrap();
    assert_eq!(settings, "SUPPORT_BOT_IMAGE=ghcr.io/owner/support-bot:0.1.0\n");
}

#[test]
fn the_released_image_is_accepted() {
    for version in [format!("0.2.0@{RELEASED}"), format!("@{RELEASED}"), "0.2.0".to_owned()] {
        let (output, asked) =
            Played::new("ghcr.io/owner/support-bot:0.1.0").updates(&version, RELEASED);
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(printed.contains("the backup was not made"), "{version}: {printed}");
        assert!(asked.contains("compose run"), "{version}: {asked}");
    }
}

#[test]
fn an_invalid_or_missing_digest_is_refused() {
    let long = format!("0.2.0@{RELEASED}a");
    let two = format!("0.2.0@{RELEASED}@{RELEASED}");
    for version in ["0.2.0@", "0.2.0@sha256:abc", "0.2.0@$(id)", &long, &two] {
        let (output, asked) =
            Played::new("ghcr.io/owner/support-bot:0.1.0").updates(version, RELEASED);
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(printed.contains("this is no digest"), "{version}: {printed}");
        assert_eq!(asked, "", "{version}");
    }
    let (output, _) =
        Played::new("support-bot:0.1.0").updates(&format!("0.2.0@{RELEASED}"), RELEASED);
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(printed.contains("was built here and has no digest; nothing was changed"), "{printed}");
}

/// The digest reaches the deployment and the release from the job that builds the image.
#[test]
fn a_deployment_gets_the_digest_of_the_build() {
    let image = text(".github/workflows/image.yml");
    assert!(image.contains("value: ${{ jobs.name.outputs.digest }}\n"), "{image}");
    let deploy = text(".github/workflows/deploy.yml");
    assert!(deploy.contains("DIGEST: ${{ needs.image.outputs.digest || inputs.digest }}\n"));
    assert!(deploy.contains("echo \"name=$VERSION@$DIGEST\""));
    assert!(deploy.ends_with("\"$REMOTE_USER@$HOST\" \"$IMAGE\"\n"));
    let release = text(".github/workflows/release.yml");
    assert!(release.contains("DIGEST: ${{ needs.image.outputs.digest }}\n"));
    assert!(release.contains(">programs/image-digest.txt\n"));
    assert!(deploy.contains("--pattern image-digest.txt "));
}
