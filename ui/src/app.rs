//! The frame round every page: menu, search, state of synchronisation, language and light.

use crate::carrier;
use crate::desk::{Desk, Toast, keep, use_about};
use crate::dom;
use crate::light::{Light, use_light};
use crate::pages::{
    AuditView, Calendar, Calls, Clashes, DevicePage, HistoryPage, ImportPage, JudgingView, ListPage, MembersView,
    Presence, RecordPageView, Stock, SyncPage, Tasks, Threshold, View,
};
use crate::parts::{CallsCount, Finder, KeySheet, SyncPill, listen};
use crate::route::Route;
use crate::words::{Language, Words};
use gloo_timers::callback::Timeout;
use mera_device_api::{Answer, Notice, Reply, Request, SyncStatus};
use mera_schema::RecordKind;
use std::cell::Cell;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;
use yew::prelude::*;

/// Milliseconds for which something said stays on the screen.
const SAID_FOR: u32 = 6_000;

#[component(App)]
pub fn app() -> Html {
    let route = use_state_eq(Route::here);
    let language = use_state_eq(Language::chosen);
    let (light, set_light) = use_light();
    let keys = use_state_eq(|| false);
    let Told { news, sync, importing, auditing, saving } = use_device();
    let turn = use_state_eq(|| 0_u32);
    let (recovery, keep_code, kept) = use_recovery();
    let (about, shut) = use_about(news, *turn, keep_code.clone());
    let (toast, say) = use_toast();
    {
        let (route, keys) = (route.clone(), keys.clone());
        use_effect_with((), move |()| {
            listen(Callback::from(move |()| keys.set(true)));
            on_hash_change(move || route.set(Route::here()));
        });
    }
    use_effect_with(*language, |language| {
        if let Some(root) = dom::document().and_then(|document| document.document_element()) {
            root.set_attribute("lang", language.tag()).ok();
        }
    });
    let words = use_memo(*language, |language| Words::of(*language));
    let (words, told) = ((*words).clone(), keep_code.clone());
    let desk = Desk { words, news, about, sync, importing, auditing, saving, toast: say, keep_code: told };
    let switch_language = {
        let language = language.clone();
        Callback::from(move |_: MouseEvent| {
            keep("mera.language", language.next().tag());
            language.set(language.next());
        })
    };
    let switch_light = Callback::from(move |_: MouseEvent| set_light.emit(light.next()));
    let (show_keys, hide_keys) = {
        let (shown, hidden) = (keys.clone(), keys.clone());
        (Callback::from(move |_: MouseEvent| shown.set(true)), Callback::from(move |()| hidden.set(false)))
    };
    let title = title(&desk, &route);
    use_effect_with(title, |title| {
        if let Some(document) = dom::document() {
            document.set_title(&format!("{title} · MERA"));
        }
        // On a narrow screen the menu is a strip: where one is must be in sight.
        dom::first(".mera-nav [aria-current]").inspect(|here| dom::into_sight(here));
    });
    if desk.about.is_none() || recovery.is_some() {
        let again = Callback::from(move |()| turn.set(turn.wrapping_add(1)));
        return html! {
            <ContextProvider<Desk> context={desk.clone()}>
                <Threshold refused={shut} {recovery} {keep_code} {kept} {again} {switch_language} other={language.next().tag()} />
                <Toasts said={toast} />
            </ContextProvider<Desk>>
        };
    }
    html! {
        <ContextProvider<Desk> context={desk.clone()}>
            { head(&desk, &route, *language, light, [switch_language, switch_light, show_keys]) }
            <div class="mera-body">
                <nav class="mera-nav" aria-label={desk.words.say("menu")}>{ menu(&desk, &route) }</nav>
                <main id="page" tabindex="-1" data-testid="page">{ page(&route) }</main>
            </div>
            <KeySheet open={*keys} closed={hide_keys} />
            <Toasts said={toast} />
        </ContextProvider<Desk>>
    }
}

/// The recovery code that was told and is not written down yet; a way to tell one, and a way to say that it is.
#[hook]
fn use_recovery() -> (Option<String>, Callback<String>, Callback<()>) {
    let recovery = use_state_eq(|| None::<String>);
    let (told, kept) = (recovery.clone(), recovery.clone());
    let told = use_callback((), move |code: String, ()| told.set(Some(code)));
    let kept = use_callback((), move |(), ()| kept.set(None));
    ((*recovery).clone(), told, kept)
}

