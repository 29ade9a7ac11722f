//! Words of a model as plain text: nothing in them can become markup, a link, or letters that read differently than they are.

/// Text without what displays would act upon: control and invisible letters, marks of direction, angle brackets, links.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            plain.push('\n');
        }
        for (at, word) in line.split(' ').enumerate() {
            if at > 0 {
                plain.push(' ');
            }
            self::word(word, &mut plain);
        }
    }
    plain
}

/// What stands in the place of a link.
pub(super) const LINK: &str = "[…]";

fn word(word: &str, plain: &mut String) {
    let visible: String = word
        .chars()
        .filter(|letter| !is_hidden(*letter))
        .map(|letter| match letter {
            '<' => '‹',
            '>' => '›',
            letter if letter.is_whitespace() => ' ',
            letter => letter,
        })
        .collect();
    if is_link(&visible) { plain.push_str(LINK) } else { plain.push_str(&visible) }
}

fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether some reader or program would make a link of it, or of a part of it.
fn is_link(word: &str) -> bool {
    let small = word.to_lowercase();
    // `//evil.example` is an address, too.
    if small.contains("//") || small.contains("](") || small.contains("www.") {
        return true;
    }
    small
        .split(|letter: char| letter.is_whitespace() || "\"'`()[]{}‹›<>,;=|“”„«»".contains(letter))
        .any(|part| is_address(part.trim_matches(|letter: char| !letter.is_alphanumeric())))
}

fn is_address(core: &str) -> bool {
    if ["javascript:", "data:", "mailto:", "vbscript:", "file:", "tel:"]
        .iter()
        .any(|scheme| core.starts_with(scheme))
    {
        return core.len() > core.find(':').unwrap_or(0) + 1;
    }
    // `evil.example/path` and `name@evil.example`: an ending of letters behind a dot, with a path or a name.
    let host = |text: &str| {
        text.rsplit_once('.').is_some_and(|(name, ending)| {
            !name.is_empty() && ending.len() >= 2 && ending.chars().all(|letter| letter.is_ascii_alphabetic())
        })
    };
    core.split_once('/').is_some_and(|(name, _)| host(name))
        || core.split_once('@').is_some_and(|(_, name)| host(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_active_is_left() {
        for (said, shown) in [
            ("Scrap is 3.4 % on M-07, see row 4.", "Scrap is 3.4 % on M-07, see row 4."),
            ("<script>alert(1)</script>", "‹script›alert(1)‹/script›"),
            ("![x](https://evil.example/?q=1) there", "[…] there"),
            ("[click](javascript:alert(1))", "[…]"),
            ("see http://evil.example now", "see […] now"),
            ("see www.evil.example", "see […]"),
            ("write to a@evil.example", "write to […]"),
            ("evil.example/steal?x=1", "[…]"),
            ("<script>fetch('//evil.example')</script>", "[…]"),
            ("(evil.example/a) then", "[…] then"),
            ("x='javascript:alert(1)'", "[…]"),
            ("to=\"a@evil.example\"", "[…]"),
            ("8\u{200b}6 \u{202e}12", "86 12"),
            ("a\tb\u{7}\nc", "ab\nc"),
            ("data: 3 rows", "data: 3 rows"),
            ("and/or, 3/4, 2025/06", "and/or, 3/4, 2025/06"),
        ] {
            assert_eq!(plain(said), shown, "{said:?}");
        }
    }
}
