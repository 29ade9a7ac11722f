//! The form of a column between text that people write and a prepared column.

use std::collections::BTreeMap;

use app::datasets::preparation::{
    Branch, Condition, Gives, Operator, Origin, Otherwise, Prepared, Recipe, Rule, Step, Test,
};
use pages::page::import::preparation::{Recipe as Written, StepLine};

/// What came in.
#[derive(Debug, Clone, Default)]
pub(super) struct Filled {
    pub(super) table: usize,
    pub(super) column: String,
    pub(super) version: Option<i64>,
    pub(super) remove: bool,
    pub(super) recipe: Written,
}

impl Filled {
    pub(super) fn of(pairs: &[(String, String)]) -> Self {
        let one = |name: &str| {
            pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let all = |name: &str| -> Vec<String> {
            pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
        };
        let (kinds, firsts, seconds) = (all("step"), all("first"), all("second"));
        let mut steps: Vec<StepLine> = kinds
            .into_iter()
            .enumerate()
            .map(|(at, kind)| StepLine {
                kind,
                first: firsts.get(at).cloned().unwrap_or_default(),
                second: seconds.get(at).cloned().unwrap_or_default(),
            })
            .collect();
        // A step that is to be done earlier changes places with the one before it.
        let up: Option<usize> = one("up").parse().ok();
        if let Some(at) = up.filter(|at| (1..steps.len()).contains(at)) {
            steps.swap(at - 1, at);
        }
        steps.retain(|step| !step.kind.is_empty());
        Self {
            table: one("table").parse().unwrap_or_default(),
            column: one("column").trim().to_owned(),
            version: one("version").parse().ok(),
            remove: one("remove") == "on",
            recipe: Written {
                origin: one("origin"),
                origin_value: one("origin_value"),
                steps,
                rule: one("rule"),
                source: one("source"),
                entries: one("entries").replace('\r', ""),
                branches: one("branches").replace('\r', ""),
                expression: one("expression"),
                gives: one("gives"),
                otherwise: one("otherwise"),
                otherwise_value: one("otherwise_value"),
            },
        }
    }
}

/// A column as it was kept, part by part, each with what the form shows of it. The form says less than a preparation can hold: what
/// comes back as it was shown stays as it was, with its regular expression, its separator, its label.
#[derive(Debug, Default)]
struct Before {
    origin: (String, String),
    from: Origin,
    steps: Vec<(StepLine, Step)>,
    branches: Vec<(String, Branch)>,
}

impl Before {
    fn of(column: &Prepared) -> Self {
        let shown = shown(column);
        let branches = match &column.rule {
            Some(Rule::Conditional { branches, .. }) => {
                branches.iter().filter_map(|branch| Some((written_branch(branch)?, branch.clone()))).collect()
            }
            _ => Vec::new(),
        };
        Self {
            origin: (shown.origin, shown.origin_value),
            from: column.from.clone(),
            steps: shown.steps.into_iter().zip(column.steps.iter().cloned()).collect(),
            branches,
        }
    }
}

/// The column that the form describes, or everything that it lacks.
pub(super) fn prepared(filled: &Filled, kept: &Recipe) -> Result<Prepared, Vec<String>> {
    let written = &filled.recipe;
    let mut errors = Vec::new();
    if filled.column.is_empty() {
        errors.push("Name the column.".to_owned());
    }
    let parts = |text: &str, mark: char| -> Vec<String> {
        text.split(mark).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let known = kept.columns.iter().find(|known| super::same(&known.column, &filled.column));
    let before = known.map(Before::of).unwrap_or_default();
    let from = match written.origin.as_str() {
        _ if before.origin == (written.origin.clone(), written.origin_value.clone()) => before.from.clone(),
        "fixed" => Origin::Fixed { value: written.origin_value.clone() },
        "column" => Origin::Column { column: written.origin_value.trim().to_owned() },
        "joined" => Origin::Joined { columns: parts(&written.origin_value, ';'), separator: " ".to_owned() },
        _ => Origin::Itself,
    };
    let mut steps = Vec::new();
    let mut old = before.steps;
    let mut take =
        |is: &dyn Fn(&(StepLine, Step)) -> bool| old.iter().position(is).map(|at| old.remove(at).1);
    let same: Vec<Option<Step>> =
        written.steps.iter().map(|line| take(&|(shown, _)| shown == line)).collect();
    for (at, (line, same)) in written.steps.iter().zip(same).enumerate() {
        if let Some(same) = same {
            steps.push(same);
            continue;
        }
        match step(line, &parts) {
            Ok(step) => steps.push(match take(&|(shown, _)| shown.kind == line.kind) {
                Some(changed) => with_options_of(step, &changed),
                None => step,
            }),
            Err(what) => errors.push(format!("Step {}: {what}.", at + 1)),
        }
    }
    let otherwise = match written.otherwise.as_str() {
        "keep" => Otherwise::Keep,
        "value" => Otherwise::Value(written.otherwise_value.clone()),
        _ => Otherwise::Empty,
    };
    let rule = match written.rule.as_str() {
        "lookup" => {
            let mut table = BTreeMap::new();
            for line in written.entries.lines().filter(|line| !line.trim().is_empty()) {
                match line.split_once('=') {
                    Some((value, becomes)) => {
                        table.insert(value.trim().to_owned(), becomes.trim().to_owned());
                    }
                    None => errors.push(format!("“{line}” is no entry: write value = what it becomes.")),
                }
            }
            if written.source.is_empty() {
                errors.push("Choose the column that the list looks up.".to_owned());
            }
            Some(Rule::Lookup { source: written.source.clone(), table, otherwise })
        }
        "conditional" => {
            let mut branches = Vec::new();
            let mut old = before.branches;
            for line in written.branches.lines().filter(|line| !line.trim().is_empty()) {
                if let Some(same) = old.iter().position(|(shown, _)| shown == line) {
                    branches.push(old.remove(same).1);
                    continue;
                }
                match branch(line) {
                    Ok(branch) => branches.push(branch),
                    Err(what) => errors.push(what),
                }
            }
            if branches.is_empty() && errors.is_empty() {
                errors.push("Write at least one condition.".to_owned());
            }
            Some(Rule::Conditional { branches, otherwise })
        }
        "formula" => Some(Rule::Formula {
            expression: written.expression.trim().to_owned(),
            gives: match written.gives.as_str() {
                "text" => Gives::Text,
                "flag" => Gives::Flag,
                _ => Gives::Number,
            },
        }),
        "keep" => known.and_then(|known| known.rule.clone()),
        _ => None,
    };
    if errors.is_empty() {
        // The form shows how a column comes about; which of its cells were corrected is no matter of it.
        let corrected = known.map(|known| known.corrected.clone()).unwrap_or_default();
        Ok(Prepared { column: filled.column.clone(), from, steps, rule, corrected })
    } else {
        Err(errors)
    }
}

fn step(line: &StepLine, parts: &impl Fn(&str, char) -> Vec<String>) -> Result<Step, String> {
    let first = line.first.trim();
    let needed = |what: &str| if first.is_empty() { Err(what.to_owned()) } else { Ok(first.to_owned()) };
    Ok(match line.kind.as_str() {
        "trim" => Step::Trim,
        "uppercase" => Step::Uppercase,
        "lowercase" => Step::Lowercase,
        "parse_date" => {
            needed("write the format, such as dd.mm.yyyy")?;
            Step::ParseDate { formats: parts(first, ','), strict: true }
        }
        "format_date" => Step::FormatDate { format: needed("write the format, such as yyyy-mm-dd")? },
        "parse_number" => Step::ParseNumber { decimal: if first == "," { ',' } else { '.' } },
        "remove_units" => {
            needed("write the units, parted by commas")?;
            Step::RemoveUnits { units: parts(first, ',') }
        }
        kind @ ("replace_text" | "replace_any_case" | "replace_pattern") => {
            let regex = kind == "replace_pattern";
            let bare = line.first.strip_prefix(ANY_CASE).filter(|_| regex);
            let find = bare.unwrap_or(&line.first).to_owned();
            if find.is_empty() {
                return Err("write the text to find".to_owned());
            }
            let ignore_case = kind == "replace_any_case" || bare.is_some();
            Step::ReplaceText { find, with: line.second.clone(), regex, ignore_case }
        }
        "default_value" => Step::DefaultValue { value: needed("write the value")? },
        "convert" => Step::Convert {
            factor: first.replace(',', ".").parse().map_err(|_| "write the factor as a number".to_owned())?,
        },
        other => return Err(format!("there is no step “{other}”")),
    })
}

/// A step whose words were changed, with the options of the one that it was: the form does not show them.
fn with_options_of(step: Step, old: &Step) -> Step {
    match (step, old) {
        (Step::ParseDate { formats, .. }, Step::ParseDate { strict, .. }) => {
            Step::ParseDate { formats, strict: *strict }
        }
        (step, _) => step,
    }
}

/// Before a pattern that takes letters in any case.
const ANY_CASE: &str = "(?i)";

/// The longer sign first, so that `>=` is not read as `>`.
const OPERATORS: [(&str, Operator); 9] = [
    (" >= ", Operator::GreaterOrEqual),
    (" <= ", Operator::LessOrEqual),
    (" != ", Operator::NotEquals),
    (" = ", Operator::Equals),
    (" > ", Operator::Greater),
    (" < ", Operator::Less),
    (" contains ", Operator::Contains),
    (" starts with ", Operator::StartsWith),
    (" ends with ", Operator::EndsWith),
];

/// `Start >= 18:00 or Start < 06:00 => 1.5`.
fn branch(line: &str) -> Result<Branch, String> {
    let refuse =
        || format!("“{}” is no condition: write Column >= value => what the cell becomes.", line.trim());
    let (when, value) = line.rsplit_once("=>").ok_or_else(refuse)?;
    let (any, all) = (when.split(" or ").count(), when.split(" and ").count());
    if any > 1 && all > 1 {
        return Err(format!("“{}” mixes and with or: write two conditions.", line.trim()));
    }
    let test = |part: &str| -> Result<Condition, String> {
        let part = format!(" {} ", part.trim());
        let (sign, is) = OPERATORS.iter().find(|(sign, _)| part.contains(sign)).ok_or_else(refuse)?;
        let (column, value) = part.split_once(sign).ok_or_else(refuse)?;
        if column.trim().is_empty() {
            return Err(refuse());
        }
        Ok(Condition::Test(Test {
            column: column.trim().to_owned(),
            is: *is,
            value: value.trim().to_owned(),
        }))
    };
    let when = if any > 1 {
        Condition::Any { any: when.split(" or ").map(test).collect::<Result<_, _>>()? }
    } else if all > 1 {
        Condition::All { all: when.split(" and ").map(test).collect::<Result<_, _>>()? }
    } else {
        test(when)?
    };
    Ok(Branch { label: String::new(), when, value: value.trim().to_owned() })
}

/// A prepared column as the form writes it.
pub(super) fn shown(column: &Prepared) -> Written {
    let (origin, origin_value) = match &column.from {
        Origin::Itself => ("itself", String::new()),
        Origin::Fixed { value } => ("fixed", value.clone()),
        Origin::Column { column } | Origin::Where { column, .. } => ("column", column.clone()),
        Origin::Joined { columns, .. } => ("joined", columns.join("; ")),
    };
    let mut written = Written {
        origin: origin.to_owned(),
        origin_value,
        steps: column.steps.iter().map(line).collect(),
        rule: "none".to_owned(),
        gives: "number".to_owned(),
        otherwise: "empty".to_owned(),
        ..Written::default()
    };
    let mut told = |otherwise: &Otherwise| {
        (written.otherwise, written.otherwise_value) = match otherwise {
            Otherwise::Empty => ("empty".to_owned(), String::new()),
            Otherwise::Keep => ("keep".to_owned(), String::new()),
            Otherwise::Value(value) => ("value".to_owned(), value.clone()),
        };
    };
    match &column.rule {
        None => {}
        Some(Rule::Lookup { source, table, otherwise }) => {
            told(otherwise);
            "lookup".clone_into(&mut written.rule);
            source.clone_into(&mut written.source);
            let lines: Vec<String> =
                table.iter().map(|(value, becomes)| format!("{value} = {becomes}")).collect();
            written.entries = lines.join("\n");
        }
        Some(Rule::Conditional { branches, otherwise }) => {
            told(otherwise);
            let lines: Option<Vec<String>> = branches.iter().map(written_branch).collect();
            match lines {
                Some(lines) => {
                    "conditional".clone_into(&mut written.rule);
                    written.branches = lines.join("\n");
                }
                None => "keep".clone_into(&mut written.rule),
            }
        }
        Some(Rule::Formula { expression, gives }) => {
            "formula".clone_into(&mut written.rule);
            expression.clone_into(&mut written.expression);
            let gives = match gives {
                Gives::Number => "number",
                Gives::Text => "text",
                Gives::Flag => "flag",
            };
            gives.clone_into(&mut written.gives);
        }
    }
    written
}

fn line(step: &Step) -> StepLine {
    let plain = |kind: &str, first: String| StepLine { kind: kind.to_owned(), first, second: String::new() };
    match step {
        Step::Trim => plain("trim", String::new()),
        Step::Uppercase => plain("uppercase", String::new()),
        Step::Lowercase => plain("lowercase", String::new()),
        Step::ParseDate { formats, .. } => plain("parse_date", formats.join(", ")),
        Step::FormatDate { format } => plain("format_date", format.clone()),
        Step::ParseNumber { decimal } => plain("parse_number", decimal.to_string()),
        Step::RemoveUnits { units } => plain("remove_units", units.join(", ")),
        Step::ReplaceText { find, with, regex, ignore_case } => {
            let (kind, first) = match (regex, ignore_case) {
                (true, true) => ("replace_pattern", format!("{ANY_CASE}{find}")),
                (true, false) => ("replace_pattern", find.clone()),
                (false, true) => ("replace_any_case", find.clone()),
                (false, false) => ("replace_text", find.clone()),
            };
            StepLine { kind: kind.to_owned(), first, second: with.clone() }
        }
        Step::DefaultValue { value } => plain("default_value", value.clone()),
        Step::Convert { factor } => plain("convert", factor.to_string()),
    }
}

/// `None` for what one line cannot say.
fn written_branch(branch: &Branch) -> Option<String> {
    let test = |condition: &Condition| match condition {
        Condition::Test(test) => {
            let (sign, _) = OPERATORS.iter().find(|(_, is)| *is == test.is)?;
            Some(format!("{}{sign}{}", test.column, test.value))
        }
        _ => None,
    };
    let when = match &branch.when {
        Condition::Test(_) => test(&branch.when)?,
        Condition::Any { any } => any.iter().map(test).collect::<Option<Vec<_>>>()?.join(" or "),
        Condition::All { all } => all.iter().map(test).collect::<Option<Vec<_>>>()?.join(" and "),
    };
    Some(format!("{when} => {}", branch.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(pairs: &[(&str, &str)]) -> Filled {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Filled::of(&pairs)
    }

    #[test]
    fn what_is_written_comes_back_as_it_was() {
        let form = filled(&[
            ("column", "Premium"),
            ("step", "remove_units"),
            ("first", "kg, pcs"),
            ("second", ""),
            ("step", ""),
            ("first", ""),
            ("second", ""),
            ("rule", "conditional"),
            ("branches", "Start >= 18:00 or Start < 06:00 => 1.5\r\nDay = sunday => 2"),
            ("otherwise", "value"),
            ("otherwise_value", "1.0"),
        ]);
        let column = prepared(&form, &Recipe::default()).unwrap();
        assert_eq!(column.steps, [Step::RemoveUnits { units: vec!["kg".to_owned(), "pcs".to_owned()] }]);
        let Some(Rule::Conditional { branches, otherwise }) = &column.rule else { panic!("{column:?}") };
        assert_eq!((branches.len(), otherwise), (2, &Otherwise::Value("1.0".to_owned())));
        let written = shown(&column);
        assert_eq!(written.branches, form.recipe.branches);
        assert_eq!(written.steps, form.recipe.steps);
    }

    #[test]
    fn what_the_form_does_not_show_stays() {
        let replace = |regex| Step::ReplaceText {
            find: "^0+".to_owned(),
            with: String::new(),
            regex,
            ignore_case: true,
        };
        let kept = Prepared {
            column: "Part".to_owned(),
            from: Origin::Where {
                column: "Value".to_owned(),
                code_column: "Code".to_owned(),
                code: "P".to_owned(),
            },
            steps: vec![Step::ParseDate { formats: vec!["yyyy".to_owned()], strict: false }, replace(true)],
            rule: Some(Rule::Conditional {
                branches: vec![Branch {
                    label: "night".to_owned(),
                    ..branch("Start >= 18:00 => 1.5").unwrap()
                }],
                otherwise: Otherwise::Keep,
            }),
            corrected: BTreeMap::from([(9, "7".to_owned())]),
        };
        let recipe = Recipe { columns: vec![kept.clone()] };
        let mut form = Filled { column: "part".to_owned(), recipe: shown(&kept), ..Filled::default() };
        let back = prepared(&form, &recipe).unwrap();
        assert_eq!(Prepared { column: kept.column.clone(), ..back }, kept);
        // What was changed says what it says.
        form.recipe.steps.remove(0);
        form.recipe.steps[0].second = "x".to_owned();
        form.recipe.origin_value = "Other".to_owned();
        let changed = prepared(&form, &recipe).unwrap();
        assert_eq!(changed.from, Origin::Column { column: "Other".to_owned() });
        assert!(
            matches!(&changed.steps[..], [Step::ReplaceText { regex: true, ignore_case: true, with, .. }] if with == "x")
        );
        assert_eq!(changed.rule, kept.rule);
    }

    #[test]
    fn a_step_changes_places_with_the_one_before() {
        let steps = |up: &str| -> Vec<String> {
            let form = filled(&[
                ("column", "Qty"),
                ("step", "trim"),
                ("first", ""),
                ("second", ""),
                ("step", "remove_units"),
                ("first", "kg"),
                ("second", ""),
                ("step", ""),
                ("up", up),
            ]);
            form.recipe.steps.into_iter().map(|step| step.kind + &step.first).collect()
        };
        assert_eq!(steps(""), ["trim", "remove_unitskg"]);
        assert_eq!(steps("1"), ["remove_unitskg", "trim"]);
        for none in ["0", "7", "-1", "x"] {
            assert_eq!(steps(none), ["trim", "remove_unitskg"], "{none}");
        }
    }

    #[test]
    fn replaced_text_keeps_how_it_is_looked_for() {
        let step = |find: &str, regex, ignore_case| Step::ReplaceText {
            find: find.to_owned(),
            with: "x".to_owned(),
            regex,
            ignore_case,
        };
        let parts = |text: &str, _: char| vec![text.to_owned()];
        for one in [
            step("kg", false, false),
            step("(?i)kg", false, false),
            step("kg", false, true),
            step("^k.$", true, false),
            step("^k.$", true, true),
        ] {
            assert_eq!(super::step(&line(&one), &parts), Ok(one));
        }
    }

    #[test]
    fn what_cannot_be_done_is_told_line_by_line() {
        let form = filled(&[
            ("column", "Rate"),
            ("step", "convert"),
            ("first", "much"),
            ("second", ""),
            ("rule", "lookup"),
            ("entries", "M1 50"),
        ]);
        let errors = prepared(&form, &Recipe::default()).unwrap_err();
        assert_eq!(errors.len(), 3, "{errors:?}");
        let mixed = filled(&[
            ("column", "x"),
            ("rule", "conditional"),
            ("branches", "a = 1 and b = 2 or c = 3 => 4"),
        ]);
        assert!(prepared(&mixed, &Recipe::default()).is_err());
    }
}
