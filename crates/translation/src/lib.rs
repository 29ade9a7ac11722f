//! What the product says, in German and in Spanish.
//!
//! The product is written in English, in templates and in code. This crate holds the catalogue that says each of its
//! sentences in the other languages, and the one place where that is done: [`page()`] rewrites a finished page, [`text`]
//! a sentence of a report. English passes byte for byte.
//!
//! The catalogue is data, in `words/*.txt`: a line is `English | German | Spanish`. `{n}` stands for a number or an
//! amount, `{d}` for a date, both written as the reader's country writes them; `{x}` stands for a word of the customer,
//! which stays as it is; `{t}` for words of ours, which are looked up themselves.
//!
//! What customers wrote (names, cells, columns) is marked `translate="no"` in templates, and is never looked at. Words
//! that the catalogue does not know stay English: a page is never broken by a missing sentence, but the test `gallery`
//! of `pages` names it.
//!
//! Start at [`Tongue`], then [`page()`].

mod catalogue;
mod concepts;
mod figures;
mod page;

pub use page::{misses, page};

/// A language that pages and reports speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tongue {
    #[default]
    English,
    German,
    Spanish,
}

impl Tongue {
    pub const ALL: [Self; 3] = [Self::English, Self::German, Self::Spanish];

    /// The language of a tag such as `de-AT`; none where we do not speak it.
    pub fn named(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|tongue| tongue.tag().eq_ignore_ascii_case(primary))
    }

    /// The months in full, January first.
    pub fn months(self) -> &'static [&'static str; 12] {
        match self {
            Self::English => &figures::LONG,
            Self::German => &figures::GERMAN_LONG,
            Self::Spanish => &figures::SPANISH_LONG,
        }
    }

    /// The months as axes of drawings carry them, January first.
    pub fn short_months(self) -> &'static [&'static str; 12] {
        match self {
            Self::English => &figures::SHORT,
            Self::German => &figures::GERMAN_SHORT,
            Self::Spanish => &figures::SPANISH_SHORT,
        }
    }

    /// The first language of an `Accept-Language` header that we speak, by its weights; English for none.
    pub fn accepted(header: &str) -> Self {
        let mut wanted: Vec<(f32, Self)> = header
            .split(',')
            .filter_map(|part| {
                let (tag, weight) = part.split_once(";q=").unwrap_or((part, "1"));
                let weight: f32 = weight.trim().parse().ok().filter(|weight| *weight > 0.0)?;
                Some((weight, Self::named(tag.trim())?))
            })
            .collect();
        wanted.sort_by(|one, other| other.0.total_cmp(&one.0));
        wanted.first().map(|(_, tongue)| *tongue).unwrap_or_default()
    }

    /// One of three texts, in the order English, German, Spanish.
    pub fn pick<T>(self, [english, german, spanish]: [T; 3]) -> T {
        match self {
            Self::English => english,
            Self::German => german,
            Self::Spanish => spanish,
        }
    }

    /// `en`, `de`, `es`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Spanish => "es",
        }
    }
}

/// A sentence in this language; the sentence itself where the catalogue does not know it.
pub fn text(sentence: &str, tongue: Tongue) -> std::borrow::Cow<'_, str> {
    known(sentence, tongue).map_or(std::borrow::Cow::Borrowed(sentence), std::borrow::Cow::Owned)
}

/// A sentence in this language, where the catalogue knows it; none for English.
pub fn known(sentence: &str, tongue: Tongue) -> Option<String> {
    if tongue == Tongue::English { None } else { catalogue::of(tongue).say(sentence) }
}

/// A label of a drawing in this language: its figures, and words of ours with a figure in them.
pub fn label(text: &str, tongue: Tongue) -> std::borrow::Cow<'_, str> {
    let said = if tongue == Tongue::English { None } else { catalogue::of(tongue).label(text) };
    said.map_or(std::borrow::Cow::Borrowed(text), std::borrow::Cow::Owned)
}

