//! The backup: when the last one was taken, and a new one.

use crate::desk::{Desk, use_desk};
use crate::parts::{NewPassphrase, Said, Saved, Saving};
use crate::written;
use mera_device_api::{About, Reply, Request};
use yew::prelude::*;

/// Days after which a new one is asked for.
const OLD: i64 = 30;
/// Signs of a backup's passphrase at least, as the device demands.
const SHORTEST: usize = 12;

/// Properties of [`Backup`].
#[derive(Properties, PartialEq)]
pub struct BackupProps {
    pub about: About,
}

#[component]
pub fn Backup(props: &BackupProps) -> Html {
    let desk = use_desk();
    let taken = use_state_eq(|| None::<String>);
    let request = Callback::from(|said: Said| Request::Backup { file: None, passphrase: said.new });
    let done = {
        let taken = taken.clone();
        Callback::from(move |reply: Reply| {
            if let Reply::BackedUp { file, .. } = reply {
                taken.set(Some(file));
            }
        })
    };
    html! {
        <section class="mera-card" aria-labelledby="backup-title">
            <h2 id="backup-title">{ desk.words.say("backup") }</h2>
            <p class="mera-measure">{ desk.words.say("backup-explains") }</p>
            { last(&desk, &props.about) }
            <NewPassphrase name="backup" label={desk.words.say("backup-passphrase")} does={desk.words.say("backup-do")} hint={desk.words.say("backup-hint")} shortest={SHORTEST} {request} {done}>
                <Saving />
            </NewPassphrase>
            if let Some(place) = &*taken {
                <Saved name="backup" says={desk.words.say("backup-done")} hint={desk.words.say("backup-keep")} place={place.clone()} />
            }
        </section>
    }
}

/// When the last one was taken, with a gentle word where that is long ago.
fn last(desk: &Desk, about: &About) -> Html {
    let Some(at) = about.last_backup else {
        return html! { <p class="mera-band" data-testid="backup-last" data-due="true">{ desk.words.say("backup-never") }</p> };
    };
    let when = written::day(at, desk.words.language);
    let days = (about.today - at).num_days();
    if days < OLD {
        return html! { <p data-testid="backup-last" data-due="false">{ desk.words.with("backup-last", &[("when", &when)]) }</p> };
    }
    let said = desk.words.with("backup-old", &[("when", &when), ("days", &days.to_string())]);
    html! { <p class="mera-band" data-testid="backup-last" data-due="true">{ said }</p> }
}
