//! From what was found in a question to what it asks for.

mod conditions;
mod figure;
mod limits;
mod meant;
mod named;
mod no_figure;

use super::{
    Reading,
    read::{Item, What},
};
use crate::{
    Catalog, Dimension, Intent, Language,
    intent::{Period, Unclear},
    lexicon,
    text::Token,
};

pub(in crate::understand) struct Decided {
    pub(in crate::understand) intent: Intent,
    pub(in crate::understand) ignored: Vec<String>,
    pub(in crate::understand) readings: Vec<Reading>,
}

/// Lines of a list where nobody says how many.
const LINES: usize = 5;

pub(in crate::understand) fn decide(
    question: &str,
    tokens: &[Token],
    items: &[Item],
    catalog: &Catalog,
    language: Language,
) -> Decided {
    let ignored = left_over(tokens, items, catalog, language);
    let mut readings: Vec<Reading> = relative(tokens, items, catalog).collect();
    let left_over = !ignored.is_empty();
    let weighing =
        Weighing { question, tokens, items, catalog, language, left_over, readings: &mut readings };
    let intent = weighing.intent(&ignored);
    Decided { intent, ignored, readings }
}

/// Periods that are named from where the data end: with a word like "last" and without a year.
fn relative<'a>(
    tokens: &'a [Token],
    items: &'a [Item],
    catalog: &'a Catalog,
) -> impl Iterator<Item = Reading> + 'a {
    let end = catalog.period.map(|known| known.last);
    items.iter().filter_map(move |item| {
        let What::Period(period) = item.what else { return None };
        let words = &tokens[item.from..item.to];
        // "The last 3 months" counts, "Q4" and "2024" name.
        let dated = words.iter().any(|word| {
            let count = word.folded.parse::<u16>().is_ok_and(|number| number < 1_000);
            !count && word.folded.chars().any(|letter| letter.is_ascii_digit())
        });
        let named = words.iter().any(|word| crate::when::month(&word.folded).is_some());
        (!dated && !named).then(|| Some(Reading::Relative { period, end: end? })).flatten()
    })
}

/// Words that nothing was made of, small words aside.
fn left_over(tokens: &[Token], items: &[Item], catalog: &Catalog, language: Language) -> Vec<String> {
    let small = |word: &str| {
        Language::ALL.iter().any(|other| {
            lexicon::get().stopwords[*other as usize].contains(word) && (*other == language || word.len() < 4)
        })
    };
    tokens
        .iter()
        .enumerate()
        // A "not" that belongs to no phrase turns the question around, and nothing was made of it.
        .filter(|(at, _)| !items.iter().any(|item| (item.from..item.to).contains(at) && !item.concept("not")))
        .filter(|(_, token)| {
            let letter = token.folded.chars().count() == 1;
            // A single letter counts where it could be a value that nothing says of what.
            let value = letter && token.written.starts_with(char::is_uppercase) && {
                !matches!(token.written.as_str(), "I" | "A" | "Y" | "O")
                    && catalog.values.called(&token.folded).is_some()
            };
            value || !letter && !small(&token.folded)
        })
        .map(|(_, token)| token.written.clone())
        .collect()
}

struct Weighing<'a> {
    question: &'a str,
    tokens: &'a [Token],
    items: &'a [Item],
    catalog: &'a Catalog,
    language: Language,
    /// Whether there are words that nothing was made of.
    left_over: bool,
    readings: &'a mut Vec<Reading>,
}

