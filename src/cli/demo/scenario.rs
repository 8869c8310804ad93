//! The scene: one chapter per situation. Each step waits for the effects of the previous one.

use std::time::Instant;

use serde_json::json;

use telegram_simulator::{Content, Fault, Matcher, Times, What};

use super::{
    actors::{Actors, User},
    recorder::{Never, Recorder},
    transcript::Detail,
};

/// Plays all chapters.
pub(super) async fn play(stage: &mut Recorder) -> Result<(), Never> {
    greeting(stage).await?;
    first_message(stage).await?;
    answer(stage).await?;
    album(stage).await?;
    follow_ups(stage).await?;
    language(stage).await?;
    ban(stage).await?;
    deleted_topic(stage).await?;
    blocked(stage).await?;
    throttled(stage).await?;
    burst(stage).await
}

async fn greeting(stage: &mut Recorder) -> Result<(), Never> {
    let why =
        "Each user is greeted in the language of their Telegram. Operators are not bothered yet.";
    stage.chapter("Two users press Start", why).await;
    stage.transcript.page.columns("USERS' PHONES", "OPERATORS' GROUP, #topic of each user");
    let (ada, ivan) = (stage.cast.ada.clone(), stage.cast.ivan.clone());
    ada.person.starts();
    stage.settled("Ada is greeted", |_| !ada.person.sees().is_empty()).await?;
    ivan.person.starts();
    stage.settled("Иван is greeted", |_| !ivan.person.sees().is_empty()).await
}

async fn first_message(stage: &mut Recorder) -> Result<(), Never> {
    let why = "A user's first message opens a topic of their own; the pinned card says who writes.\n\
               Copies keep formatting. To the user it is one chat with one bot.";
    stage.chapter("The first message opens a topic", why).await;
    let (ada, ivan) = (stage.cast.ada.clone(), stage.cast.ivan.clone());
    let bold = json!([{ "type": "bold", "offset": 9, "length": 4 }, { "type": "italic", "offset": 18, "length": 3 }]);
    ada.person.sends(Content::text("My order 4711 has not arrived.").entities(bold));
    stage
        .settled("Ada's topic has a pinned card", |cast| {
            cast.topic_messages(&ada).iter().any(|message| message.pinned)
        })
        .await?;
    ivan.person.writes("Здравствуйте! Можно вернуть наушники?");
    stage
        .settled("Иван's topic has a pinned card", |cast| {
            cast.topic_messages(&ivan).iter().any(|message| message.pinned)
        })
        .await
}

async fn answer(stage: &mut Recorder) -> Result<(), Never> {
    let why = "Operators answer in the topic. Replies point to the right message on both sides.\n\
               Messages that begin with // stay among operators.";
    stage.chapter("An operator answers", why).await;
    let (ada, ivan) = (stage.cast.ada.clone(), stage.cast.ivan.clone());
    let olga = stage.cast.olga.clone();
    let note = "// parcel service says: back on Monday";
    stage.ledger.keep_back(note);
    if let Some((topic, asked)) = place(stage, &ada, "4711") {
        olga.writes_in(topic, note);
        olga.replies_in(topic, asked, "Hello Ada! It is on its way, Monday at the latest.");
    }
    stage.settled("Ada reads the answer", |_| ada.finds("on its way").is_some()).await?;
    if let Some(answer) = ada.finds("on its way") {
        ada.person.replies_to(answer.id, "Monday is fine, thank you!");
    }
    if let Some((topic, asked)) = place(stage, &ivan, "наушники") {
        olga.replies_in(topic, asked, "Да, в течение 14 дней. Пришлите, пожалуйста, фото чека.");
    }
    stage.settled("Иван reads the answer", |_| ivan.finds("14 дней").is_some()).await
}

async fn album(stage: &mut Recorder) -> Result<(), Never> {
    let why = "Its pieces come as separate updates, and arrive as one album with its caption.";
    stage.chapter("An album", why).await;
    let ivan = stage.cast.ivan.clone();
    let mut pieces: Vec<Content> = ["receipt", "box", "headphones"].map(Content::photo).into();
    if let Some(first) = pieces.first_mut() {
        *first = first.clone().caption("Чек, коробка, наушники");
    }
    ivan.person.sends_album(pieces);
    stage.settled("the album is in the topic", |cast| cast.in_topic(&ivan, "Чек").is_some()).await
}

