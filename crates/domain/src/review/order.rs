//! How a list of findings is ordered.

/// What stands first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FindingOrder {
    /// The largest yearly amount.
    #[default]
    Money,
    /// What began last; what has no beginning comes behind.
    Newest,
    /// The best evidence.
    Evidence,
    /// The highest priority.
    Priority,
}

impl FindingOrder {
    pub const ALL: [Self; 4] = [Self::Money, Self::Newest, Self::Evidence, Self::Priority];

    pub fn name(self) -> &'static str {
        match self {
            Self::Money => "money",
            Self::Newest => "newest",
            Self::Evidence => "evidence",
            Self::Priority => "priority",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.name() == name)
    }

    /// How far ahead a finding stands, by the day on which it began (as ISO date), its grade and its priority. Findings that stand
    /// alike keep the order in which they come; for money all do.
    pub fn weight(self, start: Option<&str>, grade: &str, priority: i64) -> (i64, String) {
        match self {
            Self::Money => (0, String::new()),
            Self::Newest => (0, start.unwrap_or_default().to_owned()),
            Self::Evidence => {
                let grades = ["hint", "likely", "strong"];
                (grades.iter().position(|known| *known == grade).map_or(-1, |at| at as i64), String::new())
            }
            Self::Priority => (priority, String::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;

    use super::*;

    #[test]
    fn findings_stand_as_they_are_asked_for() {
        // By money: a, b, c, d.
        let all = [
            ("a", None, "likely", 10),
            ("b", Some("2025-03-01"), "hint", 90),
            ("c", Some("2025-11-20"), "strong", 50),
            ("d", Some("2025-03-01"), "strong", 90),
        ];
        for (order, expected) in [
            (FindingOrder::Money, "abcd"),
            (FindingOrder::Newest, "cbda"),
            (FindingOrder::Evidence, "cdab"),
            (FindingOrder::Priority, "bdca"),
        ] {
            let mut sorted = all.to_vec();
            sorted.sort_by_key(|(_, start, grade, priority)| Reverse(order.weight(*start, grade, *priority)));
            let names: String = sorted.iter().map(|one| one.0).collect();
            assert_eq!(names, expected, "{order:?}");
            assert_eq!(FindingOrder::named(order.name()), Some(order));
        }
        assert_eq!(FindingOrder::named("best"), None);
    }
}
