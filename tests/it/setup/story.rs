//! From a token to a desk that relays, with every detour.

use telegram_simulator::Simulator;

use super::{
    newcomer::{ENOUGH, Newcomer},
    pty::AtTerminal,
};
use crate::harness::{Network, Proxy, spec};

#[tokio::test(flavor = "multi_thread")]
async fn from_a_token_to_a_desk_that_relays() {
    let newcomer = Newcomer::new().await;
    let telegram = &newcomer.telegram;
    let group = newcomer.group_without_bot("Our desk", Simulator::group);
    let strangers = newcomer.group_without_bot("Strangers", Simulator::forum);
    let operator = group.operator(spec(4_000_000_002, "Olga", "en"));
    let (owner, ada) =
        (telegram.user(spec(4_000_000_001, "Otto", "en")), telegram.user(spec(1001, "Ada", "en")));
    let mut setup = newcomer.at_terminal(&["setup"]);

    setup.sees("Paste the token and press Enter (it stays invisible): ").await;
    assert!(!setup.echoes());
    setup.types("12345");
    setup.sees("That is not a token").await;
    setup.sees("Paste the token").await;
    setup.types("123456789:AAFwrong-token-of-thirty-five-chars");
    setup.sees("FAIL  Telegram does not know this token.").await;
    setup.sees("Paste the token").await;
    setup.types(&telegram.token());
    setup.sees("The bot is @").await;

    // A stranger is quicker, and adds the bot to a group of theirs.
    let link = setup.sees_after("?startgroup=").await;
    let (code, rights) = link.split_once('&').unwrap();
    assert_eq!(rights, "admin=manage_topics+delete_messages+pin_messages");
    strangers.set_bot_rights(ENOUGH);
    setup.sees("a stranger may have added it:").await;
    setup.sees("  1  Strangers (").await;
    setup.sees("type its number").await;
    ada.starts();
    ada.writes("hello?");

    // The group has no topics and is small: it gets a new id on the way.
    group.demote_bot();
    operator.writes_in_general(&format!("/start@support_bot {code}"));
    setup.sees("The bot was added to “Our desk”").await;
    setup.sees("Topics are off in this group.").await;
    let new = group.migrate();
    setup.sees(&format!("The group’s id is now {new}.")).await;
    group.set_forum(true);
    setup.sees("FAIL  The bot is not an administrator of the group.").await;
    group.set_bot_rights(ENOUGH);
    setup.sees("The group is ready.").await;

    // Only the code of this terminal makes an owner.
    let code = setup.sees_after("?start=").await;
    ada.writes("/start 0123456789abcdef0123456789abcdef");
    owner.writes(&format!("/start {code}"));
    setup.sees("The owner is Otto (4000000001).").await;
    setup.sees("The bot can write to its owner.").await;

    setup.sees("Choice [1]: ").await;
    setup.types("3");
    setup.sees("Please answer with one of: 1, 2.").await;
    for _default in ["polling", "files"] {
        setup.sees("Choice [1]: ").await;
        setup.types("");
    }
    setup.sees("Language of what the bot says to operators").await;
    setup.types("fr");
    setup.sees("Please answer with one of: en, ru.").await;
    setup.types("ru");
    setup.sees("Language for users").await;
    setup.types("");
    setup.sees("written to .env").await;
    setup.sees("All is well.").await;
    let start = setup.sees_after("Start the desk with: ").await;
    setup.sees("from another account").await;
    assert!(setup.ends().await.success(), "{}", setup.shown());
    assert!(!setup.shown().contains(&telegram.token()), "{}", setup.shown());
    assert!(!setup.shown().contains("AAFwrong"), "{}", setup.shown());

    let expected = format!(
        "BOT_DEV_ID=4000000001\nBOT_GROUP_ID={new}\nBOT_TOKEN={}\nDEFAULT_LANGUAGE=en\nOPERATORS_LANGUAGE=ru\n",
        telegram.token()
    );
    assert_eq!(newcomer.private_file(".env"), Some(expected));

    // What users wrote meanwhile is still there for the desk.
    let mut desk = AtTerminal::start(&mut newcomer.shell(&start));
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_mins(1);
    let arrived = || {
        let topics = group.topics();
        let of_ada = topics.iter().find(|topic| topic.name == "Ada");
        of_ada.is_some_and(|topic| {
            group.messages(topic.id).iter().any(|seen| seen.text.as_deref() == Some("hello?"))
        })
    };
    while !arrived() {
        assert!(tokio::time::Instant::now() < deadline, "{}", desk.shown());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    desk.signal("TERM");
    assert!(desk.ends().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_is_down_is_waited_for() {
    let newcomer = Newcomer::new().await;
    let server = newcomer.telegram.url().rsplit(':').next().unwrap().parse().unwrap();
    let network = Proxy::before(server).await;
    network.set(Network::Cut);
    let mut command = newcomer.command(&["setup"]);
    command.env("BOT_API_URL", network.url().replace("redis:", "http:"));
    command.env("BOT_TOKEN", newcomer.telegram.token());
    let mut setup = AtTerminal::start(&mut command);
    setup.sees("FAIL  Telegram cannot be reached: ").await;
    setup.sees("finds names (DNS)").await;
    setup.sees("HTTPS_PROXY").await;
    network.set(Network::Well);
    setup.sees("The bot is @").await;
    setup.sees("Waiting for the bot to be added").await;
    assert_eq!(setup.shown().matches("HTTPS_PROXY").count(), 1, "{}", setup.shown());
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_the_wait_for_a_network() {
    let newcomer = Newcomer::new().await;
    let mut command = newcomer.command(&["setup", "--lang", "ru"]);
    command.env("BOT_API_URL", "http://no-such-host.internal");
    command.env("BOT_TOKEN", newcomer.telegram.token());
    let mut setup = AtTerminal::start(&mut command);
    setup.sees("FAIL  Telegram недоступен").await;
    setup.sees("находит имена (DNS)").await;
    setup.signal("INT");
    assert_eq!(setup.ends().await.code(), Some(130));
    assert_eq!(newcomer.private_file(".env"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setup_that_is_interrupted_leaves_everything_as_it_is() {
    // Ctrl-C, Ctrl-\, `kill`, and a terminal that closes.
    for signal in ["INT", "QUIT", "TERM", "HUP"] {
        let newcomer = Newcomer::new().await;
        let mut setup = newcomer.at_terminal(&["setup", "--lang", "ru"]);
        setup.sees("(на экране его не будет видно): ").await;
        assert!(!setup.echoes());
        setup.signal(signal);
        assert_eq!(setup.ends().await.code(), Some(130), "{signal}");
        assert!(setup.echoes(), "{signal}");
        assert_eq!(newcomer.private_file(".env"), None);
    }
}
