//! `/metrics`, on an address of its own: it needs no token, so that it answers while the database does not, and is
//! therefore never on the address that everybody reaches.

use std::{future::pending, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
    routing::get,
};
use tokio::{net::TcpListener, time::timeout};

use super::sockets::{Sockets, serve};
use crate::{app::App, metrics::Levels};

/// OpenMetrics 1.0, section 4.1.
const TYPE: HeaderValue = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// How long the database is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Those who read it are few.
const SOCKETS: Sockets =
    Sockets { most: 16, header_time: Duration::from_secs(30), write_time: Duration::from_secs(10) };

/// Serves for as long as it is polled.
pub async fn serve_metrics(app: Arc<App>, listener: TcpListener) {
    serve(listener, Router::new().route("/metrics", get(metrics)).with_state(app), &SOCKETS, pending()).await;
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    let database = app.database();
    let levels = timeout(PATIENCE, database.levels()).await.unwrap_or_else(|_| Levels::default());
    match database.metrics().text(&levels) {
        Ok(text) => {
            let mut response = Response::new(Body::from(text));
            response.headers_mut().insert(header::CONTENT_TYPE, TYPE);
            response
        }
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    }
}
