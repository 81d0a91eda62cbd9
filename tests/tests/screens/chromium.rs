//! Chromium behind WebDriver.

use fantoccini::ClientBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
pub use mera_tests::tab::Tab;
use serde_json::json;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A script that waits for many frames waits long where two cores draw them without a graphics card.
const LONGEST_SCRIPT: Duration = Duration::from_secs(120);

/// How often ChromeDriver is started: it takes a port that is free among the addresses of one family, and ends where somebody has it among
/// those of the other.
const TRIES: usize = 5;

/// How long ChromeDriver may take to end its browsers.
const PARTING: Duration = Duration::from_secs(10);

/// A running ChromeDriver; it ends with the test, and so do its browsers.
pub struct Chromium {
    driver: Child,
    port: u16,
    /// What the browser is told besides, where a story wants more than an ordinary one.
    wishes: Vec<String>,
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // It ends its browsers where it is asked to end. One that is killed leaves them behind, ten processes each, until a machine
        // that runs the tests often has no memory left.
        if let Ok(mut line) = TcpStream::connect(("127.0.0.1", self.port)) {
            line.set_read_timeout(Some(PARTING)).ok();
            write!(line, "GET /shutdown HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", self.port).ok();
            line.read_to_end(&mut Vec::new()).ok();
        }
        self.driver.kill().ok();
        self.driver.wait().ok();
    }
}

/// ChromeDriver and its port; nothing where it ended before it told it.
fn driver() -> Option<(Child, u16)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("`cargo xtask setup` installs chromium-driver");
    let told = BufReader::new(driver.stdout.take().unwrap());
    let mut lines = told.lines().map_while(Result::ok);
    let Some(line) = lines.find(|line| line.contains("successfully on port")) else {
        driver.kill().ok();
        driver.wait().ok();
        return None;
    };
    // It goes on talking; somebody has to listen, or it would wait for a reader.
    std::thread::spawn(move || lines.for_each(drop));
    let port = line.trim_end_matches('.').rsplit(' ').next().unwrap().parse().unwrap();
    Some((driver, port))
}

impl Chromium {
    pub fn start() -> Self {
        let (driver, port) = (0..TRIES).find_map(|_| driver()).expect("ChromeDriver tells its port");
        Self { driver, port, wishes: Vec::new() }
    }

    /// A browser whose camera sees a film, and which every page may use.
    pub fn with_camera(film: &Path) -> Self {
        let film = format!("--use-file-for-fake-video-capture={}", film.display());
        let wishes = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", &film].map(str::to_owned);
        let mut chromium = Self::start();
        chromium.wishes = wishes.into();
        chromium
    }

    /// Opens the screens of a device, and waits until they stand.
    pub async fn open(&self, link: &str, width: u32, height: u32) -> Tab {
        let tab = self.begin(link, width, height).await;
        tab.see("sync-pill").await;
        tab
    }

    /// Opens a page, whatever it shows.
    pub async fn begin(&self, link: &str, width: u32, height: u32) -> Tab {
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
        let args: Vec<&str> = args.into_iter().chain(self.wishes.iter().map(String::as_str)).collect();
        let mobile =
            json!({ "deviceMetrics": { "width": width, "height": height, "pixelRatio": 1.0, "touch": false } });
        let options = json!({ "args": args, "mobileEmulation": mobile, "prefs": { "intl.accept_languages": "en-GB" } });
        let timeouts = json!({ "script": LONGEST_SCRIPT.as_millis() as u64 });
        let wishes = json!({ "goog:chromeOptions": options, "timeouts": timeouts });
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let builder = builder.capabilities(wishes.as_object().unwrap().clone());
        let client = builder.connect(&format!("http://127.0.0.1:{}", self.port)).await.unwrap();
        client.goto(link).await.unwrap();
        Tab::of(client)
    }
}
