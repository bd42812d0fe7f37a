// What an HTML page says of itself, for a link preview: its title, description and picture. Read by a scanner of our
// own, since pages come from strangers: it looks at tags one after the other, builds no tree, and needs time in
// proportion to the page whatever is in it. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace konekwa::net {

struct PageHead {                       // UTF-8 of one line, entities decoded; "" when the page does not say it
  std::string title;                    // og:title, else <title>
  std::string description;              // og:description, else <meta name=description>
  std::string image;                    // og:image, as it stands there: perhaps a relative URL
};

inline constexpr std::size_t kPageTitleOctetsMax = 300;
inline constexpr std::size_t kPageDescriptionOctetsMax = 1000;

bool is_html(std::string_view content_type);

// `content_type` may name the charset; what the page itself says is second to it. UTF-8, and Latin-1 (read as
// windows-1252, as browsers do); of other charsets only what is UTF-8 all the same.
PageHead read_page_head(std::string_view html, std::string_view content_type);

}  // namespace konekwa::net
