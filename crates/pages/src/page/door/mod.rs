//! Before somebody is known: sign in, second factor, reset, invitation, first start.

use askama::Template;

use crate::{
    component::{
        Link, Tone,
        form::{Field, Form, Kind},
        notice::Notice,
    },
    filters,
    layout::{Section, Shell, Theme},
    route,
};

#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "page/door/template.html")]
pub struct Door {
    pub shell: Shell,
    pub title: String,
    pub lead: String,
    pub forms: Vec<Form>,
    pub links: Vec<Link>,
}

impl Door {
    pub fn new(csrf: &str, title: &str, lead: &str, form: Option<Form>) -> Self {
        let shell = Shell {
            csrf: csrf.to_owned(),
            title: title.to_owned(),
            section: Section::Nowhere,
            ..Shell::default()
        };
        Self {
            shell,
            title: title.to_owned(),
            lead: lead.to_owned(),
            forms: form.into_iter().collect(),
            links: Vec::new(),
        }
    }

    #[must_use]
    pub fn theme(mut self, theme: Theme) -> Self {
        self.shell.theme = theme;
        self
    }

    /// What kept the last try from working. The field with the error is in the form already.
    #[must_use]
    pub fn error(mut self, text: &str) -> Self {
        let field = self.forms.iter().flat_map(|form| &form.fields).find(|field| field.error.is_some());
        let points = field
            .and_then(|field| field.error.as_ref().map(|error| Link::new(error, format!("#{}", field.name))));
        self.shell.notices.push(Notice {
            urgent: true,
            points: points.into_iter().collect(),
            ..Notice::new(Tone::Loss, text, "")
        });
        self
    }

    #[must_use]
    pub fn said(mut self, text: &str) -> Self {
        self.shell.notices.push(Notice::new(Tone::Gain, text, ""));
        self
    }

    #[must_use]
    pub fn link(mut self, label: &str, href: &str) -> Self {
        self.links.push(Link::new(label, href));
        self
    }

    /// `next` is where the reader wanted to go.
    pub fn sign_in(csrf: &str, email: &str, next: &str) -> Self {
        let fields = vec![
            Field::new(Kind::Email, "email", "Email", email).autocomplete("username").required(),
            Field::new(Kind::Password, "password", "Password", "")
                .autocomplete("current-password")
                .required(),
            Field::new(Kind::Hidden, "next", "", next),
        ];
        Self::new(csrf, "Sign in", "", Some(Form::new(route::SIGN_IN, csrf, "Sign in", fields)))
            .link("Forgot your password?", "/reset")
    }

    /// Opening an account by oneself, where the installation allows it.
    pub fn sign_up(csrf: &str, organisation: &str, email: &str) -> Self {
        let fields = vec![
            Field::new(Kind::Text, "organisation", "Company", organisation)
                .autocomplete("organization")
                .required(),
            Field::new(Kind::Email, "email", "Email", email).autocomplete("username").required(),
        ];
        Self::new(
            csrf,
            "Create an account",
            "We send a link to your address that signs you in. You become the owner.",
            Some(Form::new("/sign-up", csrf, "Send the link", fields)),
        )
        .link("Back to sign in", route::SIGN_IN)
    }

    pub fn second_factor(csrf: &str, next: &str) -> Self {
        let fields = vec![
            Field::new(Kind::Code, "code", "Code", "")
                .hint("Six digits from your authenticator app, or one of your recovery codes.")
                .autocomplete("one-time-code")
                .required(),
            Field::new(Kind::Hidden, "next", "", next),
        ];
        Self::new(
            csrf,
            "Enter your code",
            "Your account asks for a second step.",
            Some(Form::new("/sign-in/code", csrf, "Continue", fields)),
        )
        .link("Use another account", route::SIGN_IN)
    }

    pub fn reset(csrf: &str) -> Self {
        let fields = vec![Field::new(Kind::Email, "email", "Email", "").autocomplete("username").required()];
        Self::new(
            csrf,
            "Reset your password",
            "We send a link to your address. It works once, for one hour.",
            Some(Form::new("/reset", csrf, "Send the link", fields)),
        )
        .link("Back to sign in", route::SIGN_IN)
    }

    pub fn new_password(csrf: &str, token: &str) -> Self {
        let fields = vec![
            Field::new(Kind::Password, "password", "New password", "")
                .hint("12 characters or more. A sentence is fine.")
                .autocomplete("new-password")
                .required(),
            Field::new(Kind::Hidden, "token", "", token),
        ];
        Self::new(
            csrf,
            "Choose a new password",
            "Your other devices are signed out.",
            Some(Form::new("/reset/new", csrf, "Save password", fields)),
        )
    }

    pub fn invitation(csrf: &str, token: &str, organisation: &str, email: &str, role: &str) -> Self {
        let fields = vec![
            Field::new(Kind::Text, "name", "Your name", "").autocomplete("name").required(),
            Field::new(Kind::Password, "password", "Password", "")
                .hint("12 characters or more. A sentence is fine.")
                .autocomplete("new-password")
                .required(),
            Field::new(Kind::Hidden, "token", "", token),
        ];
        let lead = format!("{organisation} invites {email} as {role}.");
        Self::new(
            csrf,
            &format!("Join {organisation}"),
            &lead,
            Some(Form::new("/invitation", csrf, "Join", fields)),
        )
    }

    /// The first start of an installation: its owner.
    pub fn first_start(csrf: &str, token: &str) -> Self {
        let fields = vec![
            Field::new(Kind::Text, "organisation", "Company", "").autocomplete("organization").required(),
            Field::new(Kind::Text, "plant", "Plant", "")
                .hint("The first one; you can add others later.")
                .required(),
            Field::new(Kind::Text, "name", "Your name", "").autocomplete("name").required(),
            Field::new(Kind::Email, "email", "Email", "").autocomplete("username").required(),
            Field::new(Kind::Password, "password", "Password", "")
                .hint("12 characters or more. A sentence is fine.")
                .autocomplete("new-password")
                .required(),
            Field::new(Kind::Hidden, "token", "", token),
        ];
        Self::new(
            csrf,
            "Set up PlantIntel",
            "Takes a minute. You become the owner.",
            Some(Form::new("/setup", csrf, "Set up", fields)),
        )
    }

    /// A dead end that says why, with a way out: an old link, a locked account.
    pub fn closed(title: &str, text: &str) -> Self {
        Self::new("", title, text, None).link("Back to sign in", route::SIGN_IN)
    }

    pub fn samples() -> Vec<Self> {
        let mut wrong = Self::sign_in("sample", "maria.keller@example.com", "/");
        wrong = wrong.error("Email and password do not fit together");
        vec![
            Self::sign_in("sample", "", "/"),
            wrong,
            Self::sign_up("sample", "", ""),
            Self::second_factor("sample", "/"),
            Self::reset("sample").said("If the address is known, the link is on its way."),
            Self::new_password("sample", "t"),
            Self::invitation("sample", "t", "Brandt & Lowe Components", "r.osei@example.com", "analyst"),
            Self::first_start("sample", "t"),
            Self::closed("This link has been used", "Links work once. Ask for a new one."),
        ]
    }
}
