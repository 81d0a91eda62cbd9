//! A code as a camera sees it: a film for Chromium's false camera, and a picture to choose.

use qrcode::{Color, QrCode};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What the false camera sees, in points. A camera's usual size: Chromium need not stretch it.
const FILM: (usize, usize) = (640, 480);
/// Free modules round a code, as its standard wants them.
const QUIET: usize = 4;
const DARK: u8 = 24;
const LIGHT: u8 = 228;

/// A picture of brightness alone, row by row.
pub struct Picture {
    width: usize,
    height: usize,
    points: Vec<u8>,
}

impl Picture {
    /// A code in the middle, as large as it fits.
    pub fn of(text: &str) -> Self {
        let code = QrCode::new(text).unwrap();
        let (modules, colors) = (code.width(), code.to_colors());
        let (width, height) = FILM;
        let scale = height / (modules + 2 * QUIET);
        assert!(scale >= 3, "{modules} modules are too many for a film of this size");
        let (left, top) = ((width - modules * scale) / 2, (height - modules * scale) / 2);
        let module = |at: usize, start: usize| at.checked_sub(start).map(|at| at / scale).filter(|at| *at < modules);
        let point = |at: usize| match (module(at % width, left), module(at / width, top)) {
            (Some(x), Some(y)) if colors[y * modules + x] == Color::Dark => DARK,
            _ => LIGHT,
        };
        Self { width, height, points: (0..width * height).map(point).collect() }
    }

    /// Nothing but a grey wall.
    pub fn blank() -> Self {
        let (width, height) = FILM;
        Self { width, height, points: vec![LIGHT; width * height] }
    }

    /// A film of two frames, which is played over and over (YUV4MPEG2, 4:2:0, grey).
    pub fn film(&self, folder: &Path) -> PathBuf {
        let place = folder.join("camera.y4m");
        let mut film = File::create(&place).unwrap();
        writeln!(film, "YUV4MPEG2 W{} H{} F10:1 Ip A1:1 C420", self.width, self.height).unwrap();
        for _ in 0..2 {
            film.write_all(b"FRAME\n").unwrap();
            film.write_all(&self.points).unwrap();
            film.write_all(&vec![128; self.width * self.height / 2]).unwrap();
        }
        place
    }

    /// A PNG, named after what it is.
    pub fn png(&self, folder: &Path, name: &str) -> PathBuf {
        let place = folder.join(format!("{name}.png"));
        let sides = [self.width, self.height].map(|side| side.try_into().unwrap());
        let mut encoder = png::Encoder::new(File::create(&place).unwrap(), sides[0], sides[1]);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.write_header().unwrap().write_image_data(&self.points).unwrap();
        place
    }
}
