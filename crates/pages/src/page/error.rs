//! What went wrong, what it means for the reader's data, and what to do.

use askama::Template;

use crate::{
    component::Link,
    filters,
    layout::{Crumb, Section, Shell},
    route,
};

#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "page/error.html")]
pub struct ErrorPage {
    pub shell: Shell,
    pub icon: &'static str,
    pub title: String,
    pub text: String,
    /// Of the log, to quote.
    pub code: String,
    pub links: Vec<Link>,
    pub search: bool,
    /// The session ended while somebody typed: what was typed is kept by the browser.
    pub signed_out: bool,
}

impl ErrorPage {
    fn new(shell: &Shell, icon: &'static str, title: &str, text: &str) -> Self {
        Self {
            shell: shell.with(Section::Nowhere, title, vec![Crumb::here(title)]),
            icon,
            title: title.to_owned(),
            text: text.to_owned(),
            code: String::new(),
            links: Vec::new(),
            search: false,
            signed_out: false,
        }
    }

    /// The thing is not there, or belongs to somebody else: the words are the same.
    pub fn not_found(shell: &Shell) -> Self {
        Self {
            links: vec![
                Link::new("Overview", route::OVERVIEW),
                Link::new("Findings", route::FINDINGS),
                Link::new("Data", route::DATA),
            ],
            search: shell.reader.is_some(),
            ..Self::new(
                shell,
                "search",
                "This page is not here",
                "It may have been deleted, or the address has a slip. Your data are untouched.",
            )
        }
    }

    /// `role` is the role that may, in words.
    pub fn forbidden(shell: &Shell, role: &str) -> Self {
        let text = format!(
            "It needs the role {role}. An admin or owner of {} can give it to you.",
            if shell.organisation.is_empty() { "your organisation" } else { &shell.organisation }
        );
        Self {
            links: vec![Link::new("Overview", route::OVERVIEW)],
            ..Self::new(shell, "lock", "You cannot open this with your role", &text)
        }
    }

    /// What only whoever runs the installation may open: no role of an organisation does, so nobody in it can help.
    pub fn operators_only(shell: &Shell) -> Self {
        Self {
            links: vec![Link::new("Overview", route::OVERVIEW)],
            ..Self::new(
                shell,
                "lock",
                "This page is not for your organisation",
                "It belongs to whoever runs this installation. No role in an organisation opens it. Your data are untouched.",
            )
        }
    }

    /// `limit` says which limit, `until` when it starts again.
    pub fn limit(shell: &Shell, limit: &str, until: &str) -> Self {
        let text =
            format!("{limit}. {until} What you have already stays readable, and exports go on working.");
        let mut links = vec![Link::new("Overview", route::OVERVIEW), Link::new("Data", route::DATA)];
        if shell.reader.is_some() {
            links.insert(0, Link::new("Plans and billing", route::settings("billing")));
        }
        Self { links, ..Self::new(shell, "clock", "A limit is reached", text.trim()) }
    }

    /// A request that could not be understood, in the words of the refusal.
    pub fn refused(shell: &Shell, text: &str) -> Self {
        Self {
            links: vec![Link::new("Overview", route::OVERVIEW), Link::new("Data", route::DATA)],
            ..Self::new(shell, "circle-alert", "That did not work", text)
        }
    }

    /// The session ended before a form was sent; `sign_in` leads back to its page.
    pub fn signed_out(shell: &Shell, sign_in: &str) -> Self {
        Self {
            links: vec![Link::new("Sign in again", sign_in)],
            signed_out: true,
            ..Self::new(
                shell,
                "lock",
                "You were signed out",
                "Nothing was changed. What you typed is kept in this window, and stands there again once you are signed in.",
            )
        }
    }

    pub fn internal(shell: &Shell, code: &str) -> Self {
        Self {
            code: code.to_owned(),
            links: vec![Link::new("Overview", route::OVERVIEW)],
            ..Self::new(
                shell,
                "triangle-alert",
                "Something broke on our side",
                "Your data are safe and nothing was half saved. Try again in a minute; if it stays, send us the code.",
            )
        }
    }

    pub fn samples() -> Vec<Self> {
        let shell = Shell::sample();
        vec![
            Self::not_found(&shell),
            Self::forbidden(&shell, "admin"),
            Self::limit(
                &shell,
                "10 of 10 uploads are used this month",
                "The count starts again on 1 November.",
            ),
            Self::refused(&shell, "The file holds no table: it is a picture."),
            Self::internal(&shell, "7f3a91c2"),
            Self::signed_out(&Shell::default(), "/sign-in?next=%2Fsettings%2Fprofile"),
        ]
    }
}
