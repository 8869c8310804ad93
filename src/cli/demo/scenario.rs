//! The scene: one chapter per situation. Each step waits for the effects of the previous one.

use std::time::{Duration, Instant};

use serde_json::json;

use telegram_simulator::{Content, Fault, Matcher, Times, What};

use super::{
    accounting::Totals,
    actors::{Actors, User},
    recorder::{Recorder, TimedOut},
    transcript::Detail,
};

/// Plays all chapters in which the desk does not pace itself.
pub(super) async fn play(recorder: &mut Recorder) -> Result<(), TimedOut> {
    greeting(recorder).await?;
    first_message(recorder).await?;
    answer(recorder).await?;
    album(recorder).await?;
    follow_ups(recorder).await?;
    language(recorder).await?;
    ban(recorder).await?;
    deleted_topic(recorder).await?;
    blocked(recorder).await?;
    throttled(recorder).await?;
    burst(recorder).await
}

async fn greeting(recorder: &mut Recorder) -> Result<(), TimedOut> {
    let why =
        "Each user is greeted in the language of their Telegram. Operators are not bothered yet.";
    recorder.chapter("Two users press Start", why).await;
    recorder.transcript.terminal.columns("USERS' PHONES", "OPERATORS' GROUP, #topic of each user");
    let (ada, ivan) = (recorder.actors.ada.clone(), recorder.actors.ivan.clone());
    ada.person.starts();
    recorder.settled("Ada is greeted", |_| !ada.person.sees().is_empty()).await?;
    ivan.person.starts();
    recorder.settled("Иван is greeted", |_| !ivan.person.sees().is_empty()).await
}

async fn first_message(recorder: &mut Recorder) -> Result<(), TimedOut> {
    let why = "A user's first message opens a topic of their own; the pinned card says who writes. \
               Copies keep formatting. To the user it is one chat with one bot.";
    recorder.chapter("The first message opens a topic", why).await;
    let (ada, ivan) = (recorder.actors.ada.clone(), recorder.actors.ivan.clone());
    let bold = json!([{ "type": "bold", "offset": 9, "length": 4 }, { "type": "italic", "offset": 18, "length": 3 }]);
    ada.person.sends(Content::text("My order 4711 has not arrived.").entities(bold));
    recorder
        .settled("Ada's topic has a pinned card", |actors| {
            actors.topic_messages(&ada).iter().any(|message| message.pinned)
        })
        .await?;
    ivan.person.writes("Здравствуйте! Можно вернуть наушники?");
    recorder
        .settled("Иван's topic has a pinned card", |actors| {
            actors.topic_messages(&ivan).iter().any(|message| message.pinned)
        })
        .await
}

async fn answer(recorder: &mut Recorder) -> Result<(), TimedOut> {
    let why = "Operators answer in the topic. Replies point to the right message on both sides. \
               Messages that begin with // stay among operators.";
    recorder.chapter("An operator answers", why).await;
    let (ada, ivan) = (recorder.actors.ada.clone(), recorder.actors.ivan.clone());
    let olga = recorder.actors.olga.clone();
    let note = "// parcel service says: back on Monday";
    recorder.accounting.mark_confidential(note);
    if let Some((topic, asked)) = find_in_topic(recorder, &ada, "4711") {
        olga.writes_in(topic, note);
        olga.replies_in(topic, asked, "Hello Ada! It is on its way, Monday at the latest.");
    }
    recorder.settled("Ada reads the answer", |_| ada.finds("on its way").is_some()).await?;
    if let Some(answer) = ada.finds("on its way") {
        ada.person.replies_to(answer.id, "Monday is fine, thank you!");
    }
    if let Some((topic, asked)) = find_in_topic(recorder, &ivan, "наушники") {
        olga.replies_in(topic, asked, "Да, в течение 14 дней. Пришлите, пожалуйста, фото чека.");
    }
    recorder.settled("Иван reads the answer", |_| ivan.finds("14 дней").is_some()).await
}

