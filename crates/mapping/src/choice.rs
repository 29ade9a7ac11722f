//! The last word on a column: between the few meanings that the joint assignment left likely, and none, by all that is known of each.
//!
//! The assignment adds up evidence with one weight per kind; here the same evidence counts differently by the type of the field and what
//! the values are, so that a word for a status weighs less on numbers than on a few words.

use ontology::FieldType;

use crate::{
    candidate::Candidate,
    combine::softmax,
    judge::{self, Decided},
    knowledge::{EVIDENCE, Weights},
    matchers::{Signal, kind},
    pairs,
    propose::Deliberation,
    values::Facts,
    view::View,
};

/// What is known of the values of a column, whatever it means.
const VALUES: usize = 12;
/// Kinds of meanings: six types of fields and none.
const KINDS: usize = 7;
/// Features of one meaning of one column.
pub(crate) const CHOSEN: usize = 2 + EVIDENCE + KINDS * VALUES;
/// Likeliest meanings that are looked at again.
const LIKELY: usize = 3;

/// Meanings of a column that are looked at again: the likeliest, the one that the assignment gave, and none.
pub(crate) fn likely(thought: &Deliberation, column: usize) -> Vec<Candidate> {
    let given = &thought.given[column];
    let mut order: Vec<Candidate> = Candidate::all().collect();
    order.sort_by(|a, b| given[b.idx()].total_cmp(&given[a.idx()]).then(a.cmp(b)));
    order.truncate(LIKELY);
    for candidate in [thought.fields[column], Candidate::LEFT_OUT] {
        if !order.contains(&candidate) {
            order.push(candidate);
        }
    }
    order
}

/// What speaks for and against one meaning of one column.
pub(crate) fn features(
    view: &View<'_>,
    column: usize,
    chosen: Candidate,
    thought: &Deliberation,
) -> [f64; CHOSEN] {
    let mut row = [0.0; CHOSEN];
    row[0] = f64::from(u8::from(thought.fields[column] == chosen));
    row[1] = f64::from(u8::from(chosen == Candidate::LEFT_OUT));
    row[2..2 + EVIDENCE].copy_from_slice(&judge::evidence(&Decided { view, column, chosen, thought }));
    let kind = chosen.definition().map_or(KINDS - 1, |field| match field.type_ {
        FieldType::Identifier => 0,
        FieldType::Text => 1,
        FieldType::Category => 2,
        FieldType::Number => 3,
        FieldType::Timestamp => 4,
        FieldType::Flag => 5,
    });
    let from = 2 + EVIDENCE + kind * VALUES;
    row[from..from + VALUES].copy_from_slice(&values(view, column));
    row
}

fn values(view: &View<'_>, column: usize) -> [f64; VALUES] {
    let facts = &view.facts[column];
    let is = |told: bool| f64::from(u8::from(told));
    [
        is(facts.kind.is_moment()),
        is(facts.kind.is_number()),
        is(facts.kind == domain::ValueKind::Text),
        facts.fill,
        facts.distinctness,
        facts.digits,
        facts.person,
        facts.wordy,
        (facts.length / 20.0).min(2.0),
        is(facts.constant()),
        facts.natural,
        facts.timed,
    ]
}

pub(crate) fn score(weights: &Weights, chosen: Candidate, features: &[f64; CHOSEN]) -> f64 {
    let of_field = weights.choice_fields.get(chosen.idx()).copied().unwrap_or(0.0);
    of_field + features.iter().zip(&weights.choice).map(|(value, weight)| value * weight).sum::<f64>()
}

/// Below that two columns do not mean one field together: keys in parts, units, and flags of one status do.
const NOT_TOGETHER: f64 = -1.0;

/// A number that joins rows is no guess: rows that do not belong together would be one.
const FEWEST_FOR_A_KEY: f64 = 0.35;

fn is_identifier(candidate: Candidate) -> bool {
    candidate.definition().is_some_and(|field| field.type_ == FieldType::Identifier)
}

/// Chooses again, each column beside what all others were given; a field that two want goes to the one that is surer of it.
pub(crate) fn choose(view: &View<'_>, thought: &mut Deliberation) {
    let weights = &view.knowledge.weights;
    // Where a table holds no row there is nothing to weigh names against.
    if weights.choice.is_empty() || view.facts.iter().all(Facts::empty) {
        return;
    }
    let mut open: Vec<Vec<(Candidate, f64)>> = (0..view.len())
        .map(|column| {
            let given = thought.fields[column];
            // What a person confirmed before is not weighed against anything.
            if thought.signals.get(column, given, Signal::Memory) > 0.0 {
                return vec![(given, 1.0)];
            }
            // A name that the values contradict is for a person to look at, not to be explained away.
            if kind::cannot_be(given, thought.signals.get(column, given, Signal::Kind)) {
                return vec![(given, 0.5)];
            }
            let likely = likely(thought, column);
            let scores: Vec<f64> = likely
                .iter()
                .map(|candidate| score(weights, *candidate, &features(view, column, *candidate, thought)))
                .collect();
            let mut shares: Vec<(Candidate, f64)> = likely.into_iter().zip(softmax(&scores)).collect();
            shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            shares
        })
        .collect();
    while let Some((loser, winner)) = loser(view, &open) {
        let (lost, _) = open[loser].remove(0);
        // What stands and falls with the winner is another name of the same thing: no other thing of the plant, however near it
        // sounds ("machine no" beside "machine code").
        let same = view.relations.determines(winner, loser) && view.relations.determines(loser, winner);
        open[loser].retain(|(other, share)| {
            *other == Candidate::LEFT_OUT
                || pairs::worth(view, winner, lost, loser, *other) > 0.0
                || !same && (!is_identifier(*other) || *share >= FEWEST_FOR_A_KEY)
        });
        if open[loser].is_empty() {
            open[loser].push((Candidate::LEFT_OUT, 0.5));
        }
    }
    let (fields, shares) =
        open.iter().map(|open| open.first().copied().unwrap_or((Candidate::LEFT_OUT, 0.0))).unzip();
    thought.fields = fields;
    thought.shares = shares;
}

/// The column that wants a field which another one is surer of, and has something else to mean; and that other one.
fn loser(view: &View<'_>, open: &[Vec<(Candidate, f64)>]) -> Option<(usize, usize)> {
    let wants = |column: usize| open.get(column).and_then(|open| open.first()).copied();
    (0..open.len())
        .flat_map(|a| (a + 1..open.len()).map(move |b| (a, b)))
        .filter_map(|(a, b)| {
            let ((field, one), (other_field, other)) = (wants(a)?, wants(b)?);
            let clash = field == other_field && pairs::worth(view, a, field, b, field) < NOT_TOGETHER;
            let (loser, winner) = if one < other { (a, b) } else { (b, a) };
            (clash && open[loser].len() > 1).then_some(((loser, winner), (one - other).abs()))
        })
        // The clearest case first.
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
        .map(|(pair, _)| pair)
}
