//! The page and the probes.

use crate::harness::Server;

#[test]
fn the_page_is_at_the_root_and_at_every_invite() {
    let server = Server::start();
    let (head, body) = server.get("/");
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/html"));
    for header in ["content-security-policy: default-src 'none'", "referrer-policy: no-referrer", "nosniff", "no-store"]
    {
        assert!(head.contains(header), "{header} missing in {head}");
    }
    // Whatever became of a link: the page knows all of it, and says what is wrong.
    for path in [
        "/j/lively-otter",
        "/j/lively-otter.",
        "/j/Lively%20Otter",
        "/j/a/b",
        "/j/",
        "/j",
        "/j/..%2f..%2fetc",
        "/%23identity=x",
    ] {
        let (head, shown) = server.get(path);
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("no-store") && shown == body, "{path}: {head}");
    }
    assert!(server.get("/jay").0.starts_with("HTTP/1.1 404"));
    assert!(server.get("/../../etc/passwd").0.starts_with("HTTP/1.1 404"));
}

#[test]
fn a_folder_replaces_the_built_in_page() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "<p>mine").unwrap();
    std::fs::create_dir(folder.path().join("snippets")).unwrap();
    std::fs::write(folder.path().join("snippets/a.wasm"), "x").unwrap();
    let server = Server::start_with(&["--page", folder.path().to_str().unwrap()]);
    assert_eq!(server.get("/").1, "<p>mine");
    assert!(server.get("/snippets/a.wasm").0.contains("application/wasm"));
}

#[test]
fn the_probes_answer() {
    let server = Server::start();
    assert!(server.get("/healthz").0.starts_with("HTTP/1.1 200"));
    assert!(server.get("/readyz").0.starts_with("HTTP/1.1 200"));
    assert_eq!(server.metric("tr_sessions"), 0.0);
    assert!(server.get("/control").0.starts_with("HTTP/1.1 426"));
}
