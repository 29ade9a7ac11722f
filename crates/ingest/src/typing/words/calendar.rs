//! Months, days of the week, halves of the day and the small words between the parts of a date.

use super::code;
use super::table::WordTable;

/// English, German, French, Spanish, Italian, Portuguese, Polish, Dutch, Swedish, Danish, Norwegian; by month.
const MONTHS: [&str; 12] = [
    "jan january januar janner jaenner januari janv janvier ene enero gen gennaio janeiro sty stycznia styczen",
    "feb february februar feber februari fev fevr fevrier febrero febbr febbraio fevereiro lut lutego luty",
    "mar march mrz marz maerz maer mars marzo marco mrt maart marca marzec",
    "apr april avr avril abr abril aprile kwi kwietnia kwiecien",
    "may mai mei mayo mag maggio maio maj maja",
    "jun june juni juin junio giu giugno junho cze czerwca czerwiec",
    "jul july juli juil juillet julio lug luglio julho lip lipca lipiec",
    "aug august aout ago agosto augustus augusti sie sierpnia sierpien",
    "sep sept september septembre septiembre setiembre set sett settembre setembro wrz wrzesnia wrzesien",
    "oct october okt oktober octobre octubre ott ottobre out outubro paz pazdziernika pazdziernik",
    "nov november novembre noviembre novembro lis listopada listopad",
    "dec december dez dezember decembre dic diciembre dicembre dezembro gru grudnia grudzien",
];

const WEEKDAYS: &str = "mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun sunday \
    mo montag di dienstag mi mittwoch do donnerstag freitag sa samstag sonnabend so sonntag \
    lun lundi mardi mer mercredi jeu jeudi ven vendredi sam samedi dim dimanche \
    lunes martes mie miercoles jue jueves vie viernes sab sabado dom domingo \
    lunedi martedi mercoledi gio giovedi venerdi sabato domenica \
    seg segunda ter terca qua quarta qui quinta sex sexta feira \
    pon poniedzialek wt wtorek sr sroda czw czwartek pt piatek pia sob sobota niedz niedziela ndz \
    ma maandag dinsdag wo woensdag donderdag vr vrijdag za zaterdag zo zondag";

const FRACTIONS_OF_TIME: [(u8, &str); 4] = [
    (
        code::HOURS,
        "h hr hrs hour hours std stdn stunde stunden heure heures hora horas ora ore godz godzina godziny godzin uur uren u",
    ),
    (code::MINUTES, "min mins minute minutes minuten minuto minutos minuti minut minuty mn mns"),
    (
        code::SECONDS,
        "s sec secs second seconds sek sekunde sekunden seg segundo segundos secondi secondo seconde secondes sekund",
    ),
    (code::DAYS, "d day days tag tage tagen jour jours dia dias giorno giorni gg dni dzien dag dagen"),
];

pub(super) fn add_to(table: &mut WordTable) {
    // Words of two roles come first: the first meaning given to a word stays.
    table.add("mar", code::MONTH_OR_WEEKDAY, 3);
    table.add("fr", code::WEEKDAY_OR_CURRENCY, super::currencies::index_of("CHF"));
    table.add("m", code::MINUTES_OR_UNIT, super::units::index_of("m"));
    table.add("st", code::ORDINAL_OR_UNIT, super::units::index_of("st"));
    table.add("t", code::T, super::units::index_of("t"));
    // `pt` opens an ISO span, and is a Polish Friday only where a date follows; spans are by far the more frequent.
    table.add("pt", code::PT, 0);
    table.add("p", code::P, 0);
    table.add("dt", code::DAYS_THEN_T, 0);
    for (month, words) in (1..).zip(MONTHS) {
        for word in words.split(' ') {
            table.add(word, code::MONTH, month);
        }
    }
    for (month, word) in (1..).zip(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"])
    {
        table.add(word, code::ROMAN_MONTH, month);
    }
    for word in WEEKDAYS.split_ascii_whitespace() {
        table.add(word, code::WEEKDAY, 0);
    }
    for (role, words) in FRACTIONS_OF_TIME {
        for word in words.split(' ') {
            table.add(word, role, 0);
        }
    }
    for (half, words) in [(0, "am vorm"), (1, "pm nachm")] {
        for word in words.split(' ') {
            table.add(word, code::HALF_DAY, half);
        }
    }
    for word in ["de", "del", "of", "di", "den", "der", "at", "um", "om", "las", "alle", "kl"] {
        table.add(word, code::OF, 0);
    }
    for word in ["nd", "rd", "th", "er", "o", "a", "eme"] {
        table.add(word, code::ORDINAL, 0);
    }
    for word in [
        "z", "utc", "gmt", "cet", "cest", "mez", "mesz", "est", "edt", "cst", "cdt", "pst", "pdt", "bst",
        "jst",
    ] {
        table.add(word, code::ZONE, 0);
    }
    for word in ["w", "kw", "cw", "wk", "week", "woche", "sem", "semaine", "semana", "settimana", "tydz"] {
        table.add(word, code::WEEK, 0);
    }
    table.add("uhr", code::O_CLOCK, 0);
    table.add("q", code::QUARTER, 0);
    table.add("date", code::NET_DATE, 0);
    table.add("e", code::EXPONENT, 0);
    table.add("cr", code::CREDIT, 0);
    table.add("dr", code::DEBIT, 0);
}
