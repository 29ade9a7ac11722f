//! The words that may stand in a value, folded: lower case, without accents.
//!
//! A value is only a date, number, span or flag when every word in it is one of these; the first other word makes it
//! text. All lists serve all languages at once: which of them a column uses is seen from its values.

pub(super) mod calendar;
pub(super) mod currencies;
pub(super) mod flags;
pub(super) mod header;
pub(super) mod missing;
mod table;
pub(super) mod units;

use std::sync::LazyLock;

use table::WordTable;
pub(super) use table::{Key, fold_char, fold_whole};

/// What a word inside a value is. The numbers are the token codes of shapes: digit runs and marks lie below 128.
pub(super) mod code {
    pub(in crate::typing) const MONTH: u8 = 128;
    pub(in crate::typing) const WEEKDAY: u8 = 129;
    /// `mar`, which is March or a Tuesday.
    pub(in crate::typing) const MONTH_OR_WEEKDAY: u8 = 130;
    pub(in crate::typing) const HALF_DAY: u8 = 131;
    pub(in crate::typing) const CURRENCY: u8 = 132;
    /// `fr`, which is Friday or francs.
    pub(in crate::typing) const WEEKDAY_OR_CURRENCY: u8 = 133;
    pub(in crate::typing) const HOURS: u8 = 134;
    pub(in crate::typing) const MINUTES: u8 = 135;
    pub(in crate::typing) const SECONDS: u8 = 136;
    pub(in crate::typing) const DAYS: u8 = 137;
    /// `m`: minutes after hours, metres otherwise.
    pub(in crate::typing) const MINUTES_OR_UNIT: u8 = 138;
    pub(in crate::typing) const UNIT: u8 = 139;
    /// `T` between date and time; also tonnes.
    pub(in crate::typing) const T: u8 = 140;
    pub(in crate::typing) const ZONE: u8 = 141;
    pub(in crate::typing) const CREDIT: u8 = 142;
    pub(in crate::typing) const DEBIT: u8 = 143;
    /// `de`, `of` between day, month and year.
    pub(in crate::typing) const OF: u8 = 144;
    pub(in crate::typing) const ORDINAL: u8 = 145;
    /// `st`: first, or pieces.
    pub(in crate::typing) const ORDINAL_OR_UNIT: u8 = 146;
    pub(in crate::typing) const O_CLOCK: u8 = 147;
    pub(in crate::typing) const WEEK: u8 = 148;
    pub(in crate::typing) const NET_DATE: u8 = 149;
    pub(in crate::typing) const P: u8 = 150;
    pub(in crate::typing) const PT: u8 = 151;
    pub(in crate::typing) const EXPONENT: u8 = 152;
    pub(in crate::typing) const QUARTER: u8 = 153;
    pub(in crate::typing) const YEAR_SIGN: u8 = 154;
    pub(in crate::typing) const MONTH_SIGN: u8 = 155;
    pub(in crate::typing) const DAY_SIGN: u8 = 156;
    pub(in crate::typing) const HOUR_SIGN: u8 = 157;
    pub(in crate::typing) const MINUTE_SIGN: u8 = 158;
    pub(in crate::typing) const SECOND_SIGN: u8 = 159;
    /// `DT` between the days and hours of an ISO span.
    pub(in crate::typing) const DAYS_THEN_T: u8 = 160;
    /// `III`
    pub(in crate::typing) const ROMAN_MONTH: u8 = 161;
    /// The lowest of these codes.
    pub(in crate::typing) const FIRST_WORD: u8 = 128;
}

static PARTS: LazyLock<WordTable> = LazyLock::new(|| {
    let mut table = WordTable::with_capacity(1024);
    calendar::add_to(&mut table);
    units::add_to(&mut table);
    currencies::add_to(&mut table);
    table
});

static WHOLES: LazyLock<WordTable> = LazyLock::new(|| {
    let mut table = WordTable::with_capacity(512);
    missing::add_to(&mut table);
    flags::add_to(&mut table);
    table
});

/// The role and value of a folded word that is part of a value.
pub(super) fn part(key: Key) -> Option<(u8, u64)> {
    PARTS.get(key)
}

/// The kind ([`WHOLE_MISSING`], [`WHOLE_FLAG`]) and number of a folded cell that is one word of "no value" or of yes and no.
pub(super) fn whole(key: Key) -> Option<(u8, u64)> {
    WHOLES.get(key)
}

pub(super) const WHOLE_MISSING: u8 = 1;
pub(super) const WHOLE_FLAG: u8 = 2;
