//! A window on the device, and nothing else: screens ask through one command, the device announces through one event.

mod engine;
#[cfg(target_os = "linux")]
mod webview;

use std::env;
use std::path::PathBuf;

use tauri::{App, AppHandle, Builder, Emitter, Manager, State, Wry};

use crate::engine::Engine;

/// Names the folder of the device's data in place of the system's own; such a program may run beside others.
const FOLDER: &str = "MERA_FOLDER";
/// The event that carries the device's notices to the screens.
const NOTICE: &str = "notice";

/// Opens the window and returns when the person closes it.
#[cfg_attr(mobile, tauri::mobile_entry_point)]
pub fn run() {
    #[cfg(target_os = "linux")]
    webview::settle();
    let builder = desktop(Builder::default()).invoke_handler(tauri::generate_handler![request]).setup(open_device);
    if let Err(error) = builder.run(tauri::generate_context!("../tauri.conf.json")) {
        eprintln!("MERA cannot open its window: {error}. Is a graphical session running?");
        std::process::exit(1);
    }
}

/// A screen's request and the device's answer, both JSON of the contract between them.
#[tauri::command]
async fn request(engine: State<'_, Engine>, body: String) -> Result<String, ()> {
    Ok(engine.request(body).await)
}

fn open_device(app: &mut App) -> Result<(), Box<dyn std::error::Error>> {
    let folder = match env::var_os(FOLDER) {
        Some(named) => PathBuf::from(named),
        None => app.path().app_data_dir()?,
    };
    let engine = tauri::async_runtime::block_on(Engine::open(&folder));
    announce(app.handle().clone(), engine.notices());
    #[cfg(all(unix, desktop))]
    end_when_asked(app.handle().clone());
    app.manage(engine);
    Ok(())
}

fn announce(app: AppHandle, mut notices: engine::Notices) {
    tauri::async_runtime::spawn(async move {
        while let Some(notice) = notices.next().await {
            if let Err(error) = app.emit(NOTICE, notice) {
                eprintln!("MERA: a notice did not reach the screens: {error}");
            }
        }
    });
}

/// The system asks programs to end, as when a person logs out. The window then still remembers how it stood.
#[cfg(all(unix, desktop))]
fn end_when_asked(app: AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    tauri::async_runtime::spawn(async move {
        let asked = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
        let (Ok(mut interrupt), Ok(mut terminate)) = asked else { return };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        app.exit(0);
    });
}

#[cfg(desktop)]
fn desktop(builder: Builder<Wry>) -> Builder<Wry> {
    let builder = builder.plugin(tauri_plugin_window_state::Builder::default().build());
    if env::var_os(FOLDER).is_some() {
        return builder;
    }
    builder.plugin(tauri_plugin_single_instance::init(|app, _, _| {
        if let Some(window) = app.get_webview_window("main") {
            window.unminimize().and_then(|()| window.set_focus()).ok();
        }
    }))
}

#[cfg(mobile)]
fn desktop(builder: Builder<Wry>) -> Builder<Wry> {
    builder
}
