//! `tracker-relay config print`.

use std::process::Command;

use serde_json::Value;

fn print(flags: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tracker-relay")).args(flags).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_configuration_and_every_limit_are_printed_and_the_password_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (data, password) = (folder.path().join("data"), folder.path().join("password"));
    std::fs::write(&password, "a long password").unwrap();
    let flags = ["--data", data.to_str().unwrap(), "--groups", "password", "--groups-password-file"];
    let flags = [&flags[..], &[password.to_str().unwrap(), "--max-connections", "100", "config", "print"]].concat();
    let text = print(&flags);
    for line in
        ["max-connections                  100", "groups                           password", "links_per_member "]
    {
        assert!(text.contains(line), "{line} in {text}");
    }
    let json = print(&[&flags[..], &["--json"]].concat());
    assert!(!text.contains("a long password") && !json.contains("a long password"));
    let json: Value = serde_json::from_str(&json).unwrap();
    for list in ["configuration", "limits"] {
        for entry in json[list].as_array().unwrap() {
            assert!(!entry["what"].as_str().unwrap().is_empty(), "{entry}");
        }
    }
    assert!(!data.exists(), "nothing is made");
}
