//! A picture as SVG. Both axes are logarithms; each line is called by its name at its end, so that nobody looks from a legend to a line and back.

use super::series::{Chart, Unit};
use crate::figure::Figure;
use anyhow::{Result, anyhow};
use plotters::coord::combinators::IntoLogRange;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::path::Path;

const SIZE: (u32, u32) = (860, 440);
/// Room for the names of lines, beside the picture.
const NAMES: u32 = 300;
/// Pixels between two names.
const APART: i32 = 18;
const FONT: &str = "system-ui, sans-serif";
const INK: RGBColor = RGBColor(0x33, 0x33, 0x33);
const PALE: RGBColor = RGBColor(0xe4, 0xe4, 0xe4);
const GUIDE: RGBColor = RGBColor(0x99, 0x99, 0x99);
/// Told apart also by those who see no red or no green (Okabe and Ito, 2008), and dark enough on white.
const COLOURS: [RGBColor; 4] =
    [RGBColor(0, 0x72, 0xb2), RGBColor(0xc4, 0x4e, 0), RGBColor(0, 0x80, 0x5c), RGBColor(0xa8, 0x4c, 0x82)];

/// A line's name, its colour and its points.
type Drawn = (&'static str, RGBColor, Vec<(f64, f64)>);

/// Draws a chart of these figures into a file.
pub fn draw(path: &Path, chart: &Chart, figures: &[Figure]) -> Result<()> {
    let lines: Vec<Drawn> = (chart.lines.iter().zip(COLOURS))
        .map(|(line, colour)| (line.called, colour, line.points(figures)))
        .filter(|(_, _, points)| !points.is_empty())
        .collect();
    let all: Vec<(f64, f64)> = lines.iter().flat_map(|(_, _, points)| points.iter().copied()).collect();
    if all.is_empty() {
        return Err(anyhow!("nothing was measured of what {} shows", chart.name));
    }
    picture(path, chart, &lines, &all).map_err(|cause| anyhow!("{} cannot be drawn: {cause}", path.display()))
}

fn picture(path: &Path, chart: &Chart, lines: &[Drawn], all: &[(f64, f64)]) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let title = (FONT, 20).into_font().style(FontStyle::Bold).color(&INK);
    root.draw_text(chart.title, &title, (18, 16))?;
    let ((left, right), (low, high)) = (across(all), whole(all.iter().map(|point| point.1)));
    let mut plot = ChartBuilder::on(&root)
        .margin_top(56)
        .margin_left(10)
        .margin_bottom(8)
        .margin_right(NAMES)
        .x_label_area_size(48)
        .y_label_area_size(64)
        .build_cartesian_2d((left..right).log_scale(), (low * 0.999..high * 1.001).log_scale())?;
    let label = (FONT, 13).into_font().color(&INK);
    plot.configure_mesh()
        .bold_line_style(PALE)
        .light_line_style(TRANSPARENT)
        .axis_style(PALE)
        .x_desc(format!("{} (dashed: in step with them)", chart.across))
        .axis_desc_style(label.clone())
        .label_style(label.clone())
        .x_label_formatter(&|many| grouped(*many))
        .y_label_formatter(&|value| amount(*value, chart.unit))
        .draw()?;
    // In step: as steep as ten times as much for ten times as many.
    let steps = (right / left).min(high / low);
    plot.draw_series(DashedLineSeries::new([(left, low), (left * steps, low * steps)], 4, 5, GUIDE.stroke_width(1)))?;
    let mut names = Vec::new();
    for (called, colour, points) in lines {
        plot.draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(3)))?;
        plot.draw_series(points.iter().map(|point| Circle::new(*point, 4, colour.filled())))?;
        if let Some(last) = points.last() {
            names.push((plot.backend_coord(last).1, *called, *colour));
        }
    }
    let beside = i32::try_from(SIZE.0 - NAMES)? + 10;
    for (height, called, colour) in spread(names) {
        let style = (FONT, 14).into_font().color(&colour).pos(Pos::new(HPos::Left, VPos::Center));
        root.draw_text(called, &style, (beside, height))?;
    }
    Ok(root.present()?)
}

