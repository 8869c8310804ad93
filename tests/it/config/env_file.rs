//! The file `.env` as people save it.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use support_bot::config::{Environment, Mistakes, Settings};
use tempfile::TempDir;

use super::settings::TOKEN;

fn file(content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".env");
    fs::write(&file, content).unwrap();
    (folder, file)
}

/// The settings in a file. Messages name the file `.env`.
fn load(content: impl AsRef<[u8]>) -> Result<Settings, Mistakes> {
    let (_folder, file) = file(content);
    let short = |mut text: String| {
        text = text.replace(&file.display().to_string(), ".env");
        text
    };
    let loaded = Environment::read(&file).and_then(|source| Settings::load(&source));
    match loaded {
        Ok(mut settings) => {
            settings.warnings = settings.warnings.into_iter().map(short).collect();
            Ok(settings)
        }
        Err(Mistakes(mut mistakes)) => {
            for mistake in &mut mistakes {
                mistake.variable = short(mistake.variable.clone());
                mistake.place = mistake.place.take().map(short);
                mistake.wrong = short(mistake.wrong.clone());
            }
            Err(Mistakes(mistakes))
        }
    }
}

fn needed() -> String {
    format!("BOT_TOKEN={TOKEN}\nBOT_DEV_ID=4242\nBOT_GROUP_ID=-1001234567890\n")
}

#[test]
fn files_are_read_in_the_encodings_that_editors_write() {
    let text = needed();
    let with_bom = format!("\u{feff}{text}");
    let little: Vec<u8> = with_bom.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = with_bom.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for utf8 in [text.clone(), with_bom.clone(), text.replace('\n', "\r\n"), text.trim().to_owned()]
    {
        assert_eq!(load(utf8).unwrap().warnings, [""; 0]);
    }
    for utf16 in [little, big] {
        let settings = load(utf16).unwrap();
        assert_eq!(settings.desk.owner, 4242);
        let [warning] = settings.warnings.as_slice() else { panic!("{:?}", settings.warnings) };
        assert!(
            warning.starts_with(".env is in UTF-16, which Docker Compose does not"),
            "{warning}"
        );
    }
}

#[test]
fn the_usual_forms_of_a_line_are_read() {
    let lines = format!(
        "\n# a comment, with it's $HOME\n  \t\nexport BOT_TOKEN={TOKEN}\nexport\t BOT_DEV_ID = 4242 # me\n\
         \tBOT_GROUP_ID='-1001234567890'   \nRUST_LOG=\nSENTRY_ENVIRONMENT=my shop\n#BOT_DEV_ID=1\n"
    );
    let settings = load(lines).unwrap();
    assert_eq!((settings.desk.owner, settings.desk.group), (4242, -1_001_234_567_890));
    assert_eq!(settings.logs.filter, "info");
}

#[test]
fn all_mistakes_of_form_and_of_values_are_reported_at_once_with_line_and_name() {
    let content = format!(
        "BOT_TOKEN {TOKEN}\n\
         BOT_DEV_ID=@ada\n\
         BOT_GROUP_ID: -1001234567890\n\
         {TOKEN}\n\
         REDIS_PASSWORD=pa$word#1\n\
         SENTRY_ENVIRONMENT='my shop\n\
         FLOOD=9999\n\
         WEBHOOK_ENABLED=yes\n\
         WEBHOOK_URL=https://desk.example.org/#top\n\
         GROUP_ID=1\n"
    );
    let mistakes = load(content).unwrap_err();
    let message = mistakes.to_string();
    let expected = [
        "BOT_TOKEN (.env, line 1) has no = after its name: write BOT_TOKEN=value",
        "BOT_GROUP_ID (.env, line 3) has no = after its name: write BOT_GROUP_ID=value",
        ".env, line 4 is not NAME=value: write one NAME=value a line; a comment begins with #",
        "REDIS_PASSWORD (.env, line 5) holds a $, which Docker Compose replaces together with the word after it: put the value into single quotes: REDIS_PASSWORD='value'",
        "SENTRY_ENVIRONMENT (.env, line 6) begins with a quotation mark that is not closed on this line: close it, as in SENTRY_ENVIRONMENT='value'",
        "WEBHOOK_URL (.env, line 9) holds a #, which some programs take for the beginning of a comment: put the value into single quotes: WEBHOOK_URL='value'; before a comment, write a space",
        "BOT_DEV_ID (.env, line 2) is not a user id: write your own numeric id, not a @username",
        "FLOOD (.env, line 7) is \"9999\": write a whole number from 0 to 1000 (messages, edits and reactions a minute; 0 = no limit)",
        "GROUP_ID (.env, line 10) is not a setting and has no effect: did you mean BOT_GROUP_ID?",
    ];
    assert_eq!(message.lines().collect::<Vec<_>>(), expected);
    assert!(!message.contains("AAEhBO") && !message.contains("word#1"), "{message}");
}