async fn album(recorder: &mut Recorder) -> Result<(), TimedOut> {
    let why = "Its pieces come as separate updates, and arrive as one album with its caption.";
    recorder.chapter("An album", why).await;
    let ivan = recorder.actors.ivan.clone();
    let mut pieces: Vec<Content> = ["receipt", "box", "headphones"].map(Content::photo).into();
    if let Some(first) = pieces.first_mut() {
        *first = first.clone().caption("Чек, коробка, наушники");
    }
    ivan.person.sends_album(pieces);
    recorder
        .settled("the album is in the topic", |actors| actors.in_topic(&ivan, "Чек").is_some())
        .await
}

async fn follow_ups(recorder: &mut Recorder) -> Result<(), TimedOut> {
    let why = "An edit changes the copy on the other side, a reaction appears on the message it was meant for.";
    recorder.chapter("Edits and reactions follow, both ways", why).await;
    let (ada, ivan) = (recorder.actors.ada.clone(), recorder.actors.ivan.clone());
    let olga = recorder.actors.olga.clone();
    if let Some(own) = ada.finds("Monday is fine") {
        ada.person.edits(own.id, "Monday is fine, but after 5 p.m., please!");
    }
    recorder
        .settled("Ada's edit arrives", |actors| actors.in_topic(&ada, "5 p.m.").is_some())
        .await?;
    if let Some(own) = recorder.actors.in_topic(&ada, "on its way") {
        olga.edits(own.id, "Hello Ada! It comes on Monday after 5 p.m.");
    }
    if let Some(copy) = recorder.actors.in_topic(&ada, "5 p.m., please") {
        olga.reacts(copy.id, Some("👍"));
    }
    recorder.settled("Olga's edit arrives", |_| ada.finds("It comes on").is_some()).await?;
    if let Some(answer) = ada.finds("It comes on") {
        ada.person.reacts(answer.id, Some("❤"));
    }
    if let Some(copy) = recorder.actors.in_topic(&ivan, "Чек") {
        olga.reacts(copy.id, Some("👌"));
    }
    recorder.settled("the reactions arrive", |_| true).await
}

async fn language(recorder: &mut Recorder) -> Result<(), TimedOut> {
    let why = "The choice is kept; until one is made, the user's Telegram decides.";
    recorder.chapter("/language", why).await;
    let ivan = recorder.actors.ivan.clone();
    ivan.person.writes("/language");
    let with_buttons =
        || ivan.person.sees().into_iter().rev().find(|seen| !seen.buttons.is_empty());
    recorder.settled("Иван is offered languages", |_| with_buttons().is_some()).await?;
    if let Some(offer) = with_buttons() {
        let english = offer.all_buttons().find(|button| button.text.contains("English"));
        let english = english.and_then(|button| button.data.clone()).unwrap_or_default();
        ivan.person.presses(offer.id, &english);
    }
    recorder.settled("Иван is spoken to in English", |_| ivan.finds("English").is_some()).await
}

async fn ban(recorder: &mut Recorder) -> Result<(), TimedOut> {
    let why = "Messages of a banned user go nowhere. The same command lifts the ban.";
    recorder.chapter("A ban, and its end", why).await;
    let grace = recorder.actors.grace.clone();
    let olga = recorder.actors.olga.clone();
    grace.person.writes("Buy cheap watches!!!");
    recorder
        .settled("Grace's topic has a pinned card", |actors| {
            actors.topic_messages(&grace).iter().any(|message| message.pinned)
        })
        .await?;
    let Some(topic) = recorder.actors.topic(&grace) else { return Ok(()) };
    let before = count_from_bot(&recorder.actors, &grace);
    olga.writes_in(topic, "/ban");
    recorder
        .settled("the ban is confirmed", |actors| count_from_bot(actors, &grace) > before)
        .await?;
    let unwanted = "Watches! Watches!";
    recorder.accounting.mark_confidential(unwanted);
    grace.person.writes(unwanted);
    recorder.settled("nothing comes of it", |_| true).await?;
    recorder.transcript.remark("nothing of this reaches the group");
    let before = count_from_bot(&recorder.actors, &grace);
    olga.writes_in(topic, "/ban");
    recorder
        .settled("the end is confirmed", |actors| count_from_bot(actors, &grace) > before)
        .await?;
    grace.person.writes("Sorry, my account was stolen. Is my order 4712 safe?");
    recorder
        .settled("Grace is heard again", |actors| actors.in_topic(&grace, "4712").is_some())
        .await
}

