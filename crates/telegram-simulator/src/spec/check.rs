//! Checks the parameters of a call, nested ones too, and turns them into their documented types.
//!
//! At the top, as at Telegram, a number may come as a string and an object as its JSON text.
//! Nested values must have the documented type. Stricter than Telegram on purpose: a name that
//! the documentation does not know is refused, because it is a misspelling.

use std::fmt;

use serde_json::{Map, Value};

use super::{Field, Kind, Method, Shape, Spec};

/// Parameters that Telegram's server still takes though the documentation has them no more, by method: Alertmanager sends
/// this one with each message.
const FORGOTTEN: [(&str, &str); 1] = [("sendMessage", "disable_web_page_preview")];

/// Why parameters were refused: where, and what is wrong there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    path: Vec<String>,
    what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path: Vec<&str> = self.path.iter().rev().map(String::as_str).collect();
        write!(f, "parameter \"{}\" {}", path.join("."), self.what)
    }
}

type Verdict = Result<(), Problem>;

fn refuse(what: impl Into<String>) -> Verdict {
    Err(Problem { path: Vec::new(), what: what.into() })
}

fn at(verdict: Verdict, step: impl FnOnce() -> String) -> Verdict {
    verdict.map_err(|mut problem| {
        problem.path.push(step());
        problem
    })
}

impl Spec {
    /// Checks a call's parameters and turns strings into what they stand for.
    pub(crate) fn check(&self, method: &Method, parameters: &mut Map<String, Value>) -> Verdict {
        parameters.retain(|name, value| {
            !value.is_null() && !FORGOTTEN.contains(&(method.name, name.as_str()))
        });
        for (name, value) in parameters.iter_mut() {
            let Some(field) = method.parameters.iter().find(|field| field.name == name) else {
                return at(refuse(format!("is unknown to {}", method.name)), || name.clone());
            };
            at(self.top(&field.kind, value), || name.clone())?;
        }
        require(&method.parameters, parameters)
    }

    /// Checks a value against a type of the Bot API, by name.
    #[cfg(test)]
    pub(crate) fn check_type(&self, name: &'static str, value: &Value) -> Verdict {
        self.deep(&Kind::Named(name), value)
    }

    fn top(&self, kind: &Kind, value: &mut Value) -> Verdict {
        match kind {
            Kind::Integer => {
                if let Some(number) =
                    value.as_str().and_then(|text| text.trim().parse::<i64>().ok())
                {
                    *value = number.into();
                }
            }
            Kind::Float => {
                if let Some(number) =
                    value.as_str().and_then(|text| text.trim().parse::<f64>().ok())
                {
                    *value = number.into();
                }
            }
            Kind::Boolean => {
                let truth = value.as_str().map(str::to_ascii_lowercase);
                if let Some(truth) = truth {
                    match truth.as_str() {
                        "true" | "yes" | "1" => *value = true.into(),
                        "false" | "no" | "0" => *value = false.into(),
                        _ => {}
                    }
                }
            }
            Kind::Text => {
                if value.is_number() {
                    *value = value.to_string().into();
                }
            }
            Kind::Any(kinds) if kinds.iter().any(|kind| matches!(kind, Kind::Text)) => {
                if kinds.iter().any(|kind| matches!(kind, Kind::Integer)) {
                    self.top(&Kind::Integer, value).or_else(|_| self.top(&Kind::Text, value))?;
                }
            }
            Kind::Constant(_) | Kind::Named(_) | Kind::List(_) | Kind::Any(_) => {
                if let Some(text) = value.as_str() {
                    let Ok(parsed) = serde_json::from_str(text) else {
                        return refuse("is not valid JSON");
                    };
                    *value = parsed;
                }
            }
        }
        self.deep(kind, value)
    }

    fn deep(&self, kind: &Kind, value: &Value) -> Verdict {
        let fits = match kind {
            Kind::Integer => value.is_i64() || value.is_u64(),
            Kind::Float => value.is_number(),
            Kind::Boolean => value.is_boolean(),
            Kind::Text => value.is_string(),
            Kind::Constant(text) => value.as_str() == Some(text),
            Kind::List(inner) => {
                let Some(items) = value.as_array() else { return refuse(expected(kind)) };
                for (index, item) in items.iter().enumerate() {
                    at(self.deep(inner, item), || index.to_string())?;
                }
                true
            }
            Kind::Any(kinds) => return self.one_of(kinds, value),
            Kind::Named(name) => match self.shapes.get(name) {
                Some(Shape::Union(kinds)) => return self.one_of(kinds, value),
                Some(Shape::Fields(fields)) => {
                    let Some(object) = value.as_object() else { return refuse(expected(kind)) };
                    return self.object(name, fields, object);
                }
                None => return refuse(format!("has the undefined type {name}")),
            },
        };
        if fits { Ok(()) } else { refuse(expected(kind)) }
    }

    fn object(&self, name: &str, fields: &[Field], object: &Map<String, Value>) -> Verdict {
        for (key, value) in object {
            let Some(field) = fields.iter().find(|field| field.name == key) else {
                return at(refuse(format!("is unknown to {name}")), || key.clone());
            };
            if !value.is_null() {
                at(self.deep(&field.kind, value), || key.clone())?;
            }
        }
        require(fields, object)
    }

    /// Of several kinds, the one whose constants match; without constants, the one that fits best.
    fn one_of(&self, kinds: &[Kind], value: &Value) -> Verdict {
        let mut best: Option<(usize, Problem)> = None;
        for kind in kinds {
            let Err(problem) = self.deep(kind, value) else { return Ok(()) };
            let score = self.likeness(kind, value);
            if best.as_ref().is_none_or(|(other, _)| score > *other) {
                best = Some((score, problem));
            }
        }
        match best {
            Some((0, _)) | None => refuse(expected(&Kind::Any(kinds.to_vec()))),
            Some((_, problem)) => Err(problem),
        }
    }

