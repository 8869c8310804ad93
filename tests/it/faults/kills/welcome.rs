//! The program is killed in the middle of many welcomes: each continues, and the request numbers have no gap and no
//! repeat.

use std::{collections::BTreeSet, time::Duration};

use telegram_simulator::Person;

use crate::harness::{Program, spec, write_welcome};

const USERS: i64 = 49;
const KILLS: u64 = 8;

const SCENE: &str = r#"
time_zone = "Europe/Moscow"
open_topic = true

[[step]]
text = { en = "No. {number}", ru = "№ {number}" }

[[step]]
wait = "1s"

[[step]]
text = { en = "first", ru = "сначала" }

[[step]]
wait = "1s"

[[step]]
text = { en = "last, of No. {number}", ru = "потом, о № {number}" }
"#;

/// The texts that a person received, without the repeats that a kill may cause.
fn texts_without_repeats(person: &Person) -> Vec<String> {
    let mut texts: Vec<String> = person.reads();
    texts.retain(|text| text != "/start");
    texts.dedup();
    texts
}

#[tokio::test(flavor = "multi_thread")]
async fn request_numbers_have_no_gap_and_no_repeat_through_kills() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut moments = fastrand::Rng::with_seed(seed);
    let mut program = Program::new(&[]).await;
    let folder = program.data().with_extension("scene");
    program.set("WELCOME_FILE", &write_welcome(&folder, SCENE));
    let person = |number: i64| {
        let name = format!("User {number}");
        program.telegram.user(spec(800_000 + number, &name, "en"))
    };
    let people: Vec<Person> = (1..=USERS).map(person).collect();
    let mut coming = people.iter();
    for _ in 0..KILLS {
        program.spawn();
        for person in coming.by_ref().take(7) {
            person.starts();
            tokio::time::sleep(Duration::from_millis(moments.u64(0..80))).await;
        }
        tokio::time::sleep(Duration::from_millis(moments.u64(0..500))).await;
        program.kill();
    }
    program.start().await;
    program
        .until("each welcome ends", async |_| {
            people.iter().all(|person| {
                texts_without_repeats(person).last().is_some_and(|text| text.contains("last"))
            })
        })
        .await;
    program.wait_until_idle().await;

    let mut numbers = BTreeSet::new();
    for person in &people {
        let texts = texts_without_repeats(person);
        let number: i64 = texts[0].strip_prefix("No. ").unwrap().parse().unwrap();
        let last = format!("last, of No. {number}");
        assert_eq!(texts, [format!("No. {number}"), "first".to_owned(), last], "seed {seed}");
        assert!(numbers.insert(number), "seed {seed}: {number} was assigned twice");
    }
    // The missing number belongs to the owner, who pressed Start before.
    let missing: Vec<i64> = (1..=USERS + 1).filter(|number| !numbers.contains(number)).collect();
    assert_eq!(
        missing.len(),
        1,
        "seed {seed}: only the owner's number may be missing: {missing:?}"
    );
}
