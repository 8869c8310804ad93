//! Inputs for the parsers: awkward words, JSON of any shape, and valid JSON with changes.

use std::env;

use proptest::{prelude::*, sample::Index};
use serde_json::{Map, Value, json};

/// The number of inputs: `usual`, or `FUZZ_ROUNDS` if that is more. Failures are not saved to a file: each becomes a
/// test.
pub(super) fn rounds(usual: u32) -> ProptestConfig {
    rounds_divided_by(1, usual)
}

/// The number of inputs for slow tests (synced files, answered calls): `FUZZ_ROUNDS` divided by `slower`.
pub(super) fn rounds_divided_by(slower: u32, usual: u32) -> ProptestConfig {
    let asked = env::var_os("FUZZ_ROUNDS").and_then(|rounds| rounds.to_str()?.parse::<u32>().ok());
    ProptestConfig {
        cases: asked.map_or(usual, |asked| (asked / slower).max(usual)),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Fragments with a special meaning to some parser.
const PIECES: [&str; 40] = [
    "<b>",
    "</b>",
    "<i>",
    "<code>",
    "<pre>",
    "<blockquote>",
    "</a>",
    "<a href=\"x\">",
    "<",
    ">",
    "&",
    "&amp;",
    "&#0;",
    "&#x41;",
    "\"",
    "'",
    "\\",
    "{",
    "}",
    "{ $name }",
    "{name}",
    "{number}",
    "\n",
    "\r",
    "\t",
    "\0",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
    "\u{feff}",
    "👩‍👩‍👧",
    "é",
    "e\u{301}",
    "//",
    "/ban",
    ":",
    "-1",
    "9223372036854775807",
    "%s",
    "a",
];

/// Words made of these fragments and of any letters.
pub(super) fn words() -> BoxedStrategy<String> {
    let piece = prop_oneof![
        3 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat()).boxed()
}

/// Numbers that some parser does not expect.
pub(super) fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(&[0, -1, 1, i64::MAX, i64::MIN, 1 << 52, 1 << 32][..])
            .prop_map(Value::from),
    ]
}

/// Any JSON, whose fields have these names or others.
pub(super) fn value(names: &'static [&'static str]) -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number(),
        words().prop_map(Value::from),
    ];
    let name = prop_oneof![4 => prop::sample::select(names).prop_map(str::to_owned), 1 => words()];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            3 => prop::collection::btree_map(name.clone(), inner, 0..7)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
    .boxed()
}

/// A change to a part of a value: its path, and the change.
#[derive(Debug, Clone)]
pub(super) struct Twist {
    way: Vec<Index>,
    act: Act,
}

#[derive(Debug, Clone)]
enum Act {
    Become(Value),
    Vanish,
    Double,
    Gain(String, Value),
}

/// One to three changes.
pub(super) fn mutations(names: &'static [&'static str]) -> impl Strategy<Value = Vec<Twist>> {
    let act = prop_oneof![
        4 => value(names).prop_map(Act::Become),
        2 => Just(Act::Vanish),
        1 => Just(Act::Double),
        2 => (prop::sample::select(names), value(names)).prop_map(|(name, value)| Act::Gain(name.to_owned(), value)),
    ];
    let twist = (prop::collection::vec(any::<Index>(), 0..6), act);
    prop::collection::vec(twist.prop_map(|(way, act)| Twist { way, act }), 1..4)
}

/// The value after these changes.
pub(super) fn mutated(mut value: Value, twists: &[Twist]) -> Value {
    for Twist { way, act } in twists {
        mutate(&mut value, way, act);
    }
    value
}

fn mutate(value: &mut Value, way: &[Index], act: &Act) {
    if let ([next, rest @ ..], Value::Object(fields)) = (way, &mut *value)
        && !fields.is_empty()
    {
        let name = fields.keys().nth(next.index(fields.len())).cloned().unwrap_or_default();
        if rest.is_empty() && matches!(act, Act::Vanish) {
            fields.remove(&name);
        } else if let Some(inner) = fields.get_mut(&name) {
            mutate(inner, rest, act);
        }
        return;
    }
    if let ([next, rest @ ..], Value::Array(items)) = (way, &mut *value)
        && !items.is_empty()
    {
        let at = next.index(items.len());
        if rest.is_empty() && matches!(act, Act::Vanish) {
            items.remove(at);
        } else {
            mutate(&mut items[at], rest, act);
        }
        return;
    }
    match act {
        Act::Become(other) => *value = other.clone(),
        Act::Vanish => *value = Value::Null,
        Act::Double => *value = json!([value.clone(), value.clone()]),
        Act::Gain(name, other) => {
            if let Value::Object(fields) = value {
                fields.insert(name.clone(), other.clone());
            }
        }
    }
}