impl Weighing<'_> {
    fn named_values(&self) -> usize {
        self.items.iter().filter(|item| matches!(item.what, What::Value { .. })).count()
    }

    fn has(&self, concept: &str) -> bool {
        self.items.iter().enumerate().any(|(at, item)| item.concept(concept) && !self.dismissed(at))
    }

    /// Whether a case is imagined: "if" alone makes one of a change in percent only, and so does asking what a change is worth.
    fn imagines(&self) -> bool {
        let percent = self.items.iter().any(|item| matches!(item.what, What::Number { percent: true, .. }));
        // "2 % off material prices, what is that worth?"
        let lever = ["pricechange", "setupword", "scrapword", "batchsize"].iter().any(|word| self.has(word))
            || self
                .items
                .iter()
                .any(|item| item.dimension().is_some_and(|dimension| dimension.key == "material"));
        let changes = self.has("reduce") || self.has("increase");
        self.has("whatif") || percent && (self.has("if") || self.has("impact") && (lever && changes))
    }

    /// Whether lines of a list are put in order or chosen from.
    fn ranks(&self) -> bool {
        ["most", "least", "worst", "best"].iter().any(|word| self.has(word))
    }

    fn intent(mut self, ignored: &[String]) -> Intent {
        let items = self.items;
        let metrics: Vec<&'static str> = self.metrics();
        let dimensions: Vec<&'static Dimension> = self.groups();
        if self.has("future") && !self.imagines() {
            // Nothing here tells what will be.
            return Intent::Unclear(Unclear::Time { metric: None, known: self.catalog.period });
        }
        if self.asks_for_people(&dimensions) && metrics.iter().all(|metric| *metric != "worker_efficiency") {
            return Intent::Unclear(Unclear::People);
        }
        if let Some(what) = items.iter().find(|item| matches!(item.what, What::Unknown { .. })) {
            let What::Unknown { said, field } = &what.what else {
                return Intent::Unclear(Unclear::NotUnderstood);
            };
            if !field.is_some_and(|field| self.catalog.long.contains(&field)) {
                return Intent::Unclear(Unclear::NoSuchValue {
                    near: self.near(said, *field),
                    said: said.clone(),
                    field: *field,
                });
            }
        }
        let filters = match self.filters(false) {
            Ok(filters) => filters,
            Err(unclear) => return Intent::Unclear(unclear),
        };
        // "How much does PL5 earn?", "PL5's payroll": somebody's pay, and not what their orders bring.
        let planner = filters
            .iter()
            .any(|filter| Dimension::of(filter.field).is_some_and(|dimension| dimension.key == "planner"));
        if planner && (self.has("earned") && !self.says_us() || self.has("laborword") && !self.has("hour")) {
            return Intent::Unclear(Unclear::People);
        }
        if let Some(said) = self.unknown_name(ignored) {
            return Intent::Unclear(Unclear::NoSuchValue { near: Vec::new(), said, field: None });
        }
        let periods: Vec<Period> = items
            .iter()
            .filter_map(|item| match item.what {
                What::Period(period) => Some(period),
                _ => None,
            })
            .collect();
        if let Some(intent) = self.without_figure(&metrics, &dimensions, &filters) {
            return intent;
        }
        if dimensions.is_empty()
            && let Some(said) = self.unknown_kind(ignored)
        {
            return Intent::Unclear(Unclear::NotHeld { said });
        }
        let conditions = match self.conditions(&metrics, !dimensions.is_empty()) {
            Ok(conditions) => conditions,
            Err(unclear) => return Intent::Unclear(unclear),
        };
        self.with_figure(&metrics, &dimensions, filters, &periods, conditions)
    }

    fn says_us(&self) -> bool {
        self.tokens.iter().any(|token| {
            matches!(
                token.folded.as_str(),
                "us" | "we" | "uns" | "wir" | "nos" | "nosotros" | "orders" | "jobs"
            )
        })
    }

    /// "Purchases from Bramblewick Alloy Traders", "Lieferant Knurrhahn Metallhandel": a name that the data do not hold. German
    /// writes every noun with a capital, so that there only what stands behind its kind is a name.
    fn unknown_name(&self, ignored: &[String]) -> Option<String> {
        const BEFORE: &[&str] = &["from", "with", "at", "to", "for", "by", "con", "a", "de", "para"];
        let capital = |at: usize| {
            self.tokens.get(at).is_some_and(|token| {
                let mut letters = token.written.chars();
                letters.next().is_some_and(char::is_uppercase)
                    && letters.next().is_some_and(char::is_lowercase)
                    && token.folded.chars().all(char::is_alphabetic)
                    && ignored.contains(&token.written)
            })
        };
        (1..self.tokens.len()).find_map(|at| {
            let run = (at..self.tokens.len()).take_while(|next| capital(*next)).count();
            if run == 0 {
                return None;
            }
            let kind = self.items.iter().any(|item| {
                item.to == at
                    && item.dimension().is_some_and(|dimension| {
                        // One of them: a plural introduces no name.
                        matches!(dimension.key, "supplier" | "customer" | "material" | "machine")
                            && item.to - item.from == 1
                            && dimension.phrases.iter().any(|own| {
                                own.first().is_some_and(|one| {
                                    crate::text::fold(one) == self.tokens[item.from].folded
                                })
                            })
                    })
            });
            let behind = BEFORE.contains(&self.tokens[at - 1].folded.as_str());
            let german = self.language == Language::German;
            (kind || !german && (run > 1 || behind)).then(|| {
                let words: Vec<&str> =
                    self.tokens[at..at + run].iter().map(|token| token.written.as_str()).collect();
                words.join(" ")
            })
        })
    }

    /// "Which salesman brings the most revenue", "scrap by cavity": lines of something that we have no word for.
    fn unknown_kind(&self, ignored: &[String]) -> Option<String> {
        const WHICH: &[&str] = &["which", "welche", "welcher", "welches", "welchen", "welchem"];
        // Only with its accent does it ask.
        const ASKS: &[&str] = &["qué", "cuál", "cuáles", "Qué", "Cuál", "Cuáles"];
        const OF: &[&str] = &["of", "von", "der", "des", "de", "del"];
        let word = |at: usize| self.tokens.get(at).map_or("", |token| token.folded.as_str());
        self.tokens.iter().enumerate().skip(1).find_map(|(at, token)| {
            let by = self.items.iter().any(|item| item.to == at && item.concept("by"));
            let which = WHICH.contains(&word(at - 1)) || ASKS.contains(&self.tokens[at - 1].written.as_str());
            let asked = which && !OF.contains(&word(at + 1));
            let noun = token.folded.chars().count() > 3 && ignored.contains(&token.written);
            (noun && (by || asked)).then(|| token.written.clone())
        })
    }

    /// "Who are our biggest suppliers?" asks for suppliers.
    fn asks_for_people(&self, dimensions: &[&'static Dimension]) -> bool {
        let firms = dimensions.iter().any(|dimension| matches!(dimension.key, "supplier" | "customer"));
        // "Who did we buy most from?" asks for suppliers.
        let bought = self.items.iter().filter_map(Item::metric).any(|metric| metric.starts_with("material_"));
        // "M07 against M12: who scraps more?", "who has the higher scrap, shift 1 or shift 2?": for one of them.
        let firms = firms || self.named_values() > 1;
        let sold = self.items.iter().filter_map(Item::metric).any(|metric| {
            matches!(metric, "revenue" | "margin" | "margin_ratio" | "late_orders" | "on_time_delivery")
        });
        let firms = firms || self.has("pay") || self.customers_buy() || ((bought || sold) && self.ranks());
        // "Machines whose scrap is above 5 %": not somebody's.
        let relative = |at: usize| {
            let item = &self.items[at];
            self.tokens[item.from].folded == "whose"
                && at.checked_sub(1).is_some_and(|before| {
                    self.items[before].to == item.from && self.items[before].dimension().is_some()
                })
        };
        let people = (0..self.items.len()).filter(|at| self.items[*at].concept("employee") && !relative(*at));
        people.map(|at| &self.items[at]).any(|item| {
            let words = &self.tokens[item.from..item.to];
            !(firms
                && words.iter().all(|word| {
                    matches!(
                        word.folded.as_str(),
                        "who"
                            | "whose"
                            | "whom"
                            | "wer"
                            | "wem"
                            | "wen"
                            | "wessen"
                            | "mit"
                            | "bei"
                            | "con"
                            | "a"
                            | "quien"
                            | "quienes"
                    )
                }))
        })
    }
}
