//! Yes and no.

use super::super::evidence::is_dash;
use super::super::words::flags::FLAGS;
use super::super::words::{self, WHOLE_FLAG};
use super::{Reading, Unreadable, Value};

/// How a column writes yes and no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::typing) enum FlagReader {
    /// Words or letters.
    Words,
    /// A tick against blanks or dashes.
    Ticks,
    /// `1` or `0`, `-1` or `0`.
    Digits,
}

impl FlagReader {
    pub(super) fn read(self, text: &str) -> Reading<Value<'static>> {
        let flag = match self {
            Self::Digits => match text {
                "1" | "-1" => Some(true),
                "0" | "-0" | "00" => Some(false),
                _ => None,
            },
            Self::Ticks if is_dash(text) => Some(false),
            Self::Words | Self::Ticks => {
                words::fold_whole(text).and_then(words::whole).and_then(|(kind, index)| {
                    (kind == WHOLE_FLAG).then(|| FLAGS.get(index as usize).map(|flag| flag.truth)).flatten()
                })
            }
        };
        flag.map_or(Reading::Unreadable(Unreadable::NoFlag), |flag| Reading::Value(Value::Flag(flag)))
    }
}