/// What stands over every page; the switches change language and light, and show the keys.
fn head(desk: &Desk, route: &Route, language: Language, light: Light, switches: [Callback<MouseEvent>; 3]) -> Html {
    let [switch_language, switch_light, show_keys] = switches;
    let (said_light, said_keys) = (desk.words.say(light.said()), desk.words.say("keys"));
    html! {
        <header class="mera-head">
            <a class="mera-skip" data-testid="skip" href={route.href()} onclick={Callback::from(to_page)}>{ desk.words.say("skip") }</a>
            <a class="mera-brand" href={Route::List(RecordKind::Quote).href()}>{ "MERA" }</a>
            <Finder />
            <SyncPill />
            <button type="button" class="mera-quiet" data-testid="lang-switch" onclick={switch_language} lang={language.next().tag()} aria-label={format!("{} · {}", language.next().tag().to_uppercase(), language.next().name())} title={language.next().name()}>
                { language.next().tag().to_uppercase() }
            </button>
            <button type="button" class="mera-quiet" data-testid="theme-switch" data-light={light.tag()} onclick={switch_light} aria-label={said_light.clone()} title={said_light}>
                <span aria-hidden="true">{ light.sign() }</span>
            </button>
            <button type="button" class="mera-quiet mera-wide-only" data-testid="keys-switch" onclick={show_keys} aria-label={said_keys.clone()} title={said_keys}>{ "?" }</button>
        </header>
    }
}

#[derive(Properties, PartialEq)]
struct ToastsProps {
    said: Option<Toast>,
}

/// What is said for a moment.
#[component]
fn Toasts(props: &ToastsProps) -> Html {
    html! {
        <div class="mera-toast" role="status" aria-live="polite">
            if let Some(said) = &props.said {
                <p data-testid="toast" data-bad={said.bad.to_string()}>{ &said.text }</p>
            }
        </div>
    }
}

/// What the device has told by itself.
struct Told {
    /// Moves when records changed.
    news: u32,
    sync: Option<SyncStatus>,
    /// How far an import is.
    importing: Option<(usize, usize)>,
    /// How far a check of signatures is.
    auditing: Option<(u64, u64)>,
    /// How far a file is.
    saving: Option<(u64, u64)>,
}

#[hook]
fn use_device() -> Told {
    let (news, sync) = (use_state(|| 0_u32), use_state_eq(|| None));
    let (importing, auditing, saving) = (use_state_eq(|| None), use_state_eq(|| None), use_state_eq(|| None));
    {
        let (news, sync) = (news.clone(), sync.clone());
        let (importing, auditing, saving) = (importing.clone(), auditing.clone(), saving.clone());
        use_effect_with((), move |()| {
            let ask = move || {
                let sync = sync.clone();
                spawn_local(async move {
                    if let Answer::Ok(Reply::SyncStatus(found)) = carrier::ask(&Request::SyncStatus).await {
                        sync.set(Some(found));
                    }
                });
            };
            ask();
            let count = Cell::new(0_u32);
            carrier::listen(move |notice| {
                match notice {
                    Some(Notice::Importing { done, of }) => return importing.set(Some((done, of))),
                    Some(Notice::Auditing { done, of }) => return auditing.set(Some((done, of))),
                    Some(Notice::Saving { done, of }) => return saving.set(Some((done, of))),
                    _ => {}
                }
                if !matches!(notice, Some(Notice::Sync)) {
                    count.set(count.get().wrapping_add(1));
                    news.set(count.get());
                }
                ask();
            });
        });
    }
    Told { news: *news, sync: (*sync).clone(), importing: *importing, auditing: *auditing, saving: *saving }
}

/// What is said for a moment, and a way to say it. The last word has its full time.
#[hook]
fn use_toast() -> (Option<Toast>, Callback<Toast>) {
    let toast = use_state_eq(|| None::<Toast>);
    let running = use_mut_ref(|| None::<Timeout>);
    let say = {
        let toast = toast.clone();
        use_callback((), move |said: Toast, ()| {
            toast.set(Some(said));
            let toast = toast.clone();
            // The timeout before is dropped, and so does not cut this one short.
            running.replace(Some(Timeout::new(SAID_FOR, move || toast.set(None))));
        })
    };
    ((*toast).clone(), say)
}

/// Past the menu, without leaving the page.
fn to_page(event: MouseEvent) {
    event.prevent_default();
    dom::by_id::<HtmlElement>("page").inspect(dom::focus_in_place);
}

/// What the browser's tab is called.
fn title(desk: &Desk, route: &Route) -> String {
    match route {
        Route::List(kind) => desk.words.say(&format!("kinds-{kind}")),
        Route::Record { record, .. } => desk.words.say(&format!("kind-{}", record.kind)),
        Route::History(_) => desk.words.say("history"),
        Route::Clashes => desk.words.say("clashes"),
        Route::Presence => desk.words.say("presence"),
        Route::Calls(_) => desk.words.say("calls"),
        Route::Calendar { .. } => desk.words.say("calendar"),
        Route::Agree(_) => desk.words.say("new-appointment"),
        Route::Tasks => desk.words.say("tasks"),
        Route::Stock => desk.words.say("stock"),
        Route::Sync => desk.words.say("sync"),
        Route::Device => desk.words.say("this-device"),
        Route::Members => desk.words.say("members"),
        Route::Import => desk.words.say("import"),
        Route::Judging => desk.words.say("judging"),
        Route::Audit(_) => desk.words.say("audit"),
    }
}

