//! The calendar in other programs: as a file, and as an address that a calendar program on this machine reads again and again.

use crate::desk::{use_answer, use_desk};
use crate::parts::{CopyBox, Saved, use_exporting};
use mera_device_api::{Answer, ExportOf, Reply, Request};
use yew::prelude::*;

#[component]
pub fn Outside() -> Html {
    let desk = use_desk();
    let exporting = use_exporting();
    let feed = match use_answer(Request::CalendarFeed) {
        Some(Answer::Ok(Reply::CalendarFeed(feed))) => address(&feed.key),
        _ => None,
    };
    html! {
        <details class="mera-cal-outside" data-testid="cal-outside">
            <summary>{ desk.words.say("cal-outside") }</summary>
            <button type="button" class="pf-v6-c-button pf-m-secondary pf-m-small" data-testid="cal-export" disabled={exporting.running()} onclick={exporting.writes(ExportOf::Calendar)}>{ desk.words.say("cal-export") }</button>
            if let Some((place, count)) = exporting.done() {
                <Saved name="cal" says={desk.words.count("cal-exported", *count)} hint={desk.words.say("cal-exported-hint")} place={place.clone()} />
            }
            if let Some(feed) = feed { <CopyBox name="cal-feed" label={desk.words.say("cal-feed")} hint={desk.words.say("cal-feed-hint")} text={feed} /> }
        </details>
    }
}

/// Where a calendar program finds it. The window has no address that another program could ask.
fn address(key: &str) -> Option<String> {
    let origin = web_sys::window()?.location().origin().ok()?;
    let served = ["http://127.0.0.1:", "http://localhost:"].iter().any(|start| origin.starts_with(start));
    served.then(|| format!("{origin}/feed/{key}/me.ics"))
}
