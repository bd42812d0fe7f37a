// Previews of the links in texts that ask for one, made before the text is encrypted:
//
//   the link in the text -> its page -> og:image -> thumbnail (confined process) -> commit {wire form of the row}
//
// A preview is never worth a message: what cannot be had in a few seconds is left out. One that was made is durable,
// for devices that ask for the message again; one that was not may be tried again after a restart. Pages are kept for a
// while, since the same link often goes to many.
//
// On the loop; lives as long as one connection.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/alive.h"
#include "daemon/session/link.h"
#include "daemon/session/media_hosts.h"
#include "daemon/store/messages.h"
#include "daemon/wa/content.h"

namespace konekwa::session {

class LinkPreviews {
 public:
  LinkPreviews(const Link& link, const MediaHosts& hosts) : link_(link), hosts_(hosts) {}

  // True when there is nothing to wait for: the row wants no preview, has one, or cannot get one.
  bool is_settled(const store::MessageRow& row);
  void prepare(const store::MessageRow& row, Task done);
  std::optional<wa::LinkPreview> find(const store::MessageRow& row);
  void forget(std::int64_t sequence) { settled_.erase(sequence); }

 private:
  using Preview = std::optional<wa::LinkPreview>;
  struct Page;
  using PagePtr = std::shared_ptr<Page>;
  void get(const std::string& url, std::function<void(const Preview&)> done);
  void begin_next();
  void fetch_page(const PagePtr& page);
  void on_page(const PagePtr& page, const net::WebResponse& response);
  void fetch_image(const PagePtr& page, const std::string& url);
  void finish(const PagePtr& page, Preview preview);
  void drop_old_pages();
  void keep(const store::MessageRow& row, const Preview& preview, Task done);
  Preview stored(const store::MessageRow& row);
  net::WebRequest request(const std::string& url) const;

  const Link& link_;
  const MediaHosts& hosts_;
  std::map<std::int64_t, Preview> settled_;      // by sequence, until the message is gone
  std::map<std::string, PagePtr> pages_;         // by URL
  std::deque<PagePtr> waiting_;
  int under_way_ = 0;
  Alive alive_;
};

}  // namespace konekwa::session
