//! The shape of the API as introspection tells it, and requests made from it: an input for any argument, a selection of
//! all that an object says. So that a test covers a field or an argument from the day on which it exists.

mod input;
mod kind;
mod request;
mod schema;
mod selection;

pub(crate) use input::{Sample, Step, id_paths, text_paths, written};
pub(crate) use kind::{kind_at, prefix};
pub(crate) use request::request;
pub(crate) use schema::{Argument, Schema, Shape};
pub(crate) use selection::whole;
