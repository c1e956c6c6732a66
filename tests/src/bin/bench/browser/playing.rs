//! A film is played while it comes, from a swarm that gives half as much again as the film needs: how long from the press until there is
//! a picture, and how often it stands still after that.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use covey_tests::{Proxy, Stage};

use super::swarm::Swarm;
use super::tab::Tab;
use super::turns::take_turns;
use super::world::{World, forget};
use crate::report::{Aim, Report, Row};

const PURPOSE: &str = "playing";
const AIM_SECONDS: f64 = 2.0;
/// Of the film, bits per second, filled up where the picture needs less.
const BITS_PER_SECOND: u64 = 4_000_000;
/// How long it lasts, seconds.
const FILM_SECONDS: u64 = 90;
/// How much of it is watched, seconds.
const WATCHED_SECONDS: u64 = 30;

/// Media events do not bubble, but are seen on their way down. A seek makes its own pause.
const PRESS_AND_WATCH: &str = "(async () => {
    const pressed = performance.now();
    const told = { picture: 0, stalls: 0 };
    const watched = new Promise((resolve) => {
        const heard = {
            loadeddata: () => (told.picture ||= performance.now() - pressed),
            waiting: (film) => (told.stalls += told.picture && !film.seeking ? 1 : 0),
            error: () => resolve(),
            timeupdate: (film) => film.currentTime >= WATCHED && resolve(told),
        };
        for (const [event, on] of Object.entries(heard))
            document.addEventListener(event, ({ target }) => target instanceof HTMLMediaElement && on(target), true);
    });
    by('join-and-play').click();
    return (await watched) ?? document.body.innerText;
})()";

/// One person who watches.
struct Watched {
    /// From the press to the first picture, seconds.
    picture: f64,
    stalls: f64,
}

pub async fn measure(world: &World<'_>, report: &mut Report) -> Result<()> {
    let Some(file) = film(&world.memory)? else {
        report.note("no film is played: there is no ffmpeg to make one".to_owned());
        return Ok(());
    };
    let rate = std::fs::metadata(&file)?.len() / FILM_SECONDS;
    let mut swarms = Vec::new();
    for build in world.builds {
        swarms.push(Swarm::of_two(&world.memory, build, PURPOSE, &file).await?);
    }
    let turns = take_turns(world, report, async |turn, round| {
        let who = world.builds[turn].folder("watching", &round.to_string());
        watch(world, &who, &swarms[turn], rate * 3 / 2).await
    })
    .await?;
    report.add(Row {
        what: "a film, from a swarm of 1.5 times its rate: press to the first picture".to_owned(),
        covey: turns.median(|run| run.picture),
        yardstick: "the bound".to_owned(),
        plain: AIM_SECONDS,
        unit: "s",
        aim: Aim::AtMost(1.0),
    });
    report.add(Row {
        what: format!("how often it stands still in the first {WATCHED_SECONDS} s"),
        covey: turns.this.iter().map(|run| run.stalls).fold(0.0, f64::max),
        yardstick: "once".to_owned(),
        plain: 1.0,
        unit: "",
        aim: Aim::AtMost(0.0),
    });
    turns.compare(report, "press to the first picture of a film", "s", Aim::Open, |run| run.picture);
    Ok(std::fs::remove_file(file)?)
}

async fn watch(world: &World<'_>, who: &str, swarm: &Swarm, bytes_per_second: u64) -> Result<Watched> {
    let address: SocketAddr = swarm.server.url.trim_start_matches("http://").parse().context("the server's address")?;
    let proxy = Proxy::start(address).await?;
    let browser = world.disk.browser(who).await?;
    let mut tab = Tab::first(&browser).await?;
    tab.go(&proxy.invite(&swarm.seeder.invite)).await?;
    tab.until_enabled("join-and-play").await?;
    proxy.limit_from_server(bytes_per_second);
    let told = tab.ask(&PRESS_AND_WATCH.replace("WATCHED", &WATCHED_SECONDS.to_string())).await?;
    let (picture, stalls) = (told["picture"].as_f64(), told["stalls"].as_f64());
    let watched = Watched {
        picture: picture.with_context(|| format!("the film was not played: {told}"))? / 1000.0,
        stalls: stalls.context("how often it stood still")?,
    };
    forget(&browser).await?;
    Ok(watched)
}

/// A test picture and a tone, with the index first; `None`: nothing here makes films.
fn film(stage: &Stage) -> Result<Option<PathBuf>> {
    let path = stage.file("film.mp4", 1)?;
    let ended = Command::new("ffmpeg").args(arguments(&path)).stdin(Stdio::null()).output();
    match ended {
        Ok(ended) => {
            ensure!(ended.status.success(), "ffmpeg: {}", String::from_utf8_lossy(&ended.stderr));
            Ok(Some(path))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context("cannot run ffmpeg"),
    }
}

/// Of ffmpeg.
fn arguments(path: &Path) -> Vec<String> {
    let rate = BITS_PER_SECOND.to_string();
    let of = |words: &str| words.split(' ').map(str::to_owned).collect::<Vec<_>>();
    [
        of(&format!("-v error -y -f lavfi -i testsrc2=size=640x360:rate=25:duration={FILM_SECONDS}")),
        of(&format!("-f lavfi -i sine=frequency=330:sample_rate=44100:duration={FILM_SECONDS}")),
        of(&format!(
            "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50 -b:v {rate} -minrate {rate} -maxrate {rate}"
        )),
        of(&format!("-bufsize {rate} -x264-params nal-hrd=cbr -c:a aac -movflags +faststart")),
        vec![path.to_string_lossy().into_owned()],
    ]
    .concat()
}
