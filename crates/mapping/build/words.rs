//! From `words/<language>.csv` to tables that are searched as they are: one line per term, per spelling, per stem.

use std::{collections::BTreeMap, error::Error, fmt::Write as _, fs, path::Path};

#[expect(dead_code, unreachable_pub, reason = "the engine uses more of it")]
#[path = "../src/names/fold.rs"]
mod fold;
#[path = "../src/knowledge/spelling.rs"]
mod spelling;

/// In the order of `LANGUAGES` of the lexicon.
const LANGUAGES: [&str; 9] = ["en", "de", "fr", "es", "it", "pt", "pl", "nl", "zh"];

#[derive(Default)]
struct Tables {
    terms: String,
    count: u32,
    meanings: Vec<String>,
    numbers: BTreeMap<String, usize>,
    spellings: BTreeMap<String, Vec<u32>>,
    stems: BTreeMap<String, Vec<u32>>,
    shortened: String,
}

pub(crate) fn lay_out(folder: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let mut tables = Tables::default();
    let mut files: Vec<_> = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    for file in files {
        let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let Some(language) = LANGUAGES.iter().position(|language| *language == stem) else { continue };
        for record in csv::ReaderBuilder::new().flexible(true).from_path(&file)?.records() {
            let record = record?;
            if let (Some(written), Some(meaning)) = (record.get(0), record.get(1)) {
                tables.add(language, written, meaning)?;
            }
        }
    }
    fs::write(out.join("words_terms.tsv"), &tables.terms)?;
    fs::write(out.join("words_meanings.txt"), tables.meanings.join("\n"))?;
    fs::write(out.join("words_spellings.tsv"), lines(&tables.spellings)?)?;
    fs::write(out.join("words_stems.tsv"), lines(&tables.stems)?)?;
    fs::write(out.join("words_shortened.tsv"), &tables.shortened)?;
    Ok(())
}

impl Tables {
    fn add(&mut self, language: usize, written: &str, meaning: &str) -> Result<(), Box<dyn Error>> {
        let key = fold::compact(written);
        if key.is_empty() || meaning.trim().is_empty() {
            return Ok(());
        }
        let id = self.count;
        self.count += 1;
        let meanings = &mut self.meanings;
        let number = *self.numbers.entry(meaning.to_owned()).or_insert_with(|| {
            meanings.push(meaning.to_owned());
            meanings.len() - 1
        });
        writeln!(self.terms, "{language}\t{key}\t{number}")?;
        let one_word = !written.trim().contains([' ', '-', '/', '.', '_']);
        if one_word && key.chars().count() >= 4 && key.is_ascii() {
            self.stems.entry(spelling::stem(&key)).or_default().push(id);
            writeln!(self.shortened, "{key}\t{}\t{id}", spelling::skeleton(&key))?;
        }
        if let Some(other) = written_out(written).filter(|other| *other != key) {
            self.spellings.entry(other).or_default().push(id);
        }
        self.spellings.entry(key).or_default().push(id);
        Ok(())
    }
}

fn lines(index: &BTreeMap<String, Vec<u32>>) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    for (key, ids) in index {
        let ids: Vec<String> = ids.iter().map(u32::to_string).collect();
        writeln!(text, "{key}\t{}", ids.join(" "))?;
    }
    Ok(text)
}

/// Umlauts written out, as German systems without them do: `Stück` becomes `stueck`. `None` where there is no umlaut.
fn written_out(text: &str) -> Option<String> {
    if !text.chars().any(|char| "äöüÄÖÜåÅ".contains(char)) {
        return None;
    }
    let mut out = String::with_capacity(text.len() + 2);
    for char in text.chars() {
        match char {
            'ä' | 'Ä' => out.push_str("ae"),
            'ö' | 'Ö' => out.push_str("oe"),
            'ü' | 'Ü' => out.push_str("ue"),
            'å' | 'Å' => out.push_str("aa"),
            char => out.push(char),
        }
    }
    Some(fold::compact(&out))
}
