//! Who is let in and who is not, over real sockets.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::surroundings::trial::Trial;
use crate::{Device, Engine, Founding, Place, RealWorld};
use futures_util::StreamExt;
use mera_schema::Desk;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

async fn offered(folder: &std::path::Path) -> Served {
    let founding = Founding {
        name: "Annas pc".into(),
        person: "Anna".into(),
        desk: Desk::Sales,
        series: "A1".into(),
        relay: None,
        vault: Place::InFolder,
    };
    let engine = Engine::found(&folder.join("device"), founding, Arc::new(RealWorld)).unwrap();
    let ui = folder.join("ui");
    std::fs::create_dir_all(&ui).unwrap();
    std::fs::write(ui.join("index.html"), "<!doctype html><title>MERA</title>").unwrap();
    let offer = Offer { port: 0, ui: Some(ui), token: Some("secret".into()) };
    serve(Device::start(engine), offer).await.unwrap()
}

async fn http(served: &Served, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(served.address()).await.unwrap();
    let head = head.replace("$HOST", &served.address().to_string());
    let length =
        if head.contains("Content-Length") { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let text = format!("{head}\r\nConnection: close\r\n{length}\r\n{body}");
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn only_ones_own_page_and_who_knows_the_token_are_let_in() {
    let folder = tempfile::tempdir().unwrap();
    let served = offered(folder.path()).await;
    let about = r#"{"do":"about"}"#;
    let post = "POST /api/request HTTP/1.1\r\nHost: $HOST";
    let token = "\r\nAuthorization: Bearer secret";
    // A body that is announced as too large is refused before it is sent.
    let huge = format!("{post}{token}\r\nContent-Length: {}", REQUEST_LIMIT + 1);
    let table = [
        (format!("{post}{token}"), about, " 200 ", "Anna"),
        (format!("{post}{token}\r\nOrigin: http://$HOST"), about, " 200 ", "Anna"),
        (post.to_owned(), about, " 403 ", "loopback.no_token"),
        (format!("{post}\r\nAuthorization: Bearer guess"), about, " 403 ", "loopback.no_token"),
        (format!("{post}{token}\r\nOrigin: http://evil.example"), about, " 403 ", "loopback.strange_origin"),
        (format!("{post}{token}\r\nOrigin: null"), about, " 403 ", "loopback.strange_origin"),
        (format!("POST /api/request HTTP/1.1\r\nHost: evil.example{token}"), about, " 403 ", "loopback.strange_host"),
        (format!("{post}{token}"), "not json", " 200 ", "request.unknown"),
        (format!("{post}{token}"), r#"{"do":"find","query":"x","extra":1}"#, " 200 ", "request.unknown"),
        (huge, "", " 413 ", ""),
        ("GET /index.html HTTP/1.1\r\nHost: $HOST".to_owned(), "", " 200 ", "<title>MERA"),
        ("GET /../device/device.json HTTP/1.1\r\nHost: $HOST".to_owned(), "", " 404 ", ""),
        ("GET /%2e%2e/device/device.json HTTP/1.1\r\nHost: $HOST".to_owned(), "", " 404 ", ""),
    ];
    for (head, body, status, part) in table {
        let answer = http(&served, &head, body).await;
        let first = answer.lines().next().unwrap_or_default();
        assert!(first.contains(status) && answer.contains(part), "{head}: {answer}");
    }
    served.stop().await;
}

#[tokio::test]
async fn notices_come_over_a_websocket_that_wants_the_token_too() {
    let folder = tempfile::tempdir().unwrap();
    let served = offered(folder.path()).await;
    let url = format!("ws://{}/api/notices", served.address());
    assert!(tokio_tungstenite::connect_async(&url).await.is_err());
    let mut with_token = url.into_client_request().unwrap();
    with_token.headers_mut().insert("sec-websocket-protocol", "mera, secret".parse().unwrap());
    let (mut socket, answer) = tokio_tungstenite::connect_async(with_token).await.unwrap();
    assert_eq!(answer.headers()["sec-websocket-protocol"], "mera");
    let create = r#"{"do":"create","kind":"customer","values":[["name","Aalborg Værft"]]}"#;
    let post = "POST /api/request HTTP/1.1\r\nHost: $HOST\r\nAuthorization: Bearer secret";
    assert!(http(&served, post, create).await.contains("done"));
    let told = socket.next().await.unwrap().unwrap().into_text().unwrap();
    assert!(told.contains(r#""notice":"changed"#) && told.contains("customer/"), "{told}");
    served.stop().await;
}

#[tokio::test]
async fn a_company_is_founded_over_loopback_where_there_is_no_device_yet() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(&folder.path().join("new"), Arc::new(Trial { keyring: true })).await;
    let served = serve(home, Offer { port: 0, ui: None, token: Some("secret".into()) }).await.unwrap();
    let mut with_token = format!("ws://{}/api/notices", served.address()).into_client_request().unwrap();
    with_token.headers_mut().insert("sec-websocket-protocol", "mera, secret".parse().unwrap());
    let (mut socket, _) = tokio_tungstenite::connect_async(with_token).await.unwrap();
    let post = "POST /api/request HTTP/1.1\r\nHost: $HOST\r\nAuthorization: Bearer secret";
    assert!(http(&served, post, r#"{"do":"about"}"#).await.contains("device.none"));
    let found = r#"{"do":"found","person":"Anna","name":"Annas pc","series":"A1"}"#;
    assert!(http(&served, post, found).await.contains(r#""person":"Anna""#));
    let told = socket.next().await.unwrap().unwrap().into_text().unwrap();
    assert!(told.contains(r#""notice":"changed""#), "another page of the same device asks again: {told}");
    assert!(http(&served, post, found).await.contains("device.exists"));
    served.stop().await;
}

#[tokio::test]
async fn no_page_from_elsewhere_finds_a_way_in() {
    let folder = tempfile::tempdir().unwrap();
    let served = offered(folder.path()).await;
    let port = served.address().port();
    let about = r#"{"do":"about"}"#;
    let post = "POST /api/request HTTP/1.1\r\nHost: $HOST\r\nAuthorization: Bearer secret";
    let page = "GET /index.html HTTP/1.1\r\nHost: $HOST";
    let bare = "POST /api/request HTTP/1.1\r\nAuthorization: Bearer secret";
    let upgrade = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    let preflight = "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization";
    let table = [
        // A name that was bent to point here, in every way to write one.
        (bare.to_owned(), "loopback.strange_host"),
        (format!("{bare}\r\nHost: "), "loopback.strange_host"),
        (format!("{bare}\r\nHost: 127.0.0.1"), "loopback.strange_host"),
        (format!("{bare}\r\nHost: 127.0.0.1:{}", port ^ 1), "loopback.strange_host"),
        (format!("{bare}\r\nHost: [::1]"), "loopback.strange_host"),
        (format!("{bare}\r\nHost: [::2]:{port}"), "loopback.strange_host"),
        (format!("{bare}\r\nHost: 0.0.0.0:{port}"), "loopback.strange_host"),
        (format!("{bare}\r\nHost: localhost.evil.example:{port}"), "loopback.strange_host"),
        (format!("{bare}\r\nHost: evil.example@127.0.0.1:{port}"), "loopback.strange_host"),
        (format!("{post}\r\nHost: evil.example"), "loopback.strange_host"),
        (format!("{bare}\r\nHost: [::1]:{port}"), " 200 "),
        (format!("{bare}\r\nHost: localhost:{port}"), " 200 "),
        // A page of another address, also on this machine.
        (format!("{post}\r\nOrigin: null"), "loopback.strange_origin"),
        (format!("{post}\r\nOrigin: "), "loopback.strange_origin"),
        (format!("{post}\r\nOrigin: \u{e6}"), "loopback.strange_origin"),
        (format!("{post}\r\nOrigin: https://127.0.0.1:{port}"), "loopback.strange_origin"),
        (format!("{post}\r\nOrigin: http://127.0.0.1:{}", port ^ 1), "loopback.strange_origin"),
        (format!("{post}\r\nOrigin: http://127.0.0.1:{port}.evil.example"), "loopback.strange_origin"),
        (
            format!("{post}\r\nOrigin: http://127.0.0.1:{port}\r\nOrigin: http://evil.example"),
            "loopback.strange_origin",
        ),
        (format!("{post}\r\nOrigin: http://localhost:{port}"), " 200 "),
        // What a browser says of who asks.
        (format!("{post}\r\nSec-Fetch-Site: cross-site"), "loopback.strange_page"),
        (format!("{post}\r\nSec-Fetch-Site: same-site"), "loopback.strange_page"),
        (
            format!("{post}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe"),
            "loopback.strange_page",
        ),
        (
            format!("{page}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: script"),
            "loopback.strange_page",
        ),
        (
            format!("{page}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document"),
            " 200 ",
        ),
        (format!("{post}\r\nSec-Fetch-Site: same-origin"), " 200 "),
        (format!("{post}\r\nSec-Fetch-Site: none"), " 200 "),
        // A question beforehand gets no leave, and neither a form nor an address carries the token.
        (
            format!("OPTIONS /api/request HTTP/1.1\r\nHost: $HOST\r\nOrigin: http://evil.example\r\n{preflight}"),
            "loopback.strange_origin",
        ),
        (
            format!("OPTIONS /api/request HTTP/1.1\r\nHost: $HOST\r\nOrigin: http://$HOST\r\n{preflight}"),
            "loopback.no_token",
        ),
        (
            "POST /api/request?token=secret HTTP/1.1\r\nHost: $HOST\r\nContent-Type: text/plain".into(),
            "loopback.no_token",
        ),
        (format!("GET /api/notices?token=secret HTTP/1.1\r\nHost: $HOST\r\n{upgrade}"), "loopback.no_token"),
        ("POST /api/request HTTP/1.1\r\nHost: $HOST\r\nCookie: token=secret".into(), "loopback.no_token"),
        ("POST /api/request HTTP/1.1\r\nHost: $HOST\r\nAuthorization: Bearer ".into(), "loopback.no_token"),
        ("POST /api/request HTTP/1.1\r\nHost: $HOST\r\nAuthorization: Basic c2VjcmV0".into(), "loopback.no_token"),
        ("POST /api/request HTTP/1.1\r\nHost: $HOST\r\nSec-WebSocket-Protocol: mera".into(), "loopback.no_token"),
    ];
    for (head, part) in table {
        let answer = http(&served, &head, if head.starts_with("POST") { about } else { "" }).await;
        let refused = part.starts_with("loopback.");
        assert!(answer.contains(part) && answer.contains(" 403 ") == refused, "{head}: {answer}");
        let answer = answer.to_lowercase();
        assert!(!answer.contains("access-control-allow"), "nobody is given leave: {answer}");
        assert!(answer.contains("cross-origin-resource-policy: same-origin"), "{answer}");
    }
    served.stop().await;
}

#[tokio::test]
async fn a_calendar_is_read_by_who_has_the_key_of_the_feed_and_by_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let served = offered(folder.path()).await;
    let post = "POST /api/request HTTP/1.1\r\nHost: $HOST\r\nAuthorization: Bearer secret";
    let agree = r#"{"do":"agree","appointment":{"subject":"Messe","sort":"note","when":"2026-12-03/2026-12-04"}}"#;
    assert!(http(&served, post, agree).await.contains("done"));
    let told = http(&served, post, r#"{"do":"calendar_feed"}"#).await;
    let key = told.split("\"key\":\"").nth(1).unwrap().split('"').next().unwrap();
    let get = |place: &str, more: &str| format!("GET /feed/{place} HTTP/1.1\r\nHost: $HOST{more}");
    let table = [
        (get(&format!("{key}/me.ics"), ""), " 200 ", "SUMMARY:Messe"),
        (get(&format!("{key}/everybody.ics"), ""), " 200 ", "text/calendar; charset=utf-8"),
        (get(&format!("{key}/nobody.ics"), ""), " 404 ", "no such calendar"),
        (get("secret/me.ics", ""), " 404 ", "no such calendar"),
        (get(&format!("{key}/me.ics"), "\r\nOrigin: http://evil.example"), " 403 ", "loopback.strange_origin"),
        (
            format!("GET /api/notices HTTP/1.1\r\nHost: $HOST\r\nAuthorization: Bearer {key}"),
            " 403 ",
            "loopback.no_token",
        ),
    ];
    for (head, status, part) in table {
        let answer = http(&served, &head, "").await;
        assert!(answer.lines().next().unwrap().contains(status) && answer.contains(part), "{head}: {answer}");
    }
    served.stop().await;
}
