//! A code that another device's camera reads.

use qrcode::{Color, QrCode};
use yew::prelude::*;

/// Free modules round the code, as its standard wants them.
const QUIET: usize = 4;

/// Properties of [`QrPicture`].
#[derive(Properties, PartialEq)]
pub struct QrProps {
    pub text: AttrValue,
    /// What it is, for who does not see it.
    pub label: AttrValue,
}

/// Dark on white in every light: cameras expect it so. What is too long for a code is not drawn.
#[component]
pub fn QrPicture(props: &QrProps) -> Html {
    let drawn = use_memo(props.text.clone(), |text| QrCode::new(text.as_bytes()).ok().map(|code| path(&code)));
    let Some((side, path)) = (*drawn).clone() else { return html! {} };
    html! {
        <svg class="mera-qr" viewBox={format!("0 0 {side} {side}")} role="img" aria-label={&props.label} data-testid="qr" shape-rendering="crispEdges">
            <rect width={side.to_string()} height={side.to_string()} fill="#fff" />
            <path d={path} fill="#000" />
        </svg>
    }
}

/// The picture's side, and its dark modules, run by run.
fn path(code: &QrCode) -> (usize, String) {
    let (width, colors) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        while let Some(color) = row.get(x) {
            let run = row[x..].iter().take_while(|other| *other == color).count();
            if *color == Color::Dark {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET));
            }
            x += run;
        }
    }
    (width + 2 * QUIET, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_module_is_drawn_once_and_inside_the_quiet_zone() {
        let code = QrCode::new(b"MERA1-ABCDE-FGHJK").expect("a short text has room");
        let (side, path) = path(&code);
        assert_eq!(side, code.width() + 8);
        assert!(path.starts_with("M4 4h7v1h-7z"), "a code begins with the upper edge of its first eye: {path}");
        let runs = path.split('M').filter(|run| !run.is_empty());
        let drawn: usize =
            runs.map(|run| run.split(['h', 'v']).nth(1).and_then(|run| run.parse::<usize>().ok()).unwrap_or(0)).sum();
        assert_eq!(drawn, code.to_colors().iter().filter(|color| **color == Color::Dark).count());
    }
}
