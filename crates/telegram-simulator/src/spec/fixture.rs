//! The Bot API's methods and types, read once from the fixture beside this file.
//!
//! The fixture is data: a newer Bot API takes another run of `condense-bot-api.py` beside this file.

use std::{collections::HashMap, sync::LazyLock};

static SPEC: LazyLock<Spec> = LazyLock::new(|| Spec::read(include_str!("botapi.txt")));

/// Every method and type of the Bot API.
#[derive(Debug, Default)]
pub(crate) struct Spec {
    methods: HashMap<String, Method>,
    pub(super) shapes: HashMap<&'static str, Shape>,
}

/// One method: its spelling and its parameters.
#[derive(Debug)]
pub(crate) struct Method {
    /// As the documentation spells it.
    pub(crate) name: &'static str,
    pub(crate) parameters: Vec<Field>,
}

/// A parameter of a method or a field of a type.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) kind: Kind,
}

/// What a field may hold.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Integer,
    Float,
    Boolean,
    Text,
    /// One fixed string, which distinguishes the variants of a union.
    Constant(&'static str),
    /// A type or a union, by name.
    Named(&'static str),
    List(Box<Kind>),
    Any(Vec<Kind>),
}

/// What a name of a type stands for.
#[derive(Debug)]
pub(super) enum Shape {
    Fields(Vec<Field>),
    Union(Vec<Kind>),
}

impl Spec {
    /// The one that is compiled in.
    pub(crate) fn get() -> &'static Self {
        &SPEC
    }

    /// Finds a method; Telegram does not mind the case of its name.
    pub(crate) fn method(&self, name: &str) -> Option<&Method> {
        self.methods.get(&name.to_ascii_lowercase())
    }

    /// All methods, in no order.
    #[cfg(test)]
    pub(crate) fn methods(&self) -> impl Iterator<Item = &Method> {
        self.methods.values()
    }

    fn read(fixture: &'static str) -> Self {
        let mut spec = Self::default();
        let mut open: Option<(&str, &str, Vec<Field>)> = None;
        for line in fixture.lines().chain(["end"]) {
            if let Some(field) = line.strip_prefix("  ") {
                if let (Some((_, _, fields)), Some(field)) = (&mut open, read_field(field)) {
                    fields.push(field);
                }
                continue;
            }
            match open.take() {
                Some(("method", name, parameters)) => {
                    spec.methods.insert(name.to_ascii_lowercase(), Method { name, parameters });
                }
                Some((_, name, fields)) => {
                    spec.shapes.insert(name, Shape::Fields(fields));
                }
                None => {}
            }
            let mut words = line.split(' ');
            match (words.next(), words.next(), words.next()) {
                (Some("union"), Some(name), Some(kinds)) => {
                    spec.shapes
                        .insert(name, Shape::Union(kinds.split('|').map(read_kind).collect()));
                }
                (Some(word @ ("method" | "type")), Some(name), None) => {
                    open = Some((word, name, Vec::new()));
                }
                _ => {}
            }
        }
        spec
    }
}

fn read_field(line: &'static str) -> Option<Field> {
    let (name, kinds) = line.split_once(' ')?;
    let required = name.ends_with('!');
    let name = name.trim_end_matches(['!', '?']);
    if let Some(constant) = kinds.strip_prefix("=\"") {
        let kind = Kind::Constant(constant.trim_end_matches('"'));
        return Some(Field { name, required, kind });
    }
    let mut kinds: Vec<Kind> = kinds.split('|').map(read_kind).collect();
    // A list of one of several is easier to judge than one of several lists.
    if kinds.len() > 1 && kinds.iter().all(|kind| matches!(kind, Kind::List(_))) {
        let inner = kinds
            .into_iter()
            .filter_map(|kind| if let Kind::List(inner) = kind { Some(*inner) } else { None })
            .collect();
        return Some(Field { name, required, kind: Kind::List(Box::new(Kind::Any(inner))) });
    }
    let kind = if kinds.len() == 1 { kinds.remove(0) } else { Kind::Any(kinds) };
    Some(Field { name, required, kind })
}

fn read_kind(name: &'static str) -> Kind {
    if let Some(inner) = name.strip_prefix("[]") {
        return Kind::List(Box::new(read_kind(inner)));
    }
    match name {
        "Integer" => Kind::Integer,
        "Float" => Kind::Float,
        "Boolean" => Kind::Boolean,
        // A file is an id, a URL or `attach://part`: always a string by the time it is checked.
        "String" | "InputFile" => Kind::Text,
        other => Kind::Named(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixture_covers_the_whole_bot_api() {
        let spec = Spec::get();
        assert_eq!(spec.methods().count(), 185);
        assert_eq!(spec.shapes.len(), 400);
        assert_eq!(spec.method("SENDMESSAGE").map(|m| m.name), Some("sendMessage"));
    }

    #[test]
    fn every_named_type_is_defined() {
        fn names(kind: &Kind, found: &mut Vec<&'static str>) {
            match kind {
                Kind::Named(name) => found.push(name),
                Kind::List(inner) => names(inner, found),
                Kind::Any(kinds) => kinds.iter().for_each(|kind| names(kind, found)),
                Kind::Integer | Kind::Float | Kind::Boolean | Kind::Text | Kind::Constant(_) => {}
            }
        }
        let spec = Spec::get();
        let mut found = Vec::new();
        for field in spec.methods().flat_map(|method| &method.parameters) {
            names(&field.kind, &mut found);
        }
        for shape in spec.shapes.values() {
            match shape {
                Shape::Fields(fields) => fields.iter().for_each(|f| names(&f.kind, &mut found)),
                Shape::Union(kinds) => kinds.iter().for_each(|kind| names(kind, &mut found)),
            }
        }
        for name in found {
            assert!(spec.shapes.contains_key(name), "{name} is not defined");
        }
    }
}
