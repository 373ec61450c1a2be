//! The tables of a report, drawn as charts.

use std::fs;
use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::about::About;
use crate::args::Bench;
use crate::report::{OURS, PLAIN, Report};
use crate::subjects::BoxError;

/// Bars beside each other, in groups.
#[derive(Debug, PartialEq)]
struct Chart {
    /// The name of its file without the extension.
    name: String,
    title: String,
    groups: Vec<Group>,
}

#[derive(Debug, PartialEq)]
struct Group {
    name: String,
    bars: Vec<(String, f64)>,
}

/// A figure with its chart, its group and its subject.
struct Figure<'a> {
    chart: String,
    unit: &'a str,
    group: String,
    subject: &'a str,
    value: f64,
}

/// Draws all tables of a report, each in a file of its own.
pub(crate) fn draw(report: &Report, bench: &Bench, dir: &Path) -> Result<(), BoxError> {
    for chart in charts(report, bench) {
        let path = dir.join(format!("{}.svg", chart.name));
        let svg = chart.svg(report.about.as_ref())?;
        fs::write(&path, svg).map_err(|why| format!("cannot write `{}`: {why}", path.display()))?;
    }
    Ok(())
}

/// Sorts figures into charts and groups, both in the order in which they come first.
fn charts(report: &Report, bench: &Bench) -> Vec<Chart> {
    let mut charts: Vec<Chart> = Vec::new();
    for Figure { chart, unit, group, subject, value } in figures(report) {
        let name = file_name(bench, &chart);
        let at = charts.iter().position(|it| it.name == name).unwrap_or_else(|| {
            let title = format!("{}, {unit}", name.replace('-', " "));
            charts.push(Chart { name, title, groups: Vec::new() });
            charts.len() - 1
        });
        let groups = &mut charts[at].groups;
        let bar = (subject.to_owned(), value);
        match groups.iter_mut().find(|it| it.name == group) {
            Some(group) => group.bars.push(bar),
            None => groups.push(Group { name: group, bars: vec![bar] }),
        }
    }
    charts
}

/// Names a chart after the command and what the chart is about, without saying anything twice.
fn file_name(bench: &Bench, chart: &str) -> String {
    let command = bench.name();
    let (first, rest) = chart.split_once('-').unwrap_or((chart, ""));
    let rest = if command.contains(first) { rest } else { chart };
    let name = if rest.is_empty() { command.to_owned() } else { format!("{command}-{rest}") };
    let fit = |c: char| if c.is_alphanumeric() || ".-_".contains(c) { c } else { '-' };
    name.chars().map(fit).collect()
}

fn figures(report: &Report) -> Vec<Figure<'_>> {
    // The last part of a case is the number of threads or tasks, the one before it the group.
    let cut = |case: &str, parts: usize| -> (String, String) {
        let all: Vec<&str> = case.split('/').collect();
        let (chart, group) = all.split_at(all.len().saturating_sub(parts).max(1));
        (chart.join("-"), group.join(" "))
    };
    let rows = report.rows.iter().map(|row| {
        let (chart, group) = cut(&row.case, 2);
        Figure { chart, unit: "ns per call", group, subject: &row.subject, value: row.ns }
    });
    let scaling = report.scaling.iter().map(|it| {
        let (chart, group) = cut(&format!("{}/{}t", it.case, it.threads), 2);
        let (chart, unit) = (format!("{chart}-scaling"), "throughput x that of 1 thread");
        Figure { chart, unit, group, subject: &it.subject, value: it.scaling }
    });
    let ratios = report.hit_ratios.iter().map(|it| Figure {
        chart: format!("ratio-{}", it.trace),
        unit: "hits in percent",
        group: format!("room for {}", it.capacity),
        subject: &it.subject,
        value: 100.0 * it.hit_ratio,
    });
    let memory = report.memory.iter().map(|it| Figure {
        chart: "memory".to_owned(),
        unit: "bytes per entry",
        group: it.case.clone(),
        subject: &it.subject,
        value: it.bytes_per_entry,
    });
    let compile = report.compile.iter().map(|it| Figure {
        chart: "compile".to_owned(),
        unit: "seconds for 200 functions",
        group: it.case.to_owned(),
        subject: it.subject,
        value: it.seconds,
    });
    rows.chain(scaling).chain(ratios).chain(memory).chain(compile).collect()
}

const WIDTH: i32 = 760;
/// Where names end and bars begin.
const LEFT: i32 = 170;
/// How long the longest bar is; its figure stands on the right of it.
const LONGEST: i32 = 500;
const BAR: i32 = 18;
const HEADING: i32 = 28;
const MARGIN: i32 = 12;
/// Where the figures come from, in lines of the height of half a heading.
const FOOTER: i32 = 2 * HEADING;

impl Chart {
    fn height(&self) -> i32 {
        let of = |group: &Group| HEADING + BAR * group.bars.len() as i32;
        2 * MARGIN + HEADING + FOOTER + self.groups.iter().map(of).sum::<i32>()
    }

