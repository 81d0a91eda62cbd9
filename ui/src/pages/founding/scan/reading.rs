//! What a picture shows: the code on another device's screen, or a code of somebody else, or none.

use super::super::said::is_invitation;
use rqrr::PreparedImage;

/// What a look at one picture has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// The text of an invitation, as its code bears it.
    Invitation(String),
    /// Codes, and none of them an invitation.
    Other,
    Nothing,
}

/// A picture, row by row, four bytes for each point: red, green, blue, and how solid it is.
pub struct Frame {
    pub width: usize,
    pub rgba: Vec<u8>,
}

impl Frame {
    /// Reads every code in the picture. A code that is damaged beyond repair counts as none: the next look may be better.
    pub fn look(&self) -> Sight {
        let gray: Vec<u8> = self.rgba.as_chunks::<4>().0.iter().map(brightness).collect();
        // A window that is being turned has frames without a side for a moment.
        let Some(height) = gray.len().checked_div(self.width).filter(|height| *height > 0) else {
            return Sight::Nothing;
        };
        let mut picture = PreparedImage::prepare_from_greyscale(self.width, height, |x, y| {
            gray.get(y * self.width + x).copied().unwrap_or(0)
        });
        let codes = picture.detect_grids().into_iter().filter_map(|grid| Some(grid.decode().ok()?.1));
        codes.fold(Sight::Nothing, |sight, code| match sight {
            Sight::Invitation(first) => Sight::Invitation(first),
            _ if is_invitation(&code) => Sight::Invitation(code.trim().to_owned()),
            _ => Sight::Other,
        })
    }
}

/// How bright a point looks to a person, after ITU-R BT.601, in 256ths.
fn brightness(&[red, green, blue, _]: &[u8; 4]) -> u8 {
    let sum = 77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue);
    u8::try_from(sum >> 8).unwrap_or(u8::MAX)
}

