//! The timeline of a hand-made log, from ten seconds to twenty microseconds.

use pollscope_core::{
    model::{
        history::History,
        picture::{LaneState, SpanKind, Timeline, TimelineLane, TimelineView, View},
    },
    trace::{
        clock::{MICRO, MILLI, Nanos, SECOND},
        log::Log,
        record::ThreadId,
    },
};
use pollscope_tui::scenario::{Move, TimelineKey};

use super::{
    script::{PRODUCER, Poll, RAYON, Script, Stretch},
    *,
};

/// Zooms, in halvings of ten seconds: 10 s, 1.25 s, 39 ms, 2.4 ms, 19 µs.
const ZOOMS: [(&str, usize); 5] = [("10s", 0), ("1s", 3), ("40ms", 8), ("2ms", 12), ("20us", 19)];

/// A screen, and the log that it looks at.
struct Stage {
    screen: Screen,
    history: History<Log>,
    size: (u16, u16),
}

impl Stage {
    /// The timeline of the script, frozen.
    fn new(width: u16, height: u16) -> Self {
        Self::of(Script::new().history(), width, height)
    }

    fn of(mut history: History<Log>, width: u16, height: u16) -> Self {
        let picture = script::picture(&mut history, None);
        let mut stage = Self { screen: screen(*picture), history, size: (width, height) };
        stage.press('2');
        stage.press(' ');
        stage
    }

    /// Draws, and shows what the screen then asks for, until that is what it shows.
    fn settle(&mut self) -> String {
        for _ in 0..2 {
            drawn(&mut self.screen, self.size.0, self.size.1);
            let view = self.screen.view();
            self.screen.see(script::picture(&mut self.history, view));
        }
        drawn(&mut self.screen, self.size.0, self.size.1)
    }

    fn press(&mut self, key: char) -> String {
        press(&mut self.screen, KeyCode::Char(key));
        self.settle()
    }

    /// Has spans looked for, and gives what is then in sight.
    fn find(&mut self, words: &str) -> (String, Timeline) {
        self.press('/');
        for letter in words.chars() {
            press(&mut self.screen, KeyCode::Char(letter));
        }
        press(&mut self.screen, KeyCode::Enter);
        let picture = self.settle();
        (picture, self.history.picture(&self.screen.view().unwrap()).timeline.unwrap())
    }

    /// Chooses a lane by its place, and the cursor in thousandths of the axis.
    fn point(&mut self, lane: usize, thousandths: u16) {
        self.screen.update(Action::Timeline(TimelineKey::Point(Some(lane), thousandths)));
        self.settle();
    }

    /// To a short poll of the first worker that another thread woke, at a zoom of so many halvings.
    fn go_to_a_poll(&mut self, halvings: usize) -> (Poll, String) {
        let polls = Script::new().polls;
        let is_short = |poll: &&Poll| (4 * MICRO..18 * MICRO).contains(&(poll.end - poll.woken.0));
        let wanted = |poll: &&Poll| poll.thread == 1 && poll.woken.1 != 1 && poll.end > 4 * SECOND && is_short(poll);
        // Woken once: of several wakes the first counts.
        let others = |poll: &Poll| {
            let lately = poll.start - 300 * MICRO..=poll.start;
            polls.iter().filter(|it| it.task == poll.task && lately.contains(&it.woken.0)).count()
        };
        let poll = *polls.iter().filter(wanted).find(|poll| others(poll) == 1).unwrap();
        // The axis begins at two seconds: a thousandth of it is ten milliseconds.
        self.point(0, ((poll.end - 2 * SECOND) / (10 * MILLI)) as u16);
        for _ in 0..50 {
            if self.screen.view().unwrap().at == Some(poll.end) {
                break;
            }
            self.press(']');
        }
        assert_eq!(self.screen.view().unwrap().at, Some(poll.end));
        for _ in 0..halvings {
            press(&mut self.screen, KeyCode::Char('+'));
        }
        (poll, self.settle())
    }
}

#[test]
fn zooms() {
    for (name, halvings) in ZOOMS {
        let (_, picture) = Stage::new(120, 40).go_to_a_poll(halvings);
        insta::assert_snapshot!(format!("timeline_{name}_120x40"), picture);
    }
    insta::assert_snapshot!("timeline_40ms_80x24", Stage::new(80, 24).go_to_a_poll(8).1);
    insta::assert_snapshot!("timeline_40ms_200x60", Stage::new(200, 60).go_to_a_poll(8).1);
}

/// The first column of the lanes' cells.
fn first_cell(picture: &str) -> usize {
    let line = picture.lines().find(|line| line.contains("worker 0")).unwrap().trim_matches('"');
    line[..line.find("worker 0").unwrap()].chars().count() + 16
}

