//! Where a provider's keys are read: a URL or a file. Holds the bounds of reading (size, time, no redirects).
//! Refuses to understand what it reads.

use std::{
    fmt,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
    time::Duration,
};

use reqwest::{Client, StatusCode, Url, redirect::Policy};

use super::jwks::KeySet;
use crate::outgoing;

/// The longest set of keys that is read, in bytes.
const LONGEST: usize = 256 * 1024;

/// Where a provider's keys are read.
#[derive(Debug, Clone)]
pub enum Source {
    /// From its server.
    Url(Url, Client),
    /// From a file.
    File(PathBuf),
}

impl Source {
    /// A server's keys, over TLS unless the server is this machine; the error completes a sentence about the URL.
    pub fn url(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|_| "is not a URL such as https://id.example.com/jwks")?;
        let here = is_loopback(&url);
        match url.scheme() {
            "https" => {}
            "http" if here => {}
            _ => return Err("must begin with https://, unless it is on this machine".into()),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("holds a login, which keys that everybody may read do not need".into());
        }
        let client = Client::builder().redirect(Policy::none()).https_only(!here).user_agent("holdline");
        let client = if here { client.no_proxy() } else { client };
        let cannot = |error| format!("cannot be read from here: {}", outgoing::cause(error));
        client.build().map(|client| Self::Url(url, client)).map_err(cannot)
    }

    /// That a file holds keys that can be used, before anybody depends on it. A server may be down for a while and is not
    /// asked.
    pub fn check(&self) -> Result<(), String> {
        let Self::File(path) = self else { return Ok(()) };
        let set = KeySet::parse(&load(path)?)?;
        if set.ids().is_empty() { Err("it has no key that can be used".into()) } else { Ok(()) }
    }

    /// The keys' bytes; the error completes a sentence about them.
    pub(super) async fn read(&self, limit: Duration) -> Result<Vec<u8>, String> {
        let reading = async {
            match self {
                Self::Url(url, client) => fetch(client, url.clone()).await,
                Self::File(path) => {
                    let path = path.clone();
                    let read = tokio::task::spawn_blocking(move || load(&path)).await;
                    read.unwrap_or_else(|_| Err("reading was cut short".into()))
                }
            }
        };
        let seconds = limit.as_secs_f32();
        tokio::time::timeout(limit, reading).await.unwrap_or_else(|_| Err(format!("no answer within {seconds} s")))
    }
}

async fn fetch(client: &Client, url: Url) -> Result<Vec<u8>, String> {
    let mut answer = client.get(url).send().await.map_err(outgoing::cause)?;
    if answer.status() != StatusCode::OK {
        return Err(format!("the answer was {}", answer.status()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(outgoing::cause)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST {
            return Err(TOO_LONG.into());
        }
    }
    Ok(bytes)
}

const TOO_LONG: &str = "it is longer than 256 KiB";

fn load(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    // One byte more than is allowed tells that there is more.
    file.take(LONGEST as u64 + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() > LONGEST { Err(TOO_LONG.into()) } else { Ok(bytes) }
}

/// Whether a URL's host is this machine.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url, _) => write!(f, "{url}"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_over_tls_or_from_this_machine() {
        let table = [
            ("https://id.example.com/jwks", true),
            ("http://127.0.0.1:9000/jwks", true),
            ("http://[::1]:9000/jwks", true),
            ("http://localhost:9000/jwks", true),
            ("http://id.example.com/jwks", false),
            ("http://localhost.example.com/jwks", false),
            ("http://127.0.0.1.example.com/jwks", false),
            ("https://name:word@id.example.com/jwks", false),
            ("file:///srv/jwks.json", false),
            ("jwks.json", false),
            ("", false),
        ];
        for (url, good) in table {
            assert_eq!(Source::url(url).is_ok(), good, "{url}");
        }
    }

    #[tokio::test]
    async fn a_file_that_is_too_long_or_missing_is_said_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("jwks.json");
        let limit = Duration::from_secs(5);
        assert!(Source::File(file.clone()).read(limit).await.unwrap_err().contains("No such file"));

        std::fs::write(&file, vec![b' '; LONGEST]).unwrap();
        assert_eq!(Source::File(file.clone()).read(limit).await.unwrap().len(), LONGEST);
        std::fs::write(&file, vec![b' '; LONGEST + 1]).unwrap();
        assert_eq!(Source::File(file).read(limit).await, Err(TOO_LONG.into()));
    }
}