async fn deleted_topic(recorder: &mut Recorder) -> Result<(), TimedOut> {
    let why = "Telegram does not tell the bot. It finds out with the next message, opens a new topic, and \
               delivers that very message there.";
    recorder.chapter("Somebody deletes a topic", why).await;
    let ada = recorder.actors.ada.clone();
    if let Some(topic) = recorder.actors.topic(&ada) {
        recorder.actors.olga.deletes_topic(topic);
    }
    ada.person.writes("Can the neighbour take the parcel?");
    recorder
        .settled("Ada's message is in a new topic", |actors| {
            actors.topic_messages(&ada).iter().any(|message| message.pinned)
                && actors.in_topic(&ada, "neighbour").is_some()
        })
        .await
}

async fn blocked(recorder: &mut Recorder) -> Result<(), TimedOut> {
    let why = "Operators see at once that an answer cannot arrive, with a button to try again, and see when \
               the user is back.";
    recorder.chapter("A user blocks the bot, and returns", why).await;
    let ivan = recorder.actors.ivan.clone();
    let olga = recorder.actors.olga.clone();
    let before = count_from_bot(&recorder.actors, &ivan);
    ivan.person.blocks();
    recorder.until("the block is told", |actors| count_from_bot(actors, &ivan) > before).await?;
    if let Some(topic) = recorder.actors.topic(&ivan) {
        olga.writes_in(topic, "Деньги вернутся в течение трёх дней.");
    }
    let failed = |actors: &Actors| {
        let messages = actors.topic_messages(&ivan).into_iter().rev();
        messages.filter(|message| !message.buttons.is_empty()).find(|message| message.from_bot)
    };
    recorder.until("the failure is told", |actors| failed(actors).is_some()).await?;
    let before = count_from_bot(&recorder.actors, &ivan);
    ivan.person.returns();
    recorder.until("the return is told", |actors| count_from_bot(actors, &ivan) > before).await?;
    if let Some(notice) = failed(&recorder.actors) {
        let data = notice.all_buttons().find_map(|button| button.data.clone()).unwrap_or_default();
        olga.presses(notice.id, &data);
    }
    recorder.settled("the answer arrives", |_| ivan.finds("трёх дней").is_some()).await
}

async fn throttled(recorder: &mut Recorder) -> Result<(), TimedOut> {
    const SECONDS: u64 = 2;
    let why = "A staged refusal: the next call to the group is answered 429, retry after 2 s. The bot waits as \
               long as it is told, then delivers.";
    recorder.chapter("Telegram says: wait", why).await;
    let ada = recorder.actors.ada.clone();
    let group = recorder.actors.group.id();
    let on = Matcher::methods(["copyMessage", "copyMessages", "sendMessage"]).in_chat(group);
    let what = What::Throttle { retry_after: SECONDS };
    recorder.actors.telegram.inject(Fault { on, what, times: Times::N(1) });
    let begun = Instant::now();
    ada.person.writes("Hello, is anybody there?");
    recorder
        .settled("the message arrives", |actors| actors.in_topic(&ada, "anybody").is_some())
        .await?;
    let waited = begun.elapsed().as_secs_f64();
    recorder
        .transcript
        .remark(&format!("told to wait {SECONDS} s; delivered {waited:.1} s after it was written"));
    Ok(())
}

async fn burst(recorder: &mut Recorder) -> Result<(), TimedOut> {
    const EACH: usize = 12;
    let why = "Telegram lets a bot send a group 20 messages a minute. To save you the wait, this group's minute \
               lasts a second, and the bot's own pacing for groups, which keeps a real desk from being refused \
               at all, is off: you see it obey the limit instead of avoiding it. Lines are summarized.";
    recorder.chapter("A burst that Telegram throttles", why).await;
    recorder.actors.limit_the_group();
    recorder.transcript.set_detail(Detail::Summary);
    let begun = Begun::now(recorder);
    let users =
        [recorder.actors.ada.clone(), recorder.actors.ivan.clone(), recorder.actors.grace.clone()];
    for number in 1..=EACH {
        for user in &users {
            user.person.writes(&format!("Question {number} of {EACH}, {}?", user.name));
        }
    }
    recorder.settled("the burst arrives", |_| true).await?;
    recorder.transcript.set_detail(Detail::Every);
    recorder.transcript.remark(&begun.account(recorder));
    Ok(())
}

