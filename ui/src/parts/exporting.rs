//! A file that the device writes when a person asks for it, one at a time.

use crate::carrier;
use crate::desk::{Desk, use_desk};
use mera_device_api::{Answer, ExportOf, Reply, Request};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// What is under way, and what was written last.
#[derive(Clone, PartialEq)]
pub struct Exporting {
    desk: Desk,
    running: UseStateHandle<bool>,
    done: UseStateHandle<Option<(String, u64)>>,
}

/// Nothing is under way yet.
#[hook]
pub fn use_exporting() -> Exporting {
    let desk = use_desk();
    let (running, done) = (use_state_eq(|| false), use_state_eq(|| None));
    Exporting { desk, running, done }
}

impl Exporting {
    pub fn running(&self) -> bool {
        *self.running
    }

    /// Where the file is, and how much is in it.
    pub fn done(&self) -> Option<&(String, u64)> {
        self.done.as_ref()
    }

    /// Has the device write a file.
    pub fn writes(&self, what: ExportOf) -> Callback<MouseEvent> {
        let exporting = self.clone();
        Callback::from(move |_: MouseEvent| {
            let Exporting { desk, running, done } = exporting.clone();
            running.set(true);
            done.set(None);
            spawn_local(async move {
                match carrier::ask(&Request::Export { what, to: None }).await {
                    Answer::Ok(Reply::Exported { to, count }) => done.set(Some((to, count))),
                    Answer::Ok(_) => {}
                    Answer::Refused(refused) => desk.refuse(&refused),
                }
                running.set(false);
            });
        })
    }
}
