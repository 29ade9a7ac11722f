//! What a header hints about the notation of its column, in nine languages.
//!
//! A hint never decides against the values: it only chooses between readings that all values allow.

use super::fold_char;

/// The hints of one header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent hints, each asked for by its name")]
pub(in crate::typing) struct Hints {
    /// A day or moment.
    pub(in crate::typing) date: bool,
    /// A time of the day, said strictly (`Uhrzeit`) or as the start or end of something.
    pub(in crate::typing) time_of_day: bool,
    /// A span of time.
    pub(in crate::typing) duration: bool,
    /// A time, of whichever kind.
    pub(in crate::typing) time: bool,
    /// Minutes and seconds.
    pub(in crate::typing) minutes_seconds: bool,
    /// A number that names something.
    pub(in crate::typing) identifier: bool,
    /// Money or quantity.
    pub(in crate::typing) amount: bool,
    pub(in crate::typing) period: bool,
    /// Yes or no.
    pub(in crate::typing) flag: bool,
}

const DATE: &str = "date datum data fecha datetime timestamp tms dt dat termin deadline due created modified updated datetimestamp erstellt angelegt geaendert geandert \
    cree modifie creado modificado creato modificato criado alterado utworzono zmieniono aangemaakt gewijzigd \
    gueltig valid dia tag jour giorno day";
const DATE_PARTS: &str = "datum date fecha termin echeance livraison scadenza timestamp zeitstempel";
const MOMENT_ENDS: &str = "start started begin began beginn anfang end ended ende finish finished fin fim fine from to von bis debut inicio inizio \
    poczatek koniec eind einde begintijd in out arrival departure due clock punch kommen gehen entrada salida entree sortie wejscie wyjscie stop stopped \
    rozpoczecia zakonczenia actual planned scheduled";
const TIME_WORDS: &str = "time zeit hour heure hora ora godzina godz tijd orario tm hhmm hms";
const TIME_OF_DAY: &str = "uhrzeit tijdstip clock clocktime timeofday startzeit endzeit beginnzeit anfangszeit starttime endtime begintijd eindtijd \
    startuhrzeit enduhrzeit hhmm hhmmss";
const DURATION: &str = "duration dauer duree duracion durata duracao trwania duur span elapsed hours hrs std stunden heures horas ore godzin godziny uren \
    lead cycle takt run setup minutes mins min minuten minuti minutos secs seconds sekunden laufzeit ruestzeit rustzeit arbeitszeit bearbeitungszeit \
    stueckzeit stuckzeit durchlaufzeit liegezeit temps tempo tiempo czas downtime uptime runtime leadtime cycletime setuptime worked \
    overtime hr effort arbeitsstunden manhours machinehours usage stillstand pause break";
const MIDNIGHT: &str = "midnight mitternacht minuit medianoche mezzanotte meianoite polnocy middernacht";
const DURATION_PARTS: &str = "dauer stunden duration laufzeit standzeit rustzeit ruestzeit";
const IDENTIFIER: &str = "id ids no nr num number nummer numero numer code kode codigo codice kod key pk fk sku ean upc gtin serial seriennummer lot charge batch \
    job order auftrag ordre orden ordine ordem zlecenie employee emp matricule matricola personal personalnummer material artikel article articulo \
    part item customer kunde client supplier vendor lieferant werk plant cost center kostenstelle phone tel zip plz postal postcode ref reference \
    referenz referencia riferimento bom rowid oid uid guid account konto conto cuenta compte index seq sequence pos position line op oper operation \
    vorgang folge suffix invoice rechnung po so wo tracking iban vat";
const IDENTIFIER_PARTS: &str = "nummer kennung schluessel";
const AMOUNT: &str = "amount amt betrag montant importe importo valor kwota bedrag price preis prix precio prezzo preco cena prijs cost costs kosten cout coste \
    costo custo koszt value wert total sum qty quantity menge quantite cantidad quantita quantidade ilosc aantal hoeveelheid weight gewicht peso \
    poids rate satz tarif";
const AMOUNT_PARTS: &str = "betrag preis kosten menge wert anzahl";
const PERIOD: &str =
    "period periode periodo okres month monat mois mes mese miesiac maand fiscal yearmonth yyyymm";
const FLAG: &str = "is has flag kz kennzeichen closed complete completed active deleted locked posted released indicator yn bool";

