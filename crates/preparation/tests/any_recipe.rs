//! Preparations as anybody may send them: formulas of any shape end in time with a value or a reason, and never panic or eat the
//! machine's memory.
//!
//! Two seconds by default; `cargo xtask fuzz SECONDS` runs it longer.

use std::time::{Duration, Instant};

use domain::{Cell, ValueKind};
use preparation::{Plan, Preparation};

fn columns() -> Vec<(String, ValueKind)> {
    [
        ("Qty", ValueKind::Integer),
        ("Unit Cost", ValueKind::Decimal),
        ("Name", ValueKind::Text),
        ("Day", ValueKind::Date),
        ("Done", ValueKind::Boolean),
        ("None", ValueKind::Empty),
    ]
    .map(|(name, kind)| (name.to_owned(), kind))
    .to_vec()
}

fn row() -> Vec<Cell> {
    vec![
        Cell::Number(7.0),
        Cell::Number(1.5e300),
        Cell::Text("Bär \u{202e}x".to_owned()),
        Cell::Moment(1_700_000_000_000_000),
        Cell::Flag(true),
        Cell::Empty,
    ]
}

fn ask(expression: &str) -> Duration {
    let recipe =
        serde_json::json!([{"column": "New", "rule": {"rule": "formula", "expression": expression}}]);
    let begun = Instant::now();
    if let Ok(preparation) = serde_json::from_value::<Preparation>(recipe)
        && let Ok(plan) = Plan::new(&columns(), &preparation)
    {
        for trail in plan.explain(&row(), 2) {
            for (_, cell) in &trail.steps {
                if let Cell::Text(text) = cell {
                    assert!(text.len() < 1 << 20, "{expression} gives {} bytes", text.len());
                }
            }
        }
    }
    begun.elapsed()
}

/// Bytes that this process took at most.
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[test]
fn what_wants_all_the_memory_does_not_get_it() {
    let before = peak_kb();
    for expression in [
        "'x' * 999999999",
        "{Name} * 99999999999999999999",
        "[1] * 999999999",
        "range(999999999)",
        "range(999999999)|list",
        "range(999999999)|join",
        "range(100000)|join(range(100000)|join)",
        "'x'|center(999999999)",
        "'x'|indent(999999999)",
        "'%999999999d'|format(1)",
        "'x'|replace('x', 'x' * 99999)|replace('x', 'x' * 99999)",
        "('x' * 20000 ~ 'x' * 20000) * 20000",
        "9 ** 9 ** 9",
        "2 ** 2147483647",
        "1e308 * 1e308",
        "1 // 0",
        "1 % 0",
        "-9223372036854775808 // -1",
        "9223372036854775807 + 9223372036854775807",
        "{Qty} // 0",
        "''|int + 'x'|float",
        "{Name}[999999999999]",
        "{Name}[-1:99999999:-1]",
        "{{{{{{",
        "{}",
        "{Qty",
        "'",
    ] {
        let took = ask(expression);
        assert!(took < Duration::from_secs(5), "{expression} takes {took:?}");
    }
    // As deep as a formula may be, and deeper: what walks it must not run out of stack.
    for n in [90, 400, 900, 1_900, 50_000] {
        for (before, middle, after) in [
            ("(", "1", ")"),
            ("[", "1", "]"),
            ("", "1", " + 1"),
            ("", "1", "+1"),
            ("", "1", "**1"),
            ("", "'a'", "~'b'"),
            ("", "true", " and true"),
            ("1 if true else ", "1", ""),
            ("not ", "true", ""),
            ("-", "1", ""),
            ("", "1", "|abs"),
            ("", "{Name}", "[0]"),
            ("", "1", "<2"),
        ] {
            let nested = format!("{}{middle}{}", before.repeat(n), after.repeat(n));
            assert!(ask(&nested) < Duration::from_secs(5), "{n} times {before}{after}");
        }
    }
    let grown = peak_kb().saturating_sub(before);
    assert!(grown < 300 << 10, "formulas took {} MB", grown >> 10);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a long run is asked for from outside")]
fn any_formula_ends_in_time() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let time = Duration::from_secs(number("PLANTINTEL_FUZZ_SECONDS").unwrap_or(2));
    let mut state = number("PLANTINTEL_SEED").unwrap_or(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut roll = move |n: usize| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) % n as u64) as usize
    };
    let words = [
        "{Qty}",
        "{Unit Cost}",
        "{Name}",
        "{Day}",
        "{Done}",
        "{None}",
        "{Nobody}",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "1",
        "0",
        "-1",
        "1e308",
        "0.1",
        "99999999999999999999",
        "'x'",
        "\"é\"",
        "''",
        "'",
        "true",
        "none",
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "**",
        "~",
        "==",
        "!=",
        "<",
        "<=",
        "and",
        "or",
        "not",
        "in",
        "is",
        "if",
        "else",
        "|",
        "|round",
        "|abs",
        "|int",
        "|float",
        "|upper",
        "|length",
        "|default(0)",
        "|replace('a', 'b')",
        "|list",
        "|sum",
        "|min",
        "|max",
        "|join",
        ".",
        ",",
        ":",
        "range(9)",
        "dict(a=1)",
        "namespace()",
        "loop",
        "self",
        "[1, 2]",
        "{% for x in y %}",
        "{{",
        "}}",
        "{#",
        "\\",
        "\0",
        "\u{202e}",
        "\n",
        " ",
    ];
    let begun = Instant::now();
    let mut n = 0_u64;
    while begun.elapsed() < time {
        let expression: String =
            (0..=roll(14)).map(|_| words[roll(words.len())]).collect::<Vec<_>>().join([" ", ""][roll(2)]);
        let asked = std::panic::catch_unwind(|| ask(&expression));
        let took = asked.unwrap_or_else(|_| panic!("{expression:?} panics"));
        assert!(took < Duration::from_secs(5), "{expression:?} takes {took:?}");
        n += 1;
    }
    eprintln!("{n} formulas in {:?}", begun.elapsed());
}
