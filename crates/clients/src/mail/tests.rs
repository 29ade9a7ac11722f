//! Letters, caught by a mail server of this test.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use super::{Error, Letter, Mailer, Security, Smtp, SmtpSettings};

/// A mail server on a free port that keeps what it is given, and refuses one address for good.
async fn catcher() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let caught = Arc::new(Mutex::new(Vec::new()));
    let kept = caught.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let kept = kept.clone();
            tokio::spawn(async move {
                let (read, mut write) = stream.into_split();
                let mut lines = BufReader::new(read).lines();
                write.write_all(b"220 catcher\r\n").await.unwrap();
                while let Ok(Some(line)) = lines.next_line().await {
                    let answer: &[u8] = if line.starts_with("EHLO") {
                        b"250 catcher\r\n"
                    } else if line.contains("refused@") {
                        b"550 no such person\r\n"
                    } else if line == "DATA" {
                        write.write_all(b"354 go on\r\n").await.unwrap();
                        let mut text = String::new();
                        while let Ok(Some(line)) = lines.next_line().await {
                            if line == "." {
                                break;
                            }
                            text.push_str(&line);
                            text.push('\n');
                        }
                        kept.lock().unwrap().push(text);
                        b"250 kept\r\n"
                    } else {
                        b"250 fine\r\n"
                    };
                    if write.write_all(answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (port, caught)
}

fn smtp(port: u16) -> Smtp {
    let from = "PlantIntel <plant@example.com>".to_owned();
    let settings =
        SmtpSettings { host: "127.0.0.1".to_owned(), port, security: Security::None, account: None, from };
    Smtp::new(settings).unwrap()
}

fn letter(to: &str) -> Letter {
    let text = "Open this link:\n\nhttp://127.0.0.1:8000/reset/new?token=abc\n".to_owned();
    Letter { to: to.to_owned(), subject: "Set a new password\r\nBcc: eve@example.com".to_owned(), text }
}

#[tokio::test]
async fn a_letter_arrives_as_it_was_written() {
    let (port, caught) = catcher().await;
    smtp(port).send(&letter("marie@example.com")).await.unwrap();
    let letters = caught.lock().unwrap().clone();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].contains("To: marie@example.com"), "{}", letters[0]);
    assert!(letters[0].contains("http://127.0.0.1:8000/reset/new?token=abc"), "{}", letters[0]);
    // What came in as a subject begins no header of its own.
    assert!(!letters[0].lines().any(|line| line.starts_with("Bcc:")), "{}", letters[0]);
}

#[tokio::test]
async fn what_cannot_be_sent_says_why() {
    let (port, _) = catcher().await;
    let smtp = smtp(port);
    for to in ["", "nobody", "a@b\r\nBcc: eve@example.com", "a@b, c@d"] {
        assert!(matches!(smtp.send(&letter(to)).await, Err(Error::Unwritable(_))), "{to}");
    }
    assert!(matches!(smtp.send(&letter("refused@example.com")).await, Err(Error::Refused(_))));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    assert!(matches!(
        super::tests::smtp(closed).send(&letter("marie@example.com")).await,
        Err(Error::Silent(_))
    ));
    assert!(!format!("{:?}", letter("marie@example.com")).contains("token"));
}
