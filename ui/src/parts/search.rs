//! A box that finds while one types, and the list under it.

use crate::desk::{use_answer_to, use_desk};
use mera_device_api::{Answer, Reply, Request, Row};
use mera_schema::RecordKind;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Something that can be done, found by its name.
#[derive(Clone, PartialEq)]
pub struct Offer {
    pub label: String,
    pub does: Callback<()>,
}

/// Properties of [`SearchBox`].
#[derive(Properties, PartialEq)]
pub struct SearchProps {
    pub id: AttrValue,
    pub name: AttrValue,
    pub label: AttrValue,
    pub hint: AttrValue,
    /// Where it looks.
    #[prop_or_default]
    pub among: Among,
    pub picked: Callback<Row>,
    /// What is typed means something by itself, and stays in the box; this hears it.
    #[prop_or_default]
    pub typed: Option<Callback<String>>,
    /// What the box says while nobody searches in it.
    #[prop_or_default]
    pub standing: AttrValue,
    /// What can be done besides; found like a record.
    #[prop_or_default]
    pub offers: Vec<Offer>,
}

/// Where a search looks.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Among {
    /// Over every kind of record.
    #[default]
    Everything,
    /// Over one kind.
    Kind(RecordKind),
    /// Over everybody who may be calling, by number or name.
    Callers,
}

#[derive(Clone, PartialEq)]
enum Found {
    Record(Row),
    Offer(Offer),
}

/// How a search stands.
#[derive(Clone, PartialEq, Default)]
struct Search {
    query: String,
    open: bool,
    /// Which row Enter takes; none before anything was typed, so that Enter alone takes nothing.
    at: Option<usize>,
    /// Enter came before the answer: the first row is taken when it is there.
    hurried: bool,
}

#[component]
pub fn SearchBox(props: &SearchProps) -> Html {
    let search = use_state_eq(Search::default);
    let query = search.query.clone();
    let asked = match props.among {
        Among::Kind(kind) if search.open => Some(Request::List { kind, query, offset: 0, limit: 8 }),
        // An empty search over everything is not worth asking.
        Among::Everything if !query.is_empty() => Some(Request::Find { query }),
        Among::Callers if search.open && !query.is_empty() => Some(Request::Callers { text: query }),
        _ => None,
    };
    let (rows, current) = match use_answer_to(asked.clone()) {
        Some((of, Answer::Ok(Reply::Page(page)))) => (page.rows, Some(&of) == asked.as_ref()),
        _ => (Vec::new(), asked.is_none()),
    };
    let mut found: Vec<Found> = rows.into_iter().map(Found::Record).collect();
    found.extend(matching(&props.offers, &search.query).map(Found::Offer));
    if !search.open {
        found.clear();
    }
    let pick = {
        let (search, picked) = (search.clone(), props.picked.clone());
        Callback::from(move |found: Found| {
            search.set(Search::default());
            match found {
                Found::Record(row) => picked.emit(row),
                Found::Offer(offer) => offer.does.emit(()),
            }
        })
    };
    {
        let (pick, search) = (pick.clone(), search.clone());
        let first = (search.hurried && current).then(|| found.first().cloned());
        use_effect_with(first, move |first| match first {
            Some(Some(first)) => pick.emit(first.clone()),
            Some(None) => search.set(Search { hurried: false, ..(*search).clone() }),
            None => {}
        });
    }
    let oninput = {
        let (search, typed) = (search.clone(), props.typed.clone());
        Callback::from(move |event: InputEvent| {
            let query = event.target_unchecked_into::<HtmlInputElement>().value();
            if let Some(typed) = &typed {
                typed.emit(query.clone());
            }
            // Where the text stays, Enter alone takes it as it is.
            let at = (!query.is_empty() && typed.is_none()).then_some(0);
            search.set(Search { query, open: true, at, hurried: false });
        })
    };
    let onkeydown = keys(&search, &found, current, props.typed.is_some(), &pick);
    let onfocus = {
        let (search, always) = (search.clone(), matches!(props.among, Among::Kind(_)));
        Callback::from(move |_: FocusEvent| search.set(Search { open: always, ..Search::default() }))
    };
    let onblur = {
        let search = search.clone();
        Callback::from(move |_: FocusEvent| search.set(Search::default()))
    };
    let list = format!("{}-results", props.id);
    let focused = (search.open || !search.query.is_empty()) && props.typed.is_none();
    let value = if focused { search.query.clone().into() } else { props.standing.clone() };
    let hint = if props.standing.is_empty() { &props.hint } else { &props.standing };
    html! {
        <div class="mera-search">
            <input class="mera-input" type="text" role="combobox" id={&props.id} data-testid={&props.name} aria-label={&props.label}
                placeholder={hint} autocomplete="off" spellcheck="false" {value} aria-autocomplete="list"
                aria-expanded={(!found.is_empty()).to_string()} aria-controls={list.clone()}
                aria-activedescendant={search.at.filter(|at| *at < found.len()).map(|at| format!("{list}-{at}"))}
                {oninput} {onkeydown} {onfocus} {onblur} />
            <ul id={list.clone()} role="listbox" aria-label={&props.label} hidden={found.is_empty()}>
                { for found.iter().enumerate().map(|(place, one)| html! { <FoundRow list={list.clone()} name={&props.name} {place} one={one.clone()} chosen={search.at == Some(place)} pick={&pick} /> }) }
            </ul>
        </div>
    }
}

