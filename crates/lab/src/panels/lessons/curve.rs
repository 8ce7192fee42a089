//! What was measured over a setting: a bar for each point, all on one scale.

use pollscope_tui::{looks::Skin, overlay::Line};

use crate::lessons::Curve;

/// The widest bar.
const WIDEST: usize = 40;

/// A curve in lines of that width.
pub(super) fn lines(curve: &Curve, width: usize, skin: Skin) -> Vec<Line> {
    let text = &skin.theme.text;
    let mut lines = vec![vec![(curve.name.clone(), text.accent), (format!("  over {}", curve.over), text.dim)]];
    let most = curve.points.iter().map(|(_, y)| *y).fold(0.0, f64::max);
    let bars = width.saturating_sub(22).min(WIDEST);
    for (x, y) in &curve.points {
        let share = if most > 0.0 { (y / most).clamp(0.0, 1.0) } else { 0.0 };
        let full = (share * bars as f64).round() as usize;
        lines.push(vec![
            (format!("{:>8} ", number(*x)), text.dim),
            (skin.glyphs.bar[7].repeat(full), skin.theme.tint.polling.bar),
            (format!(" {}", number(*y)), text.normal),
        ]);
    }
    lines.push(Line::new());
    lines
}

/// As many digits as are read.
fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        0.0..0.1 => format!("{value:.3}"),
        0.1..10.0 if value.fract().abs() > 1e-9 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}
