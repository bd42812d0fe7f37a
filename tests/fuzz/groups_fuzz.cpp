// Answers and notifications about groups, and what a group is after any change.
#include "daemon/wa/groups.h"
#include "daemon/wa/node_codec.h"

using namespace konekwa;
using namespace konekwa::wa;

namespace {

void check(const Group& group) {
  KONEKWA_ASSERT(!group.jid.user.empty());
  for (const GroupMember& member : group.members) KONEKWA_ASSERT(member.jid.is_person() && group.member(member.jid));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto node = decode_node({data, size});
  if (!node) return 0;
  Group group;
  group.jid = {"1", Server::Group, 0};
  if (const auto one = parse_group_answer(*node)) {
    group = *one;
    check(group);
  }
  if (const auto all = parse_groups_answer(*node)) {
    for (const Group& each : *all) check(each);
  }
  if (const auto notification = parse_group_notification(*node)) {
    for (const GroupChange& change : notification->changes) apply(change, group);
    check(group);
  }
  (void)parse_group_readers(*node);
  return 0;
}
