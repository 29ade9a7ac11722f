//! The switch, the key and the budget, for people.

use domain::Role;
use jiff::Timestamp;
use rust_decimal::Decimal;
use store::models::{self, ModelSetting, NewModelSetting, Provider};

use super::{Offers, address, sealed_to};
use crate::{Caller, Error, accounts::Desk, deed, error::Flaw, usage};

/// Letters of a key.
const KEY_MAX: usize = 1_000;

/// Which key is used; keys themselves are never given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyInUse {
    /// The organisation's own.
    Own,
    /// That of the installation.
    Installation,
    None,
}

impl KeyInUse {
    /// The word in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Installation => "installation",
            Self::None => "none",
        }
    }
}

/// What is set, without the key.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Whether a model answers questions.
    pub answers: bool,
    /// Whether it helps with columns that are undecided.
    pub mapping: bool,
    pub provider: Provider,
    /// The organisation's own; empty otherwise.
    pub address: String,
    /// The host that is asked.
    pub host: String,
    pub model: String,
    pub key: KeyInUse,
    pub tokens_max: Option<i64>,
    pub money_max: Option<Decimal>,
    pub price_read: Option<Decimal>,
    pub price_written: Option<Decimal>,
    pub patience_seconds: i64,
    /// 0 where nothing was ever set.
    pub version: i64,
    /// This month's.
    pub tokens: i64,
    pub money: Decimal,
    pub calls: i64,
    pub resets_at: Timestamp,
}

/// What is to be set; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Form {
    pub answers: Option<bool>,
    pub mapping: Option<bool>,
    pub provider: Option<String>,
    pub address: Option<String>,
    pub model: Option<String>,
    /// A new key, or none at all.
    pub key: Option<Option<String>>,
    pub tokens_max: Option<Option<i64>>,
    pub money_max: Option<Option<Decimal>>,
    pub price_read: Option<Option<Decimal>>,
    pub price_written: Option<Option<Decimal>>,
    pub patience_seconds: Option<i64>,
}

/// What is set. Everybody of the organisation may know which model answers and what leaves.
pub async fn get(desk: &Desk, caller: &Caller) -> Result<Setting, Error> {
    caller.require(Role::Viewer)?;
    let now = desk.backing.clock.now();
    let mut tx = deed::begin(&desk.backing, caller).await?;
    let setting = models::get(&mut tx).await?;
    let spending = models::spending(&mut tx, now).await?;
    let blank = blank(&desk.models, now);
    let setting = setting.unwrap_or(blank);
    let reached = address(&desk.models, setting.provider, &setting.address);
    Ok(Setting {
        answers: setting.answers,
        mapping: setting.mapping,
        host: host(&reached.address),
        key: if setting.secret.is_some() {
            KeyInUse::Own
        } else if setting.address.is_empty() && desk.models.of(setting.provider).key.is_some() {
            KeyInUse::Installation
        } else {
            KeyInUse::None
        },
        provider: setting.provider,
        address: setting.address,
        model: setting.model,
        tokens_max: setting.tokens_max,
        money_max: setting.money_max,
        price_read: setting.price_read,
        price_written: setting.price_written,
        patience_seconds: setting.patience_seconds,
        version: setting.version,
        tokens: spending.tokens,
        money: spending.money,
        calls: spending.calls,
        resets_at: usage::resets_at(now),
    })
}

