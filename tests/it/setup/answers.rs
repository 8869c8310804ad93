//! Settings that are there already, and answers that cannot be used.

use telegram_simulator::Simulator;

use super::newcomer::{ENOUGH, Newcomer};
use crate::harness::OWNER;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_is_taken_and_a_file_is_changed_only_after_asking() {
    let (newcomer, group) = Newcomer::with_group().await;
    let token = newcomer.telegram.token();
    let before = format!(
        "# the old bot's\nBOT_TOKEN={token}\nBOT_DEV_ID={OWNER}\nBOT_GROUP_ID=-100\nDEFAULT_LANGUAGE=en\n"
    );
    newcomer.writes_file(".env", &before);
    for (answer, changes) in [("n", false), ("y", true)] {
        let mut setup = newcomer.at_terminal(&["setup", "--store", "sqlite"]);
        setup.sees("BOT_GROUP_ID (.env, line 4) is the id of a basic group").await;
        setup.sees("BOT_TOKEN is already set.").await;
        setup.sees("type it instead").await;
        setup.types(&group.to_string());
        setup.sees(&format!("The group is “Our desk” ({group}).")).await;
        setup.sees("BOT_DEV_ID is already set.").await;
        setup.sees("Choice [1]").await;
        setup.types("2");
        setup.sees("public HTTPS URL").await;
        setup.types("desk.example.org");
        setup.sees("WEBHOOK_URL ").await;
        setup.sees("public HTTPS URL").await;
        setup.types("http://desk.example.org");
        setup.sees("WEBHOOK_URL is not encrypted.").await;
        setup.sees("To fix it: write https://").await;
        setup.sees("public HTTPS URL").await;
        setup.types("https://desk.example.org");
        setup.sees("Language of what the bot says").await;
        setup.types("");
        setup.sees(".env exists. Change ").await;
        setup.types(answer);
        if changes {
            setup.sees("The settings are written to .env").await;
            setup.sees("No webhook is set").await;
        } else {
            setup.sees("Nothing was written.").await;
        }
        setup.ends().await;
        let found = std::fs::read_to_string(newcomer.path(".env")).unwrap();
        let after = before.replace("-100\n", &format!("{group}\n"))
            + "OPERATORS_LANGUAGE=en\nWEBHOOK_ENABLED=true\nWEBHOOK_URL=https://desk.example.org\n";
        assert_eq!(found, if changes { after } else { before.clone() });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_elsewhere_in_the_settings_is_told_at_once() {
    let newcomer = Newcomer::new().await;
    newcomer.writes_file(".env", "PACE_GROUP_PER_MINUTE=many\n");
    let ran = newcomer.command(&["setup", "--yes"]).output().unwrap();
    let error = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(error.contains("PACE_GROUP_PER_MINUTE"), "{error}");
    assert!(!error.contains("BOT_TOKEN"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_while_a_check_fails_is_answered() {
    let newcomer = Newcomer::new().await;
    newcomer.writes_file(".env", &format!("BOT_TOKEN={}\n", newcomer.telegram.token()));
    let wrong = newcomer.group_without_bot("Wrong", Simulator::forum);
    let right = newcomer.group_without_bot("Right", Simulator::forum);
    let mut setup = newcomer.at_terminal(&["setup"]);
    setup.sees("?startgroup=").await;
    wrong.demote_bot();
    right.set_bot_rights(ENOUGH);
    setup.sees("  2  Right (").await;
    setup.sees("type its number").await;
    setup.types("1");
    setup.sees("The group is “Wrong”").await;
    setup.sees("FAIL  The bot is not an administrator of the group.").await;
    setup.sees("Setup sees it by itself.").await;
    setup.types("what?");
    setup.sees("That is neither a group’s id").await;
    setup.sees("Setup sees it by itself.").await;
    setup.types("");
    setup.sees("Setup sees it by itself.").await;
    setup.types("-1009999999999");
    setup.sees("FAIL  The bot does not see the group -1009999999999").await;
    setup.sees("If the id is wrong, type the right one.").await;
    setup.types("2");
    setup.sees("The group is “Right”").await;
    setup.sees("The group is ready.").await;
}
