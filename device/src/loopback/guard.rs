//! Who may speak to a device over loopback: a page it served itself, or a script that knows the token. A page from
//! elsewhere is turned away by its `Origin`, a name that was bent to point here (DNS rebinding) by its `Host`.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use mera_device_api::{Answer, Refused};
use std::sync::Arc;

/// The WebSocket subprotocol; browsers, which cannot set headers there, send the token as a second one.
pub const SUBPROTOCOL: &str = "mera";

/// What is compared with.
pub struct Guard {
    pub token: String,
    pub port: u16,
}

impl Guard {
    fn own_host(&self, host: &str) -> bool {
        ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| host == format!("{name}:{}", self.port))
    }

    fn knows(&self, headers: &HeaderMap) -> bool {
        let bearer = text(headers, header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        let offered = text(headers, header::SEC_WEBSOCKET_PROTOCOL).into_iter().flat_map(|all| all.split(','));
        bearer.into_iter().chain(offered.map(str::trim)).any(|given| same(given, &self.token))
    }
}

/// Lets in what comes from this machine and from no strange page.
pub async fn same_machine(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !only(headers, header::HOST).is_some_and(|host| guard.own_host(host)) {
        return refuse("loopback.strange_host", "this device is only reached as 127.0.0.1 or localhost, with its port");
    }
    // One that cannot be read is none of ours, either.
    let own = |origin: &str| origin.strip_prefix("http://").is_some_and(|host| guard.own_host(host));
    if headers.contains_key(header::ORIGIN) && !only(headers, header::ORIGIN).is_some_and(own) {
        return refuse("loopback.strange_origin", "pages from elsewhere may not speak to this device");
    }
    if from_elsewhere(headers) {
        return refuse("loopback.strange_page", "pages from elsewhere may not use what this device serves");
    }
    next.run(request).await
}

/// Whether a browser says that a page of another address asks. It may lead a person here by a link, and nothing else:
/// not even learn, by a picture or a script, that a device answers at this port.
fn from_elsewhere(headers: &HeaderMap) -> bool {
    let says = |name: &'static str| headers.get(name).map(HeaderValue::as_bytes);
    match says("sec-fetch-site") {
        None | Some(b"same-origin" | b"none") => false,
        Some(_) => !(says("sec-fetch-mode") == Some(b"navigate") && says("sec-fetch-dest") == Some(b"document")),
    }
}

/// Lets in who knows the token.
pub async fn with_token(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    if guard.knows(request.headers()) {
        return next.run(request).await;
    }
    let says = "the token is missing or wrong; open the link that was printed when the device was started";
    refuse("loopback.no_token", says)
}

fn refuse(code: &str, says: &str) -> Response {
    (StatusCode::FORBIDDEN, axum::Json(Answer::Refused(Refused::new(code, says)))).into_response()
}

/// The value of a header that stands there once and can be read.
fn only(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    let mut all = headers.get_all(name).iter();
    let value = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(value)
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Compares in the same time wherever the difference lies.
pub fn same(given: &str, token: &str) -> bool {
    blake3::hash(given.as_bytes()) == blake3::hash(token.as_bytes())
}
