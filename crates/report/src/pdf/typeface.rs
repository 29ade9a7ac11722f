//! The letters of a document: which font draws them, how wide they are, and how a line breaks.
//!
//! IBM Plex Sans has Latin, Greek and Cyrillic; Droid Sans Fallback has Chinese, Japanese and Korean. Only the letters that a document
//! uses go into it. What neither has, or what would have to be joined or turned to be read (Arabic, Hindi), is shown as `[…]`,
//! never as a box or another letter.

use std::{collections::BTreeMap, sync::LazyLock};

use pdf_writer::{
    Content, Finish, Name, Pdf, Rect, Ref, Str,
    types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap},
    writers::Resources,
};
use subsetter::GlyphRemapper;
use ttf_parser::{Face, GlyphId};

/// Which of the two cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    Regular,
    Bold,
}

const FONTS: usize = 3;
/// The place of the font of the East among [`FILES`]; the cuts have theirs before it.
const EAST: usize = 2;

static FILES: [&[u8]; FONTS] = [
    include_bytes!("../../assets/ibm-plex-sans-regular.ttf"),
    include_bytes!("../../assets/ibm-plex-sans-semibold.ttf"),
    include_bytes!("../../assets/droid-sans-fallback.ttf"),
];

/// Among the resources of a page, and in the document. Each document has letters of its own, which the tag before a name says.
const NAMES: [(Name<'static>, Name<'static>); FONTS] = [
    (Name(b"R"), Name(b"PLNTIA+IBMPlexSans")),
    (Name(b"B"), Name(b"PLNTIB+IBMPlexSans-SemiBold")),
    (Name(b"E"), Name(b"PLNTIC+DroidSansFallback")),
];

static FACES: LazyLock<[Option<Face<'static>>; FONTS]> =
    LazyLock::new(|| FILES.map(|data| Face::parse(data, 0).ok()));

/// What stands for letters that no font here has.
const BEYOND: &str = "[…]";

/// How a letter is drawn: by which font, by which of its glyphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Drawn {
    font: usize,
    glyph: u16,
}

impl Drawn {
    /// In thousandths of the size.
    fn advance(self) -> f32 {
        advance(self.font, self.glyph)
    }
}

fn advance(font: usize, glyph: u16) -> f32 {
    FACES[font].as_ref().map_or(0.0, |face| {
        let units = face.glyph_hor_advance(GlyphId(glyph)).unwrap_or_default();
        f32::from(units) * 1000.0 / f32::from(face.units_per_em())
    })
}

fn drawn(letter: char, cut: Cut) -> Option<Drawn> {
    let by = |font: usize| {
        let glyph = FACES[font].as_ref()?.glyph_index(letter)?.0;
        Some(Drawn { font, glyph })
    };
    // Letters that stand side by side as they are: signs, Chinese, Japanese, Korean.
    let plain = matches!(letter, '\u{2000}'..='\u{2fdf}' | '\u{3000}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}');
    by(cut as usize).or_else(|| plain.then(|| by(EAST)).flatten())
}

/// The letters of a text as they are drawn. What stands alone with its mark is one letter where the font has it.
fn letters(text: &str, cut: Cut) -> Vec<(char, Drawn)> {
    let mut all = Vec::with_capacity(text.len());
    let mut beyond = false;
    for letter in text.chars() {
        let letter = if letter.is_whitespace() { ' ' } else { letter };
        match drawn(letter, cut) {
            Some(how) => {
                all.push((letter, how));
                beyond = false;
            }
            // Signs without a width of their own leave no gap.
            None if letter.is_control()
                || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}') => {}
            None if !beyond => {
                beyond = true;
                all.extend(BEYOND.chars().filter_map(|sign| Some((sign, drawn(sign, cut)?))));
            }
            None => {}
        }
    }
    all
}

/// The letters that a document has used, and how they are numbered in it.
#[derive(Default)]
pub(super) struct Used {
    glyphs: [GlyphRemapper; FONTS],
    meaning: [BTreeMap<u16, char>; FONTS],
}

/// Shows a text from where the text begins. Between `begin_text` and `end_text`.
pub(super) fn show(content: &mut Content, used: &mut Used, cut: Cut, size: f32, text: &str) {
    for run in letters(text, cut).chunk_by(|(_, one), (_, other)| one.font == other.font) {
        let Some((_, Drawn { font, .. })) = run.first().copied() else { continue };
        let mut bytes = Vec::with_capacity(run.len() * 2);
        for (letter, how) in run {
            let number = used.glyphs[font].remap(how.glyph);
            used.meaning[font].entry(number).or_insert(*letter);
            bytes.extend(number.to_be_bytes());
        }
        content.set_font(NAMES[font].0, size).show(Str(&bytes));
    }
}

