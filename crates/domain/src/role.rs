//! Who may do what: operators by being in the group, the others by their ids in the settings.

use super::UserId;

/// What someone who writes in private is to the desk; each may do what those before may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Whom the desk is there for. Operators are users as well, in their own chats with the bot.
    User,
    /// Who looks after the desk.
    Administrator,
    /// Whose desk it is.
    Owner,
}

/// Who has which role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    /// The owner.
    pub owner: UserId,
    /// The administrators beside the owner.
    pub administrators: Vec<UserId>,
}

impl Roles {
    /// The role of a user.
    pub fn of(&self, user: UserId) -> Role {
        if user == self.owner {
            Role::Owner
        } else if self.administrators.contains(&user) {
            Role::Administrator
        } else {
            Role::User
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_named_as_both_is_the_owner() {
        let roles = Roles { owner: UserId(1), administrators: vec![UserId(2), UserId(1)] };
        let of = |id| roles.of(UserId(id));
        assert_eq!([of(1), of(2), of(3)], [Role::Owner, Role::Administrator, Role::User]);
        assert!(Role::Owner > Role::Administrator && Role::Administrator > Role::User);
    }
}
