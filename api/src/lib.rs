//! Holdline: keeps a product team's quarter from being quietly rewritten.
//! The layers, from the outside in: `http`, `graphql`, `service`, `store`; the rules are in `holdline-domain`.

pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod failure;
pub mod graphql;
pub mod http;
pub mod service;
pub mod store;
