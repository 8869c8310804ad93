//! Shows a stored value as a list of named fields.

use serde_json::Value;

/// The fields of a value, one a line; what belongs to a field stands below it, further in.
pub(super) fn fields(value: &Value) -> String {
    let mut lines = Vec::new();
    add(&mut lines, 0, None, value);
    lines.join("\n")
}

fn add(lines: &mut Vec<String>, depth: usize, name: Option<&str>, value: &Value) {
    let margin = "  ".repeat(depth);
    let name = name.map(visible);
    let scalar = match value {
        Value::Object(_) | Value::Array(_) => None,
        Value::String(text) => Some(visible(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
    };
    let inner = depth + usize::from(name.is_some());
    match (name, scalar) {
        (Some(name), Some(scalar)) => lines.push(format!("{margin}{name}: {scalar}")),
        (Some(name), None) => lines.push(format!("{margin}{name}:")),
        (None, Some(scalar)) => lines.push(format!("{margin}{scalar}")),
        (None, None) => {}
    }
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| add(lines, inner, Some(name), value));
        }
        Value::Array(items) => {
            for (at, item) in (1..).zip(items) {
                add(lines, inner, Some(&format!("{at}")), item);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The text on one line. A control character could change what the terminal shows.
pub(super) fn visible(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_field_has_its_name_and_no_text_leaves_its_line() {
        let value = json!({
            "relay": {
                "from": "user",
                "message": 7,
                "body": { "text": "one\ntwo \u{1b}[2J \u{9b}m", "spoiler": true },
                "links": [[{ "label": "A" }, { "label": "B" }]],
            }
        });
        let shown = "relay:
  body:
    spoiler: true
    text: one\\ntwo \\u{1b}[2J \\u{9b}m
  from: user
  links:
    1:
      1:
        label: A
      2:
        label: B
  message: 7";
        assert_eq!(fields(&value), shown);
        assert_eq!(fields(&json!("close_topic")), "close_topic");
    }
}
