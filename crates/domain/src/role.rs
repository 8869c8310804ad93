//! Roles in private chats: the owner and the administrators, by their ids in the settings, and everybody else. Being an
//! operator is no role but membership of the group.

use crate::UserId;

/// The role of a person who writes in private, in ascending order: each role includes the rights of the lower ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Everybody else. Operators are users, too, in their own chats with the bot.
    User,
    /// An administrator of the desk.
    Administrator,
    /// The owner of the desk.
    Owner,
}

/// The people with roles in the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    /// The owner of the desk.
    pub owner: UserId,
    /// The administrators besides the owner.
    pub administrators: Vec<UserId>,
}

impl Roles {
    /// Returns the role of a user.
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
    fn an_owner_listed_as_administrator_is_the_owner() {
        let roles = Roles { owner: UserId(1), administrators: vec![UserId(2), UserId(1)] };
        let of = |id| roles.of(UserId(id));
        assert_eq!([of(1), of(2), of(3)], [Role::Owner, Role::Administrator, Role::User]);
        assert!(Role::Owner > Role::Administrator && Role::Administrator > Role::User);
    }
}
