// What every session is given from outside. Owned by the registry; outlives the sessions.
#pragma once

#include "common/loop.h"
#include "common/random.h"
#include "daemon/session/media_tools.h"
#include "daemon/session/registry.h"
#include "daemon/store/store.h"
#include "daemon/wa/io/transport.h"

namespace konekwa::session {

class VersionKeeper;

struct Environment {
  Loop& loop;
  Random& random;
  wa::io::Connector& connector;
  store::DbWriter& writer;
  store::Readers& readers;
  VersionKeeper& version;
  MediaTools& media;
  const Options& options;
};

}  // namespace konekwa::session
