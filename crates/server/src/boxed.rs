//! Handlers in boxes. What a router wraps a handler in is compiled for each type of handler, with a proof for each wrapper that it
//! may cross threads: boxed first, all handlers are of one type, and this crate compiles in three quarters of the time.

use std::{pin::Pin, sync::Arc};

use axum::{
    extract::Request,
    handler::Handler,
    response::Response,
    routing::{self, MethodRouter},
};

use crate::ServerState;

type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Any handler.
#[derive(Clone)]
pub(crate) struct Boxed(Arc<dyn Fn(Request, ServerState) -> Answering + Send + Sync>);

impl Handler<(), ServerState> for Boxed {
    type Future = Answering;

    fn call(self, request: Request, state: ServerState) -> Answering {
        (self.0)(request, state)
    }
}

pub(crate) fn boxed<T: 'static>(handler: impl Handler<T, ServerState>) -> Boxed {
    Boxed(Arc::new(move |request, state| Box::pin(handler.clone().call(request, state))))
}

pub(crate) fn get<T: 'static>(handler: impl Handler<T, ServerState>) -> MethodRouter<ServerState> {
    routing::get(boxed(handler))
}

pub(crate) fn post<T: 'static>(handler: impl Handler<T, ServerState>) -> MethodRouter<ServerState> {
    routing::post(boxed(handler))
}

/// The handlers of one address with their description, as `utoipa_axum::routes` makes them.
macro_rules! routes {
    ($($handler:ident),+ $(,)?) => {{
        let mut described = $crate::boxed::Described::default();
        $(utoipa_axum::paste! {
            $crate::boxed::describe::<[<__path_ $handler>]>(&mut described, &$crate::boxed::boxed($handler));
        })+
        described
    }};
}
pub(crate) use routes;

/// Schemas, paths and handlers: what an `OpenApiRouter` takes.
pub(crate) type Described = utoipa_axum::router::UtoipaMethodRouter<ServerState>;

/// Adds a handler with its description.
pub(crate) fn describe<D>(described: &mut Described, handler: &Boxed)
where
    D: utoipa::Path + utoipa::__dev::Tags<'static> + utoipa::__dev::SchemaReferences,
{
    use utoipa_axum::PathItemExt;
    let (schemas, paths, methods) = described;
    let mut operation = D::operation();
    let tags = D::tags();
    if !tags.is_empty() {
        operation.tags.get_or_insert_default().extend(tags.iter().map(ToString::to_string));
    }
    D::schemas(schemas);
    for method in &D::methods() {
        *methods = std::mem::take(methods).on(method.to_method_filter(), handler.clone());
    }
    paths.add_path_operation(D::path(), D::methods(), operation);
}
