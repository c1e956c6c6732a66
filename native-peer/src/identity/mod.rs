//! Who this person is: one secret, from which each server's key is derived, and a display name, in the data folder.
//!
//! Several processes may begin in the same empty folder at the same time: the key file is written
//! under a name of its own and then linked to its place, so exactly one of them wins and all use it.

pub mod command;
mod line;

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use membership::{Identity, friendly_name};
use wire_protocol::control::DISPLAY_NAME_CHARS_MAX;
use wire_protocol::text::display_text;

use crate::failure::{Failure, Outcome};
use crate::random;

const KEY_FILE: &str = "identity.key";
const NAME_FILE: &str = "display-name";
const SEED_LEN: usize = 32;
/// By which the folder is chosen.
const OPTION: &str = "--data DIR";

/// The folder of what is remembered.
#[derive(Debug, Clone)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// The given folder, or the platform's own; made if it is not there.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(chosen: Option<&Path>) -> Outcome<Self> {
        let dir = match chosen {
            Some(dir) => dir.to_path_buf(),
            None => directories::BaseDirs::new().map(|base| base.data_dir().join("covey")).ok_or_else(|| {
                Failure::local_files("this computer has no home folder", "Name a folder with --data DIR.")
            })?,
        };
        let made = make_private(&dir);
        made.map_err(|error| Failure::own_folder(OPTION, "make the data folder", &dir, &error))?;
        Ok(Self(dir))
    }

    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// A file or folder in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The person's secret; made on first use.
    ///
    /// # Errors
    /// It cannot be read or written, or is damaged.
    pub fn identity(&self) -> Outcome<Identity> {
        let path = self.join(KEY_FILE);
        let seed = match read_seed(&path) {
            Ok(seed) => seed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => create_seed(&path)
                .map_err(|error| Failure::own_folder(OPTION, "write the identity key", &path, &error))?,
            Err(error) => return Err(Failure::own_folder(OPTION, "read the identity key", &path, &error)),
        };
        Ok(Identity::from_seed(seed))
    }

    /// Makes somebody else the person of this folder, unless they are already. Whoever was is kept beside; returns where.
    ///
    /// # Errors
    /// It is somebody already, and `replace` does not say that this is over; or the file cannot be written.
    pub fn become_person(&self, identity: &Identity, replace: bool) -> Outcome<Imported> {
        let path = self.join(KEY_FILE);
        let kept = match read_seed(&path) {
            Ok(seed) if seed == identity.seed() => return Ok(Imported::Same),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            _ if !replace => {
                return Err(Failure::local_files(
                    format!("{} holds another identity", self.0.display()),
                    "Its groups would be out of reach. Use --replace to change all the same: the old one is kept \
                     beside, or choose another folder with --data DIR.",
                ));
            }
            _ => {
                let beside = path.with_file_name(format!("identity-{}.key", HEXLOWER.encode(&random::bytes::<4>())));
                fs::rename(&path, &beside)
                    .map_err(|error| Failure::own_folder(OPTION, "keep the identity key in", &beside, &error))?;
                Some(beside)
            }
        };
        let line = format!("{}\n", HEXLOWER.encode(&identity.seed()));
        write_atomically(&path, line.as_bytes())
            .map_err(|error| Failure::own_folder(OPTION, "write the identity key", &path, &error))?;
        Ok(kept.map_or(Imported::Fresh, Imported::Instead))
    }

    /// The display name: the given one (and remembers it), the remembered one, or a friendly random one.
    ///
    /// # Errors
    /// It cannot be written, or what was given is no name.
    pub fn display_name(&self, chosen: Option<&str>) -> Outcome<String> {
        let path = self.join(NAME_FILE);
        let remembered = fs::read_to_string(&path).ok().and_then(|name| clean_name(&name));
        let name = match chosen {
            Some(chosen) => clean_name(chosen)
                .ok_or_else(|| Failure::usage("--name is empty", "Give a name that others know you by."))?,
            None => match &remembered {
                Some(name) => name.clone(),
                None => friendly_name(random::seed()),
            },
        };
        if remembered.as_ref() != Some(&name) {
            write_atomically(&path, name.as_bytes())
                .map_err(|error| Failure::own_folder(OPTION, "remember the display name in", &path, &error))?;
        }
        Ok(name)
    }
}

/// What came of taking another identity.
#[derive(Debug, PartialEq, Eq)]
pub enum Imported {
    /// It was this person already.
    Same,
    /// Nobody was here.
    Fresh,
    /// Somebody else was, whose key is kept here.
    Instead(PathBuf),
}

/// Who a person shares with is nobody else's business on this machine. A folder that was there and holds no key of
/// ours keeps its mode: it may be for other things, too.
fn make_private(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        builder.mode(0o700);
        if dir.join(KEY_FILE).exists() && fs::metadata(dir)?.permissions().mode() & 0o077 != 0 {
            // A folder of somebody else's stays as it is.
            let _ = fs::set_permissions(dir, fs::Permissions::from_mode(0o700));
        }
    }
    builder.create(dir)
}

