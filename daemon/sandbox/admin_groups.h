// The admin API's calls for groups: what the phone of a member does with one. admin.md describes them.
#pragma once

#include "daemon/sandbox/admin_call.h"

namespace konekwa::sandbox {

Answer create_group_by_admin(Call& call);
Answer list_groups(Call& call);
Answer show_group(Call& call);
Answer add_to_group(Call& call);
Answer remove_from_group(Call& call);
Answer promote_in_group(Call& call);
Answer demote_in_group(Call& call);
Answer leave_by_admin(Call& call);
Answer change_group(Call& call);
Answer say_in_group(Call& call);
Answer set_newcomers(Call& call);

}  // namespace konekwa::sandbox
