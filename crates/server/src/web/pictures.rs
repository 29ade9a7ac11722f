//! Charts drawn on the server. The chart library lives on one thread of its own, since it cannot move; what it drew is
//! kept by its facts, so that a page view draws nothing.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, PoisonError, mpsc},
};

use domain::chart::Chart;
use pages::component::picture::Picture;
use report::chart::{Renderer, in_tongue, option, table, table::TableCell};
use tokio::sync::oneshot;
use translation::Tongue;

/// How much the pictures that are kept may take; beyond, all are dropped and drawn again.
const BYTES_MOST: usize = 16 << 20;

/// Pictures by what was drawn, and what they take.
#[derive(Default)]
struct Kept {
    pictures: HashMap<u64, String>,
    bytes: usize,
}

impl Kept {
    fn put(&mut self, key: u64, svg: &str) {
        if self.bytes + svg.len() > BYTES_MOST {
            *self = Self::default();
        }
        if self.pictures.insert(key, svg.to_owned()).is_none() {
            self.bytes += svg.len();
        }
    }
}

struct Task {
    chart: Chart,
    width: u32,
    tongue: Tongue,
    drawn: oneshot::Sender<Option<String>>,
}

/// Whoever holds it can have charts drawn. Cheap to clone.
#[derive(Clone)]
pub(super) struct Drawer {
    tasks: mpsc::SyncSender<Task>,
    kept: Arc<Mutex<Kept>>,
}

impl Default for Drawer {
    fn default() -> Self {
        let (tasks, waiting) = mpsc::sync_channel::<Task>(64);
        let started = std::thread::Builder::new().name("charts".to_owned()).spawn(move || draw_all(&waiting));
        if let Err(error) = started {
            tracing::error!(%error, "no thread for charts; pages show tables instead");
        }
        Self { tasks, kept: Arc::default() }
    }
}

fn draw_all(waiting: &mpsc::Receiver<Task>) {
    let renderer =
        Renderer::new().inspect_err(|error| tracing::error!(%error, "the chart library does not load"));
    while let Ok(task) = waiting.recv() {
        let svg = renderer.as_ref().ok().and_then(|renderer| {
            renderer
                .svg(&task.chart, task.width, task.tongue)
                .inspect_err(|error| tracing::error!(%error, "a chart could not be drawn"))
                .ok()
        });
        // Whoever asked may have gone.
        let _ = task.drawn.send(svg);
    }
}

impl Drawer {
    /// The chart as a picture with its table; without the picture where it cannot be drawn.
    pub(super) async fn picture(&self, chart: &Chart, width: u32, tongue: Tongue) -> Picture {
        let mut chart = chart.clone();
        chart.caption = pages::words::plain(&chart.caption);
        let chart = &in_tongue(&chart, tongue);
        let mut hasher = DefaultHasher::new();
        option::option(chart, width, tongue).to_string().hash(&mut hasher);
        (&chart.alternative, width).hash(&mut hasher);
        let key = hasher.finish();
        let known = self.kept.lock().unwrap_or_else(PoisonError::into_inner).pictures.get(&key).cloned();
        let svg = if let Some(svg) = known {
            svg
        } else {
            let svg = self.draw(chart.clone(), width, tongue).await.unwrap_or_default();
            if !svg.is_empty() {
                self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(key, &svg);
            }
            svg
        };
        let rows = table::table(chart);
        Picture {
            title: chart.title.clone(),
            caption: chart.caption.clone(),
            svg,
            heads: rows.heads,
            rows: rows.rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
            own: rows.rows.iter().flatten().next().is_some_and(|cell| matches!(cell, TableCell::Text(_))),
            link: None,
        }
    }

    async fn draw(&self, chart: Chart, width: u32, tongue: Tongue) -> Option<String> {
        let (drawn, waiting) = oneshot::channel();
        self.tasks.try_send(Task { chart, width, tongue, drawn }).ok()?;
        waiting.await.ok().flatten()
    }
}

fn cell(cell: &TableCell) -> String {
    match cell {
        TableCell::Text(text) => text.clone(),
        TableCell::Number(value) => domain::number::short(*value, ""),
        TableCell::Day(micros) => domain::number::day(*micros),
        TableCell::Empty => "–".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_take_no_more_than_they_may() {
        let mut kept = Kept::default();
        let svg = "x".repeat(1 << 20);
        for key in 0..40 {
            kept.put(key, &svg);
            kept.put(key, &svg);
            assert!(kept.bytes <= BYTES_MOST && kept.bytes == kept.pictures.len() << 20);
        }
        assert!(kept.pictures.contains_key(&39));
    }
}
