//! Prefixes that all columns of a table share: they say which table it is and nothing about a column.

use std::collections::{BTreeMap, BTreeSet};

/// Length in bytes of the prefix that at least four of five names share, or 0. Names are compact. A prefix counts from
/// two letters and six names on, and only where it leaves something of nearly every name.
pub(crate) fn shared_prefix(names: &[&str]) -> usize {
    if names.len() < 6 {
        return 0;
    }
    let enough = (names.len() * 4).div_ceil(5);
    let mut sorted: Vec<&str> = names.to_vec();
    sorted.sort_unstable();
    // In sorted order names with a common prefix are neighbours: the widest window of the needed size decides.
    let mut best = 0;
    for window in sorted.windows(enough) {
        let (Some(first), Some(last)) = (window.first(), window.last()) else { continue };
        let length: usize = first
            .char_indices()
            .zip(last.chars())
            .take_while(|((_, a), b)| a == b)
            .map(|((_, char), _)| char.len_utf8())
            .sum();
        if length > best && window.iter().filter(|name| name.len() < length + 2).count() * 5 <= enough {
            best = length;
        }
    }
    if best >= 2 { best } else { one_letter(names) }
}

/// A single letter counts where nearly all of many names begin with it and go on: `FBillNo`, `fpartno`, `t_pdno`.
fn one_letter(names: &[&str]) -> usize {
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    for letter in names.iter().filter(|name| name.len() >= 3).filter_map(|name| name.chars().next()) {
        *counts.entry(letter).or_default() += usize::from(letter.is_ascii_alphabetic());
    }
    let Some((most, with)) = counts.into_iter().max_by_key(|(_, count)| *count) else { return 0 };
    let second: BTreeSet<char> =
        names.iter().filter(|name| name.starts_with(most)).filter_map(|name| name.chars().nth(1)).collect();
    // Words that begin alike go on alike; behind a letter that says nothing anything may stand.
    let says_nothing =
        names.len() >= 8 && with * 10 >= names.len() * 9 && second.len() * 2 >= names.len().min(14);
    usize::from(says_nothing)
}

/// Short names of tables that a list was joined from: letters before an underscore, the same for many columns, few for nearly all
/// (`mo_codart`, `mo_quant`, `td_numord`). Words that begin many captions (`qtd_`, `dat_`) are many, and none leads.
pub(crate) fn aliases<'a>(headers: &[&'a str]) -> BTreeSet<&'a str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for alias in headers.iter().filter_map(|header| alias_of(header)) {
        *counts.entry(alias).or_default() += 1;
    }
    counts.retain(|_, count| *count >= 4);
    let (all, most) = (counts.values().sum::<usize>(), counts.values().copied().max().unwrap_or(0));
    let joined =
        (2..=3).contains(&counts.len()) && all * 5 >= headers.len() * 4 && most * 5 >= headers.len() * 2;
    if joined { counts.into_keys().collect() } else { BTreeSet::new() }
}

/// The two or three letters that stand before the first underscore of a header.
pub(crate) fn alias_of(header: &str) -> Option<&str> {
    let (alias, rest) = header.split_once('_')?;
    let letters = (2..=3).contains(&alias.len()) && alias.bytes().all(|byte| byte.is_ascii_alphabetic());
    (letters && rest.starts_with(char::is_alphabetic)).then_some(alias)
}

/// The short last piece that at least half of the names end with: `STRTDATE_I`, `ORDNUM_10` say with it which product or
/// which table they are of.
pub(crate) fn shared_suffix<'a>(names: impl Iterator<Item = &'a [String]>) -> Option<String> {
    let (mut all, mut counts) = (0, BTreeMap::<&str, usize>::new());
    for pieces in names {
        all += 1;
        if let [_, .., last] = pieces
            && last.len() <= 2
        {
            *counts.entry(last.as_str()).or_default() += 1;
        }
    }
    let (suffix, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    (count >= 5 && count * 2 >= all).then(|| suffix.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_what_nearly_all_share() {
        assert_eq!(shared_prefix(&["jmojob", "jmoop", "jmostart", "jmodue", "jmoqty", "jmowc"]), 3);
        assert_eq!(shared_prefix(&["job", "oper", "start", "due", "qty", "wc"]), 0);
        assert_eq!(shared_prefix(&["wadoco", "wadcto", "wauorg", "wasoqs", "walitm", "other"]), 2);
        assert_eq!(shared_prefix(&["ta001", "ta002"]), 0);
        let letter = ["fjobno", "fpartno", "fscrpqty", "fcompqty", "fdate", "foperno", "fempno", "fstatus"];
        assert_eq!(shared_prefix(&letter), 1);
        let shop =
            ["sord", "sprod", "idesc", "sreq", "sfin", "srdte", "sddte", "sowhs", "sstat", "spri", "scust"];
        assert_eq!(shared_prefix(&shop), 1);
        assert_eq!(
            shared_prefix(&["part", "partno", "plan", "planned", "price", "prio", "product", "project"]),
            0
        );
    }

    #[test]
    fn tables_that_a_list_was_joined_from_are_told() {
        let joined = [
            "co", "td_tipo", "td_num", "td_data", "td_pf", "mo_riga", "mo_art", "mo_um", "mo_qta", "mo_mag",
            "mo_lot",
        ];
        assert_eq!(aliases(&joined).into_iter().collect::<Vec<_>>(), ["mo", "td"]);
        let words =
            ["num_op", "num_ped", "cod_item", "cod_cc", "dat_ini", "dat_fim", "qtd_boas", "qtd_ref", "sit"];
        assert!(aliases(&words).is_empty());
    }

    #[test]
    fn a_suffix_is_what_half_of_the_names_end_with() {
        let suffix = |names: &[&str]| {
            let pieces: Vec<Vec<String>> = names.iter().map(|name| super::super::pieces(name)).collect();
            shared_suffix(pieces.iter().map(Vec::as_slice))
        };
        let gp =
            ["MANUFACTUREORDER_I", "ENDQTY_I", "ITEMNMBR", "PLANNAME_I", "PICKNUMBER_I", "LOT_I", "STRTDATE"];
        assert_eq!(suffix(&gp).as_deref(), Some("i"));
        assert_eq!(suffix(&["job", "part", "qty", "due date", "start date", "end date"]), None);
        assert_eq!(
            suffix(&["job id", "part id", "wc id", "qty", "due", "start", "end", "status", "lot", "x"]),
            None
        );
    }
}
