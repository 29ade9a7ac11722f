//! One joint assignment: the meanings of all columns together that score best, pairs included. Exact by branch and
//! bound within groups of columns that have to do with each other; a group too large for it is settled by the best of
//! repeated improvement.

use crate::{candidate::Candidate, combine::Scores, matchers::Signal, pairs, view::View};

/// Candidates per column that stay in play.
const KEPT: usize = 7;
/// A candidate so far behind the best of its column cannot win by pairs.
const FAR_BEHIND: f64 = 5.0;
/// Steps of the exact search per group before it gives way to improvement.
const MOST_STEPS: usize = 60_000;

struct Problem {
    /// Per column its candidates, best first, with their scores.
    choices: Vec<Vec<(Candidate, f64)>>,
    /// Per column the columns it has terms with, and those terms by pair of choices.
    terms: Vec<Vec<(usize, Vec<f64>)>>,
}

impl Problem {
    fn term(&self, a: usize, choice: usize, b: usize, other: usize) -> f64 {
        self.terms[a]
            .iter()
            .find(|(column, _)| *column == b)
            .and_then(|(_, worth)| worth.get(choice * self.choices[b].len() + other))
            .copied()
            .unwrap_or(0.0)
    }
}

/// The best meaning of every column, and per column the scores of all candidates given what the others mean.
pub(crate) fn assign(view: &View<'_>, scores: &Scores) -> (Vec<Candidate>, Vec<Vec<f64>>) {
    let weight = view.knowledge.weights.signals[Signal::Pairs as usize];
    let problem = pose(view, scores, weight);
    let mut chosen: Vec<usize> = vec![0; view.len()];
    for group in groups(&problem) {
        solve(&problem, &group, &mut chosen);
    }
    let fields: Vec<Candidate> =
        chosen.iter().zip(&problem.choices).map(|(choice, choices)| choices[*choice].0).collect();
    let given = (0..view.len())
        .map(|column| {
            Candidate::all()
                .map(|candidate| {
                    let own = scores.columns[column][candidate.idx()];
                    let others: f64 = (0..view.len())
                        .filter(|other| *other != column)
                        .map(|other| pairs::worth(view, column, candidate, other, fields[other]))
                        .sum();
                    own + weight * others
                })
                .collect()
        })
        .collect();
    (fields, given)
}

fn pose(view: &View<'_>, scores: &Scores, weight: f64) -> Problem {
    let choices: Vec<Vec<(Candidate, f64)>> = scores
        .columns
        .iter()
        .map(|scores| {
            let mut all: Vec<(Candidate, f64)> =
                Candidate::all().map(|candidate| (candidate, scores[candidate.idx()])).collect();
            all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            let best = all.first().map_or(0.0, |(_, score)| *score);
            all.truncate(KEPT);
            all.retain(|(_, score)| *score > best - FAR_BEHIND);
            all
        })
        .collect();
    let mut terms: Vec<Vec<(usize, Vec<f64>)>> = vec![Vec::new(); view.len()];
    for a in 0..view.len() {
        for b in a + 1..view.len() {
            let worth: Vec<f64> = choices[a]
                .iter()
                .flat_map(|(one, _)| {
                    choices[b].iter().map(|(other, _)| weight * pairs::worth(view, a, *one, b, *other))
                })
                .collect();
            if worth.iter().all(|worth| *worth == 0.0) {
                continue;
            }
            let turned = (0..choices[b].len())
                .flat_map(|other| {
                    let worth = &worth;
                    let width = choices[b].len();
                    (0..choices[a].len()).map(move |one| worth[one * width + other])
                })
                .collect();
            terms[a].push((b, worth));
            terms[b].push((a, turned));
        }
    }
    Problem { choices, terms }
}

/// Columns connected by terms, each group in canonical order.
fn groups(problem: &Problem) -> Vec<Vec<usize>> {
    let n = problem.choices.len();
    let mut seen = vec![false; n];
    let mut groups = Vec::new();
    for start in 0..n {
        if seen[start] {
            continue;
        }
        let mut group = Vec::new();
        let mut open = vec![start];
        seen[start] = true;
        while let Some(column) = open.pop() {
            group.push(column);
            for (other, _) in &problem.terms[column] {
                if !seen[*other] {
                    seen[*other] = true;
                    open.push(*other);
                }
            }
        }
        group.sort_unstable();
        groups.push(group);
    }
    groups
}

