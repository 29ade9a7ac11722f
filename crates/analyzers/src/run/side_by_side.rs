//! Several analyzers at a time: they only read, and what each says does not depend on the others.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{
    engine::context::Context,
    suite::{Analyzer, Outcome},
};

/// Fewer rows are analyzed before a second thread has begun.
const WORTH_THREADS: usize = 20_000;

/// Each holds the observations of one metric, some 75 bytes a row: more at a time would be felt.
const MOST: usize = 2;

/// From here on a single metric fills the memory that a run may have: analyzers come one after the other, and each uses all
/// threads for its search.
const ALONE_FROM: usize = 3_500_000;

/// What each analyzer says, in their order: every thread takes the next analyzer that is left.
pub(super) fn outcomes(analyzers: &[&Analyzer], context: &Context<'_>) -> Vec<Outcome> {
    let plant = context.plant;
    let rows = plant.operations.len.max(plant.bookings.len).max(plant.materials.len);
    let threads =
        if (WORTH_THREADS..ALONE_FROM).contains(&rows) { context.threads.all().min(MOST) } else { 1 };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(analyzer) = analyzers.get(next.fetch_add(1, Ordering::Relaxed)) {
            let busy = context.threads.busy();
            done.push((analyzer.id, (analyzer.run)(context)));
            drop(busy);
        }
        done
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    // The registry is alphabetical, so the order of names is its order.
    done.sort_by_key(|(id, _)| *id);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}
