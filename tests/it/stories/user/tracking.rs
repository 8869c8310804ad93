//! TGTrack learns which users come and go, and which goals they reach; users and operators see nothing of it.

use domain::PartitionSet;
use serde_json::json;
use telegram_simulator::{Content, Limits, Options, Person};

use crate::harness::{
    Desk, OWNER, TRACKER_KEY, Tracker, TrackerFault as Fault, TrackerReport as Report, spec,
};

const SCENE: &str = r#"
[goals]
first_message = "wrote"
phone_shared = "phone"

[[step]]
text = { en = "Where from?", ru = "Откуда?" }
ask = "heard"

[[step.button]]
answer = "online"
label = { en = "Online", ru = "В сети" }
goal = "came_online"

[[step.button]]
answer = "offline"
label = { en = "Offline", ru = "Не в сети" }
"#;

async fn closed() -> (Desk, Tracker) {
    let tracker = Tracker::start().await;
    let mut desk =
        Desk::closed_with(Options { limits: Limits::off(), ..Options::default() }, &[]).await;
    for (name, value) in tracker.settings() {
        desk.set(name, &value);
    }
    // The owner has already pressed Start.
    desk.use_welcome(SCENE);
    (desk, tracker)
}

async fn desk() -> (Desk, Tracker) {
    let (mut desk, tracker) = closed().await;
    desk.open().await;
    desk.settle().await;
    (desk, tracker)
}

/// The reports since the owner's Start.
fn reports(tracker: &Tracker) -> Vec<Report> {
    let of_owner =
        |report: &Report| matches!(report, Report::Update(raw) if raw.contains(&OWNER.to_string()));
    tracker.reports().into_iter().filter(|report| !of_owner(report)).collect()
}

/// The reported updates of a user, as commands or states, in order.
fn updates(tracker: &Tracker, user: i64) -> Vec<String> {
    let word = |report: Report| {
        let Report::Update(raw) = report else { return None };
        let json: serde_json::Value = serde_json::from_str(&raw).unwrap();
        let (message, member) = (&json["message"], &json["my_chat_member"]);
        let chat = message["chat"]["id"].as_i64().or(member["chat"]["id"].as_i64());
        let word = message["text"].as_str().or(member["new_chat_member"]["status"].as_str());
        word.filter(|_| chat == Some(user)).map(str::to_owned)
    };
    tracker.reports().into_iter().filter_map(word).collect()
}

async fn dead(desk: &Desk) -> usize {
    desk.app.as_ref().unwrap().store().dead(None, 100).await.unwrap().len()
}

fn presses(person: &Person, label: &str) {
    let asked = |seen: &telegram_simulator::SeenMessage| seen.all_buttons().next().is_some();
    let question = person.sees().into_iter().rev().find(asked).unwrap();
    let button = question.all_buttons().find(|button| button.text == label).unwrap();
    let data = button.data.clone().unwrap();
    person.presses(question.id, &data).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_starts_and_blocks_are_reported_byte_for_byte() {
    let (desk, tracker) = desk().await;
    let user = r#"{ "id": 1001, "is_bot": false, "first_name":"Ada \u0416" }"#;
    let start = |number: i64, text: &str| {
        format!(
            r#"{{  "update_id": {number}, "message":{{"message_id":{number}, "date":1790000000,"unknown": [1.50, null],
            "chat":{{"id":1001,"type":"private"}}, "from":{user}, "text":"{text}","entities":[{{"type":"bot_command","offset":0,"length":6}}]}} }}"#
        )
    };
    let member = |number: i64, status: &str| {
        format!(
            r#"{{"update_id":{number},"my_chat_member":{{"chat":{{"id":1001,"type":"private"}},"from":{user},"date":1790000000,
            "old_chat_member":{{"status":"member"}},"new_chat_member":{{"status":"{status}" ,"until_date":0}}}}}}"#
        )
    };
    let number = 900_000_000;
    let expected = [
        start(number, "/start TGTrack-PJ1"),
        member(number + 1, "kicked"),
        member(number + 2, "member"),
        start(number + 3, "/start"),
    ];
    for update in &expected {
        desk.telegram.push_raw(update);
    }
    desk.telegram.push_raw(&start(number + 4, "/help"));
    desk.telegram.push_raw(&start(number + 5, "/starts"));
    desk.settle().await;
    desk.operator.writes_in(desk.topic(), "hello");
    desk.settle().await;
    let expected: Vec<Report> = expected.map(Report::Update).into();
    let mut reports = reports(&tracker);
    assert_eq!(reports.pop(), Some(Report::Goal("1001".to_owned(), "wrote".to_owned())));
    assert_eq!(reports, expected);
    let taken = desk.metric("supportbot_tracker_reports_total{outcome=\"taken\"}");
    assert!((taken - 6.0).abs() < 0.1, "with the owner's: {taken}");
}

