//! Every form that a text can take, without rendering it: mistakes hide in the plurals nobody tried.

use std::{
    collections::{BTreeSet, HashMap},
    iter, mem,
};

use fluent_syntax::{
    ast::{Expression, InlineExpression, Pattern, PatternElement},
    unicode::unescape_unicode_to_string,
};

use super::{catalogue, mistake::Problem};

/// More forms than a text of ours could need; what multiplies beyond is refused, not tried.
const MOST_FORMS: usize = 256;

/// The words that texts share, by name.
pub(super) type Terms<'a> = HashMap<&'a str, &'a Pattern<&'a str>>;

/// Goes through a text, noting what it asks for.
#[derive(Debug)]
pub(super) struct Expander<'a> {
    terms: &'a Terms<'a>,
    /// The terms that are being gone through.
    inside: Vec<&'a str>,
    /// The placeholders that were asked for.
    pub(super) placeholders: BTreeSet<&'a str>,
    /// What cannot work in any form.
    pub(super) problems: Vec<Problem>,
}

impl<'a> Expander<'a> {
    pub(super) fn new(terms: &'a Terms<'a>) -> Self {
        Self { terms, inside: Vec::new(), placeholders: BTreeSet::new(), problems: Vec::new() }
    }

    /// All forms of the text, with each placeholder as long as it can be.
    pub(super) fn forms(&mut self, pattern: &'a Pattern<&'a str>) -> Vec<String> {
        let mut forms = vec![String::new()];
        for element in &pattern.elements {
            let continued = match element {
                PatternElement::TextElement { value } => vec![(*value).to_owned()],
                PatternElement::Placeable { expression } => self.expression(expression),
            };
            if forms.len() * continued.len() > MOST_FORMS {
                self.problem(Problem::Unsupported(format!(
                    "has more than {MOST_FORMS} forms, too many to check"
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
                    self.unsupported("chooses by something that is no placeholder");
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
                self.unsupported("gives arguments to a term, or asks for its attribute")
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
            InlineExpression::FunctionReference { id, .. } => {
                self.unsupported(&format!("calls the function {}, which the desk lacks", id.name))
            }
            InlineExpression::MessageReference { id, .. } => {
                self.unsupported(&format!("names the text `{}`", id.name))
            }
        }
    }

    fn term(&mut self, name: &'a str) -> Vec<String> {
        let Some(pattern) = self.terms.get(name).copied() else {
            self.problem(Problem::UnknownTerm(name.to_owned()));
            return vec![String::new()];
        };
        if self.inside.contains(&name) {
            return self.unsupported(&format!("the term `-{name}` is made of itself"));
        }
        self.inside.push(name);
        // What a term asks for, Fluent does not give it: its placeholders are not the text's.
        let outside = mem::take(&mut self.placeholders);
        let forms = self.forms(pattern);
        if !mem::replace(&mut self.placeholders, outside).is_empty() {
            self.unsupported(&format!(
                "the term `-{name}` asks for a placeholder, which terms cannot show"
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