async fn follow_ups(stage: &mut Recorder) -> Result<(), Never> {
    let why = "An edit changes the copy on the other side, a reaction appears on the message it was meant for.";
    stage.chapter("Edits and reactions follow, both ways", why).await;
    let (ada, ivan) = (stage.cast.ada.clone(), stage.cast.ivan.clone());
    let olga = stage.cast.olga.clone();
    if let Some(own) = ada.finds("Monday is fine") {
        ada.person.edits(own.id, "Monday is fine, but after 5 p.m., please!");
    }
    stage.settled("Ada's edit arrives", |cast| cast.in_topic(&ada, "5 p.m.").is_some()).await?;
    if let Some(own) = stage.cast.in_topic(&ada, "on its way") {
        olga.edits(own.id, "Hello Ada! It comes on Monday after 5 p.m.");
    }
    if let Some(copy) = stage.cast.in_topic(&ada, "5 p.m., please") {
        olga.reacts(copy.id, Some("👍"));
    }
    stage.settled("Olga's edit arrives", |_| ada.finds("It comes on").is_some()).await?;
    if let Some(answer) = ada.finds("It comes on") {
        ada.person.reacts(answer.id, Some("❤"));
    }
    if let Some(copy) = stage.cast.in_topic(&ivan, "Чек") {
        olga.reacts(copy.id, Some("👌"));
    }
    stage.settled("the reactions arrive", |_| true).await
}

async fn language(stage: &mut Recorder) -> Result<(), Never> {
    let why = "The choice is kept; until one is made, the user's Telegram decides.";
    stage.chapter("/language", why).await;
    let ivan = stage.cast.ivan.clone();
    ivan.person.writes("/language");
    let with_buttons =
        || ivan.person.sees().into_iter().rev().find(|seen| !seen.buttons.is_empty());
    stage.settled("Иван is offered languages", |_| with_buttons().is_some()).await?;
    if let Some(offer) = with_buttons() {
        let english = offer.all_buttons().find(|button| button.text.contains("English"));
        let english = english.and_then(|button| button.data.clone()).unwrap_or_default();
        ivan.person.presses(offer.id, &english);
    }
    stage.settled("Иван is spoken to in English", |_| ivan.finds("English").is_some()).await
}

async fn ban(stage: &mut Recorder) -> Result<(), Never> {
    let why = "Messages of a banned user go nowhere. The same command lifts the ban.";
    stage.chapter("A ban, and its end", why).await;
    let grace = stage.cast.grace.clone();
    let olga = stage.cast.olga.clone();
    grace.person.writes("Buy cheap watches!!!");
    stage
        .settled("Grace's topic has a pinned card", |cast| {
            cast.topic_messages(&grace).iter().any(|message| message.pinned)
        })
        .await?;
    let Some(topic) = stage.cast.topic(&grace) else { return Ok(()) };
    let before = said(&stage.cast, &grace);
    olga.writes_in(topic, "/ban");
    stage.settled("the ban is confirmed", |cast| said(cast, &grace) > before).await?;
    let unheard = "Watches! Watches!";
    stage.ledger.keep_back(unheard);
    grace.person.writes(unheard);
    stage.settled("nothing comes of it", |_| true).await?;
    stage.transcript.remark("nothing of this reaches the group");
    let before = said(&stage.cast, &grace);
    olga.writes_in(topic, "/ban");
    stage.settled("the end is confirmed", |cast| said(cast, &grace) > before).await?;
    grace.person.writes("Sorry, my account was stolen. Is my order 4712 safe?");
    stage.settled("Grace is heard again", |cast| cast.in_topic(&grace, "4712").is_some()).await
}

async fn deleted_topic(stage: &mut Recorder) -> Result<(), Never> {
    let why = "Telegram does not tell the bot. It finds out with the next message, opens a new topic, and\n\
               delivers that very message there.";
    stage.chapter("Somebody deletes a topic", why).await;
    let ada = stage.cast.ada.clone();
    if let Some(topic) = stage.cast.topic(&ada) {
        stage.cast.olga.deletes_topic(topic);
    }
    ada.person.writes("Can the neighbour take the parcel?");
    stage
        .settled("Ada's message is in a new topic", |cast| {
            cast.topic_messages(&ada).iter().any(|message| message.pinned)
                && cast.in_topic(&ada, "neighbour").is_some()
        })
        .await
}

