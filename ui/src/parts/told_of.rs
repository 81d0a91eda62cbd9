//! What a colleague is told of wherever that one is: how many calls wait, and a word when one comes.

use crate::desk::{Desk, Toast, use_answer, use_desk};
use crate::route::Route;
use mera_device_api::{Answer, CallRow, NewsRow, Reply, Request};
use mera_schema::RecordKind;
use std::collections::BTreeSet;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Notification, NotificationOptions, NotificationPermission};
use yew::prelude::*;

/// How much the colleague has not seen. At logon that is the first page; what comes later is told of.
#[component]
pub fn CallsCount() -> Html {
    let desk = use_desk();
    let known = use_mut_ref(|| None::<BTreeSet<String>>);
    let calls = match use_answer(Request::Calls) {
        Some(Answer::Ok(Reply::Calls(page))) => Some(page.rows),
        _ => None,
    };
    let news = match use_answer(Request::News) {
        Some(Answer::Ok(Reply::News(rows))) => Some(rows),
        _ => None,
    };
    let unseen = calls.zip(news).map(|(calls, news)| unseen(&desk, &calls, &news));
    {
        let desk = desk.clone();
        use_effect_with(unseen.clone(), move |unseen| {
            let Some(unseen) = unseen else { return };
            let now: BTreeSet<String> = unseen.iter().map(|one| one.about.clone()).collect();
            match known.replace(Some(now)) {
                None if !unseen.is_empty() && Route::is_nowhere() => Route::Calls(None).go(),
                None => {}
                Some(before) => {
                    for one in unseen.iter().filter(|one| !before.contains(&one.about)) {
                        notify(&one.text, &one.about);
                        desk.toast.emit(Toast { text: one.text.clone(), bad: false });
                    }
                }
            }
        });
    }
    let count = unseen.map_or(0, |unseen| unseen.len());
    html! { if count > 0 { <span class="mera-count" data-testid="calls-count">{ count }</span> } }
}

/// Something that the colleague has not seen: what is said of it, and what names it, which is other when there is more of it.
#[derive(Clone, PartialEq)]
struct Unseen {
    text: String,
    about: String,
}

fn unseen(desk: &Desk, calls: &[CallRow], news: &[NewsRow]) -> Vec<Unseen> {
    let calls = calls.iter().filter(|row| row.unseen).map(|row| Unseen {
        text: desk.words.with("call-came", &[("who", &row.caller), ("about", &row.subject)]),
        about: row.record.to_string(),
    });
    let news = news.iter().map(|row| Unseen {
        text: format!("{}: {}", news_of(desk, row), row.subject),
        about: format!("{} {} {} {}", row.record, row.comments, row.cancelled, row.changed),
    });
    calls.chain(news).collect()
}

/// What is new in an appointment, in a few words.
pub fn news_of(desk: &Desk, row: &NewsRow) -> String {
    let says = [
        (row.new, desk.words.say(if row.record.kind == RecordKind::Report { "kind-report" } else { "news-new" })),
        (row.changed, desk.words.say("news-changed")),
        (row.cancelled, desk.words.say("news-cancelled")),
        (row.comments > 0, desk.words.count("news-comments", row.comments as u64)),
    ];
    says.into_iter().filter(|(is, _)| *is).map(|(_, text)| text).collect::<Vec<_>>().join(", ")
}

/// Tells it where the person is not looking at MERA. One call is told once on a machine, whatever tabs are open.
fn notify(text: &str, about: &str) {
    if !supported() || Notification::permission() != NotificationPermission::Granted {
        return;
    }
    let options = NotificationOptions::new();
    options.set_body(text);
    options.set_tag(about);
    let Ok(shown) = Notification::new_with_options("MERA", &options) else { return };
    let there = Closure::<dyn Fn()>::new(|| {
        if let Some(window) = web_sys::window() {
            window.focus().ok();
        }
        Route::Calls(None).go();
    });
    shown.set_onclick(Some(there.as_ref().unchecked_ref()));
    // It lives as long as what is shown.
    there.forget();
}

/// Asks whether MERA may tell of calls by itself, where the person has not been asked yet.
#[component]
pub fn NotifyButton() -> Html {
    let desk = use_desk();
    let asked = use_state_eq(|| !supported() || Notification::permission() != NotificationPermission::Default);
    if *asked {
        return html! {};
    }
    let onclick = Callback::from(move |_: MouseEvent| {
        let asked = asked.clone();
        spawn_local(async move {
            if let Ok(answer) = Notification::request_permission() {
                JsFuture::from(answer).await.ok();
            }
            asked.set(true);
        });
    });
    html! { <button type="button" class="pf-v6-c-button pf-m-link" data-testid="calls-notify" {onclick}>{ desk.words.say("calls-notify") }</button> }
}

/// Some windows have no such thing.
fn supported() -> bool {
    web_sys::window().is_some_and(|window| js_sys::Reflect::has(&window, &"Notification".into()).unwrap_or(false))
}
