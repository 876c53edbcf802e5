//! What a process tells of itself while it runs: its log on stderr and, where somebody named a collector, its traces. Holds
//! which of it goes where; what is told says so where it happens. Statements are traced as parts of what they are for,
//! without their values, and what runs by itself in the background is not traced.

use std::io::{self, IsTerminal as _};

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::DynFilterFn,
    layer::{Context, SubscriberExt as _},
    registry::LookupSpan,
    util::SubscriberInitExt as _,
};

use super::stop::Stop;
use crate::{
    config::{LogFormat, Settings},
    trace,
};

/// The log and the traces of this process.
pub(super) struct Telemetry(Option<SdkTracerProvider>);

impl Telemetry {
    /// Begins to tell.
    pub(super) fn start(settings: &Settings) -> Result<Self, Stop> {
        let provider = settings.otlp_endpoint().map(provider).transpose()?;
        let traces = provider.as_ref().map(|provider| {
            let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("holdline"));
            layer.with_location(false).with_threads(false).with_target(false).with_filter(DynFilterFn::new(is_traced))
        });
        tracing_subscriber::registry().with(log(settings)?).with(traces).init();
        Ok(Self(provider))
    }

    /// Sends what was not sent yet.
    pub(super) fn end(self) {
        if let Some(Err(error)) = self.0.map(|provider| provider.shutdown()) {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

fn log(settings: &Settings) -> Result<Box<dyn Layer<Registry> + Send + Sync>, Stop> {
    let said = settings.log();
    // What the migrator and the driver say at `info` is noise to all but those who ask for them by name.
    let quiet = if said.contains("sea_orm") {
        said.to_owned()
    } else {
        format!("sea_orm=warn,sea_orm_migration=warn,sqlx=warn,{said}")
    };
    // A setting of PostgreSQL's that sqlx does not know may be a part of a password, or hold one.
    let quiet = format!("{quiet},sqlx_postgres::options=error");
    let filter = EnvFilter::try_new(quiet).map_err(|_| {
        Stop::new(
            "--log (HOLDLINE_LOG) is not understood. Say error, warn, info, debug or a filter like holdline=debug.",
        )
    })?;
    let layer = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    Ok(match settings.log_format() {
        LogFormat::Text => layer.with_ansi(io::stderr().is_terminal()).with_filter(filter).boxed(),
        LogFormat::Json => layer.json().with_filter(filter).boxed(),
    })
}

fn provider(endpoint: &str) -> Result<SdkTracerProvider, Stop> {
    let cannot = |why: &dyn std::fmt::Display| {
        Stop::new(format!("--otlp-endpoint (HOLDLINE_OTLP_ENDPOINT) cannot be used: {why}."))
    };
    if !["http://", "https://"].iter().any(|scheme| endpoint.starts_with(scheme)) {
        return Err(cannot(&"it begins with http:// or https://, such as http://127.0.0.1:4318"));
    }
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpJson)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .map_err(|error| cannot(&error))?;
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let resource = Resource::builder().with_service_name("holdline").build();
    Ok(SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build())
}

fn is_traced<S: Subscriber + for<'s> LookupSpan<'s>>(told: &Metadata<'_>, around: &Context<'_, S>) -> bool {
    told.target() == trace::TARGET || told.name().starts_with("sea_orm.") && around.lookup_current().is_some()
}
