#include "daemon/session/link_previews.h"

#include "common/log.h"
#include "daemon/net/link_in_text.h"
#include "daemon/net/page_head.h"
#include "daemon/net/web_url.h"
#include "daemon/session/content_fields.h"
#include "daemon/store/message_media.h"

#include <unistd.h>

namespace konekwa::session {
namespace {

constexpr Duration kPageTimeout = seconds(5), kImageTimeout = seconds(3);
constexpr Duration kPatience = seconds(8);   // of a message, whatever is slow: others wait behind it
constexpr std::size_t kPageOctetsMax = 512 * 1024;
constexpr std::uint64_t kImageOctetsMax = 4u << 20;
constexpr int kJobsMax = 16;
constexpr std::size_t kPagesMax = 64;
constexpr Duration kPageLifetime = minutes(10), kFailureLifetime = minutes(1);
constexpr std::size_t kSettledMax = 256;

}  // namespace

struct LinkPreviews::Page {
  std::string url, image_path;
  Preview preview;
  std::optional<Time> done_at;                              // nothing: it is being made
  std::vector<std::function<void(const Preview&)>> waiting;

  ~Page() { drop_image(); }
  void drop_image() {
    if (!image_path.empty()) ::unlink(image_path.c_str());
    image_path.clear();
  }
};

bool LinkPreviews::is_settled(const store::MessageRow& row) {
  if (!wants_link_preview(row) || settled_.contains(row.sequence)) return true;
  auto preview = stored(row);
  const bool is_hopeless = !preview && net::first_link(row.content).empty();
  if (!preview && !is_hopeless) return false;
  if (settled_.size() >= kSettledMax) settled_.clear();     // what is asked for again is read or made again
  settled_[row.sequence] = std::move(preview);
  return true;
}

std::optional<wa::LinkPreview> LinkPreviews::find(const store::MessageRow& row) {
  if (!wants_link_preview(row)) return std::nullopt;
  const auto known = settled_.find(row.sequence);
  return known == settled_.end() ? stored(row) : known->second;
}

LinkPreviews::Preview LinkPreviews::stored(const store::MessageRow& row) {
  const auto wire = link_.env.readers.get<std::optional<Bytes>>(
      [&](store::Database& db) { return store::message_wire::find(db, row.sequence); });
  if (!wire || !*wire) return std::nullopt;
  const auto content = wa::parse_content(**wire);
  return content ? content->preview : std::nullopt;
}

void LinkPreviews::prepare(const store::MessageRow& row, Task done) {
  struct Wait {
    bool is_over = false;
    Timer patience;
  };
  const auto wait = std::make_shared<Wait>();
  const auto settle = alive_.guard([this, row, wait, done = std::move(done)](const Preview& preview) {
    if (std::exchange(wait->is_over, true)) return;
    wait->patience.reset();
    keep(row, preview, done);
  });
  wait->patience = link_.env.loop.after(kPatience, [settle] { settle(std::nullopt); });
  get(net::first_link(row.content), settle);
}

void LinkPreviews::keep(const store::MessageRow& row, const Preview& preview, Task done) {
  if (settled_.size() >= kSettledMax) settled_.clear();
  settled_[row.sequence] = preview;
  if (!preview) return link_.env.loop.post(alive_.guard(std::move(done)));
  wa::Content content;
  content.kind = wa::Content::Kind::Text;
  content.text = row.content;
  content.preview = preview;
  store::WriteBatch batch;
  batch.run([sequence = row.sequence, wire = wa::encode_content(content, {})](store::Database& db) {
    if (store::messages::find_by_sequence(db, sequence)) store::message_wire::put(db, sequence, wire);
  });
  link_.commit(std::move(batch), alive_.guard(std::move(done)));
}

void LinkPreviews::get(const std::string& url, std::function<void(const Preview&)> done) {
  drop_old_pages();
  PagePtr& page = pages_[url];
  if (page && page->done_at) return done(page->preview);
  const bool is_new = !page;
  if (is_new) {
    page = std::make_shared<Page>();
    page->url = url;
    waiting_.push_back(page);
  }
  page->waiting.push_back(std::move(done));
  if (is_new) begin_next();
}

void LinkPreviews::drop_old_pages() {
  std::erase_if(pages_, [now = link_.now(), is_full = pages_.size() >= kPagesMax](const auto& entry) {
    const Page& page = *entry.second;
    if (!page.done_at) return false;
    return is_full || now - *page.done_at > (page.preview ? kPageLifetime : kFailureLifetime);
  });
}

void LinkPreviews::begin_next() {
  while (under_way_ < kJobsMax && !waiting_.empty()) {
    const PagePtr page = std::move(waiting_.front());
    waiting_.pop_front();
    ++under_way_;
    fetch_page(page);
  }
}

// Guarded against addresses that are not public, at each redirect anew, by the client.
net::WebRequest LinkPreviews::request(const std::string& url) const {
  net::WebRequest request;
  request.method = "GET";
  request.url = url;
  request.follow_redirects = true;
  request.proxy_url = hosts_.request("GET", "").proxy_url;
  return request;
}

void LinkPreviews::fetch_page(const PagePtr& page) {
  net::WebRequest wanted = request(page->url);
  wanted.headers = {{"Accept", "text/html"}, {"User-Agent", "konekwad/" KONEKWA_VERSION}};
  wanted.timeout = kPageTimeout;
  wanted.response_bytes_max = kPageOctetsMax;
  link_.env.media.web.fetch(std::move(wanted), alive_.guard([this, page](const Result<net::WebResponse>& response) {
    const bool is_page = response && response->status == 200 && net::is_html(response->content_type);
    if (is_page) return on_page(page, *response);
    const std::string why = response ? fmt::format("HTTP {}, {}", response->status, response->content_type)
                                     : response.error().text();
    log::info("session", "{}: no preview of a link: {}", link_.session, why);
    finish(page, std::nullopt);
  }));
}

void LinkPreviews::on_page(const PagePtr& page, const net::WebResponse& response) {
  const net::PageHead head = net::read_page_head(response.body, response.content_type);
  if (head.title.empty()) return finish(page, std::nullopt);   // phones show nothing then
  page->preview = wa::LinkPreview{page->url, head.title, head.description, {}};
  const std::string base = response.final_url.empty() ? page->url : response.final_url;
  const std::string image = net::resolve_url(base, head.image);
  if (image.empty()) return finish(page, std::move(page->preview));
  fetch_image(page, image);
}

void LinkPreviews::fetch_image(const PagePtr& page, const std::string& url) {
  page->image_path = link_.env.media.files.temporary_path();
  net::WebRequest wanted = request(url);
  wanted.timeout = kImageTimeout;
  wanted.download_path = page->image_path;
  wanted.download_bytes_max = kImageOctetsMax;
  link_.env.media.web.fetch(std::move(wanted), alive_.guard([this, page](const Result<net::WebResponse>& response) {
    if (!response || response->status != 200) return finish(page, std::move(page->preview));
    link_.env.media.inspector.inspect(
        page->image_path, alive_.guard([this, page](const Result<media_probe::MediaFacts>& facts) {
          if (facts && facts->mimetype.starts_with("image/")) page->preview->thumbnail = facts->thumbnail;
          finish(page, std::move(page->preview));
        }));
  }));
}

void LinkPreviews::finish(const PagePtr& page, Preview preview) {
  page->preview = std::move(preview);
  page->done_at = link_.now();
  page->drop_image();
  --under_way_;
  const auto waiting = std::move(page->waiting);
  begin_next();
  for (const auto& done : waiting) done(page->preview);
}

}  // namespace konekwa::session
