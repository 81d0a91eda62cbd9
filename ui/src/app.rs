//! The frame round every page: menu, search, state of synchronisation, language and light.

use crate::carrier;
use crate::desk::{Desk, Toast, keep, kept};
use crate::pages::{Clashes, Founding, HistoryPage, ListPage, RecordPageView, Shut, Stock, SyncPage, Tasks};
use crate::parts::{Finder, SyncPill};
use crate::route::Route;
use crate::words::{Language, Words};
use gloo_timers::callback::Timeout;
use mera_device_api::{Answer, Notice, Refused, Reply, Request};
use mera_schema::RecordKind;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Milliseconds for which something said stays on the screen.
const SAID_FOR: u32 = 6_000;

#[component(App)]
pub fn app() -> Html {
    let route = use_state_eq(Route::here);
    let language = use_state_eq(Language::chosen);
    let dark = use_state_eq(wants_dark);
    let news = use_state(|| 0_u32);
    let about = use_state_eq(|| None);
    let sync = use_state_eq(|| None);
    let toast = use_state_eq(|| None::<Toast>);
    {
        let (route, news, sync) = (route.clone(), news.clone(), sync.clone());
        use_effect_with((), move |()| {
            on_hash_change(move || route.set(Route::here()));
            let ask = move |request: Request, take: std::rc::Rc<dyn Fn(Reply)>| {
                spawn_local(async move {
                    if let Answer::Ok(reply) = carrier::ask(&request).await {
                        take(reply);
                    }
                });
            };
            let take: std::rc::Rc<dyn Fn(Reply)> = std::rc::Rc::new(move |reply| match reply {
                Reply::SyncStatus(found) => sync.set(Some(found)),
                _ => {}
            });
            ask(Request::SyncStatus, take.clone());
            let count = std::cell::Cell::new(0_u32);
            carrier::listen(move |notice| {
                if !matches!(notice, Some(Notice::Sync)) {
                    count.set(count.get().wrapping_add(1));
                    news.set(count.get());
                }
                ask(Request::SyncStatus, take.clone());
            });
        });
    }
    let shut = use_state_eq(|| None::<Refused>);
    let turn = use_state_eq(|| 0_u32);
    {
        let (about, shut) = (about.clone(), shut.clone());
        // Asked again with all news: a device that was not there may have been founded, here or on another screen.
        use_effect_with((*news, *turn), move |_| {
            spawn_local(async move {
                match carrier::ask(&Request::About).await {
                    Answer::Ok(Reply::About(found)) => about.set(Some(found)),
                    Answer::Ok(_) => {}
                    Answer::Refused(refused) => shut.set(Some(refused)),
                }
            });
        });
    }
    use_effect_with((*language, *dark), |(language, dark)| show_as(*language, *dark));
    let say = {
        let toast = toast.clone();
        use_callback((), move |said: Toast, ()| {
            toast.set(Some(said));
            let toast = toast.clone();
            Timeout::new(SAID_FOR, move || toast.set(None)).forget();
        })
    };
    let words = use_memo(*language, |language| Words::of(*language));
    let desk =
        Desk { words: (*words).clone(), news: *news, about: (*about).clone(), sync: (*sync).clone(), toast: say };
    let switch_language = {
        let language = language.clone();
        Callback::from(move |_: MouseEvent| {
            keep("mera.language", language.other().tag());
            language.set(language.other());
        })
    };
    let switch_light = {
        let dark = dark.clone();
        Callback::from(move |_: MouseEvent| {
            keep("mera.dark", if *dark { "no" } else { "yes" });
            dark.set(!*dark);
        })
    };
    if desk.about.is_none() {
        let again = Callback::from(move |()| turn.set(turn.wrapping_add(1)));
        return html! {
            <ContextProvider<Desk> context={desk.clone()}>
                <Threshold refused={(*shut).clone()} {again} {switch_language} other={language.other().tag()} />
            </ContextProvider<Desk>>
        };
    }
    let light = desk.words.say(if *dark { "light-theme" } else { "dark-theme" });
    html! {
        <ContextProvider<Desk> context={desk.clone()}>
            <a class="mera-skip" href="#page">{ desk.words.say("skip") }</a>
            <header class="mera-head">
                <a class="mera-brand" href={Route::List(RecordKind::Quote).href()}>{ "MERA" }</a>
                <Finder />
                <SyncPill />
                <button class="mera-quiet" data-testid="lang-switch" onclick={switch_language} lang={language.other().tag()}>
                    { language.other().tag().to_uppercase() }
                </button>
                <button class="mera-quiet" data-testid="theme-switch" onclick={switch_light} aria-label={light.clone()} title={light}>
                    { if *dark { "☀" } else { "☾" } }
                </button>
            </header>
            <div class="mera-body">
                <nav class="mera-nav" aria-label={desk.words.say("menu")}>{ menu(&desk, &route) }</nav>
                <main id="page" tabindex="-1" data-testid="page">{ page(&route) }</main>
            </div>
            <div class="mera-toast" role="status" aria-live="polite">
                if let Some(said) = &*toast {
                    <p data-testid="toast" data-bad={said.bad.to_string()}>{ &said.text }</p>
                }
            </div>
        </ContextProvider<Desk>>
    }
}