/// Up and down choose, Enter takes, Escape leaves things as they were. Keys that mean nothing here go on to the page.
fn keys(
    search: &UseStateHandle<Search>,
    found: &[Found],
    current: bool,
    stays: bool,
    pick: &Callback<Found>,
) -> Callback<KeyboardEvent> {
    let (search, found, pick) = (search.clone(), found.to_vec(), pick.clone());
    Callback::from(move |event: KeyboardEvent| {
        let at = |at| search.set(Search { at, open: true, ..(*search).clone() });
        match event.key().as_str() {
            "ArrowDown" => at(Some(search.at.map_or(0, |at| at + 1).min(found.len().saturating_sub(1)))),
            "ArrowUp" if search.at.is_some() => at(search.at.and_then(|at| at.checked_sub(1))),
            "Escape" => search.set(Search { open: false, ..Search::default() }),
            "Enter" if search.at.is_some() && !current => search.set(Search { hurried: true, ..(*search).clone() }),
            "Enter" => match search.at.and_then(|at| found.get(at)) {
                Some(one) => pick.emit(one.clone()),
                // What is typed stays, and is not yet all that is to be said.
                None if stays => {}
                None => return,
            },
            _ => return,
        }
        event.prevent_default();
    })
}

/// What begins with the words of the query; everything while there is none.
fn matching<'a>(offers: &'a [Offer], query: &str) -> impl Iterator<Item = Offer> + 'a {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    offers.iter().filter(move |offer| holds(&offer.label, &words)).cloned()
}

fn holds(label: &str, words: &[String]) -> bool {
    let label = label.to_lowercase();
    words.iter().all(|word| label.split_whitespace().any(|part| part.starts_with(word.as_str())))
}

#[derive(Properties, PartialEq)]
struct FoundProps {
    list: AttrValue,
    name: AttrValue,
    place: usize,
    one: Found,
    chosen: bool,
    pick: Callback<Found>,
}

#[component]
fn FoundRow(props: &FoundProps) -> Html {
    let desk = use_desk();
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(props.chosen, move |chosen| {
            if let Some(row) = node.cast::<web_sys::Element>().filter(|_| *chosen) {
                crate::dom::into_sight(&row);
            }
        });
    }
    let (title, small) = match &props.one {
        Found::Record(row) => {
            let kind = desk.words.say(&format!("kind-{}", row.record.kind));
            let parts = [kind.as_str(), &row.number, &row.detail];
            let title = if row.title.is_empty() { &row.number } else { &row.title };
            (title.clone(), parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "))
        }
        Found::Offer(offer) => (offer.label.clone(), String::new()),
    };
    let (pick, one) = (props.pick.clone(), props.one.clone());
    // Pressed, not clicked: the box loses its focus before a click is complete.
    let onmousedown = Callback::from(move |event: MouseEvent| {
        event.prevent_default();
        pick.emit(one.clone())
    });
    html! {
        <li ref={node} role="option" id={format!("{}-{}", props.list, props.place)} data-testid={format!("{}-result", props.name)}
            data-offer={matches!(props.one, Found::Offer(_)).to_string()} aria-selected={props.chosen.to_string()} {onmousedown}>
            <span>{ title }</span>
            if !small.is_empty() { <small>{ small }</small> }
        </li>
    }
}
