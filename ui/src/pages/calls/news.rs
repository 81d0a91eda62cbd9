//! What is new in appointments that somebody is on the list of.

use crate::desk::{Desk, use_answer, use_desk};
use crate::pages::calendar::weekday;
use crate::parts::news_of;
use crate::route::Route;
use crate::written;
use mera_device_api::{Answer, NewsRow, Reply, Request};
use patternfly_yew::prelude::*;
use yew::prelude::*;

/// What is new; nothing where nothing is. Whoever opens one has read it.
#[component]
pub fn News() -> Html {
    let desk = use_desk();
    let rows = match use_answer(Request::News) {
        Some(Answer::Ok(Reply::News(rows))) => rows,
        _ => Vec::new(),
    };
    if rows.is_empty() {
        return html! {};
    }
    let heading = desk.words.say("news-of-appointments");
    html! {
        <section aria-label={heading.clone()}>
            <h2>{ heading }</h2>
            <ul class="mera-calls" data-testid="appointment-news">{ for rows.iter().map(|row| item(&desk, row)) }</ul>
        </section>
    }
}

fn item(desk: &Desk, row: &NewsRow) -> Html {
    let day = row.from.date();
    let day = format!("{} {}", weekday(day, &desk.words), written::day(day, desk.words.language));
    let when = if row.whole_days { day } else { format!("{day} {}", row.from.format("%-H:%M")) };
    let by = row.by.as_ref().map(|one| one.name.clone());
    let parts = [Some(when), Some(row.place.clone()).filter(|place| !place.is_empty()), by];
    let told = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let color = if row.cancelled { Color::Red } else { Color::Orange };
    html! {
        <li key={row.record.to_string()} data-testid="appointment-news-row" data-unseen="true">
            <div class="mera-call-what">
                <span class="mera-call-who">
                    <a href={Route::record(row.record).href()}>{ &row.subject }</a>
                    <Label {color} label={news_of(desk, row)} compact={true} />
                </span>
                <small>{ told }</small>
            </div>
        </li>
    }
}
