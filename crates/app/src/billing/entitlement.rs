//! What the provider's word for a subscription's state means here.

/// What a state gives a right to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// The plan that is paid for.
    Plan,
    /// Nothing (yet, or any more): the plan of those without a subscription.
    Nothing,
}

/// The right of a state. A word that is new to us gives none: who pays is let in once we know the word, who does not pay
/// is never let in by mistake.
pub fn right_of(status: &str) -> Right {
    match status {
        // Past due: the provider still tries the card, and says `unpaid` or `canceled` when it gives up.
        "active" | "trialing" | "past_due" => Right::Plan,
        "incomplete" | "incomplete_expired" | "unpaid" | "paused" | "canceled" => Right::Nothing,
        other => {
            tracing::warn!(status = other, "the payment provider names a state that is not known here");
            Right::Nothing
        }
    }
}

/// Whether the provider never opens a subscription in this state again.
pub(super) fn is_final(status: &str) -> bool {
    matches!(status, "canceled" | "incomplete_expired")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_of_the_provider_has_one_meaning() {
        for (status, right, last) in [
            ("incomplete", Right::Nothing, false),
            ("incomplete_expired", Right::Nothing, true),
            ("trialing", Right::Plan, false),
            ("active", Right::Plan, false),
            ("past_due", Right::Plan, false),
            ("canceled", Right::Nothing, true),
            ("unpaid", Right::Nothing, false),
            ("paused", Right::Nothing, false),
            ("none", Right::Nothing, false),
            ("something_of_tomorrow", Right::Nothing, false),
        ] {
            assert_eq!((right_of(status), is_final(status)), (right, last), "{status}");
        }
    }
}