#[test]
fn a_name_that_is_set_twice_is_a_mistake_unless_the_first_value_is_empty() {
    let twice = load(needed() + "BOT_DEV_ID=4243\n").unwrap_err().to_string();
    assert_eq!(twice, "BOT_DEV_ID is set twice, in lines 2 and 4 of .env: keep one of them");
    // `.env.example` has the names of what must be set; some people append the values.
    let appended = load(format!("BOT_DEV_ID=\n{}", needed())).unwrap();
    assert_eq!(appended.desk.owner, 4242);
    assert!(load(needed() + "BOT_DEV_ID=\n").is_err(), "Compose would take the empty value");
    assert!(load(needed() + "SUPPORT_BOT_IMAGE=a\nSUPPORT_BOT_IMAGE=b\n").is_ok());
}

#[test]
fn values_that_only_compose_reads_are_left_to_it() {
    let more = "SUPPORT_BOT_IMAGE=$REGISTRY/desk#1\nGRAFANA_URL=\"https://x/\nBOT_DEV_ID=1\n\"\n\
                COMPOSE_FILE=a.yml:b.yml\nFLOOD=7\n";
    let settings = load(needed() + more).unwrap();
    assert_eq!((settings.desk.owner, settings.limits.flood), (4242, 7));
    assert_eq!(settings.warnings, [""; 0]);
    let error = load(needed() + "GRAFANA_URL='https://x\n").unwrap_err().to_string();
    assert!(error.starts_with("GRAFANA_URL (.env, line 4) begins with a quotation"), "{error}");
}

#[test]
fn unknown_names_of_the_file_cause_warnings_in_the_order_of_their_lines() {
    let settings = load(needed() + "SHOP=ada\nbot_token=x\nADMIN_IDS=1\n").unwrap();
    assert_eq!(
        settings.warnings,
        [
            "SHOP (.env, line 4) is not a setting and has no effect: remove it; .env.example names all settings",
            "bot_token (.env, line 5) is not a setting and has no effect: did you mean BOT_TOKEN?",
            "ADMIN_IDS (.env, line 6) is not a setting and has no effect: did you mean BOT_ADMIN_IDS?",
        ]
    );
}

#[test]
fn what_only_the_environment_of_the_process_can_hold_causes_a_warning() {
    let settings = load(needed() + "no_color=1\nrust_lib_backtrace=1\n").unwrap();
    let expected = [("no_color", 4), ("rust_lib_backtrace", 5)].map(|(name, line)| {
        format!("{name} (.env, line {line}) has no effect in a file that the desk reads itself: set it in the environment")
    });
    assert_eq!(settings.warnings, expected);
}

#[test]
fn a_file_that_is_none_or_cannot_be_read_has_a_word_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let error = |path: &Path| Environment::read(path).err().unwrap().to_string();
    assert!(Environment::read(&at("missing")).is_ok());
    let missing = Environment::read_existing(&at("missing")).err().unwrap().to_string();
    assert!(missing.contains("missing is not there"), "{missing}");
    fs::create_dir(at("folder")).unwrap();
    assert!(error(&at("folder")).contains("is a folder: remove the folder"));
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    assert!(error(&at("pipe")).contains("not a regular file"));
    for (content, why) in [
        (&b"A=b\nC=\xff\n"[..], "is not UTF-8 text (line 2): save it as plain text, in UTF-8"),
        (b"A=b\nC=\0\n", "is not text (line 2 holds a zero byte): save it as"),
        (b"\xff\xfeA", "is not text: save it as"),
        (b"\xff\xfe\x00\xd8", "is not text: save it as"),
    ] {
        fs::write(at("binary"), content).unwrap();
        assert!(error(&at("binary")).contains(why), "{}", error(&at("binary")));
    }
    fs::write(at("large"), vec![b'#'; (1 << 20) + 1]).unwrap();
    assert!(error(&at("large")).contains("is larger than 1024 kB"));
    fs::write(at("closed"), needed()).unwrap();
    fs::set_permissions(at("closed"), fs::Permissions::from_mode(0o000)).unwrap();
    // The super-user reads it all the same.
    if fs::read(at("closed")).is_err() {
        assert!(error(&at("closed")).contains("cannot be read (Permission denied)"));
    }
}
