//! Every page in every language: no sentence stays English that is not the customer's own.

use std::collections::BTreeMap;

use pages::{gallery, layout::Theme};
use translation::Tongue;

/// What the gallery makes up in the place of customers, who write in whatever language they like.
const MADE_UP: &str = include_str!("made_up.txt");

#[test]
fn every_sentence_of_every_page_is_there_in_every_language() {
    let made_up: Vec<&str> = MADE_UP.lines().filter(|line| !line.is_empty()).collect();
    let mut missed: BTreeMap<String, String> = BTreeMap::new();
    // The gallery itself is for those who build.
    for page in gallery::pages(Theme::Light).unwrap().into_iter().filter(|page| page.name != "gallery") {
        for text in translation::misses(&page.html, Tongue::German) {
            if !made_up.contains(&text.as_str()) {
                missed.entry(text).or_insert_with(|| page.name.clone());
            }
        }
    }
    let list: Vec<String> = missed.iter().map(|(text, page)| format!("{page}: {text}")).collect();
    assert!(list.is_empty(), "{} sentences stay English:\n{}", list.len(), list.join("\n"));
}

#[test]
fn a_page_says_its_language_and_keeps_its_markup() {
    for page in gallery::pages(Theme::Light).unwrap() {
        let english = translation::page(page.html.clone(), Tongue::English);
        assert_eq!(english, page.html);
        for tongue in [Tongue::German, Tongue::Spanish] {
            let said = translation::page(page.html.clone(), tongue);
            assert!(said.contains(&format!("<html lang=\"{}\"", tongue.tag())), "{}", page.name);
            let tags = |html: &str| html.matches('<').count();
            assert_eq!(tags(&said), tags(&page.html), "{}", page.name);
        }
    }
}

/// Work grows with the page and with nothing else: each part is said as it would be said alone. How fast that is measures
/// `cargo run --release -p pages --example translation_speed`.
#[test]
fn a_page_is_translated_part_by_part() {
    let page = gallery::pages(Theme::Light).unwrap().into_iter().find(|page| page.name == "match-2").unwrap();
    for tongue in [Tongue::German, Tongue::Spanish] {
        let once = translation::page(page.html.clone(), tongue);
        assert_eq!(translation::page(page.html.repeat(3), tongue), once.repeat(3));
    }
}