/// The sides of a picture when the longer one may have so many points at most; nothing is made larger.
pub fn fitted((width, height): (u32, u32), most: u32) -> (u32, u32) {
    let long = width.max(height);
    if long <= most {
        return (width, height);
    }
    let side = |side: u32| u32::try_from(u64::from(side) * u64::from(most) / u64::from(long)).unwrap_or(most).max(1);
    (side(width), side(height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use qrcode::{Color, QrCode};

    const INVITATION: &str =
        "MERA1-04H3Z-WQ8RT-0ABCD-EFGHJ-KMNPQ-RSTVW-XYZ01-23456-789AB-CDEFG-HJKMN-PQRST-VWXYZ-01234";
    const QUIET: usize = 4;

    /// The code as a screen shows it, `scale` points for each module, with its quiet zone.
    fn shown(text: &str, scale: usize) -> Frame {
        let code = QrCode::new(text).expect("the text has room");
        let (modules, colors) = (code.width(), code.to_colors());
        let width = (modules + 2 * QUIET) * scale;
        let dark = |at: usize| {
            let (x, y) = ((at % width / scale).checked_sub(QUIET), (at / width / scale).checked_sub(QUIET));
            let inside = x.zip(y).filter(|(x, y)| *x < modules && *y < modules);
            inside.is_some_and(|(x, y)| colors[y * modules + x] == Color::Dark)
        };
        let rgba = (0..width * width).flat_map(|at| if dark(at) { [20, 24, 30, 255] } else { [235, 240, 230, 255] });
        Frame { width, rgba: rgba.collect() }
    }

    /// The same numbers for the same seed (xorshift, Marsaglia 2003).
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }

        fn below(&mut self, end: usize) -> usize {
            usize::try_from(self.roll() % u64::try_from(end).unwrap_or(1)).unwrap_or(0)
        }
    }

    #[test]
    fn an_invitation_is_read_from_near_and_from_far_upright_and_turned() {
        for scale in [2, 3, 5, 9] {
            let frame = shown(INVITATION, scale);
            assert_eq!(frame.look(), Sight::Invitation(INVITATION.into()), "{scale} points for each module");
            let side = frame.width;
            let points = frame.rgba.as_chunks::<4>().0;
            let turned = (0..side * side).flat_map(|at| points[(side - 1 - at % side) * side + at / side]).collect();
            assert_eq!(
                Frame { width: side, rgba: turned }.look(),
                Sight::Invitation(INVITATION.into()),
                "turned, {scale}"
            );
        }
    }

    #[test]
    fn another_code_is_told_apart_and_beside_an_invitation_it_does_not_matter() {
        for other in ["https://example.com/MERA1-ABCDE", "MERA-RECOVERY2-ABCDE-FGHJK", "WIFI:S:gaest;;", "mera2026"] {
            assert_eq!(shown(other, 4).look(), Sight::Other, "{other}");
        }
        for (first, second) in [(INVITATION, "WIFI:S:gaest;;"), ("WIFI:S:gaest;;", INVITATION)] {
            let (above, below) = (shown(first, 4), shown(second, 4));
            let width = above.width.max(below.width);
            let rows = |frame: &Frame| -> Vec<u8> {
                let rows = frame.rgba.chunks(frame.width * 4);
                rows.flat_map(|row| [row, &vec![235; (width - frame.width) * 4]].concat()).collect()
            };
            let both = Frame { width, rgba: [rows(&above), rows(&below)].concat() };
            assert_eq!(both.look(), Sight::Invitation(INVITATION.into()));
        }
    }

    #[test]
    fn noise_a_blank_and_an_empty_frame_show_nothing() {
        for (width, bytes) in [(0, 0), (0, 400), (7, 0), (640, 4), (1, 4)] {
            assert_eq!(Frame { width, rgba: vec![9; bytes] }.look(), Sight::Nothing, "{width} wide, {bytes} bytes");
        }
        assert_eq!(Frame { width: 320, rgba: vec![128; 320 * 240 * 4] }.look(), Sight::Nothing);
        for seed in 1..=20 {
            let mut dice = Dice(seed);
            let rgba = (0..320 * 240 * 4).map(|_| dice.roll().to_le_bytes()[3]).collect();
            assert_eq!(Frame { width: 320, rgba }.look(), Sight::Nothing, "seed {seed}");
        }
    }

    #[test]
    fn a_code_that_is_stained_torn_or_cut_off_never_reads_as_another_text() {
        let whole = shown(INVITATION, 3);
        let (mut read, side) = (0, whole.width);
        for seed in 1..=300_u64 {
            let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let mut rgba = whole.rgba.clone();
            for _ in 0..=dice.below(12) {
                let (left, top, wide, high) =
                    (dice.below(side), dice.below(side), dice.below(side / 3), dice.below(side / 3));
                let color = dice.roll().to_le_bytes()[0];
                for y in top..(top + high).min(side) {
                    let row = y * side * 4;
                    rgba[row + left * 4..row + (left + wide).min(side) * 4].fill(color);
                }
            }
            rgba.truncate(rgba.len() - dice.below(2) * dice.below(side) * side * 4);
            match (Frame { width: side, rgba }).look() {
                Sight::Invitation(text) => {
                    assert_eq!(text, INVITATION, "seed {seed}");
                    read += 1;
                }
                sight => assert_eq!(sight, Sight::Nothing, "seed {seed}"),
            }
        }
        assert!(read > 0, "small stains are repaired");
    }

    #[test]
    fn a_large_picture_is_made_smaller_and_a_small_one_is_left() {
        let table = [
            ((640, 480), 1280, (640, 480)),
            ((4000, 3000), 1280, (1280, 960)),
            ((3000, 4000), 1280, (960, 1280)),
            ((9000, 1), 640, (640, 1)),
            ((0, 0), 640, (0, 0)),
            ((u32::MAX, u32::MAX), 640, (640, 640)),
        ];
        for (sides, most, small) in table {
            assert_eq!(fitted(sides, most), small, "{sides:?} in {most}");
        }
    }
}