/// Names from above to below, none on another.
fn spread<T>(mut names: Vec<(i32, T, RGBColor)>) -> Vec<(i32, T, RGBColor)> {
    names.sort_by_key(|name| name.0);
    let mut free = i32::MIN;
    for (height, _, _) in &mut names {
        *height = (*height).max(free);
        free = *height + APART;
    }
    names
}

/// From the least to the most, so that each name stands where its line ends.
fn across(points: &[(f64, f64)]) -> (f64, f64) {
    let least = points.iter().map(|point| point.0).fold(f64::MAX, f64::min);
    let most = points.iter().map(|point| point.0).fold(least, f64::max);
    (least * 0.999, if most > least { most * 1.001 } else { least * 10.0 })
}

/// From the power of ten below the least to the one above the most.
fn whole(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let (least, most) = (values.clone().fold(f64::MAX, f64::min), values.fold(f64::MIN, f64::max));
    let (low, high) = (least.log10().floor(), most.log10().ceil());
    (10_f64.powf(low), 10_f64.powf(if high > low { high } else { low + 1.0 }))
}

/// A number with a comma after its thousands.
fn grouped(many: f64) -> String {
    let digits = format!("{many:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A value in the unit in which people say it.
fn amount(value: f64, unit: Unit) -> String {
    let (steps, below): (&[(f64, &str)], &str) = match unit {
        Unit::Time => (&[(1.0, "s"), (1e-3, "ms")], "µs"),
        Unit::Space => (&[(1e9, "GB"), (1e6, "MB"), (1e3, "kB")], "B"),
    };
    // A power of ten that was computed may be a hair below itself.
    let found = steps.iter().find(|(least, _)| value >= least * 0.999);
    let smallest = if unit == Unit::Time { 1e-6 } else { 1.0 };
    let (one, name) = found.copied().unwrap_or((smallest, below));
    format!("{} {name}", grouped(value / one))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::series::CHARTS;
    use super::*;
    use crate::figure::Taken;

    #[test]
    fn values_are_written_as_people_say_them() {
        let table = [
            (0.0001, Unit::Time, "100 µs"),
            (0.01, Unit::Time, "10 ms"),
            (10_f64.powf(-3.0), Unit::Time, "1 ms"),
            (10.0, Unit::Time, "10 s"),
            (100.0, Unit::Space, "100 B"),
            (1e6, Unit::Space, "1 MB"),
        ];
        for (value, unit, text) in table {
            assert_eq!(amount(value, unit), text);
        }
        assert_eq!(["1", "100", "1,000", "100,000"], [1.0, 1e2, 1e3, 1e5].map(grouped)[..]);
    }

    #[test]
    fn no_name_stands_on_another() {
        let heights = spread(vec![(100, "b", BLACK), (20, "a", BLACK), (101, "c", BLACK)]);
        assert_eq!(
            heights.iter().map(|name| (name.0, name.1)).collect::<Vec<_>>(),
            [(20, "a"), (100, "b"), (118, "c")]
        );
    }

    #[test]
    fn a_picture_names_every_line_that_was_measured() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("time.svg");
        let at = |records, value| Taken::new("save.p99", value, "ms").records(records).of_nowhere();
        draw(&path, &CHARTS[0], &[at(100, 1.0), at(1_000, 1.5)]).unwrap();
        let picture = std::fs::read_to_string(&path).unwrap();
        assert!(picture.contains("a save, 99 of 100") && picture.contains("records in the company"), "{picture}");
        assert!(!picture.contains("start to first list"), "{picture}");
        for side in ["1 ms", "10 ms", "100", "1,000"] {
            assert!(picture.lines().any(|line| line.trim() == side), "{side} stands at a side: {picture}");
        }
        assert!(draw(&path, &CHARTS[0], &[]).is_err());
    }
}