fn page(route: &Route) -> Html {
    match route.clone() {
        Route::List(kind) => html! { <ListPage key={kind.as_str()} {kind} /> },
        Route::Record { record, at } => html! { <RecordPageView key={record.to_string()} {record} {at} /> },
        Route::History(record) => html! { <HistoryPage key={record.to_string()} {record} /> },
        Route::Clashes => html! { <Clashes /> },
        Route::Presence => html! { <Presence /> },
        Route::Calls(for_whom) => {
            html! { <Calls key={for_whom.map(|one| one.to_string()).unwrap_or_default()} {for_whom} /> }
        }
        Route::Calendar { view, day } => html! { <Calendar {view} {day} about={None} /> },
        Route::Agree(about) => {
            html! { <Calendar key={about.to_string()} view={View::here()} day={None} about={Some(about)} /> }
        }
        Route::Tasks => html! { <Tasks /> },
        Route::Stock => html! { <Stock /> },
        Route::Sync => html! { <SyncPage /> },
        Route::Device => html! { <DevicePage /> },
        Route::Members => html! { <MembersView /> },
        Route::Import => html! { <ImportPage /> },
        Route::Judging => html! { <JudgingView /> },
        Route::Audit(record) => {
            html! { <AuditView key={record.map(|record| record.to_string()).unwrap_or_default()} {record} /> }
        }
    }
}

/// The desk decides the order of the menu, never what exists.
fn menu(desk: &Desk, route: &Route) -> Html {
    use RecordKind::{Contact, Customer, Employee, Order, Product, Quote, Supplier};
    let warehouse = desk.about.as_ref().is_some_and(|about| about.desk == "warehouse");
    let lists = if warehouse {
        [Product, Order, Customer, Contact, Quote, Supplier, Employee]
    } else {
        [Quote, Customer, Contact, Product, Order, Supplier, Employee]
    };
    let clashes = desk.sync.as_ref().map_or(0, |sync| sync.clashes);
    let count = |count: usize| html! { if count > 0 { <span class="mera-count">{ count }</span> } };
    let entry = |name: &str, label: String, to: Route, beside: Html| {
        let here = *route == to || same_page(route, &to);
        html! {
            <a data-testid={format!("nav-{name}")} href={to.href()} aria-current={here.then_some("page")}>
                { label }
                { beside }
            </a>
        }
    };
    html! {<>
        { entry("calls", desk.words.say("calls"), Route::Calls(None), html! { <CallsCount /> }) }
        { entry("presence", desk.words.say("presence"), Route::Presence, html! {}) }
        { entry("calendar", desk.words.say("calendar"), Route::Calendar { view: View::here(), day: None }, html! {}) }
        <hr />
        { for lists.iter().map(|kind| entry(kind.as_str(), desk.words.say(&format!("kinds-{kind}")), Route::List(*kind), html! {})) }
        <hr />
        { entry("tasks", desk.words.say("tasks"), Route::Tasks, html! {}) }
        { entry("stock", desk.words.say("stock"), Route::Stock, html! {}) }
        { entry("clashes", desk.words.say("clashes"), Route::Clashes, count(clashes)) }
        { entry("sync", desk.words.say("sync"), Route::Sync, html! {}) }
        { entry("device", desk.words.say("this-device"), Route::Device, html! {}) }
        { entry("members", desk.words.say("members"), Route::Members, html! {}) }
        { entry("import", desk.words.say("import"), Route::Import, html! {}) }
        if desk.judges() { { entry("judging", desk.words.say("judging"), Route::Judging, html! {}) } }
        if desk.sees_everything() { { entry("audit", desk.words.say("audit"), Route::Audit(None), html! {}) } }
        if desk.may_read(RecordKind::Addressee) {
            { entry("kept", desk.words.say("kinds-addressee"), Route::List(RecordKind::Addressee), html! {}) }
        }
    </>}
}

/// Whether two addresses are of one page.
fn same_page(here: &Route, there: &Route) -> bool {
    match there {
        Route::Calls(_) => matches!(here, Route::Calls(_)),
        Route::Calendar { .. } => matches!(here, Route::Calendar { .. } | Route::Agree(_)),
        _ => false,
    }
}

fn on_hash_change(then: impl Fn() + 'static) {
    let Some(window) = web_sys::window() else { return };
    let heard = Closure::<dyn Fn()>::new(move || {
        then();
        if let Some(window) = web_sys::window() {
            window.scroll_to_with_x_and_y(0.0, 0.0);
        }
        // The keyboard goes on where the new page begins.
        if let Some(page) = dom::by_id::<HtmlElement>("page") {
            dom::focus_in_place(&page);
        }
    });
    window.add_event_listener_with_callback("hashchange", heard.as_ref().unchecked_ref()).ok();
    // It lives as long as the page.
    heard.forget();
}
