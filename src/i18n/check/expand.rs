//! Expands a text into every form that it can take, because mistakes hide in plural forms that nobody tries.

use std::{
    collections::{BTreeSet, HashMap},
    iter, mem,
};

use fluent_syntax::{
    ast::{Expression, InlineExpression, Pattern, PatternElement},
    unicode::unescape_unicode_to_string,
};

use super::mistake::Problem;
use crate::i18n::catalogue;

/// Maximum number of forms of a text. A text with more is refused unchecked; the built-in texts need far fewer.
const MOST_FORMS: usize = 256;

/// Terms, by name.
pub(super) type Terms<'a> = HashMap<&'a str, &'a Pattern<&'a str>>;

/// Expands a text and records the placeholders that it uses.
#[derive(Debug)]
pub(super) struct Expander<'a> {
    terms: &'a Terms<'a>,
    /// The terms that are being expanded, outermost first.
    inside: Vec<&'a str>,
    /// The placeholders used so far.
    pub(super) placeholders: BTreeSet<&'a str>,
    /// Problems that affect every form.
    pub(super) problems: Vec<Problem>,
}

impl<'a> Expander<'a> {
    pub(super) fn new(terms: &'a Terms<'a>) -> Self {
        Self { terms, inside: Vec::new(), placeholders: BTreeSet::new(), problems: Vec::new() }
    }

    /// All forms of the text, with each placeholder at its maximum length.
    pub(super) fn forms(&mut self, pattern: &'a Pattern<&'a str>) -> Vec<String> {
        let mut forms = vec![String::new()];
        for element in &pattern.elements {
            let continued = match element {
                PatternElement::TextElement { value } => vec![(*value).to_owned()],
                PatternElement::Placeable { expression } => self.expression(expression),
            };
            if forms.len() * continued.len() > MOST_FORMS {
                self.problem(Problem::Unsupported(format!(
                    "has more than {MOST_FORMS} forms, which is too many to check"
                )));
                forms.truncate(1);
            }
            let joined = |form: &String| -> Vec<String> {
                continued.iter().map(|next| format!("{form}{next}")).collect()
            };
            forms = forms.iter().flat_map(joined).collect();
        }
        forms
    }

    fn expression(&mut self, expression: &'a Expression<&'a str>) -> Vec<String> {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                if let InlineExpression::VariableReference { id } = selector {
                    self.placeholders.insert(id.name);
                } else {
                    self.unsupported("selects on something other than a placeholder");
                }
                let mut forms = Vec::new();
                for variant in variants {
                    forms.extend(self.forms(&variant.value));
                }
                forms
            }
        }
    }

    fn inline(&mut self, inline: &'a InlineExpression<&'a str>) -> Vec<String> {
        match inline {
            InlineExpression::StringLiteral { value } => {
                vec![unescape_unicode_to_string(value).into_owned()]
            }
            InlineExpression::NumberLiteral { value } => vec![(*value).to_owned()],
            InlineExpression::VariableReference { id } => {
                self.placeholders.insert(id.name);
                vec![iter::repeat_n('W', catalogue::longest(id.name)).collect()]
            }
            InlineExpression::TermReference { id, attribute: None, arguments: None } => {
                self.term(id.name)
            }
            InlineExpression::TermReference { .. } => {
                self.unsupported("passes arguments to a term, or uses its attribute")
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
            InlineExpression::FunctionReference { id, .. } => {
                self.unsupported(&format!("calls the function {}, which is not available", id.name))
            }
            InlineExpression::MessageReference { id, .. } => {
                self.unsupported(&format!("refers to the text `{}`", id.name))
            }
        }
    }

    fn term(&mut self, name: &'a str) -> Vec<String> {
        let Some(pattern) = self.terms.get(name).copied() else {
            self.problem(Problem::UnknownTerm(name.to_owned()));
            return vec![String::new()];
        };
        if self.inside.contains(&name) {
            return self.unsupported(&format!("the term `-{name}` contains itself"));
        }
        self.inside.push(name);
        // Fluent passes no arguments to a term, so its placeholders do not count as the text's.
        let outside = mem::take(&mut self.placeholders);
        let forms = self.forms(pattern);
        if !mem::replace(&mut self.placeholders, outside).is_empty() {
            self.unsupported(&format!(
                "the term `-{name}` uses a placeholder, which terms cannot show"
            ));
        }
        self.inside.pop();
        forms
    }

    fn unsupported(&mut self, what: &str) -> Vec<String> {
        self.problem(Problem::Unsupported(what.to_owned()));
        vec![String::new()]
    }

    fn problem(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}
