// Groups in the state file.
#pragma once

#include "common/json.h"
#include "daemon/sandbox/group.h"

namespace konekwa::sandbox {

Json describe_group(const Group& group);
Group restore_group(const Json& json);   // throws Json::exception when it is not what describe_group() wrote

}  // namespace konekwa::sandbox
