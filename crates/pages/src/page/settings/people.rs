//! Members with their roles, and invitations that wait.

use domain::Role;

use super::SIDE;
use crate::{
    component::{
        Button,
        form::{Field, Form, Kind},
        table::{Cell, Head, Row, Table},
    },
    layout::Shell,
    page::sheet::{Body, Part, Sheet},
    route, words,
};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Member {
    pub id: String,
    pub name: String,
    pub email: String,
    pub role: String,
    pub since: String,
    /// The reader, who cannot change their own role here.
    pub yourself: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Invitation {
    pub id: String,
    pub email: String,
    pub role: String,
    pub until: String,
}

/// What a role may, for the list of choices.
fn says(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Viewer: reads findings and data",
        Role::Analyst => "Analyst: uploads, decides, works on findings",
        Role::Reviewer => "Reviewer: publishes what is under review",
        Role::Admin => "Admin: members, keys, settings",
        Role::Owner => "Owner: deletion and other owners",
    }
}

fn role_field(value: &str) -> Field {
    let choices = Role::ALL.into_iter().map(|role| (role.name().to_owned(), says(role).to_owned())).collect();
    Field::new(Kind::Choice(choices), "role", "Role", value)
}

/// `link` is that of an invitation for which no letter could be sent: whoever invited passes it on.
pub fn page(
    shell: &Shell,
    members: &[Member],
    invitations: &[Invitation],
    link: Option<&str>,
    may_change: bool,
) -> Sheet {
    let button = |label: &str, action: String, danger| Button {
        label: label.to_owned(),
        action,
        csrf: shell.csrf.clone(),
        danger,
        ..Button::default()
    };
    let heads =
        vec![Head::text("Name"), Head::text("Role"), Head::text("Member since"), Head::silent("Change")];
    let rows = members
        .iter()
        .map(|member| {
            Row::new(vec![
                Cell::OwnTwo(member.name.clone(), member.email.clone()),
                Cell::text(words::sentence_case(&member.role)),
                Cell::Muted(member.since.clone()),
                if member.yourself {
                    Cell::Muted("you".to_owned())
                } else if may_change {
                    Cell::Button(button("Remove", format!("/settings/members/{}/remove", member.id), true))
                } else {
                    Cell::Text(String::new())
                },
            ])
        })
        .collect();
    let mut parts = Vec::new();
    if let Some(link) = link {
        parts.push(Part::new(
            "Pass this link on",
            "shown once",
            vec![Body::Secret {
                label: "No mail server is configured, so no letter was sent. Whoever opens the link joins."
                    .to_owned(),
                lines: vec![link.to_owned()],
            }],
        ));
    }
    parts.push(Part::new("Members", "", vec![Body::Table(Table::new("Members", heads, rows))]));
    let others: Vec<(String, String)> = members
        .iter()
        .filter(|member| !member.yourself)
        .map(|member| (member.id.clone(), member.name.clone()))
        .collect();
    if may_change && !others.is_empty() {
        let fields = vec![
            Field::new(Kind::Own(others), "member", "Member", ""),
            Field { name: "role".to_owned(), ..role_field("analyst") },
        ];
        parts.push(Part::new(
            "Change a role",
            "",
            vec![Body::Form(Form::new("/settings/members/role", &shell.csrf, "Change role", fields))],
        ));
    }
    if !invitations.is_empty() {
        let heads = vec![
            Head::text("Invited"),
            Head::text("Role"),
            Head::text("Works until"),
            Head::silent("Withdraw"),
        ];
        let rows = invitations
            .iter()
            .map(|invitation| {
                Row::new(vec![
                    Cell::OwnStrong(invitation.email.clone()),
                    Cell::text(words::sentence_case(&invitation.role)),
                    Cell::Muted(invitation.until.clone()),
                    if may_change {
                        Cell::Button(button(
                            "Withdraw",
                            format!("/settings/invitations/{}/withdraw", invitation.id),
                            true,
                        ))
                    } else {
                        Cell::Text(String::new())
                    },
                ])
            })
            .collect();
        parts.push(Part::new(
            "Invitations",
            "waiting",
            vec![Body::Table(Table::new("Invitations", heads, rows))],
        ));
    }
    if may_change {
        let mut role = role_field("analyst");
        "invited-role".clone_into(&mut role.name);
        let fields = vec![Field::new(Kind::Email, "email", "Email", "").required(), role];
        parts.push(Part::new(
            "Invite somebody",
            "",
            vec![Body::Form(Form::new("/settings/invitations", &shell.csrf, "Send invitation", fields))],
        ));
    }
    Sheet::new(
        super::shell(shell, "Members"),
        "Members",
        if may_change { "" } else { "Admins and owners invite people and change roles." },
        parts,
    )
    .side(&SIDE, &route::settings("members"))
}

pub fn samples() -> Vec<Sheet> {
    let shell = Shell::sample();
    let member = |name: &str, role: &str, yourself| Member {
        id: "u1".to_owned(),
        name: name.to_owned(),
        email: "someone@example.com".to_owned(),
        role: role.to_owned(),
        since: "3 Mar 2025".to_owned(),
        yourself,
    };
    let members = [
        member("Maria Keller", "owner", true),
        member("R. Osei", "analyst", false),
        member("D. Marín", "viewer", false),
    ];
    let invitation = Invitation {
        id: "i1".to_owned(),
        email: "a.chen@example.com".to_owned(),
        role: "analyst".to_owned(),
        until: "9 Oct 2025".to_owned(),
    };
    vec![
        page(
            &shell,
            &members,
            &[invitation],
            Some("https://plant.example.com/invitation?token=k3fq9x2m"),
            true,
        ),
        page(&shell, &members, &[], None, false),
    ]
}
