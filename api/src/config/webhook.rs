//! Where webhooks may be sent beyond the internet at large: receivers inside a company, and such as speak no TLS.

use clap::Args;
use ipnet::IpNet;

use crate::webhook::Targets;

/// The settings of `holdline serve` for its webhooks.
#[derive(Args, Clone)]
#[command(next_help_heading = "Webhooks")]
pub struct WebhookSettings {
    #[arg(
        help = "A network that webhooks may reach though it is not public, such as 10.20.0.0/16; again for each, or joined by ','",
        long = "webhook-allow-network",
        value_name = "NETWORK",
        env = "HOLDLINE_WEBHOOK_ALLOW_NETWORK",
        value_delimiter = ','
    )]
    allow_network: Vec<IpNet>,
    /// Let webhooks go to http:// URLs, too: what they tell can then be read on the way
    #[arg(long = "webhook-allow-http", env = "HOLDLINE_WEBHOOK_ALLOW_HTTP")]
    allow_http: bool,
}

impl WebhookSettings {
    /// Where webhooks may be sent.
    #[must_use]
    pub fn targets(&self) -> Targets {
        Targets { allow_http: self.allow_http, networks: self.allow_network.clone() }
    }
}
