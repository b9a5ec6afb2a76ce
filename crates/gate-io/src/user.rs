//! The user of this process, as the requester of what is asked from the command line.

use crate::files::read_bounded;

const PASSWD: &str = "/etc/passwd";
const PASSWD_BYTES: usize = 4 << 20;

/// `local:` and the name of the user that runs this process; its number where it has no name here.
///
/// The operating system vouches for it; `USER` and `LOGNAME` say what the caller likes.
#[must_use]
pub fn requester() -> String {
    let uid = rustix::process::geteuid().as_raw();
    let passwd = read_bounded(PASSWD.as_ref(), PASSWD_BYTES).unwrap_or_default();
    let name = name(&String::from_utf8_lossy(&passwd), uid);
    format!("local:{}", name.unwrap_or_else(|| uid.to_string()))
}

fn name(passwd: &str, uid: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_number() {
        let passwd = "root:x:0:0::/root:/bin/sh\nbroken\nann:x:1000:1000:Ann:/home/ann:/bin/sh\n";
        assert_eq!(name(passwd, 1000).as_deref(), Some("ann"));
        assert_eq!(name(passwd, 7), None);
    }
}