/// A part of a header and what it hints.
type Sign = (&'static str, fn(&mut Hints));

/// Chinese and Japanese: parts of headers, since words are not set apart.
const SIGNS: [Sign; 22] = [
    ("日期", |hints| hints.date = true),
    ("日付", |hints| hints.date = true),
    ("交期", |hints| hints.date = true),
    ("年月日", |hints| hints.date = true),
    ("时刻", |hints| hints.time_of_day = true),
    ("時刻", |hints| hints.time_of_day = true),
    ("开始时间", |hints| hints.time_of_day = true),
    ("結束時間", |hints| hints.time_of_day = true),
    ("结束时间", |hints| hints.time_of_day = true),
    ("时间", |hints| hints.time = true),
    ("時間", |hints| hints.time = true),
    ("时长", |hints| hints.duration = true),
    ("工时", |hints| hints.duration = true),
    ("工時", |hints| hints.duration = true),
    ("耗时", |hints| hints.duration = true),
    ("编号", |hints| hints.identifier = true),
    ("编码", |hints| hints.identifier = true),
    ("单号", |hints| hints.identifier = true),
    ("金额", |hints| hints.amount = true),
    ("数量", |hints| hints.amount = true),
    ("期间", |hints| hints.period = true),
    ("是否", |hints| hints.flag = true),
];

impl Hints {
    pub(in crate::typing) fn of(header: &str) -> Self {
        let words = words_of(header);
        let any =
            |list: &str| words.iter().any(|word| list.split_ascii_whitespace().any(|known| known == word));
        let part = |list: &str| {
            words
                .iter()
                .any(|word| word.len() > 5 && list.split_ascii_whitespace().any(|known| word.contains(known)))
        };
        let joined: String = words.concat();
        let mut hints = Self {
            date: any(DATE) || part(DATE_PARTS),
            duration: any(DURATION) || part(DURATION_PARTS),
            time: any(TIME_WORDS)
                || words.iter().any(|word| word.ends_with("zeit") || word.ends_with("time")),
            identifier: any(IDENTIFIER) || part(IDENTIFIER_PARTS),
            amount: any(AMOUNT) || part(AMOUNT_PARTS),
            period: any(PERIOD),
            flag: any(FLAG),
            ..Self::default()
        };
        let named = TIME_OF_DAY.split_ascii_whitespace().any(|known| joined.contains(known));
        let end = any(MOMENT_ENDS)
            || words.iter().any(|word| {
                ["start", "beginn", "ende"].iter().any(|stem| word.starts_with(stem) || word.ends_with(stem))
            });
        let midnight = part(MIDNIGHT);
        let spoken = midnight
            || words.windows(3).any(|three| three[0] == "time" && three[1] == "of" && three[2] == "day");
        let hour = words.iter().any(|word| {
            ["heure", "hora", "godzina", "godz", "hour", "ora", "orario"].contains(&word.as_str())
        });
        // `Heure de début`, `start_time`, `From`: an end of something with a time. `Setup start` has no time in it.
        let span = strictly_span(&words) && !midnight;
        hints.time |= named || spoken;
        hints.time_of_day = !span && (named || spoken || hour || (end && (hints.time || words.len() <= 2)));
        if hints.time_of_day {
            hints.duration = false;
        }
        hints.minutes_seconds = ["mmss", "minsec", "minssec"].iter().any(|known| joined.contains(known));
        for (sign, set) in SIGNS {
            if header.contains(sign) {
                set(&mut hints);
            }
        }
        hints
    }
}

/// Words that mean a span whatever stands beside them: `Start-up duration`.
fn strictly_span(words: &[String]) -> bool {
    words.iter().any(|word| {
        [
            "duration", "dauer", "duree", "duracion", "durata", "duracao", "trwania", "duur", "span",
            "elapsed", "hours", "hrs",
        ]
        .contains(&word.as_str())
            || word.ends_with("dauer")
            || word.ends_with("stunden")
            || ["stunden", "heures", "horas", "ore", "uren", "minutes", "mins", "minuten", "seconds"]
                .contains(&word.as_str())
    })
}

/// The words of a header, folded: split at marks, digits and before capitals (`jmoStartHour`).
fn words_of(header: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for character in header.chars() {
        if !character.is_alphabetic() && !('\u{300}'..='\u{36F}').contains(&character) {
            words.push(String::new());
        } else {
            if character.is_uppercase() && before.is_lowercase() {
                words.push(String::new());
            }
            let (first, second) = if character.is_ascii() {
                (character.to_ascii_lowercase() as u8, 0)
            } else {
                fold_char(character)
            };
            if let Some(word) = words.last_mut() {
                match first {
                    0 => word.extend(character.to_lowercase()),
                    super::table::SKIP => {}
                    _ => {
                        word.push(char::from(first));
                        if second != 0 {
                            word.push(char::from(second));
                        }
                    }
                }
            }
        }
        before = character;
    }
    words.retain(|word| !word.is_empty());
    words
}
