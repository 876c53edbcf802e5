//! Visitors of the pages: a browser that follows no redirect and runs no script, signed in or not.

use super::{Caller, Server};

/// Somebody in front of a browser.
pub(crate) struct Visitor {
    base: String,
    /// What the browser keeps.
    pub(crate) cookie: Option<String>,
    client: reqwest::Client,
}

/// What came back.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Page {
    async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    /// A header, empty where it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The value of the first field of a form with a name.
    pub(crate) fn field(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let (_, rest) = self.text.split_once(&mark).unwrap_or_else(|| panic!("no field {name} in\n{}", self.text));
        rest.split('"').next().unwrap().to_owned()
    }

    /// What a reader sees: the text without its tags, entities read, space folded.
    pub(crate) fn words(&self) -> String {
        let body = self.text.split_once("<body").map_or(self.text.as_str(), |(_, body)| body);
        let mut words = String::new();
        let mut inside = true;
        for character in body.chars() {
            match character {
                '<' => inside = true,
                '>' if inside => {
                    inside = false;
                    words.push(' ');
                }
                _ if inside => {}
                other => words.push(other),
            }
        }
        let entities = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
        let read = entities.iter().fold(words, |words, (entity, character)| words.replace(entity, character));
        read.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Visitor {
    /// Somebody who is not signed in.
    pub(crate) fn new(server: &Server) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { base: server.url.trim_end_matches("/graphql").to_owned(), cookie: None, client }
    }

    /// Somebody who signed in with a caller's token.
    pub(crate) async fn signed_in(server: &Server, caller: &Caller) -> Self {
        let mut visitor = Self::new(server);
        let page = visitor.post("/sign-in", &[("token", caller.token())]).await;
        assert_eq!(page.status, 303, "{}", page.text);
        let cookie = page.header("set-cookie").split(';').next().unwrap();
        visitor.cookie = Some(cookie.to_owned());
        visitor
    }

    pub(crate) async fn get(&self, path: &str) -> Page {
        let mut request = self.client.get(format!("{}{path}", self.base)).header("Accept", "text/html");
        if let Some(cookie) = &self.cookie {
            request = request.header("Cookie", cookie);
        }
        Page::of(request.send().await.unwrap()).await
    }

    /// A page that must be there.
    pub(crate) async fn sees(&self, path: &str) -> Page {
        let page = self.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.words());
        page
    }

    /// Sends a form from one of our own pages.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.post_from("same-origin", path, fields).await
    }

    /// Sends a form from a page of some site, as browsers name it.
    pub(crate) async fn post_from(&self, site: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let mut request = self.client.post(format!("{}{path}", self.base)).header("Sec-Fetch-Site", site);
        if let Some(cookie) = &self.cookie {
            request = request.header("Cookie", cookie);
        }
        let encoded =
            |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let kind = "application/x-www-form-urlencoded";
        Page::of(request.header("Content-Type", kind).body(pairs.join("&")).send().await.unwrap()).await
    }
}
