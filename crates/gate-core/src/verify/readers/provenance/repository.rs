//! From the many spellings of a repository to one: `https://host/path`, with its ref and commit apart.

/// A repository, with the ref and commit that its spelling names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) repository: String,
    pub(super) r#ref: Option<String>,
    pub(super) commit: Option<String>,
}

/// A URI that says by itself that it is a git repository: `git+…`, `git://`, `ssh://git@…`,
/// `git@host:path` or `….git`. Everything else may be an image or an archive.
pub(super) fn git(uri: &str) -> Option<Location> {
    let evident = uri.starts_with("git+")
        || uri.starts_with("git://")
        || uri.starts_with("ssh://")
        || scp(uri).is_some()
        || (uri.starts_with("http") && is_git_path(uri));
    if evident { spelled(uri) } else { None }
}

/// `https://host/path.git`, with or without a ref after it, or a page of one commit.
fn is_git_path(uri: &str) -> bool {
    let path = uri.split(['#', '@', '?']).next().unwrap_or_default();
    path.strip_suffix(".git").is_some() || commit_page(path.trim_end_matches('/')).is_some()
}

/// What is known to be a repository, in whatever spelling; `None` where it is no URI.
pub(super) fn spelled(uri: &str) -> Option<Location> {
    let uri = uri.strip_prefix("git+").unwrap_or(uri);
    let (scheme, host, path) = match scp(uri) {
        Some((host, path)) => ("https", host.to_owned(), path),
        None => authority(uri)?,
    };
    let (path, r#ref) = split_ref(path);
    let path = path.trim_matches('/');
    let (path, page) = match commit_page(path) {
        Some((path, commit)) => (path, Some(commit)),
        None => (path, None),
    };
    let path = path.strip_suffix(".git").unwrap_or(path);
    if host.is_empty() || path.is_empty() {
        return None;
    }
    let commit = page.or_else(|| r#ref.and_then(commit_id));
    Some(Location {
        repository: format!("{scheme}://{host}/{path}"),
        r#ref: r#ref.filter(|it| commit_id(it).is_none()).map(str::to_owned),
        commit,
    })
}

/// `user@host:path` as host and path.
fn scp(uri: &str) -> Option<(&str, &str)> {
    if uri.contains("://") {
        return None;
    }
    let (user, rest) = uri.split_once('@')?;
    let (host, path) = rest.split_once(':')?;
    let plain = |text: &str| !text.is_empty() && !text.contains(['/', ':', '@', ' ']);
    (plain(user) && plain(host)).then_some((host, path))
}

/// Scheme, host with its port, and path. Users and passwords are left out: they may be secrets and
/// name no repository. The port of another protocol than HTTP is none of the web address.
fn authority(uri: &str) -> Option<(&'static str, String, &str)> {
    let (scheme, rest) = uri.split_once("://").or_else(|| {
        let host = uri.split('/').next()?;
        (host.contains('.') && !host.contains([' ', '@', ':'])).then_some(("https", uri))
    })?;
    let (authority, path) = rest.split_once('/')?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_ascii_lowercase();
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (host.as_str(), None),
    };
    let port = |usual: &str| match port {
        Some(port) if port != usual => format!("{name}:{port}"),
        _ => name.to_owned(),
    };
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Some(("https", port("443"), path)),
        // A plain connection is another thing to trust, and stays visible.
        "http" => Some(("http", port("80"), path)),
        "ssh" | "git" => Some(("https", name.to_owned(), path)),
        _ => None,
    }
}

/// A path and the ref after it: `path@ref`, `path#ref` or `path#ref:folder`, `path?ref=ref`.
fn split_ref(path: &str) -> (&str, Option<&str>) {
    let not_empty = |text: &'_ str| !text.is_empty();
    if let Some((path, fragment)) = path.split_once('#') {
        let r#ref = fragment.split(':').next().unwrap_or_default();
        return (split_ref(path).0, Some(r#ref).filter(|it| not_empty(it)));
    }
    if let Some((path, query)) = path.split_once('?') {
        let r#ref = query.split('&').find_map(|pair| pair.strip_prefix("ref="));
        return (split_ref(path).0, r#ref);
    }
    match path.split_once('@') {
        Some((path, r#ref)) => (path, Some(r#ref).filter(|it| not_empty(it))),
        None => (path, None),
    }
}

/// `owner/repository/commit/<id>` and GitLab's `owner/repository/-/commit/<id>`.
fn commit_page(path: &str) -> Option<(&str, String)> {
    let (path, id) = path.rsplit_once("/commit/")?;
    Some((path.strip_suffix("/-").unwrap_or(path), commit_id(id)?))
}

/// A full commit id (SHA-1 or SHA-256) in lower case. A shortened one could be another commit's.
pub(in crate::verify) fn commit_id(text: &str) -> Option<String> {
    let full = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    full.then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn one_repository_has_one_spelling() {
        for spelling in [
            "https://git.example/shop/app",
            "https://git.example/shop/app/",
            "https://git.example/shop/app.git",
            "https://git.example:443/shop/app",
            "https://token:x@GIT.example/shop/app.git",
            "git+https://git.example/shop/app.git@refs/heads/main",
            "git+ssh://git@git.example:7999/shop/app.git",
            "ssh://git@git.example/shop/app",
            "git://git.example/shop/app.git",
            "git@git.example:shop/app.git",
            "git.example/shop/app",
            "https://git.example/shop/app.git#refs/heads/main:docs",
            "git+https://git.example/shop/app?ref=v1",
        ] {
            let location = spelled(spelling).unwrap_or_default();
            assert_eq!(location.repository, "https://git.example/shop/app", "{spelling}");
        }
        for (spelling, repository) in [
            ("http://git.example/a", "http://git.example/a"),
            ("https://git.example:8443/a", "https://git.example:8443/a"),
        ] {
            assert_eq!(spelled(spelling).unwrap().repository, repository);
        }
        for other in ["", "shop/app", "file:///shop", "https://git.example", "gs://bucket/a.tgz"] {
            assert_eq!(spelled(other), None, "{other}");
        }
    }

    #[test]
    fn refs_and_commits_are_taken_from_the_spelling() {
        let of = |text: &str| spelled(text).map(|it| (it.r#ref, it.commit)).unwrap();
        let main = Some("refs/heads/main".to_owned());
        assert_eq!(of("git+https://h/a@refs/heads/main"), (main.clone(), None));
        assert_eq!(of("https://h/a.git#refs/heads/main:docs"), (main, None));
        let commit = Some(ID.to_owned());
        for text in [
            format!("https://h/a.git#{ID}"),
            format!("git+https://h/a@{}", ID.to_uppercase()),
            format!("https://h/o/a/commit/{ID}"),
            format!("https://h/o/a/-/commit/{ID}"),
        ] {
            assert_eq!(of(&text), (None, commit.clone()), "{text}");
        }
        assert_eq!(
            spelled(&format!("https://h/o/a/-/commit/{ID}")).unwrap().repository,
            "https://h/o/a"
        );
    }

    #[test]
    fn only_what_says_so_is_git() {
        for text in
            ["git+https://h/a", "git://h/a", "git@h:a", "https://h/a.git", "https://h/a.git#v1"]
        {
            assert!(git(text).is_some(), "{text}");
        }
        for text in [
            "https://h/a",
            "pkg:docker/a@1",
            "gs://b/a",
            "docker.io/library/a@sha256:00",
            "oci://h/a",
        ] {
            assert_eq!(git(text), None, "{text}");
        }
    }
}
