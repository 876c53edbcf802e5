//! Why a request of this process to another server failed, in words for whoever runs it.

use std::{error::Error, iter};

/// The outer errors only say that something failed; the innermost says what: "builder error: no certificate authorities".
/// The URL is left out, since it may hold what is secret.
pub(crate) fn failure(error: reqwest::Error) -> String {
    let error = error.without_url();
    let innermost = iter::successors(error.source(), |cause| (*cause).source()).last();
    innermost.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failure_says_what_failed_and_why_but_not_where() {
        // Nobody listens on the port of a listener that is closed again.
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let error = reqwest::get(format!("http://{closed}/secret")).await.unwrap_err();
        let told = failure(error);
        assert!(told.starts_with("error sending request: ") && told.contains("refused"), "{told}");
        assert!(!told.contains("secret"), "{told}");
    }
}
