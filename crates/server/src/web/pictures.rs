//! Charts drawn on the server. The chart library lives on one thread of its own, since it cannot move; what it drew is
//! kept by its facts, so that a page view draws nothing.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, PoisonError, mpsc},
};

use domain::chart::Chart;
use pages::component::picture::{Live, Picture};
use report::chart::{Drawing, Place, Renderer, in_tongue, table, table::TableCell};
use tokio::sync::oneshot;
use translation::Tongue;

use super::assets;

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
    drawing: Drawing,
    alternative: String,
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
                .draw(&task.drawing, &task.alternative)
                .inspect_err(|error| tracing::error!(%error, "a chart could not be drawn"))
                .ok()
        });
        // Whoever asked may have gone.
        let _ = task.drawn.send(svg);
    }
}

impl Drawer {
    /// The chart as a picture with its table, for a wide place and for a phone; without the picture where it cannot be drawn.
    pub(super) async fn picture(&self, chart: &Chart, width: u32, tongue: Tongue) -> Picture {
        let mut chart = chart.clone();
        chart.caption = pages::words::plain(&chart.caption);
        let chart = &in_tongue(&chart, tongue);
        let wide = Drawing::new(chart, Place::Wide(width), tongue);
        let phone = Drawing::new(chart, Place::Phone, tongue);
        let live = Live {
            library: assets::library().to_owned(),
            wide: wide.live(tongue),
            phone: phone.live(tongue),
        };
        let svg = self.svg(wide, &chart.alternative).await;
        let rows = table::table(chart);
        Picture {
            title: chart.title.clone(),
            caption: chart.caption.clone(),
            phone: if svg.is_empty() { String::new() } else { self.svg(phone, &chart.alternative).await },
            broad: width > 600,
            live: (!svg.is_empty()).then_some(live),
            svg,
            heads: rows.heads,
            rows: rows.rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
            own: rows.rows.iter().flatten().next().is_some_and(|cell| matches!(cell, TableCell::Text(_))),
            link: None,
        }
    }

    /// The picture of a drawing, as it was kept or drawn anew.
    async fn svg(&self, drawing: Drawing, alternative: &str) -> String {
        let mut hasher = DefaultHasher::new();
        drawing.option.to_string().hash(&mut hasher);
        (alternative, drawing.size.width, drawing.size.height).hash(&mut hasher);
        let key = hasher.finish();
        let known = self.kept.lock().unwrap_or_else(PoisonError::into_inner).pictures.get(&key).cloned();
        if let Some(svg) = known {
            return svg;
        }
        let svg = self.draw(drawing, alternative.to_owned()).await.unwrap_or_default();
        if !svg.is_empty() {
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(key, &svg);
        }
        svg
    }

    async fn draw(&self, drawing: Drawing, alternative: String) -> Option<String> {
        let (drawn, waiting) = oneshot::channel();
        self.tasks.try_send(Task { drawing, alternative, drawn }).ok()?;
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
