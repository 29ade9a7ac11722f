//! Rules that many plants need, to be filled in: a template knows the form, the plant knows the numbers.
//!
//! The two premiums come with the factors that the product's feature list names, as a start for editing. Rates and
//! grades differ from plant to plant, so their tables are made of the values of the column, with nothing beside them.

use std::collections::BTreeMap;

use domain::ColumnProfile;

use crate::recipe::{Branch, Condition, Operator, Otherwise, PreparedColumn, Rule, Test};

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    Labor,
    Material,
    Machine,
    Time,
    Other,
}

impl Category {
    pub const ALL: [Self; 5] = [Self::Labor, Self::Material, Self::Machine, Self::Time, Self::Other];

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == name)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Labor => "labor",
            Self::Material => "material",
            Self::Machine => "machine",
            Self::Time => "time",
            Self::Other => "other",
        }
    }
}

/// A rule to be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    pub id: &'static str,
    pub name: &'static str,
    pub category: Category,
    /// What the column is that the rule reads, in words.
    pub reads: &'static str,
    /// What the rule's own column is called unless somebody names it otherwise.
    pub column: &'static str,
}

pub const TEMPLATES: [Template; 7] = [
    Template {
        id: "shift_premium",
        name: "Shift premium",
        category: Category::Time,
        reads: "the time at which work begins",
        column: "Shift premium",
    },
    Template {
        id: "weekend_premium",
        name: "Weekend premium",
        category: Category::Time,
        reads: "the day of work",
        column: "Weekend premium",
    },
    Template {
        id: "machine_rates",
        name: "Machine rates",
        category: Category::Machine,
        reads: "the machine or work center",
        column: "Machine rate",
    },
    Template {
        id: "material_grade",
        name: "Material grade",
        category: Category::Material,
        reads: "the material",
        column: "Material grade",
    },
    Template {
        id: "premium_material",
        name: "Premium material by prefix",
        category: Category::Material,
        reads: "the material number",
        column: "Premium material",
    },
    Template {
        id: "overtime_threshold",
        name: "Overtime threshold",
        category: Category::Labor,
        reads: "hours per week",
        column: "Overtime factor",
    },
    Template {
        id: "department_overhead",
        name: "Department overhead",
        category: Category::Other,
        reads: "the department",
        column: "Overhead rate",
    },
];

impl Template {
    pub fn named(id: &str) -> Option<&'static Self> {
        TEMPLATES.iter().find(|template| template.id == id)
    }

    /// The rule over a column of the customer.
    pub fn over(&self, source: &ColumnProfile) -> PreparedColumn {
        let column = source.header.as_str();
        let test = |is, value: &str| {
            Condition::Test(Test { column: column.to_owned(), is, value: value.to_owned() })
        };
        let branch = |label: &str, when, value: &str| Branch {
            label: label.to_owned(),
            when,
            value: value.to_owned(),
        };
        let conditional = |branches, otherwise: &str| Rule::Conditional {
            branches,
            otherwise: Otherwise::Value(otherwise.to_owned()),
        };
        let rule = match self.id {
            "shift_premium" => conditional(
                vec![branch(
                    "from 18:00 and before 06:00",
                    Condition::Any {
                        any: vec![test(Operator::GreaterOrEqual, "18:00"), test(Operator::Less, "06:00")],
                    },
                    "1.5",
                )],
                "1.0",
            ),
            "weekend_premium" => conditional(
                vec![
                    branch("Saturday", test(Operator::Equals, "saturday"), "1.5"),
                    branch("Sunday", test(Operator::Equals, "sunday"), "2.0"),
                ],
                "1.0",
            ),
            "overtime_threshold" => {
                conditional(vec![branch("over 40 h", test(Operator::Greater, "40"), "1.5")], "1.0")
            }
            "premium_material" => Rule::Conditional {
                branches: vec![branch(
                    "premium",
                    test(Operator::StartsWith, &common_prefix(source)),
                    "premium",
                )],
                otherwise: Otherwise::Value("standard".to_owned()),
            },
            _ => Rule::Lookup {
                source: column.to_owned(),
                table: source
                    .top
                    .iter()
                    .map(|(value, _)| (value.clone(), String::new()))
                    .collect::<BTreeMap<_, _>>(),
                otherwise: Otherwise::Empty,
            },
        };
        PreparedColumn { column: self.column.to_owned(), rule: Some(rule), ..PreparedColumn::default() }
    }
}

/// Letters that begin the most frequent value, as a prefix to start from.
fn common_prefix(source: &ColumnProfile) -> String {
    let first = source.top.first().map(|(value, _)| value.as_str()).unwrap_or_default();
    let letters: String = first.chars().take_while(|c| c.is_alphabetic()).collect();
    if letters.is_empty() { first.chars().take(1).collect() } else { letters }
}
