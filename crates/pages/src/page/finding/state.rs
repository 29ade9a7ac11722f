//! From a finding to a verified saving.

use crate::component::{Tone, pill::Pill};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum State {
    #[default]
    New,
    Accepted,
    InProgress,
    Done,
    Verified,
    NotConfirmed,
    Dismissed,
}

impl State {
    pub const ALL: [Self; 7] = [
        Self::New,
        Self::Accepted,
        Self::InProgress,
        Self::Done,
        Self::Verified,
        Self::NotConfirmed,
        Self::Dismissed,
    ];

    /// The name in addresses and forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Accepted => "accepted",
            Self::InProgress => "in_progress",
            Self::Done => "done",
            Self::Verified => "verified",
            Self::NotConfirmed => "not_confirmed",
            Self::Dismissed => "dismissed",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Accepted => "Accepted",
            Self::InProgress => "In progress",
            Self::Done => "Done",
            Self::Verified => "Verified",
            Self::NotConfirmed => "Not confirmed",
            Self::Dismissed => "Dismissed",
        }
    }

    pub fn tone(self) -> Tone {
        match self {
            Self::New => Tone::Accent,
            Self::Accepted => Tone::Plain,
            Self::InProgress => Tone::Warn,
            Self::Done | Self::Verified => Tone::Gain,
            Self::NotConfirmed => Tone::Loss,
            Self::Dismissed => Tone::Quiet,
        }
    }

    pub fn pill(self) -> Pill {
        Pill::new(self.tone(), self.words())
    }

    /// Where people can take it from here: the state, and the button that says so.
    pub fn next(self) -> &'static [(Self, &'static str)] {
        match self {
            Self::New => &[(Self::Accepted, "Accept"), (Self::Dismissed, "Dismiss")],
            Self::Accepted => {
                &[(Self::InProgress, "Start work"), (Self::Done, "Mark done"), (Self::Dismissed, "Dismiss")]
            }
            Self::InProgress => &[(Self::Done, "Mark done"), (Self::Dismissed, "Dismiss")],
            Self::Done | Self::Verified | Self::NotConfirmed => &[(Self::InProgress, "Open again")],
            Self::Dismissed => &[(Self::New, "Bring back")],
        }
    }
}
