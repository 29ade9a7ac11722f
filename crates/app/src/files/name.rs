//! The name under which people see a file.
//!
//! It comes from outside and is shown, stored, offered for download and used as the name of a scratch file; it never
//! says where the bytes lie.

const LENGTH_MAX: usize = 120;

/// The last part of a path as sent, without what could not be seen or would lead a program astray.
pub fn display_name(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let visible: String =
        last.chars().map(|letter| if unsafe_to_show(letter) { ' ' } else { letter }).collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    let name = words.join(" ");
    // A leading dot hides a file, a trailing one is dropped by some systems.
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() { "file".to_owned() } else { shortened(name) }
}

/// Control characters, separators that break lines, and marks that turn the direction of writing.
fn unsafe_to_show(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}'
                | '\u{e0000}'..='\u{e0fff}' | '"' | '<' | '>' | ':' | '|' | '?' | '*'
        )
}

/// Keeps the ending, since people know files by it.
fn shortened(name: &str) -> String {
    if name.chars().count() <= LENGTH_MAX && name.len() <= 240 {
        return name.to_owned();
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ending.len() <= 10 => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let mut kept = String::new();
    for letter in stem.chars().take(LENGTH_MAX - 10) {
        if kept.len() + letter.len_utf8() + ending.len() > 240 {
            break;
        }
        kept.push(letter);
    }
    format!("{}{ending}", kept.trim_end())
}

/// Names that stay apart: the second `JOBS.csv` is `JOBS (2).csv`.
pub fn apart<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut given: Vec<String> = Vec::new();
    for name in names {
        let mut candidate = name.to_owned();
        let mut number = 2;
        while given.contains(&candidate) {
            candidate = match name.rsplit_once('.') {
                Some((stem, ending)) if !stem.is_empty() => format!("{stem} ({number}).{ending}"),
                _ => format!("{name} ({number})"),
            };
            number += 1;
        }
        given.push(candidate);
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_shows_what_it_is_and_leads_nowhere() {
        for (sent, shown) in [
            ("JOBCOST.csv", "JOBCOST.csv"),
            ("Aufträge März 2025.xlsx", "Aufträge März 2025.xlsx"),
            ("C:\\Users\\me\\jobs.csv", "jobs.csv"),
            ("../../etc/passwd", "passwd"),
            ("..", "file"),
            (".", "file"),
            ("", "file"),
            ("a/", "file"),
            (".htaccess", "htaccess"),
            ("jobs\u{202e}vsc.exe", "jobs vsc.exe"),
            ("a\0b\r\nc.csv", "a b c.csv"),
            ("\u{200b}\u{feff}", "file"),
            ("工单.csv", "工单.csv"),
            ("a\"b<c>.csv", "a b c .csv"),
        ] {
            assert_eq!(display_name(sent), shown, "{sent:?}");
        }
        let long = display_name(&format!("{}.csv", "ü".repeat(5_000)));
        assert!(
            long.strip_suffix(".csv").is_some() && long.chars().count() <= LENGTH_MAX && long.len() <= 244,
            "{long}"
        );
        assert!(display_name(&"x".repeat(5_000)).len() <= LENGTH_MAX);
        assert!(display_name(&"\u{1f600}".repeat(5_000)).len() <= 244);
    }

    #[test]
    fn equal_names_stay_apart() {
        let names = ["a.csv", "b", "a.csv", "a.csv", "b", "a (2).csv"];
        assert_eq!(apart(names), ["a.csv", "b", "a (2).csv", "a (3).csv", "b (2)", "a (2) (2).csv"]);
    }
}
