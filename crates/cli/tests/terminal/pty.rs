//! The program in a pseudo terminal, every byte of which is kept, over a link that can be slow or stand.

use std::{
    cell::OnceCell,
    io::{Read, Write},
    num::NonZero,
    sync::{
        Arc, Condvar, Mutex,
        mpsc::{self, Receiver},
    },
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{self, Signal},
    unistd::Pid,
};
use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// Nobody waits for this long; a broken program does.
const DEADLINE: Duration = Duration::from_secs(60);

/// The environment of a usual terminal.
pub(crate) const USUAL: &[(&str, &str)] = &[("TERM", "xterm-256color"), ("LANG", "C.UTF-8")];

/// How fast the link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    Free,
    /// So many bytes every hundredth of a second.
    Slow(usize),
    /// Nothing passes.
    Stands,
    /// Nobody reads any more.
    Closed,
}

/// What the terminal has received.
struct Received {
    emulator: vt100::Parser,
    bytes: Vec<u8>,
}

pub(crate) struct Terminal {
    /// Taken away where the terminal is closed.
    ends: Option<(Box<dyn MasterPty + Send>, Box<dyn Write + Send>)>,
    pub(crate) process: Pid,
    status: Receiver<ExitStatus>,
    known: OnceCell<ExitStatus>,
    over: Receiver<()>,
    received: Arc<Mutex<Received>>,
    link: Arc<(Mutex<Link>, Condvar)>,
    /// The terminal's modes before the program.
    before: String,
}

