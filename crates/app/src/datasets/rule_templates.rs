//! Rules to be filled in over a column: those that the product brings, and those that the organisation keeps.

use domain::{Role, id::DatasetId};
use preparation::{
    recipe::PreparedColumn,
    templates::{Category, TEMPLATES, Template},
};
use serde_json::json;
use store::rule_templates::{self, NewRuleTemplate, RuleTemplate};
use uuid::Uuid;

use super::preparation::raw_reading;
use crate::{
    Backing, Caller, Error,
    deed::{self, Began},
    error::Flaw,
};

/// A rule to be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// A word for those of the product, an id for the organisation's own.
    pub id: String,
    pub name: String,
    pub category: &'static str,
    /// What the column is that the rule reads, in words; of an own one, the column that it read where it was kept.
    pub reads: String,
    /// What the rule's own column is called.
    pub column: String,
    pub own: bool,
}

/// A rule of a column, to be kept as a template.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    pub name: String,
    pub category: String,
    /// The column that another one shall take the place of; `None`: the first that the rule reads.
    pub reads: Option<String>,
    pub prepared: PreparedColumn,
}

/// Own templates of one organisation.
const OWN_MAX: usize = 200;

/// All of them: the product's, then the organisation's own by what they are about.
pub async fn list(backing: &Backing, caller: &Caller) -> Result<Vec<Offered>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let own = rule_templates::list(&mut tx).await?;
    let ours = TEMPLATES.iter().map(|template| Offered {
        id: template.id.to_owned(),
        name: template.name.to_owned(),
        category: template.category.as_str(),
        reads: template.reads.to_owned(),
        column: template.column.to_owned(),
        own: false,
    });
    Ok(ours.chain(own.iter().map(offered)).collect())
}

fn offered(template: &RuleTemplate) -> Offered {
    Offered {
        id: template.id.to_string(),
        name: template.name.clone(),
        category: Category::named(&template.category).unwrap_or(Category::Other).as_str(),
        reads: template.reads.clone(),
        column: template.recipe["column"].as_str().unwrap_or_default().to_owned(),
        own: true,
    }
}

/// Keeps a rule as a template of the organisation.
pub async fn keep(backing: &Backing, caller: &Caller, form: &Form) -> Result<Offered, Error> {
    caller.require(Role::Analyst)?;
    let mut tx = match deed::begin_new(backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => {
            let mut tx = deed::begin(backing, caller).await?;
            let known = rule_templates::get(&mut tx, id).await?;
            return known.as_ref().map(offered).ok_or(Error::NotFound("template"));
        }
    };
    let mut flaws = Vec::new();
    let mut flaw = |field: &str, message: &str| {
        flaws.push(Flaw { field: field.to_owned(), message: message.to_owned() });
    };
    let name = form.name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        flaw("name", "give a name of 1 to 100 characters");
    }
    if Category::named(&form.category).is_none() {
        flaw("category", "use labor, material, machine, time or other");
    }
    if form.prepared.column.trim().is_empty() {
        flaw("prepared", "name the column that the rule makes");
    }
    if form.prepared.rule.is_none() && form.prepared.steps.is_empty() {
        flaw("prepared", "there is no step and no rule to keep");
    }
    let read = form.prepared.reads();
    let reads = match form.reads.as_deref().map(str::trim).filter(|reads| !reads.is_empty()) {
        Some(reads) => reads.to_owned(),
        None => read.first().cloned().unwrap_or_else(|| form.prepared.column.trim().to_owned()),
    };
    if reads.chars().count() > 500 {
        flaw("reads", "names of columns have up to 500 characters");
    }
    if !flaws.is_empty() {
        return Err(Error::Invalid(flaws));
    }
    if rule_templates::list(&mut tx).await?.len() >= OWN_MAX {
        return Err(Error::Conflict(format!("there are {OWN_MAX} templates already; remove one first")));
    }
    let id = Uuid::now_v7();
    let recipe = json!(form.prepared.without_corrections());
    let new = NewRuleTemplate { id, name, category: &form.category, reads: &reads, recipe: &recipe };
    let made = rule_templates::insert(&mut tx, &new).await.map_err(|error| match error {
        store::Error::Conflict { .. } => Error::Conflict(format!("there is a template named {name} already")),
        other => other.into(),
    })?;
    let event = deed::done(caller, "rule_template.create", "rule_template", id);
    deed::commit_new(tx, caller, event, id).await?;
    Ok(offered(&made))
}

/// Forgets an own template. Rules that were filled in from it stay.
pub async fn delete(backing: &Backing, caller: &Caller, id: Uuid) -> Result<(), Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(backing, caller).await?;
    if !rule_templates::delete(&mut tx, id).await? {
        return Err(Error::NotFound("template"));
    }
    deed::commit(tx, caller, deed::done(caller, "rule_template.delete", "rule_template", id)).await
}

/// A template over a column of a table, to be filled in.
pub async fn fill(
    backing: &Backing,
    caller: &Caller,
    id: DatasetId,
    table: usize,
    template: &str,
    source: &str,
) -> Result<PreparedColumn, Error> {
    caller.require(Role::Viewer)?;
    let reading = raw_reading(backing, caller, id, table).await?;
    let missing = || Error::invalid("template", "there is no such template");
    let column = || {
        let known = reading.profile.columns.iter().find(|column| column.header == source);
        known.ok_or_else(|| Error::invalid("source", "the table has no such column"))
    };
    if let Some(template) = Template::named(template) {
        return Ok(template.over(column()?));
    }
    let own = template.parse::<Uuid>().map_err(|_| missing())?;
    let mut tx = deed::begin(backing, caller).await?;
    let kept = rule_templates::get(&mut tx, own).await?.ok_or_else(missing)?;
    tx.rollback().await?;
    let prepared: PreparedColumn = serde_json::from_value(kept.recipe)
        .map_err(|error| Error::Work(format!("the template {own} cannot be read: {error}")))?;
    Ok(prepared.over(&kept.reads, &column()?.header))
}
