//! Why a request of this process to another server failed, in words for whoever runs it.

use std::{error::Error, iter};

/// The innermost error, which says what failed; the outer ones only say that something did ("builder error"). Without the
/// URL, which may hold what is secret.
pub(crate) fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let innermost = iter::successors(error.source(), |cause| (*cause).source()).last();
    innermost.map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failure_says_what_failed_but_not_where() {
        // Nobody listens on the port of a listener that is closed again.
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let told = cause(reqwest::get(format!("http://{closed}/secret")).await.unwrap_err());
        assert!(told.starts_with("Connection refused") && !told.contains("secret"), "{told}");
        let told = cause(reqwest::get("ftp://127.0.0.1/secret").await.unwrap_err());
        assert!(told.contains("scheme") && !told.contains("secret"), "{told}");
    }
}
