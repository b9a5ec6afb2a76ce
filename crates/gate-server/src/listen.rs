//! The accept loop: from sockets to requests on the router, with the client's certificate at hand,
//! and its end, which finishes what was accepted.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use axum::body::Body;
use gate_core::Digest;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

/// Time for the TLS handshake, for the head of a request, and between two requests: who sends a
/// byte now and then holds a connection no longer than that.
const PATIENCE: Duration = Duration::from_secs(30);
/// The greatest head of a request.
const HEAD_BYTES: usize = 64 << 10;

/// SHA-256 of the certificate that the client proved to hold.
#[derive(Debug, Clone, Copy)]
pub struct Certificate(pub Digest);

/// What a listener serves, and how.
pub struct Door {
    /// The router.
    pub router: Router,
    /// TLS for new connections, if there is any.
    pub tls: Option<Arc<ArcSwap<ServerConfig>>>,
    /// Connections at once.
    pub connections: usize,
    /// How long the end waits for what was accepted.
    pub farewell: Duration,
}

impl Door {
    /// Serves until `stop` is ready, then finishes what was accepted; whether all of it was in time.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()>) -> bool {
        let slots = Arc::new(Semaphore::new(self.connections));
        let graceful = GracefulShutdown::new();
        tokio::pin!(stop);
        loop {
            let accepted = tokio::select! {
                accepted = accept(&listener, &slots) => accepted,
                () = &mut stop => break,
            };
            let Some((stream, slot)) = accepted else { continue };
            let watcher = graceful.watcher();
            let (router, tls) = (self.router.clone(), self.tls.clone());
            tokio::spawn(async move {
                let _slot = slot;
                match tls {
                    None => converse(stream, None, router, watcher).await,
                    Some(tls) => {
                        let acceptor = TlsAcceptor::from(tls.load_full());
                        if let Ok(Ok(stream)) = timeout(PATIENCE, acceptor.accept(stream)).await {
                            let certificate = certificate(&stream);
                            converse(stream, certificate, router, watcher).await;
                        }
                    }
                }
            });
        }
        drop(listener);
        timeout(self.farewell, graceful.shutdown()).await.is_ok()
    }
}

/// The next connection. When there are too many, they wait in the kernel's backlog.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let slot = slots.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            // Small answers leave at once. A socket that refuses the option works without it.
            let _ = stream.set_nodelay(true);
            Some((stream, slot))
        }
        Err(error) => {
            // No file descriptor is left, say: accepting again at once would spin.
            tracing::warn!("a connection was not accepted: {error}");
            sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

fn certificate(stream: &tokio_rustls::server::TlsStream<TcpStream>) -> Option<Certificate> {
    let chain = stream.get_ref().1.peer_certificates()?;
    Some(Certificate(Digest::of(chain.first()?)))
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    certificate: Option<Certificate>,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        // Set here and nowhere else: no client can send an extension.
        if let Some(certificate) = certificate {
            request.extensions_mut().insert(certificate);
        }
        let answer = router.clone().oneshot(request);
        async move { Ok::<_, Infallible>(answer.await.unwrap_or_else(|never| match never {})) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!("a connection ended: {error}");
    }
}
