//! `plantintel mcp`: the analyses as tools for other programs, on standard input and output. Without a server it works on files of one
//! folder; with the address and a key of an installation it works there.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use app::{
    Scratch,
    analyze::{Decisions, Request},
    ask::{self, Data},
    profile::SavedMapping,
    reading::Reading,
    view,
};
use assistant::Language;
use domain::{Mapping, Settings, settings::Preset};
use futures::future::BoxFuture;
use mcp::{Call, Line, Open, Person, Refusal, Said, Tools, resource};
use serde_json::{Value, json};

use crate::{cli::McpArgs, config::Config, failure::Failure};

/// Analyses that are kept to be asked.
const KEPT: usize = 8;
/// Bytes of a file that is sent to an installation in a message.
const SENT_MAX: u64 = 32 << 20;

pub(crate) fn run(args: &McpArgs, config: &Config) -> Result<(), Failure> {
    let folder = args.folder.canonicalize().map_err(|error| {
        Failure::Usage(format!(
            "{} cannot be used: {error}; give a folder with exports",
            args.folder.display()
        ))
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        let tools: Arc<dyn Tools> = match (&config.mcp_server, config.mcp_api_key.reveal()) {
            (Some(address), Some(key)) => {
                let open = move |path: &str| sent(&folder, path);
                let far = mcp::Installation::connect(address, key, open).await;
                Arc::new(far.map_err(|Refusal(why)| Failure::Usage(format!("mcp_server: {why}")))?)
            }
            (None, None) => Arc::new(Local::new(folder)),
            _ => return Err(Failure::Usage("set mcp_server and mcp_api_key, or neither".to_owned())),
        };
        mcp::serve(tools).await.map_err(|error| Failure::Work(error.into()))
    });
    runtime.shutdown_background();
    outcome
}

/// The bytes of a file of the folder.
fn sent(folder: &Path, path: &str) -> Result<(PathBuf, Vec<u8>), Refusal> {
    let path = within(folder, path)?;
    let size = std::fs::metadata(&path).map_or(0, |found| found.len());
    if size > SENT_MAX {
        return Err(Refusal("the file is larger than 32 MB; upload it over the API or the page".to_owned()));
    }
    let bytes = std::fs::read(&path).map_err(|error| Refusal(format!("the file cannot be read: {error}")))?;
    Ok((path, bytes))
}

/// A file of the folder, and of no other place, wherever links lead.
fn within(folder: &Path, path: &str) -> Result<PathBuf, Refusal> {
    let none = || Refusal(format!("there is no file {path} in the folder of this server"));
    let found = folder.join(path).canonicalize().map_err(|_| none())?;
    if found.starts_with(folder) && found.is_file() { Ok(found) } else { Err(none()) }
}

fn told(error: impl std::fmt::Display) -> Refusal {
    Refusal(error.to_string())
}

/// Files of one folder, and what was made of them.
struct Local {
    folder: PathBuf,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    /// Mappings that somebody decided on, by file.
    mappings: BTreeMap<PathBuf, Vec<Mapping>>,
    /// The newest last.
    analyses: Vec<(String, Arc<Analyzed>)>,
    made: usize,
}

struct Analyzed {
    data: Data,
    _scratch: Scratch,
}

impl Local {
    fn new(folder: PathBuf) -> Self {
        Self { folder, kept: Arc::default() }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, call: &Call, name: &str) -> Result<PathBuf, Refusal> {
        within(&self.folder, call.needed(name)?)
    }

    async fn read(&self, call: &Call) -> Result<Value, Refusal> {
        if call.text("path").is_empty() {
            return Err(Refusal("give the path of a file in the folder of this server".to_owned()));
        }
        let path = self.path(call, "path")?;
        let dataset = path.strip_prefix(&self.folder).unwrap_or(&path).display().to_string();
        let tables = blocking(move || {
            let scratch = Scratch::new().map_err(told)?;
            let tables = app::read::read(&path, None, &scratch, &mut |_| {}).map_err(told)?;
            Ok(tables.iter().map(|table| view::table::table(&Reading::from(table))).collect::<Vec<_>>())
        });
        Ok(json!({"dataset": dataset, "tables": tables.await?}))
    }

    async fn map(&self, call: &Call, person: &dyn Person) -> Result<Value, Refusal> {
        let path = self.path(call, "dataset")?;
        let known = self.kept().mappings.get(&path).cloned();
        let mut mappings = if let Some(known) = known {
            known
        } else {
            let path = path.clone();
            blocking(move || {
                let scratch = Scratch::new().map_err(told)?;
                let (_, mappings) = app::map::map(&path, None, &scratch, &mut |_| {}).map_err(told)?;
                Ok(mappings)
            })
            .await?
        };
        let mut decisions = ask::decisions(call.arguments.get("decisions")).map_err(Refusal)?;
        if decisions.is_empty() {
            let open = ask::open(&mappings);
            let questions: Vec<Open> = open
                .iter()
                .map(|one| Open { question: one.question.clone(), choices: one.choices.clone() })
                .collect();
            match person.decide("What do these columns mean?", &questions).await {
                Said::Chosen(values) => decisions = ask::chosen(&open, &values).map_err(Refusal)?,
                Said::Later => return Err(Refusal::later()),
                Said::Nothing => {}
            }
        }
        app::datasets::decision::decide(&mut mappings, &decisions).map_err(told)?;
        let confirmed = call.arguments.get("confirm").and_then(Value::as_bool).unwrap_or(false);
        if confirmed {
            mappings.iter_mut().for_each(app::datasets::decision::confirm);
        }
        let tables: Vec<Value> = mappings.iter().map(view::mapping::mapping).collect();
        let open = ask::listed(&ask::open(&mappings));
        self.kept().mappings.insert(path, mappings);
        Ok(json!({"dataset": call.text("dataset"), "tables": tables, "open": open, "confirmed": confirmed}))
    }

