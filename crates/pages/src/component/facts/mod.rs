//! Up to four facts under a claim.

use askama::Template;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub label: &'static str,
    pub value: String,
    pub note: String,
    /// Said when a pointer rests on it, and read.
    pub detail: String,
}

impl Fact {
    pub fn new(label: &'static str, value: impl Into<String>, note: impl Into<String>) -> Self {
        Self { label, value: value.into(), note: note.into(), detail: String::new() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "component/facts/template.html")]
pub struct Facts {
    pub facts: Vec<Fact>,
}

pub fn examples() -> Vec<Facts> {
    vec![Facts {
        facts: vec![
            Fact::new("At stake", "$86,400", "a year"),
            Fact::new("Likely range", "$71k – $102k", ""),
            Fact::new("Evidence", "Strong", "148 orders"),
            Fact::new("Spent so far", "$20,400", "since 7 Jul"),
        ],
    }]
}
