//! Chromium behind WebDriver: what a person sees and does, named by `data-testid`.

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// What takes longer than this will not come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running ChromeDriver; it ends with the test.
pub struct Chromium {
    driver: Child,
    port: u16,
}

impl Drop for Chromium {
    fn drop(&mut self) {
        self.driver.kill().ok();
        self.driver.wait().ok();
    }
}

impl Chromium {
    pub fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("`cargo xtask setup` installs chromium-driver");
        let told = BufReader::new(driver.stdout.take().unwrap());
        let mut lines = told.lines().map_while(Result::ok);
        let line = lines.find(|line| line.contains("successfully on port")).expect("ChromeDriver tells its port");
        // It goes on talking; somebody has to listen, or it would wait for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let port = line.trim_end_matches('.').rsplit(' ').next().unwrap().parse().unwrap();
        Self { driver, port }
    }

    pub async fn open(&self, link: &str, width: u32, height: u32) -> Tab {
        let size = format!("--window-size={width},{height}");
        let args = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--lang=en-GB",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            &size,
        ];
        let mobile =
            json!({ "deviceMetrics": { "width": width, "height": height, "pixelRatio": 1.0, "touch": false } });
        let options = json!({ "args": args, "mobileEmulation": mobile, "prefs": { "intl.accept_languages": "en-GB" } });
        let wishes = json!({ "goog:chromeOptions": options });
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let builder = builder.capabilities(wishes.as_object().unwrap().clone());
        let client = builder.connect(&format!("http://127.0.0.1:{}", self.port)).await.unwrap();
        client.goto(link).await.unwrap();
        let tab = Tab { client };
        tab.see("sync-pill").await;
        tab
    }
}

pub struct Tab {
    client: Client,
}

fn css(test: &str) -> String {
    format!("[data-testid='{test}']")
}

impl Tab {
    pub async fn go(&self, hash: &str) {
        self.client.execute(&format!("location.hash = '{hash}'"), vec![]).await.unwrap();
    }

    pub async fn see(&self, test: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(&css(test))).await;
        found.unwrap_or_else(|fault| panic!("{test} did not appear: {fault}"))
    }

    pub async fn unsee(&self, test: &str) {
        self.until(&format!("{test} is gone"), &format!("return !document.querySelector(\"{}\")", css(test))).await;
    }

    pub async fn see_text(&self, test: &str, text: &str) {
        let script =
            format!("return document.querySelector(\"{}\")?.textContent.trim() === {}", css(test), json!(text));
        self.until(&format!("{test} says {text}"), &script).await;
    }

    pub async fn see_as(&self, test: &str, attribute: &str, value: &str) {
        let script =
            format!("return document.querySelector(\"{}\")?.getAttribute('{attribute}') === '{value}'", css(test));
        self.until(&format!("{test} is {value}"), &script).await;
    }

    /// Waits until a script says `true`.
    pub async fn until(&self, what: &str, script: &str) {
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

    pub async fn click_nth(&self, test: &str, place: usize) {
        self.see(test).await;
        self.client.find_all(Locator::Css(&css(test))).await.unwrap().swap_remove(place).click().await.unwrap();
    }

    pub async fn click_in(&self, test: &str, inside: &str) {
        self.see(test).await.find(Locator::Css(inside)).await.unwrap().click().await.unwrap();
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
        let content = ".mera-linked li, .mera-table, .mera-clash, .mera-empty, .mera-facts, .mera-history li, .mera-fields, .mera-rows li";
        let script = format!(
            "return location.hash === {} && !!document.querySelector('main h1') && !!document.querySelector('{content}') \
             && document.getAnimations().every((one) => one.playState !== 'running')",
            json!(place)
        );
        self.until(&format!("{place} stands"), &script).await;
    }

    /// Presses keys wherever the focus is.
    pub async fn press(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// What a script answers.
    pub async fn ask(&self, script: &str) -> serde_json::Value {
        self.client.execute(script, vec![]).await.unwrap()
    }

    /// What a script hands to `arguments[arguments.length - 1]`, however long that takes it.
    pub async fn ask_later(&self, script: &str) -> serde_json::Value {
        self.client.execute_async(script, vec![]).await.unwrap()
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