fn read_seed(path: &Path) -> io::Result<[u8; SEED_LEN]> {
    let text = fs::read_to_string(path)?;
    HEXLOWER.decode(text.trim().as_bytes()).ok().and_then(|seed| seed.try_into().ok()).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidData, "the key file is damaged; move it away to begin as a new person")
    })
}

fn create_seed(path: &Path) -> io::Result<[u8; SEED_LEN]> {
    let seed: [u8; SEED_LEN] = random::bytes();
    let fresh = temporary_beside(path);
    write_private(&fresh, format!("{}\n", HEXLOWER.encode(&seed)).as_bytes())?;
    // A hard link never replaces: of two processes one gets "already exists" and takes the other's key.
    let linked = fs::hard_link(&fresh, path);
    let result = match linked {
        Ok(()) => Ok(seed),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => read_seed(path),
        // A file system without hard links.
        Err(_) if !path.exists() => fs::rename(&fresh, path).map(|()| seed),
        Err(_) => read_seed(path),
    };
    let _ = fs::remove_file(&fresh);
    result
}

/// Writes a whole file so that whoever reads it sees the old or the new one.
///
/// # Errors
/// What the operating system says.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = temporary_beside(path);
    write_private(&fresh, bytes)?;
    fs::rename(&fresh, path).inspect_err(|_| {
        let _ = fs::remove_file(&fresh);
    })
}

fn temporary_beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", HEXLOWER.encode(&random::bytes::<6>())));
    path.with_file_name(name)
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn clean_name(name: &str) -> Option<String> {
    let name = display_text(name, DISPLAY_NAME_CHARS_MAX);
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, DataDir) {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::open(Some(&folder.path().join("new"))).unwrap();
        (folder, data)
    }

    #[test]
    fn the_secret_stays_the_same_and_is_private() {
        let (_folder, data) = folder();
        let seed = data.identity().unwrap().seed();
        assert_eq!(data.identity().unwrap().seed(), seed);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(data.join(KEY_FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(data.join(".")).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn another_identity_replaces_one_only_when_told_to_and_the_old_one_is_kept() {
        let (_folder, data) = folder();
        let new = Identity::from_seed([7; SEED_LEN]);
        assert_eq!(data.become_person(&new, false).unwrap(), Imported::Fresh);
        assert_eq!(data.become_person(&new, false).unwrap(), Imported::Same);
        let other = Identity::from_seed([8; SEED_LEN]);
        assert_eq!(data.become_person(&other, false).unwrap_err().exit, crate::exit_code::LOCAL_FILES);
        assert_eq!(data.identity().unwrap().seed(), [7; SEED_LEN]);
        let Imported::Instead(old) = data.become_person(&other, true).unwrap() else { panic!("there was one") };
        assert_eq!(data.identity().unwrap().seed(), [8; SEED_LEN]);
        assert_eq!(read_seed(&old).unwrap(), [7; SEED_LEN]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_look_into_the_folder() {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let (folder, data) = folder();
        assert_eq!(mode(&data.join(".")), 0o700);
        // A folder from before, with the key in it, and one that is somebody's own.
        data.identity().unwrap();
        fs::set_permissions(data.join("."), fs::Permissions::from_mode(0o755)).unwrap();
        let own = folder.path().join("own");
        fs::create_dir(&own).unwrap();
        fs::set_permissions(&own, fs::Permissions::from_mode(0o755)).unwrap();
        for (dir, expected) in [(folder.path().join("new"), 0o700), (own, 0o755)] {
            DataDir::open(Some(&dir)).unwrap();
            assert_eq!(mode(&dir), expected);
        }
    }

    #[test]
    fn processes_that_begin_together_have_one_secret() {
        let (_folder, data) = folder();
        let seeds: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| data.identity().unwrap().seed())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(seeds.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn a_key_file_of_an_earlier_version_goes_on_working() {
        let (_folder, data) = folder();
        fs::write(data.join(KEY_FILE), format!("{}\n", "07".repeat(SEED_LEN))).unwrap();
        assert_eq!(data.identity().unwrap().seed(), [7; SEED_LEN]);
    }

    #[test]
    fn a_damaged_key_is_an_error_and_stays_where_it_is() {
        let (_folder, data) = folder();
        fs::write(data.join(KEY_FILE), "not hexadecimal").unwrap();
        assert_eq!(data.identity().err().unwrap().exit, crate::exit_code::LOCAL_FILES);
        assert_eq!(fs::read_to_string(data.join(KEY_FILE)).unwrap(), "not hexadecimal");
    }

    #[test]
    fn a_name_is_made_up_once_and_replaced_when_given() {
        let (_folder, data) = folder();
        let name = data.display_name(None).unwrap();
        assert_eq!(data.display_name(None).unwrap(), name);
        assert_eq!(data.display_name(Some(" Ana\u{7} ")).unwrap(), "Ana");
        assert_eq!(data.display_name(None).unwrap(), "Ana");
        assert!(data.display_name(Some(" ")).is_err());
    }
}