#[tokio::test(flavor = "multi_thread")]
async fn banned_users_are_reported_as_well() {
    let (desk, tracker) = desk().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    desk.operator.writes_in(desk.topic(), "/ban");
    desk.settle().await;
    ada.starts();
    ada.blocks();
    ada.returns();
    ada.writes("let me in");
    desk.settle().await;
    assert_eq!(updates(&tracker, 1001), ["/start", "kicked", "member"]);
    assert_eq!(desk.relayed_texts(desk.topic()), ["hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn goals_of_the_first_message_and_of_the_phone_are_reached_once_by_each_user() {
    let (mut desk, tracker) = desk().await;
    let (ada, bob) = (desk.user(1001, "Ada"), desk.user(1002, "Bob"));
    let contact = |of: i64| {
        let contact = json!({ "phone_number": "+1", "first_name": "A", "user_id": of });
        Content::raw(json!({ "contact": contact }))
    };
    ada.starts();
    ada.writes("hello");
    ada.writes("hello?");
    ada.sends(Content::contact("+2", "Somebody"));
    ada.sends(contact(1002));
    desk.settle().await;
    assert_eq!(tracker.goals(1001), ["wrote"]);
    ada.sends(contact(1001));
    ada.sends(contact(1001));
    bob.sends(contact(1002));
    desk.settle().await;
    assert_eq!(tracker.goals(1001), ["wrote", "phone"]);
    assert_eq!(tracker.goals(1002), ["wrote", "phone"]);
    // A restart, a closed topic and another Start change nothing.
    desk.operator.writes_in(desk.topic_of("Ada"), "/close");
    desk.settle().await;
    desk.reopen().await;
    ada.starts();
    ada.writes("again");
    ada.sends(contact(1001));
    desk.settle().await;
    assert_eq!(tracker.goals(1001), ["wrote", "phone"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_opens_with_the_welcome_does_not_hide_the_first_message() {
    let (mut desk, tracker) = closed().await;
    desk.use_welcome(&format!("open_topic = true\n{SCENE}"));
    desk.open().await;
    let ada = desk.user(1001, "Ada");
    ada.starts();
    desk.settle().await;
    assert!(tracker.goals(1001).is_empty());
    ada.writes("hello");
    ada.writes("hello?");
    desk.settle().await;
    assert_eq!(tracker.goals(1001), ["wrote"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_with_a_goal_reaches_it_in_either_language_and_one_without_reaches_none() {
    let (desk, tracker) = desk().await;
    for (id, language, online, offline) in
        [(1001, "en", "Online", "Offline"), (1002, "ru", "В сети", "Не в сети")]
    {
        let person = desk.telegram.user(spec(id, "Someone", language));
        person.starts();
        desk.settle().await;
        presses(&person, offline);
        desk.settle().await;
        assert!(tracker.goals(id).is_empty());
        person.starts();
        desk.settle().await;
        presses(&person, online);
        desk.settle().await;
        assert_eq!(tracker.goals(id), ["came_online"]);
        assert_eq!(updates(&tracker, id), ["/start", "/start"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_without_tgtrack_queues_nothing_and_calls_nobody() {
    let (mut desk, tracker) = closed().await;
    desk.set("TGTRACK_ENABLED", "false");
    desk.open().await;
    let ada = desk.user(1001, "Ada");
    ada.starts();
    desk.settle().await;
    presses(&ada, "Online");
    ada.writes("hello");
    ada.blocks();
    desk.settle().await;
    assert_eq!(tracker.calls(), 0);
    desk.telegram.user(spec(OWNER, "Owner", "en")).writes("/status");
    desk.settle().await;
    let status = desk.telegram.user(spec(OWNER, "Owner", "en")).reads().pop().unwrap();
    assert!(!status.contains("TGTrack"), "{status}");
    // A user who wrote before the tracker was enabled does not count as new.
    desk.close().await;
    desk.set("TGTRACK_ENABLED", "true");
    desk.open().await;
    ada.returns();
    ada.writes("again");
    desk.settle().await;
    assert_eq!(updates(&tracker, 1001), ["member"]);
    assert!(tracker.goals(1001).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_reports_are_in_status_and_dropped_when_tgtrack_is_disabled() {
    let (mut desk, tracker) = desk().await;
    let owner = desk.telegram.user(spec(OWNER, "Owner", "en"));
    owner.writes("/status");
    desk.settle().await;
    assert!(owner.reads().pop().unwrap().contains("Reports waiting for TGTrack: none"));
    tracker.fail_all(Some(Fault::Responds(503, &[], "")));
    desk.user(1001, "Ada").starts();
    desk.user(1002, "Bob").starts();
    let waiting = "supportbot_tracker_waiting";
    desk.until("both wait", || (desk.metric(waiting) - 2.0).abs() < 0.1).await;
    assert!(desk.metric("supportbot_tracker_oldest_enqueued_timestamp_seconds") > 1.0);
    for outbox in ["ready", "delayed", "in_flight"] {
        let depth =
            desk.metric(&format!("supportbot_queue_depth{{queue=\"outbox\",state=\"{outbox}\"}}"));
        assert!(depth.abs() < 0.1, "reports are not counted in the outbox: {depth} {outbox}");
    }
    owner.writes("/status");
    desk.until("it is told", || {
        let status = owner.reads().pop().unwrap();
        status.contains("Reports waiting for TGTrack: 2, the oldest is")
            && status.contains("To send: none")
    })
    .await;
    desk.close().await;
    desk.set("TGTRACK_ENABLED", "false");
    tracker.fail_all(None);
    desk.open().await;
    desk.settle().await;
    assert!(updates(&tracker, 1001).is_empty());
    let off = desk.metric("supportbot_tracker_reports_total{outcome=\"off\"}");
    assert!((off - 2.0).abs() < 0.1, "{off}");
    assert_eq!(dead(&desk).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_report_becomes_a_dead_letter_hidden_from_operators() {
    let (mut desk, tracker) = desk().await;
    tracker.fail_next(Fault::Responds(
        200,
        &[],
        r#"{"error":{"code":7,"message":"no such user"}}"#,
    ));
    tracker.fail_next(Fault::Responds(400, &[], ""));
    let ada = desk.user(1001, "Ada");
    ada.starts();
    ada.blocks();
    ada.returns();
    ada.writes("hello");
    desk.settle().await;
    assert_eq!(updates(&tracker, 1001), ["member"], "a refused report delays nothing");
    assert_eq!(dead(&desk).await, 2);
    let dead_lettered =
        desk.metric("supportbot_dead_lettered_total{queue=\"outbox\",reason=\"tracker\"}");
    assert!((dead_lettered - 2.0).abs() < 0.1);
    let refused = desk.metric("supportbot_tracker_reports_total{outcome=\"refused\"}");
    assert!((refused - 2.0).abs() < 0.1);
    assert!(desk.notice_texts(desk.topic()).iter().all(|said| !said.contains("not delivered")));
    desk.close().await;
    let list = String::from_utf8(desk.run(&["dead", "list"]).await.stdout).unwrap();
    assert!(list.contains("status 200, code 7\n") && list.contains("status 400\n"), "{list}");
    assert!(!list.contains("Ada") && !list.contains(TRACKER_KEY), "{list}");
    assert!(desk.run(&["dead", "replay"]).await.status.success());
    desk.open().await;
    desk.settle().await;
    assert_eq!(updates(&tracker, 1001), ["member", "/start", "kicked"]);
    assert_eq!(dead(&desk).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_keeps_failing_delays_only_its_own_user() {
    let (desk, tracker) = desk().await;
    let (ada, bob) = (desk.user(1001, "Ada"), desk.user(1002, "Bob"));
    tracker.fail_matching("/start poison", Some(Fault::Responds(500, &[], "")));
    let failed = "supportbot_tracker_reports_total{outcome=\"server_error\"}";
    ada.writes("/start poison");
    desk.until("the call has failed", || desk.metric(failed) > 0.5).await;
    ada.blocks();
    bob.starts();
    desk.until("the report has failed again", || desk.metric(failed) > 1.5).await;
    bob.blocks();
    desk.until("the other report arrives", || updates(&tracker, 1002).len() == 2).await;
    assert!(updates(&tracker, 1001).is_empty());
    tracker.fail_matching("", None);
    desk.settle().await;
    assert_eq!(updates(&tracker, 1001), ["/start poison", "kicked"]);
    assert_eq!(updates(&tracker, 1002), ["/start", "kicked"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_alone_fails_for_a_day_becomes_a_dead_letter() {
    let (desk, tracker) = desk().await;
    if crate::harness::stores_in_redis() {
        // On Redis the clock is that of Redis, which no test can move.
        return;
    }
    tracker.fail_matching("/start poison", Some(Fault::Responds(500, &[], "")));
    desk.user(1001, "Ada").writes("/start poison");
    let failed = "supportbot_tracker_reports_total{outcome=\"server_error\"}";
    desk.until("the call has failed", || desk.metric(failed) > 0.5).await;
    let bob = desk.user(1002, "Bob");
    bob.starts();
    desk.until("another report is accepted", || updates(&tracker, 1002).len() == 1).await;
    desk.advance_clock(std::time::Duration::from_hours(25));
    desk.settle().await;
    assert_eq!(dead(&desk).await, 1);
    let expired = desk.metric("supportbot_tracker_reports_total{outcome=\"expired\"}");
    assert!((expired - 1.0).abs() < 0.1, "{expired}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_becomes_a_dead_letter_after_a_day_of_outage() {
    let (desk, tracker) = desk().await;
    if crate::harness::stores_in_redis() {
        // On Redis the clock is that of Redis, which no test can move.
        return;
    }
    tracker.fail_all(Some(Fault::Responds(503, &[], "")));
    let (ada, bob) = (desk.user(1001, "Ada"), desk.user(1002, "Bob"));
    ada.starts();
    desk.until("the call was tried", || tracker.calls() >= 2).await;
    desk.advance_clock(std::time::Duration::from_hours(25));
    bob.starts();
    let expired = "supportbot_tracker_reports_total{outcome=\"expired\"}";
    desk.until("the report is a dead letter", || desk.metric(expired) > 0.5).await;
    tracker.fail_all(None);
    desk.settle().await;
    assert_eq!(dead(&desk).await, 1);
    assert_eq!((updates(&tracker, 1001), updates(&tracker, 1002)), (vec![], vec!["/start".into()]));
    assert!(
        desk.app.as_ref().unwrap().store().backlog(PartitionSet::ALL).await.unwrap().is_empty()
    );
}
