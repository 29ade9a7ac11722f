//! Columns of yes and no.

use domain::table::ValueKind;

use super::Case;
use crate::typing::column_type::ColumnType;
use crate::typing::read::{FlagReader, Reader};
use crate::typing::words::flags::{FLAGS, Weight};

pub(super) fn decide(case: &Case<'_>) -> Option<ColumnType> {
    words(case).or_else(|| minus_one(case)).or_else(|| one(case))
}

fn words(case: &Case<'_>) -> Option<ColumnType> {
    let evidence = case.evidence;
    let seen: Vec<_> = (0..FLAGS.len())
        .filter(|index| evidence.flag_set >> index & 1 == 1)
        .map(|index| FLAGS[index])
        .collect();
    if seen.is_empty() {
        return None;
    }
    let odd = case.filled - evidence.flags;
    let has = |weight: Weight| seen.iter().any(|flag| flag.weight == weight);
    let all = |weight: Weight| seen.iter().all(|flag| flag.weight == weight);
    let letters: Vec<&str> =
        seen.iter().filter(|flag| flag.weight == Weight::Letter).map(|flag| flag.word).collect();
    let (yes, no) = (seen.iter().any(|flag| flag.truth), seen.iter().any(|flag| !flag.truth));
    let mut decided = ColumnType::new(ValueKind::Boolean, Reader::Flag(FlagReader::Words));
    if has(Weight::Tick) {
        // Two different ticks are a legend, not a flag.
        let ticks = seen.iter().filter(|flag| flag.weight == Weight::Tick).count();
        if odd > 0
            || ticks > 1
            || !seen.iter().all(|flag| matches!(flag.weight, Weight::Tick | Weight::Untick))
        {
            return None;
        }
        decided.reader = Reader::Flag(FlagReader::Ticks);
        let tick =
            seen.iter().find(|flag| flag.weight == Weight::Tick).map_or("", |flag| flag.word).to_uppercase();
        let other = seen.iter().find(|flag| flag.weight == Weight::Untick).map(|flag| flag.word);
        decided.format = Some(match other {
            Some(untick) => format!("{tick} or {untick}"),
            None if evidence.dashes > 0 => format!("{tick} or -"),
            None => format!("{tick} or blank"),
        });
        if other.is_none() && evidence.dashes == 0 && evidence.blank == 0 {
            decided.notes.push("no row is blank, so the sign may be a text as well".to_owned());
        }
        return Some(decided);
    }
    if all(Weight::Untick) {
        return None;
    }
    if has(Weight::Word) {
        let few = odd * 50 <= case.filled;
        if !few || evidence.flag_set.count_ones() > 6 {
            return None;
        }
    } else {
        // Letters are codes as easily: both sides have to be there, and one yes only.
        let yeses = seen.iter().filter(|flag| flag.truth).count();
        let noes = seen.len() - yeses;
        if odd > 0 || yeses > 1 || noes > 1 {
            return None;
        }
        match (yes, no) {
            (true, true)
                if letters.contains(&"f")
                    && !letters.iter().any(|letter| matches!(*letter, "t" | "v" | "w")) =>
            {
                return None;
            }
            (true, true)
                if letters.contains(&"n") && letters.iter().any(|letter| matches!(*letter, "v" | "w")) =>
            {
                return None;
            }
            (true, true) => {}
            (true, false) if letters == ["y"] => {}
            (true, false) if letters == ["j"] && evidence.blank > 0 => {
                decided.notes.push("only J occurs, which may be a code as well".to_owned());
            }
            (false, true) if letters == ["n"] => {
                decided.notes.push("only N occurs, which may be a code as well".to_owned());
            }
            _ => return None,
        }
    }
    let shown = |truth: bool| {
        seen.iter().filter(move |flag| flag.truth == truth).map(|flag| match flag.weight {
            Weight::Letter => flag.word.to_uppercase(),
            _ => flag.word.to_owned(),
        })
    };
    let words: Vec<String> = shown(true).chain(shown(false)).collect();
    decided.format = Some(if words.len() == 1 && evidence.blank > 0 && yes {
        format!("{} or blank", words[0])
    } else {
        words.join("/")
    });
    case.note_odd(&mut decided, evidence.flags);
    Some(decided)
}

/// `-1` and `0`, as Access writes yes and no.
fn minus_one(case: &Case<'_>) -> Option<ColumnType> {
    let evidence = case.evidence;
    let mut ones = 0;
    for shape in evidence.shapes.iter() {
        if shape.codes() != [b'-', 1] || shape.at(1).min != 1 || shape.at(1).max != 1 {
            return None;
        }
        ones += shape.count;
    }
    let zeros = evidence.digits.zero;
    if ones == 0 || zeros != evidence.digits.count || ones + zeros != case.filled {
        return None;
    }
    let mut decided = ColumnType::new(ValueKind::Boolean, Reader::Flag(FlagReader::Digits));
    decided.format = Some("-1/0".to_owned());
    if zeros == 0 {
        decided.notes.push("only -1 occurs, which may be a number as well".to_owned());
    }
    Some(decided)
}

/// `1` and `0` under a header that asks a question.
fn one(case: &Case<'_>) -> Option<ColumnType> {
    let digits = &case.evidence.digits;
    let only = digits.count == case.filled
        && digits.max <= 1
        && digits.min == 0
        && digits.max == 1
        && digits.width() == Some(1);
    if !only || !case.hints.flag || case.hints.amount || case.hints.identifier || case.hints.duration {
        return None;
    }
    let mut decided = ColumnType::new(ValueKind::Boolean, Reader::Flag(FlagReader::Digits));
    decided.format = Some("1/0".to_owned());
    decided.notes.push("the header asks a question, so 1 is read as yes and 0 as no".to_owned());
    Some(decided)
}
