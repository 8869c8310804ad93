//! The page of settings is generated from the table in the code.

use std::fmt::Write as _;

use support_bot::config::{Requirement, VARIABLES};

use super::page::{assert_current, head};

/// The page, with a table of all settings.
fn page() -> String {
    let mut page = head(
        "Settings",
        "From the environment, or from the file `.env` in the folder where the program starts; the environment wins. All mistakes are\n\
         reported at once, each with what to do. `.env.example` is this table as a file. `support-bot config` prints what is in effect, and\n\
         from where; `--env-file FILE` reads another file, `-C FOLDER` works in another folder.\n\n\
         A value with `#`, `$`, `\"` or a backslash goes into 'single quotes', one with a single quote into \"double quotes\". The desk and\n\
         Docker Compose read `.env` the same; what they would read differently is refused. Nothing is substituted.\n\n\
         A secret may be in a file of its own: `NAME_FILE` is the path of the file that holds the secret `NAME`.\n\n\
         | name | value | without it | what it does |\n|---|---|---|---|",
    );
    for variable in VARIABLES {
        let without = match variable.requirement {
            Requirement::Required => "required".to_owned(),
            Requirement::Optional => "off".to_owned(),
            Requirement::Default(default) => format!("`{default}`"),
        };
        let file = if variable.secret {
            format!(" Or `{}_FILE`, a file that holds it.", variable.name)
        } else {
            String::new()
        };
        writeln!(
            page,
            "| `{}` | {} | {without} | {}.{file} |",
            variable.name, variable.unit, variable.consequence
        )
        .unwrap();
    }
    page
}

#[test]
fn the_reference_of_settings_matches_the_code() {
    assert_current("docs/reference/settings.md", &page());
}
