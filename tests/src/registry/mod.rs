//! A registry for tests, in which anything can be made to lie: contents, and a server of HTTP/1.1.

mod reply;
mod server;
mod shelf;

pub use reply::{Body, Reply};
pub use server::{Asked, Server};
pub use shelf::{Shelf, descriptor};
