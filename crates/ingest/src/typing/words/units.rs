//! Units that values carry behind the number.

use super::code;
use super::table::WordTable;

const UNITS: &str = "m st t pc pcs piece pieces ea each stk stck stuck stueck pz pza pzs pzas szt un und ud uds unid unids unit units unidad unidades \
    unidade unite unites einheit einheiten sztuk stuks nos ks kpl g kg mg to ton tons lb lbs oz mm cm dm km in ft yd l lt ltr ml cl hl gal \
    kw kwh wh mwh bar psi rpm ppm set sets roll rolls rolle rollen box boxes ctn pal pallet pallets pair pairs paar sheet sheets \
    ms msec millis shots week weeks woche wochen stuk mtr metr kgs gr";

pub(in crate::typing) fn index_of(unit: &str) -> u64 {
    UNITS.split_ascii_whitespace().position(|known| known == unit).unwrap_or(0) as u64
}

pub(super) fn add_to(table: &mut WordTable) {
    for (index, unit) in UNITS.split_ascii_whitespace().enumerate() {
        table.add(unit, code::UNIT, index as u64);
    }
}

const PIECES: &str = "pc pcs piece pieces ea each st stk stck stuck stueck stuk pz pza pzs pzas szt un und ud uds unid unids unit units unidad \
    unidades unidade unite unites einheit einheiten sztuk stuks nos ks kpl";

/// Whether the unit is one of the many words for pieces.
pub(in crate::typing) fn is_pieces(unit: &str) -> bool {
    PIECES.split_ascii_whitespace().any(|known| known == unit)
}

/// The unit behind an index, as a word.
pub(in crate::typing) fn name(index: u64) -> &'static str {
    UNITS.split_ascii_whitespace().nth(index as usize).unwrap_or_default()
}
