//! Sending through an SMTP server.

use std::{fmt, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{AsyncSmtpTransportBuilder, authentication::Credentials},
};

use super::{Error, Letter, Mailer, Sent};

/// How the way to the server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte, usually on port 465.
    Tls,
    /// Plain greeting, then TLS or nothing, usually on port 587.
    StartTls,
    /// In the clear: for a server on the same machine.
    None,
}

/// The server that takes letters.
#[derive(Clone)]
pub struct SmtpSettings {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is kept private.
    pub security: Security,
    /// User and password, where it wants them.
    pub account: Option<(String, String)>,
    /// From whom letters are, as in `PlantIntel <plant@example.com>`.
    pub from: String,
}

impl fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// A mail server.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    host: String,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("host", &self.host).finish_non_exhaustive()
    }
}

impl SmtpSettings {
    /// Whether letters could be written with these settings; asked before anything runs, and without anything that runs.
    pub fn usable(&self) -> Result<(), Error> {
        self.parts().map(drop)
    }

    fn parts(&self) -> Result<(AsyncSmtpTransportBuilder, Mailbox), Error> {
        let unwritable = |error: &dyn fmt::Display| Error::Unwritable(error.to_string());
        let from: Mailbox = self.from.parse().map_err(|error| unwritable(&error))?;
        let builder = match self.security {
            Security::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(&self.host),
            Security::StartTls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&self.host),
            Security::None => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&self.host)),
        };
        let builder = builder.map_err(|error| unwritable(&error))?;
        Ok((builder.port(self.port).timeout(Some(Duration::from_secs(10))), from))
    }
}

impl Smtp {
    /// A server with these settings. Nothing is connected yet, but it needs the runtime that will do so.
    pub fn new(settings: SmtpSettings) -> Result<Self, Error> {
        let (mut builder, from) = settings.parts()?;
        if let Some((user, password)) = settings.account {
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(Self { transport: builder.build(), from, host: settings.host })
    }
}

impl Mailer for Smtp {
    fn send<'a>(&'a self, letter: &'a Letter) -> Sent<'a> {
        Box::pin(async {
            let to: Mailbox =
                letter.to.parse().map_err(|_| Error::Unwritable("no usable address".to_owned()))?;
            let message = Message::builder()
                .from(self.from.clone())
                .to(to)
                .subject(letter.subject.replace(['\r', '\n'], " "))
                .header(ContentType::TEXT_PLAIN)
                .body(letter.text.clone())
                .map_err(|error| Error::Unwritable(error.to_string()))?;
            match self.transport.send(message).await {
                Ok(_) => Ok(()),
                Err(error) if error.is_permanent() => Err(Error::Refused(error.to_string())),
                Err(error) => Err(Error::Silent(error.to_string())),
            }
        })
    }
}
