//! Forms: labels, hints, errors at the field, one button that says the result.

use askama::Template;

use crate::filters;

/// What a field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Text,
    Email,
    Password,
    Number,
    Date,
    Area,
    /// A one-time code.
    Code,
    Check,
    /// Value and words of each choice.
    Choice(Vec<(String, String)>),
    /// The same, where the words are the customer's and stay as they are in every language.
    Own(Vec<(String, String)>),
    Hidden,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub label: String,
    pub kind: Kind,
    pub value: String,
    pub hint: String,
    pub error: Option<String>,
    /// For password managers: `username`, `current-password`, `new-password`, `one-time-code`.
    pub autocomplete: &'static str,
    pub required: bool,
    /// The choice elsewhere in the form with which it is asked for: `s3`, `sftp`. Browsers that cannot tell show it always.
    pub only: &'static str,
}

impl Field {
    pub fn new(kind: Kind, name: &str, label: &str, value: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            kind,
            value: value.into(),
            hint: String::new(),
            error: None,
            autocomplete: "",
            required: false,
            only: "",
        }
    }

    #[must_use]
    pub fn only(mut self, choice: &'static str) -> Self {
        self.only = choice;
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: &str) -> Self {
        hint.clone_into(&mut self.hint);
        self
    }

    #[must_use]
    pub fn autocomplete(mut self, token: &'static str) -> Self {
        self.autocomplete = token;
        self
    }

    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    #[must_use]
    pub fn error(mut self, error: Option<String>) -> Self {
        self.error = error;
        self
    }

    fn is_own(&self) -> bool {
        matches!(self.kind, Kind::Own(_))
    }

    /// Ids of what describes the field, for `aria-describedby`.
    fn described_by(&self) -> Option<String> {
        let mut ids = Vec::new();
        if !self.hint.is_empty() {
            ids.push(format!("{}-hint", self.name));
        }
        if self.error.is_some() {
            ids.push(format!("{}-error", self.name));
        }
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn input_type(&self) -> &'static str {
        match self.kind {
            Kind::Email => "email",
            Kind::Password => "password",
            Kind::Date => "date",
            Kind::Hidden => "hidden",
            _ => "text",
        }
    }

    fn input_mode(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Number => Some("decimal"),
            Kind::Code => Some("numeric"),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "component/form/template.html")]
pub struct Form {
    pub action: String,
    pub csrf: String,
    pub fields: Vec<Field>,
    /// Says the result: `Save profile`, `Send invitation`.
    pub submit: String,
    pub danger: bool,
}

impl Form {
    pub fn new(action: impl Into<String>, csrf: &str, submit: &str, fields: Vec<Field>) -> Self {
        Self {
            action: action.into(),
            csrf: csrf.to_owned(),
            fields,
            submit: submit.to_owned(),
            danger: false,
        }
    }
}

pub fn examples() -> Vec<Form> {
    vec![Form::new(
        "/settings/profile",
        "sample",
        "Save profile",
        vec![
            Field::new(Kind::Text, "name", "Name", "Maria Keller").autocomplete("name").required(),
            Field::new(Kind::Email, "email", "Email", "maria.keller@example")
                .error(Some("Write the address with its ending, such as example.com".to_owned())),
            Field::new(
                Kind::Choice(vec![
                    ("viewer".to_owned(), "Viewer".to_owned()),
                    ("analyst".to_owned(), "Analyst".to_owned()),
                ]),
                "role",
                "Role",
                "analyst",
            )
            .hint("Analysts upload and decide; viewers read."),
            Field::new(Kind::Check, "mail", "Send me a mail when an analysis is done", "on"),
            Field::new(Kind::Area, "note", "Note", ""),
        ],
    )]
}
