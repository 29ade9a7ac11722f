//! Units that a header states in brackets or at its end: `Rüstzeit (min)`, `Ciclo [s]`, `Tempo di attrezzaggio, h`. A
//! symbol in brackets is a unit in every language, where the same letters elsewhere abbreviate a word.

use ontology::Unit;

use super::fold::fold;

/// The header without the unit, and the concepts that the unit stands for.
pub(crate) fn cut(header: &str) -> Option<(&str, &'static [&'static str])> {
    let trimmed = header.trim_end();
    let closed = trimmed.strip_suffix([')', ']', '}', '）', '】'])?;
    let open = closed.rfind(['(', '[', '{', '（', '【'])?;
    let inside = closed.get(open..)?.trim_start_matches(['(', '[', '{', '（', '【']);
    let before = trimmed.get(..open)?.trim_end();
    let symbol = fold(inside);
    let concepts = unit(symbol.trim().trim_end_matches('.').trim_start_matches("in "))?;
    (!before.is_empty()).then_some((before, concepts))
}

/// The unit that a header states.
pub(crate) fn stated_unit(header: &str) -> Option<Unit> {
    let (_, concepts) = cut(header)?;
    let per_piece = concepts.contains(&"per_unit");
    Some(match (*concepts.get(1)?, per_piece) {
        ("in_hours", false) => Unit::Hours,
        ("in_minutes", false) => Unit::Minutes,
        ("in_seconds", false) => Unit::Seconds,
        ("in_milliseconds", false) => Unit::Milliseconds,
        ("in_days", false) => Unit::Days,
        ("in_hours", true) => Unit::HoursPerUnit,
        ("in_minutes", true) => Unit::MinutesPerUnit,
        ("in_seconds", true) => Unit::SecondsPerUnit,
        _ => return None,
    })
}

/// What a symbol or short word of a unit of time stands for, alone or per piece.
fn unit(symbol: &str) -> Option<&'static [&'static str]> {
    if let Some((time, per)) = symbol.split_once('/') {
        let per = per.trim().trim_end_matches('.');
        let piece = matches!(
            per,
            "st" | "stk"
                | "stck"
                | "stuck"
                | "pc"
                | "pcs"
                | "piece"
                | "unit"
                | "un"
                | "u"
                | "ud"
                | "uds"
                | "und"
                | "pz"
                | "pza"
                | "pzs"
                | "pezzo"
                | "pce"
                | "piece(s)"
                | "piec"
                | "peca"
                | "pc."
                | "szt"
                | "stuks"
                | "ea"
                | "each"
                | "件"
                | "个"
                | "個"
        );
        return match (one(time.trim().trim_end_matches('.'))?, piece) {
            ("in_minutes", true) => Some(&["hours", "in_minutes", "per_unit"]),
            ("in_seconds", true) => Some(&["hours", "in_seconds", "per_unit"]),
            ("in_hours", true) => Some(&["hours", "in_hours", "per_unit"]),
            _ => None,
        };
    }
    match one(symbol)? {
        "in_minutes" => Some(&["hours", "in_minutes"]),
        "in_seconds" => Some(&["hours", "in_seconds"]),
        "in_hours" => Some(&["hours", "in_hours"]),
        "in_days" => Some(&["hours", "in_days"]),
        _ => Some(&["hours", "in_milliseconds"]),
    }
}

fn one(symbol: &str) -> Option<&'static str> {
    Some(match symbol {
        "min" | "mins" | "mn" | "mins." | "minute" | "minutes" | "minuten" | "minuti" | "minutos"
        | "minuty" | "minut" | "分" | "分钟" | "分鐘" => "in_minutes",
        "s" | "sec" | "secs" | "sek" | "seg" | "segs" | "second" | "seconds" | "sekunden" | "secondi"
        | "segundos" | "secondes" | "seconden" | "sekundy" | "秒" => "in_seconds",
        "h" | "hr" | "hrs" | "std" | "stdn" | "hour" | "hours" | "stunden" | "ore" | "heures" | "horas"
        | "uur" | "uren" | "godz" | "godziny" | "dec h" | "h dec" | "hh:mm" | "小时" | "小時" => {
            "in_hours"
        }
        "d" | "days" | "tage" | "giorni" | "jours" | "dias" | "dagen" | "dni" | "天" => "in_days",
        "ms" | "msec" => "in_milliseconds",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_in_brackets_is_a_unit_in_every_language() {
        for (header, before, last) in [
            ("Rüstzeit (Std.)", "Rüstzeit", "in_hours"),
            ("Tiempo de ciclo [s]", "Tiempo de ciclo", "in_seconds"),
            ("Tempo di attrezzaggio (min)", "Tempo di attrezzaggio", "in_minutes"),
            ("te (min/Stk)", "te", "per_unit"),
            ("准备时间（分钟）", "准备时间", "in_minutes"),
        ] {
            let (rest, concepts) = cut(header).unwrap();
            assert_eq!((rest, concepts.last().copied()), (before, Some(last)), "{header}");
        }
        for header in
            ["Min (Lager)", "(min)", "Menge (Stk)", "Qty (min/max)", "Order (Std) Type", "ERP (SAP)"]
        {
            assert_eq!(cut(header), None, "{header}");
        }
    }
}
