//! Mail: short plain-text letters over SMTP.

mod smtp;
#[cfg(test)]
mod tests;

use std::{fmt, future::Future, pin::Pin};

pub use smtp::{Security, Smtp, SmtpSettings};

/// A letter. Plain text only: nothing in it can run or call home.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// To whom.
    pub to: String,
    /// What about; one line.
    pub subject: String,
    /// The text.
    pub text: String,
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Letters carry addresses and links that sign people in; neither belongs into a log.
        f.debug_struct("Letter").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// Why a letter was not sent.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address or setting that no mail server would take.
    #[error("the mail cannot be written: {0}")]
    Unwritable(String),
    /// The mail server refused it for good.
    #[error("the mail server refused the letter: {0}")]
    Refused(String),
    /// The mail server does not answer; trying again later may help.
    #[error("the mail server does not answer: {0}")]
    Silent(String),
}

/// What sending promises.
pub type Sent<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;

/// Something that sends letters.
pub trait Mailer: fmt::Debug + Send + Sync {
    /// Hands a letter over; once this returns, the mail server has it.
    fn send<'a>(&'a self, letter: &'a Letter) -> Sent<'a>;
}
