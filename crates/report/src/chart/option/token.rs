//! Colours of the page, as a chart names them.

/// A colour of the page, by the name of its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    Text,
    Muted,
    Line,
    Accent,
    AccentFill,
    Loss,
    LossFill,
    Gain,
    GainFill,
    Total,
    Neutral,
    Dot,
    Band,
    Heat1,
    Heat2,
    Heat3,
    Heat4,
    Heat5,
    Surface,
    OnFill,
}

impl Token {
    pub const ALL: [Self; 20] = [
        Self::Text,
        Self::Muted,
        Self::Line,
        Self::Accent,
        Self::AccentFill,
        Self::Loss,
        Self::LossFill,
        Self::Gain,
        Self::GainFill,
        Self::Total,
        Self::Neutral,
        Self::Dot,
        Self::Band,
        Self::Heat1,
        Self::Heat2,
        Self::Heat3,
        Self::Heat4,
        Self::Heat5,
        Self::Surface,
        Self::OnFill,
    ];

    pub fn variable(self) -> &'static str {
        match self {
            Self::Text => "--text",
            Self::Muted => "--muted",
            Self::Line => "--line",
            Self::Accent => "--accent",
            Self::AccentFill => "--accent-fill",
            Self::Loss => "--loss",
            Self::LossFill => "--loss-fill",
            Self::Gain => "--gain",
            Self::GainFill => "--gain-fill",
            Self::Total => "--total",
            Self::Neutral => "--neutral",
            Self::Dot => "--dot",
            Self::Band => "--band",
            Self::Heat1 => "--heat-1",
            Self::Heat2 => "--heat-2",
            Self::Heat3 => "--heat-3",
            Self::Heat4 => "--heat-4",
            Self::Heat5 => "--heat-5",
            Self::Surface => "--surface",
            Self::OnFill => "--ink",
        }
    }

    /// The sentinel under which the token travels through the chart library.
    pub fn sentinel(self) -> String {
        let number = Self::ALL.iter().position(|token| *token == self).unwrap_or_default() + 1;
        format!("#0000{number:02x}")
    }
}
