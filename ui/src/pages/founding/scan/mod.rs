//! An invitation is scanned: from the administrator's screen with the camera, or from a picture of it.

mod camera;
mod reading;

use crate::desk::use_desk;
use crate::dom;
use camera::{Camera, Picture, Unseen};
use gloo_timers::callback::{Interval, Timeout};
use reading::Sight;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlInputElement, HtmlVideoElement};
use yew::prelude::*;

/// Between two looks, in milliseconds: often enough for a hand that trembles, and seldom enough for a small telephone.
const PAUSE: u32 = 250;
/// So many looks in a row may fail. The reader gives up on a few pictures (rqrr's issue 54), and what it held then is lost.
const FAILURES: u8 = 3;

/// What the person is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Opening,
    Looking,
    /// A code was seen, and it is no invitation.
    Other,
    /// The invitation stands in the field.
    Read,
    /// Nothing is to be seen in the picture.
    Nothing,
    /// The camera went off while it was looking.
    Gone,
    Unseen(Unseen),
}

impl Told {
    const fn words(self) -> &'static str {
        match self {
            Self::Opening => "founding-scan-opens",
            Self::Looking => "founding-scan-looks",
            Self::Other => "founding-scan-other",
            Self::Read => "founding-scan-read",
            Self::Nothing => "founding-scan-nothing",
            Self::Gone => "founding-scan-gone",
            Self::Unseen(Unseen::NoCamera) => "founding-scan-no-camera",
            Self::Unseen(Unseen::NotAllowed) => "founding-scan-not-allowed",
            Self::Unseen(Unseen::Busy) => "founding-scan-busy",
            Self::Unseen(Unseen::NoPicture) => "founding-scan-no-picture",
        }
    }

    /// Whether the person has to do something else now.
    const fn is_refusal(self) -> bool {
        !matches!(self, Self::Opening | Self::Looking | Self::Read)
    }
}

/// Properties of [`Scanner`].
#[derive(Properties, PartialEq)]
pub struct ScannerProps {
    /// An invitation was read.
    pub found: Callback<String>,
}

/// Two ways to an invitation without typing it, and what came of them.
#[component]
pub fn Scanner(props: &ScannerProps) -> Html {
    let words = use_desk().words;
    let looks = use_state_eq(|| false);
    let told = use_state_eq(|| None::<Told>);
    // The camera looks for longer than one drawing of the page: what it finds goes to the form as it stands by then, or
    // what the person has typed meanwhile would be lost.
    let latest = use_mut_ref(|| props.found.clone());
    latest.replace(props.found.clone());
    let seen = {
        let (looks, told) = (looks.clone(), told.clone());
        Callback::from(move |sight: Sight| {
            told.set(Some(match sight {
                Sight::Invitation(code) => {
                    looks.set(false);
                    let found = latest.borrow().clone();
                    found.emit(code);
                    Told::Read
                }
                Sight::Other => Told::Other,
                Sight::Nothing => Told::Nothing,
            }));
        })
    };
    let onclick = {
        let (looks, told) = (looks.clone(), told.clone());
        Callback::from(move |_: MouseEvent| {
            told.set((!*looks).then_some(Told::Opening));
            looks.set(!*looks);
        })
    };
    let ended = {
        let (looks, told) = (looks.clone(), told.clone());
        Callback::from(move |why: Option<Told>| {
            looks.set(false);
            told.set(why);
        })
    };
    let opened = told.setter();
    let opened = Callback::from(move |()| opened.set(Some(Told::Looking)));
    let refused = told.is_some_and(Told::is_refusal);
    html! {
        <div class="mera-scanner">
            if *looks { <Viewfinder {opened} seen={seen.clone()} {ended} label={words.say("founding-scan-view")} /> }
            <div class="mera-code-does">
                if Camera::is_offered() {
                    <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="founding-scan" {onclick}>
                        { words.say(if *looks { "founding-scan-stop" } else { "founding-scan-do" }) }
                    </button>
                }
                <span class="mera-file">
                    <input class="mera-hidden" id="founding-scan-picture" data-testid="founding-scan-picture" type="file" accept="image/*" onchange={takes_picture(seen, ended_with(&told))} />
                    <label class="pf-v6-c-button pf-m-secondary" for="founding-scan-picture">{ words.say("founding-scan-picture") }</label>
                </span>
            </div>
            <p class="mera-hint" role="status" data-testid="founding-scan-told" data-bad={refused.to_string()}>
                if let Some(told) = *told { { words.say(told.words()) } }
            </p>
        </div>
    }
}

