//! TGTrack fails in every way: the desk is unaffected, and each report arrives in the end.

use std::time::{Duration, Instant};

use telegram_simulator::Person;

use crate::harness::{
    Program, TRACKER_KEY, Tracker, TrackerFault as Fault, TrackerReport as Report, spec,
    write_welcome,
};
use crate::redis::Server;

async fn program(tracker: &Tracker) -> Program {
    let mut program = Program::new(&[]).await;
    program.set_all(tracker.settings());
    program
}

fn people(program: &Program, from: i64, count: i64) -> Vec<Person> {
    let person = |id: i64| program.telegram.user(spec(id, &format!("User {id}"), "en"));
    (from..from + count).map(person).collect()
}

/// The texts of a user's Starts that the tracker received, in order.
fn starts(reports: &[Report], person: &Person) -> Vec<String> {
    let start = |reports: &Report| {
        let Report::Update(raw) = reports else { return None };
        let json: serde_json::Value = serde_json::from_str(raw).unwrap();
        let message = &json["message"];
        let text = message["text"].as_str()?;
        (message["chat"]["id"].as_i64() == Some(person.id())).then(|| text.to_owned())
    };
    reports.iter().filter_map(start).collect()
}

/// All of them press Start and write at once; returns the time until everything is in the group.
async fn delivers(program: &Program, people: &[Person]) -> Duration {
    let begun = Instant::now();
    for person in people {
        person.starts();
        person.writes("hello");
    }
    program
        .until("all messages are delivered", async |program| {
            let topics = program.group.topics();
            people.iter().all(|person| {
                let name = format!("User {}", person.id());
                let topic = topics.iter().find(|topic| topic.name == name);
                topic.is_some_and(|topic| {
                    let messages = program.group.messages(topic.id);
                    messages.iter().any(|seen| seen.text.as_deref() == Some("hello"))
                })
            })
        })
        .await;
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_slow_or_failed_tracker_does_not_affect_the_desk() {
    let tracker = Tracker::start().await;
    // Fewer concurrent calls than users: a report that occupied one would slow the desk down.
    let mut program = program(&tracker).await;
    program.set("SEND_CONCURRENCY", "4");
    program.start().await;
    let mut from = 701_000;
    let mut next = || {
        from += 100;
        people(&program, from, 60)
    };
    let all = [next(), next(), next(), next()];
    let well = delivers(&program, &all[0]).await;
    let mut ill = Vec::new();
    for (people, fault) in all[1..].iter().zip([
        Fault::Responds(503, &[], ""),
        Fault::Late(Duration::from_secs(8)),
        Fault::Silent,
    ]) {
        tracker.fail_all(Some(fault));
        ill.push(delivers(&program, people).await);
    }
    println!("with a healthy tracker: {well:?}; down, slow, silent: {ill:?}");
    for took in &ill {
        assert!(*took < well * 2 + Duration::from_secs(1), "{took:?} instead of {well:?}");
    }
    // One page for both figures: a delivery may be recorded between two requests.
    program.wait_until_idle().await;
    let (_, page) =
        crate::harness::program::get(&format!("http://{}/metrics", program.ops())).await;
    let count = |name: &str, more: &str| -> f64 {
        let series = format!(
            "supportbot_delivery_own_duration_seconds_{name}{{direction=\"user_to_operator\",outcome=\"delivered\"{more}}} "
        );
        let line = page.lines().find_map(|line| line.strip_prefix(&series));
        line.unwrap_or_else(|| panic!("no series {series} in:\n{page}")).parse().unwrap()
    };
    let (quick, all_of) = (count("bucket", ",le=\"5\""), count("count", ""));
    assert!((quick - all_of).abs() < 0.1, "{quick} of {all_of} took at most five seconds");
    // Stopping does not wait for the tracker either: four calls are under way that would take ten seconds.
    let begun = Instant::now();
    assert_eq!(program.terminate().await.code(), Some(0));
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(6), "the stop took {took:?}");
    // In the end the tracker receives every report.
    tracker.fail_all(None);
    program.start().await;
    program
        .until("each report arrives", async |_| {
            let reports = tracker.reports();
            all.iter().flatten().all(|person| !starts(&reports, person).is_empty())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_killed_with_full_lanes_reports_each_at_least_once_and_in_order() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut moments = fastrand::Rng::with_seed(seed);
    let tracker = Tracker::start().await;
    let mut program = program(&tracker).await;
    let people = people(&program, 702_000, 40);
    tracker.fail_all(Some(Fault::Responds(503, &[], "")));
    for round in 0..4 {
        program.spawn();
        for person in &people {
            person.writes(&format!("/start {round}"));
        }
        if round == 2 {
            // From now on the tracker accepts reports but answers too late.
            tracker.fail_all(Some(Fault::Late(Duration::from_millis(30))));
        }
        tokio::time::sleep(Duration::from_millis(1500 + moments.u64(0..700))).await;
        program.kill();
    }
    tracker.fail_all(None);
    program.start().await;
    program
        .until("each report arrives", async |program| {
            program.telegram.pending_updates() == 0
                && program.metric("supportbot_tracker_waiting").await < 0.5
                && people.iter().all(|person| starts(&tracker.reports(), person).len() >= 4)
        })
        .await;
    let (reports, mut repeats) = (tracker.reports(), 0);
    for person in &people {
        let mut starts = starts(&reports, person);
        repeats += starts.len() - 4;
        starts.dedup();
        assert_eq!(starts, ["/start 0", "/start 1", "/start 2", "/start 3"], "seed {seed}");
    }
    println!("{repeats} repeats");
    assert!(repeats <= 4 * 4, "seed {seed}: {repeats} repeats, more than calls under way");
    let dead = program.metric("supportbot_dead_letters{queue=\"outbox\"}").await;
    assert!(dead == 0.0, "seed {seed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_failure_is_retried_and_the_key_is_never_shown() {
    let tracker = Tracker::start().await;
    let mut program = program(&tracker).await;
    program.set("RUST_LOG", "trace");
    let scene =
        "[goals]\nfirst_message = \"wrote\"\n[[step]]\ntext = { en = \"Hi\", ru = \"Привет\" }\n";
    let file = write_welcome(&program.data().with_extension("scene"), scene);
    program.set("WELCOME_FILE", &file);
    program.start().await;
    program.until("the owner's Start is reported", async |_| tracker.reports().len() == 1).await;
    let ada = program.telegram.user(spec(703_001, "Ada", "en"));
    let faults = [
        ("server_error", Fault::Responds(503, &[], "")),
        ("busy", Fault::Responds(429, &[("retry-after", "1")], "")),
        ("malformed", Fault::Responds(200, &[], "<html>all is well</html>")),
        ("malformed", Fault::Responds(302, &[("location", "/v1/elsewhere")], "")),
        ("denied", Fault::Responds(404, &[], "")),
        ("timeout", Fault::Silent),
        (
            "refused",
            Fault::Responds(200, &[], r#"{"error":{"code":7,"message":"a-tracker5ecret-key"}}"#),
        ),
    ];
    for (at, (outcome, fault)) in faults.into_iter().enumerate() {
        let before = tracker.reports().len();
        let series = format!("supportbot_tracker_reports_total{{outcome=\"{outcome}\"}}");
        let counted = program.metric(&series).await;
        tracker.fail_next(fault);
        ada.writes(&format!("/start {at}"));
        program
            .until("the outcome is counted", async |program| {
                program.metric(&series).await > counted
            })
            .await;
        if outcome != "refused" {
            program.until("it is told", async |_| tracker.reports().len() > before).await;
        }
    }
    // Nothing listens at the address any more.
    let url = tracker.url();
    drop(tracker);
    ada.writes("/start away");
    let network = "supportbot_tracker_reports_total{outcome=\"network\"}";
    program
        .until("the outcome is counted", async |program| program.metric(network).await > 0.5)
        .await;
    let (_, metrics) =
        crate::harness::program::get(&format!("http://{}/metrics", program.ops())).await;
    program.terminate().await;
    let output_of = |arguments: &[&str]| {
        let output = program.run(arguments);
        [output.stdout, output.stderr].map(|part| String::from_utf8(part).unwrap()).concat()
    };
    let doctor = output_of(&["doctor"]);
    assert!(doctor.contains("TGTrack cannot be reached"), "{doctor}");
    let dead = output_of(&["dead", "list"]);
    let id = dead.split('\t').next().unwrap().to_owned();
    let shown = output_of(&["dead", "show", &id]);
    assert!(shown.contains("/start 6"), "{shown}");
    let port = url.rsplit(':').next().unwrap();
    assert!(program.log().contains("the tracker accepts no reports"));
    let everywhere = [program.log(), metrics, doctor, dead, shown];
    for place in &everywhere {
        assert!(!place.contains(TRACKER_KEY), "{place}");
    }
    assert!(!everywhere[1].contains(port), "no address may be in the metrics");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_take_over_from_each_other_report_all_and_do_not_wait_for_the_tracker() {
    let (redis, tracker) = (Server::start(), Tracker::start().await);
    let mut first = Program::new(&[("REDIS_URL", &redis.url())]).await;
    first.set_all(tracker.settings());
    let mut second = first.another_process();
    let people = people(&first, 704_000, 32);
    first.start().await;
    let all = |word: &str| {
        for person in &people {
            person.writes(&format!("/start {word}"));
        }
    };
    tracker.fail_all(Some(Fault::Silent));
    all("a");
    first.until("the tracker is called", async |_| tracker.calls() >= 4).await;
    // Half of the conversations move to the other process while their calls are under way.
    let begun = Instant::now();
    second.start().await;
    let held = "supportbot_partitions_held";
    second
        .until("the process has its partitions", async |second| second.metric(held).await > 7.5)
        .await;
    println!("handed over in {:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    all("b");
    first
        .until("all updates are stored", async |first| first.telegram.pending_updates() == 0)
        .await;
    first.kill();
    all("c");
    tracker.fail_all(None);
    second
        .until("each report arrives", async |_| {
            let reports = tracker.reports();
            people.iter().all(|person| starts(&reports, person).len() >= 3)
        })
        .await;
    let reports = tracker.reports();
    for person in &people {
        let mut starts = starts(&reports, person);
        starts.dedup();
        assert_eq!(starts, ["/start a", "/start b", "/start c"]);
    }
}
