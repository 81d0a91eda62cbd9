//! A list of ten thousand: what is typed shows, the end can be reached, and the page holds only what is in sight.

use super::super::chromium::Chromium;
use super::shown;
use mera_device::{Device, Engine, Founding, RealWorld};
use mera_device_api::{Answer, Request};
use mera_schema::{Desk, RecordKind};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tempfile::TempDir;

const MANY: usize = 10_000;
/// Rows a page may hold, however long the list is.
const ROWS_IN_PAGE: u64 = 200;

/// A device with ten thousand customers, each created through the contract.
fn filled(folder: &Path) -> Engine {
    let founding = Founding {
        name: "Annas pc".into(),
        person: "Anna".into(),
        desk: Desk::Sales,
        series: "A".into(),
        relay: None,
        vault: mera_device::Place::InFolder,
    };
    let mut engine = Engine::found(folder, founding, Arc::new(RealWorld)).unwrap();
    // The recovery code is told to whoever asks first; a screen would stop to show it.
    engine.answer(Request::About);
    for place in 0..MANY {
        let values = vec![("name".to_owned(), format!("Kunde {place:05}"))];
        let answer = engine.answer(Request::Create { kind: RecordKind::Customer, values });
        assert!(matches!(answer, Answer::Ok(_)), "{answer:?}");
    }
    engine
}

/// In memory, where the system has such a folder: ten thousand durable writes are the disk's test, not this one's.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// Types, and says after how many milliseconds the row was drawn.
const TYPED: &str = "const done = arguments[arguments.length - 1];
    const search = document.querySelector(\"[data-testid='list-search']\");
    const write = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
    const texts = ['07', '077', '0777', '07777'];
    const times = [];
    const next = () => {
      const digits = texts.shift();
      if (!digits) { done(times); return; }
      const begun = performance.now();
      write.call(search, 'kunde ' + digits);
      search.dispatchEvent(new InputEvent('input', { bubbles: true }));
      const look = () => {
        const rows = [...document.querySelectorAll(\"[data-testid='list-row']\")];
        const shown = rows.length > 0 && rows.every((row) => row.textContent.includes(digits));
        if (shown) { times.push(performance.now() - begun); next(); } else { requestAnimationFrame(look); }
      };
      requestAnimationFrame(look);
    };
    next();";

/// Scrolls through the whole list and says the longest frame, the most rows at a time, and what stands last. Who is at
/// the end goes on scrolling until the last row is there, for rows may turn out higher than they were reckoned.
const SCROLLED: &str = "const done = arguments[arguments.length - 1];
    const STEPS = 120;
    const scroll = document.querySelector('.mera-scroll');
    const row = () => document.querySelectorAll(\"[data-testid='list-row']\");
    let longest = 0, most = 0, before = performance.now(), steps = 0;
    const step = (now) => {
      if (steps > 0) longest = Math.max(longest, now - before);
      before = now;
      most = Math.max(most, row().length);
      steps += 1;
      scroll.scrollTop = scroll.scrollHeight * Math.min(1, steps / STEPS);
      if (steps <= STEPS) { requestAnimationFrame(step); return; }
      const last = [...row()].at(-1);
      if (last?.closest('li').ariaPosInSet === String(last?.closest('li').ariaSetSize)) {
        const frame = scroll.getBoundingClientRect(), box = last.getBoundingClientRect();
        done({ longest, most, last: last.textContent, seen: box.bottom <= frame.bottom + 1 && box.top >= frame.top });
      } else requestAnimationFrame(step);
    };
    requestAnimationFrame(step);";

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_customers_are_searched_and_scrolled_through() {
    let folder = folder();
    let begun = Instant::now();
    let device = Device::start(filled(&folder.path().join("anna")));
    eprintln!("{MANY} customers were created in {:.1} s", begun.elapsed().as_secs_f32());
    let at = shown(&device).await;
    let chromium = Chromium::start();
    let tab = chromium.open(&at.link(), 1024, 800).await;
    tab.go("#/list/customer").await;
    tab.see_text("list-total", "10,000 records").await;
    let scrolled = tab.ask_later(SCROLLED).await;
    eprintln!(
        "longest frame while scrolling {:.0} ms, {} rows in the page at most",
        scrolled["longest"].as_f64().unwrap(),
        scrolled["most"]
    );
    assert!(scrolled["last"].as_str().unwrap().contains("Kunde 09999"), "{scrolled}");
    assert_eq!(scrolled["seen"], json!(true), "the last row is in sight");
    assert!(scrolled["most"].as_u64().unwrap() < ROWS_IN_PAGE, "{scrolled}");
    let typed = tab.ask_later(TYPED).await;
    eprintln!("from keystroke to rows, in ms: {typed}");
    tab.see_text("list-total", "1 record").await;
    tab.see_text("list-row", "Kunde 07777K-A-7778").await;
    at.stop().await;
}
