//! The people of a repository: few write much, many write once.
//!
//! Knows nothing of what they write.

use fastrand::Rng;

use super::{
    dice::{self, Purpose},
    grammar::Writer,
    objects::User,
};

/// How many there are around one repository.
const PEOPLE: f64 = 60.0;

/// The people around the repository at `index` of the catalogue.
pub(super) struct People<'a> {
    pub(super) seed: u64,
    pub(super) index: u64,
    /// Where the server answers.
    pub(super) base: &'a str,
}

impl People<'_> {
    /// Somebody; none for an account that was deleted since.
    pub(super) fn author(&self, rng: &mut Rng) -> Option<User> {
        (rng.u32(..70) != 0).then(|| self.somebody(rng))
    }

    /// Somebody whose account still exists.
    pub(super) fn somebody(&self, rng: &mut Rng) -> User {
        let which = (rng.f64() * rng.f64() * PEOPLE) as u64;
        self.person(which)
    }

    /// One of the few who maintain the repository.
    pub(super) fn maintainer(&self, rng: &mut Rng) -> User {
        self.person(rng.u64(..4))
    }

    fn person(&self, which: u64) -> User {
        let mut rng = dice::rng(self.seed, Purpose::Person, &[self.index, which]);
        let login = Writer::new(&mut rng, "").write("login");
        let id = rng.u64(1_000_000..99_000_000);
        user(self.base, login, id, "User")
    }
}

/// The object that GitHub calls a simple user.
pub(super) fn user(base: &str, login: String, id: u64, kind: &'static str) -> User {
    let url = format!("{base}/users/{login}");
    User {
        id,
        node_id: format!("U_kgDO{id:08x}"),
        avatar_url: format!("{base}/avatars/u/{id}?v=4"),
        gravatar_id: "",
        html_url: format!("{base}/{login}"),
        followers_url: format!("{url}/followers"),
        following_url: format!("{url}/following{{/other_user}}"),
        gists_url: format!("{url}/gists{{/gist_id}}"),
        starred_url: format!("{url}/starred{{/owner}}{{/repo}}"),
        subscriptions_url: format!("{url}/subscriptions"),
        organizations_url: format!("{url}/orgs"),
        repos_url: format!("{url}/repos"),
        events_url: format!("{url}/events{{/privacy}}"),
        received_events_url: format!("{url}/received_events"),
        url,
        login,
        kind,
        user_view_type: "public",
        site_admin: false,
    }
}
