//! HTML: the strict simulator of Telegram accepts every text that the desk considers valid, and shows the same.

use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use serde_json::{Value, json};
use support_bot::i18n::visible;
use telegram_simulator::{Limits, Options, Simulator};

use super::input::rounds_divided_by;
use crate::harness::spec;

const PIECES: &[&str] = &[
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<u>",
    "</u>",
    "<s>",
    "</s>",
    "<code>",
    "</code>",
    "<pre>",
    "</pre>",
    "<blockquote>",
    "<blockquote expandable>",
    "</blockquote>",
    "<tg-spoiler>",
    "</tg-spoiler>",
    "<a href=\"https://e.org/?a>b\">",
    "</a>",
    "<span class=\"tg-spoiler\">",
    "</span>",
    "<code class=\"language-rust\">",
    "&lt;",
    "&gt;",
    "&amp;",
    "&quot;",
    "&#65;",
    "&#x42;",
    "a",
    "б",
    "👋",
    " ",
    "\n",
    "<",
    ">",
    "&",
    "\"",
    "<br>",
    "<B>",
    "</B>",
    "<b class=\"x\">",
    "&nbsp;",
    "&#0;",
    "&#+65;",
];

/// Mostly balanced HTML: a fragment, or fragments inside a tag.
fn html() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(PIECES).prop_map(str::to_owned);
    piece.prop_recursive(4, 30, 4, |inner| {
        let tags = &["b", "i", "u", "s", "code", "pre", "blockquote", "tg-spoiler"][..];
        let within = (prop::sample::select(tags), prop::collection::vec(inner.clone(), 0..3));
        prop_oneof![
            3 => within.prop_map(|(tag, inner)| format!("<{tag}>{}</{tag}>", inner.concat())),
            1 => prop::collection::vec(inner, 0..4).prop_map(|inner| inner.concat()),
        ]
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn telegram_accepts_valid_html_and_shows_it_as_expected() {
    let options = Options { limits: Limits::off(), ..Options::default() };
    let telegram = Simulator::start(options).await.unwrap();
    let ada = telegram.user(spec(1001, "Ada", "en"));
    ada.starts();
    let url = format!("{}/bot{}/sendMessage", telegram.url(), telegram.token());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let config = rounds_divided_by(10, 400);
    let (rounds, mut runner) = (config.cases, TestRunner::new(config));
    let (mut taken, mut shown) = (0, 0);
    for _ in 0..rounds {
        let html = format!("x{}", html().new_tree(&mut runner).unwrap().current());
        let body = json!({"chat_id": ada.id(), "text": html, "parse_mode": "HTML"});
        let request = client.post(&url).header("content-type", "application/json");
        let answer = request.body(body.to_string()).send().await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let Ok(seen) = visible(&html) else { continue };
        taken += 1;
        assert_eq!(answer["ok"].as_bool(), Some(true), "{html}: {answer}");
        // Telegram trims white space at the end.
        let text = answer["result"]["text"].as_str().unwrap();
        assert_eq!(text, seen.trim(), "{html}");
        shown += usize::from(!answer["result"]["entities"].is_null());
    }
    assert!(
        taken > rounds / 20 && shown > 5,
        "{taken} of {rounds} accepted, {shown} with markup: the inputs are too similar"
    );
}