fn emulator(rows: u16, cols: u16) -> vt100::Parser {
    vt100::Parser::new(cells(rows), cells(cols), 0)
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

fn size(rows: u16, cols: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

/// The program, in a terminal of 40 by 120.
pub(crate) fn start(args: &[&str]) -> Terminal {
    start_with(args, &[])
}

/// The program, with more in its environment.
pub(crate) fn start_with(args: &[&str], more: &[(&str, &str)]) -> Terminal {
    Terminal::new(command(&[&[env!("CARGO_BIN_EXE_pollscope")], args].concat(), USUAL, more), Link::Free)
}

/// A command with just that environment.
pub(crate) fn command(words: &[&str], env: &[(&str, &str)], more: &[(&str, &str)]) -> CommandBuilder {
    let mut command = CommandBuilder::new(words[0]);
    command.args(&words[1..]);
    command.env_clear();
    let ours = [("POLLSCOPE_CONFIG", super::EMPTY), ("PATH", "/usr/local/bin:/usr/bin:/bin")];
    for (name, value) in ours.iter().chain(env).chain(more) {
        command.env(name, value);
    }
    command.cwd(env!("CARGO_TARGET_TMPDIR"));
    command
}

impl Terminal {
    pub(crate) fn new(command: CommandBuilder, link: Link) -> Self {
        let pair = native_pty_system().openpty(size(40, 120)).unwrap();
        let before = modes(&*pair.master);
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let process = Pid::from_raw(child.process_id().unwrap().cast_signed());
        let (told, status) = mpsc::channel();
        thread::spawn(move || told.send(child.wait().unwrap()));
        let received = Arc::new(Mutex::new(Received { emulator: emulator(40, 120), bytes: Vec::new() }));
        let link = Arc::new((Mutex::new(link), Condvar::new()));
        let (ended, over) = mpsc::channel();
        let output = pair.master.try_clone_reader().unwrap();
        let (into, through) = (Arc::clone(&received), Arc::clone(&link));
        thread::spawn(move || {
            receive(output, &into, &through);
            let _ = ended.send(());
        });
        let keys = pair.master.take_writer().unwrap();
        Self { ends: Some((pair.master, keys)), process, status, known: OnceCell::new(), over, received, link, before }
    }

    pub(crate) fn contents(&self) -> String {
        self.received.lock().unwrap().emulator.screen().contents()
    }

    /// The whole picture, with its colours.
    pub(crate) fn picture(&self) -> String {
        self.received.lock().unwrap().emulator.screen().rows_formatted(0, 120).collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.received.lock().unwrap().bytes.clone()
    }

    /// What others write on the same terminal.
    pub(crate) fn overwrite(&self, text: &str) {
        self.received.lock().unwrap().emulator.process(text.as_bytes());
    }

    /// Waits until something is so.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, mut is: impl FnMut() -> bool) {
        let start = Instant::now();
        while !is() {
            assert!(start.elapsed() < DEADLINE, "no {what}; on the screen:\n{}", self.contents());
            thread::sleep(Duration::from_millis(2));
        }
    }

    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) {
        self.until(text, || self.contents().contains(text));
    }

    /// The header's clock has gone on, by a second at least.
    #[track_caller]
    pub(crate) fn clock_goes_on(&self) {
        let from = clock(&self.contents());
        self.until("clock that goes on", || clock(&self.contents()).zip(from.or(Some(0))).is_some_and(|(a, b)| a > b));
    }

    pub(crate) fn press(&mut self, keys: &str) {
        let (_, writer) = self.ends.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        signal::kill(self.process, signal).unwrap();
    }

    pub(crate) fn resize(&self, rows: u16, cols: u16) {
        // As in a terminal, what was on its way is shown in the new size.
        let mut received = self.received.lock().unwrap();
        received.emulator.screen_mut().set_size(cells(rows), cells(cols));
        self.ends.as_ref().unwrap().0.resize(size(rows, cols)).unwrap();
    }

    pub(crate) fn set_link(&self, link: Link) {
        *self.link.0.lock().unwrap() = link;
        self.link.1.notify_all();
    }

    /// The terminal's modes now.
    pub(crate) fn modes(&self) -> String {
        modes(&*self.ends.as_ref().unwrap().0)
    }

    pub(crate) fn has_its_modes_back(&self) -> bool {
        self.modes() == self.before
    }

    /// The screen that was there before is shown, with its cursor, and the mouse is not listened to.
    pub(crate) fn is_given_back(&self) -> bool {
        let received = self.received.lock().unwrap();
        let screen = received.emulator.screen();
        let mouse = screen.mouse_protocol_mode();
        !screen.alternate_screen() && !screen.hide_cursor() && mouse == vt100::MouseProtocolMode::None
    }

    /// The device, for others that use the same terminal.
    pub(crate) fn device(&self) -> String {
        self.ends.as_ref().unwrap().0.tty_name().unwrap().to_str().unwrap().to_owned()
    }

    /// Closes the terminal: nothing is read, nothing can be written.
    #[track_caller]
    pub(crate) fn close(&mut self) {
        self.set_link(Link::Closed);
        // Whoever reads holds the terminal until something comes.
        self.resize(41, 121);
        self.over.recv_timeout(DEADLINE).expect("the program draws nothing");
        self.ends = None;
    }

    pub(crate) fn has_ended(&self) -> bool {
        if let Ok(status) = self.status.try_recv() {
            let _ = self.known.set(status);
        }
        self.known.get().is_some()
    }

    /// Waits until the process has ended by itself, and nothing of it is left.
    #[track_caller]
    pub(crate) fn ended(&self) -> ExitStatus {
        let wait = || self.status.recv_timeout(DEADLINE);
        let status = self.known.get_or_init(|| wait().unwrap_or_else(|_| panic!("no end:\n{}", self.contents())));
        let group = Pid::from_raw(-self.process.as_raw());
        // The system may still be taking its last threads away.
        self.until("end of all its processes", || signal::kill(group, None) == Err(nix::errno::Errno::ESRCH));
        status.clone()
    }

    /// The same, and the terminal is as it was before. Gives also what came after the program's last picture.
    #[track_caller]
    pub(crate) fn restored(&self) -> (ExitStatus, String) {
        let status = self.ended();
        self.set_link(Link::Free);
        self.over.recv_timeout(DEADLINE).expect("somebody holds the terminal");
        assert!(self.has_its_modes_back(), "before:\n{}\nafter:\n{}", self.before, self.modes());
        assert!(self.is_given_back(), "screen, cursor or mouse are not as they were:\n{}", self.contents());
        let bytes = self.bytes();
        let all = String::from_utf8_lossy(&bytes);
        let last = |text: &str| all.rfind(text);
        assert!(last("\x1b[?2026h") <= last("\x1b[?2026l"), "a picture is still being made");
        let after = all.rsplit("\x1b[?1049l").next().unwrap().replacen("\x1b[?25h", "", 1);
        assert!(last("\x1b[?1049l").is_none() || !after.contains('\x1b'), "a picture after the last: {after:?}");
        (status, after)
    }
}

impl Drop for Terminal {
    /// After a failed assertion nobody else ends it.
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = signal::kill(self.process, Signal::SIGKILL);
        }
        self.set_link(Link::Free);
    }
}

/// All modes of a terminal, in words.
fn modes(master: &dyn MasterPty) -> String {
    format!("{:#?}", master.get_termios().expect("a terminal has modes"))
}

fn receive(mut output: Box<dyn Read + Send>, into: &Mutex<Received>, link: &(Mutex<Link>, Condvar)) {
    let mut bytes = [0; 8192];
    loop {
        let speed = *link.1.wait_while(link.0.lock().unwrap(), |link| *link == Link::Stands).unwrap();
        let most = match speed {
            Link::Slow(bytes) => bytes,
            Link::Free | Link::Stands => bytes.len(),
            Link::Closed => return,
        };
        let Ok(count @ 1..) = output.read(&mut bytes[..most]) else { return };
        let mut into = into.lock().unwrap();
        into.bytes.extend_from_slice(&bytes[..count]);
        into.emulator.process(&bytes[..count]);
        drop(into);
        if matches!(speed, Link::Slow(_)) {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The header's clock, seconds.
fn clock(contents: &str) -> Option<u32> {
    contents.lines().next()?.split_whitespace().find_map(|word| {
        let (minutes, seconds) = word.split_once(':')?;
        Some(minutes.parse::<u32>().ok()? * 60 + seconds.parse::<u32>().ok()?)
    })
}
