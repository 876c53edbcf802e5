//! An error of a field that may be null nulls that field and nothing around it, as the specification has it. The library
//! does so for what stands below such a field, but lets an error of the field's own resolver null the object around it.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute, NextResolve, ResolveInfo};
use async_graphql::{Response, ServerError, ServerResult, Value, async_trait};

/// Keeps the errors of fields that may be null with those fields.
pub(super) struct NullableFields;

impl ExtensionFactory for NullableFields {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Kept::default())
    }
}

// The errors of one request.
#[derive(Default)]
struct Kept(Mutex<Vec<ServerError>>);

#[async_trait::async_trait]
impl Extension for Kept {
    async fn execute(&self, ctx: &ExtensionContext<'_>, operation: Option<&str>, next: NextExecute<'_>) -> Response {
        let mut response = next.run(ctx, operation).await;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        response.errors.append(&mut kept);
        response
    }

    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let is_nullable = !info.return_type.ends_with('!');
        match next.run(ctx, info).await {
            Err(error) if is_nullable => {
                self.0.lock().unwrap_or_else(PoisonError::into_inner).push(error);
                Ok(None)
            }
            answer => answer,
        }
    }
}
