//! What holds for every field, whatever it is. An error of a field that may be null nulls that field and nothing around
//! it, as the specification has it; the library does so for what stands below such a field, but lets an error of the
//! field's own resolver null the object around it. And fields are resolved a slice at a time, so that others get their
//! turn and time limits hold; an answer that comes to more than so many slices is not finished.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute, NextResolve, ResolveInfo};
use async_graphql::{ErrorExtensions as _, Pos, Response, ServerError, ServerResult, Value, async_trait};
use tokio::sync::Semaphore;

/// How many fields are resolved before others get their turn.
const SLICE: usize = 1_000;
/// How many slices an answer has at most: what a request costs is reckoned beforehand with lists of a usual length, and
/// this holds whatever their length is.
const SLICES: usize = 50;

/// Stands by every field of an answer.
pub(super) struct EveryField;

impl ExtensionFactory for EveryField {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Fields { slice: Semaphore::new(SLICE), kept: Mutex::default() })
    }
}

// The fields of one request.
struct Fields {
    /// What is left of the slice.
    slice: Semaphore,
    /// The errors of fields that may be null.
    kept: Mutex<Vec<ServerError>>,
}

impl Fields {
    async fn take(&self) {
        let place = match self.slice.try_acquire() {
            Ok(place) => Ok(place),
            Err(_) => self.slice.acquire().await,
        };
        // Nobody closes it.
        if let Ok(place) = place {
            place.forget();
        }
    }
}

#[async_trait::async_trait]
impl Extension for Fields {
    async fn execute(&self, ctx: &ExtensionContext<'_>, operation: Option<&str>, next: NextExecute<'_>) -> Response {
        let mut running = pin!(next.run(ctx, operation));
        for _ in 0..SLICES {
            let ran = poll_fn(|cx| match running.as_mut().poll(cx) {
                Poll::Ready(response) => Poll::Ready(Some(response)),
                Poll::Pending if self.slice.available_permits() == 0 => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            });
            if let Some(mut response) = ran.await {
                response.errors.append(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner));
                return response;
            }
            tokio::task::yield_now().await;
            self.slice.add_permits(SLICE);
        }
        Response::from_errors(vec![too_large()])
    }

    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        self.take().await;
        let is_nullable = !info.return_type.ends_with('!');
        match next.run(ctx, info).await {
            Err(error) if is_nullable => {
                self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(error);
                Ok(None)
            }
            answer => answer,
        }
    }
}

fn too_large() -> ServerError {
    let message = format!(
        "The answer has more than {} fields. Ask for smaller pages, or for the inner lists in a second query. A mutation \
         was carried out all the same.",
        SLICES * SLICE
    );
    let error = async_graphql::Error::new(message);
    error.extend_with(|_, extensions| extensions.set("code", "QUERY_TOO_COMPLEX")).into_server_error(Pos::default())
}
