//! Slips of the fingers, and what is packaged with the program.

use std::process::{Command, Output};

use tempfile::TempDir;

fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_support-bot"));
    command.env_clear().current_dir(folder.path()).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_folder_without_settings_leads_to_the_demo_and_to_setup() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&[][..], &["run"], &["doctor"], &["backup", "."], &["dead", "list"]] {
        let ran = run(&folder, arguments);
        let said = text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{said}");
        let here = folder.path().canonicalize().unwrap().display().to_string();
        assert!(said.contains(&format!("{here} has no .env")), "{said}");
        assert!(
            said.contains("support-bot demo\n") && said.contains("support-bot setup"),
            "{said}"
        );
    }
}

#[test]
fn doctor_says_in_every_form_and_language_that_there_are_no_settings() {
    let folder = tempfile::tempdir().unwrap();
    let (english, russian) = ("There are no settings: ", "Настроек нет: ");
    for (arguments, begins) in [
        (&["doctor"][..], english),
        (&["doctor", "--lang", "ru"], russian),
        (&["doctor", "--json"], english),
        (&["doctor", "--json", "--lang", "ru"], russian),
    ] {
        let ran = run(&folder, arguments);
        assert_eq!(ran.status.code(), Some(2), "{arguments:?}");
        let (said, errors) = (text(&ran.stdout), text(&ran.stderr));
        if !arguments.contains(&"--json") {
            assert_eq!(said, "");
            assert!(errors.starts_with(begins) && errors.contains("support-bot setup"), "{errors}");
            continue;
        }
        assert_eq!(errors, "");
        let report: serde_json::Value = serde_json::from_str(said).unwrap();
        let [check] = &**report["checks"].as_array().unwrap() else { panic!("{report}") };
        assert_eq!((&report["grade"], &check["check"]), (&"fail".into(), &"settings".into()));
        assert!(check["what"].as_str().unwrap().starts_with(begins), "{report}");
        assert!(check["remedy"].as_str().unwrap().contains("support-bot setup"), "{report}");
    }
    // A file that cannot be read at all.
    std::fs::create_dir(folder.path().join(".env")).unwrap();
    let ran = run(&folder, &["doctor", "--json"]);
    assert_eq!((ran.status.code(), text(&ran.stderr)), (Some(1), ""));
    let report: serde_json::Value = serde_json::from_str(text(&ran.stdout)).unwrap();
    assert!(report["checks"][0]["what"].as_str().unwrap().contains("is a folder"), "{report}");
}

#[test]
fn a_misspelt_command_or_option_is_recognised() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, meant) in [(&["rnu"][..], "run"), (&["demo", "--onec"], "--once")] {
        let ran = run(&folder, arguments);
        assert_eq!(ran.status.code(), Some(2));
        assert!(text(&ran.stderr).contains(&format!("'{meant}'")), "{}", text(&ran.stderr));
    }
}

#[test]
fn wrong_arguments_are_told_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    let settings = "BOT_TOKEN=123456789:AAFsimulated-token-of-thirty-five-c\nBOT_DEV_ID=1001\nBOT_GROUP_ID=-1001000000001\nOPS_PORT=1\n";
    std::fs::write(folder.path().join(".env"), settings).unwrap();
    std::fs::write(folder.path().join("url"), "127.0.0.1:6379\n").unwrap();
    let lacking = "lacks its beginning: write redis://HOST:PORT/0";
    for (arguments, code, why) in [
        (&["import", "--from", "127.0.0.1:6379"][..], 2, lacking),
        (&["import", "--from-file", "url"], 2, lacking),
        (&["import", "--from-file", "none"], 2, "none cannot be read: No such file or directory\n"),
        (
            &["healthcheck"],
            1,
            "no desk answers at 127.0.0.1:1 (OPS_HOST and OPS_PORT): nothing listens there\n",
        ),
        (&["restore", "none"], 2, "there is no file none"),
        (&["restore", "--check", "none"], 2, "there is no file none"),
    ] {
        let ran = run(&folder, arguments);
        let said = text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(code), "{said}");
        assert!(said.contains(why), "{said}");
        assert!(
            !["Os {", "os error", "RelativeUrl"].iter().any(|raw| said.contains(raw)),
            "{said}"
        );
    }
}

#[test]
fn a_start_that_fails_says_each_mistake_once_and_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let settings = "BOT_TOKEN=123456789:AAFsimulated-token-of-thirty-five-c\nBOT_DEV_ID=1001\nBOT_GROUP_ID=-1001000000001\n";
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file(
        "w.toml",
        "[[step]]\nwait = \"35 seconds\"\n[[step]]\npicture = \"none.jpg\"\n[[step]]\ngoto = \"nowhere\"\n",
    );
    for (added, once) in [
        ("WELCOME_FILE=w.toml\n", &["w.toml:2: ", "w.toml:4: ", "w.toml:6: no step"][..]),
        ("REDIS_URL=redis://127.0.0.1:1/0\n", &["(Connection refused): check REDIS_URL"]),
        (
            "REDIS_HOST=nowhere\n",
            &["(failed to lookup address information", "`nowhere` may be a name inside Docker"],
        ),
    ] {
        file(".env", &format!("{settings}{added}"));
        let ran = run(&folder, &["run"]);
        let said = text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(1), "{said}");
        for words in once {
            assert_eq!(said.matches(words).count(), 1, "{words}: {said}");
        }
        assert!(!said.contains("Custom {") && !said.contains("Os {"), "{said}");
    }
}

#[test]
fn completions_and_the_man_page_name_every_command() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in
        [&["completions", "bash"][..], &["completions", "zsh"], &["completions", "fish"], &["man"]]
    {
        let ran = run(&folder, arguments);
        assert!(ran.status.success());
        for command in ["run", "demo", "setup", "doctor", "backup", "restore", "import"] {
            assert!(text(&ran.stdout).contains(command), "{arguments:?} lacks {command}");
        }
    }
    let page = run(&folder, &["man"]).stdout;
    assert!(
        text(&page).starts_with(".ie") || text(&page).contains(".TH support"),
        "{}",
        text(&page)
    );
    assert!(text(&page).contains("Exit codes"), "{}", text(&page));
}
