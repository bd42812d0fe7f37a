#include "daemon/gateway/template_text.h"

using namespace konekwa;
using Names = std::vector<std::string>;

namespace {

std::string render(std::string_view text) {
  return render_template(text, {{"name", "Budi"}, {"order.id", "771"}, {"tricky", "{{name}}"}, {"empty", ""}}).text;
}

}  // namespace

TEST_CASE("placeholders are replaced, with blanks inside the braces or without") {
  CHECK(render("Halo {{name}}") == "Halo Budi");
  CHECK(render("Halo {{ name }}, {{  order.id}}!") == "Halo Budi, 771!");
  CHECK(render("{{name}}{{name}}") == "BudiBudi");
  CHECK(render("[{{empty}}]") == "[]");
}

TEST_CASE("of three braces the inner two count") {
  CHECK(render("{{{name}}}") == "{Budi}");
  CHECK(render("{{{{name}}}}") == "{{Budi}}");
}

TEST_CASE("a value is taken as it is: a placeholder in it is text") {
  CHECK(render("{{tricky}}") == "{{name}}");
  CHECK(render("{{{tricky}}}") == "{{{name}}}");
  // Nor do a value and what stands beside it become one.
  CHECK(render_template("{{a}}name}}", {{"a", "{{"}, {"name", "x"}}).text == "{{name}}");
}

TEST_CASE("what is not a placeholder is text") {
  for (const std::string text :
       {"", "{name}", "{{}}", "{{ }}", "{{na me}}", "{{na-me}}", "{{name", "{{name}", "name}}", "{ {name}}",
        "{{\tname}}", "{{n\xC3\xA1me}}", "100% {{", "}}{{"}) {
    INFO(text);
    CHECK(render(text) == text);
    CHECK(placeholders_of(text).empty());
  }
  CHECK(render("{{not one {{name}} }}") == "{{not one Budi }}");
}

TEST_CASE("a name has at most 64 characters") {
  const std::string longest(kPlaceholderNameMax, 'x');
  CHECK(placeholders_of("{{" + longest + "}}") == Names{longest});
  CHECK(placeholders_of("{{" + longest + "x}}").empty());
}

TEST_CASE("placeholders are told once each, as they first stand; so is what is missing") {
  CHECK(placeholders_of("{{b}} {{a}} {{ b }} {{c}}") == Names{"b", "a", "c"});
  CHECK(render_template("{{b}} {{a}} {{b}}", {}).missing == Names{"b", "a"});
  CHECK(render_template("{{b}} {{a}} {{b}}", {{"a", "1"}}).missing == Names{"b"});
  CHECK(render_template("{{a}}", {{"a", "1"}, {"more", "2"}}).missing.empty());
  CHECK(render_template("{{Name}}", {{"name", "1"}}).missing == Names{"Name"});
}

TEST_CASE("many braces are looked at in little time") {
  const std::string open(16 * 1024, '{');
  CHECK(render_template(open, {}).text == open);
  std::string pairs;
  for (int i = 0; i < 4'000; ++i) pairs += "{{-";
  CHECK(render_template(pairs + "}}", {}).text == pairs + "}}");
}
