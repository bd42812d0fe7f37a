#include "daemon/session/version_keeper.h"

#include "tests/support/fake_web_client.h"
#include "tests/support/manual_loop.h"
#include "tests/support/memory_store.h"

using namespace konekwa;

TEST_CASE("the version is found in the page that browsers load") {
  CHECK(session::version_in_page(R"(x={"client_revision":1045649999,"y":1})")->tertiary == 1045649999);
  CHECK(session::version_in_page(R"(\"client_revision\":1045649999)")->tertiary == 1045649999);
  CHECK(!session::version_in_page(R"({"client_revision":null, "other": 12})"));
  CHECK(!session::version_in_page("client_revision"));
  CHECK(!session::version_in_page(""));
}

TEST_CASE("the page is asked from the network that the session talks to") {
  CHECK(session::version_page_url({"wss://web.whatsapp.com/ws/chat", {}, ""}) == "https://web.whatsapp.com/sw.js");
  CHECK(session::version_page_url({"ws://127.0.0.1:8090/ws/chat", {}, ""}) == "http://127.0.0.1:8090/sw.js");
  CHECK(session::version_page_url({"wss://127.0.0.1:8090", {}, ""}) == "https://127.0.0.1:8090/sw.js");
}

TEST_CASE("the page is asked for by the road that the session takes") {
  test::MemoryStore store;
  test::ManualLoop loop;
  test::FakeWebClient web(loop);
  session::VersionKeeper keeper(loop, web, store.writer, store.readers, {});
  const std::string proxy_url = GENERATE("", "socks5://user:pw@10.0.0.5");
  keeper.refresh({"wss://web.whatsapp.com/ws/chat", {}, "", proxy_url}, keeper.present(), [](bool) {});
  REQUIRE(web.requests.size() == 1);
  CHECK(web.requests[0].proxy_url == proxy_url);
}
