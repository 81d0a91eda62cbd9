//! Calendars for calendar programs on this machine, to be read and not written.

use super::{House, guard};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use mera_device_api::{Answer, CalendarOf, Reply, Request};
use std::sync::Arc;

/// How iCalendar says what it is (RFC 5545, 8.1).
const ICALENDAR: &str = "text/calendar; charset=utf-8";

/// A calendar, for whoever has the key of the feed. Anybody else learns nothing, not even whether there is a device.
pub async fn calendar(State(house): State<Arc<House>>, Path((key, whose)): Path<(String, String)>) -> Response {
    let of = match whose.as_str() {
        "me.ics" => CalendarOf::Me,
        "everybody.ics" => CalendarOf::Everybody,
        _ => return nothing(),
    };
    match ask(&house, Request::CalendarFeed).await {
        Some(Reply::CalendarFeed(feed)) if guard::same(&key, &feed.key) => {}
        _ => return nothing(),
    }
    match ask(&house, Request::CalendarFile { of }).await {
        Some(Reply::CalendarFile(file)) => ([(header::CONTENT_TYPE, ICALENDAR)], file.text).into_response(),
        _ => nothing(),
    }
}

async fn ask(house: &House, request: Request) -> Option<Reply> {
    match house.home.request(request).await {
        Answer::Ok(reply) => Some(reply),
        Answer::Refused(_) => None,
    }
}

fn nothing() -> Response {
    (StatusCode::NOT_FOUND, "there is no such calendar\n").into_response()
}
