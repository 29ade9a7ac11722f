//! How a cell says that it holds nothing.

use super::WHOLE_MISSING;
use super::table::WordTable;

/// Nothing in every column.
const ALWAYS: [&str; 22] = [
    "null", "(null)", "<null>", "[null]", "\\n", "#n/a", "#nv", "#value!", "#ref!", "#div/0!", "#name?",
    "#num!", "n/a", "<na>", "-", "--", "---", "–", "—", "(blank)", "(leer)", "(vide)",
];

/// Nothing in a column of numbers, dates or flags; a word like any other in a column of text.
const IN_TYPED: [&str; 30] = [
    "?",
    "??",
    "???",
    "none",
    "nan",
    "na",
    "nil",
    "n.a.",
    "n.a",
    "n/d",
    "n.d.",
    "nd",
    "s/d",
    "k.a.",
    "k. a.",
    "void",
    "empty",
    "#",
    "##########",
    "########",
    ".",
    "...",
    "/",
    "_",
    "n.v.",
    "n/v",
    "unknown",
    "not set",
    "无",
    "b.d.",
];

pub(super) fn add_to(table: &mut WordTable) {
    for word in ALWAYS {
        table.add(word, WHOLE_MISSING, 1);
    }
    for word in IN_TYPED {
        table.add(word, WHOLE_MISSING, 0);
    }
}
