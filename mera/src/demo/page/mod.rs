//! The page that lists the devices, each with its cable.

use super::cast::Player;
use anyhow::Result;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use mera_device::loopback::for_this_machine;
use mera_device_api::Request;
use serde_json::json;
use std::net::Ipv4Addr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

struct Stage {
    players: Vec<Player>,
    links: Vec<String>,
}

/// The page while it is shown.
pub struct Page {
    link: String,
    task: JoinHandle<()>,
}

impl Page {
    pub fn link(&self) -> &str {
        &self.link
    }

    pub fn stop(self) {
        self.task.abort();
    }
}

/// Shows the page.
pub async fn serve(players: Vec<Player>, links: Vec<String>, port: u16) -> Result<Page> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    let link = format!("http://{address}/");
    let file = |kind: &'static str, text: &'static str| get(async move || ([(header::CONTENT_TYPE, kind)], text));
    let routes = Router::new()
        .route("/", file("text/html; charset=utf-8", include_str!("index.html")))
        .route("/demo.js", file("text/javascript; charset=utf-8", include_str!("demo.js")))
        .route("/demo.css", file("text/css; charset=utf-8", include_str!("demo.css")))
        .route("/state", get(state))
        .route("/cable/{device}/{state}", post(cable))
        .with_state(Arc::new(Stage { players, links }));
    // The links hold tokens, so that only this page may read them.
    let routes = for_this_machine(routes, address.port());
    let task = tokio::spawn(async move {
        if let Err(cause) = axum::serve(listener, routes).await {
            tracing::error!(%cause, "the demo's page stopped");
        }
    });
    Ok(Page { link, task })
}

async fn state(State(stage): State<Arc<Stage>>) -> Response {
    let mut devices = Vec::new();
    for (player, link) in stage.players.iter().zip(&stage.links) {
        let Ok(status) = player.status().await else { continue };
        devices.push(json!({
            "person": player.person, "desk": player.desk, "link": link, "online": status.online,
            "connected": status.connected, "waiting": status.waiting_changes, "clashes": status.clashes,
            "digest": status.digest,
        }));
    }
    Json(json!({ "company": super::company::NAME, "devices": devices })).into_response()
}

async fn cable(State(stage): State<Arc<Stage>>, Path((device, state)): Path<(usize, String)>) -> StatusCode {
    let Some(player) = stage.players.get(device) else { return StatusCode::NOT_FOUND };
    match player.ask(Request::SetOnline { online: state == "in" }).await {
        Ok(_) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
