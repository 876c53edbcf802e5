//! A form as a browser sends it, and what a query string says: names and values, each name once.

use std::{collections::BTreeMap, time::Duration};

use axum::{body::Body, http::HeaderMap};

use super::problem::Problem;
use crate::http::request::{self, Room};

/// More names than any form or address of ours has.
const FIELDS: usize = 16;

/// What was filled in.
#[derive(Debug, Default)]
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    /// What a query string says.
    pub(super) fn of_query(text: Option<&str>) -> Result<Self, Problem> {
        Self::parse(text.unwrap_or_default())
    }

    /// Reads the body of a form of at most so many bytes within a time. How many there were is paid for before anything is made
    /// of them.
    pub(super) async fn read(
        room: &Room,
        headers: &HeaderMap,
        body: Body,
        (most, time): (usize, Duration),
        pay: impl FnOnce(usize) -> Result<(), Problem>,
    ) -> Result<Self, Problem> {
        let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            request::discard(body, time).await;
            return Err(Problem::asked_wrongly("A form is sent as application/x-www-form-urlencoded."));
        }
        let held = room.read_up_to(body, most, time).await.map_err(|refusal| Problem::of_refusal(&refusal, "/"))?;
        pay(held.bytes.len())?;
        let text = std::str::from_utf8(&held.bytes);
        Self::parse(text.map_err(|_| Problem::asked_wrongly("The form is not UTF-8."))?)
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        let mut fields = BTreeMap::new();
        if request::pairs(text).nth(FIELDS).is_some() {
            return Err(Problem::asked_wrongly("The address or the form says more than any page of ours asks."));
        }
        for (name, raw) in request::pairs(text) {
            let decoded = request::decode(name).and_then(|name| Ok((name, request::decode(raw)?)));
            let (name, value) = decoded.map_err(|refusal| Problem::of_refusal(&refusal, "/"))?;
            if fields.insert(name, value).is_some() {
                return Err(Problem::asked_wrongly("The address or the form says the same thing twice."));
            }
        }
        Ok(Self(fields))
    }

    /// What a field says, without the space around it; none where it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }
}