/// Properties of [`Threshold`].
#[derive(Properties, PartialEq)]
struct ThresholdProps {
    /// Why there is no device to ask; nothing while it has not answered.
    refused: Option<Refused>,
    again: Callback<()>,
    switch_language: Callback<MouseEvent>,
    other: AttrValue,
}

/// Before there is a device to show: nothing for a moment, then its founding, or why it cannot be reached.
#[component]
fn Threshold(props: &ThresholdProps) -> Html {
    let Some(refused) = props.refused.clone() else { return html! {} };
    html! {<>
        <header class="mera-head mera-apart">
            <span class="mera-brand">{ "MERA" }</span>
            <button type="button" class="mera-quiet" data-testid="lang-switch" onclick={&props.switch_language} lang={&props.other}>{ props.other.to_uppercase() }</button>
        </header>
        <main id="page" class="mera-threshold">
            if refused.code == "device.none" { <Founding founded={&props.again} /> } else { <Shut {refused} again={&props.again} /> }
        </main>
    </>}
}

fn page(route: &Route) -> Html {
    match route.clone() {
        Route::List(kind) => html! { <ListPage key={kind.as_str()} {kind} /> },
        Route::Record { record, at } => html! { <RecordPageView key={record.to_string()} {record} {at} /> },
        Route::History(record) => html! { <HistoryPage key={record.to_string()} {record} /> },
        Route::Clashes => html! { <Clashes /> },
        Route::Tasks => html! { <Tasks /> },
        Route::Stock => html! { <Stock /> },
        Route::Sync => html! { <SyncPage /> },
    }
}

/// The desk decides the order of the menu, never what exists.
fn menu(desk: &Desk, route: &Route) -> Html {
    use RecordKind::{Customer, Employee, Order, Product, Quote, Supplier};
    let warehouse = desk.about.as_ref().is_some_and(|about| about.desk == "warehouse");
    let lists = if warehouse {
        [Product, Order, Customer, Quote, Supplier, Employee]
    } else {
        [Quote, Customer, Product, Order, Supplier, Employee]
    };
    let clashes = desk.sync.as_ref().map_or(0, |sync| sync.clashes);
    let entry = |name: &str, label: String, to: Route, count: usize| {
        let here = *route == to;
        html! {
            <a data-testid={format!("nav-{name}")} href={to.href()} aria-current={here.then_some("page")}>
                { label }
                if count > 0 { <span class="mera-count">{ count }</span> }
            </a>
        }
    };
    html! {<>
        { for lists.iter().map(|kind| entry(kind.as_str(), desk.words.say(&format!("kinds-{kind}")), Route::List(*kind), 0)) }
        <hr />
        { entry("tasks", desk.words.say("tasks"), Route::Tasks, 0) }
        { entry("stock", desk.words.say("stock"), Route::Stock, 0) }
        { entry("clashes", desk.words.say("clashes"), Route::Clashes, clashes) }
        { entry("sync", desk.words.say("sync"), Route::Sync, 0) }
    </>}
}

fn on_hash_change(then: impl Fn() + 'static) {
    let Some(window) = web_sys::window() else { return };
    let heard = Closure::<dyn Fn()>::new(move || {
        then();
        if let Some(window) = web_sys::window() {
            window.scroll_to_with_x_and_y(0.0, 0.0);
        }
    });
    window.add_event_listener_with_callback("hashchange", heard.as_ref().unchecked_ref()).ok();
    // It lives as long as the page.
    heard.forget();
}

fn wants_dark() -> bool {
    let of_system = || {
        let query = web_sys::window()?.match_media("(prefers-color-scheme: dark)").ok()??;
        Some(query.matches())
    };
    kept("mera.dark").map_or_else(|| of_system().unwrap_or(false), |kept| kept == "yes")
}

fn show_as(language: Language, dark: bool) {
    let root = web_sys::window().and_then(|window| window.document()).and_then(|document| document.document_element());
    let Some(root) = root else { return };
    root.set_attribute("lang", language.tag()).ok();
    root.class_list().toggle_with_force("pf-v6-theme-dark", dark).ok();
}
