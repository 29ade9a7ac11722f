//! What calls of a model may cost. Each takes the most that it can come to before it is made, out of the organisation's own budget and
//! of its plan, and gives back what it did not use.

use clients::models::{Request, Said, Turn};
use jiff::Timestamp;
use rust_decimal::Decimal;
use store::{
    models::{self, ModelSetting, Spent},
    usage::{self, Meter, Taken, UsageType},
};
use uuid::Uuid;

use crate::{Backing, Caller, Error, deed, usage::count};

/// Bytes of text that make a token, at the least.
const BYTES_OF_A_TOKEN: usize = 3;

/// The budget of a month, and what tokens cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    tokens_max: Option<i64>,
    money_max: Option<Decimal>,
    price_read: Decimal,
    price_written: Decimal,
}

/// What was taken for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reserved {
    read: i64,
    taken: Spent,
    at: Timestamp,
}

impl Budget {
    pub(super) fn of(setting: &ModelSetting) -> Self {
        Self {
            tokens_max: setting.tokens_max,
            money_max: setting.money_max,
            price_read: setting.price_read.unwrap_or_default(),
            price_written: setting.price_written.unwrap_or_default(),
        }
    }

    fn spent(&self, read: i64, written: i64) -> Spent {
        let million = Decimal::from(1_000_000);
        let money =
            (self.price_read * Decimal::from(read) + self.price_written * Decimal::from(written)) / million;
        Spent { tokens: read.saturating_add(written), money }
    }

    /// Takes the most that a request may cost; none where the budget or the plan has not so much left.
    pub(crate) async fn reserve(
        &self,
        backing: &Backing,
        caller: &Caller,
        request: &Request,
    ) -> Result<Option<Reserved>, Error> {
        let read = tokens_of(bytes_of(request));
        let taken = self.spent(read, i64::from(request.tokens_max));
        let at = backing.clock.now();
        let mut tx = deed::begin(backing, caller).await?;
        if !models::reserve(&mut tx, taken, self.tokens_max, self.money_max, at).await? {
            return Ok(None);
        }
        if let Taken::Over { .. } = usage::take(&mut tx, Meter::AiTokens, taken.tokens, at).await? {
            tx.rollback().await?;
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(Reserved { read, taken, at }))
    }

    /// Puts what a call came to in the place of what was taken. A provider that does not count is counted for.
    pub(crate) async fn settle(
        &self,
        backing: &Backing,
        caller: &Caller,
        reserved: &Reserved,
        used: Used<'_>,
    ) -> Result<(i64, i64), Error> {
        let (read, written) = match used {
            Used::Nothing => (0, 0),
            Used::Said(said) => {
                let count = |told: Option<u64>| told.and_then(|tokens| i64::try_from(tokens).ok());
                let calls: usize = said.calls.iter().map(|call| call.arguments.len() + call.name.len()).sum();
                (
                    count(said.tokens.read).unwrap_or(reserved.read),
                    count(said.tokens.written).unwrap_or_else(|| tokens_of(said.text.len() + calls)),
                )
            }
            Used::Broken { heard } => (reserved.read, tokens_of(heard)),
        };
        let real = self.spent(read, written);
        let mut tx = deed::begin(backing, caller).await?;
        models::settle(&mut tx, reserved.taken, real, reserved.at).await?;
        usage::refund(&mut tx, Meter::AiTokens, reserved.taken.tokens, reserved.at).await?;
        // What was used is used: where a provider wrote more than it was allowed, the plan is at its limit, not over it.
        let counted = real.tokens.min(reserved.taken.tokens);
        count(backing, &mut tx, Meter::AiTokens, counted).await?;
        let source = Uuid::now_v7().to_string();
        for (type_, tokens) in [(UsageType::AiTokensInput, read), (UsageType::AiTokensOutput, written)] {
            if tokens > 0 {
                usage::record_event(&mut tx, type_, &source, tokens).await?;
            }
        }
        tx.commit().await?;
        Ok((read, written))
    }
}

/// How a call ended, for what it cost.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Used<'a> {
    /// The provider did not take it.
    Nothing,
    Said(&'a Said),
    /// It was taken and ended in its middle, after so many bytes of text.
    Broken {
        heard: usize,
    },
}

impl Used<'_> {
    /// What a call that failed after so many bytes of text has used.
    pub(crate) fn after(error: &clients::models::Error, heard: usize) -> Self {
        use clients::models::Error;
        match error {
            Error::Slow | Error::Garbage(_) | Error::Truncated => Self::Broken { heard },
            _ if heard == 0 => Self::Nothing,
            _ => Self::Broken { heard },
        }
    }
}

fn tokens_of(bytes: usize) -> i64 {
    i64::try_from(bytes.div_ceil(BYTES_OF_A_TOKEN)).unwrap_or(i64::MAX)
}

fn bytes_of(request: &Request) -> usize {
    let turns: usize = request
        .turns
        .iter()
        .map(|turn| match turn {
            Turn::User(text) => text.len(),
            Turn::Assistant { text, calls } => {
                text.len()
                    + calls.iter().map(|call| call.name.len() + call.arguments.len() + 40).sum::<usize>()
            }
            Turn::Results(results) => results.iter().map(|result| result.text.len() + 40).sum(),
        })
        .sum();
    let tools: usize =
        request.tools.iter().map(|tool| tool.description.len() + tool.schema.to_string().len() + 60).sum();
    request.system.len() + turns + tools + 200
}
