//! A page of the screens behind WebDriver, in a browser or in the desktop window: what a person sees and does, named by
//! `data-testid`.

use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io::Cursor;
use std::time::Duration;

/// What takes longer than this will not come.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Tab {
    client: Client,
}

fn css(test: &str) -> String {
    format!("[data-testid='{test}']")
}

impl Tab {
    /// The page that a session of WebDriver has open.
    pub fn of(client: Client) -> Self {
        Self { client }
    }

    pub async fn go(&self, hash: &str) {
        self.client.execute(&format!("location.hash = '{hash}'"), vec![]).await.unwrap();
    }

    pub async fn see(&self, test: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(&css(test))).await;
        let Err(fault) = found else { return found.unwrap() };
        let page = self.client.execute("return document.body.innerText", vec![]).await.unwrap_or_default();
        panic!("{test} did not appear: {fault}; the page says:\n{}", page.as_str().unwrap_or_default());
    }

    pub async fn unsee(&self, test: &str) {
        self.until_true(&format!("{test} is gone"), &format!("return !document.querySelector(\"{}\")", css(test)))
            .await;
    }

    pub async fn see_text(&self, test: &str, text: &str) {
        let script =
            format!("return document.querySelector(\"{}\")?.textContent.trim() === {}", css(test), json!(text));
        self.until_true(&format!("{test} says {text}"), &script).await;
    }

    pub async fn see_as(&self, test: &str, attribute: &str, value: &str) {
        let script =
            format!("return document.querySelector(\"{}\")?.getAttribute('{attribute}') === '{value}'", css(test));
        self.until_true(&format!("{test} is {value}"), &script).await;
    }

    /// Sees some element of the name with a text in it.
    pub async fn see_part(&self, test: &str, part: &str) {
        let all = format!("[...document.querySelectorAll(\"{}\")]", css(test));
        let script = format!("return {all}.some((one) => one.textContent.includes({}))", json!(part));
        self.until_true(&format!("{test} says {part}"), &script).await;
    }

    /// What a script on the page answers.
    pub async fn asked(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap()
    }

    /// How many colours the page shows.
    pub async fn colours(&self) -> usize {
        let picture = self.picture().await;
        let mut reader = png::Decoder::new(Cursor::new(picture)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        let bytes = frame.color_type.samples();
        pixels[..frame.buffer_size()].chunks_exact(bytes).collect::<HashSet<_>>().len()
    }

    /// What the page looks like, as a PNG.
    pub async fn picture(&self) -> Vec<u8> {
        self.client.screenshot().await.unwrap()
    }

    /// Waits until a script says `true`.
    pub async fn until_true(&self, what: &str, script: &str) {
        let waiting = async {
            while self.client.execute(script, vec![]).await.ok() != Some(json!(true)) {
                // The page tells nobody outside that it has changed; each look is a round trip to it.
                tokio::task::yield_now().await;
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            let page = self.client.execute("return document.body.innerText", vec![]).await.unwrap_or_default();
            panic!("waited in vain until {what}; the page says:\n{}", page.as_str().unwrap_or_default());
        }
    }

    pub async fn count(&self, test: &str) -> usize {
        self.see(test).await;
        self.client.find_all(Locator::Css(&css(test))).await.unwrap().len()
    }

    pub async fn text(&self, test: &str) -> String {
        self.see(test).await.text().await.unwrap()
    }

    pub async fn value(&self, test: &str) -> String {
        self.see(test).await.prop("value").await.unwrap().unwrap()
    }

    pub async fn click(&self, test: &str) {
        self.see(test).await.click().await.unwrap();
    }

    /// Chooses in a list by the value behind the words.
    pub async fn choose(&self, test: &str, value: &str) {
        self.see(test).await.select_by_value(value).await.unwrap();
    }

    pub async fn click_nth(&self, test: &str, place: usize) {
        self.see(test).await;
        self.client.find_all(Locator::Css(&css(test))).await.unwrap().swap_remove(place).click().await.unwrap();
    }

    pub async fn click_in(&self, test: &str, inside: &str) {
        self.see(test).await.find(Locator::Css(inside)).await.unwrap().click().await.unwrap();
    }

    /// Puts a day or time into a field for one; how it is typed differs with the browser's language.
    pub async fn set(&self, test: &str, value: &str) {
        self.see(test).await;
        let script = format!(
            "const field = document.querySelector({}); field.value = {}; field.dispatchEvent(new Event('change', {{ bubbles: true }}));",
            json!(css(test)),
            json!(value)
        );
        self.asked(&script).await;
    }

    /// Takes something with the hand, draws it so many pixels across and down, and lets it go.
    pub async fn draw(&self, test: &str, across: i64, down: i64) {
        let element = self.see(test).await;
        let (x, y) = (0.0, 0.0);
        let step = |x: i64, y: i64| PointerAction::MoveBy { duration: None, x: x as f64, y: y as f64 };
        let hand = MouseActions::new("hand".into())
            .then(PointerAction::MoveToElement { element, duration: None, x, y })
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(step(across / 2, down / 2))
            .then(step(across - across / 2, down - down / 2))
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.client.perform_actions(hand).await.unwrap();
    }

    /// Types at the end of a field, and presses nothing more.
    pub async fn type_in(&self, test: &str, text: &str) {
        self.see(test).await.send_keys(text).await.unwrap();
    }

    /// Selects what stands in a field, types, and presses Enter, by keyboard alone.
    pub async fn type_over(&self, test: &str, text: &str) {
        const CONTROL: char = '\u{E009}';
        const RELEASE: char = '\u{E000}';
        self.see(test).await.send_keys(&format!("{CONTROL}a{RELEASE}{text}")).await.unwrap();
        if test == "find" {
            self.see("find-result").await;
        }
        self.see(test).await.send_keys("\u{E007}").await.unwrap();
    }

    /// Waits until the page of a place stands: its heading is there, and nothing moves any more.
    pub async fn settled(&self, place: &str) {
        let content = ".mera-linked li, .mera-table, .mera-clash, .mera-empty, .mera-facts, .mera-history li, .mera-fields, .mera-rows li, .mera-board li, .mera-calls li, .mera-cal";
        let script = format!(
            "return location.hash === {} && !!document.querySelector('main h1') && !!document.querySelector('{content}') \
             && document.getAnimations().every((one) => one.playState !== 'running')",
            json!(place)
        );
        self.until_true(&format!("{place} stands"), &script).await;
    }

    /// Presses keys wherever the focus is.
    pub async fn press(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// What a script hands to `arguments[arguments.length - 1]`, however long that takes it.
    pub async fn ask_later(&self, script: &str) -> Value {
        self.client.execute_async(script, vec![]).await.unwrap()
    }

    /// Types into an empty field and presses Enter. The web view's driver knows no keys that are held down, and waits
    /// for ever for a letter that the keyboard does not have.
    pub async fn type_into(&self, test: &str, text: &str) {
        self.see(test).await.send_keys(&format!("{text}\u{E007}")).await.unwrap();
    }

    /// Says that the recovery code of a company that was just founded is written down, and goes on. Gives the code.
    pub async fn keep_recovery_code(&self) -> String {
        let code = self.text("recovery-code").await;
        self.click("recovery-written").await;
        self.click("recovery-go").await;
        code
    }

    /// Whether nothing hangs over the right edge.
    pub async fn fits(&self) -> bool {
        let script = "return document.documentElement.scrollWidth <= window.innerWidth";
        self.client.execute(script, vec![]).await.unwrap() == json!(true)
    }

    pub async fn close(self) {
        self.client.close().await.unwrap();
    }
}
