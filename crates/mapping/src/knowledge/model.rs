//! A linear model from the letters of a name to the field, trained on the dictionary when it is first needed: counting
//! n-grams is all the training there is, so the same data always give the same model.

use std::collections::BTreeMap;

use super::{Dictionary, Entry, Meaning};
use crate::{candidate::Candidate, names::pieces};

/// Buckets that n-grams are hashed into.
const BUCKETS: usize = 1 << 17;
/// Pseudo-counts: how much evidence it takes to believe an n-gram.
const SMOOTHING: f64 = 0.4;

#[derive(Debug)]
pub(crate) struct NameModel {
    /// Per bucket the range of `counts`.
    starts: Vec<u32>,
    counts: Vec<(u8, f32)>,
    /// Per candidate the weight of all its n-grams.
    totals: Vec<f64>,
    /// Per candidate its share of all names.
    priors: Vec<f64>,
}

impl NameModel {
    pub(crate) fn train(dictionary: &Dictionary) -> Self {
        let classes = Candidate::count();
        // The same name in the same system is one observation, however many tables repeat it.
        let mut names: BTreeMap<(u16, &str), Vec<(Candidate, f32)>> = BTreeMap::new();
        // What stays unmapped in captions is told by words. The letters of the few lists of a language would say of its
        // common words that they mean nothing; codes and English names are many enough.
        let taught =
            |entry: &&Entry| entry.meaning != Meaning::Unmapped || matches!(entry.language, "" | "en");
        for entry in dictionary.entries().iter().filter(taught) {
            let candidates: Vec<Candidate> = match &entry.meaning {
                Meaning::Unmapped => vec![Candidate::LEFT_OUT],
                Meaning::Fields(fields) => fields.iter().copied().map(Candidate::of).collect(),
            };
            let share = 1.0 / candidates.len() as f32;
            let seen = names.entry((entry.system, entry.column)).or_default();
            seen.extend(candidates.into_iter().map(|candidate| (candidate, share)));
        }
        let mut observed: Vec<(u32, u8, f32)> = Vec::new();
        let mut priors = vec![1.0; classes];
        for ((_, name), seen) in &names {
            let whole: f32 = seen.iter().map(|(_, share)| share).sum();
            let grams = grams(name);
            for (candidate, share) in seen {
                let share = share / whole;
                priors[candidate.idx()] += f64::from(share);
                observed.extend(grams.iter().map(|(bucket, weight)| (*bucket, candidate.0, weight * share)));
            }
        }
        observed.sort_unstable_by_key(|(bucket, class, _)| (*bucket, *class));
        let mut starts = vec![0_u32; BUCKETS + 1];
        let mut counts: Vec<(u8, f32)> = Vec::new();
        let mut totals = vec![0.0; classes];
        let mut at = 0;
        for bucket in 0..BUCKETS as u32 {
            starts[bucket as usize] = counts.len() as u32;
            while let Some(&(found, class, weight)) = observed.get(at).filter(|(found, ..)| *found == bucket)
            {
                let begin = starts[found as usize] as usize;
                match counts[begin..].last_mut() {
                    Some((last, sum)) if *last == class => *sum += weight,
                    _ => counts.push((class, weight)),
                }
                totals[usize::from(class)] += f64::from(weight);
                at += 1;
            }
        }
        starts[BUCKETS] = counts.len() as u32;
        let sum: f64 = priors.iter().sum();
        for prior in &mut priors {
            *prior /= sum;
        }
        Self { starts, counts, totals, priors }
    }

    /// Probability of every candidate by the letters of the name alone.
    pub(crate) fn probabilities(&self, name: &str) -> Vec<f64> {
        let mut logs: Vec<f64> = self.priors.iter().map(|prior| prior.ln()).collect();
        let all: f64 = self.totals.iter().sum::<f64>().max(1.0);
        let grams = grams(name);
        let weight_all: f64 = grams.iter().map(|(_, weight)| f64::from(*weight)).sum();
        // Long names have many dependent n-grams: together they count like a handful of independent ones.
        let temper = if weight_all > 0.0 { (5.0 / weight_all).min(1.0) } else { 1.0 };
        for (bucket, weight) in &grams {
            let range = self.starts[*bucket as usize] as usize..self.starts[*bucket as usize + 1] as usize;
            let seen = &self.counts[range];
            let sum: f64 = seen.iter().map(|(_, count)| f64::from(*count)).sum();
            let background = (sum + 0.1) / (all + 0.1 * BUCKETS as f64);
            let scale = f64::from(*weight) * temper;
            for (log, total) in logs.iter_mut().zip(&self.totals) {
                // Probability of an unseen n-gram backs off to how common it is everywhere.
                *log += scale * (SMOOTHING * 30.0 * background / (total + SMOOTHING * 30.0)).ln();
            }
            for (class, count) in seen {
                let total = self.totals[usize::from(*class)] + SMOOTHING * 30.0;
                let unseen = SMOOTHING * 30.0 * background;
                logs[usize::from(*class)] +=
                    scale * ((f64::from(*count) + unseen) / total).ln() - scale * (unseen / total).ln();
            }
        }
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logs.iter().map(|log| (log - most).exp()).sum();
        logs.iter().map(|log| (log - most).exp() / sum).collect()
    }

    /// Share of all known names that mean this.
    pub(crate) fn prior(&self, candidate: Candidate) -> f64 {
        self.priors.get(candidate.idx()).copied().unwrap_or(1e-4)
    }
}

/// Hashed n-grams of a name with their weights: whole pieces, neighbours, and runs of three and four letters.
fn grams(name: &str) -> Vec<(u32, f32)> {
    let pieces = pieces(name);
    let mut grams = Vec::with_capacity(48);
    let mut before: Option<&str> = None;
    for piece in &pieces {
        grams.push((bucket(&["w", piece]), 1.0));
        if let Some(before) = before {
            grams.push((bucket(&["b", before, piece]), 0.8));
        }
        before = Some(piece);
    }
    let text: Vec<char> = std::iter::once(' ')
        .chain(pieces.join(" ").chars().map(|char| if char.is_ascii_digit() { '0' } else { char }))
        .chain(std::iter::once(' '))
        .collect();
    let ideographs = text.iter().any(|char| crate::names::is_ideograph(*char));
    let sizes: &[usize] = if ideographs { &[1, 2, 3] } else { &[3, 4] };
    for size in sizes {
        for window in text.windows(*size) {
            let mut buffer = [0_u8; 16];
            let mut length = 0;
            for char in window {
                length += char.encode_utf8(&mut buffer[length..]).len();
            }
            if let Ok(gram) = std::str::from_utf8(&buffer[..length]) {
                grams.push((bucket(&["g", gram]), 0.45));
            }
        }
    }
    grams
}

/// FNV-1a over the parts, folded into the buckets.
fn bucket(parts: &[&str]) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in parts.iter().flat_map(|part| part.bytes().chain(std::iter::once(0))) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    ((hash ^ (hash >> 29)) % BUCKETS as u64) as u32
}
