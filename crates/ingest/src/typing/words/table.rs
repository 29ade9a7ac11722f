//! A small table from folded words to their role, fast enough to be asked for every cell of a file.

/// A folded word of at most sixteen bytes.
pub(in crate::typing) type Key = u128;

#[derive(Debug)]
pub(in crate::typing) struct WordTable {
    slots: Vec<Option<(Key, u8, u64)>>,
}

impl WordTable {
    pub(super) fn with_capacity(words: usize) -> Self {
        Self { slots: vec![None; (words * 4).next_power_of_two()] }
    }

    /// The first meaning given to a word stays.
    pub(super) fn add(&mut self, word: &str, code: u8, value: u64) {
        let Some(key) = fold_whole(word) else { return };
        let mask = self.slots.len() - 1;
        let mut at = slot(key) & mask;
        while let Some((taken, ..)) = self.slots[at] {
            if taken == key {
                return;
            }
            at = (at + 1) & mask;
        }
        self.slots[at] = Some((key, code, value));
    }

    pub(super) fn get(&self, key: Key) -> Option<(u8, u64)> {
        let mask = self.slots.len() - 1;
        let mut at = slot(key) & mask;
        while let Some((taken, code, value)) = self.slots[at] {
            if taken == key {
                return Some((code, value));
            }
            at = (at + 1) & mask;
        }
        None
    }
}

fn slot(key: Key) -> usize {
    let mixed = (key as u64 ^ ((key >> 64) as u64).rotate_left(23)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 40) as usize
}

/// The whole text folded into a key; `None` when it is longer than sixteen bytes.
pub(in crate::typing) fn fold_whole(text: &str) -> Option<Key> {
    let mut folded = [0u8; 16];
    let mut length = 0;
    let mut push = |byte: u8| {
        if length == 16 {
            return false;
        }
        folded[length] = byte;
        length += 1;
        true
    };
    for character in text.chars() {
        let fits = if character.is_ascii() {
            push(character.to_ascii_lowercase() as u8)
        } else {
            let (first, second) = fold_char(character);
            if first == 0 {
                let mut bytes = [0u8; 4];
                character.encode_utf8(&mut bytes).bytes().all(&mut push)
            } else {
                first == SKIP || (push(first) && (second == 0 || push(second)))
            }
        };
        if !fits {
            return None;
        }
    }
    Some(u128::from_le_bytes(folded))
}

/// Says of a character that it adds nothing to a folded word (combining accents).
pub(in crate::typing) const SKIP: u8 = 1;

/// One or two plain letters for an accented one; zero where there is none.
pub(in crate::typing) fn fold_char(character: char) -> (u8, u8) {
    match character {
        'À'..='Å' | 'à'..='å' | 'Ā'..='ą' | 'ª' => (b'a', 0),
        'Æ' | 'æ' => (b'a', b'e'),
        'Ç' | 'ç' | 'Ć'..='č' => (b'c', 0),
        'Ð' | 'ð' | 'Ď'..='đ' => (b'd', 0),
        'È'..='Ë' | 'è'..='ë' | 'Ē'..='ě' => (b'e', 0),
        'Ĝ'..='ģ' => (b'g', 0),
        'Ì'..='Ï' | 'ì'..='ï' | 'Ĩ'..='ı' => (b'i', 0),
        'Ĺ'..='ł' => (b'l', 0),
        'Ñ' | 'ñ' | 'Ń'..='ň' => (b'n', 0),
        'Ò'..='Ö' | 'Ø' | 'ò'..='ö' | 'ø' | 'Ō'..='ő' | 'º' => (b'o', 0),
        'Œ' | 'œ' => (b'o', b'e'),
        'Ŕ'..='ř' => (b'r', 0),
        'Ś'..='š' => (b's', 0),
        'ß' => (b's', b's'),
        'Ţ'..='ŧ' => (b't', 0),
        'Ù'..='Ü' | 'ù'..='ü' | 'Ũ'..='ų' => (b'u', 0),
        'Ý' | 'ý' | 'ÿ' => (b'y', 0),
        'Ź'..='ž' => (b'z', 0),
        '\u{300}'..='\u{36F}' => (SKIP, 0),
        _ => (0, 0),
    }
}
