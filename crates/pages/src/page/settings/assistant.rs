//! The language model of the organisation's choice.

use super::SIDE;
use crate::{
    component::form::{Field, Form, Kind},
    layout::Shell,
    page::sheet::{Body, Part, Sheet},
    route,
};

/// Which key is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Key {
    /// The organisation's own.
    Own,
    /// That of the installation.
    Installation,
    #[default]
    None,
}

/// What is set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Model {
    pub answers: bool,
    /// Whether it may put one of the found meanings of an undecided column in front.
    pub mapping: bool,
    /// `openai` or `anthropic`.
    pub provider: String,
    pub address: String,
    pub host: String,
    pub model: String,
    pub key: Key,
    pub tokens_max: String,
    pub money_max: String,
    pub price_read: String,
    pub price_written: String,
    pub patience_seconds: String,
    pub version: String,
    /// `12,400 tokens in 31 calls this month`.
    pub spent: String,
}

pub fn page(shell: &Shell, model: &Model, may_change: bool) -> Sheet {
    let state = if model.answers {
        format!("{} at {} answers questions.", model.model, model.host)
    } else if model.mapping {
        "No language model answers questions; they are answered from your data.".to_owned()
    } else {
        "No language model is asked. Questions are answered from your data, and nothing leaves this installation."
            .to_owned()
    };
    let mut lines = vec![state];
    if model.mapping {
        lines.push(format!("{} at {} looks at columns that are left to you.", model.model, model.host));
    }
    if !model.spent.is_empty() {
        lines.push(model.spent.clone());
    }
    let leaves = vec![
        "For answers: the question and its conversation, names of figures and fields, and what the model looks up with the rights of the person who asks, such as sums, names of machines and suppliers, and rows.".to_owned(),
        "For columns that are left to you: their names and types, the meanings that were found, and a few values in which letters and digits are masked. You decide all the same.".to_owned(),
        "Never: files, keys, accounts, other organisations’ data. The model can look up and nothing else, and every number of its answers is checked against what it looked up.".to_owned(),
    ];
    let mut parts = vec![
        Part::new("Language model", "", vec![Body::Text(lines)]),
        Part::new("What leaves this installation while it is on", "", vec![Body::Text(leaves)]),
    ];
    if may_change {
        let on = |flag: bool| if flag { "on" } else { "" };
        let key = match model.key {
            Key::Own => "One is kept, sealed; it is never shown. Leave it empty to keep it.",
            Key::Installation => "This installation has one; enter your own only to use another.",
            Key::None => "Kept sealed, never shown again. A server of your own may need none.",
        };
        let fields = vec![
            Field::new(Kind::Check, "answers", "Let it answer questions", on(model.answers)),
            Field::new(Kind::Check, "mapping", "Let it look at columns that are left to you", on(model.mapping))
                .hint("It may put one of the meanings that were found in front; nothing is decided by it."),
            Field::new(
                Kind::Choice(vec![
                    ("openai".to_owned(), "OpenAI, or a server that speaks like it".to_owned()),
                    ("anthropic".to_owned(), "Anthropic".to_owned()),
                ]),
                "provider",
                "Provider",
                &model.provider,
            ),
            Field::new(Kind::Text, "model", "Model", &model.model).hint("Its name at the provider.").required(),
            Field::new(Kind::Text, "address", "Address", &model.address)
                .hint("Empty for the provider’s own; https://host/v1 for another. A change of address removes the key."),
            Field::new(Kind::Password, "key", "Key", "").hint(key).autocomplete("off"),
            Field::new(Kind::Number, "tokens_max", "Tokens a month at most", &model.tokens_max)
                .hint("Empty for no limit besides the plan’s."),
            Field::new(Kind::Number, "money_max", "Money a month at most", &model.money_max)
                .hint("Needs the two prices."),
            Field::new(Kind::Number, "price_read", "Price of a million tokens read", &model.price_read),
            Field::new(Kind::Number, "price_written", "Price of a million tokens written", &model.price_written),
            Field::new(Kind::Number, "patience_seconds", "Seconds to wait for a first word", &model.patience_seconds)
                .hint("After that the answer comes without the model."),
            Field::new(Kind::Hidden, "version", "", &model.version),
        ];
        parts.push(Part::new(
            "Settings",
            "",
            vec![Body::Form(Form::new("/settings/assistant", &shell.csrf, "Save model", fields))],
        ));
    }
    Sheet::new(
        super::shell(shell, "Assistant"),
        "Assistant",
        "Whether a language model answers, which, and what it may cost.",
        parts,
    )
    .side(&SIDE, &route::settings("assistant"))
}

pub fn samples() -> Vec<Sheet> {
    let shell = Shell::sample();
    let off = Model { provider: "openai".to_owned(), patience_seconds: "8".to_owned(), ..Model::default() };
    let on = Model {
        answers: true,
        mapping: true,
        key: Key::Own,
        model: "m-1".to_owned(),
        host: "models.example.com".to_owned(),
        address: "models.example.com/v1".to_owned(),
        tokens_max: "2000000".to_owned(),
        spent: "12,400 tokens in 31 calls this month.".to_owned(),
        ..off.clone()
    };
    let looking = Model { answers: false, ..on.clone() };
    vec![
        page(&shell, &off, true),
        page(&shell, &on, true),
        page(&shell, &on, false),
        page(&shell, &looking, true),
    ]
}
