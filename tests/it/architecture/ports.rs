//! The ports stay small and usable behind `dyn`, and only what sends can reach Telegram.

use super::{
    names::names,
    tokens::{Token, tokens},
    tree::{crates, files, module, text},
};

/// Limit of methods of a port.
const METHODS: usize = 6;

/// Files of the engine that name the connection to Telegram: those that send, and those that ask Telegram something. All
/// else, decisions above all, gets a context without it.
const NAME_THE_MESSENGER: &[&str] = &[
    "src/engine/contexts.rs",
    "src/engine/deliver/context.rs",
    "src/engine/deliver/recent/forum.rs",
    "src/engine/intake/relocation.rs",
    "src/engine/upkeep/heartbeat.rs",
];

/// The traits of a source, each with the number of its methods and whether one of them returns an unnamed type.
fn traits(source: &str) -> Vec<(String, usize, bool)> {
    let tokens = tokens(source);
    let mut found: Vec<(String, usize, bool)> = Vec::new();
    // The brace depth, and that of the present trait's body.
    let (mut depth, mut body) = (0_usize, None);
    for pair in tokens.windows(2) {
        match &pair[0] {
            Token::Sign('{') => depth += 1,
            Token::Sign('}') => {
                depth = depth.saturating_sub(1);
                if body.is_some_and(|body| depth < body) {
                    body = None;
                }
            }
            Token::Word(_) | Token::Path | Token::Sign(_) => {
                match (pair[0].word(), body, found.last_mut()) {
                    (Some("trait"), None, _) => {
                        found.push((pair[1].word().unwrap_or_default().to_owned(), 0, false));
                        body = Some(depth + 1);
                    }
                    (Some("fn"), Some(body), Some(last)) if depth == body => last.1 += 1,
                    (Some("impl"), Some(body), Some(last)) if depth == body => last.2 = true,
                    _ => {}
                }
            }
        }
    }
    found
}

#[test]
fn a_port_has_at_most_six_methods_and_works_behind_dyn() {
    let mut known = Vec::new();
    for path in files("crates/ports/src", &["rs"]) {
        for (name, methods, unnamed) in traits(&text(&path)) {
            assert!(methods <= METHODS, "{path}: {name} has {methods} methods: split it");
            assert!(!unnamed, "{path}: {name} has `impl` in a signature: use `#[async_trait]`");
            known.push(name);
        }
    }
    for name in ["Store", "Ledger", "Partitions", "Messenger"] {
        assert!(known.iter().any(|known| known == name), "{name} is not found");
    }
}

#[test]
fn only_what_sends_or_asks_can_reach_telegram() {
    let crates = crates();
    let mut name_it = Vec::new();
    for path in files("src/engine", &["rs"]) {
        let named = names(&text(&path), &module(&path), &crates).paths;
        // Unit tests have messengers of their own, which reach nothing.
        if named.contains("ports::Messenger") && !path.ends_with("/tests.rs") {
            name_it.push(path.clone());
        }
        let of_sends = named.iter().any(|name| name.ends_with("::Sending"));
        let may = path.starts_with("src/engine/deliver/")
            || ["src/engine/contexts.rs", "src/engine/mod.rs"].contains(&path.as_str());
        assert!(!of_sends || may, "{path} names the context of sends");
    }
    assert_eq!(name_it, NAME_THE_MESSENGER);
}

#[test]
fn methods_are_counted_with_their_defaults_and_without_what_is_inside() {
    let source = "
        trait One: Send { fn a(&self); async fn b(&self) -> u8 { fn inner() {} 1 } }
        fn free() {}
        trait Two { type Error; fn c(&self) -> impl Future<Output = ()>; }
        impl One for () { fn a(&self) {} }
    ";
    assert_eq!(traits(source), [("One".to_owned(), 2, false), ("Two".to_owned(), 1, true)]);
}
