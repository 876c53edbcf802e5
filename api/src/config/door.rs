//! The settings of the front door: whose pages may call, which documents run, and how much of everything there is.
//! Refuses an origin that is none and a file of documents that cannot be trusted, before anybody is let in.

use std::{fs, num::NonZeroU32, path::PathBuf, sync::Arc, time::Duration};

use clap::{Args, value_parser};

use super::Unusable;
use crate::http::{Allowance, Documents, HttpSettings, Sockets};

/// The settings of `holdline serve` for its front door.
#[derive(Args, Clone)]
#[command(next_help_heading = "Front door")]
pub struct DoorSettings {
    #[arg(help = "An origin whose pages may call, such as https://dashboard.example.com; again for each, or joined by ','",
          long = "allow-origin", value_name = "ORIGIN", env = "HOLDLINE_ALLOW_ORIGIN", value_delimiter = ',', value_parser = origin)]
    allow_origin: Vec<String>,
    #[arg(help = "The address that browsers use, such as https://holdline.example.com; over TLS, sessions are kept to it alone",
          long, value_name = "URL", env = "HOLDLINE_PUBLIC_URL", value_parser = origin)]
    public_url: Option<String>,
    /// Documents that are asked for by their hash: a JSON object of documents by their SHA-256, as client builds write it
    #[arg(long, value_name = "FILE", env = "HOLDLINE_PERSISTED_DOCUMENTS")]
    persisted_documents: Option<PathBuf>,
    /// Run no documents but those
    #[arg(long, env = "HOLDLINE_PERSISTED_ONLY", requires = "persisted_documents")]
    persisted_only: bool,
    /// How many sockets are open at once; one more is told to come back
    #[arg(long, value_name = "NUMBER", env = "HOLDLINE_MAX_CONNECTIONS", default_value_t = 1024, value_parser = value_parser!(u32).range(1..=1_000_000))]
    max_connections: u32,
    /// How long a client may take over a request's headers, and a socket be idle
    #[arg(long, value_name = "SECONDS", env = "HOLDLINE_HEADER_TIMEOUT", default_value_t = 30, value_parser = value_parser!(u32).range(1..=3600))]
    header_timeout: u32,
    /// How long a body may take to arrive
    #[arg(long, value_name = "SECONDS", env = "HOLDLINE_BODY_TIMEOUT", default_value_t = 10, value_parser = value_parser!(u32).range(1..=3600))]
    body_timeout: u32,
    /// How long a request may run
    #[arg(long, value_name = "SECONDS", env = "HOLDLINE_REQUEST_TIMEOUT", default_value_t = 10, value_parser = value_parser!(u32).range(1..=3600))]
    request_timeout: u32,
    /// How long an answer waits for a client to read on
    #[arg(long, value_name = "SECONDS", env = "HOLDLINE_WRITE_TIMEOUT", default_value_t = 30, value_parser = value_parser!(u32).range(1..=3600))]
    write_timeout: u32,
    /// How many streams of events each subject may have open
    #[arg(long, value_name = "NUMBER", env = "HOLDLINE_MAX_STREAMS", default_value_t = 32, value_parser = value_parser!(u32).range(1..=1_000_000))]
    max_streams: u32,
    /// The points that each subject may spend at once; what a request costs is in its extensions.cost
    #[arg(long, value_name = "POINTS", env = "HOLDLINE_POINTS", default_value_t = 100_000, value_parser = value_parser!(u32).range(20_000..=1_000_000_000))]
    points: u32,
    /// The points that each subject gets back in a second
    #[arg(long, value_name = "POINTS", env = "HOLDLINE_POINTS_PER_SECOND", default_value_t = 1000, value_parser = value_parser!(u32).range(1..=1_000_000))]
    points_per_second: u32,
}

impl DoorSettings {
    /// The front door as it is set.
    pub fn settings(self) -> Result<HttpSettings, Unusable> {
        let time = |seconds: u32| Duration::from_secs(seconds.into());
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        // The ranges above begin at 1.
        let number = |points| NonZeroU32::new(points).unwrap_or(NonZeroU32::MIN);
        let documents = self.persisted_documents.as_ref().map(documents).transpose()?.unwrap_or_default();
        Ok(HttpSettings {
            allowed_origins: self.allow_origin,
            sockets: Sockets {
                most: count(self.max_connections),
                header_time: time(self.header_timeout),
                write_time: time(self.write_timeout),
            },
            body_time: time(self.body_timeout),
            request_time: time(self.request_timeout),
            allowance: Allowance { limit: number(self.points), restored: number(self.points_per_second) },
            streams: count(self.max_streams),
            public_url: self.public_url,
            documents: Arc::new(documents.only(self.persisted_only)),
        })
    }
}

fn documents(file: &PathBuf) -> Result<Documents, Unusable> {
    let unusable = |why: String| {
        Unusable(format!(
            "--persisted-documents (HOLDLINE_PERSISTED_DOCUMENTS) {} cannot be used: {why}.",
            file.display()
        ))
    };
    let text = fs::read_to_string(file).map_err(|error| unusable(error.to_string()))?;
    Documents::read(&text).map_err(|why| unusable(why.trim_end_matches('.').to_owned()))
}

fn origin(text: &str) -> Result<String, String> {
    const FORM: &str =
        "is not an origin such as https://dashboard.example.com or http://localhost:3000, without a path";
    let (scheme, host) = text.split_once("://").ok_or(FORM)?;
    let is_host = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.:[]".contains(&byte);
    if matches!(scheme, "https" | "http") && !host.is_empty() && host.bytes().all(is_host) {
        Ok(text.to_owned())
    } else {
        Err(FORM.into())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        door: DoorSettings,
    }

    fn door(said: &[&str]) -> Result<DoorSettings, clap::Error> {
        Line::try_parse_from([&["holdline"], said].concat()).map(|line| line.door)
    }

    #[test]
    fn unless_something_is_said_the_flags_and_the_built_in_defaults_are_the_same() {
        let (said, built_in) = (door(&[]).unwrap().settings().unwrap(), HttpSettings::default());

        assert_eq!(format!("{said:?}"), format!("{built_in:?}"));
    }

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        for good in ["https://dash.example.com", "http://localhost:3000", "http://[::1]:8080"] {
            assert_eq!(door(&["--allow-origin", good]).unwrap().settings().unwrap().allowed_origins, [good]);
        }
        for bad in ["*", "null", "dash.example.com", "https://", "https://a.example/", "https://A.example", "ftp://a"] {
            assert!(door(&["--allow-origin", bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named_and_only_its_documents_run_where_one_is_given() {
        let refused = door(&["--persisted-documents", "/nowhere/documents.json"]).unwrap().settings().unwrap_err();

        assert!(
            refused.0.contains("/nowhere/documents.json") && refused.0.contains("--persisted-documents"),
            "{}",
            refused.0
        );
        assert!(door(&["--persisted-only"]).is_err());
    }
}