    async fn analyze(&self, call: &Call) -> Result<Value, Refusal> {
        let mut files = Vec::new();
        for dataset in call.texts("datasets") {
            files.push(within(&self.folder, &dataset)?);
        }
        if files.is_empty() {
            return Err(Refusal("name at least one dataset".to_owned()));
        }
        let saved: Vec<(String, SavedMapping)> = {
            let kept = self.kept();
            files
                .iter()
                .filter_map(|file| {
                    let mappings = kept.mappings.get(file)?;
                    Some((file.display().to_string(), SavedMapping::of(mappings)))
                })
                .collect()
        };
        let analyzed = blocking(move || {
            let scratch = Scratch::new().map_err(told)?;
            let settings = Settings::preset(Preset::Balanced);
            let request = Request {
                files: &files,
                part: None,
                saved: &saved,
                settings: &settings,
                decisions: Decisions::Likelier,
            };
            let outcome = app::analyze::analyze(&request, &scratch, &mut |_| {}).map_err(told)?;
            let (Some(analysis), Some(canonical)) = (outcome.analysis, outcome.canonical) else {
                return Err(Refusal("the analysis did not run".to_owned()));
            };
            let data = Data::new(canonical, analysis, settings).map_err(told)?;
            Ok(Arc::new(Analyzed { data, _scratch: scratch }))
        })
        .await?;
        let mut kept = self.kept();
        kept.made += 1;
        let id = format!("a{}", kept.made);
        kept.analyses.push((id.clone(), Arc::clone(&analyzed)));
        if kept.analyses.len() > KEPT {
            kept.analyses.remove(0);
        }
        drop(kept);
        Ok(ask::summary(&id, &analyzed.data.analysis))
    }

    fn analysis(&self, id: &str) -> Result<Arc<Analyzed>, Refusal> {
        let kept = self.kept();
        let found = if id.is_empty() {
            kept.analyses.last()
        } else {
            kept.analyses.iter().find(|(known, _)| known == id)
        };
        found
            .map(|(_, analyzed)| Arc::clone(analyzed))
            .ok_or_else(|| Refusal("there is no such analysis; call analyze first".to_owned()))
    }

    async fn look_up(&self, call: &Call) -> Result<Value, Refusal> {
        let analyzed = self.analysis(call.text("analysis"))?;
        let (name, mut arguments) = (call.name.clone(), call.arguments.clone());
        arguments.remove("analysis");
        blocking(move || ask::tool(&analyzed.data, &name, &arguments).map_err(Refusal)).await
    }

    async fn ask(&self, call: &Call) -> Result<Value, Refusal> {
        let analyzed = self.analysis(call.text("analysis"))?;
        let question: String = call.needed("question")?.chars().take(2_000).collect();
        blocking(move || {
            let reply = ask::ask(&analyzed.data, &question, Language::English).map_err(told)?;
            Ok(ask::shown(&reply))
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(job).await.map_err(|error| Refusal(format!("the work broke: {error}")))?
}

impl Tools for Local {
    fn call<'a>(&'a self, call: &'a Call, person: &'a dyn Person) -> BoxFuture<'a, Result<Value, Refusal>> {
        Box::pin(async move {
            match call.name.as_str() {
                "read" => self.read(call).await,
                "map" => self.map(call, person).await,
                "analyze" => self.analyze(call).await,
                "ask" => self.ask(call).await,
                _ => self.look_up(call).await,
            }
        })
    }

    fn resources(&self) -> BoxFuture<'_, Result<Vec<Line>, Refusal>> {
        let kept = self.kept();
        let mut lines = Vec::new();
        for (id, analyzed) in kept.analyses.iter().rev() {
            lines.push(resource::report(id, format!("Report of analysis {id}")));
            lines.extend(
                analyzed
                    .data
                    .analysis
                    .findings_by_money()
                    .into_iter()
                    .take(resource::LISTED)
                    .map(|finding| resource::finding(id, &finding.id, &finding.title)),
            );
        }
        Box::pin(std::future::ready(Ok(lines)))
    }

    fn read<'a>(&'a self, uri: &'a str) -> BoxFuture<'a, Result<Option<(String, String)>, Refusal>> {
        Box::pin(async move {
            let Some((id, what)) = resource::named(uri) else { return Ok(None) };
            let Ok(analyzed) = self.analysis(id) else { return Ok(None) };
            let what = what.to_owned();
            blocking(move || ask::part(&analyzed.data.analysis, &what).map_err(Refusal)).await
        })
    }
}