/// Numbers of objects that the fonts take.
pub(super) const OBJECTS: i32 = 5 * FONTS as i32;

impl Used {
    /// Names the fonts for a page.
    pub(super) fn name(first: i32, resources: &mut Resources<'_>) {
        let mut fonts = resources.fonts();
        for (at, (name, _)) in (0..).zip(NAMES) {
            fonts.pair(name, Ref::new(first + 5 * at));
        }
    }

    /// Writes the fonts, from this object on.
    pub(super) fn write(&self, first: i32, pdf: &mut Pdf) {
        for font in 0..FONTS {
            self.write_one(font, first + 5 * font as i32, pdf);
        }
    }

    fn write_one(&self, at: usize, first: i32, pdf: &mut Pdf) {
        let Some(face) = FACES[at].as_ref() else { return };
        let [font, cid, descriptor, file, cmap] = [0, 1, 2, 3, 4].map(|part| Ref::new(first + part));
        let name = NAMES[at].1;
        let identity = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
        pdf.type0_font(font)
            .base_font(name)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid)
            .to_unicode(cmap);
        let mut cid_font = pdf.cid_font(cid);
        cid_font
            .subtype(CidFontType::Type2)
            .base_font(name)
            .system_info(identity)
            .font_descriptor(descriptor)
            .default_width(0.0)
            .cid_to_gid_map_predefined(Name(b"Identity"));
        cid_font.widths().consecutive(0, self.glyphs[at].remapped_gids().map(|glyph| advance(at, glyph)));
        cid_font.finish();
        let scale = 1000.0 / f32::from(face.units_per_em());
        pdf.font_descriptor(descriptor)
            .name(name)
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(-200.0, -300.0, 1300.0, 1050.0))
            .italic_angle(0.0)
            .ascent(f32::from(face.ascender()) * scale)
            .descent(f32::from(face.descender()) * scale)
            .cap_height(f32::from(face.capital_height().unwrap_or_default()) * scale)
            .stem_v(if at == Cut::Bold as usize { 120.0 } else { 80.0 })
            .font_file2(file);
        let part = subsetter::subset(FILES[at], 0, &self.glyphs[at]).unwrap_or_default();
        pdf.stream(file, &part).pair(Name(b"Length1"), i32::try_from(part.len()).unwrap_or_default());
        // What a number means, so that text can be found and copied.
        let mut meaning = UnicodeCmap::<u16>::new(Name(b"PlantIntel"), identity);
        for (number, letter) in &self.meaning[at] {
            meaning.pair(*number, *letter);
        }
        pdf.stream(cmap, &meaning.finish());
    }
}

/// How wide a text is at a size, in points.
pub(super) fn width(text: &str, cut: Cut, size: f32) -> f32 {
    letters(text, cut).into_iter().map(|(_, how)| how.advance()).sum::<f32>() * size / 1000.0
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
    fn no_letter_becomes_a_box_or_another_letter() {
        for (text, font) in [
            ("Größe Müller Straße", Cut::Bold as usize),
            ("Año niño ¿cuánto?", Cut::Bold as usize),
            ("Łódź Żółć Gdańsk ćęąśź", Cut::Bold as usize),
            ("Příliš žluťoučký İstanbul ğış", Cut::Bold as usize),
            ("Ελλάδα Москва", Cut::Bold as usize),
            ("−5 € – “viel” … ± ×", Cut::Bold as usize),
            ("料号零件供应商", EAST),
            ("部品かなカナ", EAST),
            ("부품", EAST),
        ] {
            let drawn = letters(text, Cut::Bold);
            assert_eq!(drawn.len(), text.chars().count(), "{text}");
            assert!(drawn.iter().all(|(_, how)| how.font == font && how.glyph > 0), "{text}");
        }
        // What no font has is said to be left out, once for a run.
        let said = |text: &str| {
            letters(text, Cut::Regular).into_iter().map(|(letter, _)| letter).collect::<String>()
        };
        assert_eq!(said("x عربي y"), "x […] y");
        assert!(width("料号", Cut::Regular, 10.0) > 19.0);
    }
}
