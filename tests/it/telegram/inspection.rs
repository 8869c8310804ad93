//! The findings of `doctor` at Telegram.

use domain::{ChatId, Check, Finding, Grade, Language, Millis, UserId};
use ports::Clock;
use support_bot::{
    adapters::telegram::{BotProfile, Inspected, inspect},
    i18n::Texts,
};
use url::Url;

use super::{
    client,
    stub::{Reply, Stub, done, refused},
};

const ME: &str = r#"{"ok":true,"result":{"id":99,"is_bot":true,"username":"support_bot"}}"#;
const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const NOW: Millis = Millis(784_111_777_000);
const FORUM: &str = r#"{"id":-100,"type":"supergroup","is_forum":true}"#;
const ADMIN: &str = r#"{"status":"administrator","can_manage_topics":true,"can_delete_messages":true,"can_pin_messages":true}"#;

#[derive(Debug)]
struct At(Millis);

impl Clock for At {
    fn now(&self) -> Millis {
        self.0
    }
}

async fn inspected(
    now: Millis,
    webhook: &str,
    chat: Reply,
    member: &str,
    owner: Reply,
) -> Inspected {
    let me = Reply::Dated(ME.to_owned(), DATE);
    let mut replies = vec![me, done(webhook), chat.clone()];
    if matches!(chat, Reply::With(200, _)) {
        replies.push(done(member));
    }
    replies.push(owner);
    let stub = Stub::replies(replies);
    inspect(&client(&stub), Some(ChatId(-100)), Some(UserId(7)), None, &At(now)).await
}

fn problems(inspected: &Inspected) -> Vec<(Check, Grade)> {
    let findings = inspected.findings.iter().map(|finding| (finding.check(), finding.grade()));
    findings.filter(|(_, grade)| *grade != Grade::Ok).collect()
}