/// Tells why a picture shows nothing.
fn ended_with(told: &UseStateHandle<Option<Told>>) -> Callback<Unseen> {
    let told = told.setter();
    Callback::from(move |why| told.set(Some(Told::Unseen(why))))
}

/// Looks at the picture that the person chooses.
fn takes_picture(seen: Callback<Sight>, unseen: Callback<Unseen>) -> Callback<Event> {
    Callback::from(move |event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        // Otherwise the same file, taken anew, would not be told as another.
        input.set_value("");
        let (seen, unseen) = (seen.clone(), unseen.clone());
        spawn_local(async move {
            match Picture::open(&file).await {
                Ok(picture) => looks_once(picture, seen),
                Err(why) => unseen.emit(why),
            }
        });
    })
}

/// Properties of [`Viewfinder`].
#[derive(Properties, PartialEq)]
struct ViewfinderProps {
    /// The camera is on.
    opened: Callback<()>,
    /// A code came into sight.
    seen: Callback<Sight>,
    /// It looks no more, and why, where the person has to know.
    ended: Callback<Option<Told>>,
    label: AttrValue,
}

/// What the camera sees. It is on for as long as this stands on the page.
#[component]
fn Viewfinder(props: &ViewfinderProps) -> Html {
    let video = use_node_ref();
    {
        let (video, opened, seen, ended) =
            (video.clone(), props.opened.clone(), props.seen.clone(), props.ended.clone());
        use_effect_with((), move |()| {
            let (wanted, held) = (Rc::new(Cell::new(true)), Rc::new(RefCell::new(None)));
            if let Some(video) = video.cast::<HtmlVideoElement>() {
                let (wanted, held) = (wanted.clone(), held.clone());
                dom::into_sight(&video);
                spawn_local(async move {
                    let camera = Camera::open(video).await;
                    // The person may have left while the system asked; the camera goes off here, or is kept.
                    match camera {
                        _ if !wanted.get() => {}
                        Err(why) => ended.emit(Some(Told::Unseen(why))),
                        Ok(camera) => {
                            opened.emit(());
                            held.replace(Some(keeps_looking(camera, seen, ended)));
                        }
                    }
                });
            }
            move || {
                wanted.set(false);
                held.take();
            }
        });
    }
    html! { <video class="mera-viewfinder" data-testid="founding-scan-view" ref={video} playsinline=true aria-label={&props.label} /> }
}

/// Looks again and again, until this is let go of. Each look is a call of its own, during which the camera is in nobody's
/// hands: one that fails ends neither the next nor the page.
fn keeps_looking(camera: Camera, seen: Callback<Sight>, ended: Callback<Option<Told>>) -> Interval {
    // Behind a pointer: in the look's own memory the compiler leaves out a count that nobody reads before it is taken back.
    let failed = Rc::new(Cell::new(0));
    Interval::new(PAUSE, move || {
        if dom::document().is_some_and(|page| page.hidden()) {
            ended.emit(None);
        } else if !camera.is_on() || failed.get() >= FAILURES {
            ended.emit(Some(Told::Gone));
        } else {
            failed.set(failed.get() + 1);
            let sight = camera.frame().map(|frame| frame.look());
            failed.set(0);
            if let Some(sight) = sight.filter(|sight| *sight != Sight::Nothing) {
                seen.emit(sight);
            }
        }
    })
}

/// Looks at a picture in a call of its own. A look that failed has shown nothing.
fn looks_once(picture: Picture, seen: Callback<Sight>) {
    let looked = Rc::new(Cell::new(false));
    let (done, told) = (looked.clone(), seen.clone());
    Timeout::new(0, move || {
        let sight = picture.look();
        done.set(true);
        told.emit(sight);
    })
    .forget();
    let afterwards = move || {
        if !looked.get() {
            seen.emit(Sight::Nothing);
        }
    };
    Timeout::new(0, afterwards).forget();
}
