//! A future that needs a runtime, on a thread that has none.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

/// Future whose every step is within a runtime, whoever takes it.
pub(super) struct Within<F> {
    runtime: Handle,
    future: Pin<Box<F>>,
}

impl<F> Within<F> {
    pub(super) fn new(runtime: Handle, future: F) -> Self {
        Self {
            runtime,
            future: Box::pin(future),
        }
    }
}

impl<F: Future> Future for Within<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let _entered = this.runtime.enter();
        this.future.as_mut().poll(context)
    }
}