/// Whether the catalogue of a language knows a sentence with all of its parts.
pub fn knows(sentence: &str, tongue: Tongue) -> bool {
    tongue == Tongue::English || catalogue::of(tongue).knows(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_says_which_language_is_read() {
        for (header, tongue) in [
            ("de-DE,de;q=0.9,en;q=0.8", Tongue::German),
            ("fr, en;q=0.5, es;q=0.9", Tongue::Spanish),
            ("es;q=0, en", Tongue::English),
            ("fr", Tongue::English),
            ("", Tongue::English),
            ("de;q=x", Tongue::English),
        ] {
            assert_eq!(Tongue::accepted(header), tongue, "{header}");
        }
    }

    #[test]
    fn labels_of_drawings_are_written_as_the_country_writes_them() {
        for (text, german, spanish) in [
            ("1.2k h · 12%", "1,2\u{a0}Tsd. h · 12\u{a0}%", "1,2\u{a0}mil h · 12\u{a0}%"),
            ("n=1,234", "n=1.234", "n=1234"),
            ("M07 n=7,239", "M07 n=7.239", "M07 n=7239"),
            ("80% of all", "80\u{a0}% von allem", "80\u{a0}% del total"),
            ("Line 4 · left", "Line 4 · left", "Line 4 · left"),
        ] {
            assert_eq!(label(text, Tongue::German), german);
            assert_eq!(label(text, Tongue::Spanish), spanish);
            assert_eq!(label(text, Tongue::English), text);
        }
    }

    #[test]
    fn what_stands_before_a_full_stop_is_known_without_it() {
        assert_eq!(text("Next: Say who you are.", Tongue::German), "Weiter: Sagen Sie, wer Sie sind.");
        assert_eq!(text("Next: Say who you are.", Tongue::Spanish), "Siguiente: Diga quién es usted.");
        assert!(!knows("Nobody wrote this down.", Tongue::German));
    }

    #[test]
    fn what_reading_notes_is_said_and_formats_of_the_file_stay() {
        for (sentence, german) in [
            ("2 rows are blank", "Leere Zeilen: 2"),
            (
                "1 cells of “Price” are no decimal as the others (1234.56) and were set aside: “soon”",
                "Zellen von „Price“, die anders als die übrigen (1234.56) nicht als Dezimalzahl zu lesen sind und beiseitegelegt wurden: 1 (“soon”)",
            ),
            (
                "“Qty” was read as 1234.56 (longer numbers of the column carry no thousands mark); its values allow 1.234 as one thousand just as well",
                "„Qty“ wurde gelesen als 1234.56 (längere Zahlen der Spalte tragen kein Tausenderzeichen); die Werte ließen ebenso zu: 1.234 als eintausend",
            ),
            (
                "“Date” was read as mm/dd/yyyy; its values allow dd/mm/yyyy just as well",
                "„Date“ wurde gelesen als mm/dd/yyyy; die Werte ließen ebenso zu: dd/mm/yyyy",
            ),
        ] {
            assert_eq!(text(sentence, Tongue::German), german);
            assert_ne!(text(sentence, Tongue::Spanish), sentence);
        }
    }

    #[test]
    fn refusals_are_said_with_their_names_and_numbers() {
        for sentence in [
            "There is a facility named Werk Nord already.",
            "Names have up to 255 characters.",
            "An import takes up to 50 files.",
            "exports_july.csv is still being read; wait until it is ready.",
            "jobs.csv has 5,000,000 rows, too many to work out while you wait; save the settings and run the analysis again.",
            "The analysis is completed already.",
            "This is the last owner; make somebody else an owner first.",
            "work orders.csv is a picture (PNG), not a table; export the data as CSV or Excel and read that file",
            "x.csv is empty (0 bytes); export it again and check that the report returned rows",
            "x.xlsx holds no data rows (3 sheets, all empty); export it again with a wider selection",
            "x.xlsx is a damaged or incomplete Excel workbook (xlsx) (its contents contradict each other); copy or export it again",
            "x.xlsx is protected by a password; save a copy without the password and read that copy",
            "x.csv has 20,001 columns, more than the 16,384 that are supported; export fewer columns, or check that it is a table with one record per line",
            "line 12 of x.csv is longer than 8,388,608 bytes; check that the file has line ends and that no quote is left open",
            "x.csv does not hold text (40 control bytes in the first 65536); export the data as CSV or Excel and read that file",
            "x.zip is a 7-Zip archive, which is not supported; save it as CSV or XLSX and read that file",
        ] {
            for tongue in [Tongue::German, Tongue::Spanish] {
                assert!(knows(sentence, tongue), "{tongue:?}: {sentence}");
                assert_ne!(text(sentence, tongue), sentence);
            }
        }
    }
}
