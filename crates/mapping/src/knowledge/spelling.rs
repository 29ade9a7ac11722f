//! What remains of a word when people inflect or shorten it. The build script compiles the lists of words with these
//! rules, the engine reads headers with them: both take them from here.

/// A word without its ending: inflection of the languages we read changes little else.
pub(crate) fn stem(word: &str) -> String {
    let mut stem = word;
    while stem.len() > 4 {
        let Some(rest) = stem.strip_suffix(['a', 'e', 'i', 'o', 'u', 'y', 's', 'n', 'm', 'r']) else { break };
        stem = rest;
    }
    stem.to_owned()
}

/// First letter and consonants, doubled ones once: what remains when people shorten a word.
pub(crate) fn skeleton(word: &str) -> String {
    let mut bones = String::with_capacity(word.len());
    for (idx, char) in word.chars().enumerate() {
        if (idx == 0 || !"aeiouy".contains(char)) && !bones.ends_with(char) {
            bones.push(char);
        }
    }
    // `quantity` keeps its y in `qnty`, `qty`: an ending y belongs to the bones.
    if word.ends_with('y') && !bones.ends_with('y') {
        bones.push('y');
    }
    bones
}
