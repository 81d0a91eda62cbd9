//! Light and dark: as the system has it, until a person says otherwise.

use crate::desk::{keep, kept};
use crate::dom;
use wasm_bindgen::prelude::*;
use web_sys::MediaQueryList;
use yew::prelude::*;

const KEPT: &str = "mera.light";

/// What a person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// As the system has it, also when it changes.
    Auto,
    Bright,
    Dark,
}

impl Light {
    /// The next, when a person goes through them.
    pub fn next(self) -> Self {
        match self {
            Self::Auto => Self::Bright,
            Self::Bright => Self::Dark,
            Self::Dark => Self::Auto,
        }
    }

    pub fn tag(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Bright => "light",
            Self::Dark => "dark",
        }
    }

    /// The name of the sentence that says which it is.
    pub fn said(self) -> &'static str {
        match self {
            Self::Auto => "light-auto",
            Self::Bright => "light-light",
            Self::Dark => "light-dark",
        }
    }

    pub fn sign(self) -> &'static str {
        match self {
            Self::Auto => "◐",
            Self::Bright => "☀",
            Self::Dark => "☾",
        }
    }

    fn chosen() -> Self {
        match kept(KEPT).as_deref() {
            Some("light") => Self::Bright,
            Some("dark") => Self::Dark,
            _ => Self::Auto,
        }
    }
}

/// What the person wants, and how to want something else.
#[hook]
pub fn use_light() -> (Light, Callback<Light>) {
    let light = use_state_eq(Light::chosen);
    let system = use_state_eq(|| system().is_some_and(|system| system.matches()));
    {
        let dark = system.clone();
        use_effect_with((), move |()| {
            let Some(query) = self::system() else { return };
            let heard = {
                let query = query.clone();
                Closure::<dyn Fn()>::new(move || dark.set(query.matches()))
            };
            query.set_onchange(Some(heard.as_ref().unchecked_ref()));
            // It lives as long as the page.
            heard.forget();
        });
    }
    use_effect_with(*light == Light::Dark || (*light == Light::Auto && *system), |dark| {
        if let Some(root) = dom::document().and_then(|document| document.document_element()) {
            root.class_list().toggle_with_force("pf-v6-theme-dark", *dark).ok();
        }
    });
    let set = {
        let light = light.clone();
        Callback::from(move |wanted: Light| {
            keep(KEPT, wanted.tag());
            light.set(wanted);
        })
    };
    (*light, set)
}

fn system() -> Option<MediaQueryList> {
    web_sys::window()?.match_media("(prefers-color-scheme: dark)").ok()?
}
