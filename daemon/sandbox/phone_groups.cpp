// A phone in groups.
#include "daemon/sandbox/phone.h"

namespace konekwa::sandbox {

Result<std::string> Phone::say_in_group(Group& group, const std::string&) {
  if (!group.has(account_.lid)) return fail(ErrorCode::CONFLICT, account_.number + " is no member of the group");
  return fail(ErrorCode::CONFLICT, "phones do not write to groups");
}

}  // namespace konekwa::sandbox
