#include "daemon/media_probe/program/inspect_file.h"

extern "C" {
#include <libavutil/log.h>
}

#include "daemon/media_probe/limits.h"
#include "daemon/media_probe/program/container.h"
#include "daemon/media_probe/program/sniff.h"
#include "daemon/media_probe/program/still.h"

namespace konekwa::media_probe {

MediaFacts inspect_file(const MediaFile& file) {
  ::av_log_set_level(AV_LOG_QUIET);
  const Sniffed sniffed = sniff(file.head(kHeadOctets));
  MediaFacts facts;
  facts.mimetype = sniffed.mimetype;
  facts.width = sniffed.width;
  facts.height = sniffed.height;
  facts.is_animated = sniffed.is_animated;
  if (sniffed.reader == Sniffed::Reader::Still) read_still(file, sniffed.name, facts);
  if (sniffed.reader == Sniffed::Reader::Container) read_container(file, sniffed.name, facts);
  if (facts.width > kEdgeMax || facts.height > kEdgeMax) facts.width = facts.height = 0;
  return facts;
}

}  // namespace konekwa::media_probe
