//! Yes and no in many languages.

use super::WHOLE_FLAG;
use super::table::WordTable;

/// A word of yes or no.
#[derive(Debug, Clone, Copy)]
pub(in crate::typing) struct FlagWord {
    pub(in crate::typing) word: &'static str,
    pub(in crate::typing) truth: bool,
    pub(in crate::typing) weight: Weight,
}

/// How much a word says by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::typing) enum Weight {
    /// A whole word: `ja`, `false`.
    Word,
    /// One letter, a code as easily as a flag.
    Letter,
    /// A tick that stands against blanks.
    Tick,
    /// A sign that only means no beside a tick.
    Untick,
}

const fn word(word: &'static str, truth: bool) -> FlagWord {
    FlagWord { word, truth, weight: Weight::Word }
}

const fn letter(word: &'static str, truth: bool) -> FlagWord {
    FlagWord { word, truth, weight: Weight::Letter }
}

const fn tick(word: &'static str) -> FlagWord {
    FlagWord { word, truth: true, weight: Weight::Tick }
}

/// At most 64, so that a set of them is one number.
pub(in crate::typing) const FLAGS: [FlagWord; 62] = [
    word("yes", true),
    word("no", false),
    word("true", true),
    word("false", false),
    word("ja", true),
    word("nein", false),
    word("wahr", true),
    word("falsch", false),
    word("oui", true),
    word("non", false),
    word("vrai", true),
    word("faux", false),
    word("si", true),
    word("verdadero", true),
    word("falso", false),
    word("vero", true),
    word("sim", true),
    word("nao", false),
    word("verdadeiro", true),
    word("tak", true),
    word("nie", false),
    word("prawda", true),
    word("falsz", false),
    word("nee", false),
    word("waar", true),
    word("onwaar", false),
    word("nej", false),
    word("ano", true),
    word("ne", false),
    word("是", true),
    word("否", false),
    word("真", true),
    word("假", false),
    word("はい", true),
    word("いいえ", false),
    word("evet", true),
    word("hayir", false),
    word("igen", true),
    word("nem", false),
    word("on", true),
    word("off", false),
    word(".t.", true),
    word(".f.", false),
    letter("y", true),
    letter("n", false),
    letter("j", true),
    letter("o", true),
    letter("s", true),
    letter("t", true),
    letter("f", false),
    letter("v", true),
    letter("w", true),
    tick("x"),
    tick("*"),
    tick("✓"),
    tick("✔"),
    tick("☑"),
    tick("●"),
    tick("•"),
    FlagWord { word: "✗", truth: false, weight: Weight::Untick },
    FlagWord { word: "○", truth: false, weight: Weight::Untick },
    FlagWord { word: "☐", truth: false, weight: Weight::Untick },
];

pub(super) fn add_to(table: &mut WordTable) {
    for (index, flag) in FLAGS.iter().enumerate() {
        table.add(flag.word, WHOLE_FLAG, index as u64);
    }
}
