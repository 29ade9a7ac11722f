//! Helvetica as the PDF standard has it: how wide letters are, how they are written, and how a line breaks.

/// Which of the two cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    Regular,
    Bold,
}

/// Thousandths of the size, from the space to the tilde (Adobe's metrics of the standard fonts).
const REGULAR: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
const BOLD: [u16; 95] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278,
    556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584,
    556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556,
    333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
];
/// Of letters beyond: as wide as most.
const OTHER: u16 = 556;

/// Text in the fonts' encoding (Windows-1252); a letter that they do not have becomes `?`.
pub(super) fn encoded(text: &str) -> Vec<u8> {
    text.chars().map(byte).collect()
}

fn byte(letter: char) -> u8 {
    match letter {
        ' '..='~' | '\u{a0}'..='\u{ff}' => letter as u8,
        '€' => 0x80,
        '…' => 0x85,
        'Š' => 0x8a,
        'Œ' => 0x8c,
        'Ž' => 0x8e,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        // The minus sign is not there; the dash is as long.
        '–' | '−' => 0x96,
        '—' => 0x97,
        '™' => 0x99,
        'š' => 0x9a,
        'œ' => 0x9c,
        'ž' => 0x9e,
        'Ÿ' => 0x9f,
        letter if letter.is_whitespace() => b' ',
        _ => b'?',
    }
}

/// How wide a text is at a size, in points.
pub(super) fn width(text: &str, cut: Cut, size: f32) -> f32 {
    let table = if cut == Cut::Bold { &BOLD } else { &REGULAR };
    let units: u32 = encoded(text)
        .into_iter()
        .map(|byte| {
            let at = usize::from(byte).wrapping_sub(32);
            u32::from(table.get(at).copied().unwrap_or(OTHER))
        })
        .sum();
    units as f32 * size / 1000.0
}

/// Lines no wider than `room`; a word that is wider is cut where it must be.
pub(super) fn lines(text: &str, cut: Cut, size: f32, room: f32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if width(&longer, cut, size) <= room {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for letter in word.chars() {
            line.push(letter);
            if line.chars().count() > 1 && width(&line, cut, size) > room {
                line.pop();
                lines.push(std::mem::replace(&mut line, letter.to_string()));
            }
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The text, or its beginning with an ellipsis where it is wider than `room`.
pub(super) fn cut_to(text: &str, cut: Cut, size: f32, room: f32) -> String {
    if width(text, cut, size) <= room {
        return text.to_owned();
    }
    let mut short = String::new();
    for letter in text.chars() {
        short.push(letter);
        if width(&short, cut, size) > room - size * 0.9 {
            short.pop();
            break;
        }
    }
    format!("{}…", short.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_nothing_is_lost() {
        let text = "Material MAT-07 is used up 11% faster than planned since 31 August 2023";
        for room in [40.0, 90.0, 200.0, 1000.0] {
            let lines = lines(text, Cut::Regular, 10.0, room);
            assert!(lines.iter().all(|line| width(line, Cut::Regular, 10.0) <= room), "{lines:?}");
            assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        }
        assert!(width("Total", Cut::Bold, 10.0) > width("Total", Cut::Regular, 10.0));
        assert!(lines("", Cut::Regular, 10.0, 50.0).is_empty());
        assert!(cut_to(text, Cut::Regular, 10.0, 80.0).ends_with('…'));
    }

    #[test]
    fn letters_are_written_as_the_fonts_have_them() {
        assert_eq!(encoded("a – b"), b"a \x96 b");
        assert_eq!(encoded("−5 €"), b"\x965 \x80");
        assert_eq!(encoded("Müller"), b"M\xfcller");
        assert_eq!(encoded("料"), b"?");
    }
}