#[test]
fn the_arrow_goes_from_the_wake_to_the_poll() {
    let mut stage = Stage::new(120, 40);
    let (poll, picture) = stage.go_to_a_poll(16);
    let lines: Vec<Vec<char>> = picture.lines().map(|line| line.trim_matches('"').chars().collect()).collect();
    let row = |words: &str| picture.lines().position(|line| line.contains(words)).unwrap();
    let (polled, waker) = (row("worker 0"), row("worker 1"));
    let TimelineView { to, length, cells, .. } = stage.screen.view().unwrap().timeline.unwrap();
    let from = to.unwrap() - length;
    let first = first_cell(&picture);
    let column = first + ((poll.woken.0 - from) * u64::from(cells) / length) as usize;
    assert_eq!((lines[waker][column], lines[polled][column]), ('▸', '▴'), "at {column}\n{picture}");
    let span = stage.history.picture(&stage.screen.view().unwrap()).timeline.unwrap().span.unwrap();
    assert_eq!((span.start, span.end, span.what), (poll.start, poll.end, poll.task));
    assert!(matches!(span.kind, SpanKind::Poll(Some(_))));
    let woken = span.woken.unwrap();
    assert_eq!((woken.at, woken.thread), poll.woken);
}

#[test]
fn the_wheel_zooms_and_a_click_chooses() {
    let mut stage = Stage::new(120, 40);
    let before = stage.settle();
    let length = |stage: &Stage| stage.screen.view().unwrap().timeline.unwrap().length;
    assert_eq!(length(&stage), 10 * SECOND);
    for (wheel, expected) in [(Move::Up, 5), (Move::Down, 10), (Move::Down, 20)] {
        let action = stage.screen.wheel(wheel);
        stage.screen.update(action);
        stage.settle();
        assert_eq!(length(&stage), expected * SECOND);
    }
    let end = |stage: &Stage| stage.screen.view().unwrap().timeline.unwrap().to.unwrap();
    stage.press('u');
    let there = end(&stage);
    for (wheel, back) in [(Move::Left, 1250), (Move::Right, 0)] {
        let action = stage.screen.wheel(wheel);
        stage.screen.update(action);
        stage.settle();
        assert_eq!((length(&stage), there - end(&stage)), (10 * SECOND, back * MILLI));
    }
    let row = before.lines().position(|line| line.contains("worker 1")).unwrap();
    let action = stage.screen.clicked(Position::new(60, row as u16)).unwrap();
    stage.screen.update(action);
    let after = stage.settle();
    let view = stage.screen.view().unwrap();
    let TimelineView { to, length, thread, cells } = view.timeline.unwrap();
    assert_eq!(thread, Some(2));
    assert!(after.lines().nth(row).unwrap().contains("▸ worker 1"));
    // The cursor is where the click was.
    let from = to.unwrap() - length;
    let first = first_cell(&after) as u64;
    assert_eq!((view.at.unwrap() - from) * u64::from(cells) / length + first, 60);
    assert_eq!(stage.screen.clicked(Position::new(60, 0)), None);
}

#[test]
fn what_the_system_does_not_tell_is_shown_as_not_measured() {
    let mut stage = Stage::of(Script::unmeasured().history(), 120, 40);
    let timeline = stage.settle();
    insta::assert_snapshot!("unmeasured_timeline_120x40", timeline);
    let dashboard = stage.press('1');
    insta::assert_snapshot!("unmeasured_120x40", dashboard);
    assert!(timeline.contains("unmeasured") && timeline.contains("? not measured"), "{timeline}");
    assert!(dashboard.contains("? not measured") && !dashboard.contains("asleep in a poll"), "{dashboard}");
    stage.size = (200, 60);
    assert!(stage.settle().contains("scope not measured"), "{}", stage.settle());
    let summary = stage.history.summary();
    assert_eq!((summary.polls.blocked(), summary.polls.hogged(), summary.polls.runnable()), (None, None, None));
}

#[test]
fn from_when_on_there_are_details_is_said() {
    let whole = Stage::new(120, 40).settle();
    let mut stage = Stage::of(Script::new().history_within(308_000), 120, 40);
    let picture = stage.settle();
    assert!(picture.contains("details from") && !whole.contains("details from"), "{picture}");
    // Its lanes are drawn all the same, from what is kept of them.
    let lane = |picture: &str| picture.lines().find(|line| line.contains("worker 0")).map(str::to_owned).unwrap();
    let drawn = |picture: &str| lane(picture).chars().skip(first_cell(picture)).take(40).collect::<String>();
    assert_eq!(drawn(&picture), drawn(&whole));
    // Nobody goes back behind it.
    stage.point(0, 0);
    assert!(stage.settle().contains("FROZEN  details begin here"), "{}", stage.settle());
    let view = stage.screen.view().unwrap();
    assert_eq!(view.at, Some(stage.history.picture(&view).oldest));
    assert!(stage.settle().contains("multi-thread ×2"), "{}", stage.settle());
    stage.press('[');
    assert_eq!(stage.screen.take_told().as_deref(), Some("no earlier poll on this thread in the log"));
}

