//! Codes in as few bytes as their number needs: a few machines fit into one byte each, five million times.

use super::observations::NONE;

/// A column of codes. [`NONE`] is kept as the largest value of the width.
#[derive(Debug, Clone)]
pub enum Narrow {
    One(Vec<u8>),
    Two(Vec<u16>),
    Four(Vec<u32>),
}

impl Default for Narrow {
    fn default() -> Self {
        Self::One(Vec::new())
    }
}

/// Codes below this fit into a byte beside [`NONE`].
const ONE: u32 = u8::MAX as u32;
const TWO: u32 = u16::MAX as u32;

impl Narrow {
    /// As narrow as the largest code allows.
    pub fn from_codes(codes: Vec<u32>) -> Self {
        let most = codes.iter().filter(|code| **code != NONE).max().copied().unwrap_or(0);
        if most < ONE {
            // `NONE` is cut to the largest value of the width, and no other code reaches that.
            Self::One(codes.into_iter().map(|code| code as u8).collect())
        } else if most < TWO {
            Self::Two(codes.into_iter().map(|code| code as u16).collect())
        } else {
            Self::Four(codes)
        }
    }

    /// Room for as many rows as are expected, in the narrowest width.
    pub fn with_capacity(rows: usize) -> Self {
        Self::One(Vec::with_capacity(rows))
    }

    /// Adds the code of one more row; the column is widened when a code asks for it, not before.
    pub fn push(&mut self, code: u32) {
        match self {
            Self::One(codes) if code < ONE || code == NONE => codes.push(code as u8),
            Self::Two(codes) if code < TWO || code == NONE => codes.push(code as u16),
            Self::Four(codes) => codes.push(code),
            _ => {
                self.widen_for(code);
                self.push(code);
            }
        }
    }

    fn widen_for(&mut self, code: u32) {
        let room = self.capacity();
        *self = if code < TWO {
            let mut wide = Vec::with_capacity(room);
            self.each(|_, code| wide.push(code as u16));
            Self::Two(wide)
        } else {
            let mut wide = Vec::with_capacity(room);
            self.each(|_, code| wide.push(code));
            Self::Four(wide)
        };
    }

    fn capacity(&self) -> usize {
        match self {
            Self::One(codes) => codes.capacity(),
            Self::Two(codes) => codes.capacity(),
            Self::Four(codes) => codes.capacity(),
        }
    }

    /// Puts the code `new[old]` in the place of each code, where `new` is a permutation of the codes.
    pub fn recode(&mut self, new: &[u32]) {
        let code = |old: u32| new.get(old as usize).copied().unwrap_or(NONE);
        match self {
            Self::One(codes) => codes.iter_mut().for_each(|own| *own = code(u32::from(*own)) as u8),
            Self::Two(codes) => codes.iter_mut().for_each(|own| *own = code(u32::from(*own)) as u16),
            Self::Four(codes) => codes.iter_mut().for_each(|own| *own = code(*own)),
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Self::One(codes) => codes.len(),
            Self::Two(codes) => codes.len(),
            Self::Four(codes) => codes.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The code at a place, or [`NONE`] where there is none.
    pub fn at(&self, place: usize) -> u32 {
        match self {
            Self::One(codes) => codes.get(place).map_or(NONE, |code| widen(u32::from(*code), ONE)),
            Self::Two(codes) => codes.get(place).map_or(NONE, |code| widen(u32::from(*code), TWO)),
            Self::Four(codes) => codes.get(place).copied().unwrap_or(NONE),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.len()).map(|place| self.at(place))
    }

    /// Every place with its code. The width is looked at once instead of at every place.
    pub fn each(&self, mut see: impl FnMut(usize, u32)) {
        match self {
            Self::One(codes) => {
                codes.iter().enumerate().for_each(|(at, code)| see(at, widen(u32::from(*code), ONE)));
            }
            Self::Two(codes) => {
                codes.iter().enumerate().for_each(|(at, code)| see(at, widen(u32::from(*code), TWO)));
            }
            Self::Four(codes) => codes.iter().enumerate().for_each(|(at, code)| see(at, *code)),
        }
    }

    /// The codes at the places of `order`.
    #[must_use]
    pub fn permuted(&self, order: &[u32]) -> Self {
        match self {
            Self::One(codes) => Self::One(order.iter().map(|place| codes[*place as usize]).collect()),
            Self::Two(codes) => Self::Two(order.iter().map(|place| codes[*place as usize]).collect()),
            Self::Four(codes) => Self::Four(order.iter().map(|place| codes[*place as usize]).collect()),
        }
    }
}

#[inline]
fn widen(code: u32, none: u32) -> u32 {
    if code == none { NONE } else { code }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_back_at_every_width() {
        for most in [0, 1, 253, 254, 255, 256, 65_533, 65_534, 65_535, 65_536, NONE - 1] {
            let codes = vec![NONE, 0, most, most / 2, NONE];
            let narrow = Narrow::from_codes(codes.clone());
            assert_eq!(narrow.iter().collect::<Vec<_>>(), codes, "largest code {most}");
            let mut pushed = Narrow::with_capacity(codes.len());
            for code in &codes {
                pushed.push(*code);
            }
            assert_eq!(pushed.iter().collect::<Vec<_>>(), codes, "largest code {most}, one by one");
            assert_eq!(narrow.permuted(&[2, 0]).iter().collect::<Vec<_>>(), [most, NONE]);
            assert_eq!(narrow.at(5), NONE);
            let mut seen = Vec::new();
            narrow.each(|at, code| seen.push((at, code)));
            assert_eq!(seen, codes.into_iter().enumerate().collect::<Vec<_>>(), "largest code {most}");
        }
        assert!(Narrow::from_codes(Vec::new()).is_empty());
        for names in [1, 255, 256, 65_535, 65_536] {
            let backwards: Vec<u32> = (0..names).rev().collect();
            let mut narrow = Narrow::default();
            for code in (0..names).chain([NONE]) {
                narrow.push(code);
            }
            narrow.recode(&backwards);
            let expected: Vec<u32> = backwards.into_iter().chain([NONE]).collect();
            assert_eq!(narrow.iter().collect::<Vec<_>>(), expected, "{names} names");
        }
        assert!(matches!(Narrow::from_codes(vec![254, NONE]), Narrow::One(_)));
        assert!(matches!(Narrow::from_codes(vec![255]), Narrow::Two(_)));
    }
}