    /// How much a value looks like what a kind wants, to name the problem that was most likely meant.
    fn likeness(&self, kind: &Kind, value: &Value) -> usize {
        let Kind::Named(name) = kind else { return 0 };
        let (Some(Shape::Fields(fields)), Some(object)) =
            (self.shapes.get(name), value.as_object())
        else {
            return 0;
        };
        let mut known = 0;
        for field in fields {
            match (&field.kind, object.get(field.name)) {
                (Kind::Constant(text), Some(found)) if found.as_str() == Some(text) => known += 100,
                (Kind::Constant(_), _) => return 0,
                (_, Some(_)) => known += 1,
                (_, None) => {}
            }
        }
        known
    }
}

fn require(fields: &[Field], object: &Map<String, Value>) -> Verdict {
    match fields.iter().find(|field| field.required && !object.contains_key(field.name)) {
        Some(field) => at(refuse("is required"), || field.name.to_owned()),
        None => Ok(()),
    }
}

fn expected(kind: &Kind) -> String {
    format!("must be {}", describe(kind))
}

fn describe(kind: &Kind) -> String {
    match kind {
        Kind::Integer => "an Integer".to_owned(),
        Kind::Float => "a Float".to_owned(),
        Kind::Boolean => "a Boolean".to_owned(),
        Kind::Text => "a String".to_owned(),
        Kind::Constant(text) => format!("\"{text}\""),
        Kind::Named(name) => format!("a valid {name}"),
        Kind::List(inner) => format!("a list, each {}", describe(inner)),
        Kind::Any(kinds) => kinds.iter().map(describe).collect::<Vec<_>>().join(" or "),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(method: &str, parameters: Value) -> Result<Value, String> {
        let spec = Spec::get();
        let Value::Object(mut map) = parameters else { panic!("not an object") };
        spec.check(spec.method(method).unwrap(), &mut map)
            .map_err(|problem| problem.to_string())?;
        Ok(Value::Object(map))
    }

    /// Every parameter of every method refuses what it cannot be, and says which it is.
    #[test]
    fn every_parameter_refuses_a_wrong_type() {
        let spec = Spec::get();
        for method in spec.methods() {
            for field in &method.parameters {
                let wrong = json!({ "nonsense": [{}] });
                let mut parameters = Map::from_iter([(field.name.to_owned(), wrong)]);
                let problem = spec.check(method, &mut parameters).unwrap_err().to_string();
                let named = problem.starts_with(&format!("parameter \"{}", field.name));
                assert!(named, "{} {}: {problem}", method.name, field.name);
            }
        }
    }

    /// Every type refuses a field it does not have.
    #[test]
    fn every_type_refuses_unknown_fields() {
        let spec = Spec::get();
        for (name, shape) in &spec.shapes {
            // Not a type with fields of its own but a file, given as a string.
            if *name == "InputFile" {
                continue;
            }
            let problem = spec.check_type(name, &json!({ "nonsense": 1 })).unwrap_err().to_string();
            if matches!(shape, Shape::Fields(_)) {
                assert_eq!(problem, format!("parameter \"nonsense\" is unknown to {name}"));
            }
        }
    }

    #[test]
    fn strings_become_the_values_that_they_hold() {
        let plain = check(
            "sendMessage",
            json!({"chat_id": "-5", "text": "x", "protect_content": "True",
                   "reply_parameters": "{\"message_id\": 7}"}),
        );
        let wanted = json!({"chat_id": -5, "text": "x", "protect_content": true,
                            "reply_parameters": {"message_id": 7}});
        assert_eq!(plain, Ok(wanted));
        assert_eq!(check("getChat", json!({"chat_id": "@a"})), Ok(json!({"chat_id": "@a"})));
    }

    #[test]
    fn a_parameter_dropped_from_the_documentation_is_accepted() {
        let old = json!({"chat_id": 1, "text": "x", "disable_web_page_preview": "true"});
        assert_eq!(check("sendMessage", old), Ok(json!({"chat_id": 1, "text": "x"})));
    }

    #[test]
    fn an_error_names_the_parameter() {
        for (method, parameters, wanted) in [
            ("sendMessage", json!({"chat_id": 1}), "parameter \"text\" is required"),
            (
                "sendMessage",
                json!({"chat_id": 1, "text": "x", "txet": 1}),
                "parameter \"txet\" is unknown to sendMessage",
            ),
            (
                "sendMessage",
                json!({"chat_id": 1, "text": "x", "reply_parameters": {"message_id": "x"}}),
                "parameter \"reply_parameters.message_id\" must be an Integer",
            ),
            (
                "sendMessage",
                json!({"chat_id": 1, "text": "x",
                       "reply_markup": {"inline_keyboard": [[{"text": "a", "urll": "b"}]]}}),
                "parameter \"reply_markup.inline_keyboard.0.0.urll\" is unknown to InlineKeyboardButton",
            ),
            (
                "setMessageReaction",
                json!({"chat_id": 1, "message_id": 1, "reaction": [{"type": "emoji"}]}),
                "parameter \"reaction.0.emoji\" is required",
            ),
            (
                "sendMediaGroup",
                json!({"chat_id": 1, "media": [{"type": "photo", "media": 5}]}),
                "parameter \"media.0.media\" must be a String",
            ),
        ] {
            assert_eq!(check(method, parameters), Err(wanted.to_owned()));
        }
    }
}