#[tokio::test]
async fn a_healthy_desk_has_nothing_to_fix() {
    let found = inspected(NOW, r#"{"url":""}"#, done(FORUM), ADMIN, done("true")).await;
    assert_eq!(problems(&found), []);
    assert_eq!(found.findings.len(), 9, "every check has a finding");
    let bot = BotProfile { id: UserId(99), username: "support_bot".to_owned() };
    assert_eq!(found.bot, Some(bot));
}

#[tokio::test]
async fn every_problem_is_found() {
    use Grade::{Fail, Warn};
    let member = |extra: &str| format!("{},{extra}}}", ADMIN.trim_end_matches('}'));
    let (none, forum, yes) = (r#"{"url":""}"#, || done(FORUM), || done("true"));
    let late = Millis(NOW.0 + 60_000);
    let table = [
        (inspected(late, none, forum(), ADMIN, yes()).await, Check::Clock, Warn),
        (inspected(NOW, r#"{"url":"x"}"#, forum(), ADMIN, yes()).await, Check::Webhook, Warn),
        (
            inspected(NOW, r#"{"url":"","allowed_updates":["message"]}"#, forum(), ADMIN, yes())
                .await,
            Check::AllowedUpdates,
            Warn,
        ),
        (
            inspected(NOW, none, done(r#"{"type":"supergroup"}"#), ADMIN, yes()).await,
            Check::Group,
            Fail,
        ),
        (
            inspected(NOW, none, done(r#"{"type":"private"}"#), ADMIN, yes()).await,
            Check::Group,
            Fail,
        ),
        (
            inspected(
                NOW,
                none,
                done(r#"{"type":"supergroup","is_forum":true,"username":"desk"}"#),
                ADMIN,
                yes(),
            )
            .await,
            Check::Group,
            Warn,
        ),
        (
            inspected(NOW, none, refused(400, "Bad Request: chat not found"), ADMIN, yes()).await,
            Check::Group,
            Fail,
        ),
        (
            inspected(NOW, none, forum(), r#"{"status":"administrator"}"#, yes()).await,
            Check::Rights,
            Fail,
        ),
        (
            inspected(
                NOW,
                none,
                forum(),
                r#"{"status":"administrator","can_manage_topics":true}"#,
                yes(),
            )
            .await,
            Check::Rights,
            Warn,
        ),
        (
            inspected(NOW, none, forum(), &member(r#""can_promote_members":true"#), yes()).await,
            Check::Rights,
            Warn,
        ),
        (
            inspected(NOW, none, forum(), ADMIN, refused(400, "Bad Request: chat not found")).await,
            Check::Owner,
            Warn,
        ),
    ];
    for (found, check, grade) in table {
        assert_eq!(problems(&found), [(check, grade)], "{found:?}");
    }
    let protected = r#"{"type":"supergroup","is_forum":true,"has_protected_content":true}"#;
    let closed = inspected(NOW, none, done(protected), ADMIN, yes()).await;
    assert_eq!(problems(&closed), [(Check::Group, Warn)]);
    assert!(closed.findings.contains(&Finding::GroupProtected));
    let plain = inspected(NOW, none, forum(), r#"{"status":"member"}"#, yes()).await;
    assert_eq!(problems(&plain), [(Check::Rights, Fail), (Check::Privacy, Warn)]);
}

#[tokio::test]
async fn additional_capabilities_of_the_bot_are_reported() {
    for (extra, finding, grade) in [
        (r#""has_topics_enabled":true"#, Finding::PrivateTopics, Grade::Ok),
        (r#""can_connect_to_business":true"#, Finding::BusinessUnserved, Grade::Warn),
    ] {
        let me = ME.replace(r#""is_bot":true"#, &format!(r#""is_bot":true,{extra}"#));
        let me = Reply::Dated(me, DATE);
        let stub =
            Stub::replies([me, done(r#"{"url":""}"#), done(FORUM), done(ADMIN), done("true")]);
        let found =
            inspect(&client(&stub), Some(ChatId(-100)), Some(UserId(7)), None, &At(NOW)).await;
        let bot = found.findings.iter().filter(|finding| finding.check() == Check::Bot);
        let graded: Vec<_> = bot.map(|finding| (finding.clone(), finding.grade())).collect();
        assert_eq!(graded, [(finding, grade)]);
    }
}

#[tokio::test]
async fn a_group_that_moved_is_found_at_its_new_id() {
    let moved = r#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1001}}"#;
    let chat = Reply::With(400, moved.to_owned());
    let found = inspected(NOW, r#"{"url":""}"#, chat, ADMIN, done("true")).await;
    assert_eq!(found.moved_to, Some(ChatId(-1001)));
    let group = found.findings.iter().find(|finding| finding.check() == Check::Group).unwrap();
    assert_eq!(*group, Finding::GroupMoved { to: ChatId(-1001) });
}

#[tokio::test]
async fn without_a_token_or_a_connection_only_that_is_reported() {
    for (reply, check) in [
        (refused(401, "Unauthorized"), Check::Token),
        (refused(404, "Not Found"), Check::Token),
        (Reply::Cut, Check::Connection),
    ] {
        let stub = Stub::replies([reply]);
        let found = inspect(&client(&stub), Some(ChatId(-100)), None, None, &At(NOW)).await;
        assert_eq!(problems(&found), [(check, Grade::Fail)]);
        assert_eq!((found.findings.len(), found.bot), (1, None));
    }
}

/// The finding about the webhook when updates should be pushed to `https://desk.example/hook`.
async fn webhook_finding(info: &str) -> Finding {
    let own = Url::parse("https://desk.example/hook").unwrap();
    let me = Reply::Dated(ME.to_owned(), DATE);
    let stub = Stub::replies([me, done(info), done(FORUM), done(ADMIN), done("true")]);
    let owner = Some(UserId(7));
    let found = inspect(&client(&stub), Some(ChatId(-100)), owner, Some(&own), &At(NOW)).await;
    let mut found = found.findings.into_iter().filter(|found| found.check() == Check::Webhook);
    found.next().unwrap()
}

#[tokio::test]
async fn every_webhook_problem_is_explained() {
    let failed = |seconds_ago: i64, words: &str| {
        let at = NOW.0 / 1000 - seconds_ago;
        format!(
            r#"{{"url":"https://desk.example/hook","pending_update_count":3,"last_error_date":{at},"last_error_message":"{words}"}}"#
        )
    };
    let ours = |more: &str| format!(r#"{{"url":"https://desk.example/hook"{more}}}"#);
    let recent = NOW.0 / 1000 - 20;
    let texts = Texts::load(None).unwrap();
    for (info, grade, word) in [
        (ours(""), Grade::Ok, "desk’s webhook is set"),
        (failed(3600, "Connection refused"), Grade::Ok, "desk’s webhook is set"),
        (failed(20, "Connection refused"), Grade::Warn, "could not connect"),
        (failed(20, "Failed to resolve host: nobody knows"), Grade::Warn, "no address"),
        (failed(20, "SSL error {certificate verify failed}"), Grade::Warn, "certificate"),
        (failed(20, "Read timeout expired"), Grade::Warn, "no answer in time"),
        (
            failed(20, "Wrong response from the webhook: 502 Bad Gateway of ACME"),
            Grade::Warn,
            "the desk was down",
        ),
        (
            failed(20, "Wrong response from the webhook: 401 Unauthorized"),
            Grade::Warn,
            "got the answer 401",
        ),
        (ours(r#","pending_update_count":5000"#), Grade::Warn, "waiting at Telegram: 5000"),
        (
            ours(&format!(r#","last_synchronization_error_date":{recent}"#)),
            Grade::Warn,
            "having trouble",
        ),
        (r#"{"url":"https://other.example/KEY"}"#.to_owned(), Grade::Warn, "not the desk’s"),
        (r#"{"url":""}"#.to_owned(), Grade::Warn, "No webhook is set"),
    ] {
        let found = webhook_finding(&info).await;
        assert_eq!(found.grade(), grade, "{info}: {found:?}");
        let (what, remedy) = texts.finding(&found, Language::English);
        assert!(what.contains(word), "{info}: {what}");
        let shown = format!("{found:?} {what} {remedy:?}");
        assert!(
            !shown.contains("KEY") && !shown.contains("ACME") && !shown.contains("nobody knows")
        );
    }
}