/// The cells in which one of the stretches is.
fn cells_of<'s>(stretches: impl Iterator<Item = &'s Stretch>, timeline: &Timeline, count: usize) -> Vec<bool> {
    let (from, to) = (timeline.from, timeline.to);
    let cell = |at: Nanos| ((at.clamp(from, to) - from) as usize * count) / (to - from) as usize;
    let mut cells = vec![false; count];
    for stretch in stretches.filter(|it| it.from < to && it.to >= from) {
        cells.iter_mut().take(cell(stretch.to) + 1).skip(cell(stretch.from)).for_each(|mark| *mark = true);
    }
    cells
}

/// What is looked for, the threads that have it, and which of their stretches it is.
type Find = (&'static str, &'static [ThreadId], fn(&Stretch) -> bool);

#[test]
fn a_filter_leaves_the_lanes_and_cells_that_match() {
    let script = Script::new();
    let finds: [Find; 4] = [
        ("job", &[RAYON], |it| it.state == LaneState::Job),
        ("poll >100ms", &[1, 2], |it| it.state == LaneState::Blocked),
        ("poll >100ms @worker1", &[2], |it| it.state == LaneState::Blocked),
        ("wait repos", &[PRODUCER], |it| it.state == LaneState::WaitsForRoom),
    ];
    for (words, threads, is_one) in finds {
        let (picture, timeline) = Stage::new(120, 40).find(words);
        assert!(picture.contains(&format!("find {words}: {} of 4 lanes", threads.len())), "{picture}");
        assert_eq!(timeline.lanes.iter().map(|lane| lane.thread).collect::<Vec<_>>(), threads, "{words}");
        for lane in &timeline.lanes {
            let all = script.stretches.iter().filter(|it| it.thread == lane.thread && is_one(it));
            assert_eq!(lane.marks, cells_of(all, &timeline, lane.marks.len()), "{words}: {}", lane.label);
        }
    }
    let (picture, timeline) = Stage::new(120, 40).find("wait nowhere");
    assert!(picture.contains("find wait nowhere: nothing in sight"), "{picture}");
    let is_unmarked = |lane: &TimelineLane| !lane.marks.contains(&true);
    assert!(timeline.lanes.len() == 4 && timeline.lanes.iter().all(is_unmarked));
}

#[test]
fn esc_lets_the_lane_go_and_then_the_filter() {
    let mut stage = Stage::new(120, 40);
    stage.find("job");
    let mut esc = || {
        press(&mut stage.screen, KeyCode::Esc);
        stage.settle();
        let view = stage.screen.view().unwrap();
        (view.timeline.map(|it| it.thread), view.filter.is_some())
    };
    assert_eq!([esc(), esc(), esc()], [(Some(None), true), (Some(None), false), (None, false)]);
}

/// Whether no lane is in a span longer than two milliseconds at an instant: such a one is known by samples only.
fn is_settled(script: &Script, at: Nanos) -> bool {
    script.stretches.iter().all(|it| it.to - it.from < 2 * MILLI || !(it.from..=it.to).contains(&at))
}

#[test]
fn the_cells_add_up_to_what_was_done() {
    let script = Script::new();
    let mut history = script.history();
    let mut windows = 0;
    for length in [10 * SECOND, SECOND, 50 * MILLI, 2 * MILLI, 20 * MICRO] {
        let ends = script.polls.iter().map(|poll| poll.end + length / 3).filter(|to| *to > length && *to < 11 * SECOND);
        let ends: Vec<_> = ends.filter(|to| is_settled(&script, *to)).collect();
        for to in ends.iter().step_by((ends.len() / 12).max(1)) {
            windows += 1;
            let asked = TimelineView { to: Some(*to), length, cells: 87, thread: None };
            let view = View { at: Some(*to), timeline: Some(asked), ..View::default() };
            let timeline = history.picture(&view).timeline.unwrap();
            let (from, cell) = (timeline.from, length as f64 / 87.0);
            // Shares are rounded up to a 255th; histories are as fine as a cell.
            let fine = if timeline.exact { 1.0 } else { 2.0 * cell };
            for lane in &timeline.lanes {
                for state in LaneState::ALL {
                    let shares: u64 = lane.cells.iter().map(|cell| u64::from(cell.share(state))).sum();
                    let busy = lane.cells.iter().filter(|cell| cell.share(state) > 0).count();
                    let drawn = shares as f64 / 255.0 * cell;
                    let done = script.time(lane.thread, state, from, *to) as f64;
                    let most = fine + busy as f64 * cell / 255.0 + 2.0;
                    assert!(
                        (drawn - done).abs() <= most,
                        "{} {state:?} has {drawn} instead of {done} in {length} before {to}",
                        lane.label
                    );
                }
            }
        }
    }
    assert!(windows > 40, "{windows}");
}