/// The last chapter, in which the desk paces itself.
pub(super) async fn flood(recorder: &mut Recorder) -> Result<(), TimedOut> {
    const COUNT: usize = 40;
    const EVERY: Duration = Duration::from_millis(10);
    let why = "The desk is started anew, with its pacing on. Grace writes 40 messages at once. More than 20 a \
               minute are a flood: the rest waits until she has paused for a minute, here a second. Ada and \
               Иван, whom operators have answered before, write one message each meanwhile.";
    recorder.chapter("A flood that harms nobody", why).await;
    recorder.actors.limit_the_group();
    recorder.transcript.set_detail(Detail::Summary);
    let begun = Begun::now(recorder);
    let (ada, ivan) = (recorder.actors.ada.clone(), recorder.actors.ivan.clone());
    let grace = recorder.actors.grace.clone();
    let told_before = grace.person.sees().len();
    let mut of_ada = 0.0;
    for number in 1..=COUNT {
        grace.person.writes(&format!("Hello? {number} of {COUNT}"));
        if number == COUNT / 2 {
            of_ada = arrives(recorder, &ada, "The parcel is here, thank you!").await?;
        }
        recorder.observe_for(EVERY).await;
    }
    let paused = Instant::now();
    let held = |actors: &Actors| actors.in_topic(&grace, "Hello? 21 of").is_some();
    recorder.reached("Grace's flood arrives after a pause", held).await?;
    let paused = paused.elapsed().as_secs_f64();
    let of_ivan = arrives(recorder, &ivan, "The money is back, thank you!").await?;
    recorder.settled("the flood arrives", |_| true).await?;
    recorder.transcript.set_detail(Detail::Every);
    let told = match grace.person.sees().len() - told_before {
        1 => "once".to_owned(),
        told => format!("{told} times"),
    };
    for remark in [
        begun.account(recorder),
        format!("Ada's message took {of_ada:.2} s, Иван's {of_ivan:.2} s"),
        format!(
            "Grace was told {told}; 20 of her messages were held until {paused:.1} s after the last"
        ),
    ] {
        recorder.transcript.remark(&remark);
    }
    Ok(())
}

/// Writes a message; returns how many seconds it takes to the topic.
async fn arrives(recorder: &mut Recorder, user: &User, text: &str) -> Result<f64, TimedOut> {
    let begun = Instant::now();
    user.person.writes(text);
    let arrived = |actors: &Actors| actors.in_topic(user, text).is_some();
    recorder.reached("a message arrives amid the flood", arrived).await?;
    Ok(begun.elapsed().as_secs_f64())
}

/// The counts at the beginning of a chapter.
pub(super) struct Begun {
    totals: Totals,
    refused: u64,
    at: Instant,
}

impl Begun {
    pub(super) fn now(recorder: &Recorder) -> Self {
        let (totals, refused) = (recorder.accounting.totals, recorder.refused());
        Self { totals, refused, at: Instant::now() }
    }

    /// What has happened to users' messages since then.
    pub(super) fn account(&self, recorder: &Recorder) -> String {
        let (before, after) = (self.totals, recorder.accounting.totals);
        let out_of_order = after.out_of_order - before.out_of_order;
        format!(
            "{} written, {} arrived in {:.1} s, {}; told to wait: {}",
            after.messages.sent - before.messages.sent,
            after.messages.arrived - before.messages.arrived,
            self.at.elapsed().as_secs_f64(),
            if out_of_order == 0 {
                "each user's in order".to_owned()
            } else {
                format!("{out_of_order} out of order")
            },
            recorder.refused() - self.refused,
        )
    }
}

/// A user's topic, and the message in it that contains this text.
fn find_in_topic(recorder: &Recorder, user: &User, text: &str) -> Option<(i64, i64)> {
    Some((recorder.actors.topic(user)?, recorder.actors.in_topic(user, text)?.id))
}

/// Number of the bot's messages in a user's topic.
fn count_from_bot(actors: &Actors, user: &User) -> usize {
    actors.topic_messages(user).iter().filter(|message| message.from_bot).count()
}
