//! The device's camera and its pictures, as far as a code is read from them. Nothing of them leaves the page.

use super::reading::{Frame, Sight, fitted};
use crate::{carrier, dom};
use js_sys::{JSON, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CanvasRenderingContext2d, DomException, File, HtmlCanvasElement, HtmlVideoElement, ImageBitmap, MediaDevices,
    MediaStream, MediaStreamConstraints, MediaStreamTrack, Navigator,
};

/// A telephone's camera is the one that looks away from its person. So many points tell a code's modules apart at arm's length.
const WISH: &str = r#"{"facingMode":{"ideal":"environment"},"width":{"ideal":1280},"height":{"ideal":720}}"#;
/// The longer side of a frame of the camera that is looked at, in points.
const FRAME: u32 = 1280;
/// A picture is looked at in several sizes: in a large one the raster of a photographed screen hides the modules.
const PICTURE: [u32; 3] = [1280, 640, 2560];

/// Why nothing can be scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unseen {
    NoCamera,
    NotAllowed,
    /// Another program has it, or the system does not give it away.
    Busy,
    /// The file is none that this browser can show.
    NoPicture,
}

/// A camera that is on, until this is dropped.
pub struct Camera {
    stream: MediaStream,
    video: HtmlVideoElement,
    easel: Easel,
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.video.set_src_object(None);
        stop(&self.stream);
    }
}

impl Camera {
    /// Whether a camera can be asked for at all. A page that did not come over a safe way has none; neither has the window's
    /// web view on Linux. Apple's systems end a program that asks and does not say in its bundle what for, and the window
    /// has no bundle yet.
    pub fn is_offered() -> bool {
        let Some(navigator) = web_sys::window().map(|window| window.navigator()) else { return false };
        let agent = navigator.user_agent().unwrap_or_default();
        let apple = ["Macintosh", "iPhone", "iPad"].iter().any(|name| agent.contains(name));
        devices(&navigator).is_some() && !(carrier::is_window() && apple)
    }

    /// Switches the camera on, after the person has allowed it, and shows what it sees in the element.
    pub async fn open(video: HtmlVideoElement) -> Result<Self, Unseen> {
        let easel = Easel::new().ok_or(Unseen::NoCamera)?;
        let navigator = web_sys::window().ok_or(Unseen::NoCamera)?.navigator();
        let wish = MediaStreamConstraints::new();
        wish.set_video(&JSON::parse(WISH).unwrap_or(JsValue::TRUE));
        let asked = devices(&navigator).ok_or(Unseen::NoCamera)?.get_user_media_with_constraints(&wish);
        let stream: MediaStream = JsFuture::from(asked.map_err(why)?).await.map_err(why)?.unchecked_into();
        let camera = Self { stream, video, easel };
        camera.video.set_muted(true);
        camera.video.set_src_object(Some(&camera.stream));
        if let Ok(plays) = camera.video.play() {
            // Its refusal says only that the element has left the page meanwhile.
            JsFuture::from(plays).await.ok();
        }
        Ok(camera)
    }

    /// Whether it is still on: it can be pulled out, or be taken back.
    pub fn is_on(&self) -> bool {
        self.stream.active()
    }

    /// What it sees now; nothing before its first picture.
    pub fn frame(&self) -> Option<Frame> {
        let sides = fitted((self.video.video_width(), self.video.video_height()), FRAME);
        self.easel.frame(sides, |paper, (width, height)| {
            paper.draw_image_with_html_video_element_and_dw_and_dh(&self.video, 0.0, 0.0, width, height)
        })
    }
}

/// A picture that the person has.
pub struct Picture {
    picture: ImageBitmap,
    easel: Easel,
}

impl Picture {
    pub async fn open(file: &File) -> Result<Self, Unseen> {
        let (window, easel) = web_sys::window().zip(Easel::new()).ok_or(Unseen::NoPicture)?;
        let opened = window.create_image_bitmap_with_blob(file).map_err(|_| Unseen::NoPicture)?;
        let picture = JsFuture::from(opened).await.map_err(|_| Unseen::NoPicture)?.unchecked_into();
        Ok(Self { picture, easel })
    }

    /// Looks for a code until one size shows an invitation.
    pub fn look(&self) -> Sight {
        let whole = (self.picture.width(), self.picture.height());
        let mut sizes = PICTURE.map(|most| fitted(whole, most)).to_vec();
        sizes.dedup();
        let mut sight = Sight::Nothing;
        for sides in sizes {
            match self.frame(sides).map_or(Sight::Nothing, |frame| frame.look()) {
                Sight::Nothing => {}
                Sight::Other => sight = Sight::Other,
                found @ Sight::Invitation(_) => return found,
            }
        }
        sight
    }

    fn frame(&self, sides: (u32, u32)) -> Option<Frame> {
        self.easel.frame(sides, |paper, (width, height)| {
            paper.draw_image_with_image_bitmap_and_dw_and_dh(&self.picture, 0.0, 0.0, width, height)
        })
    }
}

/// Where pictures are drawn to be looked at; nobody sees it.
struct Easel {
    canvas: HtmlCanvasElement,
    paper: CanvasRenderingContext2d,
}

impl Easel {
    fn new() -> Option<Self> {
        let canvas: HtmlCanvasElement = dom::document()?.create_element("canvas").ok()?.dyn_into().ok()?;
        let wish = JSON::parse(r#"{"willReadFrequently":true,"alpha":false}"#).ok()?;
        let paper = canvas.get_context_with_context_options("2d", &wish).ok()??.dyn_into().ok()?;
        Some(Self { canvas, paper })
    }

    /// What is drawn, on white: a code may have been saved without a ground.
    fn frame(
        &self,
        (width, height): (u32, u32),
        draw: impl FnOnce(&CanvasRenderingContext2d, (f64, f64)) -> Result<(), JsValue>,
    ) -> Option<Frame> {
        if width == 0 || height == 0 {
            return None;
        }
        self.canvas.set_width(width);
        self.canvas.set_height(height);
        let sides = (f64::from(width), f64::from(height));
        self.paper.set_fill_style_str("#fff");
        self.paper.fill_rect(0.0, 0.0, sides.0, sides.1);
        draw(&self.paper, sides).ok()?;
        let drawn = self.paper.get_image_data(0.0, 0.0, sides.0, sides.1).ok()?;
        Some(Frame { width: width.try_into().ok()?, rgba: drawn.data().0 })
    }
}

fn devices(navigator: &Navigator) -> Option<MediaDevices> {
    let devices = Reflect::get(navigator, &"mediaDevices".into()).ok().filter(|found| !found.is_undefined())?;
    let asks = Reflect::get(&devices, &"getUserMedia".into()).is_ok_and(|asks| asks.is_function());
    asks.then(|| devices.unchecked_into())
}

fn stop(stream: &MediaStream) {
    for track in stream.get_tracks().iter() {
        track.unchecked_into::<MediaStreamTrack>().stop();
    }
}

/// What the browser's refusal means (names after the W3C's “Media Capture and Streams”).
fn why(refusal: JsValue) -> Unseen {
    let name = refusal.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default();
    match name.as_str() {
        "NotAllowedError" | "SecurityError" => Unseen::NotAllowed,
        "NotReadableError" | "AbortError" => Unseen::Busy,
        _ => Unseen::NoCamera,
    }
}