fn solve(problem: &Problem, group: &[usize], chosen: &mut [usize]) {
    improve(problem, group, chosen);
    // Columns with the clearest choice first, so that bounds bite early.
    let mut order = group.to_vec();
    let lead = |column: &usize| {
        let choices = &problem.choices[*column];
        choices.first().map_or(0.0, |first| first.1) - choices.get(1).map_or(-99.0, |second| second.1)
    };
    order.sort_by(|a, b| lead(b).total_cmp(&lead(a)).then(a.cmp(b)));
    // The most a column can still add: its best score and the best of its terms with columns before it.
    let bound_of = |position: usize| -> f64 {
        let column = order[position];
        (0..problem.choices[column].len())
            .map(|choice| {
                let own = problem.choices[column][choice].1;
                let terms: f64 = order[..position]
                    .iter()
                    .map(|other| {
                        (0..problem.choices[*other].len())
                            .map(|theirs| problem.term(column, choice, *other, theirs))
                            .fold(f64::NEG_INFINITY, f64::max)
                    })
                    .sum();
                own + terms
            })
            .fold(f64::NEG_INFINITY, f64::max)
    };
    let mut rest = vec![0.0; order.len() + 1];
    for position in (0..order.len()).rev() {
        rest[position] = rest[position + 1] + bound_of(position);
    }
    let mut search = Search {
        problem,
        order: &order,
        rest: &rest,
        best: total(problem, group, chosen),
        found: order.iter().map(|column| chosen[*column]).collect(),
        current: Vec::with_capacity(order.len()),
        steps: 0,
    };
    search.descend(0.0);
    if search.steps < MOST_STEPS {
        let found = search.found;
        for (column, choice) in order.iter().zip(found) {
            chosen[*column] = choice;
        }
    }
}

struct Search<'a> {
    problem: &'a Problem,
    order: &'a [usize],
    rest: &'a [f64],
    best: f64,
    found: Vec<usize>,
    current: Vec<usize>,
    steps: usize,
}

impl Search<'_> {
    fn descend(&mut self, sum: f64) {
        let position = self.current.len();
        if position == self.order.len() {
            if sum > self.best + 1e-9 {
                self.best = sum;
                self.found.clone_from(&self.current);
            }
            return;
        }
        let column = self.order[position];
        for choice in 0..self.problem.choices[column].len() {
            self.steps += 1;
            if self.steps >= MOST_STEPS {
                return;
            }
            let terms: f64 = self.problem.terms[column]
                .iter()
                .filter_map(|(other, worth)| {
                    let at = self.order[..position].iter().position(|column| column == other)?;
                    worth.get(choice * self.problem.choices[*other].len() + self.current[at])
                })
                .sum();
            let next = sum + self.problem.choices[column][choice].1 + terms;
            if next + self.rest[position + 1] > self.best + 1e-9 {
                self.current.push(choice);
                self.descend(next);
                self.current.pop();
            }
        }
    }
}

/// Changes one column at a time to what suits the others best, until nothing changes.
fn improve(problem: &Problem, group: &[usize], chosen: &mut [usize]) {
    for _ in 0..20 {
        let mut changed = false;
        for &column in group {
            let value = |choice: usize| {
                problem.choices[column][choice].1
                    + problem.terms[column]
                        .iter()
                        .filter_map(|(other, worth)| {
                            worth.get(choice * problem.choices[*other].len() + chosen[*other])
                        })
                        .sum::<f64>()
            };
            let best = (0..problem.choices[column].len()).fold(chosen[column], |best, choice| {
                if value(choice) > value(best) + 1e-9 { choice } else { best }
            });
            if best != chosen[column] {
                chosen[column] = best;
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}

fn total(problem: &Problem, group: &[usize], chosen: &[usize]) -> f64 {
    let own: f64 = group.iter().map(|column| problem.choices[*column][chosen[*column]].1).sum();
    let pairs: f64 = group
        .iter()
        .flat_map(|column| {
            problem.terms[*column].iter().filter(move |(other, _)| other > column).filter_map(
                move |(other, worth)| {
                    worth.get(chosen[*column] * problem.choices[*other].len() + chosen[*other])
                },
            )
        })
        .sum();
    own + pairs
}