    /// Draws it, with names and figures in it, so that nothing depends on telling colours apart.
    fn svg(&self, about: Option<&About>) -> Result<String, BoxError> {
        let mut svg = String::new();
        let area = SVGBackend::with_string(&mut svg, (WIDTH as u32, self.height() as u32))
            .into_drawing_area();
        area.fill(&WHITE)?;
        let text = |text: &str, at, size, align| {
            // The backend divides what it is given by this.
            let style = ("sans-serif", 1.24 * size).into_font().color(&BLACK);
            area.draw(&Text::new(text.to_owned(), at, style.pos(Pos::new(align, VPos::Center))))
        };
        let bars = || self.groups.iter().flat_map(|group| &group.bars);
        let most = bars().map(|(_, value)| *value).filter(|it| it.is_finite()).fold(0.0, f64::max);
        let mut y = MARGIN;
        text(&self.title, (MARGIN, y + HEADING / 2), 16.0, HPos::Left)?;
        y += HEADING;
        for group in &self.groups {
            text(&group.name, (LEFT, y + HEADING / 2), 13.0, HPos::Left)?;
            y += HEADING;
            for (subject, value) in &group.bars {
                let middle = y + BAR / 2;
                let end = LEFT + length(*value, most);
                area.draw(&Rectangle::new([(LEFT, y + 2), (end, y + BAR - 2)], style(subject)))?;
                text(subject, (LEFT - 6, middle), 12.0, HPos::Right)?;
                text(&figure(*value), (end + 6, middle), 12.0, HPos::Left)?;
                y += BAR;
            }
        }
        let about = about.map(|it| [&it.command, &it.machine, &it.versions]);
        for (line, about) in (1..).zip(about.into_iter().flatten()) {
            text(about, (MARGIN, y + line * HEADING / 2), 10.0, HPos::Left)?;
        }
        area.present()?;
        drop(area);
        Ok(svg)
    }
}

fn length(value: f64, most: f64) -> i32 {
    let share = if most > 0.0 { (value / most).clamp(0.0, 1.0) } else { 0.0 };
    (share * f64::from(LONGEST)).round() as i32
}

fn figure(value: f64) -> String {
    if value < 10.0 { format!("{value:.2}") } else { format!("{value:.1}") }
}

fn style(subject: &str) -> ShapeStyle {
    match subject {
        OURS => RGBColor(0x1f, 0x5f, 0xa8),
        PLAIN => RGBColor(0xc8, 0xcc, 0xd0),
        ours if ours.starts_with(OURS) => RGBColor(0x6f, 0xa3, 0xd8),
        _ => RGBColor(0x8a, 0x93, 0x9c),
    }
    .filled()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::HitRatio;

    fn report() -> Report {
        let mut report = Report::default();
        let figures = [(1, OURS, 10.0), (1, "moka", 40.0), (2, OURS, 10.0), (2, "moka", 90.0)];
        report.add_threads("hit/u64/uniform", &figures);
        report.add_threads("hit/u64/hot", &figures);
        report.add_hit_ratios("traces/a b.lis", 10, &[(OURS, 0.5), ("moka", 0.25)]);
        report
    }

    #[test]
    fn each_table_is_a_chart() {
        let charts = charts(&report(), &Bench::Hits);
        let names: Vec<&str> = charts.iter().map(|chart| chart.name.as_str()).collect();
        assert_eq!(names, ["hits-u64", "hits-u64-scaling", "hits-ratio-traces-a-b.lis"]);
        let groups: Vec<&str> = charts[0].groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(groups, ["uniform 1t", "uniform 2t", "hot 1t", "hot 2t"]);
        assert_eq!(charts[0].groups[1].bars, [(OURS.to_owned(), 10.0), ("moka".to_owned(), 90.0)]);
        assert_eq!(charts[1].groups[0].name, "uniform 2t");
        assert_eq!(charts[2].groups[0].bars[1], ("moka".to_owned(), 25.0));
    }

    #[test]
    fn files_are_named_after_the_command_and_the_table() {
        assert_eq!(file_name(&Bench::Misses, "insert-scaling"), "misses-insert-scaling");
        assert_eq!(file_name(&Bench::Contention, "contention"), "contention");
        assert_eq!(
            file_name(&Bench::HitRatio(HitRatio::default()), "ratio-zipf-1.0"),
            "hit-ratio-zipf-1.0"
        );
        assert_eq!(file_name(&Bench::Redis, "redis"), "redis");
    }

    #[test]
    fn a_chart_names_everybody_and_every_figure() {
        let bars = vec![("Mutex<HashMap>".to_owned(), 12.34), (OURS.to_owned(), 1.5)];
        let bars = vec![Group { name: "group".to_owned(), bars }];
        let chart = Chart { name: "n".to_owned(), title: "a title".to_owned(), groups: bars };
        let about = About { machine: "a machine".to_owned(), ..About::default() };
        let svg = chart.svg(Some(&about)).unwrap();
        for part in [
            "<svg",
            "a title",
            "group",
            "a machine",
            "Mutex&lt;HashMap&gt;",
            "12.3",
            "1.50",
            "</svg>",
        ] {
            assert!(svg.contains(part), "{part} in {svg}");
        }
        assert_eq!((length(5.0, 10.0), length(f64::NAN, 10.0), length(1.0, 0.0)), (250, 0, 0));
    }

    #[test]
    fn files_are_written() {
        let dir = tempfile::tempdir().unwrap();
        draw(&report(), &Bench::Hits, dir.path()).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
        let error = draw(&report(), &Bench::Hits, &dir.path().join("none")).unwrap_err();
        assert!(error.to_string().starts_with("cannot write `"), "{error}");
    }
}