/// Sets it. The key of one address is never sent to another: whoever changes the address enters the key again.
pub async fn set(desk: &Desk, caller: &Caller, version: Option<i64>, form: &Form) -> Result<Setting, Error> {
    caller.require(Role::Admin)?;
    let now = desk.backing.clock.now();
    let mut tx = deed::begin(&desk.backing, caller).await?;
    let before = models::get(&mut tx).await?;
    let known = before.clone().unwrap_or_else(|| blank(&desk.models, now));
    let mut flaws = Vec::new();
    let mut flaw = |field: &str, message: String| flaws.push(Flaw { field: field.to_owned(), message });

    let provider = match form.provider.as_deref() {
        None => known.provider,
        Some(name) => Provider::parse(name).unwrap_or_else(|| {
            flaw("provider", "give one of openai, anthropic".to_owned());
            known.provider
        }),
    };
    let own = form.address.as_deref().unwrap_or(&known.address).trim();
    let own = if own.is_empty() { String::new() } else { super::wire(provider).whole_address(own) };
    if !own.is_empty()
        && let Err(error) = clients::models::check_address(&own, desk.models.private)
    {
        flaw("address", error.to_string());
    }
    let model = form.model.as_deref().unwrap_or(&known.model).trim().to_owned();
    if model.is_empty() || model.chars().count() > 200 || model.chars().any(char::is_control) {
        flaw("model", "give the model's name at the provider".to_owned());
    }
    let moved = own != known.address || provider != known.provider;
    let secret = match &form.key {
        Some(None) => None,
        None if moved => None,
        None => known.secret.clone(),
        Some(Some(key)) => {
            let key = key.trim();
            if key.is_empty() || key.len() > KEY_MAX || !key.chars().all(|letter| letter.is_ascii_graphic()) {
                flaw("key", format!("give a key of 1 to {KEY_MAX} letters, without spaces"));
            }
            let sealed = desk.keys.seal(key.as_bytes(), &sealed_to(tx.org()));
            Some(sealed.ok_or_else(|| Error::Work("a key could not be sealed".to_owned()))?)
        }
    };
    let answers = form.answers.unwrap_or(known.answers);
    let mapping = form.mapping.unwrap_or(known.mapping);
    let offered = own.is_empty() && {
        let offer = desk.models.of(provider);
        offer.key.is_some() || offer.address.is_some()
    };
    // A server of one's own may need no key; the providers do.
    if (answers || mapping) && secret.is_none() && own.is_empty() && !offered {
        flaw("key", "give the provider's key; this installation has none of its own".to_owned());
    }
    let tokens_max = form.tokens_max.unwrap_or(known.tokens_max);
    let money_max = form.money_max.unwrap_or(known.money_max);
    let price_read = form.price_read.unwrap_or(known.price_read);
    let price_written = form.price_written.unwrap_or(known.price_written);
    if tokens_max.is_some_and(|tokens| tokens < 0) {
        flaw("tokens_max", "give 0 or more".to_owned());
    }
    let most = Decimal::from(1_000_000_000);
    for (field, amount) in
        [("money_max", money_max), ("price_read", price_read), ("price_written", price_written)]
    {
        if amount.is_some_and(|amount| amount < Decimal::ZERO || amount > most) {
            flaw(field, "give 0 or more".to_owned());
        }
    }
    if money_max.is_some() && (price_read.is_none() || price_written.is_none()) {
        flaw(
            "price_read",
            "give what a million tokens cost, read and written; money is counted with it".to_owned(),
        );
    }
    let patience_seconds = form.patience_seconds.unwrap_or(known.patience_seconds);
    if !(1..=60).contains(&patience_seconds) {
        flaw("patience_seconds", "give 1 to 60 seconds".to_owned());
    }
    if !flaws.is_empty() {
        return Err(Error::Invalid(flaws));
    }
    let new = NewModelSetting {
        answers,
        mapping,
        provider,
        address: &own,
        model: &model,
        secret: secret.as_deref(),
        tokens_max,
        money_max,
        price_read,
        price_written,
        patience_seconds,
    };
    // Version 0 is that of what was never set.
    let expected = version.filter(|_| before.is_some());
    if before.is_none() && version.is_some_and(|version| version != 0) {
        return Err(Error::Stale("model"));
    }
    models::set(&mut tx, expected, &new).await?.ok_or(Error::Stale("model"))?;
    let event = deed::done(caller, "model.update", "model", provider.name())
        .detail("answers", answers)
        .detail("mapping", mapping)
        .detail("model", model.as_str())
        .detail("host", host(&address(&desk.models, provider, &own).address).as_str())
        .detail(
            "key",
            if secret.is_none() {
                "none"
            } else if form.key.is_some() {
                "new"
            } else {
                "kept"
            },
        );
    deed::commit(tx, caller, event).await?;
    get(desk, caller).await
}

/// What stands there before anything was set: off, and the provider that the installation has a key of.
fn blank(offers: &Offers, now: Timestamp) -> ModelSetting {
    let anthropic = offers.openai.key.is_none() && offers.anthropic.key.is_some();
    ModelSetting {
        answers: false,
        mapping: false,
        provider: if anthropic { Provider::Anthropic } else { Provider::OpenAi },
        address: String::new(),
        model: String::new(),
        secret: None,
        tokens_max: None,
        money_max: None,
        price_read: None,
        price_written: None,
        patience_seconds: 8,
        version: 0,
        updated_at: now,
    }
}

fn host(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest).to_owned()
}
