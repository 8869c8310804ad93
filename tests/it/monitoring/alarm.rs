//! A killed desk reaches on-call's phone within half a minute, with instructions; a normal restart causes no alert.
//!
//! Bot, Prometheus and Alertmanager are real; only Telegram is simulated. The promise is 30 seconds. The limit here is
//! five seconds longer, because other tests run at the same time.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::stage::Stage;
use crate::harness::{OWNER, spec};

/// Time limit from the kill of a desk to the message.
const NOTIFIED_WITHIN: Duration = Duration::from_secs(35);
const DOWN: &str = "🔴 SupportbotDown ";
const OVER: &str = "✅ SupportbotDown ";
const CRASHED: &str = "🔴 SupportbotCrashed ";
/// Maximum time of a graceful restart.
const RESTART: Duration = Duration::from_secs(8);

/// Kills the desk, waits for the alert, restarts the desk, and waits for the end of the alert; returns both times.
async fn one_kill(stage: &mut Stage) -> (Duration, Duration) {
    stage.desk.kill();
    let (message, notified) = stage.next_message(DOWN).await;
    assert!(notified < NOTIFIED_WITHIN, "{notified:?}");
    for part in [
        "production",
        "The desk does not answer.",
        "has not answered for more than 10 seconds",
        "Impact:",
        "First: docker compose ",
        "Since ",
        "Take it: bin/quiet 30m SupportbotDown your name",
        "Runbook · Dashboard",
    ] {
        assert!(message.contains(part), "{part} is missing in: {message}");
    }
    let begun = Instant::now();
    stage.desk.start().await;
    let (message, _) = stage.next_message(OVER).await;
    assert!(message.contains("· over"), "{message}");
    (notified, begun.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_desk_is_reported_and_so_is_its_recovery_but_not_a_restart() {
    let killed = async {
        let mut stage = Stage::set().await;
        one_kill(&mut stage).await;
        // One crash causes one alert: the restart does not cause a second one.
        assert_eq!(stage.messages().len(), 2, "{:#?}", stage.messages());
    };
    let restarted = async {
        let mut stage = Stage::set().await;
        let begun = Instant::now();
        assert!(stage.desk.terminate().await.success());
        tokio::time::sleep_until((begun + RESTART).into()).await;
        stage.desk.start().await;
        stage.until_healthy().await;
        assert_eq!(stage.fired_alerts().await, Vec::<String>::new());
        assert_eq!(stage.messages(), Vec::<String>::new());

        // The desk restarts before any scrape.
        stage.desk.kill();
        stage.desk.start().await;
        let (message, notified) = stage.next_message(CRASHED).await;
        assert!(notified < NOTIFIED_WITHIN, "{notified:?}");
        assert!(
            message.contains("The desk was killed or crashed, and has restarted."),
            "{message}"
        );
        assert_eq!(stage.messages().len(), 1, "{:#?}", stage.messages());
    };
    let blinded = async {
        let mut stage = Stage::set().await;
        stage.prometheus.0.kill();
        let owner = stage.desk.telegram.user(spec(OWNER, "Owner", "en"));
        let blind = |text: &String| text.starts_with("◆ Monitoring has been blind since ");
        let begun = Instant::now();
        while !owner.reads().iter().any(blind) {
            assert!(begun.elapsed() < Duration::from_mins(4), "{:?}", owner.reads());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        begun.elapsed()
    };
    tokio::join!(killed, restarted, blinded);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "two minutes: the figures, `just alarm`"]
async fn how_long_it_takes_until_on_call_is_notified() {
    // Five desks, each with its own monitoring: three kills of the same desk would count as a crash loop.
    let kills = (0..5).map(|_| async { one_kill(&mut Stage::set().await).await });
    let (mut notified, mut over): (Vec<_>, Vec<_>) = join_all(kills).await.into_iter().unzip();
    for (what, times) in [("told", &mut notified), ("over", &mut over)] {
        times.sort();
        println!("{what}: median {:.1?}, worst {:.1?}, all {times:.1?}", times[2], times[4]);
    }
}