async fn blocked(stage: &mut Recorder) -> Result<(), Never> {
    let why = "Operators see at once that an answer cannot arrive, with a button to try again, and see when\n\
               the user is back.";
    stage.chapter("A user blocks the bot, and returns", why).await;
    let ivan = stage.cast.ivan.clone();
    let olga = stage.cast.olga.clone();
    let before = said(&stage.cast, &ivan);
    ivan.person.blocks();
    stage.until("the block is told", |cast| said(cast, &ivan) > before).await?;
    if let Some(topic) = stage.cast.topic(&ivan) {
        olga.writes_in(topic, "Деньги вернутся в течение трёх дней.");
    }
    let failed = |cast: &Actors| {
        let messages = cast.topic_messages(&ivan).into_iter().rev();
        messages.filter(|message| !message.buttons.is_empty()).find(|message| message.from_bot)
    };
    stage.until("the failure is told", |cast| failed(cast).is_some()).await?;
    let before = said(&stage.cast, &ivan);
    ivan.person.returns();
    stage.until("the return is told", |cast| said(cast, &ivan) > before).await?;
    if let Some(notice) = failed(&stage.cast) {
        let data = notice.all_buttons().find_map(|button| button.data.clone()).unwrap_or_default();
        olga.presses(notice.id, &data);
    }
    stage.settled("the answer arrives", |_| ivan.finds("трёх дней").is_some()).await
}

async fn throttled(stage: &mut Recorder) -> Result<(), Never> {
    const SECONDS: u64 = 2;
    let why = "A staged refusal: the next call to the group is answered 429, retry after 2 s. The bot waits as\n\
               long as it is told, then delivers.";
    stage.chapter("Telegram says: wait", why).await;
    let ada = stage.cast.ada.clone();
    let group = stage.cast.group.id();
    let on = Matcher::methods(["copyMessage", "copyMessages", "sendMessage"]).in_chat(group);
    let what = What::Throttle { retry_after: SECONDS };
    stage.cast.telegram.inject(Fault { on, what, times: Times::N(1) });
    let begun = Instant::now();
    ada.person.writes("Hello, is anybody there?");
    stage.settled("the message arrives", |cast| cast.in_topic(&ada, "anybody").is_some()).await?;
    let waited = begun.elapsed().as_secs_f64();
    stage
        .transcript
        .remark(&format!("told to wait {SECONDS} s; delivered {waited:.1} s after it was written"));
    Ok(())
}

async fn burst(stage: &mut Recorder) -> Result<(), Never> {
    const EACH: usize = 12;
    let why = "Telegram lets a bot send a group 20 messages a minute. To save you the wait, this group's minute\n\
               lasts 3 seconds, and the bot's own pacing for groups, which keeps a real desk from being refused\n\
               at all, is off: you see it obey the limit instead of avoiding it. Lines are summarized.";
    stage.chapter("A burst that Telegram throttles", why).await;
    stage.cast.limit_the_group();
    stage.transcript.tell(Detail::Summary);
    let before = stage.ledger.totals;
    let refused = stage.refused();
    let begun = Instant::now();
    let users = [stage.cast.ada.clone(), stage.cast.ivan.clone(), stage.cast.grace.clone()];
    for number in 1..=EACH {
        for user in &users {
            user.person.writes(&format!("Question {number} of {EACH}, {}?", user.name));
        }
    }
    stage.settled("the burst arrives", |_| true).await?;
    stage.transcript.tell(Detail::Every);
    let after = stage.ledger.totals;
    let overtook = after.overtook - before.overtook;
    stage.transcript.remark(&format!(
        "{} written, {} arrived in {:.1} s, {}; told to wait: {}",
        after.messages.sent - before.messages.sent,
        after.messages.arrived - before.messages.arrived,
        begun.elapsed().as_secs_f64(),
        if overtook == 0 {
            "each user's in order".to_owned()
        } else {
            format!("{overtook} out of order")
        },
        stage.refused() - refused,
    ));
    Ok(())
}

/// A user's topic, and the message in it that contains this text.
fn place(stage: &Recorder, user: &User, text: &str) -> Option<(i64, i64)> {
    Some((stage.cast.topic(user)?, stage.cast.in_topic(user, text)?.id))
}

/// Number of the bot's messages in a user's topic.
fn said(cast: &Actors, user: &User) -> usize {
    cast.topic_messages(user).iter().filter(|message| message.from_bot).count()
}
