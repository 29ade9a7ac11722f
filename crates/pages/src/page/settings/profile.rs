//! The reader: name, appearance, password, second factor, devices.

use super::SIDE;
use crate::{
    component::{
        Button, Tone,
        form::{Field, Form, Kind},
        pill::Pill,
        table::{Cell, Head, Row, Table},
    },
    layout::{Shell, Theme},
    page::sheet::{Body, Part, Sheet},
    route,
};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    pub name: String,
    pub email: String,
    pub title: String,
    pub phone: String,
    pub department: String,
    /// `de`, or nothing for what the browser asks for.
    pub language: String,
}

pub fn page(shell: &Shell, profile: &Profile) -> Sheet {
    let languages = [("", "As my browser"), ("en", "English"), ("de", "Deutsch"), ("es", "Español")]
        .map(|(tag, name)| (tag.to_owned(), name.to_owned()))
        .to_vec();
    let person = Form::new(
        "/settings/profile",
        &shell.csrf,
        "Save profile",
        vec![
            Field::new(Kind::Text, "name", "Name", &profile.name).autocomplete("name").required(),
            Field::new(Kind::Text, "title", "Job title", &profile.title).autocomplete("organization-title"),
            Field::new(Kind::Text, "department", "Department", &profile.department),
            Field::new(Kind::Text, "phone", "Phone", &profile.phone).autocomplete("tel"),
            Field::new(Kind::Choice(languages), "language", "Language", &profile.language)
                .hint("Also of the letters that you get."),
        ],
    );
    let theme = match shell.theme {
        Theme::System => "system",
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    let choices = [("system", "As my system"), ("light", "Light"), ("dark", "Dark")]
        .map(|(value, words)| (value.to_owned(), words.to_owned()))
        .to_vec();
    let look = Form::new(
        "/settings/theme",
        &shell.csrf,
        "Save appearance",
        vec![Field::new(Kind::Choice(choices), "theme", "Theme", theme)],
    );
    Sheet::new(
        super::shell(shell, "Profile"),
        "Profile",
        &profile.email,
        vec![
            Part::new("You", "", vec![Body::Form(person)]),
            Part::new("Appearance", "", vec![Body::Form(look)]),
        ],
    )
    .side(&SIDE, &route::settings("profile"))
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    pub id: String,
    pub name: String,
    pub seen: String,
    pub current: bool,
}

/// How far a second factor is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecondFactor {
    Off,
    /// Waits for the first code: the secret to type, the address that apps open, and the codes for a lost phone.
    Pending {
        secret: String,
        address: String,
        recovery: Vec<String>,
    },
    On,
}

pub fn sign_in_page(shell: &Shell, second: &SecondFactor, devices: &[Device]) -> Sheet {
    let password = Form::new(
        "/settings/sign-in/password",
        &shell.csrf,
        "Change password",
        vec![
            Field::new(Kind::Password, "current", "Current password", "")
                .autocomplete("current-password")
                .required(),
            Field::new(Kind::Password, "password", "New password", "")
                .hint("12 characters or more. A sentence is fine. Other devices are signed out.")
                .autocomplete("new-password")
                .required(),
        ],
    );
    let code = || {
        Field::new(Kind::Code, "code", "Code", "")
            .hint("Six digits from the app.")
            .autocomplete("one-time-code")
            .required()
    };
    let button = |label: &str, action: &str| Button {
        label: label.to_owned(),
        action: action.to_owned(),
        csrf: shell.csrf.clone(),
        ..Button::default()
    };
    let own = || {
        // Two forms on one page ask for the password: each has a field of its own name.
        Field::new(Kind::Password, "own", "Your password", "").autocomplete("current-password").required()
    };
    let bodies = match second {
        SecondFactor::Off => vec![
            Body::Text(vec!["Off. With it, signing in also asks for a code from an app on your phone.".to_owned()]),
            Body::Form(Form::new("/settings/sign-in/second-factor", &shell.csrf, "Set up a second factor", vec![own()])),
        ],
        SecondFactor::Pending { secret, address, recovery } => vec![
            Body::Secret {
                label: "Type this key into your authenticator app, or open the address on your phone.".to_owned(),
                lines: vec![secret.clone(), address.clone()],
            },
            Body::Secret {
                label: "Keep these codes where you find them without your phone. Each works once; they are shown this once.".to_owned(),
                lines: vec![recovery.join("  ")],
            },
            Body::Form(Form::new("/settings/sign-in/second-factor/confirm", &shell.csrf, "Switch on", vec![code()])),
        ],
        SecondFactor::On => vec![
            Body::Text(vec!["On. Signing in asks for a code.".to_owned()]),
            Body::Form(Form { danger: true, ..Form::new("/settings/sign-in/second-factor/off", &shell.csrf, "Switch off", vec![own()]) }),
        ],
    };
    let mut parts =
        vec![Part::new("Password", "", vec![Body::Form(password)]), Part::new("Second factor", "", bodies)];
    if !devices.is_empty() {
        let rows = devices
            .iter()
            .map(|device| {
                let out = Button {
                    values: vec![("session".to_owned(), device.id.clone())],
                    ..button("Sign out", "/settings/sign-in/devices")
                };
                Row::new(vec![
                    Cell::OwnStrong(device.name.clone()),
                    Cell::Muted(device.seen.clone()),
                    if device.current {
                        Cell::Pill(Pill::new(Tone::Gain, "This one"))
                    } else {
                        Cell::Button(out)
                    },
                ])
            })
            .collect();
        let heads = vec![Head::text("Device"), Head::text("Signed in"), Head::silent("Sign out")];
        parts.push(Part::new("Devices", "", vec![Body::Table(Table::new("Devices", heads, rows))]));
    }
    Sheet::new(super::shell(shell, "Sign-in"), "Sign-in", "Password, second factor, devices.", parts)
        .side(&SIDE, &route::settings("sign-in"))
}

pub fn samples() -> Vec<Sheet> {
    let shell = Shell::sample();
    let profile = Profile {
        name: "Maria Keller".to_owned(),
        email: "maria.keller@example.com".to_owned(),
        title: "Plant controller".to_owned(),
        ..Profile::default()
    };
    let device = |name: &str, current| Device {
        id: "s1".to_owned(),
        name: name.to_owned(),
        seen: "today 08:12".to_owned(),
        current,
    };
    let devices = [device("Firefox on Windows", true), device("Safari on iPhone", false)];
    let pending = SecondFactor::Pending {
        secret: "JBSW Y3DP EHPK 3PXP".to_owned(),
        address: "otpauth://totp/PlantIntel:maria.keller@example.com".to_owned(),
        recovery: vec!["k3fq-9x2m".to_owned(), "p7dd-2rwa".to_owned()],
    };
    vec![
        page(&shell, &profile),
        sign_in_page(&shell, &SecondFactor::Off, &devices),
        sign_in_page(&shell, &pending, &[]),
        sign_in_page(&shell, &SecondFactor::On, &devices),
    ]
}
