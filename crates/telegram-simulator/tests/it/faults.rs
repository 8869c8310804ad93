//! Faults: each does what it says, and no more.

use std::time::{Duration, Instant};

use serde_json::json;
use telegram_simulator::{Fault, Matcher, Throttled, Times, What};

use super::{ada, call, done, refused, start};

fn once(what: What) -> Fault {
    Fault { on: Matcher::method("sendMessage"), what, times: Times::N(1) }
}

#[tokio::test]
async fn a_cut_connection_has_no_answer_with_or_without_effect() {
    let simulator = start().await;
    let user = simulator.user(ada());
    user.starts();
    let url =
        format!("{}/bot{}/sendMessage?chat_id=77&text=hi", simulator.url(), simulator.token());
    let client = reqwest::Client::new();
    let before = simulator.inject(once(What::CutBefore));
    let error = client.get(&url).send().await.unwrap_err();
    assert!(error.is_request() && error.status().is_none(), "{error:?}");
    assert_eq!(user.sees().len(), 0);
    simulator.inject(once(What::CutAfter));
    client.get(&url).send().await.unwrap_err();
    assert_eq!(user.sees().len(), 1);
    assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
    assert_eq!(before.count(), 1);
}

#[tokio::test]
async fn a_throttled_chat_stays_throttled() {
    let simulator = start().await;
    simulator.user(ada()).starts();
    simulator.inject(once(What::Throttle { retry_after: 3 }));
    let send = || json!({"chat_id": 77, "text": "x"});
    let answer = call(&simulator, "sendMessage", send()).await;
    assert_eq!(answer["error_code"], 429);
    assert_eq!(answer["description"], "Too Many Requests: retry after 3");
    assert_eq!(answer["parameters"]["retry_after"], 3);
    assert_eq!(call(&simulator, "sendMessage", send()).await["error_code"], 429);
    simulator.advance(Duration::from_secs(3));
    done(&simulator, "sendMessage", send()).await;
    let wanted = Throttled { by_limits: 0, by_faults: 1, while_waiting: 1 };
    assert_eq!(simulator.throttled(), wanted);
}

#[tokio::test]
async fn a_gateway_answers_html_and_an_error_answers_json() {
    let simulator = start().await;
    simulator.user(ada()).starts();
    let url =
        format!("{}/bot{}/sendMessage?chat_id=77&text=hi", simulator.url(), simulator.token());
    simulator.inject(once(What::Status(502, "<html>Bad Gateway</html>".to_owned())));
    let answer = reqwest::get(&url).await.unwrap();
    assert_eq!(answer.status(), 502);
    assert_eq!(answer.text().await.unwrap(), "<html>Bad Gateway</html>");
    simulator.inject(once(What::Error { code: 403, description: "Forbidden: no".to_owned() }));
    assert_eq!(
        refused(&simulator, "sendMessage", json!({"chat_id": 77, "text": "x"})).await,
        "Forbidden: no"
    );
    simulator.inject(once(What::Slow(Duration::from_millis(80))));
    let begun = Instant::now();
    done(&simulator, "sendMessage", json!({"chat_id": 77, "text": "x"})).await;
    assert!(begun.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn an_unreachable_simulator_keeps_its_world() {
    let simulator = start().await;
    let user = simulator.user(ada());
    user.starts();
    let url =
        format!("{}/bot{}/sendMessage?chat_id=77&text=hi", simulator.url(), simulator.token());
    let client = reqwest::Client::new();
    assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
    simulator.set_unreachable(true);
    client.get(&url).send().await.unwrap_err();
    simulator.set_unreachable(false);
    assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
    simulator.drop_connections();
    assert_eq!(user.sees().len(), 2);
    let url = simulator.url();
    simulator.stop().await;
    client.get(&url).send().await.unwrap_err();
}
