//! The language model of an organisation's choice: the switch, the key, the budget, and what it spent. Off until an administrator
//! switches it on; nothing leaves the installation before.

mod budget;
mod settings;

pub(crate) use budget::{Budget, Used};
pub use settings::{Form, KeyInUse, Setting, get, set};

use std::time::Duration;

use clients::models::{Model, Patience, Wire};
use store::{
    Tx,
    models::{self, ModelSetting, Provider},
};

use crate::{
    Error,
    accounts::{Desk, secret::Keys},
};

/// What the installation itself knows of providers: its own keys and addresses, which organisations may use that have none.
#[derive(Clone, Default)]
pub struct Offers {
    pub openai: Offer,
    pub anthropic: Offer,
    /// Whether organisations may name addresses of this machine and of private networks.
    pub private: bool,
}

/// One provider, as the installation knows it.
#[derive(Clone, Default)]
pub struct Offer {
    pub key: Option<String>,
    /// Up to and with `/v1`.
    pub address: Option<String>,
}

impl std::fmt::Debug for Offers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Offers").field("private", &self.private).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Offer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Offer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Offers {
    fn of(&self, provider: Provider) -> &Offer {
        match provider {
            Provider::OpenAi => &self.openai,
            Provider::Anthropic => &self.anthropic,
        }
    }
}

fn wire(provider: Provider) -> Wire {
    match provider {
        Provider::OpenAi => Wire::OpenAi,
        Provider::Anthropic => Wire::Anthropic,
    }
}

/// What a key of an organisation is sealed to.
pub(crate) fn sealed_to(org: domain::id::OrgId) -> Vec<u8> {
    format!("model {org}").into_bytes()
}

/// A model that may be asked, and within which budget.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    pub(crate) model: Model,
    pub(crate) budget: Budget,
}

/// The model that answers questions of the organisation of this transaction, where that is switched on.
pub(crate) async fn to_answer(desk: &Desk, tx: &mut Tx) -> Result<Option<Chosen>, Error> {
    match models::get(tx).await?.filter(|setting| setting.answers) {
        Some(setting) => Ok(Some(chosen(&desk.models, &desk.keys, tx, &setting)?)),
        None => Ok(None),
    }
}

/// The model that helps with undecided columns of the organisation of this transaction, where that is switched on.
pub(crate) async fn to_map(offers: &Offers, keys: &Keys, tx: &mut Tx) -> Result<Option<Chosen>, Error> {
    match models::get(tx).await?.filter(|setting| setting.mapping) {
        Some(setting) => Ok(Some(chosen(offers, keys, tx, &setting)?)),
        None => Ok(None),
    }
}

fn chosen(offers: &Offers, keys: &Keys, tx: &Tx, setting: &ModelSetting) -> Result<Chosen, Error> {
    let own_key = match &setting.secret {
        None => None,
        Some(sealed) => {
            let opened = keys.open(sealed, &sealed_to(tx.org()));
            let opened = opened.and_then(|bytes| String::from_utf8(bytes).ok());
            Some(opened.ok_or_else(|| {
                Error::Conflict(
                    "the model's key was sealed with another secret of the installation; enter it again"
                        .to_owned(),
                )
            })?)
        }
    };
    let offer = offers.of(setting.provider);
    let reached = address(offers, setting.provider, &setting.address);
    // The installation's key goes to the installation's address and to no other.
    let key = own_key.or_else(|| setting.address.is_empty().then(|| offer.key.clone()).flatten());
    let first = Duration::from_secs(setting.patience_seconds.clamp(1, 60).unsigned_abs());
    let patience = Patience { first, silence: first, ..Patience::default() };
    Ok(Chosen {
        model: Model {
            wire: wire(setting.provider),
            address: reached.address,
            private: reached.private,
            key,
            name: setting.model.clone(),
            patience,
        },
        budget: Budget::of(setting),
    })
}

struct Reached {
    address: String,
    private: bool,
}

/// Where a provider is asked: at the organisation's own address, the installation's, or the provider's.
fn address(offers: &Offers, provider: Provider, own: &str) -> Reached {
    if !own.is_empty() {
        return Reached { address: own.to_owned(), private: offers.private };
    }
    match &offers.of(provider).address {
        Some(address) => Reached { address: address.clone(), private: true },
        None => Reached { address: wire(provider).usual_address().to_owned(), private: false },
    }
}
