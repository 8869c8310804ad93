//! Runs bin/pin-images against a simulated registry and a simulated repository.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

use super::compose::{root, text};

const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Starts a registry that knows these images: it gives anyone a token, and shows the digest to anyone with that token.
fn registry(known: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let realm = format!("{address}/token");
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            answer(&connection.unwrap(), known, &realm);
        }
    });
    address
}

fn answer(mut connection: &TcpStream, known: &[&str], realm: &str) {
    let lines = BufReader::new(connection).lines().map_while(Result::ok);
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let path = head[0].split(' ').nth(1).unwrap();
    let allowed = head.iter().any(|line| line == "Authorization: Bearer for-anybody");
    let indexes = head.iter().any(|line| line.contains("application/vnd.oci.image.index.v1+json"));
    let image = path.strip_prefix("/v2/").map(|path| path.replace("/manifests/", ":"));
    let (status, more, body) = if path.starts_with("/token?service=here&scope=") {
        ("200 OK", String::new(), "{\"token\": \"for-anybody\"}")
    } else if !allowed {
        let challenge = format!("Bearer realm=\"{realm}\",service=\"here\",scope=\"pull\"");
        ("401 Unauthorized", format!("WWW-Authenticate: {challenge}\r\n"), "")
    } else if image.is_some_and(|image| known.contains(&image.as_str())) && indexes {
        assert!(
            head[0].starts_with("HEAD "),
            "only HEAD is free: some registries count a GET as a pull"
        );
        ("200 OK", format!("Docker-Content-Digest: {DIGEST}\r\n"), "")
    } else {
        ("404 Not Found", String::new(), "")
    };
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\n{more}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    // The client may have closed the connection.
    drop(connection.write_all(answer.as_bytes()));
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=a", "-c", "user.email=a@localhost", "-C"]).arg(folder);
    let output = git.args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A folder like the repository's root, and the repository of an action beside it.
struct Tried {
    folder: TempDir,
    registry: String,
}

impl Tried {
    fn new(workflow: &str) -> Self {
        let tried = Self {
            folder: tempfile::tempdir().unwrap(),
            registry: registry(&[
                "library/rust:1.95.0-bookworm",
                "prom/prometheus:v3.5.3",
                "distroless/cc:nonroot",
            ]),
        };
        tried.write(
            "Dockerfile",
            "FROM rust:1.95.0-bookworm AS build\nRUN true\nFROM gcr.io/distroless/cc:nonroot\n",
        );
        let services = "services:\n  a:\n    image: prom/prometheus:v3.5.3\n  b:\n    image: support-caddy:2.10.2\n  c:\n    image: ${IMAGE:-support-bot:0.1.0}\n";
        tried.write("docker-compose.yml", services);
        tried.write(".github/workflows/ci.yml", workflow);
        fs::create_dir_all(tried.path("bin")).unwrap();
        fs::copy(root().join("bin/pin-images"), tried.path("bin/pin-images")).unwrap();
        let action = tried.path("actions/somebody/action");
        fs::create_dir_all(&action).unwrap();
        git(&action, &["init", "--quiet"]);
        tried.commit();
        // An annotated tag, which is an object of its own, and a lightweight tag, which is only a name.
        git(&action, &["tag", "--annotate", "--message", "the second", "v2.0.1"]);
        git(&action, &["tag", "v2"]);
        tried
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Creates a commit; returns its hash.
    fn commit(&self) -> String {
        let action = self.path("actions/somebody/action");
        git(&action, &["commit", "--quiet", "--allow-empty", "--message", "a change"]);
        self.newest_commit()
    }

    fn newest_commit(&self) -> String {
        git(&self.path("actions/somebody/action"), &["rev-parse", "HEAD"])
    }

    fn run_pin_images(&self, more: &[&str]) -> Output {
        let mut script = Command::new("python3");
        script.arg(self.path("bin/pin-images")).args(["--registry", &self.registry, "--actions"]);
        script.arg(self.path("actions")).args(more).env_remove("http_proxy");
        script.env("no_proxy", "127.0.0.1").output().unwrap()
    }
}

#[test]
fn digests_and_commits_are_written_to_the_right_lines_once() {
    let container = "jobs:\n  test:\n    container: rust:1.95.0-bookworm\n    steps:\n";
    let tried =
        Tried::new(&format!("{container}      - uses: somebody/action@v2\n      - uses: ./here\n"));
    let before = tried.read("Dockerfile");
    let check = tried.run_pin_images(&["--check"]);
    assert_eq!((check.status.code(), tried.read("Dockerfile")), (Some(1), before), "{check:?}");

    let output = tried.run_pin_images(&[]);
    assert!(output.status.success(), "{output:?}");
    let dockerfile = format!(
        "FROM rust:1.95.0-bookworm@{DIGEST} AS build\nRUN true\nFROM gcr.io/distroless/cc:nonroot@{DIGEST}\n"
    );
    assert_eq!(tried.read("Dockerfile"), dockerfile);
    let compose = tried.read("docker-compose.yml");
    assert!(compose.contains(&format!("image: prom/prometheus:v3.5.3@{DIGEST}\n")), "{compose}");
    assert_eq!(
        compose.matches('@').count(),
        1,
        "an image that is built locally has no digest: {compose}"
    );
    let commit = tried.newest_commit();
    let workflow = tried.read(".github/workflows/ci.yml");
    let uses = format!("      - uses: somebody/action@{commit} # v2.0.1\n      - uses: ./here\n");
    assert_eq!(
        workflow,
        format!("{}{uses}", container.replace("bookworm", &format!("bookworm@{DIGEST}")))
    );

    let again = tried.run_pin_images(&["--check"]);
    assert!(again.status.success() && again.stdout.is_empty(), "{again:?}");
}

#[test]
fn a_moved_version_is_refused_and_nothing_is_written() {
    let tried = Tried::new("");
    let uses = format!("      - uses: somebody/action@{} # v2.0.1\n", tried.newest_commit());
    tried.write(".github/workflows/ci.yml", &uses);
    tried.commit();
    git(&tried.path("actions/somebody/action"), &["tag", "--force", "v2.0.1"]);
    let before = tried.read("Dockerfile");
    let output = tried.run_pin_images(&[]);
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && printed.contains("it was moved; nothing was written"),
        "{printed}"
    );
    assert_eq!((tried.read(".github/workflows/ci.yml"), tried.read("Dockerfile")), (uses, before));
}

#[test]
fn an_unknown_version_is_refused_and_nothing_is_written() {
    for (workflow, why) in [
        ("      - uses: somebody/action@v3\n", "has no version v3"),
        ("      - uses: nobody/action@v3\n", "nobody/action: "),
        ("    container: rust:no-such-tag\n", "404"),
        ("    container: rust\n", "has no tag"),
    ] {
        let tried = Tried::new(workflow);
        let before = tried.read("Dockerfile");
        let output = tried.run_pin_images(&[]);
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && printed.contains(why), "{workflow}: {printed}");
        assert_eq!(
            (tried.read(".github/workflows/ci.yml"), tried.read("Dockerfile")),
            (workflow.to_owned(), before)
        );
    }
}

#[test]
fn it_knows_every_file_that_names_an_image() {
    let script = text("bin/pin-images");
    for path in ["Dockerfile", "caddy/Dockerfile", "docker-compose.yml", "monitoring/compose.yml"] {
        assert!(script.contains(&format!("\"{path}\"")), "{path}");
    }
    assert!(
        !text("docker-compose.unwatched.yml").contains("image:"),
        "bin/pin-images would miss it"
    );
    // The desk's own image has its digest from deploy/update.
    let minimal = text("docker-compose.minimal.yml");
    let images: Vec<&str> = minimal.lines().filter(|line| line.contains("image:")).collect();
    assert!(images.len() == 1 && images[0].contains("${SUPPORT_BOT_IMAGE:-"), "{images:?}");
}
